//! What cannot be read or run is refused with a reason, and hostile files harm nobody.

use crate::support::{bytes, models, read, run};
use keelmark_onnx::{Column, ColumnValues, Element, Error, Features, Limits, Model, RunOptions};
use keelmark_types::{NoProgress, Outcome, Stop};
use proptest::prelude::*;

#[expect(clippy::unwrap_used, reason = "a bad model that is read fails the test")]
fn refusal(name: &str) -> Error {
    Model::read(&bytes(&format!("bad/{name}.onnx")), &Limits::default()).map(|_| name).unwrap_err()
}

/// Asks a model of three columns.
fn ask(model: &Model) -> Result<keelmark_onnx::Answers, Error> {
    run(model, &Features::Table { columns: 3, values: &[0.0; 6] }, &RunOptions::default())
}

#[test]
fn an_operator_or_operator_set_that_is_not_known_is_named() {
    for (name, operator, domain, opset) in [
        ("opset_too_new", "the operator set", "ai.onnx", 99),
        ("opset_too_old", "the operator set", "ai.onnx", 3),
        ("ml_too_new", "the operator set", "ai.onnx.ml", 42),
        ("unknown_operator", "Flurb", "ai.onnx", 18),
        ("unknown_domain", "Normalizer", "com.example", 1),
        ("unknown_ml", "DictVectorizer", "ai.onnx.ml", 1),
        ("random", "RandomNormalLike", "ai.onnx", 18),
    ] {
        match refusal(name) {
            Error::Unsupported { operator: o, domain: d, opset: v, .. } => {
                assert_eq!((o.as_str(), d.as_str(), v), (operator, domain, opset), "{name}");
            }
            other => panic!("{name}: {other}"),
        }
    }
}

#[test]
fn what_is_no_model_is_corrupt() {
    for name in ["truncated", "no_model"] {
        assert!(matches!(refusal(name), Error::Corrupt(_)), "{name}: {}", refusal(name));
    }
    let empty = Model::read(&[], &Limits::default()).map(|_| ()).unwrap_err();
    assert!(matches!(empty, Error::Corrupt(_)), "{empty}");
}

#[test]
fn a_tree_that_goes_round_in_a_circle_is_refused() {
    let error = refusal("circle").to_string();
    assert!(error.contains("circle"), "{error}");
}

#[test]
fn values_of_any_declared_size_stay_within_the_limits() {
    for name in ["huge_tile", "huge_expand"] {
        let model = read(&format!("bad/{name}.onnx"));
        let error = ask(&model).unwrap_err().to_string();
        assert!(error.contains("limit"), "{name}: {error}");
    }
    let forest = bytes("forest.onnx");
    for limits in [
        Limits { file_bytes: 100, ..Limits::default() },
        Limits { nodes: 1, ..Limits::default() },
        Limits { memory_bytes: 1000, ..Limits::default() },
    ] {
        let error = Model::read(&forest, &limits).map(|_| ()).unwrap_err();
        assert!(matches!(error, Error::TooLarge { .. }), "{error}");
    }
}

#[test]
fn external_numbers_are_asked_for_and_never_outside_the_folder() {
    let file = bytes("bad/external.onnx");
    match refusal("external") {
        Error::ExternalData { tensor, file, .. } => {
            assert_eq!((tensor.as_str(), file.as_str()), ("w", "weights.bin"));
        }
        other => panic!("{other}"),
    }
    let mut asked = Vec::new();
    let mut beside = |name: &str| {
        asked.push(name.to_owned());
        Ok(bytes("bad/weights.bin"))
    };
    let model = Model::read_with(&file, &Limits::default(), &mut beside).unwrap();
    let answers =
        run(&model, &Features::Table { columns: 3, values: &[1.0, 0.0, 2.0] }, &RunOptions::default());
    assert_eq!(answers.unwrap().scores.unwrap().values, [8.0, 11.0]);
    assert_eq!(asked, ["weights.bin"]);

    let short = Model::read_with(&file, &Limits::default(), &mut |_| Ok(vec![0; 8])).map(|_| ()).unwrap_err();
    assert!(matches!(short, Error::ExternalData { .. }), "{short}");
    let mut never = |name: &str| panic!("asked for {name}");
    let outside = bytes("bad/external_outside.onnx");
    let outside = Model::read_with(&outside, &Limits::default(), &mut never).map(|_| ()).unwrap_err();
    assert!(matches!(outside, Error::ExternalData { .. }), "{outside}");
}

#[test]
fn what_does_not_fit_an_input_is_told_with_both_shapes() {
    let forest = read("forest.onnx");
    let wide = run(&forest, &Features::Table { columns: 5, values: &[0.0; 10] }, &RunOptions::default());
    assert_eq!(wide.unwrap_err().to_string(), "X: expected float32 [?, 4], got 5 values a row");

    let columns = read("columns.onnx");
    let column = |name: &str, values: ColumnValues| Column { name: name.to_owned(), values };
    let number = || ColumnValues::Numbers(vec![1.0]);
    let text = || ColumnValues::Texts(vec!["Bern".to_owned()]);
    let ask = |given: &[Column]| {
        run(&columns, &Features::Columns { rows: 1, columns: given }, &RunOptions::default())
            .map(|answers| answers.rows)
    };
    let mut given = vec![column("plan", text()), column("age", number()), column("city", text())];
    let missing = ask(&given).unwrap_err().to_string();
    assert_eq!(missing, "balance: expected a column of this name, got plan, age, city");
    given.push(column("balance", text()));
    let texts = ask(&given).unwrap_err().to_string();
    assert_eq!(texts, "balance: expected numbers, got texts in column balance");
    given[3].values = number();
    assert_eq!(ask(&given).unwrap(), 1, "the order of named columns does not matter");
    given[0].values = number();
    assert!(ask(&given).unwrap_err().to_string().contains("expected texts"));
    given[0].values = ColumnValues::Texts(Vec::new());
    assert!(ask(&given).unwrap_err().to_string().contains("expected 1 values"));

    let options = RunOptions { output: Some("nothing".to_owned()), ..RunOptions::default() };
    let none = run(&forest, &Features::Table { columns: 4, values: &[0.0; 4] }, &options).unwrap_err();
    assert!(matches!(none, Error::Mismatch { .. }), "{none}");
}

#[test]
fn a_description_names_producer_operators_inputs_and_outputs() {
    let model = read("columns.onnx");
    let description = model.description();
    assert!(description.producer.starts_with("skl2onnx 1."), "{}", description.producer);
    let opsets: Vec<&str> = description.opsets.iter().map(|set| set.domain.as_str()).collect();
    assert!(opsets.contains(&"ai.onnx") && opsets.contains(&"ai.onnx.ml"), "{opsets:?}");
    let inputs: Vec<_> = description.inputs.iter().map(|port| (port.name.as_str(), port.element)).collect();
    let expected = [("age", Element::Float32), ("balance", Element::Float32), ("city", Element::Text)];
    assert_eq!(inputs[..3], expected);
    assert_eq!(description.outputs.len(), 2);
    assert_eq!(read("torch_cnn.onnx").description().inputs[0].to_string(), "float32 [batch, 1, 8, 8]");
}

#[test]
fn work_that_is_asked_to_stop_stops() {
    let forest = read("forest.onnx");
    let stop = Stop::new();
    stop.raise();
    let features = Features::Table { columns: 4, values: &[0.0; 4] };
    let outcome = forest.run(&features, &RunOptions::default(), &NoProgress, &stop).unwrap();
    assert!(matches!(outcome, Outcome::Stopped { .. }));
    let none = run(&forest, &Features::Table { columns: 4, values: &[] }, &RunOptions::default()).unwrap();
    assert_eq!((none.rows, none.scores), (0, None));
}

/// Reads damaged bytes and asks what was read about a few rows of what it says it takes; only that it ends counts.
fn survive(bytes: &[u8]) {
    let limits = Limits { memory_bytes: 64 << 20, ..Limits::default() };
    let Ok(model) = Model::read(bytes, &limits) else { return };
    for columns in [1, 3, 4, 8, 10, 20, 64] {
        let values = vec![0.5; columns * 2];
        let answered = run(&model, &Features::Table { columns, values: &values }, &RunOptions::default());
        assert!(answered.is_err() || answered.is_ok_and(|answers| answers.rows == 2));
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    #[test]
    fn damaged_models_are_survived(
        pick in any::<prop::sample::Index>(),
        cut in prop::option::weighted(0.2, any::<prop::sample::Index>()),
        flips in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 0..6),
    ) {
        let names = models();
        let mut bytes = bytes(&format!("{}.onnx", pick.get(&names)));
        for (at, byte) in flips {
            let at = at.index(bytes.len());
            bytes[at] = byte;
        }
        if let Some(cut) = cut {
            bytes.truncate(cut.index(bytes.len()));
        }
        survive(&bytes);
    }

    #[test]
    fn any_bytes_are_survived(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        survive(&bytes);
    }
}
