//! Training curves side by side.

use std::collections::BTreeMap;

use keelmark_types::SeriesPoint;
use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// One metric of both logs, aligned by step.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
pub struct Curve {
    /// Its name, e.g. `train/loss`.
    pub metric: String,
    /// Steps at which either side has a value, ascending.
    pub steps: Vec<u64>,
    /// A's values; null where it has none.
    pub a: Vec<Option<f64>>,
    /// B's values; null where it has none.
    pub b: Vec<Option<f64>>,
}

/// Aligns the series of both logs by step; of a step logged twice the later value counts.
pub(crate) fn curves(a: &[SeriesPoint], b: &[SeriesPoint]) -> Vec<Curve> {
    let mut by_metric: BTreeMap<String, BTreeMap<u64, [Option<f64>; 2]>> = BTreeMap::new();
    for (side, log) in [a, b].into_iter().enumerate() {
        for point in log {
            for (metric, value) in &point.metrics {
                let steps = by_metric.entry(metric.clone()).or_default();
                steps.entry(point.step).or_default()[side] = value.filter(|value| value.is_finite());
            }
        }
    }
    by_metric
        .into_iter()
        .map(|(metric, steps)| Curve {
            metric,
            a: steps.values().map(|values| values[0]).collect(),
            b: steps.values().map(|values| values[1]).collect(),
            steps: steps.into_keys().collect(),
        })
        .collect()
}
