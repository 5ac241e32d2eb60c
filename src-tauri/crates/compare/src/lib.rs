//! Explains how two candidates differ; pure over loaded values.
//!
//! Place in the river: from two runs (or two prediction files) to a `Comparison`, which is judged, shown and kept as
//! evidence. It never reads, never fails, and never says better or worse unless the paired interval excludes zero.

mod align;
mod changes;
mod compare;
mod comparison;
mod confusion;
mod cost;
mod curves;
mod flips;
mod inputs;
mod options;
mod sentence;
mod side;
mod slices;
mod statistics;
mod verdict;
mod weights;

pub use comparison::{COMPARISON_SCHEMA, Comparison, MetricChange, Pairing, SideName, Tests, Verdict};
pub use confusion::ConfusionChange;
pub use cost::{Amount, Cost};
pub use curves::Curve;
pub use flips::{Flip, FlipKind, Flips};
pub use inputs::{ChangeKind, CodeChange, CodeDiff, ConfigChange, ConfigDiff, DataChange, DataDiff};
pub use options::Options;
pub use side::{LayerWeights, Side, SourceFile};
pub use slices::SliceChange;
pub use weights::{LayerChange, LayerChangeKind, WeightsDiff};

/// Explains how candidate `b` differs from baseline `a`. Total: what cannot be compared says why.
pub fn compare(a: &Side, b: &Side, options: &Options) -> Comparison {
    compare::compare(a, b, options)
}

/// Settings that differ: every leaf under its dotted path, where `1` and `1.0` are the same.
pub fn settings_diff(a: &serde_json::Value, b: &serde_json::Value) -> ConfigDiff {
    inputs::settings(a, b)
}

/// One metric of the whole, or of `class`, on the paired examples: a cheaper question than the whole comparison, for
/// gates that ask at a confidence of their own (`options.bootstrap.confidence`). Without a p-value.
pub fn change_of(a: &Side, b: &Side, metric: &str, class: Option<&str>, options: &Options) -> MetricChange {
    compare::change_of(a, b, metric, class, options)
}
