//! Curves: what `metrics.jsonl` holds and charts draw.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// One line of `metrics.jsonl`: the metrics known after a step.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
pub struct SeriesPoint {
    /// Optimiser steps taken so far, from 1.
    pub step: u64,
    /// Epochs begun so far, from 1.
    pub epoch: u64,
    /// Monotonic time since training began.
    pub wall_millis: u64,
    /// Metric name (`train/loss`, `validation/accuracy`) to value; a value that is not finite is null.
    #[serde(flatten)]
    pub metrics: BTreeMap<String, Option<f64>>,
}

/// All lines of a run, in order.
pub type TrainingLog = Vec<SeriesPoint>;

/// One curve of a run.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Series {
    /// Metric name.
    pub metric: String,
    /// `[step, epoch, wall_millis]` of each point.
    pub positions: Vec<[u64; 3]>,
    /// Values; null where not finite.
    pub values: Vec<Option<f64>>,
}

impl Series {
    /// Splits a log into its curves, by metric name.
    pub fn from_log(log: &[SeriesPoint]) -> Vec<Self> {
        let mut by_name: BTreeMap<&str, Self> = BTreeMap::new();
        for point in log {
            for (metric, value) in &point.metrics {
                let series = by_name.entry(metric).or_insert_with(|| Self {
                    metric: metric.clone(),
                    positions: Vec::new(),
                    values: Vec::new(),
                });
                series.positions.push([point.step, point.epoch, point.wall_millis]);
                series.values.push(*value);
            }
        }
        by_name.into_values().collect()
    }
}
