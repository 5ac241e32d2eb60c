//! Values of a file in any of the formats that carry metrics and parameters, and their dotted names.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use crate::{Unreadable, python, utf8, yaml};

/// The most leaves taken from one file.
const MAX_LEAVES: usize = 10_000;

/// Leaves by dotted name, e.g. `train.lr`; a list is one leaf.
pub type Leaves = BTreeMap<String, Value>;

/// The values of a file: JSON, TOML and Python by its name's ending, else YAML, as DVC decides it. A file without
/// anything in it is an empty object.
pub fn read_values(path: &str, bytes: &[u8]) -> Result<Value, Unreadable> {
    let ending = path.rsplit('/').next().and_then(|name| name.rsplit_once('.')).map_or("", |(_, end)| end);
    let value = match ending.to_ascii_lowercase().as_str() {
        "json" => json_values(bytes)?,
        "toml" => toml_values(bytes)?,
        "py" => Value::Object(python::assignments(utf8(bytes)?)?),
        _ => yaml::read_value(bytes)?,
    };
    Ok(if value.is_null() { Value::Object(Map::new()) } else { value })
}

/// Every leaf of an object by its dotted name; an empty object has none. A file that is a single value, as DVC allows
/// it of a metric, is one leaf without a name.
pub fn leaves(value: &Value) -> Result<Leaves, Unreadable> {
    if value.is_array() {
        return Err(Unreadable::whole("it is a list, not names with values"));
    }
    let mut found = Leaves::new();
    let mut pending = vec![(String::new(), value)];
    while let Some((name, value)) = pending.pop() {
        if let Value::Object(fields) = value {
            for (key, field) in fields {
                let name = if name.is_empty() { key.clone() } else { format!("{name}.{key}") };
                pending.push((name, field));
            }
        } else {
            found.insert(name, value.clone());
        }
        if found.len() > MAX_LEAVES {
            return Err(Unreadable::whole(format!("it has more than {MAX_LEAVES} values")));
        }
    }
    Ok(found)
}

/// The leaves that are numbers: what can be charted.
pub fn numbers(leaves: &Leaves) -> BTreeMap<String, f64> {
    let number = |value: &Value| value.as_f64().filter(|number| number.is_finite());
    leaves.iter().filter_map(|(name, value)| Some((name.clone(), number(value)?))).collect()
}

/// The value at a name, part by part (`train.lr` has two); list items by their number.
pub fn value_at<'a, 'b>(value: &'a Value, parts: impl IntoIterator<Item = &'b str>) -> Option<&'a Value> {
    parts.into_iter().try_fold(value, |value, part| match value {
        Value::Object(fields) => fields.get(part),
        Value::Array(items) => items.get(part.parse::<usize>().ok()?),
        _ => None,
    })
}

/// JSON, also as Python writes it: `NaN` and `Infinity` are taken as texts, for JSON has no such numbers.
fn json_values(bytes: &[u8]) -> Result<Value, Unreadable> {
    let error = match serde_json::from_slice(bytes) {
        Ok(value) => return Ok(value),
        Err(error) => error,
    };
    let plain = utf8(bytes)?;
    if ["NaN", "Infinity"].iter().all(|word| !plain.contains(word)) {
        return Err(json_problem(&error));
    }
    serde_json::from_str(&quote_non_finite(plain)).map_err(|error| json_problem(&error))
}

fn quote_non_finite(text: &str) -> String {
    let mut quoted = String::with_capacity(text.len() + 16);
    let mut rest = text;
    let mut in_text = false;
    while let Some(letter) = rest.chars().next() {
        let word =
            ["-Infinity", "Infinity", "NaN"].into_iter().find(|word| !in_text && rest.starts_with(word));
        let taken = if let Some(word) = word {
            quoted.extend(["\"", word, "\""]);
            word.len()
        } else {
            let escaped = usize::from(in_text && letter == '\\');
            in_text ^= letter == '"';
            let taken: usize = rest.chars().take(1 + escaped).map(char::len_utf8).sum();
            quoted.push_str(rest.get(..taken).unwrap_or_default());
            taken
        };
        rest = rest.get(taken..).unwrap_or_default();
    }
    quoted
}

fn json_problem(error: &serde_json::Error) -> Unreadable {
    let line = u64::try_from(error.line()).ok().filter(|line| *line > 0);
    Unreadable { line, why: error.to_string() }
}

fn toml_values(bytes: &[u8]) -> Result<Value, Unreadable> {
    let text = utf8(bytes)?;
    let table: toml::Table = text.parse().map_err(|error: toml::de::Error| {
        let line =
            error.span().map(|span| text.get(..span.start).map_or(1, |before| before.lines().count().max(1)));
        Unreadable {
            line: line.and_then(|line| u64::try_from(line).ok()),
            why: error.message().lines().next().unwrap_or("it is no TOML").to_owned(),
        }
    })?;
    Ok(Value::Object(table.into_iter().map(|(key, value)| (key, from_toml(value))).collect()))
}

fn from_toml(value: toml::Value) -> Value {
    match value {
        toml::Value::String(text) => Value::String(text),
        toml::Value::Integer(number) => Value::from(number),
        toml::Value::Float(number) => yaml::number(number),
        toml::Value::Boolean(is) => Value::Bool(is),
        toml::Value::Datetime(time) => Value::String(time.to_string()),
        toml::Value::Array(items) => Value::Array(items.into_iter().map(from_toml).collect()),
        toml::Value::Table(table) => {
            Value::Object(table.into_iter().map(|(key, value)| (key, from_toml(value))).collect())
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    fn read(path: &str, text: &str) -> Leaves {
        leaves(&read_values(path, text.as_bytes()).expect("values")).expect("leaves")
    }

    #[test]
    fn every_format_gives_the_same_leaves() {
        let expected = BTreeMap::from([
            ("name".to_owned(), json!("NO")),
            ("train.layers".to_owned(), json!([32, 16])),
            ("train.lr".to_owned(), json!(1.1)),
            ("train.shuffle".to_owned(), json!(true)),
        ]);
        let texts = [
            ("p.yaml", "name: NO\ntrain:\n  lr: 1.10\n  layers: [32, 16]\n  shuffle: true\n"),
            ("p", "name: NO\ntrain: {lr: 1.10, layers: [32, 16], shuffle: true}\n"),
            ("p.json", r#"{"name": "NO", "train": {"lr": 1.10, "layers": [32, 16], "shuffle": true}}"#),
            ("p.toml", "name = \"NO\"\n[train]\nlr = 1.10\nlayers = [32, 16]\nshuffle = true\n"),
            ("p.py", "name = 'NO'\ntrain = {'lr': 1.10, 'layers': [32, 16], 'shuffle': True}\n"),
        ];
        for (path, text) in texts {
            assert_eq!(read(path, text), expected, "{path}");
        }
    }

    #[test]
    fn yaml_is_of_the_newer_kind() {
        let found = read("p.yaml", "a: on\nb: 1e-3\nc: 2026-01-02\nd: ~\ne: 0x1f\nf: 'yes'\n");
        assert_eq!(found["a"], json!("on"), "no boolean");
        assert_eq!(found["b"], json!(0.001));
        assert_eq!(found["c"], json!("2026-01-02"), "a date is its text");
        assert_eq!(found["d"], Value::Null);
        assert_eq!(found["e"], json!(31));
    }

    #[test]
    fn only_numbers_are_charted() {
        let found =
            read("m.json", r#"{"a": 1, "b": {"c": -0.5, "d": true, "e": "0.9", "f": null, "g": [1]}}"#);
        assert_eq!(numbers(&found), BTreeMap::from([("a".to_owned(), 1.0), ("b.c".to_owned(), -0.5)]));
    }

    #[test]
    fn what_json_cannot_say_python_says_all_the_same() {
        let found = read("m.json", r#"{"a": NaN, "b": -Infinity, "c": "NaN \" NaN", "d": 0.5}"#);
        assert_eq!(found["a"], json!("NaN"));
        assert_eq!(found["b"], json!("-Infinity"));
        assert_eq!(found["c"], json!("NaN \" NaN"));
        assert_eq!(numbers(&found), BTreeMap::from([("d".to_owned(), 0.5)]), "never taken as a number");
    }

    #[test]
    fn what_is_wrong_has_its_line() {
        let line = |path, text: &str| read_values(path, text.as_bytes()).expect_err("it is broken").line;
        assert_eq!(line("m.json", "{\n\"a\": 1,\n}"), Some(3));
        assert_eq!(line("m.toml", "a = 1\nb = = 2\n"), Some(2));
        assert!(line("m.yaml", "a: 1\nb: [1\nc: 2\n").is_some());
        assert!(line("m.py", "A = 1\nB = (1,\n").is_some());
        assert_eq!(line("m.json", "\u{1}"), Some(1));
        assert!(leaves(&json!([1])).is_err(), "a list has no names");
        assert_eq!(read("m.json", "0.5"), BTreeMap::from([(String::new(), json!(0.5))]), "a single value");
        assert_eq!(read("m.yaml", ""), Leaves::new(), "nothing is no mistake");
    }

    proptest! {
        #[test]
        fn any_bytes_are_an_answer(bytes in proptest::collection::vec(any::<u8>(), 0..120), text in "[\\[\\]{}()\"':=,#0-9a-z.\\n \\-]{0,80}") {
            for path in ["a.json", "a.yaml", "a.toml", "a.py"] {
                for bytes in [&bytes[..], text.as_bytes()] {
                    if let Ok(value) = read_values(path, bytes) {
                        leaves(&value).ok();
                    }
                }
            }
        }
    }
}
