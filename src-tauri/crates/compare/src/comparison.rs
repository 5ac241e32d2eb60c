//! What a comparison says.

use std::fmt;

use keelmark_metrics::{Bootstrap, DeLong, McNemar, PairedT, Wilcoxon};
use keelmark_types::{CommitId, Direction, RunId, Sha256, TaskKind};
use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::{CodeDiff, ConfigDiff, ConfusionChange, Cost, Curve, DataDiff, Flips, SliceChange, WeightsDiff};

/// The schema name of [`Comparison`].
pub const COMPARISON_SCHEMA: &str = "keelmark.comparison/1";

/// What is said of B against A.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// The paired interval lies wholly on the good side of zero.
    Better,
    /// It lies wholly on the bad side.
    Worse,
    /// It holds zero, or there are too few examples to tell.
    NoClearChange,
    /// There is no paired interval; the reason says why.
    NotComparable,
}

impl Verdict {
    /// The verdict of the same comparison seen from the other side.
    #[must_use]
    pub fn reversed(self) -> Self {
        match self {
            Self::Better => Self::Worse,
            Self::Worse => Self::Better,
            same => same,
        }
    }
}

impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Better => "better",
            Self::Worse => "worse",
            Self::NoClearChange => "no clear change",
            Self::NotComparable => "not comparable",
        })
    }
}

/// Which candidate stood on a side.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct SideName {
    /// What the user called it.
    pub label: String,
    /// Its version, where it is one.
    pub version: Option<CommitId>,
    /// Its run, where it has one.
    pub run: Option<RunId>,
    /// Digest of its test set, where known.
    pub test_digest: Option<Sha256>,
}

/// How the examples of the two sides meet.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, TS)]
pub struct Pairing {
    /// Examples of A.
    pub a: u64,
    /// Examples of B.
    pub b: u64,
    /// Examples with the same id on both sides: all differences are measured on these.
    pub paired: u64,
    /// Examples only A has.
    pub only_a: u64,
    /// Examples only B has.
    pub only_b: u64,
}

/// One metric on both sides.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
pub struct MetricChange {
    /// Its name.
    pub name: String,
    /// The class it belongs to; absent for metrics of the whole.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    #[ts(optional)]
    pub class: Option<String>,
    /// Which way is better; null for a metric nobody declared a direction for.
    pub direction: Option<Direction>,
    /// Its value for A, on the paired examples where there are any.
    pub a: Option<f64>,
    /// Its value for B.
    pub b: Option<f64>,
    /// B − A.
    pub change: Option<f64>,
    /// Lower end of the paired interval of the change.
    pub low: Option<f64>,
    /// Upper end.
    pub high: Option<f64>,
    /// What the interval says, in the metric's own direction.
    pub verdict: Verdict,
    /// Two-sided p of no difference: McNemar exact for accuracy, DeLong for the AUC of two classes, else by
    /// exchanging the two answers at random.
    pub p: Option<f64>,
    /// `p` after Holm's correction over all metrics here.
    pub p_holm: Option<f64>,
    /// Why something is missing, or what to beware of.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    #[ts(optional)]
    pub why: Option<String>,
}

/// The statistical tests beside the intervals; null where they do not apply.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize, TS)]
pub struct Tests {
    /// McNemar's table and p-values (classification).
    pub mcnemar: Option<McNemar>,
    /// DeLong's test of two AUCs (two classes).
    pub delong: Option<DeLong>,
    /// Paired t-test of absolute errors, A − B (regression).
    pub paired_t: Option<PairedT>,
    /// Wilcoxon's signed-rank test of absolute errors (regression).
    pub wilcoxon: Option<Wilcoxon>,
    /// How the intervals were made.
    pub bootstrap: Option<Bootstrap>,
}

/// How candidate B differs from baseline A.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
pub struct Comparison {
    /// [`COMPARISON_SCHEMA`].
    pub schema: String,
    /// The baseline.
    pub a: SideName,
    /// The candidate.
    pub b: SideName,
    /// The verdict as a whole: that of the headline metric.
    pub verdict: Verdict,
    /// Whether examples of the two could be paired on the same test.
    pub comparable: bool,
    /// The verdict in a sentence, or why there is none.
    pub why: String,
    /// The metric that decides.
    pub headline: Option<String>,
    /// What is predicted.
    pub task: TaskKind,
    /// How the examples meet.
    pub examples: Pairing,
    /// Every metric, the headline first.
    pub metrics: Vec<MetricChange>,
    /// Precision, recall, F1 and AUC of each class.
    pub classes: Vec<MetricChange>,
    /// Examples whose predicted class differs.
    pub flips: Flips,
    /// Confusion of A, of B, and B − A; null for regression.
    pub confusion: Option<ConfusionChange>,
    /// Parts of the examples, worst first.
    pub slices: Vec<SliceChange>,
    /// Training curves side by side.
    pub curves: Vec<Curve>,
    /// Data files that differ; null where a side has none.
    pub data: Option<DataDiff>,
    /// Settings that differ; null where a side has none.
    pub config: Option<ConfigDiff>,
    /// Files of the repository that differ; null where a side has none.
    pub code: Option<CodeDiff>,
    /// Layers that differ; null where a side has none.
    pub weights: Option<WeightsDiff>,
    /// What each side costs.
    pub cost: Cost,
    /// Statistical tests.
    pub tests: Tests,
}

impl Comparison {
    /// A metric of the whole by its name.
    pub fn metric(&self, name: &str) -> Option<&MetricChange> {
        self.metrics.iter().find(|metric| metric.name == name)
    }

    /// A metric of one class.
    pub fn class_metric(&self, name: &str, class: &str) -> Option<&MetricChange> {
        self.classes.iter().find(|metric| metric.name == name && metric.class.as_deref() == Some(class))
    }
}
