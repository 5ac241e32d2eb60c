//! Scores that need only the counts of true class by predicted class.

use crate::sum::exact_sum;

/// Counts (or sums of weights), true class by row, with their margins.
pub(crate) struct Counts<'a> {
    classes: usize,
    cells: &'a [f64],
    /// Of each class, how many are it.
    pub(crate) support: Vec<f64>,
    /// Of each class, how many are called it.
    called: Vec<f64>,
    total: f64,
    right: f64,
}

/// 0 where there is nothing to divide by.
fn share(part: f64, whole: f64) -> f64 {
    if whole > 0.0 { part / whole } else { 0.0 }
}

impl<'a> Counts<'a> {
    /// `cells` is `[classes, classes]` row-major.
    pub(crate) fn new(classes: usize, cells: &'a [f64]) -> Self {
        let mut support = vec![0.0; classes];
        let mut called = vec![0.0; classes];
        for (truth, row) in cells.chunks_exact(classes).enumerate() {
            for (answer, &count) in row.iter().enumerate() {
                support[truth] += count;
                called[answer] += count;
            }
        }
        let total = exact_sum(support.iter().copied());
        let right = exact_sum((0..classes).map(|class| cells[class * classes + class]));
        Self { classes, cells, support, called, total, right }
    }

    fn hits(&self, class: usize) -> f64 {
        self.cells[class * self.classes + class]
    }

    /// Of those called `class`, the share that is; 0 where none is called so.
    pub(crate) fn precision(&self, class: usize) -> f64 {
        share(self.hits(class), self.called[class])
    }

    /// Of those that are `class`, the share found; 0 where there is none.
    pub(crate) fn recall(&self, class: usize) -> f64 {
        share(self.hits(class), self.support[class])
    }

    /// Harmonic mean of precision and recall.
    pub(crate) fn f1(&self, class: usize) -> f64 {
        share(2.0 * self.hits(class), self.called[class] + self.support[class])
    }

    /// Share of right answers.
    pub(crate) fn accuracy(&self) -> f64 {
        self.right / self.total
    }

    /// Mean recall of the classes that occur.
    pub(crate) fn balanced_accuracy(&self) -> f64 {
        let present = || (0..self.classes).filter(|&class| self.support[class] > 0.0);
        exact_sum(present().map(|class| self.recall(class))) / present().count() as f64
    }

    /// The plain mean of a score over all classes.
    pub(crate) fn macro_mean(&self, score: impl Fn(usize) -> f64) -> f64 {
        exact_sum((0..self.classes).map(score)) / self.classes as f64
    }

    /// The mean of a score over all classes, by support.
    pub(crate) fn weighted_mean(&self, score: impl Fn(usize) -> f64) -> f64 {
        exact_sum((0..self.classes).map(|class| self.support[class] * score(class))) / self.total
    }

    fn chance(&self) -> f64 {
        exact_sum((0..self.classes).map(|class| self.support[class] / self.total * self.called[class]))
    }

    /// Matthews correlation of many classes; 0 where a margin is degenerate.
    pub(crate) fn matthews(&self) -> f64 {
        let spread = |margin: &[f64]| {
            let squares = exact_sum(margin.iter().map(|count| count / self.total * (count / self.total)));
            let occurring = margin.iter().filter(|count| **count > 0.0).count();
            if occurring > 1 { 1.0 - squares } else { 0.0 }
        };
        let denominator = (spread(&self.support) * spread(&self.called)).sqrt();
        if denominator > 0.0 {
            ((self.right - self.chance()) / self.total / denominator).clamp(-1.0, 1.0)
        } else {
            0.0
        }
    }

    /// Cohen's kappa; NaN where chance alone agrees fully.
    pub(crate) fn kappa(&self) -> f64 {
        let certain = (0..self.classes)
            .any(|class| self.support[class] >= self.total && self.called[class] >= self.total);
        if certain { f64::NAN } else { 1.0 - (self.total - self.right) / (self.total - self.chance()) }
    }
}
