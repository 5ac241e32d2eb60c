//! Every metric, interval and statistical test, as pure functions over slices.
//!
//! Place in the river: between predictions and everything that judges them. `evaluate` turns predictions into an
//! `Evaluation`; the building blocks below it are used by comparisons. Never here: input, output, randomness
//! that is not a seed given by the caller, a number made up where a metric is undefined.

mod delong;
mod mcnemar;
mod options;
mod rank_tests;

pub use delong::DeLong;
pub use mcnemar::McNemar;
pub use options::{Bootstrap, Exchange, Options, SliceBy};
pub use rank_tests::{PairedT, Wilcoxon};
