//! What is said where sides cannot be paired, and what is said of everything but the answers.

use std::collections::BTreeMap;

use keelmark_compare::{
    ChangeKind, LayerChangeKind, LayerWeights, Options, Side, SourceFile, Verdict, change_of, compare,
};
use keelmark_metrics::{Options as MetricOptions, evaluate, select};
use keelmark_types::{Answers, DataPin, Grade, Predictions, SeriesPoint, Sha256};
use serde_json::json;

/// 40 examples of two classes; the first `wrong` are answered wrongly.
fn predictions(wrong: usize) -> Predictions {
    let rows = 40;
    let truth: Vec<u32> = (0..rows).map(|row| row % 2).collect();
    let probabilities = truth
        .iter()
        .enumerate()
        .flat_map(|(row, &truth)| {
            let sure = 0.6 + row as f64 / 200.0;
            let of_one = if (truth == 1) == (row >= wrong) { sure } else { 1.0 - sure };
            [1.0 - of_one, of_one]
        })
        .collect();
    Predictions {
        ids: (0..rows).map(|row| format!("e{row:02}")).collect(),
        answers: Answers::Classification {
            classes: vec!["no".to_owned(), "yes".to_owned()],
            truth,
            probabilities,
        },
        weights: None,
        slices: BTreeMap::from([("half".to_owned(), (0..rows).map(|row| (row / 20).to_string()).collect())]),
    }
}

fn side(label: &str, predictions: Predictions) -> Side {
    let mut options = MetricOptions::new(Grade::Repeated);
    options.bootstrap.replicates = 10;
    let evaluation = evaluate(&predictions, &options).expect("sound");
    Side { predictions: Some(predictions), ..Side::new(label, evaluation) }
}

fn digest(digit: char) -> Sha256 {
    Sha256::new(digit.to_string().repeat(64)).expect("hexadecimal")
}

fn assert_apart(a: &Side, b: &Side, reason: &str) {
    for found in [compare(a, b, &Options::default()), compare(b, a, &Options::default())] {
        assert_eq!((found.verdict, found.comparable), (Verdict::NotComparable, false), "{}", found.why);
        assert!(found.why.contains(reason), "{} should say: {reason}", found.why);
        let accuracy = found.metric("accuracy").expect("metrics are shown all the same");
        assert!(accuracy.a.is_some() && accuracy.b.is_some() && accuracy.low.is_none(), "{accuracy:?}");
        assert!(accuracy.verdict == Verdict::NotComparable && accuracy.why.is_some(), "{accuracy:?}");
    }
}

#[test]
fn what_cannot_be_paired_says_why() {
    let a = side("a", predictions(8));
    let tested = |digit| Side { test_digest: Some(digest(digit)), ..side("b", predictions(2)) };
    assert_apart(&tested('a'), &tested('b'), "different test sets");
    let mut other = predictions(2);
    if let Answers::Classification { truth, .. } = &mut other.answers {
        truth[5] = 1 - truth[5];
    }
    assert_apart(&a, &side("b", other), "truths differ for 1 shared examples, first for `e05`");
    let mut strangers = predictions(2);
    strangers.ids.iter_mut().for_each(|id| id.insert(0, 'x'));
    assert_apart(&a, &side("b", strangers), "share no example id");
    let mut renamed = predictions(2);
    if let Answers::Classification { classes, .. } = &mut renamed.answers {
        classes[1] = "maybe".to_owned();
    }
    assert_apart(&a, &side("b", renamed), "classes differ");
}

#[test]
fn missing_predictions_are_inconclusive_and_metrics_are_shown() {
    let (a, mut b) = (side("a", predictions(8)), side("b", predictions(2)));
    b.predictions = None;
    assert_apart(&a, &b, "nconclusive: the predictions of");
    let found = compare(&a, &b, &Options::default());
    let accuracy = found.metric("accuracy").expect("shown");
    assert!(accuracy.change.is_some_and(|change| (change - 0.15).abs() < 1e-12), "{accuracy:?}");
    assert!(found.confusion.is_some(), "both recorded a confusion");
    let asked = change_of(&a, &b, "accuracy", None, &Options::default());
    assert!(asked.verdict == Verdict::NotComparable && asked.low.is_none() && asked.why.is_some());
}

#[test]
fn a_clear_change_is_called_and_explained() {
    let (a, b) = (side("a", predictions(16)), side("b", predictions(2)));
    let found = compare(&a, &b, &Options::default());
    assert_eq!(found.verdict, Verdict::Better, "{}", found.why);
    assert!(found.why.starts_with("Accuracy is better (+35.0 pts, 95 % CI 2"), "{}", found.why);
    assert_eq!((found.flips.fixed, found.flips.broken), (14, 0));
    let p = found.metric("accuracy").and_then(|metric| metric.p).expect("McNemar");
    assert!((p - 2.0 * 0.5_f64.powi(14)).abs() < 1e-15, "14 discordant, all one way: {p}");
    let delong = found.tests.delong.expect("two classes");
    assert_eq!(found.metric("roc_auc").and_then(|metric| metric.p), delong.p, "the AUC's p is DeLong's");
    let half = found.slices.iter().find(|slice| slice.column == "half").expect("a slice column divides");
    assert_eq!(found.slices.iter().filter(|slice| slice.column == "class").count(), 2);
    assert!(half.examples == 20 && half.low <= half.high);
    let headed = Options { metrics: vec!["log_loss".to_owned()], ..Options::default() };
    let found = compare(&b, &a, &headed);
    assert_eq!((found.headline.as_deref(), found.metrics[0].name.as_str()), (Some("log_loss"), "log_loss"));
    assert!(found.why.starts_with("Log loss is worse (+"), "a loss that grows is worse: {}", found.why);
    assert!(found.why.contains("Accuracy is worse."), "{}", found.why);
    let gate = change_of(&a, &b, "recall", Some("yes"), &Options::default());
    assert!(gate.low.is_some() && gate.verdict == Verdict::Better, "{gate:?}");
}

#[test]
fn too_few_examples_call_nothing() {
    let few: Vec<usize> = (0..6).collect();
    let (a, b) = (side("a", select(&predictions(6), &few)), side("b", select(&predictions(0), &few)));
    let found = compare(&a, &b, &Options::default());
    assert_eq!(found.verdict, Verdict::NoClearChange, "{}", found.why);
    assert!(found.why.contains("6 shared examples are too few to call it better"), "{}", found.why);
}

#[test]
fn shared_examples_count_and_the_rest_is_said() {
    let rows: Vec<usize> = (5..40).rev().collect();
    let mut part = select(&predictions(8), &rows);
    part.ids[0] = "new".to_owned();
    let found = compare(&side("a", predictions(8)), &side("b", part), &Options::default());
    let examples = found.examples;
    assert_eq!((examples.paired, examples.only_a, examples.only_b), (34, 6, 1));
    assert!(
        found.why.contains("Measured on the 34 examples both have; 6 only in A and 1 only in B"),
        "{}",
        found.why
    );
    assert_eq!(
        (found.verdict, found.flips.total),
        (Verdict::NoClearChange, 0),
        "pairs meet by id, not by place"
    );
}

#[test]
fn examples_in_other_slices_fall_into_a_part_of_their_own() {
    let (a, mut b) = (predictions(8), predictions(2));
    b.slices.get_mut("half").expect("there").iter_mut().take(3).for_each(|value| *value = "9".to_owned());
    let found = compare(&side("a", a), &side("b", b), &Options::default());
    let differing = found.slices.iter().find(|slice| slice.value == "(differs)").expect("a part of its own");
    assert_eq!(differing.examples, 3);
}

#[test]
fn inputs_layers_and_cost_are_compared() {
    let (mut a, mut b) = (side("a", predictions(8)), side("b", predictions(2)));
    a.config =
        Some(json!({"train": {"epochs": 5, "seed": 1, "adamw": {"lr": 0.1}}, "layers": ["relu"], "x": 1}));
    b.config =
        Some(json!({"train": {"epochs": 9, "seed": 1.0, "sgd": {}}, "layers": ["relu", "flatten"], "x": 1}));
    let pin = |path: &str, digit| DataPin {
        path: path.to_owned(),
        sha256: digest(digit),
        size_bytes: 9,
        versioned: true,
    };
    (a.data, b.data) =
        (vec![pin("t.csv", '1'), pin("u.csv", '2')], vec![pin("t.csv", '3'), pin("u.csv", '2')]);
    let file = |path: &str, blob: &str| SourceFile { path: path.to_owned(), blob_id: blob.to_owned() };
    (a.files, b.files) =
        (vec![file("a.py", "1"), file("c.py", "3")], vec![file("b.py", "2"), file("c.py", "3")]);
    let layer = |name: &str, values: &[f32]| LayerWeights {
        name: name.to_owned(),
        shape: vec![values.len()],
        values: values.to_vec(),
    };
    a.weights = vec![layer("w", &[3.0, 4.0]), layer("same", &[1.0]), layer("grown", &[1.0])];
    b.weights = vec![layer("grown", &[1.0, 1.0]), layer("w", &[3.0, 5.0]), layer("same", &[1.0])];
    let point = |step, wall_millis, value| SeriesPoint {
        step,
        epoch: 1,
        wall_millis,
        metrics: BTreeMap::from([("train/loss".to_owned(), value)]),
    };
    (a.log, b.log) = (vec![point(1, 10, Some(2.0)), point(3, 30, None)], vec![point(2, 25, Some(1.0))]);
    let found = compare(&a, &b, &Options::default());

    let config = found.config.expect("both are known");
    let changes: Vec<(&str, ChangeKind)> = config.changes.iter().map(|c| (c.path.as_str(), c.kind)).collect();
    assert_eq!(
        changes,
        [
            ("layers.1", ChangeKind::Added),
            ("train.adamw.lr", ChangeKind::Removed),
            ("train.epochs", ChangeKind::Changed),
            ("train.sgd", ChangeKind::Added),
        ]
    );
    assert_eq!(config.same, 3, "1 and 1.0 are the same seed");
    let data = found.data.expect("both are known");
    assert_eq!((data.same, data.changes.len(), data.changes[0].path.as_str()), (1, 1, "t.csv"));
    let code = found.code.expect("both are known");
    assert_eq!(
        (code.same, code.changes[0].kind, code.changes[1].kind),
        (1, ChangeKind::Removed, ChangeKind::Added)
    );
    let weights = found.weights.expect("both are known");
    let kinds: Vec<LayerChangeKind> = weights.layers.iter().map(|layer| layer.kind).collect();
    assert_eq!(kinds, [LayerChangeKind::Changed, LayerChangeKind::Same, LayerChangeKind::Reshaped]);
    assert_eq!(weights.layers[0].relative_change, Some(0.2), "‖(0, 1)‖ / ‖(3, 4)‖");
    assert_eq!(found.curves[0].steps, [1, 2, 3]);
    assert_eq!(
        (&found.curves[0].a[..], &found.curves[0].b[..]),
        (&[Some(2.0), None, None][..], &[None, Some(1.0), None][..])
    );
    assert_eq!((found.cost.training_millis.change, found.cost.parameters.change), (Some(-5), Some(1)));
    let without = compare(&a, &side("b", predictions(2)), &Options::default());
    assert!(
        without.config.is_none() && without.weights.is_none() && without.data.is_none(),
        "unknown is not unchanged"
    );
}
