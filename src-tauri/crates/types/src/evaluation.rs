//! `evaluation.json`: every metric with its interval, per class, per slice, confusion and calibration.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::TaskKind;

/// The schema name of [`Evaluation`].
pub const EVALUATION_SCHEMA: &str = "keelmark.evaluation/1";

/// How strong the evidence behind a number is, weakest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum Grade {
    /// Somebody wrote it down.
    Asserted,
    /// Computed here from predictions made elsewhere.
    Recomputed,
    /// Inference was run here.
    Repeated,
    /// Training was run again here.
    Reproduced,
}

/// One metric. An undefined value is null with a reason, never 0 or NaN.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize, TS)]
pub struct MetricValue {
    /// The estimate.
    pub value: Option<f64>,
    /// Lower end of the 95 % interval.
    #[serde(default)]
    pub low: Option<f64>,
    /// Upper end of the 95 % interval.
    #[serde(default)]
    pub high: Option<f64>,
    /// Why the value or its interval is missing.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    #[ts(optional)]
    pub why: Option<String>,
}

/// Counts of true class (row) by predicted class (column); sums of weights where there are weights.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
pub struct Confusion {
    /// The classes in order.
    pub classes: Vec<String>,
    /// `[true][predicted]`.
    pub counts: Vec<Vec<f64>>,
}

/// The scores of one class against the rest.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
pub struct ClassScores {
    /// The class.
    pub class: String,
    /// Examples of it.
    pub support: f64,
    /// Of those called so, the share that is.
    pub precision: f64,
    /// Of those that are, the share found.
    pub recall: f64,
    /// Harmonic mean of the two.
    pub f1: f64,
    /// Area under the ROC curve against the rest; null where undefined.
    pub roc_auc: Option<f64>,
}

/// One of the 15 bins of the reliability diagram.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
pub struct CalibrationBin {
    /// Examples (or weight) in it.
    pub count: f64,
    /// Share that was right; null where empty.
    pub accuracy: Option<f64>,
    /// Mean confidence; null where empty.
    pub confidence: Option<f64>,
}

/// The metrics of a part of the examples.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
pub struct Slice {
    /// The column that divides, or `class`.
    pub column: String,
    /// The value or bin.
    pub value: String,
    /// Examples in it.
    pub examples: u64,
    /// Its metrics.
    pub metrics: BTreeMap<String, MetricValue>,
}

/// Everything measured of one model on one test set.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
pub struct Evaluation {
    /// [`EVALUATION_SCHEMA`].
    pub schema: String,
    /// What was predicted.
    pub task: TaskKind,
    /// Examples measured.
    pub examples: u64,
    /// How strong the evidence is.
    pub grade: Grade,
    /// Metric name to value and interval.
    pub metrics: BTreeMap<String, MetricValue>,
    /// Scores of each class; empty for regression.
    #[serde(default)]
    pub classes: Vec<ClassScores>,
    /// Slices as the manifest declares them.
    #[serde(default)]
    pub slices: Vec<Slice>,
    /// True by predicted class; absent for regression.
    #[serde(default)]
    pub confusion: Option<Confusion>,
    /// Reliability diagram; empty for regression.
    #[serde(default)]
    pub calibration: Vec<CalibrationBin>,
    /// ROC of the positive class, two classes only: `[false positive rate, true positive rate]`, thinned to at most 200 points.
    #[serde(default)]
    pub roc_curve: Vec<[f64; 2]>,
}
