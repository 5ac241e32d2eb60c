//! McNemar's test of two classifiers on the same examples.

use serde::{Deserialize, Serialize};

/// The table of two classifiers and what it says. Null where there is no discordant example.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct McNemar {
    /// Examples both answer rightly.
    pub both_right: u64,
    /// Examples only A answers rightly.
    pub a_only: u64,
    /// Examples only B answers rightly.
    pub b_only: u64,
    /// Examples both answer wrongly.
    pub both_wrong: u64,
    /// Exact two-sided binomial p; 1 where nothing differs.
    pub p_exact: f64,
    /// Mid-p beside it.
    pub p_midp: f64,
    /// (b − c)² / (b + c).
    pub chi2: Option<f64>,
    /// p of `chi2` with one degree of freedom.
    pub p_chi2: Option<f64>,
    /// (|b − c| − 1)² / (b + c).
    pub chi2_cc: Option<f64>,
    /// p of `chi2_cc` with one degree of freedom.
    pub p_chi2_cc: Option<f64>,
}
