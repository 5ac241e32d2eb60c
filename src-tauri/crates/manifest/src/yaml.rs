//! YAML 1.2 into a tree, within a budget.

use std::fmt;

use keelmark_types::{Location, Mistake};
use serde::Deserialize;
use serde::de::{Deserializer, MapAccess, SeqAccess, Visitor};
use serde_saphyr::{DuplicateKeyPolicy, MergeKeyPolicy, NonFiniteFloatPolicy, Options, Spanned};

use crate::MAX_FILE_BYTES;
use crate::node::{Entry, Node, Place, Value, shorten};

const MAX_DEPTH: usize = 32;
const MAX_NODES: usize = 50_000;
const MAX_ALIASES: usize = 1_000;

/// Reads one YAML document. The first syntactic mistake ends it: what follows cannot be trusted.
pub(crate) fn read(file: &str, text: &str) -> Result<Node, Mistake> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    if text.len() > MAX_FILE_BYTES {
        return Err(Mistake {
            location: Location::file(file),
            message: format!("the file has {} bytes", text.len()),
            expected: format!("at most {MAX_FILE_BYTES} bytes"),
        });
    }
    match serde_saphyr::from_str_with_options::<Spanned<Raw>>(text, options()) {
        Ok(raw) => Ok(place_nodes(raw)),
        Err(error) => Err(syntax_mistake(file, &error)),
    }
}

fn options() -> Options {
    serde_saphyr::options! {
        strict_booleans: true,
        duplicate_keys: DuplicateKeyPolicy::Error,
        merge_keys: MergeKeyPolicy::Error,
        non_finite_float_policy: NonFiniteFloatPolicy::PassThrough,
        leading_zero_numbers_as_strings: true,
        underscored_numbers_as_strings: true,
        reject_unsupported_tags: true,
        with_snippet: false,
        emit_comments: false,
        budget: serde_saphyr::budget! {
            max_depth: MAX_DEPTH,
            flow_nesting_limit: 2 * MAX_DEPTH,
            max_nodes: MAX_NODES,
            max_events: 4 * MAX_NODES,
            max_aliases: MAX_ALIASES,
            max_anchors: MAX_ALIASES,
            max_recorded_anchor_events: MAX_NODES,
            max_recorded_anchor_bytes: 4 * MAX_FILE_BYTES,
            max_total_scalar_bytes: 2 * MAX_FILE_BYTES,
            max_documents: 2,
        },
        alias_limits: serde_saphyr::alias_limits! {
            max_total_replayed_events: MAX_NODES / 2,
            max_replay_stack_depth: 8,
        },
    }
}

fn syntax_mistake(file: &str, error: &serde_saphyr::Error) -> Mistake {
    use serde_saphyr::Error;
    let location = match error.location() {
        Some(at) if at.line() > 0 => Location::at(file, at.line(), at.column().max(1)),
        _ => Location::file(file),
    };
    let (message, expected) = match error {
        Error::DuplicateMappingKey { key, .. } => {
            let key = key.as_deref().map_or(String::new(), |key| format!(" `{}`", shorten(key)));
            (format!("the key{key} is given twice"), "each key once".to_owned())
        }
        Error::MultipleDocuments { .. } => {
            ("a second document begins here".to_owned(), "one document a file".to_owned())
        }
        Error::MergeKeyNotAllowed { .. } => {
            ("`<<` does not merge in YAML 1.2".to_owned(), "the keys written out".to_owned())
        }
        Error::Budget { .. }
        | Error::AliasReplayLimitExceeded { .. }
        | Error::AliasExpansionLimitExceeded { .. }
        | Error::AliasReplayStackDepthExceeded { .. } => (
            "the document is too large or too deep".to_owned(),
            format!("at most {MAX_DEPTH} levels, {MAX_NODES} values and {MAX_ALIASES} aliases"),
        ),
        Error::NullIntoString { .. } | Error::Unexpected { expected: "string scalar", .. } => {
            ("a key is not a text".to_owned(), "a text as key".to_owned())
        }
        Error::UnknownAnchor { .. } => (
            "an alias (`*name`) without its anchor".to_owned(),
            "quotes around a text that begins with `*`".to_owned(),
        ),
        Error::AliasError { error, .. } => {
            let inner = syntax_mistake(file, error);
            (inner.message, inner.expected)
        }
        other => (format!("not readable as YAML: {}", plain(&other.to_string())), String::new()),
    };
    Mistake { location, message, expected }
}

/// The library's sentence without the place, which we say ourselves.
fn plain(text: &str) -> String {
    let line = text.lines().next().unwrap_or_default();
    let sentence = line.strip_prefix("error: ").unwrap_or(line);
    let sentence = match sentence.split_once(": ") {
        Some((place, rest)) if place.starts_with("line ") => rest,
        _ => sentence,
    };
    let end = sentence.find(" at line ").unwrap_or(sentence.len());
    shorten_to(sentence.get(..end).unwrap_or(sentence), 200)
}

fn shorten_to(text: &str, characters: usize) -> String {
    text.trim().chars().filter(|c| !c.is_control()).take(characters).collect()
}

/// What the library hands over; places are beside it in [`Spanned`].
enum Raw {
    Scalar(Value),
    List(Vec<Spanned<Raw>>),
    Map(Vec<(Spanned<Key>, Spanned<Raw>)>),
}

/// A key: any scalar, by its text.
struct Key(String);

impl<'de> Deserialize<'de> for Key {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer).map(Self)
    }
}

fn place_nodes(raw: Spanned<Raw>) -> Node {
    let value = match raw.value {
        Raw::Scalar(value) => value,
        Raw::List(items) => Value::List(items.into_iter().map(place_nodes).collect()),
        Raw::Map(entries) => Value::Map(
            entries
                .into_iter()
                .map(|(key, value)| Entry {
                    key: key.value.0,
                    place: place_of(&key.referenced),
                    node: place_nodes(value),
                })
                .collect(),
        ),
    };
    Node { place: place_of(&raw.referenced), value }
}

fn place_of(at: &serde_saphyr::Location) -> Place {
    if at.line() == 0 { Place::Unwritten } else { Place::At(at.line(), at.column().max(1)) }
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
        f.write_str("a scalar, a list or a mapping")
    }

    fn visit_bool<E>(self, flag: bool) -> Result<Raw, E> {
        Ok(Raw::Scalar(Value::Bool(flag)))
    }

    fn visit_i64<E>(self, number: i64) -> Result<Raw, E> {
        Ok(Raw::Scalar(Value::Integer(number.into())))
    }

    fn visit_i128<E>(self, number: i128) -> Result<Raw, E> {
        Ok(Raw::Scalar(Value::Integer(number)))
    }

    fn visit_u64<E>(self, number: u64) -> Result<Raw, E> {
        Ok(Raw::Scalar(Value::Integer(number.into())))
    }

    fn visit_u128<E>(self, number: u128) -> Result<Raw, E> {
        Ok(Raw::Scalar(i128::try_from(number).map_or(Value::Float(number as f64), Value::Integer)))
    }

    fn visit_f64<E>(self, number: f64) -> Result<Raw, E> {
        Ok(Raw::Scalar(Value::Float(number)))
    }

    fn visit_str<E>(self, text: &str) -> Result<Raw, E> {
        Ok(Raw::Scalar(Value::Text(text.to_owned())))
    }

    fn visit_string<E>(self, text: String) -> Result<Raw, E> {
        Ok(Raw::Scalar(Value::Text(text)))
    }

    fn visit_unit<E>(self) -> Result<Raw, E> {
        Ok(Raw::Scalar(Value::Null))
    }

    fn visit_none<E>(self) -> Result<Raw, E> {
        Ok(Raw::Scalar(Value::Null))
    }

    fn visit_some<D: Deserializer<'de>>(self, deserializer: D) -> Result<Raw, D::Error> {
        deserializer.deserialize_any(self)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Raw, A::Error> {
        let mut list = Vec::new();
        while let Some(item) = items.next_element()? {
            list.push(item);
        }
        Ok(Raw::List(list))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<Raw, A::Error> {
        let mut map = Vec::new();
        while let Some(entry) = entries.next_entry()? {
            map.push(entry);
        }
        Ok(Raw::Map(map))
    }
}
