//! Confusion of both sides and what moved.

use keelmark_types::{Answers, Evaluation, Predictions};
use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::align::Aligned;

/// Counts of true class (row) by predicted class (column).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
pub struct ConfusionChange {
    /// The classes in order.
    pub classes: Vec<String>,
    /// Counts of A.
    pub a: Vec<Vec<f64>>,
    /// Counts of B.
    pub b: Vec<Vec<f64>>,
    /// B − A.
    pub change: Vec<Vec<f64>>,
}

/// Counts the paired examples of both sides; `None` for numbers.
pub(crate) fn confusion(aligned: &Aligned) -> Option<ConfusionChange> {
    let Answers::Classification { classes, truth, .. } = &aligned.a.answers else { return None };
    let counted = |predictions: &Predictions| {
        let mut counts = vec![vec![0.0; classes.len()]; classes.len()];
        let answers = predictions.answers.predicted_classes();
        for (row, (&truth, &answer)) in truth.iter().zip(&answers).enumerate() {
            let weight =
                predictions.weights.as_ref().and_then(|weights| weights.get(row)).copied().unwrap_or(1.0);
            if let Some(cell) =
                counts.get_mut(truth as usize).and_then(|cells| cells.get_mut(answer as usize))
            {
                *cell += weight;
            }
        }
        counts
    };
    Some(moved(classes.clone(), counted(&aligned.a), counted(&aligned.b)))
}

/// The confusions as they were recorded, where examples cannot be paired; `None` unless both have the same classes.
pub(crate) fn recorded(a: &Evaluation, b: &Evaluation) -> Option<ConfusionChange> {
    let (first, second) = (a.confusion.as_ref()?, b.confusion.as_ref()?);
    let sides = [first, second];
    let width = first.classes.len();
    let square = sides.iter().all(|confusion| {
        confusion.counts.len() == width && confusion.counts.iter().all(|row| row.len() == width)
    });
    (first.classes == second.classes && square)
        .then(|| moved(first.classes.clone(), first.counts.clone(), second.counts.clone()))
}

fn moved(classes: Vec<String>, a: Vec<Vec<f64>>, b: Vec<Vec<f64>>) -> ConfusionChange {
    let change =
        b.iter().zip(&a).map(|(b, a)| b.iter().zip(a).map(|(b, a)| b - a).collect::<Vec<f64>>()).collect();
    ConfusionChange { classes, a, b, change }
}
