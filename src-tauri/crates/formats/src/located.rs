//! YAML with the line of every value, for files whose mistakes are told by line.

use std::fmt;

use serde::de::{MapAccess, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer};
use serde_json::{Map, Value};
use serde_saphyr::Spanned;

use crate::{Unreadable, yaml};

/// A value and the line it begins in.
#[derive(Debug, Clone, Default)]
pub(crate) struct Located {
    /// Counted from 1; 0 is none.
    pub line: u64,
    node: Node,
}

#[derive(Debug, Clone)]
enum Node {
    Single(Value),
    List(Vec<Located>),
    Map(Vec<(String, Located)>),
}

impl Default for Node {
    fn default() -> Self {
        Self::Single(Value::Null)
    }
}

impl Located {
    /// Reads one document.
    pub(crate) fn read(bytes: &[u8]) -> Result<Self, Unreadable> {
        yaml::read::<Spanned<Raw>>(bytes).map(Self::from)
    }

    /// The value under a name; of nothing, where there is none.
    pub(crate) fn get(&self, key: &str) -> Option<&Self> {
        let Node::Map(fields) = &self.node else { return None };
        fields.iter().find(|(name, _)| name == key).map(|(_, value)| value).filter(|value| !value.is_null())
    }

    pub(crate) fn is_null(&self) -> bool {
        matches!(self.node, Node::Single(Value::Null))
    }

    pub(crate) fn is_map(&self) -> bool {
        matches!(self.node, Node::Map(_))
    }

    /// The items of a list.
    pub(crate) fn list(&self) -> Option<&[Self]> {
        match &self.node {
            Node::List(items) => Some(items),
            _ => None,
        }
    }

    /// The text of a single value: numbers and truth values as they are written in JSON.
    pub(crate) fn text(&self) -> Option<String> {
        match &self.node {
            Node::Single(Value::String(text)) => Some(text.clone()),
            Node::Single(value @ (Value::Number(_) | Value::Bool(_))) => Some(value.to_string()),
            _ => None,
        }
    }

    /// The value without its lines.
    pub(crate) fn value(&self) -> Value {
        match &self.node {
            Node::Single(value) => value.clone(),
            Node::List(items) => Value::Array(items.iter().map(Self::value).collect()),
            Node::Map(fields) => {
                let fields = fields.iter().map(|(name, value)| (name.clone(), value.value()));
                Value::Object(fields.collect::<Map<_, _>>())
            }
        }
    }
}

enum Raw {
    Single(Value),
    List(Vec<Spanned<Raw>>),
    Map(Vec<(String, Spanned<Raw>)>),
}

impl From<Spanned<Raw>> for Located {
    fn from(raw: Spanned<Raw>) -> Self {
        let node = match raw.value {
            Raw::Single(value) => Node::Single(value),
            Raw::List(items) => Node::List(items.into_iter().map(Self::from).collect()),
            Raw::Map(fields) => {
                Node::Map(fields.into_iter().map(|(name, value)| (name, Self::from(value))).collect())
            }
        };
        Self { line: raw.referenced.line(), node }
    }
}

impl<'de> Deserialize<'de> for Raw {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(RawVisitor)
    }
}

struct RawVisitor;

impl<'de> Visitor<'de> for RawVisitor {
    type Value = Raw;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("any value")
    }

    fn visit_bool<E>(self, value: bool) -> Result<Raw, E> {
        Ok(Raw::Single(Value::Bool(value)))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Raw, E> {
        Ok(Raw::Single(Value::from(value)))
    }

    fn visit_u64<E>(self, value: u64) -> Result<Raw, E> {
        Ok(Raw::Single(Value::from(value)))
    }

    fn visit_f64<E>(self, value: f64) -> Result<Raw, E> {
        Ok(Raw::Single(yaml::number(value)))
    }

    fn visit_str<E>(self, value: &str) -> Result<Raw, E> {
        Ok(Raw::Single(Value::from(value)))
    }

    fn visit_string<E>(self, value: String) -> Result<Raw, E> {
        Ok(Raw::Single(Value::String(value)))
    }

    fn visit_unit<E>(self) -> Result<Raw, E> {
        Ok(Raw::Single(Value::Null))
    }

    fn visit_none<E>(self) -> Result<Raw, E> {
        Ok(Raw::Single(Value::Null))
    }

    fn visit_some<D: Deserializer<'de>>(self, deserializer: D) -> Result<Raw, D::Error> {
        deserializer.deserialize_any(self)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Raw, A::Error> {
        let mut found = Vec::new();
        while let Some(item) = items.next_element()? {
            found.push(item);
        }
        Ok(Raw::List(found))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut fields: A) -> Result<Raw, A::Error> {
        let mut found = Vec::new();
        while let Some(field) = fields.next_entry()? {
            found.push(field);
        }
        Ok(Raw::Map(found))
    }
}
