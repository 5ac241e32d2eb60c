//! What went in: settings, data files and code that differ.

use std::collections::{BTreeMap, BTreeSet};

use keelmark_types::{DataPin, Sha256};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use ts_rs::TS;

use crate::SourceFile;

/// What became of an entry.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum ChangeKind {
    /// Only B has it.
    Added,
    /// Only A has it.
    Removed,
    /// Both have it, and it differs.
    Changed,
}

/// One setting that differs.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
pub struct ConfigChange {
    /// Dotted path, e.g. `train.optimizer.adamw.lr`.
    pub path: String,
    /// What became of it.
    pub kind: ChangeKind,
    /// A's value.
    #[ts(type = "unknown")]
    pub a: Option<Value>,
    /// B's value.
    #[ts(type = "unknown")]
    pub b: Option<Value>,
}

/// All settings that differ.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize, TS)]
pub struct ConfigDiff {
    /// Settings both share.
    pub same: u64,
    /// Those that differ, by path.
    pub changes: Vec<ConfigChange>,
}

/// One data file that differs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct DataChange {
    /// Its path.
    pub path: String,
    /// What became of it.
    pub kind: ChangeKind,
    /// A's digest.
    pub a: Option<Sha256>,
    /// B's digest.
    pub b: Option<Sha256>,
    /// A's size.
    pub size_bytes_a: Option<u64>,
    /// B's size.
    pub size_bytes_b: Option<u64>,
}

/// All data files that differ.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, TS)]
pub struct DataDiff {
    /// Files both share, byte by byte.
    pub same: u64,
    /// Those that differ, by path.
    pub changes: Vec<DataChange>,
}

/// One file of the repository that differs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct CodeChange {
    /// Its path.
    pub path: String,
    /// What became of it.
    pub kind: ChangeKind,
    /// A's blob.
    pub a: Option<String>,
    /// B's blob.
    pub b: Option<String>,
}

/// All files of the repository that differ.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, TS)]
pub struct CodeDiff {
    /// Files both share.
    pub same: u64,
    /// Those that differ, by path.
    pub changes: Vec<CodeChange>,
}

/// A path, what became of it, and both sides' entries.
type Entry<'a, V> = (&'a str, ChangeKind, Option<&'a V>, Option<&'a V>);

/// Walks two sorted maps side by side: how many entries are the same, and each that is not.
fn differing<'a, V>(
    a: &'a BTreeMap<String, V>,
    b: &'a BTreeMap<String, V>,
    same: impl Fn(&V, &V) -> bool,
) -> (u64, Vec<Entry<'a, V>>) {
    let paths: BTreeSet<&String> = a.keys().chain(b.keys()).collect();
    let mut equal = 0;
    let mut changes = Vec::new();
    for path in paths {
        match (a.get(path), b.get(path)) {
            (Some(x), Some(y)) if same(x, y) => equal += 1,
            (x @ Some(_), y @ Some(_)) => changes.push((path.as_str(), ChangeKind::Changed, x, y)),
            (x, None) => changes.push((path.as_str(), ChangeKind::Removed, x, None)),
            (None, y) => changes.push((path.as_str(), ChangeKind::Added, None, y)),
        }
    }
    (equal, changes)
}

/// Settings that differ; `None` where a side's are not known.
pub(crate) fn config(a: Option<&Value>, b: Option<&Value>) -> Option<ConfigDiff> {
    Some(settings(a?, b?))
}

pub(crate) fn settings(a: &Value, b: &Value) -> ConfigDiff {
    let (mut flat_a, mut flat_b) = (BTreeMap::new(), BTreeMap::new());
    flatten(a, String::new(), &mut flat_a);
    flatten(b, String::new(), &mut flat_b);
    let (same, changes) = differing(&flat_a, &flat_b, |a, b| same_value(a, b));
    let changes = changes
        .into_iter()
        .map(|(path, kind, a, b)| ConfigChange {
            path: path.to_owned(),
            kind,
            a: a.map(|value| (*value).clone()),
            b: b.map(|value| (*value).clone()),
        })
        .collect();
    ConfigDiff { same, changes }
}

/// Every leaf under its dotted path; an empty list or map is a leaf.
fn flatten<'a>(value: &'a Value, path: String, leaves: &mut BTreeMap<String, &'a Value>) {
    let below = |key: &str| if path.is_empty() { key.to_owned() } else { format!("{path}.{key}") };
    match value {
        Value::Object(entries) if !entries.is_empty() => {
            for (key, value) in entries {
                flatten(value, below(key), leaves);
            }
        }
        Value::Array(items) if !items.is_empty() => {
            for (index, value) in items.iter().enumerate() {
                flatten(value, below(&index.to_string()), leaves);
            }
        }
        leaf => {
            leaves.insert(path, leaf);
        }
    }
}

/// `1` and `1.0` are the same setting.
fn same_value(a: &Value, b: &Value) -> bool {
    a == b || (a.is_number() && b.is_number() && !(a.is_u64() && b.is_u64()) && a.as_f64() == b.as_f64())
}

/// Data files that differ; `None` where a side has none.
pub(crate) fn data(a: &[DataPin], b: &[DataPin]) -> Option<DataDiff> {
    if a.is_empty() || b.is_empty() {
        return None;
    }
    let by_path =
        |pins: &[DataPin]| pins.iter().map(|pin| (pin.path.clone(), pin.clone())).collect::<BTreeMap<_, _>>();
    let (pins_a, pins_b) = (by_path(a), by_path(b));
    let (same, changes) = differing(&pins_a, &pins_b, |a, b| a.sha256 == b.sha256);
    let changes = changes
        .into_iter()
        .map(|(path, kind, a, b)| DataChange {
            path: path.to_owned(),
            kind,
            a: a.map(|pin| pin.sha256.clone()),
            b: b.map(|pin| pin.sha256.clone()),
            size_bytes_a: a.map(|pin| pin.size_bytes),
            size_bytes_b: b.map(|pin| pin.size_bytes),
        })
        .collect();
    Some(DataDiff { same, changes })
}

/// Files of the repository that differ; `None` where a side has none.
pub(crate) fn code(a: &[SourceFile], b: &[SourceFile]) -> Option<CodeDiff> {
    if a.is_empty() || b.is_empty() {
        return None;
    }
    let by_path = |files: &[SourceFile]| {
        files.iter().map(|file| (file.path.clone(), file.blob_id.clone())).collect::<BTreeMap<_, _>>()
    };
    let (files_a, files_b) = (by_path(a), by_path(b));
    let (same, changes) = differing(&files_a, &files_b, |a, b| a == b);
    let changes = changes
        .into_iter()
        .map(|(path, kind, a, b)| CodeChange { path: path.to_owned(), kind, a: a.cloned(), b: b.cloned() })
        .collect();
    Some(CodeDiff { same, changes })
}
