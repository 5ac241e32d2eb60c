//! DeLong's variance of the area under the ROC curve, by mid-ranks (Sun and Xu 2014).

use serde::{Deserialize, Serialize};

/// Two AUCs on the same examples.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct DeLong {
    /// AUC of A.
    pub auc_a: f64,
    /// AUC of B.
    pub auc_b: f64,
    /// B − A.
    pub difference: f64,
    /// Standard error of the difference.
    pub standard_error: f64,
    /// `difference / standard_error`; null where the error is 0.
    pub z: Option<f64>,
    /// Two-sided p; 1 where the AUCs are equal, null where they differ with an error of 0.
    pub p: Option<f64>,
}
