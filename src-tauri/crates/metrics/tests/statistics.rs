//! Every test and interval against the reference values.

mod support;

use keelmark_metrics::{
    Bootstrap, McNemar, PairedOptions, SplitMix64, beta_quantile, beta_regularised, bootstrap_indices,
    bootstrap_mean, chi2_tail_1, clopper_pearson, delong, delong_paired, holm, mcnemar, mcnemar_of,
    normal_quantile, normal_tail, paired_differences, paired_t, sign_flip, student_two_sided, wilcoxon,
    wilson,
};
use keelmark_types::{Answers, Predictions};
use serde_json::{Value, json as value};
use support::{agree, assert_agrees, json, read};

fn assert_mcnemar(found: McNemar, expected: &Value, what: &str) {
    let found = value!(found);
    for (key, expected) in expected.as_object().expect("a table") {
        assert_agrees(found[key].as_f64(), expected, &format!("{what} {key}"));
    }
}

fn right(predictions: &Predictions) -> Vec<bool> {
    let Answers::Classification { truth, .. } = &predictions.answers else { panic!("classes") };
    predictions.answers.predicted_classes().iter().zip(truth).map(|(answer, truth)| answer == truth).collect()
}

fn errors(predictions: &Predictions) -> Vec<f64> {
    let Answers::Regression { truth, predicted } = &predictions.answers else { panic!("numbers") };
    truth.iter().zip(predicted).map(|(truth, predicted)| (truth - predicted).abs()).collect()
}

fn assert_bootstrap(differences: &[f64], expected: &Value, what: &str) {
    let options = Bootstrap {
        replicates: expected["B"].as_u64().expect("a count") as u32,
        seed: expected["seed"].as_u64().expect("a seed"),
        confidence: 0.95,
    };
    let found = bootstrap_mean(differences, &options).expect("there are differences");
    assert_agrees(Some(found.estimate), &expected["estimate"], &format!("{what} estimate"));
    assert_agrees(Some(found.low), &expected["ci95_percentile"][0], &format!("{what} low"));
    assert_agrees(Some(found.high), &expected["ci95_percentile"][1], &format!("{what} high"));
    assert_agrees(Some(found.standard_error), &expected["se"], &format!("{what} se"));
    assert_agrees(Some(found.share_not_positive), &expected["frac_le_0"], &format!("{what} frac_le_0"));
}

fn assert_sign_flip(differences: &[f64], expected: &Value, what: &str) {
    let replicates = expected["B"].as_u64().expect("a count") as u32;
    let p = sign_flip(differences, replicates, expected["seed"].as_u64().expect("a seed"));
    assert_agrees(Some(p), &expected["p"], what);
}

type Function = fn(&[f64]) -> f64;

#[test]
fn the_generator_gives_the_reference_draws() {
    let expected = &json("expected.json")["prng"];
    let draws = |seed: u64, count: usize| -> Vec<String> {
        let mut random = SplitMix64::new(seed);
        (0..count).map(|_| format!("{:016x}", random.next_u64())).collect()
    };
    let seed = expected["splitmix64_seed"].as_u64().expect("a seed");
    assert_eq!(value!(draws(seed, 10)), expected["first10_hex"]);
    assert_eq!(value!(draws(0, 3)), expected["seed0_first3_hex"]);
    assert_eq!(value!(bootstrap_indices(7, 2, seed)[0]), expected["boot_idx_n7_first_row"]);
}

#[test]
fn mcnemar_gives_the_reference_table() {
    for (discordant, expected) in json("expected.json")["mcnemar_table"].as_object().expect("tables") {
        let count = |key: &str| expected[key].as_u64().expect("a count");
        let found = mcnemar(count("both_right"), count("a_only"), count("b_only"), count("both_wrong"));
        assert_mcnemar(found, expected, discordant);
    }
    for row in json("reference.json")["mcnemar_exact"].as_array().expect("rows") {
        let found = mcnemar(0, row[0].as_u64().expect("a count"), row[1].as_u64().expect("a count"), 0);
        let p = row[2].as_f64().expect("a p");
        assert!((found.p_exact / p - 1.0).abs() < 1e-9, "{row}: {} is relatively off", found.p_exact);
    }
}

#[test]
fn comparisons_of_classes_give_the_reference_values() {
    for (name, expected) in json("expected.json")["comparisons"].as_object().expect("comparisons") {
        let parts: Vec<&str> = name.split(':').collect();
        let [set, a, b] = parts[..] else { panic!("{name}") };
        if expected.get("mcnemar").is_none() {
            continue;
        }
        let side = |model: &str| read(&format!("{set}_{model}.csv")).expect("a table");
        let (a, b) = (side(a), side(b));
        let (right_a, right_b) = (right(&a), right(&b));
        assert_mcnemar(mcnemar_of(&right_a, &right_b), &expected["mcnemar"], name);
        let (answers_a, answers_b) = (a.answers.predicted_classes(), b.answers.predicted_classes());
        let flips: Vec<usize> = (0..a.len()).filter(|&row| answers_a[row] != answers_b[row]).collect();
        assert_eq!(value!(flips), expected["flips"], "{name} flips");
        let differences: Vec<f64> =
            right_a.iter().zip(&right_b).map(|(&a, &b)| f64::from(b) - f64::from(a)).collect();
        assert_bootstrap(&differences, &expected["accuracy_diff_bootstrap"], name);
        assert_sign_flip(&differences, &expected["accuracy_sign_flip"], name);
        let (hits, total) = (right_a.iter().filter(|right| **right).count(), right_a.len());
        for (interval, key) in [
            (wilson(hits as f64, total as f64, 0.95), "accuracy_a_wilson"),
            (clopper_pearson(hits as u64, total as u64, 0.95), "accuracy_a_clopper_pearson"),
        ] {
            assert_agrees(Some(interval[0]), &expected[key][0], &format!("{name} {key}"));
            assert_agrees(Some(interval[1]), &expected[key][1], &format!("{name} {key}"));
        }
        let paired = paired_differences(&a, &b, &PairedOptions::default()).expect("the same examples");
        let accuracy = paired.iter().find(|metric| metric.name == "accuracy").expect("accuracy");
        let reference = &expected["accuracy_diff_bootstrap"];
        assert_agrees(accuracy.low, &reference["ci95_percentile"][0], &format!("{name} paired low"));
        assert_agrees(accuracy.high, &reference["ci95_percentile"][1], &format!("{name} paired high"));
        assert_agrees(accuracy.standard_error, &reference["se"], &format!("{name} paired se"));
        assert_agrees(accuracy.share_not_positive, &reference["frac_le_0"], &format!("{name} paired share"));
    }
}

#[test]
fn comparisons_of_numbers_give_the_reference_values() {
    let expected = &json("expected.json")["comparisons"]["diabetes:ridge:hgb"];
    let (a, b) = (read("diabetes_ridge.csv").expect("a table"), read("diabetes_hgb.csv").expect("a table"));
    let (errors_a, errors_b) = (errors(&a), errors(&b));
    let minus = |map: fn(f64) -> f64| -> Vec<f64> {
        errors_a.iter().zip(&errors_b).map(|(a, b)| map(*b) - map(*a)).collect()
    };
    assert_bootstrap(&minus(|error| error), &expected["abs_error_diff_bootstrap"], "absolute errors");
    assert_bootstrap(&minus(|error| error * error), &expected["sq_error_diff_bootstrap"], "squared errors");
    assert_sign_flip(&minus(|error| error), &expected["abs_error_sign_flip"], "sign flip");
    let t = paired_t(&errors_a, &errors_b).expect("two pairs");
    assert_agrees(t.t, &expected["paired_t"]["t"], "t");
    assert_agrees(t.p, &expected["paired_t"]["p"], "p of t");
    assert_eq!(Some(t.df), expected["paired_t"]["df"].as_u64());
    let signed = wilcoxon(&errors_a, &errors_b);
    assert_agrees(Some(signed.w), &expected["wilcoxon_normal_approx"]["w"], "w");
    assert_agrees(signed.p, &expected["wilcoxon_normal_approx"]["p"], "p of w");
    let mut options = PairedOptions::default();
    options.exchange.as_mut().expect("asked for").replicates = 500;
    let paired = paired_differences(&a, &b, &options).expect("the same examples");
    let of = |name: &str| paired.iter().find(|metric| metric.name == name).expect("measured");
    assert_agrees(of("mae").low, &expected["abs_error_diff_bootstrap"]["ci95_percentile"][0], "mae low");
    assert_agrees(of("mse").high, &expected["sq_error_diff_bootstrap"]["ci95_percentile"][1], "mse high");
    assert_agrees(of("mae").p, &expected["abs_error_sign_flip"]["p"], "exchanging answers flips their sign");
}

#[test]
fn delong_agrees_with_comparing_every_pair() {
    let expected = &json("reference.json")["delong_digits_logreg_rf_class_8"];
    let scores = |file: &str| -> (Vec<f64>, Vec<bool>) {
        let predictions = read(file).expect("a table");
        let Answers::Classification { truth, probabilities, .. } = &predictions.answers else {
            panic!("classes")
        };
        (
            probabilities.chunks_exact(10).map(|row| row[8]).collect(),
            truth.iter().map(|&class| class == 8).collect(),
        )
    };
    let ((a, positive), (b, _)) = (scores("digits_logreg.csv"), scores("digits_rf.csv"));
    let found = value!(delong_paired(&a, &b, &positive).expect("both classes occur"));
    for key in ["auc_a", "auc_b", "difference", "standard_error", "z", "p"] {
        assert_agrees(found[key].as_f64(), &expected[key], key);
    }
    let one = delong(&a, &positive).expect("both classes occur");
    assert_agrees(Some(one.standard_error), &expected["standard_error_a"], "standard error of one");
}

#[test]
fn special_functions_agree_with_scipy() {
    let reference = &json("reference.json")["special"];
    let functions: [(&str, Function); 6] = [
        ("normal_tail", |x| normal_tail(x[0])),
        ("normal_quantile", |x| normal_quantile(x[0])),
        ("chi2_tail_1", |x| chi2_tail_1(x[0])),
        ("student_two_sided", |x| student_two_sided(x[0], x[1])),
        ("beta_regularised", |x| beta_regularised(x[0], x[1], x[2])),
        ("beta_quantile", |x| beta_quantile(x[0], x[1], x[2])),
    ];
    for (name, function) in functions {
        for row in reference[name].as_array().expect("rows") {
            let mut row: Vec<f64> =
                row.as_array().expect("a row").iter().map(|x| x.as_f64().expect("a number")).collect();
            let expected = row.pop().expect("a value");
            let found = function(&row);
            assert!(agree(found, expected), "{name}({row:?}) = {found}, scipy says {expected}");
            if expected > 1e-290 {
                assert!((found / expected - 1.0).abs() < 1e-9, "{name}({row:?}) = {found}, not {expected}");
            }
        }
    }
}

#[test]
fn holm_steps_down() {
    let reference = &json("reference.json")["holm"];
    let given: Vec<Option<f64>> =
        reference["p"].as_array().expect("p").iter().map(Value::as_f64).chain([None]).collect();
    let found = holm(&given);
    for (index, expected) in reference["adjusted"].as_array().expect("adjusted").iter().enumerate() {
        assert_agrees(found[index], expected, &format!("adjusted[{index}]"));
    }
    assert_eq!(found[5], None, "a missing test is not a test");
}
