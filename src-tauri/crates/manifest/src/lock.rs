//! `model.lock`: the digest and size of every data file.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use keelmark_types::{Mistake, Sha256};
use serde::{Deserialize, Serialize};

use crate::decode::{Decoder, is_inner_path};
use crate::node::{Node, Value, shorten};
use crate::yaml;

/// The digest and size of every data file, by its path within the model's folder.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Lock {
    /// Path to pin.
    pub files: BTreeMap<String, Pin>,
}

/// What one data file has to be.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Pin {
    /// Digest of its bytes.
    pub sha256: Sha256,
    /// Its size.
    pub size_bytes: u64,
}

/// The newest format of `model.lock` this version reads.
const LOCK_VERSION: u64 = 1;
const PATH_RULE: &str = "a path within the model's folder, with `/`, without `.` and `..`";

impl Lock {
    /// Reads a `model.lock`; `file` is what mistakes name.
    pub fn parse(file: &str, text: &str) -> Result<Self, Vec<Mistake>> {
        let root = yaml::read(file, text).map_err(|mistake| vec![mistake])?;
        let mut decoder = Decoder::new(file);
        let lock = decode(&mut decoder, &root);
        decoder.finish(lock)
    }

    /// The lock as YAML: the same text for the same pins, sorted by path.
    pub fn render(&self) -> String {
        let mut text = String::from("# Written by Keelmark: the digest and size of every data file.\n");
        let brace = if self.files.is_empty() { " {}" } else { "" };
        append(&mut text, format_args!("keelmark_lock: {LOCK_VERSION}\nfiles:{brace}\n"));
        for (path, pin) in &self.files {
            let key = quoted(path);
            // A key beyond YAML's limit for simple ones is written the explicit way.
            let (before, after) = if key.len() > 900 { ("? ", "\n  :") } else { ("", ":") };
            let Pin { sha256, size_bytes } = pin;
            let line = format_args!(
                "  {before}{key}{after}\n    sha256: \"{sha256}\"\n    size_bytes: {size_bytes}\n"
            );
            append(&mut text, line);
        }
        text
    }
}

fn append(text: &mut String, what: std::fmt::Arguments<'_>) {
    // Writing to a String cannot fail.
    if text.write_fmt(what).is_err() {
        text.push('\n');
    }
}

/// A double-quoted text; what is neither printable ASCII nor a letter or digit is escaped.
fn quoted(path: &str) -> String {
    let mut text = String::from("\"");
    for c in path.chars() {
        match c {
            '"' | '\\' => {
                text.push('\\');
                text.push(c);
            }
            ' '..='~' => text.push(c),
            c if c.is_alphanumeric() && (c as u32) < 0xFFFF => text.push(c),
            c => append(&mut text, format_args!("\\U{:08X}", c as u32)),
        }
    }
    text.push('"');
    text
}

fn decode(decoder: &mut Decoder<'_>, root: &Node) -> Option<Lock> {
    let fields = decoder.fields(root, &root.place, "", &["keelmark_lock", "files"])?;
    let version = fields.need(decoder, "keelmark_lock", &format!("keelmark_lock: {LOCK_VERSION}"))?;
    if let Value::Integer(number) = version.value
        && number > i128::from(LOCK_VERSION)
    {
        let message = format!("written by a newer Keelmark (format {number})");
        decoder.mistake(
            &version.place,
            message,
            format!("format {LOCK_VERSION}; update Keelmark to read it"),
        );
        return None;
    }
    decoder.integer(version, "keelmark_lock", &(LOCK_VERSION..=LOCK_VERSION));
    let node = fields.need(decoder, "files", "a mapping of paths to {sha256, size_bytes}")?;
    let Value::Map(entries) = &node.value else {
        decoder.wrong(node, "files", "a mapping of paths to {sha256, size_bytes}");
        return None;
    };
    let mut files = BTreeMap::new();
    for entry in entries {
        let path = format!("files.{}", shorten(&entry.key));
        if !is_inner_path(&entry.key) {
            decoder.mistake(&entry.place, format!("`{}` is not a path here", shorten(&entry.key)), PATH_RULE);
        }
        let Some(pin) = decoder.fields(&entry.node, &entry.place, &path, &["sha256", "size_bytes"]) else {
            continue;
        };
        let sha256 = pin
            .need(decoder, "sha256", "64 hexadecimal digits in quotes")
            .and_then(|node| decoder.name::<Sha256>(node, &pin.path("sha256")));
        let size_bytes = pin.need_integer(decoder, "size_bytes", &(0..=u64::MAX));
        if let Some(sha256) = sha256 {
            files.insert(entry.key.clone(), Pin { sha256, size_bytes });
        }
    }
    Some(Lock { files })
}
