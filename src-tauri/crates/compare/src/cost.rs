//! What each side costs to make and to ship.

use serde::{Deserialize, Serialize};

/// A quantity on both sides.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Amount {
    /// A's.
    pub a: Option<u64>,
    /// B's.
    pub b: Option<u64>,
    /// B − A.
    pub change: Option<i64>,
}

/// What each side costs; null where not known.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Cost {
    /// Trainable parameters.
    pub parameters: Amount,
    /// Size of the weights file.
    pub size_bytes: Amount,
    /// Duration of the whole run.
    pub duration_millis: Amount,
    /// Time from the first to the last step of training.
    pub training_millis: Amount,
}
