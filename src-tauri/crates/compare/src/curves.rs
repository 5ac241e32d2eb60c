//! Training curves side by side.

use serde::{Deserialize, Serialize};

/// One metric of both logs, aligned by step.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Curve {
    /// Its name, e.g. `train/loss`.
    pub metric: String,
    /// Steps at which either side has a value, ascending.
    pub steps: Vec<u64>,
    /// A's values; null where it has none.
    pub a: Vec<Option<f64>>,
    /// B's values; null where it has none.
    pub b: Vec<Option<f64>>,
}
