//! Predictions prepared so that every metric can be measured again and again under other weights.
//!
//! Resampling examples is the same as counting them anew, so intervals never copy or sort: each resample is one
//! walk over orders made once.

use keelmark_types::{Answers, Predictions};

use crate::classification::ClassificationTable;
use crate::regression::RegressionTable;

/// One number a table measures.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Key {
    /// The metric's name.
    pub(crate) name: &'static str,
    /// The class it belongs to; `None` for metrics of the whole.
    pub(crate) class: Option<usize>,
}

impl Key {
    pub(crate) fn whole(name: &'static str) -> Self {
        Self { name, class: None }
    }
}

/// Prepared predictions of either task.
pub(crate) enum Table {
    Classification(ClassificationTable),
    Regression(RegressionTable),
}

impl Table {
    /// Prepares answers that [`check`](crate::check) accepted; `ranking` leaves the AUC family in.
    pub(crate) fn new(answers: &Answers, weighted: bool, ranking: bool) -> Self {
        match answers {
            Answers::Classification { classes, truth, probabilities } => Self::Classification(
                ClassificationTable::new(classes.len().max(1), truth, probabilities, ranking),
            ),
            Answers::Regression { truth, predicted } => {
                Self::Regression(RegressionTable::new(truth, predicted, weighted))
            }
        }
    }

    /// What is measured, in the order of [`measure`](Self::measure).
    pub(crate) fn keys(&self) -> &[Key] {
        match self {
            Self::Classification(table) => table.keys(),
            Self::Regression(table) => table.keys(),
        }
    }

    /// Every metric under `weights`, one an example; NaN (or infinite) where undefined.
    pub(crate) fn measure(&mut self, weights: &[f64]) -> Vec<f64> {
        match self {
            Self::Classification(table) => table.measure(weights),
            Self::Regression(table) => table.measure(weights),
        }
    }

    /// About how many elementary steps one measurement takes.
    pub(crate) fn steps(&self) -> u64 {
        match self {
            Self::Classification(table) => table.steps(),
            Self::Regression(table) => table.steps(),
        }
    }

    /// Why a metric has no value, as a sentence without a full stop.
    pub(crate) fn why_undefined(&self, key: Key, weights: &[f64], classes: &[String]) -> String {
        match self {
            Self::Classification(table) => table.why_undefined(key, weights, classes),
            Self::Regression(table) => table.why_undefined(key, weights),
        }
    }
}

/// The names of the classes; none for regression.
pub(crate) fn class_names(answers: &Answers) -> &[String] {
    match answers {
        Answers::Classification { classes, .. } => classes,
        Answers::Regression { .. } => &[],
    }
}

/// The weights of the examples, 1 where none are given.
pub(crate) fn base_weights(predictions: &Predictions) -> Vec<f64> {
    predictions.weights.clone().unwrap_or_else(|| vec![1.0; predictions.len()])
}

/// Whether the weights tell examples apart; equal weights are as good as none.
pub(crate) fn is_weighted(predictions: &Predictions) -> bool {
    predictions.weights.as_ref().is_some_and(|weights| weights.iter().any(|w| Some(w) != weights.first()))
}
