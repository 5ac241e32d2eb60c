//! One event: values by name at a step.

use std::collections::BTreeMap;

use serde_json::Value as Json;

use super::tensor;
use crate::protobuf::Message;
use crate::{Unreadable, yaml};

/// The plugin whose tensors are the points of curves.
const SCALARS: &str = "scalars";
const HYPERPARAMETERS: &str = "hparams";

/// How deep values of hyperparameters may nest.
const MAX_DEPTH: usize = 8;

#[derive(Debug, Default)]
pub(super) struct Event {
    pub wall_secs: f64,
    pub step: i64,
    /// Training begins here, or begins anew.
    pub is_start: bool,
    pub values: Vec<Value>,
    pub problems: Vec<Unreadable>,
}

#[derive(Debug, Default)]
pub(super) struct Value {
    pub tag: String,
    pub is_scalar: bool,
    /// What is wrong with it, where it is no number.
    pub number: Option<Result<f64, String>>,
    pub hyperparameters: BTreeMap<String, Json>,
}

impl Event {
    /// Reads the record that begins at byte `at` of its file.
    pub(super) fn read(record: &[u8], at: u64) -> Result<Self, Unreadable> {
        let mut event = Self::default();
        Message::new(record, at).each(|field| {
            match field.number {
                1 => event.wall_secs = field.double()?,
                2 => event.step = field.signed()?,
                5 => {
                    field.message()?.each(|field| {
                        if field.number == 1 {
                            match Value::read(field.message()?) {
                                Ok(value) => event.values.push(value),
                                Err(problem) => event.problems.push(problem),
                            }
                        }
                        Ok(())
                    })?;
                }
                7 => {
                    field.message()?.each(|field| {
                        // `START` is 1.
                        event.is_start |= field.number == 1 && field.number()? == 1;
                        Ok(())
                    })?;
                }
                _ => {}
            }
            Ok(())
        })?;
        Ok(event)
    }
}

impl Value {
    fn read(message: Message<'_>) -> Result<Self, Unreadable> {
        let mut value = Self::default();
        let mut node = "";
        let mut tensor = None;
        message.each(|field| {
            match field.number {
                1 => field.text()?.clone_into(&mut value.tag),
                2 => {
                    value.is_scalar = true;
                    value.number = Some(Ok(field.float()?.into()));
                }
                7 => node = field.text()?,
                8 => tensor = Some(field.message()?),
                9 => value.metadata(field.message()?)?,
                _ => {}
            }
            Ok(())
        })?;
        if let Some(tensor) = tensor {
            value.number = Some(tensor::single(tensor)?);
            if value.tag.is_empty() {
                node.clone_into(&mut value.tag);
            }
        }
        Ok(value)
    }

    fn metadata(&mut self, message: Message<'_>) -> Result<(), Unreadable> {
        message.each(|field| {
            if field.number != 1 {
                return Ok(());
            }
            let (mut plugin, mut content) = ("", None);
            field.message()?.each(|field| {
                match field.number {
                    1 => plugin = field.text()?,
                    2 => content = Some(field.message()?),
                    _ => {}
                }
                Ok(())
            })?;
            match (plugin, content) {
                (SCALARS, _) => self.is_scalar = true,
                (HYPERPARAMETERS, Some(content)) => self.hyperparameters = hyperparameters(content)?,
                _ => {}
            }
            Ok(())
        })
    }
}

/// What a session began with: field 3 of the plugin's data, and there an entry of field 1 each.
fn hyperparameters(message: Message<'_>) -> Result<BTreeMap<String, Json>, Unreadable> {
    let mut found = BTreeMap::new();
    message.each(|field| {
        if field.number != 3 {
            return Ok(());
        }
        field.message()?.each(|field| {
            if field.number == 1 {
                let (mut name, mut value) = ("", Json::Null);
                field.message()?.each(|field| {
                    match field.number {
                        1 => name = field.text()?,
                        2 => value = json(field.message()?, 0)?,
                        _ => {}
                    }
                    Ok(())
                })?;
                found.insert(name.to_owned(), value);
            }
            Ok(())
        })
    })?;
    Ok(found)
}

/// A `google.protobuf.Value`.
fn json(message: Message<'_>, depth: usize) -> Result<Json, Unreadable> {
    let mut value = Json::Null;
    message.each(|field| {
        match field.number {
            2 => value = yaml::number(field.double()?),
            3 => value = Json::from(field.text()?),
            4 => value = Json::Bool(field.number()? != 0),
            6 if depth < MAX_DEPTH => {
                let mut items = Vec::new();
                field.message()?.each(|field| {
                    if field.number == 1 {
                        items.push(json(field.message()?, depth + 1)?);
                    }
                    Ok(())
                })?;
                value = Json::Array(items);
            }
            _ => {}
        }
        Ok(())
    })?;
    Ok(value)
}
