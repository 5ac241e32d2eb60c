//! The graph of a model: its ends and its operators.

use std::collections::{BTreeMap, BTreeSet};

use super::{MAX_ITEMS, Operator, ValueInfo, too_many};
use crate::Unreadable;
use crate::protobuf::{Field, Message, Value};

/// How deep graphs may lie in each other.
const MAX_DEPTH: usize = 32;

/// The most weights of one model.
const MAX_INITIALIZERS: usize = 1_000_000;

#[derive(Debug, Default)]
pub(super) struct Graph {
    pub name: String,
    pub inputs: Vec<ValueInfo>,
    pub outputs: Vec<ValueInfo>,
    pub initializers: BTreeSet<String>,
    pub parameters: u64,
    pub external_files: BTreeSet<String>,
}

impl Graph {
    pub(super) fn read(
        message: Message<'_>,
        operators: &mut BTreeMap<Operator, u64>,
    ) -> Result<Self, Unreadable> {
        let mut graph = Self::default();
        graph.fill(message, operators, 0)?;
        Ok(graph)
    }

    fn fill(
        &mut self,
        message: Message<'_>,
        operators: &mut BTreeMap<Operator, u64>,
        depth: usize,
    ) -> Result<(), Unreadable> {
        message.each(|field| {
            match field.number {
                1 => self.node(&field, operators, depth)?,
                2 if depth == 0 => field.text()?.clone_into(&mut self.name),
                5 => self.initializer(&field)?,
                11 if depth == 0 => push(&mut self.inputs, &field, "inputs")?,
                12 if depth == 0 => push(&mut self.outputs, &field, "outputs")?,
                15 => {
                    // Its numbers are a tensor of their own.
                    field
                        .message()?
                        .each(|inner| if inner.number == 1 { self.initializer(&inner) } else { Ok(()) })?;
                }
                _ => {}
            }
            Ok(())
        })
    }

    fn node(
        &mut self,
        node: &Field<'_>,
        operators: &mut BTreeMap<Operator, u64>,
        depth: usize,
    ) -> Result<(), Unreadable> {
        let mut attribute = |field: &Field<'_>, operators: &mut _| {
            if depth == MAX_DEPTH {
                return Err(Unreadable::at_byte(
                    field.at,
                    format!("graphs lie deeper than {MAX_DEPTH} in each other"),
                ));
            }
            self.fill(field.message()?, operators, depth + 1)
        };
        count(node, operators, &mut attribute)
    }

    fn initializer(&mut self, tensor: &Field<'_>) -> Result<(), Unreadable> {
        if self.initializers.len() == MAX_INITIALIZERS {
            return Err(Unreadable::at_byte(
                tensor.at,
                format!("it has more than {MAX_INITIALIZERS} weights"),
            ));
        }
        let mut elements = 1_u64;
        let mut grow = |length: u64| elements = elements.saturating_mul(length);
        let mut name = String::new();
        tensor.message()?.each(|field| {
            match (field.number, &field.value) {
                (1, Value::Number(length)) => grow(*length),
                (1, Value::Bytes(packed)) => {
                    let mut packed = packed.clone();
                    while !packed.bytes().is_empty() {
                        grow(packed.number()?);
                    }
                }
                (8, _) => field.text()?.clone_into(&mut name),
                (13, _) => {
                    let (key, value) = entry(field.message()?)?;
                    if key == "location" && self.external_files.len() < MAX_ITEMS {
                        self.external_files.insert(value);
                    }
                }
                _ => {}
            }
            Ok(())
        })?;
        self.parameters = self.parameters.saturating_add(elements);
        self.initializers.insert(name);
        Ok(())
    }
}

/// Counts the operators of a function that a model brings along.
pub(super) fn function(
    message: Message<'_>,
    operators: &mut BTreeMap<Operator, u64>,
) -> Result<(), Unreadable> {
    let mut graph = Graph::default();
    message.each(|field| if field.number == 7 { graph.node(&field, operators, 0) } else { Ok(()) })
}

/// Counts a node, and calls `graph` with every graph in its attributes.
fn count(
    node: &Field<'_>,
    operators: &mut BTreeMap<Operator, u64>,
    graph: &mut impl FnMut(&Field<'_>, &mut BTreeMap<Operator, u64>) -> Result<(), Unreadable>,
) -> Result<(), Unreadable> {
    let mut operator = Operator { domain: String::new(), name: String::new() };
    node.message()?.each(|field| {
        match field.number {
            4 => field.text()?.clone_into(&mut operator.name),
            5 => field.message()?.each(|inner| match inner.number {
                6 | 11 => graph(&inner, operators),
                _ => Ok(()),
            })?,
            7 => field.text()?.clone_into(&mut operator.domain),
            _ => {}
        }
        Ok(())
    })?;
    if operator.name.is_empty() {
        return Err(Unreadable::at_byte(node.at, "a node does not say its operator"));
    }
    if operator.domain == "ai.onnx" {
        operator.domain.clear();
    }
    if operators.len() == MAX_ITEMS && !operators.contains_key(&operator) {
        return Err(too_many("types of operators", node.at));
    }
    *operators.entry(operator).or_default() += 1;
    Ok(())
}

fn push(into: &mut Vec<ValueInfo>, field: &Field<'_>, what: &str) -> Result<(), Unreadable> {
    // Older models list their weights among their inputs.
    if into.len() == MAX_INITIALIZERS {
        return Err(too_many(what, field.at));
    }
    into.push(ValueInfo::read(field.message()?)?);
    Ok(())
}

/// A text with its name.
pub(super) fn entry(message: Message<'_>) -> Result<(String, String), Unreadable> {
    let (mut key, mut value) = (String::new(), String::new());
    message.each(|field| {
        match field.number {
            1 => field.text()?.clone_into(&mut key),
            2 => field.text()?.clone_into(&mut value),
            _ => {}
        }
        Ok(())
    })?;
    Ok((key, value))
}
