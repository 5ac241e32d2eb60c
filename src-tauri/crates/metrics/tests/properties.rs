//! What holds for any predictions.

use std::collections::BTreeMap;

use keelmark_metrics::{
    Exchange, Options, PairedOptions, SliceBy, beta_quantile, beta_regularised, check, evaluate, holm,
    normal_quantile, normal_tail, normalised_rows, paired_differences, quantile, slice_parts, wilson,
};
use keelmark_types::{Answers, Grade, Predictions};
use proptest::prelude::*;

fn predictions(classes: usize) -> impl Strategy<Value = Predictions> {
    let row = (0..classes as u32, prop::collection::vec(0_u8..6, classes), "[ab]");
    prop::collection::vec(row, 1..40).prop_map(move |rows| {
        let mut probabilities = Vec::new();
        for (_, scores, _) in &rows {
            let total: f64 = scores.iter().map(|score| f64::from(*score)).sum();
            probabilities.extend(
                scores.iter().map(
                    |score| {
                        if total > 0.0 { f64::from(*score) / total } else { 1.0 / classes as f64 }
                    },
                ),
            );
        }
        Predictions {
            ids: (0..rows.len()).map(|row| row.to_string()).collect(),
            answers: Answers::Classification {
                classes: (0..classes).map(|class| format!("c{class}")).collect(),
                truth: rows.iter().map(|row| row.0).collect(),
                probabilities,
            },
            weights: None,
            slices: BTreeMap::from([("side".to_owned(), rows.iter().map(|row| row.2.clone()).collect())]),
        }
    })
}

fn any_predictions() -> impl Strategy<Value = Predictions> {
    (1_usize..5).prop_flat_map(predictions)
}

fn quick(slices: Vec<SliceBy>) -> Options {
    let mut options = Options { slices, slice_replicates: 10, ..Options::new(Grade::Recomputed) };
    options.bootstrap.replicates = 40;
    options
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn every_value_is_finite_or_null_with_a_reason(predictions in any_predictions()) {
        let found = evaluate(&predictions, &quick(vec![SliceBy::Class])).expect("sound");
        for (name, metric) in &found.metrics {
            match metric.value {
                Some(value) => {
                    prop_assert!(value.is_finite(), "{name} is {value}");
                    if let (Some(low), Some(high)) = (metric.low, metric.high) {
                        prop_assert!(low <= high, "{name}: {low}…{high}");
                    }
                }
                None => prop_assert!(metric.why.is_some(), "{name} is null without a reason"),
            }
        }
        let examples: u64 = found.slices.iter().filter(|slice| slice.column == "side").map(|s| s.examples).sum();
        prop_assert_eq!(examples, predictions.len() as u64, "every example is in one slice of a column");
    }

    #[test]
    fn the_order_of_examples_does_not_matter(predictions in predictions(3)) {
        let reversed: Vec<usize> = (0..predictions.len()).rev().collect();
        let other = keelmark_metrics::select(&predictions, &reversed);
        let values = |p: &Predictions| evaluate(p, &quick(vec![])).expect("sound").metrics;
        let (first, second) = (values(&predictions), values(&other));
        for (name, metric) in &first {
            match (metric.value, second[name].value) {
                (Some(x), Some(y)) => prop_assert!((x - y).abs() < 1e-12, "{name}: {x} and {y}"),
                (x, y) => prop_assert_eq!(x, y, "{}", name),
            }
        }
    }

    #[test]
    fn differences_turn_round_with_the_sides(a in predictions(3), seed in 0_u64..100) {
        let mut b = a.clone();
        if let Answers::Classification { probabilities, .. } = &mut b.answers {
            for (row, chunk) in probabilities.chunks_exact_mut(3).enumerate() {
                chunk.rotate_left((row + seed as usize) % 3);
            }
        }
        let mut options = PairedOptions { exchange: Some(Exchange { replicates: 30, seed }), ..PairedOptions::default() };
        options.bootstrap.replicates = 50;
        let forth = paired_differences(&a, &b, &options).expect("the same examples");
        let back = paired_differences(&b, &a, &options).expect("the same examples");
        let opposite = |x: Option<f64>, y: Option<f64>| match (x, y) {
            (Some(x), Some(y)) => (x + y).abs() < 1e-9,
            (x, y) => x.is_none() && y.is_none(),
        };
        for (forth, back) in forth.iter().zip(&back) {
            prop_assert!(opposite(forth.change, back.change), "{forth:?} {back:?}");
            prop_assert!(opposite(forth.low, back.high) && opposite(forth.high, back.low), "{forth:?} {back:?}");
            prop_assert_eq!(forth.p, back.p, "{}", forth.name);
        }
    }

    #[test]
    fn checking_never_panics(
        ids in prop::collection::vec("[a-c]", 0..5),
        truth in prop::collection::vec(0_u32..4, 0..5),
        probabilities in prop::collection::vec(prop::num::f64::ANY, 0..12),
        weights in prop::option::of(prop::collection::vec(prop::num::f64::ANY, 0..5)),
        classes in 0_usize..4,
    ) {
        let predictions = Predictions {
            ids,
            answers: Answers::Classification {
                classes: (0..classes).map(|class| class.to_string()).collect(), truth, probabilities,
            },
            weights,
            slices: BTreeMap::new(),
        };
        let sound = check(&predictions).is_ok();
        prop_assert_eq!(evaluate(&predictions, &quick(vec![SliceBy::Class])).is_ok(), sound);
    }

    #[test]
    fn numbers_of_any_size_never_panic(
        pairs in prop::collection::vec((prop::num::f64::NORMAL, prop::num::f64::NORMAL), 1..20),
    ) {
        let predictions = Predictions {
            ids: (0..pairs.len()).map(|row| row.to_string()).collect(),
            answers: Answers::Regression {
                truth: pairs.iter().map(|pair| pair.0).collect(),
                predicted: pairs.iter().map(|pair| pair.1).collect(),
            },
            weights: None,
            slices: BTreeMap::new(),
        };
        let found = evaluate(&predictions, &quick(vec![SliceBy::Class])).expect("finite numbers are sound");
        for (name, metric) in &found.metrics {
            prop_assert!(metric.value.is_none_or(f64::is_finite), "{name} is {:?}", metric.value);
            prop_assert!(metric.value.is_some() || metric.why.is_some(), "{name} is null without a reason");
        }
    }

    #[test]
    fn a_normal_quantile_is_undone_by_its_tail(p in 1e-10_f64..1.0) {
        prop_assert!((1.0 - normal_tail(normal_quantile(p)) - p).abs() < 1e-12);
    }

    #[test]
    fn a_beta_quantile_is_undone_by_its_distribution(a in 0.5_f64..500.0, b in 0.5_f64..500.0, p in 0.001_f64..0.999) {
        prop_assert!((beta_regularised(a, b, beta_quantile(a, b, p)) - p).abs() < 1e-9);
    }

    #[test]
    fn quantiles_stay_within_and_grow(mut values in prop::collection::vec(-1e6_f64..1e6, 1..50), p in 0.0_f64..1.0) {
        values.sort_by(f64::total_cmp);
        let found = quantile(&values, p).expect("there are values");
        prop_assert!(found >= values[0] && found <= values[values.len() - 1]);
        prop_assert!(quantile(&values, (p + 0.1).min(1.0)).expect("there are values") >= found);
    }

    #[test]
    fn holm_never_makes_a_p_smaller(p in prop::collection::vec(prop::option::of(0.0_f64..=1.0), 0..10)) {
        for (given, adjusted) in p.iter().zip(holm(&p)) {
            prop_assert_eq!(given.is_some(), adjusted.is_some());
            prop_assert!(adjusted >= *given && adjusted.is_none_or(|p| p <= 1.0));
        }
    }

    #[test]
    fn wilson_holds_the_share(right in 0_u32..200, wrong in 1_u32..200) {
        let total = f64::from(right + wrong);
        let [low, high] = wilson(f64::from(right), total, 0.95);
        let share = f64::from(right) / total;
        prop_assert!(low <= share + 1e-12 && share <= high + 1e-12, "{low} {share} {high}");
    }
}

#[test]
fn model_rows_sum_to_one_after_widening() {
    let rows = normalised_rows(&[0.1, 0.2, 0.7, 0.0, 0.0, 0.0, f32::NAN, 1.0, 0.0], 3);
    assert!((rows[..3].iter().sum::<f64>() - 1.0).abs() < 1e-15, "an f32 row is off by 1e-8");
    assert!(rows[3..6].iter().all(|value| *value == 0.0), "a row of nothing stays, so that it is refused");
    assert!(rows[6].is_nan(), "what is not finite stays visible");
}

#[test]
fn numeric_columns_fall_into_bins_of_about_equal_size() {
    let values: Vec<String> = (0..100).map(|row| format!("{}", f64::from(row) / 2.0)).collect();
    let predictions = Predictions {
        ids: (0..100).map(|row| row.to_string()).collect(),
        answers: Answers::Regression { truth: vec![0.0; 100], predicted: vec![1.0; 100] },
        weights: None,
        slices: BTreeMap::from([("ink".to_owned(), values)]),
    };
    let bins = slice_parts(&predictions, &[SliceBy::Bins { column: "ink".to_owned(), count: 4 }]);
    assert_eq!(bins.iter().map(|bin| bin.rows.len()).collect::<Vec<_>>(), [25, 25, 25, 25]);
    assert_eq!(bins[0].value, "0…12.375");
    let undeclared = slice_parts(&predictions, &[]);
    assert_eq!(undeclared.len(), 4, "a column of many numbers is binned even where nobody declared it");
}
