//! Metrics of the validation examples, epoch by epoch, and when they say that it is enough.

use std::collections::BTreeMap;

use candle_core::Device;
use keelmark_manifest::EarlyStopping;
use keelmark_types::{Direction, TaskKind, metric_info};
use serde::{Deserialize, Serialize};

use crate::Error;
use crate::examples::{Examples, Wanted};
use crate::network::{Network, Pass};
use crate::ops::softmax;
use crate::preprocess::Preprocess;

/// Metrics by their short names; `None` where a value is not finite.
pub(crate) type Scores = BTreeMap<String, Option<f64>>;

/// The metrics early stopping can watch, by task.
fn watched(task: TaskKind) -> &'static [&'static str] {
    match task {
        TaskKind::Classification => &["loss", "log_loss", "accuracy"],
        TaskKind::Regression => &["loss", "mse", "rmse", "mae", "r2"],
    }
}

/// Which way `metric` gets better, or why it cannot be watched.
pub(crate) fn direction(task: TaskKind, metric: &str) -> Result<Direction, Error> {
    if !watched(task).contains(&metric) {
        return Err(Error::Unsupported(format!(
            "early stopping cannot watch `{metric}`; for this task it can watch {}",
            watched(task).join(", ")
        )));
    }
    Ok(metric_info(metric).map_or(Direction::LowerIsBetter, |info| info.direction))
}

/// The network's metrics on `examples`. Empty where there are none.
pub(crate) fn score(
    network: &Network,
    examples: &Examples,
    preprocess: &Preprocess,
    batch: usize,
    device: &Device,
) -> Result<Scores, Error> {
    if examples.len() == 0 {
        return Ok(Scores::new());
    }
    let network = network.detached();
    let mut outputs = Vec::new();
    let mut start = 0;
    while start < examples.len() {
        let end = examples.len().min(start + batch);
        let x = examples.slice(start..end, device)?;
        outputs.extend(network.forward(&x, Pass::Infer)?.flatten_all()?.to_vec1::<f32>()?);
        start = end;
    }
    Ok(match &examples.wanted {
        Wanted::Classes(labels) => of_classes(&outputs, labels, network.architecture().outputs),
        Wanted::Values(values) => of_values(&outputs, values, preprocess),
    })
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
