//! Intervals of a proportion: `right` of `total`.

use crate::special::{beta_quantile, normal_quantile};

/// Wilson's score interval; the whole of [0, 1] of nothing.
pub fn wilson(right: f64, total: f64, confidence: f64) -> [f64; 2] {
    if total <= 0.0 {
        return [0.0, 1.0];
    }
    let z = normal_quantile(0.5 + 0.5 * confidence);
    let share = right / total;
    let denominator = 1.0 + z * z / total;
    let centre = (share + z * z / (2.0 * total)) / denominator;
    let half = z * (share * (1.0 - share) / total + z * z / (4.0 * total * total)).sqrt() / denominator;
    [(centre - half).max(0.0), (centre + half).min(1.0)]
}

/// The exact interval of Clopper and Pearson; the whole of [0, 1] of nothing.
pub fn clopper_pearson(right: u64, total: u64, confidence: f64) -> [f64; 2] {
    let wrong = total.saturating_sub(right);
    let tail = 0.5 * (1.0 - confidence);
    let (k, m) = (right as f64, wrong as f64);
    let low = if right == 0 { 0.0 } else { beta_quantile(k, m + 1.0, tail) };
    let high = if wrong == 0 { 1.0 } else { beta_quantile(k + 1.0, m, 1.0 - tail) };
    [low, high]
}
