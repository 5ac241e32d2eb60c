//! Whatever stands in a file, reading it ends well; what is written is read back.

use std::collections::BTreeMap;

use keelmark_manifest::{Lock, Manifest, Pin, parse, with_overrides};
use keelmark_types::Sha256;
use proptest::prelude::*;
use serde_json::Value;

const EXAMPLE: &str = include_str!("fixtures/digits.yaml");

/// Every key there is, over several manifests.
const EVERY_KEY: &[&str] = &[
    EXAMPLE,
    "keelmark: 1
name: full
task: classification
data:
  train: {path: a.csv, id: row}
  validation: {path: b.csv, id: row}
  test: {split_from: train, ratio: 0.2, seed: 3}
  target: y
  features:
    image: {columns: [\"p*\", q], shape: [1, 4, 4], scale: none}
model: {preset: {cnn: {channels: [8, 16], hidden: 32}}}
train:
  epochs: 3
  batch_size: 8
  optimizer: {sgd: {lr: 0.1, momentum: 0.9, weight_decay: 0.001}}
  schedule: {cosine: {warmup: 2, minimum: 0.1}}
  seed: 18446744073709551615
  early_stopping: {patience: 2, metric: accuracy, min_delta: 0.001}
  label_smoothing: 0.1
evaluate:
  metrics: [accuracy]
  slices: [{column: region}]
  predictions: {path: p.csv, id: row, truth: t, probabilities: [\"p*\"], weight: w}
gates:
  - {metric: recall, at_least: 0.5, class: '3'}
  - {metric: log_loss, at_most: 2}
  - {metric: f1, max_worsening: 0.1, confidence: 0.9, each_class: true}
environments:
  a: {after: b, auto_promote: true, requires: [signature]}
  b: {}
share: {predictions: true}
adopt: {dvc: dvc.yaml, mlflow: mlruns}
",
    "keelmark: 1
name: small
task: regression
data: {train: {path: a.csv}, validation: {split_from: train, ratio: 0.5}, test: {path: c.csv}, target: y}
model: {preset: {mlp: {hidden: [4], dropout: 0.2}}}
",
    "keelmark: 1
name: layers
task: regression
data: {train: {path: a.csv}, validation: {split_from: train, ratio: 0.5}, test: {path: c.csv}, target: y}
model: {layers: [{linear: {units: 3}}, layer_norm, relu, {dropout: 0}]}
",
    "keelmark: 1\nname: churn\ntask: regression\nmodel: {artifact: models/churn.onnx}\n",
];

fn leaves(value: &Value, path: &str, found: &mut Vec<(String, Value)>) {
    let below = |key: &str| if path.is_empty() { key.to_owned() } else { format!("{path}.{key}") };
    if !path.is_empty() {
        found.push((path.to_owned(), value.clone()));
    }
    match value {
        Value::Object(map) => map.iter().for_each(|(key, inner)| leaves(inner, &below(key), found)),
        Value::Array(items) => {
            items
                .iter()
                .enumerate()
                .for_each(|(index, inner)| leaves(inner, &below(&index.to_string()), found));
        }
        _ => {}
    }
}

#[test]
fn every_documented_key_can_be_overridden() {
    let mut seen = 0;
    for yaml in EVERY_KEY {
        let manifest = parse("model.yaml", yaml).expect("sound");
        let json: Value = serde_json::from_str(&manifest.to_canonical_json()).expect("JSON");
        let mut found = Vec::new();
        leaves(&json, "", &mut found);
        for (key, value) in
            found.into_iter().filter(|(key, _)| !key.starts_with("environments.") || !key.contains(' '))
        {
            let overrides = BTreeMap::from([(key.clone(), value.to_string())]);
            let same = with_overrides(&manifest, &overrides);
            assert_eq!(same.as_ref(), Ok(&manifest), "{key}={value} says what is there already");
            let broken = BTreeMap::from([(key.clone(), "{no_such_key: 1}".to_owned())]);
            let refused = with_overrides(&manifest, &broken);
            let is_named_freely = ["data.features", "environments"].contains(&key.as_str());
            let mistakes = refused.expect_err("no key takes such a mapping");
            assert!(
                is_named_freely || mistakes.iter().any(|m| m.location.file == format!("override {key}")),
                "{key} is named in {mistakes:?}"
            );
            seen += 1;
        }
    }
    assert!(seen > 200, "the manifests cover the keys, {seen} seen");
}

#[test]
fn canonical_json_reads_back_whatever_is_declared() {
    for yaml in EVERY_KEY {
        let manifest = parse("model.yaml", yaml).expect("sound");
        let json = manifest.to_canonical_json();
        let again = parse("model.yaml", &json).expect("JSON is YAML");
        assert_eq!(again, manifest);
        assert_eq!(again.to_canonical_json(), json, "one text for one meaning");
        assert_eq!(serde_json::from_str::<Manifest>(&json).expect("the same decoder"), manifest);
    }
}

fn pin() -> impl Strategy<Value = Pin> {
    ("[0-9a-f]{64}|[0-9]{64}|[0-9]{10}e[0-9]{53}", any::<u64>())
        .prop_map(|(digest, size_bytes)| Pin { sha256: Sha256::new(digest).expect("64 digits"), size_bytes })
}

fn path() -> impl Strategy<Value = String> {
    let part = r#"[a-z0-9 _.\-#'"&*?!|>%@`,\[\]{}~=+é漢🙂\u{85}\u{a0}\u{2028}\u{feff}\u{fffe}]{1,12}"#;
    proptest::collection::vec(
        part.prop_filter("no dots alone", |part| {
            part != "." && part != ".." && !part.chars().any(char::is_control)
        }),
        1..4,
    )
    .prop_map(|parts| parts.join("/"))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn any_bytes_are_read_without_panic(bytes in proptest::collection::vec(any::<u8>(), 0..300)) {
        let text = String::from_utf8_lossy(&bytes);
        if let Err(mistakes) = parse("model.yaml", &text) {
            prop_assert!(!mistakes.is_empty(), "a refusal says why");
        }
        if let Err(mistakes) = Lock::parse("model.lock", &text) {
            prop_assert!(!mistakes.is_empty(), "a refusal says why");
        }
    }

    #[test]
    fn a_mutilated_example_is_read_without_panic(
        cuts in proptest::collection::vec((any::<prop::sample::Index>(), 0_usize..12, r"[\PC\n\t]{0,8}|[\[\]{}:,&*!|>'\x22#~-]{1,4}"), 1..4)
    ) {
        let mut text: Vec<char> = EXAMPLE.chars().collect();
        for (at, length, with) in cuts {
            let start = at.index(text.len());
            let end = (start + length).min(text.len());
            text.splice(start..end, with.chars());
        }
        let text: String = text.into_iter().collect();
        let lines = text.lines().count() as u64 + 1;
        if let Err(mistakes) = parse("model.yaml", &text) {
            prop_assert!(!mistakes.is_empty());
            for mistake in mistakes {
                prop_assert!(mistake.location.line.is_none_or(|line| line <= lines), "{mistake} is in the file");
            }
        }
    }

    #[test]
    fn any_override_is_taken_or_explained(key in r"[a-z_.0-9]{0,20}|(train|data|model|gates|evaluate)(\.[a-z0-9_]{1,9}){1,4}", value in r"\PC{0,12}") {
        let manifest = parse("model.yaml", EXAMPLE).expect("sound");
        let overrides = BTreeMap::from([(key.clone(), value)]);
        if let Err(mistakes) = with_overrides(&manifest, &overrides) {
            prop_assert!(mistakes.iter().all(|mistake| !mistake.message.is_empty()));
            prop_assert!(!mistakes.is_empty(), "{key} is refused with a reason");
        }
    }

    #[test]
    fn a_lock_reads_back(files in proptest::collection::btree_map(path(), pin(), 0..6)) {
        let lock = Lock { files };
        let text = lock.render();
        let again = Lock::parse("model.lock", &text);
        prop_assert_eq!(again.as_ref(), Ok(&lock), "{}", &text);
        prop_assert_eq!(lock.render(), text, "the same text every time");
    }
}

#[test]
fn a_lock_looks_like_this() {
    let digest = |digit: &str| Sha256::new(digit.repeat(64)).expect("64 digits");
    let lock = Lock {
        files: BTreeMap::from([
            ("data/train.csv".to_owned(), Pin { sha256: digest("a"), size_bytes: 12 }),
            ("data/test.csv".to_owned(), Pin { sha256: digest("0"), size_bytes: u64::MAX }),
        ]),
    };
    insta::assert_snapshot!("lock", lock.render());
    assert_eq!(Lock::parse("model.lock", &Lock::default().render()), Ok(Lock::default()));
    let long = Lock {
        files: BTreeMap::from([(
            "d/".to_owned() + &"x".repeat(3000),
            Pin { sha256: digest("b"), size_bytes: 1 },
        )]),
    };
    assert_eq!(Lock::parse("model.lock", &long.render()), Ok(long), "a path longer than a simple key may be");
}

#[test]
fn slips_in_a_lock_are_explained() {
    let sound = Lock {
        files: BTreeMap::from([(
            "a.csv".to_owned(),
            Pin { sha256: Sha256::new("c".repeat(64)).expect("digits"), size_bytes: 5 },
        )]),
    }
    .render();
    for (from, to, expected) in [
        ("keelmark_lock: 1", "keelmark_lock: 2", "model.lock:2:16: written by a newer Keelmark (format 2)"),
        (
            "size_bytes: 5",
            "size: 5",
            "model.lock:6:5: unknown key `size` in `files.a.csv`; did you mean `size_bytes`?",
        ),
        (
            "size_bytes: 5",
            "size_bytes: -5",
            "model.lock:6:17: `files.a.csv.size_bytes` is -5 (expected a whole number from 0)",
        ),
        ("cccc", "zz", "model.lock:5:13: `files.a.csv.sha256`: `zzc"),
        ("a.csv", "../a.csv", "model.lock:4:3: `../a.csv` is not a path here"),
        ("files:", "file:", "model.lock:3:1: unknown key `file`; did you mean `files`?"),
    ] {
        let mistakes = Lock::parse("model.lock", &sound.replacen(from, to, 1)).expect_err(to);
        let said = mistakes[0].to_string();
        assert!(said.starts_with(expected), "{to}: {said}");
        assert_eq!(mistakes.len(), 1, "{mistakes:?}");
    }
}
