//! Tests of paired differences: Student's t and Wilcoxon's signed ranks.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::special::{normal_tail, student_two_sided};
use crate::sum::{exact_sum, mean, tied};

/// Student's t-test of paired values.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, TS)]
pub struct PairedT {
    /// Mean of A − B over its standard error; null where that is 0.
    pub t: Option<f64>,
    /// Degrees of freedom.
    pub df: u64,
    /// Two-sided p; null where `t` is.
    pub p: Option<f64>,
}

/// Wilcoxon's signed-rank test by the normal approximation, without continuity correction.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, TS)]
pub struct Wilcoxon {
    /// The smaller of the two rank sums; zero differences are left out.
    pub w: f64,
    /// Two-sided p; null where every difference is 0.
    pub p: Option<f64>,
}

/// Ranks from 1, ties sharing their mean.
pub fn mid_ranks(values: &[f64]) -> Vec<f64> {
    let mut order: Vec<usize> = (0..values.len()).collect();
    order.sort_unstable_by(|&x, &y| values[x].total_cmp(&values[y]));
    let mut ranks = vec![0.0; values.len()];
    let mut begin = 0;
    while begin < order.len() {
        let value = values[order[begin]];
        let end = begin + order[begin..].iter().take_while(|&&at| tied(values[at], value)).count().max(1);
        let rank = 0.5 * ((begin + 1) as f64 + end as f64);
        for &at in &order[begin..end] {
            ranks[at] = rank;
        }
        begin = end;
    }
    ranks
}

/// Tests whether the mean of `a − b` is 0; `None` with fewer than two pairs.
pub fn paired_t(a: &[f64], b: &[f64]) -> Option<PairedT> {
    let differences: Vec<f64> = a.iter().zip(b).map(|(a, b)| a - b).collect();
    let count = differences.len();
    if count < 2 {
        return None;
    }
    let centre = mean(&differences)?;
    let squares = exact_sum(differences.iter().map(|value| (value - centre) * (value - centre)));
    let error = (squares / (count - 1) as f64 / count as f64).sqrt();
    let t = (error > 0.0 && error.is_finite()).then(|| centre / error);
    let df = count as u64 - 1;
    Some(PairedT { t, df, p: t.map(|t| student_two_sided(t, df as f64)) })
}

/// Wilcoxon's signed-rank test of `a − b`.
pub fn wilcoxon(a: &[f64], b: &[f64]) -> Wilcoxon {
    let differences: Vec<f64> = a.iter().zip(b).map(|(a, b)| a - b).filter(|d| *d != 0.0).collect();
    let sizes: Vec<f64> = differences.iter().map(|d| d.abs()).collect();
    let ranks = mid_ranks(&sizes);
    let signed = |positive: bool| {
        exact_sum(differences.iter().zip(&ranks).filter(|(d, _)| (**d > 0.0) == positive).map(|(_, r)| *r))
    };
    let w = signed(true).min(signed(false));
    let count = ranks.len() as f64;
    let mut sorted = sizes;
    sorted.sort_unstable_by(f64::total_cmp);
    let ties = exact_sum(sorted.chunk_by(|x, y| tied(*x, *y)).map(|group| {
        let size = group.len() as f64;
        size * size * size - size
    }));
    let variance = (count * (count + 1.0) * (2.0 * count + 1.0) - 0.5 * ties) / 24.0;
    let p = (variance > 0.0)
        .then(|| (2.0 * normal_tail(((w - count * (count + 1.0) / 4.0) / variance.sqrt()).abs())).min(1.0));
    Wilcoxon { w, p }
}

/// Holm's step-down correction: adjusted p-values in the order given. What is missing is not a test.
pub fn holm(p_values: &[Option<f64>]) -> Vec<Option<f64>> {
    let mut tests: Vec<(usize, f64)> =
        p_values.iter().enumerate().filter_map(|(at, p)| p.map(|p| (at, p))).collect();
    tests.sort_by(|x, y| x.1.total_cmp(&y.1));
    let count = tests.len();
    let mut adjusted = vec![None; p_values.len()];
    let mut floor = 0.0_f64;
    for (place, (at, p)) in tests.into_iter().enumerate() {
        floor = floor.max(((count - place) as f64 * p).min(1.0));
        adjusted[at] = Some(floor);
    }
    adjusted
}
