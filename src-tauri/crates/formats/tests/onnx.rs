//! ONNX models, described as the onnx package and onnxruntime describe them.

use std::path::Path;

use keelmark_formats::onnx::{Dimension, Header, ValueInfo, ValueType};
use proptest::prelude::*;
use serde_json::{Value, json};

fn read(name: &str) -> Vec<u8> {
    let others = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../tests/fixtures/others");
    std::fs::read(others.join("models").join(name)).expect("a file")
}

/// A type in onnxruntime's words.
fn words(kind: &ValueType) -> String {
    match kind {
        ValueType::Tensor { element, .. } => {
            let element = match element.as_str() {
                "float32" => "float",
                "float64" => "double",
                other => other,
            };
            format!("tensor({element})")
        }
        ValueType::Sequence(of) => format!("seq({})", words(of)),
        ValueType::Map { key, value } => format!("map({key},{})", words(value)),
        other => panic!("{other:?}"),
    }
}

fn ends(infos: &[ValueInfo]) -> Value {
    let shape = |kind: &ValueType| -> Value {
        let ValueType::Tensor { shape: Some(shape), .. } = kind else { return json!([]) };
        shape
            .iter()
            .map(|dimension| match dimension {
                Dimension::Fixed(length) => json!(length),
                Dimension::Named(name) => json!(name),
                Dimension::Any => Value::Null,
            })
            .collect()
    };
    infos.iter().map(|info| json!([info.name, words(&info.kind), shape(&info.kind)])).collect()
}

#[test]
fn models_are_described_as_onnx_describes_them() {
    let answers: Value = serde_json::from_slice(&read("onnx.json")).expect("JSON");
    let answers = answers.as_object().expect("an answer a file");
    assert_eq!(answers.len(), 3);
    for (name, theirs) in answers {
        let header = Header::read(&read(name)).unwrap_or_else(|problem| panic!("{name}: {problem}"));
        let operators: serde_json::Map<_, _> = header
            .operators
            .iter()
            .map(|(operator, count)| (format!("{}:{}", operator.domain, operator.name), json!(count)))
            .collect();
        let mut ours = json!({
            "ir_version": header.ir_version,
            "producer": header.producer,
            "producer_version": header.producer_version,
            "domain": header.domain,
            "model_version": header.model_version,
            "graph": header.graph,
            "opsets": header.opsets,
            "operators": operators,
            "parameters": header.parameters,
            "external": header.external_files,
            "metadata": header.metadata,
        });
        // onnxruntime was not asked of a model whose weights are not here.
        if theirs.get("inputs").is_some() {
            ours["inputs"] = ends(&header.inputs);
            ours["outputs"] = ends(&header.outputs);
        }
        assert_eq!(&ours, theirs, "{name}");
    }
    let linear = Header::read(&read("linear.onnx")).expect("a model");
    assert_eq!(linear.inputs[0].kind.to_string(), "float32 [N, 4]");
    let logistic = Header::read(&read("logistic.onnx")).expect("a model");
    assert_eq!(logistic.outputs[1].kind.to_string(), "list of float32 by int64");
}

#[test]
fn what_is_no_model_says_where() {
    let whole = read("linear.onnx");
    let why = |bytes: &[u8]| Header::read(bytes).expect_err("it is broken").to_string();
    assert_eq!(why(b""), "it has no graph");
    assert!(why(&whole[..whole.len() / 2]).contains("bytes are said to follow, and do not"), "cut short");
    assert!(why(b"<html>").starts_with("byte "), "{}", why(b"<html>"));
    assert_eq!(why(&[0x3a, 0x00]), "it does not say its version of the format");
    // A node (field 1 of the graph, field 7) without an operator.
    assert_eq!(why(&[0x08, 0x08, 0x3a, 0x02, 0x0a, 0x00]), "byte 4: a node does not say its operator");
}

/// Bytes as a field of a number.
fn field(number: u8, bytes: &[u8]) -> Vec<u8> {
    let mut length = bytes.len();
    let mut all = vec![number << 3 | 2];
    while length > 0x7f {
        all.push((length & 0x7f) as u8 | 0x80);
        length >>= 7;
    }
    all.push(length as u8);
    all.extend(bytes);
    all
}

#[test]
fn what_is_nested_without_end_is_a_problem() {
    // A graph in an attribute of a node of a graph.
    let graph = (0..200).fold(Vec::new(), |graph, _| {
        let node = [field(4, b"If"), field(5, &field(6, &graph))].concat();
        field(1, &node)
    });
    let model = [vec![0x08, 0x08], field(7, &graph)].concat();
    let why = Header::read(&model).expect_err("too deep").why;
    assert!(why.ends_with("graphs lie deeper than 32 in each other"), "{why}");
    // A list of lists.
    let kind = (0..200).fold(Vec::new(), |kind, _| field(4, &field(1, &kind)));
    let graph = field(11, &[field(1, b"x"), field(2, &kind)].concat());
    let model = [vec![0x08, 0x08], field(7, &graph)].concat();
    assert!(Header::read(&model).expect_err("too deep").why.ends_with("a type is nested deeper than 16"));
}

proptest! {
    #[test]
    fn any_bytes_are_an_answer(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
        Header::read(&bytes).ok();
    }

    #[test]
    fn a_model_with_any_byte_changed_is_an_answer(at in 0_usize..675, byte in any::<u8>(), cut in 0_usize..700) {
        let mut model = read("linear.onnx");
        let at = at % model.len();
        model[at] = byte;
        Header::read(&model).ok();
        Header::read(&model[..cut.min(model.len())]).ok();
    }
}
