//! Canonical JSON: one text for one meaning.

use serde::Serialize;
use serde_json::{Map, Value};

/// JSON without spaces, its keys sorted by bytes at every level.
pub(crate) fn to_canonical_json(value: &impl Serialize) -> String {
    // Strings, numbers and maps with text keys: serialising into memory cannot fail.
    serde_json::to_value(value).map_or(String::new(), |value| sorted(value).to_string())
}

fn sorted(value: Value) -> Value {
    match value {
        Value::Object(entries) => {
            let mut entries: Vec<(String, Value)> =
                entries.into_iter().map(|(key, value)| (key, sorted(value))).collect();
            entries.sort_by(|(a, _), (b, _)| a.cmp(b));
            Value::Object(Map::from_iter(entries))
        }
        Value::Array(items) => Value::Array(items.into_iter().map(sorted).collect()),
        other => other,
    }
}
