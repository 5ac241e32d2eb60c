//! Which operators are run here, and the guard around each.

use std::collections::HashMap;
use std::sync::LazyLock;

use tract_onnx::Onnx;
use tract_onnx::model::{OnnxOpRegister, ParsingContext};
use tract_onnx::pb::{GraphProto, ModelProto, NodeProto};
use tract_onnx::tract_hir::internal::*;

use crate::guard::Guarded;
use crate::{Error, operators};

/// The oldest and newest `ai.onnx` whose operators are known here.
const OPSETS: std::ops::RangeInclusive<i64> = 7..=24;
/// The same of `ai.onnx.ml`.
const ML_OPSETS: std::ops::RangeInclusive<i64> = 1..=5;
/// The operators of onnxruntime's own domain that are checked against it.
const CONTRIBUTED: [&str; 4] = ["BiasGelu", "FastGelu", "Gelu", "QuickGelu"];
/// Operators whose answers differ from run to run.
const RANDOM: [&str; 6] =
    ["Bernoulli", "Multinomial", "RandomNormal", "RandomNormalLike", "RandomUniform", "RandomUniformLike"];

/// tract's own operators and ours, unguarded.
static OPERATORS: LazyLock<HashMap<String, Build>> = LazyLock::new(|| {
    let mut onnx = tract_onnx::onnx();
    operators::register(&mut onnx.op_register);
    onnx.op_register.0
});

type Build = fn(&ParsingContext<'_>, &NodeProto) -> TractResult<(Box<dyn InferenceOp>, Vec<String>)>;

/// tract's reader with our operators in it and a guard around each.
pub(crate) fn reader() -> Onnx {
    let mut register = OnnxOpRegister::default();
    for name in OPERATORS.keys().collect::<std::collections::BTreeSet<_>>() {
        // A constant must be seen as one by tract.
        let build = if name == "Constant" { OPERATORS.get(name).copied() } else { Some(guarded as Build) };
        register.0.extend(build.map(|build| (name.clone(), build)));
    }
    // What a file notes about values inside speaks of its own batch, not of ours.
    Onnx { op_register: register, ignore_value_info: true, ..Onnx::default() }
}

fn guarded(
    context: &ParsingContext<'_>,
    node: &NodeProto,
) -> TractResult<(Box<dyn InferenceOp>, Vec<String>)> {
    let build =
        OPERATORS.get(&node.op_type).with_context(|| format!("there is no operator {}", node.op_type))?;
    let (operator, closures) = build(context, node)?;
    Ok((Box::new(Guarded(operator)), closures))
}

/// Refuses operators, and versions of them, that are not run here.
pub(crate) fn check(model: &ModelProto, graph: &GraphProto) -> Result<(), Error> {
    for set in &model.opset_import {
        let known = match set.domain.as_str() {
            "" | "ai.onnx" => OPSETS,
            "ai.onnx.ml" => ML_OPSETS,
            _ => continue,
        };
        if !known.contains(&set.version) {
            let (oldest, newest) = (known.start(), known.end());
            let side = if set.version > *newest { "newer" } else { "older" };
            return Err(Error::Unsupported {
                operator: "the operator set".to_owned(),
                domain: name(&set.domain).to_owned(),
                opset: set.version,
                reason: format!("it is {side} than {oldest} to {newest}, which are known"),
            });
        }
    }
    check_nodes(model, graph)
}

fn check_nodes(model: &ModelProto, graph: &GraphProto) -> Result<(), Error> {
    for node in &graph.node {
        if let Some(reason) = refusal(model, node) {
            let set = model.opset_import.iter().find(|set| name(&set.domain) == name(&node.domain));
            return Err(Error::Unsupported {
                operator: node.op_type.clone(),
                domain: name(&node.domain).to_owned(),
                opset: set.map_or(0, |set| set.version),
                reason,
            });
        }
        for inner in node.attribute.iter().flat_map(|attribute| attribute.g.iter().chain(&attribute.graphs)) {
            check_nodes(model, inner)?;
        }
    }
    Ok(())
}

fn refusal(model: &ModelProto, node: &NodeProto) -> Option<String> {
    let operator = node.op_type.as_str();
    if RANDOM.contains(&operator) {
        return Some("its answers are random".to_owned());
    }
    let is_known = match name(&node.domain) {
        "ai.onnx" => OPERATORS.contains_key(operator) && !operators::has(operator),
        "ai.onnx.ml" => operators::has(operator),
        "com.microsoft" => CONTRIBUTED.contains(&operator),
        _ => false,
    };
    let is_function = || model.functions.iter().any(|function| function.name.as_deref() == Some(operator));
    match (is_known, !is_known && is_function()) {
        (true, _) => None,
        (false, true) => {
            Some("it is a function of the file itself; export the model with functions inlined".to_owned())
        }
        (false, false) => Some("there is no such operator here".to_owned()),
    }
}

/// A domain as it is spoken of.
fn name(domain: &str) -> &str {
    if domain.is_empty() { "ai.onnx" } else { domain }
}
