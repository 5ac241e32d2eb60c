//! `model.lock`: the digest and size of every data file.

use std::collections::BTreeMap;

use keelmark_types::Sha256;
use serde::{Deserialize, Serialize};

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
