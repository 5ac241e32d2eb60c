//! What each side costs to make and to ship.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::Side;

/// A quantity on both sides.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, TS)]
pub struct Amount {
    /// A's.
    pub a: Option<u64>,
    /// B's.
    pub b: Option<u64>,
    /// B − A.
    pub change: Option<i64>,
}

/// What each side costs; null where not known.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, TS)]
pub struct Cost {
    /// Trainable parameters.
    pub parameters: Amount,
    /// Size of the weights file.
    pub size_bytes: Amount,
    /// Duration of the whole run.
    pub duration_millis: Amount,
    /// Time from the first to the last step of training.
    pub training_millis: Amount,
}

impl Amount {
    fn new(a: Option<u64>, b: Option<u64>) -> Self {
        let change = a.zip(b).and_then(|(a, b)| i64::try_from(i128::from(b) - i128::from(a)).ok());
        Self { a, b, change }
    }
}

/// What each side costs, from its run, its log and its weights.
pub(crate) fn cost(a: &Side, b: &Side) -> Cost {
    let amount = |of: fn(&Side) -> Option<u64>| Amount::new(of(a), of(b));
    Cost {
        parameters: amount(parameters),
        size_bytes: amount(|side| side.run.as_ref().and_then(|run| run.model_size_bytes)),
        duration_millis: amount(|side| side.run.as_ref().map(|run| run.duration_millis)),
        training_millis: amount(|side| side.log.iter().map(|point| point.wall_millis).max()),
    }
}

fn parameters(side: &Side) -> Option<u64> {
    let counted = || side.weights.iter().map(|layer| layer.values.len() as u64).sum();
    side.run.as_ref().and_then(|run| run.parameters).or_else(|| (!side.weights.is_empty()).then(counted))
}
