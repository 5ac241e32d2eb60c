//! Sums that do not lose what small addends add.

use std::cmp::Ordering;

/// A sum by Neumaier's compensated addition.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Sum {
    total: f64,
    lost: f64,
}

impl Sum {
    /// Adds `value`.
    #[inline]
    pub(crate) fn add(&mut self, value: f64) {
        let next = self.total + value;
        self.lost += if self.total.abs() >= value.abs() {
            (self.total - next) + value
        } else {
            (value - next) + self.total
        };
        self.total = next;
    }

    /// What was added so far; not finite where it overflowed.
    #[inline]
    pub(crate) fn value(self) -> f64 {
        self.total + self.lost
    }
}

/// The sum of `values`, as if added exactly and rounded about once.
pub fn exact_sum(values: impl IntoIterator<Item = f64>) -> f64 {
    let mut sum = Sum::default();
    for value in values {
        sum.add(value);
    }
    sum.value()
}

/// The mean of `values`; `None` of nothing.
pub fn mean(values: &[f64]) -> Option<f64> {
    if values.is_empty() { None } else { Some(exact_sum(values.iter().copied()) / values.len() as f64) }
}

/// Whether two values are tied: exactly equal, -0 and 0 too.
#[inline]
pub(crate) fn tied(x: f64, y: f64) -> bool {
    x.partial_cmp(&y) == Some(Ordering::Equal)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn small_addends_survive_large_ones() {
        let values = [1e100, 1.0, -1e100, 1e-3];
        assert!((exact_sum(values) - 1.001).abs() < 1e-15, "plain addition gives 0.001");
    }

    #[test]
    fn the_mean_of_nothing_is_not_zero() {
        assert_eq!(mean(&[]), None);
    }
}
