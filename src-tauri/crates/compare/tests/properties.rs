//! What holds for any two sides.

use std::collections::BTreeMap;

use keelmark_compare::{
    Comparison, FlipKind, LayerWeights, MetricChange, Options, Side, SourceFile, Verdict, change_of, compare,
};
use keelmark_types::{
    Answers, Confusion, EVALUATION_SCHEMA, Evaluation, Grade, MetricValue, Predictions, SeriesPoint, Sha256,
    TaskKind,
};
use proptest::prelude::*;
use serde_json::{Value, json};

fn evaluation(task: TaskKind, metrics: BTreeMap<String, MetricValue>) -> Evaluation {
    Evaluation {
        schema: EVALUATION_SCHEMA.to_owned(),
        task,
        examples: 3,
        grade: Grade::Recomputed,
        metrics,
        classes: Vec::new(),
        slices: Vec::new(),
        confusion: None,
        calibration: Vec::new(),
        roc_curve: Vec::new(),
    }
}

fn quick() -> Options {
    let mut options = Options::default();
    options.bootstrap.replicates = 40;
    options.exchange.replicates = 20;
    options
}

/// Answers to `count` examples with ids from `first` on; the truth of an id is always the same.
fn answers(classes: usize) -> impl Strategy<Value = Predictions> {
    let row = (0_usize..40, prop::collection::vec(1_u8..9, classes), any::<bool>());
    prop::collection::btree_map(0_usize..30, row, 1..25).prop_map(move |rows| {
        let mut rows: Vec<_> = rows.into_iter().collect();
        rows.sort_by_key(|(_, (order, _, _))| *order % 3);
        let mut probabilities = Vec::new();
        for (_, (_, scores, _)) in &rows {
            let total: f64 = scores.iter().map(|score| f64::from(*score)).sum();
            probabilities.extend(scores.iter().map(|score| f64::from(*score) / total));
        }
        Predictions {
            ids: rows.iter().map(|(id, _)| format!("e{id}")).collect(),
            answers: Answers::Classification {
                classes: (0..classes).map(|class| class.to_string()).collect(),
                truth: rows.iter().map(|(id, _)| (id % classes) as u32).collect(),
                probabilities,
            },
            weights: None,
            slices: BTreeMap::from([(
                "side".to_owned(),
                rows.iter().map(|(_, (_, _, left))| left.to_string()).collect(),
            )]),
        }
    })
}

fn classified(label: &str, predictions: Predictions) -> Side {
    let evaluation = evaluation(TaskKind::Classification, BTreeMap::new());
    Side { predictions: Some(predictions), ..Side::new(label, evaluation) }
}

fn opposite(x: Option<f64>, y: Option<f64>) -> bool {
    match (x, y) {
        (Some(x), Some(y)) => (x + y).abs() < 1e-9,
        (x, y) => x.is_none() && y.is_none(),
    }
}

fn turned(forth: &MetricChange, back: &MetricChange) -> Result<(), TestCaseError> {
    prop_assert_eq!((&forth.name, &forth.class, forth.p), (&back.name, &back.class, back.p));
    prop_assert_eq!((forth.a, forth.b), (back.b, back.a));
    prop_assert_eq!(forth.verdict, back.verdict.reversed(), "{:?} {:?}", forth, back);
    let ends = opposite(forth.low, back.high) && opposite(forth.high, back.low);
    prop_assert!(ends && opposite(forth.change, back.change), "{forth:?} {back:?}");
    Ok(())
}

fn turned_round(forth: &Comparison, back: &Comparison) -> Result<(), TestCaseError> {
    prop_assert_eq!((forth.verdict, forth.comparable), (back.verdict.reversed(), back.comparable));
    prop_assert_eq!(forth.metrics.len(), back.metrics.len());
    for (forth, back) in forth.metrics.iter().zip(&back.metrics) {
        turned(forth, back)?;
    }
    for (forth, back) in forth.classes.iter().zip(&back.classes) {
        turned(forth, back)?;
    }
    let (x, y) = (&forth.flips, &back.flips);
    prop_assert_eq!((x.fixed, x.broken, x.changed), (y.broken, y.fixed, y.changed));
    for slice in &forth.slices {
        let same = |other: &&keelmark_compare::SliceChange| {
            (&other.column, &other.value) == (&slice.column, &slice.value)
        };
        let other = back.slices.iter().find(same).expect("the same parts");
        prop_assert!(
            opposite(slice.change, other.change) && opposite(slice.low, other.high),
            "{slice:?} {other:?}"
        );
        prop_assert_eq!(slice.verdict, other.verdict.reversed());
    }
    if let (Some(x), Some(y)) = (&forth.confusion, &back.confusion) {
        let negated: Vec<Vec<f64>> =
            y.change.iter().map(|row| row.iter().map(|v| 0.0 - v).collect()).collect();
        prop_assert_eq!(&x.change, &negated);
    }
    Ok(())
}

fn any_predictions() -> impl Strategy<Value = Predictions> {
    (
        prop::collection::vec("[a-c]", 0..4),
        prop::collection::vec(0_u32..4, 0..4),
        prop::collection::vec(prop::num::f64::ANY, 0..9),
        prop::option::of(prop::collection::vec(prop::num::f64::ANY, 0..4)),
        0_usize..4,
        any::<bool>(),
    )
        .prop_map(|(ids, truth, values, weights, classes, numbers)| Predictions {
            answers: if numbers {
                Answers::Regression { truth: values.clone(), predicted: values }
            } else {
                Answers::Classification {
                    classes: (0..classes).map(|class| class.to_string()).collect(),
                    truth,
                    probabilities: values,
                }
            },
            slices: BTreeMap::from([("column".to_owned(), ids.clone())]),
            ids,
            weights,
        })
}

fn any_value() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        "[a-z.]{0,3}".prop_map(Value::from),
    ];
    leaf.prop_recursive(3, 12, 3, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..3).prop_map(Value::from),
            prop::collection::vec(("[a-c.]{0,2}", inner), 0..3)
                .prop_map(|entries| Value::Object(entries.into_iter().collect())),
        ]
    })
}

fn any_side() -> impl Strategy<Value = Side> {
    let metric = ("accuracy|rmse|made_up", prop::option::of(prop::num::f64::ANY));
    let predictions =
        prop_oneof![prop::option::of(any_predictions()), (1_usize..4).prop_flat_map(answers).prop_map(Some),];
    let layer =
        ("[ab]", prop::collection::vec(0_usize..3, 0..3), prop::collection::vec(prop::num::f32::ANY, 0..4));
    let point = (0_u64..3, "x|y", prop::option::of(prop::num::f64::ANY), any::<u64>());
    (
        (any::<bool>(), prop::collection::vec(metric, 0..3), predictions, 0_u8..3),
        prop::option::of(any_value()),
        prop::collection::vec(layer, 0..3),
        prop::collection::vec(point, 0..4),
        prop::collection::vec(("[ab]", "[01]"), 0..3),
    )
        .prop_map(|((classes, metrics, predictions, digest), config, layers, points, files)| {
            let task = if classes { TaskKind::Classification } else { TaskKind::Regression };
            let metrics = metrics
                .into_iter()
                .map(|(name, value)| (name, MetricValue { value, ..MetricValue::default() }))
                .collect();
            let mut evaluation = evaluation(task, metrics);
            evaluation.confusion = Some(Confusion {
                classes: vec!["0".to_owned(); usize::from(digest)],
                counts: vec![vec![1.0; layers.len()]; usize::from(digest)],
            });
            Side {
                predictions,
                test_digest: (digest > 0)
                    .then(|| Sha256::new(format!("{digest}").repeat(64)).expect("hexadecimal")),
                config,
                weights: layers
                    .into_iter()
                    .map(|(name, shape, values)| LayerWeights { name, shape, values })
                    .collect(),
                log: points
                    .into_iter()
                    .map(|(step, metric, value, wall_millis)| SeriesPoint {
                        step,
                        epoch: 1,
                        wall_millis,
                        metrics: BTreeMap::from([(metric, value)]),
                    })
                    .collect(),
                files: files.into_iter().map(|(path, blob_id)| SourceFile { path, blob_id }).collect(),
                ..Side::new("a side", evaluation)
            }
        })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn turning_the_sides_round_turns_everything_round((a, b) in (2_usize..4).prop_flat_map(|k| (answers(k), answers(k)))) {
        let (a, b) = (classified("a", a), classified("b", b));
        turned_round(&compare(&a, &b, &quick()), &compare(&b, &a, &quick()))?;
    }

    #[test]
    fn a_side_does_not_differ_from_itself(predictions in (1_usize..4).prop_flat_map(answers)) {
        let side = classified("a", predictions);
        let found = compare(&side, &side, &quick());
        prop_assert!(found.comparable, "{}", found.why);
        prop_assert_eq!(found.verdict == Verdict::NotComparable, side.predictions.as_ref().is_some_and(|p| p.len() < 2));
        prop_assert_eq!(found.flips.total, 0);
        for change in found.metrics.iter().chain(&found.classes) {
            prop_assert!(change.change.is_none_or(|change| change == 0.0), "{change:?}");
            prop_assert!(!matches!(change.verdict, Verdict::Better | Verdict::Worse), "{change:?}");
            prop_assert!(change.p.is_none_or(|p| p >= 1.0), "{change:?}");
        }
    }

    #[test]
    fn better_and_worse_need_an_interval_without_zero((a, b) in (answers(3), answers(3))) {
        let found = compare(&classified("a", a), &classified("b", b), &quick());
        for change in found.metrics.iter().chain(&found.classes) {
            let (low, high) = (change.low.unwrap_or(-1.0), change.high.unwrap_or(1.0));
            let excluded = low > 0.0 || high < 0.0;
            let called = matches!(change.verdict, Verdict::Better | Verdict::Worse);
            prop_assert!(!called || excluded, "{change:?}");
            prop_assert!(change.verdict != Verdict::NotComparable || change.why.is_some(), "{change:?} must say why");
        }
        let listed = |kind: FlipKind| found.flips.examples.iter().filter(|flip| flip.kind == kind).count() as u64;
        prop_assert_eq!(
            (listed(FlipKind::Fixed), listed(FlipKind::Broken), listed(FlipKind::Changed)),
            (found.flips.fixed, found.flips.broken, found.flips.changed)
        );
    }

    #[test]
    fn no_side_makes_it_panic_or_keep_silent(a in any_side(), b in any_side()) {
        let found = compare(&a, &b, &quick());
        prop_assert!(!found.why.is_empty(), "every comparison says why");
        let text = serde_json::to_string(&found).expect("it serialises");
        let read: Comparison = serde_json::from_str(&text).expect("it reads back");
        prop_assert_eq!(serde_json::to_value(read).expect("again"), json!(found), "nothing in it is not finite");
        let back = compare(&b, &a, &quick());
        prop_assert_eq!(found.verdict, back.verdict.reversed());
        prop_assert_eq!(found.comparable, back.comparable);
        for metric in ["accuracy", "roc_auc", "made_up"] {
            let asked = change_of(&a, &b, metric, None, &quick());
            prop_assert!(asked.verdict != Verdict::NotComparable || asked.why.is_some());
        }
    }
}
