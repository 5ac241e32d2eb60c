//! Where it is worse: parts of the examples, worst first.

use serde::{Deserialize, Serialize};

use crate::Verdict;

/// One part of the paired examples.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SliceChange {
    /// The column that divides, or `class`.
    pub column: String,
    /// The value or bin.
    pub value: String,
    /// Paired examples in it.
    pub examples: u64,
    /// The metric measured.
    pub metric: String,
    /// Its value for A.
    pub a: Option<f64>,
    /// Its value for B.
    pub b: Option<f64>,
    /// B − A.
    pub change: Option<f64>,
    /// Lower end of the paired interval.
    pub low: Option<f64>,
    /// Upper end.
    pub high: Option<f64>,
    /// What the interval says.
    pub verdict: Verdict,
    /// Why something is missing.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub why: Option<String>,
}
