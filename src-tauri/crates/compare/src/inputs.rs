//! What went in: settings, data files and code that differ.

use keelmark_types::Sha256;
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// What became of an entry.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
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
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ConfigChange {
    /// Dotted path, e.g. `train.optimizer.adamw.lr`.
    pub path: String,
    /// What became of it.
    pub kind: ChangeKind,
    /// A's value.
    pub a: Option<Value>,
    /// B's value.
    pub b: Option<Value>,
}

/// All settings that differ.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct ConfigDiff {
    /// Settings both share.
    pub same: u64,
    /// Those that differ, by path.
    pub changes: Vec<ConfigChange>,
}

/// One data file that differs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
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
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct DataDiff {
    /// Files both share, byte by byte.
    pub same: u64,
    /// Those that differ, by path.
    pub changes: Vec<DataChange>,
}

/// One file of the repository that differs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
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
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct CodeDiff {
    /// Files both share.
    pub same: u64,
    /// Those that differ, by path.
    pub changes: Vec<CodeChange>,
}
