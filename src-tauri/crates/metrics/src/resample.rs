//! Percentile bootstrap and sign flips of means, and the quantile they rest on.

use serde::{Deserialize, Serialize};

use crate::random::SplitMix64;
use crate::sum::Sum;
use crate::{Bootstrap, mean};

/// The quantile of sorted values by linear interpolation (type 7); `None` of nothing.
pub fn quantile(sorted: &[f64], p: f64) -> Option<f64> {
    let last = sorted.len().checked_sub(1)?;
    let place = last as f64 * p.clamp(0.0, 1.0);
    let below = (place.floor() as usize).min(last);
    let above = (below + 1).min(last);
    let share = place - below as f64;
    let (low, high) = (sorted[below], sorted[above]);
    // From the nearer end, so that the quantile of the negated values is the negated quantile.
    Some(if share < 0.5 { low + (high - low) * share } else { high - (high - low) * (1.0 - share) })
}

/// What resampling says of an estimate.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Resampled {
    /// The estimate on the examples as they are.
    pub estimate: f64,
    /// Lower end of the percentile interval.
    pub low: f64,
    /// Upper end.
    pub high: f64,
    /// Standard deviation over the resamples (n − 1).
    pub standard_error: f64,
    /// Share of resamples that are not above 0.
    pub share_not_positive: f64,
}

/// Interval, standard error and share below zero of resampled values; `None` of nothing.
pub(crate) fn summarise(estimate: f64, mut values: Vec<f64>, confidence: f64) -> Option<Resampled> {
    let count = values.len();
    let centre = mean(&values)?;
    let mut squares = Sum::default();
    for value in &values {
        squares.add((value - centre) * (value - centre));
    }
    let not_positive = values.iter().filter(|value| **value <= 0.0).count();
    values.sort_unstable_by(f64::total_cmp);
    let tail = 0.5 * (1.0 - confidence.clamp(0.0, 1.0));
    Some(Resampled {
        estimate,
        low: quantile(&values, tail)?,
        high: quantile(&values, 1.0 - tail)?,
        standard_error: if count > 1 { (squares.value() / (count - 1) as f64).sqrt() } else { 0.0 },
        share_not_positive: not_positive as f64 / count as f64,
    })
}

/// The percentile bootstrap of a mean; `None` of nothing.
pub fn bootstrap_mean(values: &[f64], options: &Bootstrap) -> Option<Resampled> {
    let estimate = mean(values)?;
    let mut random = SplitMix64::new(options.seed);
    let means = (0..options.replicates)
        .map(|_| {
            let mut sum = Sum::default();
            for _ in 0..values.len() {
                sum.add(values[random.next_index(values.len())]);
            }
            sum.value() / values.len() as f64
        })
        .collect();
    summarise(estimate, means, options.confidence)
}

/// Two-sided p of a mean difference of 0, by flipping the signs of the differences at random. 1 of nothing.
pub fn sign_flip(differences: &[f64], replicates: u32, seed: u64) -> f64 {
    let Some(observed) = mean(differences) else { return 1.0 };
    let threshold = observed.abs() - 1e-12;
    let mut random = SplitMix64::new(seed);
    let as_extreme = (0..replicates)
        .filter(|_| {
            let mut sum = Sum::default();
            for &difference in differences {
                sum.add(if random.next_flip() { -difference } else { difference });
            }
            (sum.value() / differences.len() as f64).abs() >= threshold
        })
        .count();
    (1 + as_extreme) as f64 / (f64::from(replicates) + 1.0)
}
