//! Runs and packed models, read from what `MLflow` 3.17 wrote, older versions wrote, and nobody wrote.

use std::collections::BTreeMap;

use keelmark_formats::mlflow::{
    Column, ColumnType, Experiment, Lifecycle, PackedModel, Run, RunMeta, RunStatus, Sample, Scalar, Schema,
    Tensor, latest, metric_history,
};
use keelmark_types::Timestamp;
use proptest::prelude::*;

const EXPERIMENT: &str = "artifact_location: file:///srv/mlruns/302955394937903363
creation_time: 1795532852053
effective_trace_archival_retention: null
experiment_id: '302955394937903363'
last_update_time: 1795532852053
lifecycle_stage: active
name: demo
trace_location: null
workspace: default
";

const META: &str =
    "artifact_uri: file:///srv/mlruns/302955394937903363/93959114a41647d59c6f4ceca8fd2a67/artifacts
end_time: 1795532852212
entry_point_name: ''
experiment_id: '302955394937903363'
lifecycle_stage: active
run_id: 93959114a41647d59c6f4ceca8fd2a67
run_name: first
source_name: ''
source_type: 4
source_version: ''
start_time: 1795532852199
status: 3
tags: []
user_id: root
";

const MODEL: &str = r#"artifact_path: model
flavors:
  python_function:
    env:
      conda: conda.yaml
      virtualenv: python_env.yaml
    loader_module: mlflow.sklearn
    python_version: 3.11.2
  sklearn:
    code: null
    pickled_model: model.pkl
is_signature_from_type_hint: false
mlflow_version: 3.17.2
model_id: null
model_size_bytes: 1234
model_uuid: cfab7bcd04754c88bb4bb18dc8fe3bfb
prompts: null
run_id: 93959114a41647d59c6f4ceca8fd2a67
signature:
  inputs: '[{"type": "double", "name": "age", "required": true}, {"type": "string",
    "name": "name", "required": false}]'
  outputs: '[{"type": "tensor", "tensor-spec": {"dtype": "float32", "shape": [-1,
    2]}}]'
  params: null
type_hint_from_example: false
utc_time_created: '2026-11-24 15:07:32.213788'
"#;

fn model(signature: &str) -> Result<PackedModel, keelmark_formats::Unreadable> {
    PackedModel::read(format!("flavors: {{onnx: {{}}}}\nsignature:\n  inputs: '{signature}'\n").as_bytes())
}

fn inputs(signature: &str) -> Schema {
    model(signature).expect("a model").signature.expect("a signature").inputs.expect("inputs")
}

#[test]
fn an_experiment_is_read() {
    let demo = Experiment::read(EXPERIMENT.as_bytes()).expect("an experiment");
    assert_eq!((demo.id.as_str(), demo.name.as_str()), ("302955394937903363", "demo"));
    assert_eq!(demo.lifecycle, Lifecycle::Active);
    assert_eq!(demo.created.map(Timestamp::as_millisecond), Some(1_795_532_852_053));
    let old = Experiment::read(b"experiment_id: 0\nname: Default\nlifecycle_stage: deleted\n").expect("old");
    assert_eq!((old.id.as_str(), old.lifecycle, old.created), ("0", Lifecycle::Deleted, None));
    assert_eq!(Experiment::read(b"name: x\nexperiment_id: [1]\n").expect_err("broken").line, Some(2));
    assert!(Experiment::read(b"experiment_id: '1'\nname: x\ncreation_time: 99999999999999999\n").is_err());
}

#[test]
fn a_runs_meta_is_read() {
    let meta = RunMeta::read(META.as_bytes()).expect("a run");
    assert_eq!(meta.id, "93959114a41647d59c6f4ceca8fd2a67");
    assert_eq!((meta.name.as_deref(), meta.user.as_deref()), (Some("first"), Some("root")));
    assert_eq!((meta.status, meta.lifecycle), (RunStatus::Finished, Lifecycle::Active));
    assert_eq!(meta.ended.map(|at| at.to_string()).as_deref(), Some("2026-11-24T15:07:32.212Z"));

    let old = "run_uuid: 12345678e01234567890123456789012\nexperiment_id: 3\nend_time: null\nname: ''\nrun_name: ''\n";
    let old = RunMeta::read(old.as_bytes()).expect("an old run");
    assert_eq!(old.id, "12345678e01234567890123456789012", "an id is no number, whatever it looks like");
    assert_eq!(
        (old.experiment.as_str(), old.status, old.ended, old.name),
        ("3", RunStatus::Running, None, None)
    );

    for (number, status) in
        [(1, RunStatus::Running), (2, RunStatus::Scheduled), (4, RunStatus::Failed), (5, RunStatus::Killed)]
    {
        let meta = RunMeta::read(format!("run_id: a\nexperiment_id: '1'\nstatus: {number}\n").as_bytes());
        assert_eq!(meta.expect("a run").status, status);
    }
    for bad in [
        "run_id: a\nexperiment_id: '1'\nstatus: 9\n",
        "run_id: a\nexperiment_id: '1'\nstatus: FINISHED\n",
        "experiment_id: '1'\n",
        "run_id: a\n",
        "",
    ] {
        assert!(RunMeta::read(bad.as_bytes()).is_err(), "{bad:?}");
    }
}

#[test]
fn lines_of_every_age_are_values() {
    let text = "1795532852207 1.0 0\n1795532852208 0.5\n1795532852209 1e-05 2 train-set 8f3a\n1 nan 3\n2 inf 4\r\n3 -inf -5\n";
    let history = metric_history(text.as_bytes());
    assert_eq!(history.problems, []);
    let values: Vec<(i64, f64)> = history.samples.iter().map(|sample| (sample.step, sample.value)).collect();
    assert_eq!(values[..3], [(0, 1.0), (0, 0.5), (2, 1e-5)]);
    assert!(values[3].1.is_nan());
    assert_eq!(values[4..], [(4, f64::INFINITY), (-5, f64::NEG_INFINITY)]);
    let set = &history.samples[2];
    assert_eq!((set.dataset.as_deref(), set.digest.as_deref()), (Some("train-set"), Some("8f3a")));
    assert_eq!(set.at.as_millisecond(), 1_795_532_852_209);
}

#[test]
fn a_broken_line_is_told_beside_the_others() {
    let history =
        metric_history(b"1 0.5 1\n\n2 x 2\n3 0.25 3\n4 0.1 4 name\n1 2 3 4 5 6\n5 0.1 s\n\xff 1 1\n17955");
    assert_eq!(history.samples.len(), 2);
    let lines: Vec<Option<u64>> = history.problems.iter().map(|problem| problem.line).collect();
    assert_eq!(lines, [2, 3, 5, 6, 7, 8, 9].map(Some));
    assert_eq!(history.problems[1].to_string(), "line 3: `x` is no number");
    assert_eq!(metric_history(b"").problems[0].why, "it has no values");
    let many = metric_history("broken\n".repeat(500).as_bytes());
    assert_eq!(many.problems.len(), 21, "the first twenty, and how many");
}

#[test]
fn the_latest_is_mlflows() {
    let of = |text: &str| {
        let history = metric_history(text.as_bytes());
        latest(&history.samples).map(|sample| sample.value.to_string())
    };
    assert_eq!(of("9 0.1 1\n1 0.2 3\n5 0.3 2\n").as_deref(), Some("0.2"), "the step comes first");
    assert_eq!(of("1 0.1 1\n3 0.2 1\n2 0.3 1\n").as_deref(), Some("0.2"), "then the time");
    assert_eq!(of("1 0.1 1\n1 0.3 1\n1 0.2 1\n").as_deref(), Some("0.3"), "then the value");
    assert_eq!(of("1 nan 1\n1 0.3 1\n").as_deref(), Some("NaN"), "as Python compares");
    assert_eq!(of("1 0.3 1\n1 nan 1\n").as_deref(), Some("0.3"));
    assert_eq!(of(""), None);
}

fn files(texts: &[(&str, &str)]) -> BTreeMap<String, Vec<u8>> {
    texts.iter().map(|(path, text)| ((*path).to_owned(), text.as_bytes().to_vec())).collect()
}

#[test]
fn a_run_is_put_together() {
    let commit = "0123456789abcdef0123456789abcdef01234567";
    let mut all = files(&[
        ("meta.yaml", META),
        ("metrics/train/loss", "1795532852207 1.0 0\n1795532852208 0.5 1\nbroken\n"),
        ("metrics/empty", ""),
        ("params/lr", "0.1"),
        ("params/a/b", "x y\nz"),
        ("tags/mlflow.runName", "second"),
        ("tags/mlflow.source.git.commit", commit),
        ("artifacts/model.bin", "no text of a run"),
        ("inputs/1/meta.yaml", "not read"),
        ("params/../up", "1"),
    ]);
    all.insert("tags/binary".to_owned(), vec![0xff]);
    let run = Run::from_files(&all).expect("a run");
    assert_eq!(run.metrics.keys().collect::<Vec<_>>(), ["train/loss"]);
    assert_eq!(run.latest("train/loss").map(|sample| sample.value), Some(0.5));
    assert_eq!(run.params["a/b"], "x y\nz");
    assert_eq!(run.params.len(), 2);
    assert_eq!(run.name(), Some("first"), "what `meta.yaml` says is newer than the tag");
    assert_eq!(run.source_commit().map(|id| id.to_string()).as_deref(), Some(commit));
    let told: Vec<(&str, Option<u64>)> =
        run.problems.iter().map(|told| (told.path.as_str(), told.problem.line)).collect();
    let expected = [
        ("metrics/empty", None),
        ("metrics/train/loss", Some(3)),
        ("params/../up", None),
        ("tags/binary", None),
    ];
    assert_eq!(told, expected);

    all.insert("tags/mlflow.source.git.commit".to_owned(), b"main".to_vec());
    assert_eq!(Run::from_files(&all).expect("a run").source_commit(), None);
    all.remove("meta.yaml");
    assert!(Run::from_files(&all).is_err());
}

#[test]
fn what_is_too_large_is_left_out() {
    let mut all = files(&[("meta.yaml", META)]);
    all.insert("params/large".to_owned(), vec![b'a'; (64 << 10) + 1]);
    let run = Run::from_files(&all).expect("a run");
    assert_eq!((run.params.len(), run.problems.len()), (0, 1));
    let many = metric_history("1 1 1\n".repeat(1_000_001).as_bytes());
    assert_eq!(many.samples.len(), 1_000_000);
    assert_eq!(many.problems[0].line, Some(1_000_001));
    assert!(RunMeta::read(&vec![b' '; (1 << 20) + 1]).is_err());
}

#[test]
fn a_packed_model_is_read() {
    let packed = PackedModel::read(MODEL.as_bytes()).expect("a model");
    assert_eq!(packed.flavors, ["python_function", "sklearn"]);
    assert_eq!(packed.run_id.as_deref(), Some("93959114a41647d59c6f4ceca8fd2a67"));
    assert_eq!(packed.model_uuid.as_deref(), Some("cfab7bcd04754c88bb4bb18dc8fe3bfb"));
    assert_eq!((packed.model_id.as_deref(), packed.mlflow_version.as_deref()), (None, Some("3.17.2")));
    assert_eq!(packed.created().map(|at| at.to_string()).as_deref(), Some("2026-11-24T15:07:32.213788Z"));
    assert_eq!(packed.size_bytes, Some(1234));
    let signature = packed.signature.expect("a signature");
    let column = |name: &str, kind, required| Column {
        name: Some(name.to_owned()),
        kind: ColumnType::Scalar(kind),
        required,
    };
    let columns = vec![column("age", Scalar::Double, true), column("name", Scalar::String, false)];
    assert_eq!(signature.inputs, Some(Schema::Columns(columns)));
    let tensor = Tensor { name: None, dtype: "float32".to_owned(), shape: vec![-1, 2] };
    assert_eq!(signature.outputs, Some(Schema::Tensors(vec![tensor])));
}

#[test]
fn nested_columns_are_read() {
    let items = [
        r#"{"type": "array", "items": {"type": "object", "properties": {"a": {"type": "long", "required": false}}},
            "name": "x"}"#,
        r#"{"type": "map", "values": {"type": "any"}, "name": "y", "optional": true}"#,
        r#"{"type": "sparkml_vector", "name": "z"}"#,
    ];
    let text = format!("[{}]", items.join(", "));
    let Schema::Columns(columns) = inputs(&text) else { panic!("columns") };
    let field =
        Column { name: Some("a".to_owned()), kind: ColumnType::Scalar(Scalar::Long), required: false };
    assert_eq!(columns[0].kind, ColumnType::Array(Box::new(ColumnType::Object(vec![field]))));
    assert_eq!((&columns[1].kind, columns[1].required), (&ColumnType::Map(Box::new(ColumnType::Any)), false));
    assert_eq!(columns[2].kind, ColumnType::SparkVector);
}

#[test]
fn signatures_that_mlflow_refuses_are_refused() {
    let tensor = r#"{"type": "tensor", "tensor-spec": {"dtype": "float32", "shape": [1]}}"#;
    let (mixed, unnamed) = (format!(r#"[{tensor}, {{"type": "long"}}]"#), format!("[{tensor}, {tensor}]"));
    for bad in [
        mixed.as_str(),
        unnamed.as_str(),
        "[]",
        "{}",
        "[1]",
        "[{}]",
        "[",
        r#"[{"type": "decimal"}]"#,
        r#"[{"type": "array"}]"#,
        r#"[{"type": "tensor"}]"#,
        r#"[{"type": "tensor", "tensor-spec": {"dtype": "float32", "shape": [-2]}}]"#,
        r#"[{"type": "long", "name": "a"}, {"type": "long"}]"#,
        r#"[{"type": "long", "name": [1]}]"#,
    ] {
        let why = model(bad).expect_err(bad).to_string();
        assert!(why.starts_with("its signature's inputs: "), "{bad}: {why}");
    }
    let deep = format!(
        "[{}{}]",
        r#"{"type":"array","items":"#.repeat(60),
        r#"{"type":"long"}"#.to_owned() + &"}".repeat(60)
    );
    assert!(model(&deep).is_ok());
    assert!(model(&"[".repeat(100_000)).is_err(), "the depth has an end");
}

fn any_sample() -> impl Strategy<Value = Sample> {
    let text = prop_oneof!["[0-9]{1,6}(\\.[0-9]{1,3})?", Just("nan".to_owned()), Just("-inf".to_owned())];
    (0_u32..5, text, -3_i64..3).prop_map(|(millis, value, step)| {
        metric_history(format!("{millis} {value} {step}").as_bytes()).samples.remove(0)
    })
}

proptest! {
    #[test]
    fn any_bytes_are_an_answer(
        bytes in proptest::collection::vec(any::<u8>(), 0..200),
        text in "[a-z_:{}\\[\\]\"' 0-9.\\n-]{0,120}",
    ) {
        for bytes in [bytes.as_slice(), text.as_bytes()] {
            let lines = bytes.split(|&byte| byte == b'\n').count();
            let history = metric_history(bytes);
            prop_assert!(history.samples.len() + history.problems.len() <= lines + 1);
            for problem in history.problems {
                prop_assert!(problem.line.is_none_or(|line| line >= 1 && line <= lines as u64));
            }
            prop_assert!(Experiment::read(bytes).is_err() || !bytes.is_empty());
            prop_assert!(PackedModel::read(bytes).is_err() || !bytes.is_empty());
            let all = BTreeMap::from([("meta.yaml", META.as_bytes()), ("tags/a", bytes), ("metrics/m", bytes)]);
            let all = all.into_iter().map(|(path, bytes)| (path.to_owned(), bytes)).collect();
            prop_assert!(Run::from_files(&all).is_ok());
            let all = BTreeMap::from([("meta.yaml".to_owned(), bytes)]);
            prop_assert!(Run::from_files(&all).is_err() || !bytes.is_empty());
        }
    }

    #[test]
    fn any_text_is_an_answer_as_a_signature(text in "[\\[\\]{}:,\"a-z0-9 -]{0,80}") {
        let read = keelmark_formats::mlflow::Signature::read(Some(&text), None);
        prop_assert!(read.is_err() || text.is_empty() || text.contains("type"));
    }

    #[test]
    fn nothing_comes_after_the_latest(samples in proptest::collection::vec(any_sample(), 1..20)) {
        let last = latest(&samples).expect("a sample");
        for other in &samples {
            prop_assert!((other.step, other.at) <= (last.step, last.at));
        }
        let numbers: Vec<Sample> = samples.into_iter().filter(|sample| !sample.value.is_nan()).collect();
        let mut turned = numbers.clone();
        turned.reverse();
        prop_assert_eq!(latest(&numbers), latest(&turned), "the file's order is none");
    }
}
