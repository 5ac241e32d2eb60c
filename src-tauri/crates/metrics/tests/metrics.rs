//! Every metric of every fixture against the reference values.

mod support;

use keelmark_metrics::{Error, Options, check, evaluate, roc_curve};
use keelmark_types::{Evaluation, Grade, Predictions, metric_info};
use serde_json::Value;
use support::{assert_agrees, json, read};

fn measured(predictions: &Predictions) -> Evaluation {
    let mut options = Options::new(Grade::Recomputed);
    options.bootstrap.replicates = 20;
    evaluate(predictions, &options).expect("the fixture is sound")
}

fn assert_list(found: &[Option<f64>], expected: &Value, what: &str) {
    let expected = expected.as_array().expect("a list");
    assert_eq!(found.len(), expected.len(), "{what}: one a class");
    for (index, (found, expected)) in found.iter().zip(expected).enumerate() {
        assert_agrees(*found, expected, &format!("{what}[{index}]"));
    }
}

fn assert_special(found: &Evaluation, predictions: &Predictions, key: &str, expected: &Value, what: &str) {
    let per_class = |score: fn(&keelmark_types::ClassScores) -> Option<f64>| -> Vec<Option<f64>> {
        found.classes.iter().map(score).collect()
    };
    match key {
        "n" => assert_eq!(Some(found.examples), expected.as_u64(), "{what}"),
        "precision_per_class" => assert_list(&per_class(|class| Some(class.precision)), expected, what),
        "recall_per_class" => assert_list(&per_class(|class| Some(class.recall)), expected, what),
        "f1_per_class" => assert_list(&per_class(|class| Some(class.f1)), expected, what),
        "support_per_class" => assert_list(&per_class(|class| Some(class.support)), expected, what),
        "roc_auc_ovr_per_class" => assert_list(&per_class(|class| class.roc_auc), expected, what),
        "roc_curve_points" => {
            assert_eq!(Some(roc_curve(predictions).len() as u64), expected.as_u64(), "{what}");
        }
        "confusion_matrix" => {
            let confusion = found.confusion.as_ref().expect("classes have a confusion");
            for (row, expected) in confusion.counts.iter().zip(expected.as_array().expect("rows")) {
                assert_list(&row.iter().map(|count| Some(*count)).collect::<Vec<_>>(), expected, what);
            }
        }
        "ece15_bins" => {
            let expected = expected.as_array().expect("bins");
            assert_eq!(found.calibration.len(), expected.len(), "{what}");
            for (bin, expected) in found.calibration.iter().zip(expected) {
                assert_list(&[Some(bin.count), bin.accuracy, bin.confidence], expected, what);
            }
        }
        _ => panic!("{what}: nothing measures this"),
    }
}

#[test]
fn every_metric_agrees_with_the_reference() {
    let expected = json("expected.json");
    let mut compared = 0;
    for task in ["classification", "regression"] {
        for (file, values) in expected[task].as_object().expect("files") {
            let predictions = read(file).expect("the fixture is a table");
            let found = measured(&predictions);
            for (key, value) in values.as_object().expect("metrics") {
                let what = format!("{file} {key}");
                compared += 1;
                if metric_info(key).is_some() {
                    let metric = found.metrics.get(key).unwrap_or_else(|| panic!("{what} is missing"));
                    assert_agrees(metric.value, value, &what);
                } else {
                    assert_special(&found, &predictions, key, value, &what);
                }
            }
        }
    }
    assert!(compared > 400, "only {compared} values were compared");
}

#[test]
fn what_is_undefined_is_null_with_a_reason() {
    let expected = json("expected.json");
    for task in ["classification", "regression"] {
        for (file, values) in expected[task].as_object().expect("files") {
            let found = measured(&read(file).expect("the fixture is a table"));
            for (name, metric) in &found.metrics {
                let what = format!("{file} {name}");
                if metric.value.is_none() {
                    assert!(values.get(name).is_none_or(Value::is_null), "{what} has a reference value");
                    assert!(metric.why.as_ref().is_some_and(|why| why.len() > 10), "{what} must say why");
                } else if metric.low.is_none() {
                    assert!(metric.why.is_some(), "{what} must say why there is no interval");
                }
                let info = metric_info(name).expect("in the catalogue");
                assert_eq!(info.task, found.task, "{what} belongs to the other task");
            }
        }
    }
    let one_class = measured(&read("edge_single_class_pos.csv").expect("a table"));
    let reason = one_class.metrics["roc_auc"].why.as_deref();
    assert_eq!(reason, Some("there is no example of class 0"), "the AUC of one class is undefined, not 0");
}

#[test]
fn errors_beyond_a_float_are_null_with_a_reason() {
    let found = measured(&read("edge_reg_huge.csv").expect("a table"));
    assert_eq!(found.metrics["mae"].value, Some(1e300), "the absolute error still fits");
    for name in ["mse", "rmse", "r2"] {
        let metric = &found.metrics[name];
        assert_eq!(metric.value, None, "{name} overflows");
        assert!(
            metric.why.as_deref().is_some_and(|why| why.contains("overflow")),
            "{name}: {:?}",
            metric.why
        );
    }
}

#[test]
fn unsound_predictions_are_refused_where_they_are_unsound() {
    let refused = |file: &str| check(&read(file).expect("a table")).expect_err("must be refused");
    let at = |file: &str| match refused(file) {
        Error::Invalid { row, column, message } => (row, column, message),
        other => panic!("{file}: {other}"),
    };
    let (row, _, message) = at("edge_bad_sum.csv");
    assert!(row == 1 && message.contains("sum to 1.7"), "row {row}: {message}");
    assert_eq!(refused("edge_empty.csv"), Error::Empty);
    let (row, column, _) = at("edge_inf_prob.csv");
    assert_eq!((row, column.as_str()), (2, "p1"));
    let (row, column, _) = at("edge_nan_prob.csv");
    assert_eq!((row, column.as_str()), (2, "p0"));
    let (row, column, _) = at("edge_negative_prob.csv");
    assert_eq!((row, column.as_str()), (1, "p0"));
    let ragged = read("edge_ragged.csv").expect_err("a row of another length is not a table");
    assert!(ragged.starts_with("row 1:"), "{ragged}");
    assert_eq!(refused("edge_zero_weight.csv"), Error::NoWeight);
    let listed = json("expected.json")["errors"].as_object().expect("errors").len();
    assert_eq!(listed, 8, "the seven here, and the overflow that is not an error");
}

#[test]
fn weighted_metrics_agree_with_the_reference() {
    let reference = json("reference.json");
    for (file, values) in reference["weighted"].as_object().expect("files") {
        let mut predictions = read(file).expect("a table");
        let weights = (0..predictions.len()).map(|row| 1.0 + ((row * 7) % 5) as f64 / 2.0).collect();
        predictions.weights = Some(weights);
        let found = measured(&predictions);
        for (name, value) in values.as_object().expect("metrics") {
            let metric = found.metrics.get(name).unwrap_or_else(|| panic!("{file} {name} is missing"));
            assert_agrees(metric.value, value, &format!("{file} weighted {name}"));
        }
    }
}

#[test]
fn a_weight_of_two_is_an_example_twice() {
    for file in ["wine_rf.csv", "edge_ties.csv", "diabetes_hgb.csv"] {
        let mut weighted = read(file).expect("a table");
        let rows: Vec<usize> = (0..weighted.len()).flat_map(|row| vec![row; 1 + row % 3]).collect();
        let mut repeated = keelmark_metrics::select(&weighted, &rows);
        repeated.ids = (0..rows.len()).map(|row| row.to_string()).collect();
        repeated.weights = None;
        weighted.weights = Some((0..weighted.len()).map(|row| (1 + row % 3) as f64).collect());
        let (weighted, repeated) = (measured(&weighted), measured(&repeated));
        for (name, metric) in &weighted.metrics {
            if name != "spearman_rho" {
                let other = Value::from(repeated.metrics[name].value);
                assert_agrees(metric.value, &other, &format!("{file} {name}"));
            }
        }
    }
}
