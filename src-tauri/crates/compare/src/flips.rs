//! Examples whose predicted class differs.

use serde::{Deserialize, Serialize};

/// What became of an example.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FlipKind {
    /// A was right, B is wrong.
    Broken,
    /// A was wrong, B is right.
    Fixed,
    /// Both are wrong, each in its own way.
    Changed,
}

/// One flipped example.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Flip {
    /// The example.
    pub id: String,
    /// What became of it.
    pub kind: FlipKind,
    /// Its true class.
    pub truth: String,
    /// A's answer.
    pub a: String,
    /// B's answer.
    pub b: String,
    /// A's probability of its answer.
    pub confidence_a: f64,
    /// B's probability of its answer.
    pub confidence_b: f64,
}

/// All flips counted, the first of them listed.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct Flips {
    /// Wrong before, right now.
    pub fixed: u64,
    /// Right before, wrong now.
    pub broken: u64,
    /// Wrong before and now, with another answer.
    pub changed: u64,
    /// All of them; more than `examples` holds where the list was cut.
    pub total: u64,
    /// Broken first, then fixed, then changed; the surest mistakes first.
    pub examples: Vec<Flip>,
}
