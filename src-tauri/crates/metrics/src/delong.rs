//! DeLong's variance of the area under the ROC curve, by mid-ranks (Sun and Xu 2014).

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::rank_tests::mid_ranks;
use crate::special::normal_tail;
use crate::sum::{exact_sum, mean};

/// Two AUCs on the same examples.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, TS)]
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

/// One AUC and its standard error.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct AreaUnderCurve {
    /// The area.
    pub auc: f64,
    /// Its standard error by DeLong.
    pub standard_error: f64,
}

/// Placements of every positive among the negatives and the reverse.
struct Placements {
    auc: f64,
    positives: Vec<f64>,
    negatives: Vec<f64>,
}

fn placements(scores: &[f64], positive: &[bool]) -> Option<Placements> {
    let pick = |wanted: bool| -> Vec<f64> {
        scores.iter().zip(positive).filter(|(_, p)| **p == wanted).map(|(score, _)| *score).collect()
    };
    let (high, low) = (pick(true), pick(false));
    let (m, n) = (high.len(), low.len());
    if m == 0 || n == 0 {
        return None;
    }
    let joint: Vec<f64> = high.iter().chain(&low).copied().collect();
    let (all, among_high, among_low) = (mid_ranks(&joint), mid_ranks(&high), mid_ranks(&low));
    let positives: Vec<f64> = (0..m).map(|i| (all[i] - among_high[i]) / n as f64).collect();
    let negatives: Vec<f64> = (0..n).map(|i| 1.0 - (all[m + i] - among_low[i]) / m as f64).collect();
    let auc = mean(&positives)?;
    Some(Placements { auc, positives, negatives })
}

/// Variance of the mean of `values`; `None` of fewer than two.
fn variance_of_mean(values: &[f64]) -> Option<f64> {
    let count = values.len();
    let centre = mean(values)?;
    let squares = exact_sum(values.iter().map(|value| (value - centre) * (value - centre)));
    (count > 1).then(|| squares / (count - 1) as f64 / count as f64)
}

/// The AUC of scores and its standard error; `None` with fewer than two examples of either class.
pub fn delong(scores: &[f64], positive: &[bool]) -> Option<AreaUnderCurve> {
    let placed = placements(scores, positive)?;
    let variance = variance_of_mean(&placed.positives)? + variance_of_mean(&placed.negatives)?;
    Some(AreaUnderCurve { auc: placed.auc, standard_error: variance.sqrt() })
}

/// Tests two scores of the same examples; `None` with fewer than two examples of either class.
pub fn delong_paired(scores_a: &[f64], scores_b: &[f64], positive: &[bool]) -> Option<DeLong> {
    let (a, b) = (placements(scores_a, positive)?, placements(scores_b, positive)?);
    let minus = |x: &[f64], y: &[f64]| -> Vec<f64> { x.iter().zip(y).map(|(x, y)| x - y).collect() };
    let variance = variance_of_mean(&minus(&b.positives, &a.positives))?
        + variance_of_mean(&minus(&b.negatives, &a.negatives))?;
    let difference = b.auc - a.auc;
    let standard_error = variance.sqrt();
    let z = (standard_error > 0.0).then(|| difference / standard_error);
    let p = match z {
        _ if difference == 0.0 => Some(1.0),
        Some(z) => Some((2.0 * normal_tail(z.abs())).min(1.0)),
        None => None,
    };
    Some(DeLong { auc_a: a.auc, auc_b: b.auc, difference, standard_error, z, p })
}
