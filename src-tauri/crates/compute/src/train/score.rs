//! Metrics of the validation examples, epoch by epoch, and when they say that it is enough.

use std::collections::BTreeMap;

use candle_core::Device;
use keelmark_manifest::EarlyStopping;
use keelmark_metrics::Options;
use keelmark_types::{Answers, Direction, Grade, METRICS, Predictions, TaskKind, metric_info};
use serde::{Deserialize, Serialize};

use super::batch_rows;
use crate::Error;
use crate::examples::{Examples, Wanted};
use crate::network::{Network, Pass};
use crate::ops::softmax;
use crate::preprocess::Preprocess;

/// Metrics by their short names; `None` where a value is not finite.
pub(crate) type Scores = BTreeMap<String, Option<f64>>;

/// Which way `metric` gets better, or why early stopping cannot watch it.
pub(crate) fn direction(task: TaskKind, metric: &str) -> Result<Direction, Error> {
    match metric_info(metric) {
        Some(info) if info.task == task => Ok(info.direction),
        None if metric == "loss" => Ok(Direction::LowerIsBetter),
        _ => {
            let names = METRICS.iter().filter(|info| info.task == task).map(|info| info.name);
            Err(Error::invalid(format!(
                "early stopping cannot watch `{metric}`; it can watch loss, {}",
                names.collect::<Vec<_>>().join(", ")
            )))
        }
    }
}

/// The network's metrics on `examples`, `watched` among them. Empty where there are no examples.
pub(crate) fn score(
    network: &Network,
    examples: &Examples,
    preprocess: &Preprocess,
    watched: Option<&str>,
    device: &Device,
) -> Result<Scores, Error> {
    if examples.len() == 0 {
        return Ok(Scores::new());
    }
    let network = network.detached();
    let batch = batch_rows(network.architecture());
    let mut outputs = Vec::new();
    let mut start = 0;
    while start < examples.len() {
        let end = examples.len().min(start + batch);
        let x = examples.slice(start..end, device)?;
        outputs.extend(network.forward(&x, Pass::Infer)?.flatten_all()?.to_vec1::<f32>()?);
        start = end;
    }
    let classes = network.architecture().outputs;
    let mut scores = match &examples.wanted {
        Wanted::Classes(labels) => of_classes(&outputs, labels, classes),
        Wanted::Values(values) => of_values(&outputs, values, preprocess),
    };
    if let Some(metric) = watched
        && !scores.contains_key(metric)
    {
        let value = measured(metric, &outputs, &examples.wanted, classes, preprocess);
        scores.insert(metric.to_owned(), value);
    }
    Ok(scores)
}

/// A metric that needs more than a pass over the examples. Undefined where an answer is not a number.
fn measured(
    metric: &str,
    outputs: &[f32],
    wanted: &Wanted,
    classes: usize,
    preprocess: &Preprocess,
) -> Option<f64> {
    let answers = match wanted {
        Wanted::Classes(truth) => Answers::Classification {
            classes: (0..classes).map(|class| class.to_string()).collect(),
            truth: truth.clone(),
            probabilities: outputs
                .chunks_exact(classes)
                .flat_map(|row| softmax(&row.iter().map(|&logit| f64::from(logit)).collect::<Vec<_>>()).0)
                .collect(),
        },
        Wanted::Values(truth) => Answers::Regression {
            truth: truth.clone(),
            predicted: outputs.iter().map(|&y| preprocess.unscale_target(f64::from(y))).collect(),
        },
    };
    let count = outputs.len() / classes;
    let ids = (0..count).map(|row| row.to_string()).collect();
    let predictions = Predictions { ids, answers, weights: None, slices: BTreeMap::new() };
    let mut options = Options::new(Grade::Repeated);
    options.bootstrap.replicates = 0;
    options.slice_replicates = 0;
    let evaluation = keelmark_metrics::evaluate(&predictions, &options).ok()?;
    evaluation.metrics.get(metric)?.value
}

fn of_classes(logits: &[f32], labels: &[u32], classes: usize) -> Scores {
    let (mut loss, mut right) = (0.0, 0_u64);
    for (row, &label) in logits.chunks_exact(classes).zip(labels) {
        let row: Vec<f64> = row.iter().map(|&logit| f64::from(logit)).collect();
        let (_, log_sum) = softmax(&row);
        loss += log_sum - row[label as usize];
        right += u64::from(largest(&row) == label as usize);
    }
    let count = labels.len() as f64;
    scores([("loss", loss / count), ("log_loss", loss / count), ("accuracy", right as f64 / count)])
}

/// The place of the largest value, the first of equals.
pub(crate) fn largest<T: PartialOrd>(row: &[T]) -> usize {
    let mut best = 0;
    for place in 1..row.len() {
        if row[place] > row[best] {
            best = place;
        }
    }
    best
}

fn of_values(outputs: &[f32], values: &[f64], preprocess: &Preprocess) -> Scores {
    let count = values.len() as f64;
    let mean = values.iter().sum::<f64>() / count;
    let (mut loss, mut squares, mut absolute, mut spread) = (0.0, 0.0, 0.0, 0.0);
    for (&output, &value) in outputs.iter().zip(values) {
        loss += (f64::from(output) - preprocess.scale_target(value)).powi(2);
        let error = preprocess.unscale_target(f64::from(output)) - value;
        squares += error * error;
        absolute += error.abs();
        spread += (value - mean).powi(2);
    }
    // R² of values that are all the same is undefined: it stays missing.
    let r2 = if spread > 0.0 { 1.0 - squares / spread } else { f64::NAN };
    let mse = squares / count;
    scores([
        ("loss", loss / count),
        ("mse", mse),
        ("rmse", mse.sqrt()),
        ("mae", absolute / count),
        ("r2", r2),
    ])
}

fn scores<const N: usize>(values: [(&str, f64); N]) -> Scores {
    values.into_iter().map(|(name, value)| (name.to_owned(), value.is_finite().then_some(value))).collect()
}

/// What curves and records show of the scores; the rest is only watched.
pub(crate) fn shown(scores: &Scores) -> Scores {
    let shown = ["loss", "accuracy", "rmse", "r2"];
    scores.iter().filter(|(name, _)| shown.contains(&name.as_str())).map(|(k, v)| (k.clone(), *v)).collect()
}

/// The best epoch so far and how long it has been so.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub(crate) struct Patience {
    /// The best value, once there is one.
    pub(crate) best: Option<f64>,
    /// Its epoch, 0 before there is one.
    pub(crate) epoch: u64,
    /// All scores of that epoch.
    pub(crate) scores: Scores,
    /// Epochs since.
    waited: u32,
}

impl Patience {
    /// Takes the scores of an epoch: `true` where it is the best so far.
    pub(crate) fn see(
        &mut self,
        epoch: u64,
        scores: &Scores,
        rule: &EarlyStopping,
        direction: Direction,
    ) -> bool {
        let value = scores.get(&rule.metric).copied().flatten();
        let better = match (value, self.best) {
            (None, _) => false,
            (Some(_), None) => true,
            (Some(value), Some(best)) => {
                let gain = direction.improvement(value - best);
                gain > 0.0 && gain >= rule.min_delta
            }
        };
        if better {
            *self = Self { best: value, epoch, scores: scores.clone(), waited: 0 };
        } else {
            self.waited = self.waited.saturating_add(1);
        }
        better
    }

    /// Whether it has waited long enough.
    pub(crate) fn is_over(&self, rule: &EarlyStopping) -> bool {
        self.waited >= rule.patience
    }
}
