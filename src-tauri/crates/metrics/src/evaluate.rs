//! From predictions to an evaluation: every metric with its interval, per class, per slice.

use std::collections::BTreeMap;

use keelmark_types::{
    Answers, ClassScores, Confusion, EVALUATION_SCHEMA, Evaluation, MetricValue, Predictions, Slice, TaskKind,
};

use crate::delong::delong;
use crate::intervals::{Interval, of_table};
use crate::proportion::wilson;
use crate::roc::{roc_curve, thinned};
use crate::slices::{select, slice_parts};
use crate::special::normal_quantile;
use crate::table::{Key, Table, base_weights, class_names, is_weighted};
use crate::{Bootstrap, Error, Options, check};

/// Measures predictions: every metric that applies with an interval, scores by class, slices, confusion, calibration
/// and ROC curve. An undefined value is null with its reason.
pub fn evaluate(predictions: &Predictions, options: &Options) -> Result<Evaluation, Error> {
    check(predictions)?;
    let mut measured = Measured::new(predictions, true);
    let metrics = measured.metrics(predictions, &options.bootstrap, 1);
    let slice_bootstrap = Bootstrap {
        replicates: options.slice_replicates.min(options.bootstrap.replicates),
        ..options.bootstrap
    };
    let parts = slice_parts(predictions, &options.slices);
    let count = parts.len() as u64;
    let slices = parts
        .into_iter()
        .map(|part| {
            let examples = select(predictions, &part.rows);
            Slice {
                metrics: slice_metrics(&examples, &slice_bootstrap, part.is_class(), count),
                column: part.column,
                value: part.value,
                examples: part.rows.len() as u64,
            }
        })
        .collect();
    let confusion = measured.confusion(class_names(&predictions.answers));
    Ok(Evaluation {
        schema: EVALUATION_SCHEMA.to_owned(),
        task: match &predictions.answers {
            Answers::Classification { .. } => TaskKind::Classification,
            Answers::Regression { .. } => TaskKind::Regression,
        },
        examples: predictions.len() as u64,
        grade: options.grade,
        metrics,
        classes: measured.class_scores(class_names(&predictions.answers), confusion.as_ref()),
        slices,
        confusion,
        calibration: match &measured.table {
            Table::Classification(table) => table.calibration(&measured.base),
            Table::Regression(_) => Vec::new(),
        },
        roc_curve: thinned(&roc_curve(predictions)),
    })
}

/// The metrics of one of `parts` slices; those it leaves undefined (an AUC of one class) are left out.
fn slice_metrics(
    examples: &Predictions,
    bootstrap: &Bootstrap,
    one_class: bool,
    parts: u64,
) -> BTreeMap<String, MetricValue> {
    let mut metrics = Measured::new(examples, !one_class).metrics(examples, bootstrap, parts);
    metrics.retain(|_, metric| metric.value.is_some());
    metrics
}

struct Measured {
    table: Table,
    base: Vec<f64>,
    weighted: bool,
    keys: Vec<Key>,
    values: Vec<f64>,
}

impl Measured {
    fn new(predictions: &Predictions, ranking: bool) -> Self {
        let weighted = is_weighted(predictions);
        let base = base_weights(predictions);
        let mut table = Table::new(&predictions.answers, weighted, ranking);
        let values = table.measure(&base);
        let keys = table.keys().to_vec();
        Self { table, base, weighted, keys, values }
    }

    fn metrics(
        &mut self,
        predictions: &Predictions,
        bootstrap: &Bootstrap,
        parts: u64,
    ) -> BTreeMap<String, MetricValue> {
        let intervals = of_table(parts, &mut self.table, &self.values, &self.base, bootstrap);
        let names = class_names(&predictions.answers);
        let mut metrics = BTreeMap::new();
        for ((key, &value), interval) in self.keys.iter().zip(&self.values).zip(intervals) {
            if key.class.is_some() {
                continue;
            }
            let metric = if !value.is_finite() {
                let why = Some(self.table.why_undefined(*key, &self.base, names));
                MetricValue { why, ..MetricValue::default() }
            } else if key.name == "accuracy" && !self.weighted {
                let total = predictions.len() as f64;
                let [low, high] = wilson((value * total).round(), total, bootstrap.confidence);
                MetricValue { value: Some(value), low: Some(low), high: Some(high), why: None }
            } else if key.name == "roc_auc" && !self.weighted {
                delong_interval(predictions, value, bootstrap.confidence)
            } else {
                with_interval(value, interval)
            };
            metrics.insert(key.name.to_owned(), metric);
        }
        metrics
    }

    fn confusion(&mut self, classes: &[String]) -> Option<Confusion> {
        let Table::Classification(table) = &mut self.table else { return None };
        let counts =
            table.confusion(&self.base).chunks_exact(classes.len().max(1)).map(<[f64]>::to_vec).collect();
        Some(Confusion { classes: classes.to_vec(), counts })
    }

    fn class_scores(&self, classes: &[String], confusion: Option<&Confusion>) -> Vec<ClassScores> {
        let find = |name: &str, class: usize| {
            let at = self.keys.iter().position(|key| key.class == Some(class) && key.name == name)?;
            self.values.get(at).copied().filter(|value| value.is_finite())
        };
        let Some(confusion) = confusion else { return Vec::new() };
        classes
            .iter()
            .zip(&confusion.counts)
            .enumerate()
            .map(|(class, (name, row))| ClassScores {
                class: name.clone(),
                support: row.iter().sum(),
                precision: find("precision", class).unwrap_or(0.0),
                recall: find("recall", class).unwrap_or(0.0),
                f1: find("f1", class).unwrap_or(0.0),
                roc_auc: find("roc_auc", class),
            })
            .collect()
    }
}

fn with_interval(value: f64, interval: Interval) -> MetricValue {
    MetricValue {
        value: Some(value),
        low: interval.resampled.map(|found| found.low),
        high: interval.resampled.map(|found| found.high),
        why: interval.why,
    }
}

fn delong_interval(predictions: &Predictions, value: f64, confidence: f64) -> MetricValue {
    let mut metric = MetricValue { value: Some(value), ..MetricValue::default() };
    let Answers::Classification { truth, probabilities, .. } = &predictions.answers else { return metric };
    let scores: Vec<f64> = probabilities.chunks_exact(2).map(|row| row[1]).collect();
    let positive: Vec<bool> = truth.iter().map(|&class| class == 1).collect();
    match delong(&scores, &positive) {
        Some(area) => {
            let half = normal_quantile(0.5 + 0.5 * confidence) * area.standard_error;
            metric.low = Some((value - half).max(0.0));
            metric.high = Some((value + half).min(1.0));
            if area.standard_error <= 0.0 {
                metric.why = Some(
                    "the classes are ranked without overlap: the interval says nothing of unseen examples"
                        .to_owned(),
                );
            }
        }
        None => metric.why = Some("an interval needs at least two examples of each class".to_owned()),
    }
    metric
}
