//! Predictions kept as Parquet, and their digest.

use std::collections::BTreeMap;

use keelmark_data::{predictions_digest, predictions_from_parquet, predictions_to_parquet};
use keelmark_types::{Answers, Predictions};
use proptest::prelude::*;

fn sample() -> Predictions {
    Predictions {
        ids: ["b", "a", "c"].map(str::to_owned).to_vec(),
        answers: Answers::Classification {
            classes: vec!["cat".to_owned(), "ein Hund".to_owned()],
            truth: vec![0, 1, 1],
            probabilities: vec![0.25, 0.75, 1.0, 0.0, 0.5, 0.5],
        },
        weights: Some(vec![1.0, 0.5, 2.0]),
        slices: BTreeMap::from([("ort".to_owned(), ["x", "", "x"].map(str::to_owned).to_vec())]),
    }
}

fn any_predictions() -> impl Strategy<Value = Predictions> {
    (0..40_usize, 1..5_usize, any::<bool>(), any::<bool>(), any::<u64>()).prop_map(
        |(rows, classes, weighted, regression, seed)| {
            let number =
                |i: usize| f64::from_bits(seed.wrapping_mul(i as u64 + 1).rotate_left(17)).abs() % 1.0;
            let finite = |i: usize| Some(number(i)).filter(|n| n.is_finite()).unwrap_or(0.125);
            let answers = if regression {
                Answers::Regression {
                    truth: (0..rows).map(finite).collect(),
                    predicted: (7..rows + 7).map(finite).collect(),
                }
            } else {
                Answers::Classification {
                    classes: (0..classes).map(|class| format!("k{class} é.\"")).collect(),
                    truth: (0..rows).map(|row| (row % classes) as u32).collect(),
                    probabilities: (0..rows * classes).map(finite).collect(),
                }
            };
            Predictions {
                ids: (0..rows).map(|row| format!("{seed:x}/{row}")).collect(),
                answers,
                weights: weighted.then(|| (3..rows + 3).map(finite).collect()),
                slices: BTreeMap::from([(
                    "s".to_owned(),
                    (0..rows).map(|row| (row % 3).to_string()).collect(),
                )]),
            }
        },
    )
}

proptest! {
    #[test]
    fn what_is_written_is_read(predictions in any_predictions()) {
        let bytes = predictions_to_parquet(&predictions).expect("sound");
        prop_assert_eq!(predictions_from_parquet(&bytes).expect("our own"), predictions);
    }

    #[test]
    fn any_bytes_are_answered(bytes in proptest::collection::vec(any::<u8>(), 0..400)) {
        let framed = [b"PAR1".as_slice(), &bytes, &(bytes.len() as u32).to_le_bytes(), b"PAR1"].concat();
        prop_assert!(predictions_from_parquet(&bytes).is_err() && predictions_from_parquet(&framed).is_err());
    }

    #[test]
    fn damaged_bytes_are_answered(changes in proptest::collection::vec((any::<u16>(), any::<u8>()), 1..6)) {
        let mut bytes = predictions_to_parquet(&sample()).expect("sound");
        for (at, byte) in changes {
            let at = usize::from(at) % bytes.len();
            bytes[at] = byte;
        }
        let _either = predictions_from_parquet(&bytes).is_ok();
    }

    #[test]
    fn the_digest_does_not_depend_on_the_order_of_rows(predictions in any_predictions()) {
        let mut turned = predictions.clone();
        turned.ids.reverse();
        if let Some(weights) = &mut turned.weights { weights.reverse(); }
        match &mut turned.answers {
            Answers::Classification { classes, truth, probabilities } => {
                truth.reverse();
                *probabilities = probabilities.chunks(classes.len()).rev().flatten().copied().collect();
            }
            Answers::Regression { truth, predicted } => { truth.reverse(); predicted.reverse(); }
        }
        prop_assert_eq!(predictions_digest(&turned), predictions_digest(&predictions));
    }
}

#[test]
fn writing_twice_gives_the_same_bytes() {
    let bytes = predictions_to_parquet(&sample()).expect("sound");
    assert_eq!(bytes, predictions_to_parquet(&sample()).expect("sound"), "Git must see the same blob");
}

#[test]
fn the_digest_tells_every_answer_apart() {
    let digest = predictions_digest(&sample());
    let mut other = sample();
    if let Answers::Classification { probabilities, .. } = &mut other.answers {
        probabilities[5] = 0.5_f64.next_up();
    }
    assert_ne!(predictions_digest(&other), digest, "one bit of one probability");
    let mut other = sample();
    other.ids.swap(0, 1);
    assert_ne!(predictions_digest(&other), digest, "the same answers to other examples");
    let mut other = sample();
    other.weights = None;
    assert_ne!(predictions_digest(&other), digest, "no weights");
}

#[test]
fn parts_that_do_not_fit_are_refused() {
    let mut predictions = sample();
    predictions.weights = Some(vec![1.0]);
    assert!(predictions_to_parquet(&predictions).is_err(), "three rows, one weight");
    let mut predictions = sample();
    if let Answers::Classification { truth, .. } = &mut predictions.answers {
        truth[0] = 2;
    }
    assert!(predictions_to_parquet(&predictions).is_err(), "a class that is none");
}
