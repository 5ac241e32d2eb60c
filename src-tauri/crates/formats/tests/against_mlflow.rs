//! An `MLflow` file store and what `MLflow` itself says of it (`tests/fixtures/others/make.py`).

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use keelmark_formats::mlflow::{
    Experiment, Lifecycle, PackedModel, RESERVED_FOLDERS, Run, RunStatus, Schema, latest, metric_history,
};
use keelmark_types::Timestamp;
use serde_json::Value;

fn others() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../tests/fixtures/others")
}

fn said() -> Value {
    let bytes = std::fs::read(others().join("mlflow/runs.json")).expect("what MLflow says");
    serde_json::from_slice(&bytes).expect("JSON")
}

fn folders(of: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(of).expect("a folder").map(|entry| entry.expect("an entry").path());
    entries.filter(|path| path.is_dir()).collect()
}

/// Experiments' folders, deleted ones too.
fn experiments() -> Vec<PathBuf> {
    let root = others().join("mlruns");
    let all = folders(&root).into_iter().chain(folders(&root.join(".trash")));
    all.filter(|folder| folder.join("meta.yaml").exists()).collect()
}

/// Every file below a folder by its path within it.
fn files(folder: &Path) -> BTreeMap<String, Vec<u8>> {
    let mut found = BTreeMap::new();
    let mut pending = vec![folder.to_owned()];
    while let Some(next) = pending.pop() {
        for entry in std::fs::read_dir(next).expect("a folder") {
            let path = entry.expect("an entry").path();
            if path.is_dir() {
                pending.push(path);
            } else {
                let within = path.strip_prefix(folder).expect("within").to_str().expect("a text");
                let bytes = std::fs::read(&path).expect("a file");
                found.insert(within.replace('\\', "/"), bytes);
            }
        }
    }
    found
}

fn number(value: f64) -> Value {
    match value {
        nan if nan.is_nan() => "NaN".into(),
        f64::INFINITY => "Infinity".into(),
        f64::NEG_INFINITY => "-Infinity".into(),
        number => number.into(),
    }
}

fn lifecycle(stage: Lifecycle) -> &'static str {
    match stage {
        Lifecycle::Active => "active",
        Lifecycle::Deleted => "deleted",
    }
}

#[test]
fn experiments_are_those_that_mlflow_lists() {
    let said = said();
    let mut left: BTreeMap<&str, &Value> = said["experiments"]
        .as_array()
        .expect("experiments")
        .iter()
        .map(|experiment| (experiment["experiment_id"].as_str().expect("an id"), experiment))
        .collect();
    for folder in experiments() {
        let bytes = std::fs::read(folder.join("meta.yaml")).expect("a file");
        let ours = Experiment::read(&bytes).expect("an experiment");
        let theirs = left.remove(ours.id.as_str()).expect("known to MLflow");
        assert_eq!(ours.name, theirs["name"]);
        assert_eq!(lifecycle(ours.lifecycle), theirs["lifecycle_stage"]);
        assert_eq!(ours.created.map(Timestamp::as_millisecond), theirs["creation_time"].as_i64());
    }
    assert!(left.is_empty(), "{left:?}");
}

#[test]
fn runs_are_those_that_mlflow_shows() {
    let said = said();
    let theirs = said["runs"].as_array().expect("runs").iter();
    let mut left: BTreeMap<&str, &Value> =
        theirs.map(|run| (run["info"]["run_id"].as_str().expect("an id"), run)).collect();
    let all: Vec<PathBuf> = experiments().iter().flat_map(|folder| folders(folder)).collect();
    let runs = all.iter().filter(|path| {
        let name = path.file_name().and_then(|name| name.to_str()).expect("a name");
        !RESERVED_FOLDERS.contains(&name)
    });
    for folder in runs {
        let run = Run::from_files(&files(folder)).expect("a run");
        assert_eq!(run.problems, [], "{}", folder.display());
        let theirs = left.remove(run.meta.id.as_str()).expect("known to MLflow");
        assert_same(&run, theirs);
    }
    assert!(left.is_empty(), "{left:?}");
}

fn assert_same(run: &Run, theirs: &Value) {
    let info = &theirs["info"];
    assert_eq!(run.name(), info["run_name"].as_str());
    assert_eq!(run.meta.experiment, info["experiment_id"]);
    assert_eq!(lifecycle(run.meta.lifecycle), info["lifecycle_stage"]);
    assert_eq!(run.meta.started.map(Timestamp::as_millisecond), info["start_time"].as_i64());
    assert_eq!(run.meta.ended.map(Timestamp::as_millisecond), info["end_time"].as_i64());
    assert_eq!(run.meta.artifact_uri.as_deref(), info["artifact_uri"].as_str());
    assert_eq!(run.meta.user.as_deref(), info["user_id"].as_str());
    let status = match run.meta.status {
        RunStatus::Running => "RUNNING",
        RunStatus::Scheduled => "SCHEDULED",
        RunStatus::Finished => "FINISHED",
        RunStatus::Failed => "FAILED",
        RunStatus::Killed => "KILLED",
    };
    assert_eq!(status, info["status"]);
    assert_eq!(serde_json::json!(run.params), theirs["params"]);
    assert_eq!(serde_json::json!(run.tags), theirs["tags"]);
    let last: BTreeMap<&String, Value> = run
        .metrics
        .keys()
        .map(|key| (key, run.latest(key).map_or(Value::Null, |sample| number(sample.value))))
        .collect();
    assert_eq!(serde_json::json!(last), theirs["metrics"]);
    let history: BTreeMap<&String, Vec<Value>> = run
        .metrics
        .iter()
        .map(|(key, samples)| {
            let sample = samples.iter().map(|sample| {
                serde_json::json!([sample.step, sample.at.as_millisecond(), number(sample.value)])
            });
            (key, sample.collect())
        })
        .collect();
    assert_eq!(serde_json::json!(history), theirs["history"]);
}

#[test]
fn the_source_is_known_where_it_was_told() {
    let sources: BTreeSet<String> = experiments()
        .iter()
        .flat_map(|folder| folders(folder))
        .filter_map(|folder| Run::from_files(&files(&folder)).ok()?.source_commit())
        .map(|commit| commit.to_string())
        .collect();
    assert!(!sources.is_empty(), "the store has a run with a commit");
}

#[test]
fn a_packed_model_is_read() {
    let bytes = std::fs::read(others().join("mlflow/MLmodel")).expect("a model");
    let packed = PackedModel::read(&bytes).expect("a model");
    assert_eq!(packed.flavors, ["python_function", "sklearn"]);
    assert_eq!(packed.created().map(|at| at.to_string()).as_deref(), Some("2024-01-05T10:00:00Z"));
    let signature = packed.signature.expect("a signature");
    let (Some(Schema::Columns(inputs)), Some(Schema::Columns(outputs))) =
        (signature.inputs, signature.outputs)
    else {
        panic!("columns on both sides")
    };
    assert_eq!((inputs.len(), outputs.len()), (2, 1));
    assert_eq!(outputs[0].name, None);
}

#[test]
fn a_file_that_is_cut_anywhere_keeps_what_is_before_the_cut() {
    let all: Vec<Vec<u8>> = experiments()
        .iter()
        .flat_map(|folder| files(folder))
        .filter_map(|(path, bytes)| path.contains("/metrics/").then_some(bytes))
        .collect();
    assert!(all.len() > 10, "the store has metrics");
    for bytes in all {
        let whole = metric_history(&bytes).samples;
        for end in 0..bytes.len() {
            let cut = metric_history(&bytes[..end]).samples;
            let lines = bytes[..end].split(|&byte| byte == b'\n').count() - 1;
            assert!(cut.len() == lines || cut.len() == lines + 1);
            assert_eq!(format!("{:?}", &cut[..lines]), format!("{:?}", &whole[..lines]));
            assert_eq!(latest(&cut).is_some(), !cut.is_empty());
        }
    }
}
