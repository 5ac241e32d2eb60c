//! `deployment.yaml` as text: stable to write, careful to read.

use std::fmt::Write as _;

use keelmark_types::{DEPLOYMENT_SCHEMA, Deployment};
use serde_json::Value;

const MAX_DEPTH: usize = 16;
const MAX_NODES: usize = 100_000;

/// A deployment as block YAML: keys in the order of the type, every text that any YAML reader could take for
/// something else in double quotes.
pub fn write_deployment(deployment: &Deployment) -> String {
    let value = serde_json::to_value(deployment).unwrap_or(Value::Null);
    let mut text =
        String::from("# Written by Keelmark; the next promotion or rollback replaces this folder.\n");
    if let Value::Object(fields) = &value {
        write_map(&mut text, fields, 0, false);
    }
    text
}

/// Reads what [`write_deployment`] wrote; unknown fields are ignored, another schema is refused.
pub fn read_deployment(bytes: &[u8]) -> Result<Deployment, String> {
    #[derive(serde::Deserialize)]
    struct Probe {
        schema: String,
    }
    let text = std::str::from_utf8(bytes).map_err(|error| format!("it is not UTF-8 ({error})"))?;
    let probe: Probe = read(text)?;
    if probe.schema != DEPLOYMENT_SCHEMA {
        let schema = probe.schema.escape_debug();
        return Err(format!("it has the schema `{schema}`, this version reads {DEPLOYMENT_SCHEMA}"));
    }
    read(text)
}

fn read<T: serde::de::DeserializeOwned>(text: &str) -> Result<T, String> {
    let options = serde_saphyr::options! {
        strict_booleans: true,
        duplicate_keys: serde_saphyr::DuplicateKeyPolicy::Error,
        with_snippet: false,
        budget: serde_saphyr::budget! {
            max_depth: MAX_DEPTH,
            flow_nesting_limit: MAX_DEPTH,
            max_nodes: MAX_NODES,
            max_events: 4 * MAX_NODES,
            max_aliases: 16,
            max_anchors: 16,
            max_documents: 2,
        },
        alias_limits: serde_saphyr::alias_limits! {
            max_total_replayed_events: MAX_NODES,
            max_replay_stack_depth: 8,
        },
    };
    serde_saphyr::from_str_with_options(text, options)
        .map_err(|error| error.to_string().lines().next().unwrap_or("it is no YAML").to_owned())
}

fn write_map(
    text: &mut String,
    fields: &serde_json::Map<String, Value>,
    depth: usize,
    first_is_indented: bool,
) {
    for (index, (key, value)) in fields.iter().enumerate() {
        if index > 0 || !first_is_indented {
            indent(text, depth);
        }
        write_text(text, key);
        text.push(':');
        write_value(text, value, depth);
    }
}

/// What stands after `key:` (or `-`), with the line break.
fn write_value(text: &mut String, value: &Value, depth: usize) {
    match value {
        Value::Object(fields) if !fields.is_empty() => {
            text.push('\n');
            write_map(text, fields, depth + 1, false);
        }
        Value::Array(items) if !items.is_empty() => {
            text.push('\n');
            for item in items {
                indent(text, depth);
                text.push('-');
                match item {
                    Value::Object(fields) if !fields.is_empty() => {
                        text.push(' ');
                        write_map(text, fields, depth + 1, true);
                    }
                    other => write_value(text, other, depth + 1),
                }
            }
        }
        scalar => {
            text.push(' ');
            write_scalar(text, scalar);
            text.push('\n');
        }
    }
}

fn indent(text: &mut String, depth: usize) {
    text.extend(std::iter::repeat_n("  ", depth));
}

fn write_scalar(text: &mut String, value: &Value) {
    match value {
        Value::Null => text.push_str("null"),
        Value::Bool(flag) => text.push_str(if *flag { "true" } else { "false" }),
        Value::Number(number) => write_number(text, &number.to_string()),
        Value::String(string) => write_text(text, string),
        Value::Array(_) => text.push_str("[]"),
        Value::Object(_) => text.push_str("{}"),
    }
}

/// A number every YAML reader takes for one: an exponent with a point before it and a sign.
fn write_number(text: &mut String, number: &str) {
    let Some((digits, exponent)) = number.split_once(['e', 'E']) else { return text.push_str(number) };
    text.push_str(digits);
    if !digits.contains('.') {
        text.push_str(".0");
    }
    text.push('e');
    if !exponent.starts_with(['-', '+']) {
        text.push('+');
    }
    text.push_str(exponent);
}

fn write_text(text: &mut String, string: &str) {
    if is_plain(string) {
        return text.push_str(string);
    }
    text.push('"');
    for letter in string.chars() {
        match letter {
            '"' => text.push_str("\\\""),
            '\\' => text.push_str("\\\\"),
            '\n' => text.push_str("\\n"),
            '\t' => text.push_str("\\t"),
            hidden if is_hidden(hidden) => {
                let code = u32::from(hidden);
                let written =
                    if code > 0xffff { write!(text, "\\U{code:08x}") } else { write!(text, "\\u{code:04x}") };
                written.expect("writing to a string cannot fail");
            }
            plain => text.push(plain),
        }
    }
    text.push('"');
}

/// Not printable in YAML, or able to change how the line around it reads.
fn is_hidden(letter: char) -> bool {
    letter.is_control()
        || matches!(
            letter,
            '\u{85}' | '\u{2028}' | '\u{2029}' | '\u{feff}' | '\u{fffe}' | '\u{ffff}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}'
        )
}

/// Whether every YAML reader takes the bare text for a text.
fn is_plain(string: &str) -> bool {
    let begins = string.starts_with(|first: char| first.is_ascii_alphabetic());
    let ends = string.ends_with(|last: char| last.is_ascii_alphanumeric());
    let inner = string.chars().all(|letter| letter.is_ascii_alphanumeric() || "_-./ ".contains(letter));
    let word = string.to_ascii_lowercase();
    let special =
        matches!(word.as_str(), "null" | "true" | "false" | "yes" | "no" | "on" | "off" | "y" | "n");
    let digits = string.len() >= 16 && string.bytes().all(|byte| byte.is_ascii_hexdigit());
    begins && ends && inner && !special && !digits
}
