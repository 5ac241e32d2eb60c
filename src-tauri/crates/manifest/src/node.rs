//! A tree of values that know their lines and columns: what the decoder reads.

use keelmark_types::Location;

/// Where a node was written.
#[derive(Debug, Clone, PartialEq, Default)]
pub(crate) enum Place {
    /// Line and column, from 1.
    At(u64, u64),
    /// An override, by its key.
    Override(String),
    /// Made from a value in memory.
    #[default]
    Unwritten,
}

impl Place {
    pub(crate) fn location(&self, file: &str) -> Location {
        match self {
            Self::At(line, column) => Location::at(file, *line, *column),
            Self::Override(key) => Location::file(format!("override {key}")),
            Self::Unwritten => Location::file(file),
        }
    }
}

/// A value and where it stands.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Node {
    pub(crate) place: Place,
    pub(crate) value: Value,
}

/// A key with its value.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Entry {
    pub(crate) key: String,
    pub(crate) place: Place,
    pub(crate) node: Node,
}

#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Value {
    Null,
    Bool(bool),
    Integer(i128),
    Float(f64),
    Text(String),
    List(Vec<Node>),
    Map(Vec<Entry>),
}

impl Value {
    /// The value in words, for what was found where something else was expected.
    pub(crate) fn describe(&self) -> String {
        match self {
            Self::Null => "nothing".to_owned(),
            Self::Bool(flag) => flag.to_string(),
            Self::Integer(number) => number.to_string(),
            Self::Float(number) => format!("{number:?}"),
            Self::Text(text) => format!("the text `{}`", shorten(text)),
            Self::List(_) => "a list".to_owned(),
            Self::Map(_) => "a mapping".to_owned(),
        }
    }
}

/// At most 60 characters of `text`, without line ends.
pub(crate) fn shorten(text: &str) -> String {
    let line: String = text.chars().map(|c| if c.is_control() { ' ' } else { c }).take(60).collect();
    if line.len() < text.len() && text.chars().count() > 60 { format!("{line}…") } else { line }
}

/// A tree of a JSON value; nothing in it has a place.
pub(crate) fn from_json(value: &serde_json::Value) -> Node {
    use serde_json::Value as Json;
    let value = match value {
        Json::Null => Value::Null,
        Json::Bool(flag) => Value::Bool(*flag),
        Json::Number(number) => {
            let whole = number.as_i64().map(i128::from).or_else(|| number.as_u64().map(i128::from));
            whole.map_or_else(|| Value::Float(number.as_f64().unwrap_or(f64::NAN)), Value::Integer)
        }
        Json::String(text) => Value::Text(text.clone()),
        Json::Array(items) => Value::List(items.iter().map(from_json).collect()),
        Json::Object(entries) => Value::Map(
            entries
                .iter()
                .map(|(key, value)| Entry {
                    key: key.clone(),
                    place: Place::Unwritten,
                    node: from_json(value),
                })
                .collect(),
        ),
    };
    Node { place: Place::Unwritten, value }
}
