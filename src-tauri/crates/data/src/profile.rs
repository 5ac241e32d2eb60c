//! What is in a set of examples, in a few numbers.

use keelmark_types::{Dataset, Target};
use serde::Serialize;

/// What is in a set of examples, in a few numbers.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Profile {
    /// Examples.
    pub rows: u64,
    /// Feature columns.
    pub columns: u64,
    /// What is to be predicted.
    pub labels: LabelProfile,
}

/// How the target is spread.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum LabelProfile {
    /// Examples of each class, in the order of the classes.
    Classes(Vec<(String, u64)>),
    /// Of numbers; nulls where there is no example.
    Values {
        /// The smallest.
        lowest: Option<f64>,
        /// The largest.
        highest: Option<f64>,
        /// The mean.
        mean: Option<f64>,
    },
}

/// Profiles a set of examples.
pub fn profile(dataset: &Dataset) -> Profile {
    let labels = match &dataset.target {
        Target::Classes { names, labels } => {
            let mut counts = vec![0_u64; names.len()];
            for &label in labels {
                counts[label as usize] += 1;
            }
            LabelProfile::Classes(names.iter().cloned().zip(counts).collect())
        }
        Target::Values(values) => LabelProfile::Values {
            lowest: values.iter().copied().reduce(f64::min),
            highest: values.iter().copied().reduce(f64::max),
            mean: (!values.is_empty()).then(|| values.iter().map(|value| value / values.len() as f64).sum()),
        },
    };
    Profile { rows: dataset.len() as u64, columns: dataset.columns.len() as u64, labels }
}
