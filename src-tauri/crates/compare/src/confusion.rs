//! Confusion of both sides and what moved.

use serde::{Deserialize, Serialize};

/// Counts of true class (row) by predicted class (column).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ConfusionChange {
    /// The classes in order.
    pub classes: Vec<String>,
    /// Counts of A.
    pub a: Vec<Vec<f64>>,
    /// Counts of B.
    pub b: Vec<Vec<f64>>,
    /// B − A.
    pub change: Vec<Vec<f64>>,
}
