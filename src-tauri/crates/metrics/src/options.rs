//! How intervals are made and which parts of the examples are looked at on their own.

use keelmark_types::Grade;
use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// How often and from which seed examples are drawn again.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, TS)]
pub struct Bootstrap {
    /// Resamples, at most: large sets take fewer, and say so.
    pub replicates: u32,
    /// Seed of the SplitMix64 stream.
    pub seed: u64,
    /// Coverage of the interval, in (0, 1).
    pub confidence: f64,
}

impl Default for Bootstrap {
    fn default() -> Self {
        Self { replicates: 1000, seed: 20_240_501, confidence: 0.95 }
    }
}

/// How often and from which seed the two answers to an example are exchanged.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Exchange {
    /// Random exchanges, at most: large sets take fewer.
    pub replicates: u32,
    /// Seed of the SplitMix64 stream.
    pub seed: u64,
}

impl Default for Exchange {
    fn default() -> Self {
        Self { replicates: 1000, seed: 7 }
    }
}

/// What divides the examples into parts.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SliceBy {
    /// The true class.
    Class,
    /// Each value of a slice column.
    Column(String),
    /// Bins of a numeric slice column with about equally many examples.
    Bins {
        /// The column.
        column: String,
        /// How many bins, at most.
        count: usize,
    },
}

/// What [`evaluate`](crate::evaluate) shall do.
#[derive(Debug, Clone, PartialEq)]
pub struct Options {
    /// Where the predictions come from.
    pub grade: Grade,
    /// How intervals are made.
    pub bootstrap: Bootstrap,
    /// Slices to make; slice columns not named here are divided by their values.
    pub slices: Vec<SliceBy>,
    /// Resamples of each slice.
    pub slice_replicates: u32,
}

impl Options {
    /// The usual intervals for predictions of a grade, without slices of their own.
    pub fn new(grade: Grade) -> Self {
        Self { grade, bootstrap: Bootstrap::default(), slices: Vec::new(), slice_replicates: 200 }
    }
}
