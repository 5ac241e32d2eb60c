//! `${}` in a dvc.yaml: what DVC calls parametrization.

use serde_json::{Map, Value};

use crate::values;

/// Text longer than this is no template: a bomb.
const MAX_TEXT_BYTES: usize = 1 << 16;

/// Names and their values, the innermost scope last.
#[derive(Debug, Clone, Default)]
pub(super) struct Scope {
    names: Map<String, Value>,
}

impl Scope {
    /// Adds names; one that is there already may only be given the same value, as DVC has it, or further keys.
    pub(super) fn merge(&mut self, more: &Map<String, Value>) -> Result<(), String> {
        merge(&mut self.names, more, "")
    }

    /// Sets a name, whatever it was.
    pub(super) fn set(&mut self, name: &str, value: Value) {
        self.names.insert(name.to_owned(), value);
    }

    fn look_up(&self, path: &str) -> Result<&Value, String> {
        let plain = path.replace('[', ".").replace(']', "");
        let mut parts = plain.split('.');
        let first = parts.next().and_then(|first| self.names.get(first));
        first
            .and_then(|value| values::value_at(value, parts))
            .ok_or_else(|| format!("`${{{path}}}` is not given anywhere"))
    }

    /// `value` with every `${}` replaced, in keys as in values. A text that is nothing but one takes its value as it is.
    pub(super) fn fill(&self, value: &Value) -> Result<Value, String> {
        Ok(match value {
            Value::String(text) => self.fill_text(text, false)?,
            Value::Array(items) => {
                Value::Array(items.iter().map(|item| self.fill(item)).collect::<Result<_, _>>()?)
            }
            Value::Object(fields) => {
                let mut filled = Map::new();
                for (key, field) in fields {
                    let key = text_of(&self.fill_text(key, false)?)?;
                    filled.insert(key, self.fill(field)?);
                }
                Value::Object(filled)
            }
            other => other.clone(),
        })
    }

    /// Like [`fill`](Self::fill), for a command line: objects in it become options.
    pub(super) fn fill_command(&self, text: &str) -> Result<String, String> {
        text_of(&self.fill_text(text, true)?)
    }

    fn fill_text(&self, text: &str, command: bool) -> Result<Value, String> {
        let mut filled = String::new();
        let mut rest = text;
        while let Some(at) = rest.find("${") {
            let (before, from) = rest.split_at(at);
            if let Some(before) = before.strip_suffix('\\') {
                filled.push_str(before);
                filled.push_str("${");
                rest = from.get(2..).unwrap_or_default();
                continue;
            }
            let inside = from.get(2..).unwrap_or_default();
            let Some(end) = inside.find('}') else {
                return Err(format!("`{text}` has a `${{` without its `}}`"));
            };
            let (path, after) = inside.split_at(end);
            let value = self.look_up(path.trim())?;
            let after = after.get(1..).unwrap_or_default();
            if before.is_empty() && filled.is_empty() && after.is_empty() && !command {
                return Ok(value.clone());
            }
            filled.push_str(before);
            match value {
                Value::Object(fields) if command => filled.push_str(&options(fields)?),
                plain => filled.push_str(&text_of(plain)?),
            }
            if filled.len() > MAX_TEXT_BYTES {
                return Err(format!("a text becomes longer than {MAX_TEXT_BYTES} bytes"));
            }
            rest = after;
        }
        filled.push_str(rest);
        Ok(Value::String(filled))
    }
}

fn merge(into: &mut Map<String, Value>, more: &Map<String, Value>, above: &str) -> Result<(), String> {
    for (name, value) in more {
        let path = if above.is_empty() { name.clone() } else { format!("{above}.{name}") };
        match (into.get_mut(name), value) {
            (Some(Value::Object(there)), Value::Object(fields)) => merge(there, fields, &path)?,
            (Some(there), value) if there != value => return Err(format!("`{path}` is given twice")),
            (Some(_), _) => {}
            (None, value) => {
                into.insert(name.clone(), value.clone());
            }
        }
    }
    Ok(())
}

/// A single value as DVC writes it into a text.
pub(super) fn text_of(value: &Value) -> Result<String, String> {
    match value {
        Value::String(text) => Ok(text.clone()),
        Value::Bool(is) => Ok(if *is { "true" } else { "false" }.to_owned()),
        Value::Number(number) => Ok(number_text(number)),
        Value::Null => Ok("null".to_owned()),
        Value::Array(_) | Value::Object(_) => Err("a list or mapping cannot stand within a text".to_owned()),
    }
}

/// As Python writes numbers: `1.0`, `1e-05`.
fn number_text(number: &serde_json::Number) -> String {
    if number.is_i64() || number.is_u64() {
        return number.to_string();
    }
    let Some(value) = number.as_f64() else { return number.to_string() };
    let size = value.abs();
    if size != 0.0 && !(1e-4..1e16).contains(&size) {
        let text = format!("{value:e}");
        let (digits, exponent) = text.split_once('e').unwrap_or((&text, "0"));
        let (sign, exponent) = exponent.strip_prefix('-').map_or(('+', exponent), |rest| ('-', rest));
        return format!("{digits}e{sign}{exponent:0>2}");
    }
    let text = value.to_string();
    if text.contains('.') { text } else { format!("{text}.0") }
}

/// `--name value` of each field, as DVC unpacks a mapping in a command.
fn options(fields: &Map<String, Value>) -> Result<String, String> {
    let mut words = Vec::new();
    let mut pending: Vec<(String, &Value)> =
        fields.iter().rev().map(|(name, value)| (name.clone(), value)).collect();
    while let Some((name, value)) = pending.pop() {
        match value {
            Value::Object(inner) => {
                pending.extend(inner.iter().rev().map(|(key, value)| (format!("{name}.{key}"), value)));
            }
            Value::Bool(true) => words.push(format!("--{name}")),
            Value::Bool(false) => {}
            Value::Array(items) => {
                let items: Vec<String> = items.iter().map(quoted).collect::<Result<_, _>>()?;
                words.push(format!("--{name} {}", items.join(" ")));
            }
            single => words.push(format!("--{name} {}", quoted(single)?)),
        }
    }
    Ok(words.join(" "))
}

/// A word for a shell: quoted where it must be.
fn quoted(value: &Value) -> Result<String, String> {
    let text = text_of(value)?;
    let plain =
        !text.is_empty() && text.chars().all(|c| c.is_ascii_alphanumeric() || "@%+=:,./-_".contains(c));
    Ok(if plain || !value.is_string() { text } else { format!("'{}'", text.replace('\'', "'\"'\"'")) })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn scope() -> Scope {
        let names = json!({
            "lr": 0.001, "tiny": 1e-5, "whole": 2.0, "n": 7, "yes": true, "name": "a b",
            "model": {"layers": [32, 16], "opt": {"name": "sgd", "nesterov": true, "no": false}},
        });
        let Value::Object(names) = names else { panic!("an object") };
        let mut scope = Scope::default();
        scope.merge(&names).expect("nothing is given twice");
        scope
    }

    #[test]
    fn values_stand_for_their_names() {
        let filled = |text: &str| scope().fill(&json!(text));
        assert_eq!(filled("${lr}"), Ok(json!(0.001)), "the whole text: the value itself");
        assert_eq!(filled("${model.layers}"), Ok(json!([32, 16])));
        assert_eq!(
            filled("--lr=${lr} -n ${n} ${yes} ${tiny} ${whole}"),
            Ok(json!("--lr=0.001 -n 7 true 1e-05 2.0"))
        );
        assert_eq!(filled("x${model.layers[1]}"), Ok(json!("x16")));
        assert_eq!(filled("\\${lr} ${ n }"), Ok(json!("${lr} 7")));
        for bad in ["${none}", "${", "a ${model.layers}", "${model.layers[9]} "] {
            assert!(filled(bad).is_err(), "{bad}");
        }
        assert_eq!(scope().fill(&json!({"${n}": ["${n}"]})), Ok(json!({"7": [7]})));
    }

    #[test]
    fn a_mapping_in_a_command_becomes_options() {
        let filled = scope().fill_command("train ${model.opt}");
        assert_eq!(filled.as_deref(), Ok("train --name sgd --nesterov"));
        assert_eq!(
            scope().fill_command("train ${model}").as_deref(),
            Ok("train --layers 32 16 --opt.name sgd --opt.nesterov")
        );
    }

    #[test]
    fn a_name_has_one_value() {
        let mut scope = scope();
        let Value::Object(more) = json!({"model": {"depth": 3}, "n": 7}) else { panic!("an object") };
        assert_eq!(scope.merge(&more), Ok(()), "further keys, and the same value again");
        let Value::Object(other) = json!({"model": {"depth": 4}}) else { panic!("an object") };
        assert_eq!(scope.merge(&other), Err("`model.depth` is given twice".to_owned()));
    }
}
