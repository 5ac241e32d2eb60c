//! McNemar's test of two classifiers on the same examples.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::special::{chi2_tail_1, ln_fair_binomial};
use crate::sum::Sum;

/// The table of two classifiers and what it says. Null where there is no discordant example.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, TS)]
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

/// Tests whether `a_only` and `b_only` differ by more than chance.
pub fn mcnemar(both_right: u64, a_only: u64, b_only: u64, both_wrong: u64) -> McNemar {
    let discordant = a_only.saturating_add(b_only);
    let fewer = a_only.min(b_only);
    let (p_exact, p_midp) = if a_only == b_only {
        (1.0, if discordant == 0 { 1.0 } else { 1.0 - 0.5 * ln_fair_binomial(fewer, discordant).exp() })
    } else {
        let exact = (2.0 * lower_tail(fewer, discordant)).min(1.0);
        (exact, (exact - ln_fair_binomial(fewer, discordant).exp()).max(0.0))
    };
    let chi2 = |shift: f64| {
        let difference = a_only.abs_diff(b_only) as f64 - shift;
        (discordant > 0).then(|| difference * difference / discordant as f64)
    };
    let (plain, corrected) = (chi2(0.0), chi2(1.0));
    McNemar {
        both_right,
        a_only,
        b_only,
        both_wrong,
        p_exact,
        p_midp,
        chi2: plain,
        p_chi2: plain.map(chi2_tail_1),
        chi2_cc: corrected,
        p_chi2_cc: corrected.map(chi2_tail_1),
    }
}

/// McNemar's table of which examples each side answers rightly.
pub fn mcnemar_of(right_a: &[bool], right_b: &[bool]) -> McNemar {
    let mut counts = [0_u64; 4];
    for (&a, &b) in right_a.iter().zip(right_b) {
        counts[usize::from(a) * 2 + usize::from(b)] += 1;
    }
    let [both_wrong, b_only, a_only, both_right] = counts;
    mcnemar(both_right, a_only, b_only, both_wrong)
}

/// P(X ≤ k) of `n` fair tosses, k < n/2: the terms shrink, so the sum runs down from k.
fn lower_tail(k: u64, n: u64) -> f64 {
    let mut term = ln_fair_binomial(k, n).exp();
    let mut sum = Sum::default();
    let mut left = k;
    loop {
        sum.add(term);
        if left == 0 || term <= sum.value() * 1e-18 {
            return sum.value();
        }
        term *= left as f64 / (n - left + 1) as f64;
        left -= 1;
    }
}
