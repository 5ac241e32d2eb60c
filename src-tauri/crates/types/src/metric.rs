//! The catalogue of metrics: name, direction, unit, and for which task. One source for gates, tables and charts.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// What a model predicts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum TaskKind {
    /// One of a fixed set of classes.
    Classification,
    /// A number.
    Regression,
}

/// Which way is better. There is no default: every metric declares it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum Direction {
    /// More is better.
    HigherIsBetter,
    /// Less is better.
    LowerIsBetter,
}

impl Direction {
    /// `change` turned so that a positive number is an improvement.
    pub fn improvement(self, change: f64) -> f64 {
        match self {
            Self::HigherIsBetter => change,
            Self::LowerIsBetter => -change,
        }
    }
}

/// What is known of a metric before any number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, TS)]
pub struct MetricInfo {
    /// Its name in files, JSON and on the command line.
    pub name: &'static str,
    /// Its name for people.
    pub label: &'static str,
    /// The task it belongs to.
    pub task: TaskKind,
    /// Which way is better.
    pub direction: Direction,
    /// `true` where it is a share in [0, 1] that people read in per cent.
    pub is_share: bool,
}

const fn class(name: &'static str, label: &'static str, direction: Direction, is_share: bool) -> MetricInfo {
    MetricInfo { name, label, task: TaskKind::Classification, direction, is_share }
}

const fn value(name: &'static str, label: &'static str, direction: Direction) -> MetricInfo {
    MetricInfo { name, label, task: TaskKind::Regression, direction, is_share: false }
}

use Direction::{HigherIsBetter as Up, LowerIsBetter as Down};

/// Every metric Keelmark computes. Names and definitions as scikit-learn has them where it has them.
pub const METRICS: &[MetricInfo] = &[
    class("accuracy", "Accuracy", Up, true),
    class("balanced_accuracy", "Balanced accuracy", Up, true),
    class("top2_accuracy", "Top-2 accuracy", Up, true),
    class("top3_accuracy", "Top-3 accuracy", Up, true),
    class("precision_macro", "Precision, macro", Up, true),
    class("precision_micro", "Precision, micro", Up, true),
    class("precision_weighted", "Precision, weighted", Up, true),
    class("recall_macro", "Recall, macro", Up, true),
    class("recall_micro", "Recall, micro", Up, true),
    class("recall_weighted", "Recall, weighted", Up, true),
    class("f1_macro", "F1, macro", Up, true),
    class("f1_micro", "F1, micro", Up, true),
    class("f1_weighted", "F1, weighted", Up, true),
    class("roc_auc", "ROC AUC", Up, false),
    class("roc_auc_ovr_macro", "ROC AUC, one-vs-rest", Up, false),
    class("roc_auc_ovo_macro", "ROC AUC, one-vs-one", Up, false),
    class("average_precision", "Average precision", Up, false),
    class("average_precision_ovr_macro", "Average precision, one-vs-rest", Up, false),
    class("pr_auc_trapezoid", "PR AUC, trapezoid", Up, false),
    class("log_loss", "Log loss", Down, false),
    class("brier", "Brier score", Down, false),
    class("brier_multiclass", "Brier score, multiclass", Down, false),
    class("ece15", "ECE, 15 bins", Down, false),
    class("ece15_positive_class", "ECE of the positive class", Down, false),
    class("mce15", "MCE, 15 bins", Down, false),
    class("mcc", "Matthews correlation", Up, false),
    class("cohen_kappa", "Cohen's kappa", Up, false),
    value("mae", "Mean absolute error", Down),
    value("mse", "Mean squared error", Down),
    value("rmse", "Root mean squared error", Down),
    value("median_ae", "Median absolute error", Down),
    value("max_error", "Largest error", Down),
    value("mape", "Mean absolute percentage error", Down),
    value("r2", "R²", Up),
    value("explained_variance", "Explained variance", Up),
    value("pearson_r", "Pearson r", Up),
    value("spearman_rho", "Spearman rho", Up),
];

/// Looks a metric up by its name.
pub fn metric_info(name: &str) -> Option<&'static MetricInfo> {
    METRICS.iter().find(|metric| metric.name == name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_unique() {
        let mut names: Vec<_> = METRICS.iter().map(|metric| metric.name).collect();
        names.sort_unstable();
        let count = names.len();
        names.dedup();
        assert_eq!(names.len(), count, "a metric is found by its name alone");
    }

    #[test]
    fn a_falling_loss_is_an_improvement() {
        let log_loss = metric_info("log_loss").expect("in the catalogue");
        assert!(log_loss.direction.improvement(-0.1) > 0.0);
    }
}
