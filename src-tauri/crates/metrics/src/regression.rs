//! Everything measured of predicted numbers.

use crate::sum::{Sum, exact_sum, tied};
use crate::table::Key;

const NAMES: [&str; 10] = [
    "mae",
    "mse",
    "rmse",
    "median_ae",
    "max_error",
    "mape",
    "r2",
    "explained_variance",
    "pearson_r",
    "spearman_rho",
];

/// Prepared predictions of numbers.
pub(crate) struct RegressionTable {
    truth: Vec<f64>,
    predicted: Vec<f64>,
    errors: Vec<f64>,
    by_error: Vec<u32>,
    by_truth: Vec<u32>,
    by_prediction: Vec<u32>,
    /// Whether weights are more than counts: ranks are then undefined.
    weighted: bool,
    keys: Vec<Key>,
}

fn ascending(values: impl Fn(usize) -> f64, count: usize) -> Vec<u32> {
    let mut order: Vec<u32> = (0..count as u32).collect();
    order.sort_unstable_by(|&x, &y| values(x as usize).total_cmp(&values(y as usize)));
    order
}

impl RegressionTable {
    pub(crate) fn new(truth: &[f64], predicted: &[f64], weighted: bool) -> Self {
        let count = truth.len();
        let errors: Vec<f64> =
            truth.iter().zip(predicted).map(|(truth, predicted)| truth - predicted).collect();
        Self {
            by_error: ascending(|row| errors[row].abs(), count),
            by_truth: ascending(|row| truth[row], count),
            by_prediction: ascending(|row| predicted[row], count),
            truth: truth.to_vec(),
            predicted: predicted.to_vec(),
            errors,
            weighted,
            keys: NAMES.map(Key::whole).to_vec(),
        }
    }

    pub(crate) fn keys(&self) -> &[Key] {
        &self.keys
    }

    pub(crate) fn steps(&self) -> u64 {
        self.truth.len() as u64 * 16
    }

    pub(crate) fn measure(&self, weights: &[f64]) -> Vec<f64> {
        let total = exact_sum(weights.iter().copied());
        if total <= 0.0 {
            return vec![f64::NAN; NAMES.len()];
        }
        let mean_of = |term: &dyn Fn(usize) -> f64| {
            let mut sum = Sum::default();
            for (row, &weight) in weights.iter().enumerate() {
                if weight > 0.0 {
                    sum.add(weight * term(row));
                }
            }
            sum.value() / total
        };
        let mse = mean_of(&|row| self.errors[row] * self.errors[row]);
        let largest = self.by_error.iter().rev().find(|row| weights[**row as usize] > 0.0);
        let (r2, explained) = self.shares_explained(weights, mse, mean_of);
        vec![
            mean_of(&|row| self.errors[row].abs()),
            mse,
            mse.sqrt(),
            self.median_error(weights, total),
            largest.map_or(f64::NAN, |row| self.errors[*row as usize].abs()),
            mean_of(&|row| self.errors[row].abs() / self.truth[row].abs().max(f64::EPSILON)),
            r2,
            explained,
            correlation(&self.truth, &self.predicted, weights, total),
            if self.weighted { f64::NAN } else { self.rank_correlation(weights, total) },
        ]
    }

    /// R² and explained variance; a constant truth gives 1 where it is met exactly, else 0.
    fn shares_explained(
        &self,
        weights: &[f64],
        mse: f64,
        mean_of: impl Fn(&dyn Fn(usize) -> f64) -> f64,
    ) -> (f64, f64) {
        if self.truth.len() < 2 {
            return (f64::NAN, f64::NAN);
        }
        let bias = mean_of(&|row| self.errors[row]);
        let noise = mean_of(&|row| (self.errors[row] - bias) * (self.errors[row] - bias));
        if is_constant(&self.truth, weights) {
            let met = |left: f64| if left == 0.0 { 1.0 } else { left * 0.0 };
            return (met(mse), met(noise));
        }
        let centre = mean_of(&|row| self.truth[row]);
        let spread = mean_of(&|row| (self.truth[row] - centre) * (self.truth[row] - centre));
        (1.0 - mse / spread, 1.0 - noise / spread)
    }

    /// The weighted median of the absolute errors; the mean of two where the half falls between them.
    fn median_error(&self, weights: &[f64], total: f64) -> f64 {
        let mut passed = Sum::default();
        let mut lower = None;
        for &row in &self.by_error {
            let (weight, error) = (weights[row as usize], self.errors[row as usize].abs());
            if weight > 0.0 {
                if let Some(lower) = lower {
                    return 0.5 * lower + 0.5 * error;
                }
                passed.add(weight);
                if passed.value() > 0.5 * total {
                    return error;
                }
                if tied(passed.value(), 0.5 * total) {
                    lower = Some(error);
                }
            }
        }
        lower.unwrap_or(f64::NAN)
    }

    fn rank_correlation(&self, weights: &[f64], total: f64) -> f64 {
        let truth = counted_ranks(&self.truth, &self.by_truth, weights);
        let predicted = counted_ranks(&self.predicted, &self.by_prediction, weights);
        correlation(&truth, &predicted, weights, total)
    }

    pub(crate) fn why_undefined(&self, key: Key, weights: &[f64]) -> String {
        let reason = match key.name {
            "r2" | "explained_variance" | "pearson_r" | "spearman_rho" if self.truth.len() < 2 => {
                "needs at least two examples"
            }
            "spearman_rho" if self.weighted => "is not defined with weights",
            "pearson_r" | "spearman_rho" if is_constant(&self.truth, weights) => "every truth is the same",
            "pearson_r" | "spearman_rho" if is_constant(&self.predicted, weights) => {
                "every prediction is the same"
            }
            _ => "the errors are too large: the result overflows a 64-bit float",
        };
        reason.to_owned()
    }
}

fn is_constant(values: &[f64], weights: &[f64]) -> bool {
    let mut counted =
        values.iter().zip(weights).filter(|(_, weight)| **weight > 0.0).map(|(value, _)| *value);
    let first = counted.next();
    counted.all(|value| Some(value) == first)
}

/// Mid-ranks where each row stands there as often as its weight says.
fn counted_ranks(values: &[f64], order: &[u32], weights: &[f64]) -> Vec<f64> {
    let mut ranks = vec![0.0; values.len()];
    let mut passed = 0.0;
    for group in order.chunk_by(|&x, &y| tied(values[x as usize], values[y as usize])) {
        let count: f64 = group.iter().map(|&row| weights[row as usize]).sum();
        for &row in group {
            ranks[row as usize] = passed + 0.5 * (count + 1.0);
        }
        passed += count;
    }
    ranks
}

/// Pearson's correlation under weights; NaN where a side is constant.
fn correlation(x: &[f64], y: &[f64], weights: &[f64], total: f64) -> f64 {
    if x.len() < 2 || is_constant(x, weights) || is_constant(y, weights) {
        return f64::NAN;
    }
    let (mut mean_x, mut mean_y) = (Sum::default(), Sum::default());
    for ((x, y), weight) in x.iter().zip(y).zip(weights) {
        mean_x.add(weight * x);
        mean_y.add(weight * y);
    }
    let (mean_x, mean_y) = (mean_x.value() / total, mean_y.value() / total);
    let (mut xx, mut yy, mut xy) = (Sum::default(), Sum::default(), Sum::default());
    for ((x, y), weight) in x.iter().zip(y).zip(weights) {
        let (dx, dy) = (x - mean_x, y - mean_y);
        xx.add(weight * dx * dx);
        yy.add(weight * dy * dy);
        xy.add(weight * dx * dy);
    }
    let value = xy.value() / (xx.value().sqrt() * yy.value().sqrt());
    if value.is_finite() { value.clamp(-1.0, 1.0) } else { f64::NAN }
}
