//! ONNX: what a model says of itself. Its weights are passed over, and nothing is run.

mod graph;
mod types;

use std::collections::BTreeMap;

pub use types::{Dimension, ValueInfo, ValueType};

use crate::Unreadable;
use crate::protobuf::Message;
use graph::Graph;

/// The most inputs, outputs, operator types, operator sets or notes that are read of one model.
pub const MAX_ITEMS: usize = 10_000;

/// What a model says of itself.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Header {
    /// The version of the format.
    pub ir_version: i64,
    /// What wrote it, e.g. `pytorch`.
    pub producer: String,
    /// The version of what wrote it.
    pub producer_version: String,
    /// Whose model it is, in the manner of `ai.example`.
    pub domain: String,
    /// The version its makers gave it; 0 where they did not.
    pub model_version: i64,
    /// Its graph's name.
    pub graph: String,
    /// The version of each operator set it is written for; ONNX's own has the empty name.
    pub opsets: BTreeMap<String, i64>,
    /// What it takes, without the weights that older models list among that.
    pub inputs: Vec<ValueInfo>,
    /// What it gives.
    pub outputs: Vec<ValueInfo>,
    /// Every operator it uses and how often, those of subgraphs and functions too.
    pub operators: BTreeMap<Operator, u64>,
    /// How many numbers its weights have.
    pub parameters: u64,
    /// The files beside it in which weights lie.
    pub external_files: Vec<String>,
    /// Notes on it by name.
    pub metadata: BTreeMap<String, String>,
}

/// A type of operator.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Operator {
    /// Its operator set; ONNX's own has the empty name.
    pub domain: String,
    /// Its name there, e.g. `Gemm`.
    pub name: String,
}

impl Header {
    /// Reads a whole model. What the bytes are not, and where, is the problem.
    pub fn read(bytes: &[u8]) -> Result<Self, Unreadable> {
        let mut header = Self::default();
        let mut graph = None;
        Message::new(bytes, 0).each(|field| {
            match field.number {
                1 => header.ir_version = field.signed()?,
                2 => field.text()?.clone_into(&mut header.producer),
                3 => field.text()?.clone_into(&mut header.producer_version),
                4 => field.text()?.clone_into(&mut header.domain),
                5 => header.model_version = field.signed()?,
                7 => graph = Some((field.message()?, field.at)),
                8 => {
                    let (domain, version) = opset(field.message()?)?;
                    insert(&mut header.opsets, domain, version, "operator sets", field.at)?;
                }
                14 => {
                    let (key, value) = graph::entry(field.message()?)?;
                    insert(&mut header.metadata, key, value, "notes", field.at)?;
                }
                25 => graph::function(field.message()?, &mut header.operators)?,
                _ => {}
            }
            Ok(())
        })?;
        let Some((message, _)) = graph else { return Err(Unreadable::whole("it has no graph")) };
        if header.ir_version <= 0 {
            return Err(Unreadable::whole("it does not say its version of the format"));
        }
        let graph = Graph::read(message, &mut header.operators)?;
        header.graph = graph.name;
        header.inputs = graph.inputs;
        header.inputs.retain(|input| !graph.initializers.contains(&input.name));
        header.outputs = graph.outputs;
        header.parameters = graph.parameters;
        header.external_files = graph.external_files.into_iter().collect();
        Ok(header)
    }
}

fn opset(message: Message<'_>) -> Result<(String, i64), Unreadable> {
    let (mut domain, mut version) = (String::new(), 0);
    message.each(|field| {
        match field.number {
            1 => field.text()?.clone_into(&mut domain),
            2 => version = field.signed()?,
            _ => {}
        }
        Ok(())
    })?;
    // Its longer name, which means the same.
    if domain == "ai.onnx" {
        domain.clear();
    }
    Ok((domain, version))
}

fn insert<V>(
    into: &mut BTreeMap<String, V>,
    key: String,
    value: V,
    what: &str,
    at: u64,
) -> Result<(), Unreadable> {
    if into.len() == MAX_ITEMS {
        return Err(too_many(what, at));
    }
    into.insert(key, value);
    Ok(())
}

fn too_many(what: &str, at: u64) -> Unreadable {
    Unreadable::at_byte(at, format!("it has more than {MAX_ITEMS} {what}"))
}
