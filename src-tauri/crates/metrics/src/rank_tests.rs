//! Tests of paired differences: Student's t and Wilcoxon's signed ranks.

use serde::{Deserialize, Serialize};

/// Student's t-test of paired values.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct PairedT {
    /// Mean of A − B over its standard error; null where that is 0.
    pub t: Option<f64>,
    /// Degrees of freedom.
    pub df: u64,
    /// Two-sided p; null where `t` is.
    pub p: Option<f64>,
}

/// Wilcoxon's signed-rank test by the normal approximation, without continuity correction.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Wilcoxon {
    /// The smaller of the two rank sums; zero differences are left out.
    pub w: f64,
    /// Two-sided p; null where every difference is 0.
    pub p: Option<f64>,
}
