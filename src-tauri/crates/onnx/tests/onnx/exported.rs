//! Every exported model answers as onnxruntime does.

use crate::support::{self, Asked, complaint, json, models, numbers, read, run};
use keelmark_onnx::{Features, Reading, RunOptions};

#[test]
fn every_model_answers_as_onnxruntime_does() {
    let names = models();
    assert!(names.len() >= 60, "the fixtures are there: {}", names.len());
    let mut complaints = Vec::new();
    for name in names {
        let model = read(&format!("{name}.onnx"));
        let case = json(&format!("{name}.json"));
        let asked = Asked::of(&case, model.description());
        let answers = run(&model, &asked.features(), &RunOptions::default());
        let wrong =
            answers.map_or_else(|error| Some(error.to_string()), |answers| complaint(&answers, &case));
        complaints.extend(wrong.map(|wrong| format!("{name}: {wrong}")));
    }
    assert!(complaints.is_empty(), "{}", complaints.join("\n"));
}

#[test]
fn classifiers_carry_their_classes_in_the_order_of_their_probabilities() {
    for (name, classes) in [
        ("forest", &["setosa", "versicolor", "virginica"][..]),
        ("logistic", &["0", "1", "2"]),
        ("mlp", &["setosa", "versicolor", "virginica"]),
        ("columns", &["leaves", "stays"]),
        ("xgboost", &["0", "1", "2"]),
        ("lightgbm_two", &["0", "1"]),
    ] {
        let model = read(&format!("{name}.onnx"));
        assert_eq!(model.classes().unwrap(), classes, "{name}");
        let case = json(&format!("{name}.json"));
        let asked = Asked::of(&case, model.description());
        let answers = run(&model, &asked.features(), &RunOptions::default()).unwrap();
        assert_eq!(answers.classes.unwrap(), classes, "{name}");
        let scores = answers.scores.unwrap();
        assert!(scores.is_distribution(), "{name}");
        assert_eq!(scores.probabilities(Reading::Probabilities).unwrap(), scores.values, "{name}");
    }
}

#[test]
fn logits_are_told_from_probabilities() {
    for suffix in ["", "_script"] {
        let case = json(&format!("torch_mlp{suffix}.json"));
        let logits = read(&format!("torch_mlp{suffix}.onnx"));
        let asked = Asked::of(&case, logits.description());
        let scores = run(&logits, &asked.features(), &RunOptions::default()).unwrap().scores.unwrap();
        assert!(!scores.is_distribution());
        assert_eq!(scores.probabilities(Reading::Probabilities), None);
        let probabilities = scores.probabilities(Reading::Logits).unwrap();
        assert!(probabilities.chunks(3).all(|row| (row.iter().sum::<f64>() - 1.0).abs() < 1e-12));

        let softmax = read(&format!("torch_softmax{suffix}.onnx"));
        let scores = run(&softmax, &asked.features(), &RunOptions::default()).unwrap().scores.unwrap();
        assert!(scores.is_distribution(), "a softmax at the end makes a distribution");
    }
}

#[test]
fn answers_do_not_depend_on_batches_and_threads() {
    for name in ["forest", "boosting", "mlp", "columns", "torch_cnn", "torch_lstm", "torch_fixed_batch"] {
        let model = read(&format!("{name}.onnx"));
        let case = json(&format!("{name}.json"));
        let asked = Asked::of(&case, model.description());
        let alone = run(&model, &asked.features(), &RunOptions::default()).unwrap();
        for (batch_rows, threads) in [(1, 1), (5, 1), (5, 3), (12, 2), (1, 4)] {
            let options = RunOptions { batch_rows, threads, ..RunOptions::default() };
            let other = run(&model, &asked.features(), &options).unwrap();
            assert_eq!(alone.labels, other.labels, "{name}");
            let (alone, other) = (alone.scores.as_ref().unwrap(), other.scores.unwrap());
            assert!(
                support::distance(&alone.values, &other.values) < 1e-6,
                "{name} in batches of {batch_rows}"
            );
        }
        let on = |threads| RunOptions { batch_rows: 4, threads, ..RunOptions::default() };
        let (one, three) = (
            run(&model, &asked.features(), &on(1)).unwrap(),
            run(&model, &asked.features(), &on(3)).unwrap(),
        );
        assert_eq!(one, three, "{name}: not one bit differs between thread counts");
    }
}

#[test]
fn a_table_serves_an_image_and_many_rows_a_fixed_batch() {
    for name in ["torch_cnn", "torch_attention", "torch_fixed_batch", "forest"] {
        let model = read(&format!("{name}.onnx"));
        let case = json(&format!("{name}.json"));
        let input = &case["inputs"][&model.description().inputs[0].name];
        let values: Vec<f32> = numbers(input).into_iter().map(|value| value as f32).collect();
        let rows = input["shape"][0].as_u64().unwrap() as usize;
        let columns = values.len() / rows;
        let answers =
            run(&model, &Features::Table { columns, values: &values }, &RunOptions::default()).unwrap();
        assert_eq!(complaint(&answers, &case), None, "{name}");

        let twice: Vec<f32> = values.iter().chain(&values).copied().collect();
        let answers =
            run(&model, &Features::Table { columns, values: &twice }, &RunOptions::default()).unwrap();
        assert_eq!(answers.rows, 2 * rows);
        let scores = answers.scores.unwrap().values;
        let (first, second) = scores.split_at(scores.len() / 2);
        assert!(support::distance(first, second) < 1e-6, "{name}: equal rows have equal answers");
    }
}
