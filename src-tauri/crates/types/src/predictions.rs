//! What a model answered, example by example.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// Truth beside answer.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "task")]
pub enum Answers {
    /// Probabilities of each class.
    Classification {
        /// The classes in order.
        classes: Vec<String>,
        /// Index of the true class of each example.
        truth: Vec<u32>,
        /// `[examples, classes]` row-major, each row in [0, 1] and summing to 1.
        probabilities: Vec<f64>,
    },
    /// Numbers.
    Regression {
        /// The true value of each example.
        truth: Vec<f64>,
        /// The predicted value of each example.
        predicted: Vec<f64>,
    },
}

/// A model's answers on an evaluation set.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Predictions {
    /// A stable id an example, unique in the set.
    pub ids: Vec<String>,
    /// Truth and answers, in the order of `ids`.
    pub answers: Answers,
    /// Weights of the examples, where given.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub weights: Option<Vec<f64>>,
    /// Slice columns: name to a value an example.
    #[serde(skip_serializing_if = "BTreeMap::is_empty", default)]
    pub slices: BTreeMap<String, Vec<String>>,
}

impl Predictions {
    /// How many examples.
    pub fn len(&self) -> usize {
        self.ids.len()
    }

    /// Whether there is no example.
    pub fn is_empty(&self) -> bool {
        self.ids.is_empty()
    }
}

impl Answers {
    /// The predicted class of each example: argmax, ties to the lowest index. Empty for regression.
    pub fn predicted_classes(&self) -> Vec<u32> {
        match self {
            Self::Classification { classes, probabilities, .. } if !classes.is_empty() => {
                probabilities.chunks_exact(classes.len()).map(argmax).collect()
            }
            _ => Vec::new(),
        }
    }
}

fn argmax(row: &[f64]) -> u32 {
    let mut best = 0;
    for (index, &probability) in row.iter().enumerate() {
        if probability > row[best] {
            best = index;
        }
    }
    best as u32
}
