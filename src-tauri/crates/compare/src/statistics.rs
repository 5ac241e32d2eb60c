//! The tests that stand beside the intervals.

use keelmark_metrics::{delong_paired, mcnemar_of, paired_t, wilcoxon};
use keelmark_types::{Answers, Predictions};

use crate::align::{Aligned, is_weighted};
use crate::{Options, Tests};

/// Which examples each side answers rightly; `None` for numbers.
pub(crate) fn right_answers(aligned: &Aligned) -> Option<(Vec<bool>, Vec<bool>)> {
    let Answers::Classification { truth, .. } = &aligned.a.answers else { return None };
    let right = |predictions: &Predictions| -> Vec<bool> {
        predictions
            .answers
            .predicted_classes()
            .iter()
            .zip(truth)
            .map(|(answer, truth)| answer == truth)
            .collect()
    };
    Some((right(&aligned.a), right(&aligned.b)))
}

/// McNemar and DeLong, or t and Wilcoxon. With weights only McNemar's counts are left out too: none of them weighs.
pub(crate) fn tests(aligned: &Aligned, options: &Options) -> Tests {
    let mut tests = Tests { bootstrap: Some(options.bootstrap), ..Tests::default() };
    if is_weighted(&aligned.a) {
        return tests;
    }
    tests.mcnemar = right_answers(aligned).map(|(a, b)| mcnemar_of(&a, &b));
    match (&aligned.a.answers, &aligned.b.answers) {
        (
            Answers::Classification { classes, truth, probabilities },
            Answers::Classification { probabilities: others, .. },
        ) if classes.len() == 2 => {
            let scores = |values: &[f64]| -> Vec<f64> { values.chunks_exact(2).map(|row| row[1]).collect() };
            let positive: Vec<bool> = truth.iter().map(|&class| class == 1).collect();
            tests.delong = delong_paired(&scores(probabilities), &scores(others), &positive);
        }
        (Answers::Regression { truth, predicted }, Answers::Regression { predicted: others, .. }) => {
            let errors = |values: &[f64]| -> Vec<f64> {
                truth.iter().zip(values).map(|(truth, value)| (truth - value).abs()).collect()
            };
            let (a, b) = (errors(predicted), errors(others));
            if a.iter().chain(&b).all(|error| error.is_finite()) {
                tests.paired_t = paired_t(&a, &b);
                tests.wilcoxon = Some(wilcoxon(&a, &b));
            }
        }
        _ => {}
    }
    tests
}
