//! What a comparison looks at first and how its intervals are made.

use keelmark_metrics::{Bootstrap, Exchange, SliceBy};

/// How to compare.
#[derive(Debug, Clone, PartialEq)]
pub struct Options {
    /// The manifest's metrics in order; the first decides the whole verdict. Empty: accuracy or rmse decides.
    pub metrics: Vec<String>,
    /// The manifest's slices; columns not named here are divided by their values.
    pub slices: Vec<SliceBy>,
    /// How paired intervals are made.
    pub bootstrap: Bootstrap,
    /// How p-values without a test of their own are made.
    pub exchange: Exchange,
    /// How many flipped examples are listed; all are counted.
    pub max_examples: usize,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            metrics: Vec::new(),
            slices: vec![SliceBy::Class],
            bootstrap: Bootstrap::default(),
            exchange: Exchange::default(),
            max_examples: 200,
        }
    }
}
