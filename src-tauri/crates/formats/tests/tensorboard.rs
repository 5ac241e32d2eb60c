//! Event files, read as `TensorBoard` reads them (`tests/fixtures/others/makers/tensorboard.py`).

use std::path::{Path, PathBuf};

use keelmark_formats::tensorboard::{Events, read_events};
use proptest::prelude::*;
use serde_json::{Value, json};

fn fixture() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../tests/fixtures/others/tensorboard")
}

fn files(run: &str) -> Vec<Vec<u8>> {
    let entries = std::fs::read_dir(fixture().join(run)).expect("a folder");
    let mut paths: Vec<_> = entries.map(|entry| entry.expect("an entry").path()).collect();
    paths.sort();
    paths.iter().map(|path| std::fs::read(path).expect("a file")).collect()
}

fn read(run: &str) -> Events {
    let mut all = Events::default();
    for file in files(run) {
        all.go_on(read_events(&file));
    }
    all
}

fn number(value: f64) -> Value {
    match value {
        nan if nan.is_nan() => "NaN".into(),
        f64::INFINITY => "Infinity".into(),
        f64::NEG_INFINITY => "-Infinity".into(),
        number => number.into(),
    }
}

#[test]
fn curves_are_those_that_tensorboard_shows() {
    let bytes = std::fs::read(fixture().join("answers.json")).expect("what TensorBoard says");
    let answers: Value = serde_json::from_slice(&bytes).expect("JSON");
    for (run, theirs) in answers.as_object().expect("an answer a run") {
        let events = read(run);
        let ours: serde_json::Map<_, _> = events
            .scalars
            .iter()
            .map(|(tag, points)| {
                let points =
                    points.iter().map(|point| json!([point.step, point.wall_secs, number(point.value)]));
                (tag.clone(), points.collect::<Value>())
            })
            .collect();
        assert_eq!(Value::Object(ours), theirs["scalars"], "{run}");
        assert_eq!(json!(events.began_secs), theirs["began"], "{run}");
        for (name, value) in theirs["hyperparameters"].as_object().expect("values by name") {
            let ours = &events.hyperparameters[name];
            assert!(ours == value || ours.as_f64() == value.as_f64(), "{run}, {name}: {ours} {value}");
        }
    }
}

#[test]
fn a_file_that_is_cut_or_broken_keeps_what_came_before() {
    let (whole, cut, flipped) = (read("x"), read("cut"), read("flipped"));
    assert!(!whole.truncated && whole.problems.is_empty());
    assert!(cut.truncated && cut.problems.is_empty());
    assert!(!flipped.truncated && flipped.problems.len() == 1, "{:?}", flipped.problems);
    assert!(flipped.problems[0].why.starts_with("byte "), "{}", flipped.problems[0]);
    assert!(!flipped.scalars.is_empty());
}

proptest! {
    #[test]
    fn any_bytes_are_an_answer(bytes in proptest::collection::vec(any::<u8>(), 0..200), cut in 0_usize..3000) {
        read_events(&bytes);
        let whole = &files("x")[0];
        read_events(&whole[..cut.min(whole.len())]);
    }
}
