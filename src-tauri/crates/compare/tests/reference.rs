//! Comparisons of the fixtures against the reference values.

#[path = "../../metrics/tests/support/mod.rs"]
mod support;

use keelmark_compare::{Comparison, FlipKind, Options, Side, Verdict, compare};
use keelmark_metrics::{Options as MetricOptions, evaluate};
use keelmark_types::{Grade, Predictions};
use serde_json::{Value, json as value};
use support::{assert_agrees, json, read};

fn side(file: &str) -> Side {
    let predictions = read(file).expect("the fixture is a table");
    let mut options = MetricOptions::new(Grade::Recomputed);
    options.bootstrap.replicates = 10;
    let evaluation = evaluate(&predictions, &options).expect("sound");
    Side { predictions: Some(predictions), ..Side::new(file, evaluation) }
}

fn options() -> Options {
    let mut options = Options { max_examples: 1000, ..Options::default() };
    options.exchange.replicates = 50;
    options
}

fn assert_interval(found: &Comparison, metric: &str, expected: &Value, what: &str) {
    let change = found.metric(metric).expect("measured");
    assert_agrees(change.change, &expected["estimate"], &format!("{what} change"));
    assert_agrees(change.low, &expected["ci95_percentile"][0], &format!("{what} low"));
    assert_agrees(change.high, &expected["ci95_percentile"][1], &format!("{what} high"));
}

fn ids(predictions: &Predictions, rows: &Value) -> Vec<String> {
    let rows = rows.as_array().expect("rows");
    rows.iter().map(|row| predictions.ids[row.as_u64().expect("a row") as usize].clone()).collect()
}

#[test]
fn the_fixtures_compare_as_the_reference_says() {
    for (name, expected) in json("expected.json")["comparisons"].as_object().expect("comparisons") {
        let parts: Vec<&str> = name.split(':').collect();
        let [set, a, b] = parts[..] else { panic!("{name}") };
        let (a, b) = (side(&format!("{set}_{a}.csv")), side(&format!("{set}_{b}.csv")));
        let found = compare(&a, &b, &options());
        assert!(found.comparable, "{name}: {}", found.why);
        if set == "diabetes" {
            assert_interval(&found, "mae", &expected["abs_error_diff_bootstrap"], name);
            assert_interval(&found, "mse", &expected["sq_error_diff_bootstrap"], name);
            assert_eq!(
                found.metric("mse").map(|mse| mse.verdict),
                Some(Verdict::Worse),
                "the interval excludes 0"
            );
            assert_eq!(found.verdict, Verdict::Worse, "rmse decides: {}", found.why);
            let extreme = found.metric("max_error").expect("measured");
            assert!(extreme.low > Some(0.0) && extreme.p > Some(0.05), "{extreme:?}");
            assert_eq!(
                extreme.verdict,
                Verdict::NoClearChange,
                "resamples never exceed the largest error seen"
            );
            let t = found.tests.paired_t.expect("numbers have a t-test");
            assert_agrees(t.p, &expected["paired_t"]["p"], "t");
            let w = found.tests.wilcoxon.expect("numbers have a signed-rank test");
            assert_agrees(w.p, &expected["wilcoxon_normal_approx"]["p"], "wilcoxon");
            assert!(found.tests.mcnemar.is_none() && found.confusion.is_none());
            continue;
        }
        assert_interval(&found, "accuracy", &expected["accuracy_diff_bootstrap"], name);
        assert_eq!(found.verdict, Verdict::NoClearChange, "{name}: {}", found.why);
        let table = value!(found.tests.mcnemar);
        for (key, expected) in expected["mcnemar"].as_object().expect("a table") {
            assert_agrees(table[key].as_f64(), expected, &format!("{name} {key}"));
        }
        assert_agrees(found.metrics[0].p, &expected["mcnemar"]["p_exact"], "accuracy's p is McNemar's");
        assert_eq!(
            Some(found.flips.broken),
            expected["mcnemar"]["a_only"].as_u64(),
            "{name}: A right, B wrong"
        );
        assert_eq!(
            Some(found.flips.fixed),
            expected["mcnemar"]["b_only"].as_u64(),
            "{name}: A wrong, B right"
        );
        let mut flipped: Vec<String> = found.flips.examples.iter().map(|flip| flip.id.clone()).collect();
        let mut wanted = ids(a.predictions.as_ref().expect("read"), &expected["flips"]);
        flipped.sort();
        wanted.sort();
        assert_eq!(flipped, wanted, "{name} flips");
    }
}

#[test]
fn flips_are_listed_broken_first_and_cut_with_the_total_said() {
    let found = compare(
        &side("digits_logreg.csv"),
        &side("digits_hgb.csv"),
        &Options { max_examples: 10, ..options() },
    );
    let kinds: Vec<FlipKind> = found.flips.examples.iter().map(|flip| flip.kind).collect();
    assert_eq!((kinds.len(), found.flips.total), (10, 19));
    assert!(
        kinds[..9].iter().all(|kind| *kind == FlipKind::Broken) && kinds[9] == FlipKind::Fixed,
        "{kinds:?}"
    );
    let flip = &found.flips.examples[0];
    assert!(flip.truth == flip.a && flip.a != flip.b, "{flip:?}");
    assert!(flip.confidence_b >= found.flips.examples[1].confidence_b, "the surest mistake comes first");
}

#[test]
fn slices_come_worst_first_with_their_intervals() {
    let found = compare(&side("digits_logreg.csv"), &side("digits_hgb.csv"), &options());
    assert_eq!(found.slices.len(), 10, "a slice a class");
    let changes: Vec<f64> = found.slices.iter().filter_map(|slice| slice.change).collect();
    assert!(changes.is_sorted() && changes.len() == 10, "{changes:?}");
    let confusion = found.confusion.as_ref().expect("classes");
    let moved: f64 = confusion.change.iter().enumerate().map(|(class, row)| row[class]).sum();
    assert!((moved + 1.0).abs() < 1e-12, "one right answer fewer: the diagonal loses one");
    for slice in &found.slices {
        assert!(slice.low <= slice.change && slice.change <= slice.high, "{slice:?}");
        assert_eq!(slice.metric, "accuracy");
    }
}

#[test]
fn the_json_has_the_fields_the_command_line_promises() {
    let found = value!(compare(&side("wine_logreg.csv"), &side("wine_rf.csv"), &options()));
    for field in [
        "verdict",
        "comparable",
        "why",
        "metrics",
        "flips",
        "confusion",
        "slices",
        "curves",
        "data",
        "config",
        "code",
        "weights",
        "cost",
        "tests",
    ] {
        assert!(found.get(field).is_some(), "{field} is promised");
    }
    for field in ["name", "direction", "a", "b", "change", "low", "high", "verdict", "p"] {
        assert!(found["metrics"][0].get(field).is_some(), "metrics[].{field} is promised");
    }
    assert_eq!(found["verdict"], "no_clear_change");
    assert_eq!(found["metrics"][0]["direction"], "higher_is_better");
    assert_eq!(found["tests"]["mcnemar"]["p_exact"], 1.0);
    for field in ["fixed", "broken", "changed", "examples"] {
        assert!(found["flips"].get(field).is_some(), "flips.{field} is promised");
    }
    let read: Comparison = serde_json::from_value(found.clone()).expect("evidence reads back");
    assert_eq!(value!(read), found);
}
