//! Every metric, interval and statistical test, as pure functions over slices.
//!
//! Place in the river: between predictions and everything that judges them. [`evaluate`] turns predictions into an
//! `Evaluation`; the building blocks below it are used by comparisons. Never here: input, output, randomness
//! that is not a seed given by the caller, a number made up where a metric is undefined.

mod agreement;
mod budget;
mod calibration;
mod check;
mod classification;
mod delong;
mod error;
mod evaluate;
mod intervals;
mod mcnemar;
mod options;
mod paired;
mod proportion;
mod random;
mod rank_tests;
mod ranking;
mod regression;
mod resample;
mod roc;
mod slices;
mod special;
mod sum;
mod table;

pub use check::{MAX_CLASSES, SUM_TOLERANCE, check, normalised_rows};
pub use delong::{AreaUnderCurve, DeLong, delong, delong_paired};
pub use error::Error;
pub use evaluate::evaluate;
pub use mcnemar::{McNemar, mcnemar, mcnemar_of};
pub use options::{Bootstrap, Exchange, Options, SliceBy};
pub use paired::{Difference, PairedOptions, paired_differences};
pub use proportion::{clopper_pearson, wilson};
pub use random::{SplitMix64, bootstrap_indices};
pub use rank_tests::{PairedT, Wilcoxon, holm, mid_ranks, paired_t, wilcoxon};
pub use resample::{Resampled, bootstrap_mean, quantile, sign_flip};
pub use roc::roc_curve;
pub use slices::{SlicePart, select, slice_parts};
pub use special::{
    beta_quantile, beta_regularised, chi2_tail_1, normal_quantile, normal_tail, student_two_sided,
};
pub use sum::{exact_sum, mean};
