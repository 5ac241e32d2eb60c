//! `MLflow`'s two stores and what `MLflow` itself says of them.

mod support;

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::sync::Arc;

use keelmark_history::{
    ForeignRun, ForeignRuns, ForeignSource, ForeignStatus, ForeignValue, HistoryQuery, KeptForeignRuns,
    MetricSource, Orphan, foreign_curve, foreign_runs, history, history_with,
};
use keelmark_types::Timestamp;
use serde_json::{Value, json};
use support::others::{answer, fixture};
use support::{World, git_in};

fn copy(from: &Path, to: &Path) {
    if from.is_dir() {
        fs::create_dir_all(to).expect("a folder");
        for entry in fs::read_dir(from).expect("a folder") {
            let entry = entry.expect("an entry");
            copy(&entry.path(), &to.join(entry.file_name()));
        }
    } else {
        fs::copy(from, to).expect("copied");
    }
}

fn with(store: &str) -> World {
    let world = World::new();
    world.write(".gitignore", "mlruns\nmlflow.db\n");
    world.commit("Start");
    copy(&fixture(store), &world.path().join(store));
    world
}

fn read(world: &World) -> ForeignRuns {
    foreign_runs(&world.repository(), "").expect("answers")
}

fn number(value: &ForeignValue) -> Value {
    value.value.map_or_else(|| json!(value.why), Value::from)
}

/// Every file of a folder with its bytes and time.
fn everything(folder: &Path) -> BTreeMap<String, (Vec<u8>, std::time::SystemTime)> {
    let mut found = BTreeMap::new();
    let mut pending = vec![folder.to_owned()];
    while let Some(next) = pending.pop() {
        for entry in fs::read_dir(next).expect("a folder") {
            let path = entry.expect("an entry").path();
            if path.is_dir() {
                pending.push(path);
            } else {
                let time = fs::metadata(&path).expect("there").modified().expect("a time");
                found.insert(path.display().to_string(), (fs::read(&path).expect("read"), time));
            }
        }
    }
    found
}

fn assert_same(world: &World, ours: &ForeignRun, theirs: &Value, experiments: &Value) {
    let info = &theirs["info"];
    assert_eq!(json!(ours.name), info["run_name"]);
    let status = json!(ours.status).as_str().expect("a word").to_uppercase();
    assert_eq!(status, info["status"]);
    let millis = |time: Option<Timestamp>| json!(time.map(Timestamp::as_millisecond));
    assert_eq!(
        (millis(ours.started), millis(ours.ended)),
        (info["start_time"].clone(), info["end_time"].clone())
    );
    assert_eq!(ours.deleted, info["lifecycle_stage"] == "deleted");
    let mut experiment = experiments.as_array().expect("experiments").iter();
    let experiment = experiment.find(|of| of["experiment_id"] == info["experiment_id"]).expect("known");
    assert_eq!(ours.experiment, experiment["name"]);
    assert_eq!(json!(ours.params), theirs["params"]);
    assert_eq!(json!(ours.tags), theirs["tags"]);
    let metrics: BTreeMap<&String, Value> =
        ours.metrics.iter().map(|(name, value)| (name, number(value))).collect();
    assert_eq!(json!(metrics), theirs["metrics"]);
    for (metric, points) in theirs["history"].as_object().expect("curves") {
        let curve = foreign_curve(&world.repository(), ours, metric).expect("a curve");
        let ours = curve
            .points
            .iter()
            .map(|point| json!([point.step, point.at.map(Timestamp::as_millisecond), number(point)]));
        let sorted = |mut points: Vec<Value>| {
            points.sort_by_key(|point| (point[0].as_i64(), point[1].as_i64(), point[2].to_string()));
            points
        };
        let theirs = points.as_array().expect("points").clone();
        assert_eq!(sorted(ours.collect()), sorted(theirs), "{metric}");
        assert!(!curve.truncated && curve.problems.is_empty());
    }
}

#[test]
fn both_stores_have_the_runs_that_mlflow_shows() {
    for (store, said) in [("mlruns", "mlflow/runs.json"), ("mlflow.db", "mlflow/db-runs.json")] {
        let world = with(store);
        let before = everything(&world.path());
        let found = read(&world);
        assert_eq!((&found.problems, found.truncated), (&Vec::new(), false), "{store}");
        let said = answer(said);
        let theirs = said["runs"].as_array().expect("runs");
        assert_eq!(found.runs.len(), theirs.len(), "{store}");
        for theirs in theirs {
            let id = &theirs["info"]["run_id"];
            let ours = found.runs.iter().find(|run| json!(run.id) == *id).expect("listed");
            assert_same(&world, ours, theirs, &said["experiments"]);
            let named = theirs["tags"].get("mlflow.source.git.commit").is_some();
            assert_eq!(ours.orphan, Some(if named { Orphan::UnknownCommit } else { Orphan::NoCommit }));
            assert_eq!(ours.commit.is_some(), named);
        }
        assert!(before == everything(&world.path()), "{store}: nothing is written, also not beside it");
    }
}

/// A run in the older store, by hand.
fn run(world: &World, id: &str, commit: Option<&str>, ended: u64, accuracy: &str) {
    let folder = format!("mlruns/1/{id}");
    world.write("mlruns/1/meta.yaml", "experiment_id: '1'\nname: digits\nlifecycle_stage: active\n");
    let meta = format!(
        "run_id: {id}\nexperiment_id: '1'\nstatus: 3\nlifecycle_stage: active\nstart_time: 1000\nend_time: {ended}\n"
    );
    world.write(&format!("{folder}/meta.yaml"), &meta);
    world.write(&format!("{folder}/metrics/accuracy"), &format!("1000 {accuracy} 0\n"));
    world.write(&format!("{folder}/metrics/val/loss"), "1000 0.5 0\n");
    if let Some(commit) = commit {
        world.write(&format!("{folder}/tags/mlflow.source.git.commit"), commit);
    }
}

#[test]
fn the_newest_finished_run_speaks_where_nothing_else_does() {
    let world = World::new();
    world.write(".gitignore", "mlruns\n");
    world.write("metrics.json", r#"{"accuracy": 0.75}"#);
    let with_file = world.commit("A file says it");
    world.write("metrics.json", "{}");
    let without = world.commit("No file says it");
    run(&world, "a1", Some(without.as_str()), 5000, "0.5");
    run(&world, "a2", Some(without.as_str()), 9000, "0.875");
    run(&world, "a3", Some(with_file.as_str()), 9000, "nan");
    run(&world, "a4", None, 9999, "0.1");
    world.write("mlruns/1/a5/meta.yaml", "run_id: a5\nexperiment_id: '1'\nstatus: 1\nstart_time: 99000\n");
    world.write("mlruns/1/a5/tags/mlflow.source.git.commit", without.as_str());
    world.write("mlruns/1/a5/metrics/accuracy", "1 0.99 0\n");
    world.write("mlruns/1/a6/meta.yaml", "run_id: [a6\n");
    let found = read(&world);
    let of: BTreeMap<&str, &ForeignRun> = found.runs.iter().map(|run| (run.id.as_str(), run)).collect();
    assert_eq!(of.keys().copied().collect::<Vec<_>>(), ["a1", "a2", "a3", "a4", "a5"]);
    assert_eq!((of["a1"].orphan, of["a4"].orphan), (None, Some(Orphan::NoCommit)));
    assert_eq!((of["a5"].status, of["a5"].source), (ForeignStatus::Running, ForeignSource::MlflowFiles));
    assert_eq!(found.problems.len(), 1, "{:?}", found.problems);
    assert_eq!(found.problems[0].what, "mlruns/1/a6/meta.yaml");

    let index = world.index();
    let told = history(&world.repository(), &index, &HistoryQuery::default()).expect("answers");
    let newest = &told.commits[0].metrics;
    assert_eq!((newest["accuracy"].value, newest["accuracy"].source), (Some(0.875), MetricSource::Mlflow));
    assert_eq!(newest["accuracy"].foreign_run.as_deref(), Some("a2"));
    assert_eq!(newest["val/loss"].value, Some(0.5));
    let older = &told.commits[1].metrics;
    assert_eq!((older["accuracy"].value, older["accuracy"].source), (Some(0.75), MetricSource::File));
    assert_eq!(told.problems.len(), 1, "{:?}", told.problems);
}

#[test]
fn committed_runs_are_read_of_a_bare_repository() {
    let world = World::new();
    run(&world, "a1", None, 5000, "0.5");
    copy(&fixture("mlflow.db"), &world.path().join("mlflow.db"));
    world.commit("Commit the runs");
    let bare = world.path().with_file_name("bare");
    world.git(&["clone", "--quiet", "--bare", ".", bare.to_str().expect("a text")]);
    let repository = keelmark_git::Repository::open(&bare).expect("a repository");
    let found = foreign_runs(&repository, "").expect("answers");
    assert_eq!((found.runs.len(), found.problems.len()), (7, 0), "{:?}", found.problems);
    for run in &found.runs {
        for metric in run.metrics.keys() {
            assert!(!foreign_curve(&repository, run, metric).expect("a curve").points.is_empty());
        }
    }
}

#[test]
fn what_is_hostile_is_a_problem() {
    let world = with("mlruns");
    let root = world.path();
    fs::write(root.join("mlflow.db"), b"SQLite format 3\0 and so on").expect("written");
    let said = read(&world).problems;
    assert_eq!((said.len(), said[0].what.as_str()), (1, "mlflow.db"), "{said:?}");
    fs::remove_file(root.join("mlflow.db")).expect("removed");
    let outside = world.path().with_file_name("outside.db");
    fs::copy(fixture("mlflow.db"), &outside).expect("copied");
    std::os::unix::fs::symlink(&outside, root.join("mlflow.db")).expect("linked");
    let found = read(&world);
    assert!(!found.runs.is_empty(), "the other store is read all the same");
    assert!(found.runs.iter().all(|run| run.source == ForeignSource::MlflowFiles), "no link is followed");
    assert_eq!(found.problems.len(), 1, "{:?}", found.problems);
    fs::remove_dir_all(root.join("mlruns")).expect("removed");
    std::os::unix::fs::symlink(fixture("mlruns"), root.join("mlruns")).expect("linked");
    let found = read(&world);
    assert_eq!(
        (found.runs.len(), found.problems.len()),
        (0, 2),
        "nothing outside is read: {:?}",
        found.problems
    );
    history(&world.repository(), &world.index(), &HistoryQuery::default()).expect("Git is there still");
}

#[test]
fn too_many_files_end_at_a_budget_and_say_so() {
    let world = World::new();
    world.commit("Start");
    run(&world, "a1", None, 5000, "0.5");
    let params = world.path().join("mlruns/1/b2/params");
    fs::create_dir_all(&params).expect("a folder");
    fs::write(world.path().join("mlruns/1/b2/meta.yaml"), "run_id: b2\nexperiment_id: '1'\n")
        .expect("written");
    for number in 0..50_001 {
        fs::File::create(params.join(format!("p{number}"))).expect("made");
    }
    let found = read(&world);
    assert!(found.truncated);
    assert_eq!(found.runs.iter().map(|run| run.id.as_str()).collect::<Vec<_>>(), ["a1"], "no half runs");
    assert!(found.problems.iter().any(|problem| problem.what == "mlruns"), "{:?}", found.problems);
}

#[test]
fn runs_are_read_again_only_where_a_file_changed() {
    for store in ["mlruns", "mlflow.db"] {
        let world = with(store);
        let repository = world.repository();
        let kept = KeptForeignRuns::default();
        let first = kept.read(&repository, "").expect("read");
        assert_eq!(*first, read(&world), "{store}: as they are read at once");
        let second = kept.read(&repository, "").expect("read");
        assert!(Arc::ptr_eq(&first, &second), "{store}: nothing changed, so nothing is read");
    }
    let world = World::new();
    world.write(".gitignore", "mlruns\n");
    let commit = world.commit("Start");
    run(&world, "a", Some(commit.as_str()), 2000, "0.5");
    let (repository, kept) = (world.repository(), KeptForeignRuns::default());
    let accuracy = || {
        let found = kept.read(&repository, "").expect("read");
        let speaker = found.speaker(&commit).expect("a run of the version");
        (found.runs.len(), speaker.metrics["accuracy"].value)
    };
    assert_eq!(accuracy(), (1, Some(0.5)));
    let index = world.index();
    let history = || history_with(&repository, &index, &HistoryQuery::default(), &kept).expect("answers");
    assert_eq!(history().commits[0].metrics["accuracy"].value, Some(0.5));
    world.write("mlruns/1/a/metrics/accuracy", "1000 0.5 0\n1001 0.75 1\n");
    assert_eq!(accuracy(), (1, Some(0.75)), "a line more");
    assert_eq!(history().commits[0].metrics["accuracy"].value, Some(0.75));
    run(&world, "b", None, 3000, "0.9");
    assert_eq!(accuracy().0, 2, "a run more");
    fs::remove_dir_all(world.path().join("mlruns")).expect("removed");
    assert!(kept.read(&repository, "").expect("read").runs.is_empty(), "all are gone");
}

#[test]
fn a_version_that_arrives_later_binds_its_run() {
    let world = World::new();
    world.write(".gitignore", "mlruns\n");
    world.commit("Start");
    let other = world.path().with_file_name("other");
    world.git(&["clone", "--quiet", ".", other.to_str().expect("a text")]);
    git_in(&other, 1_772_000_900, &["commit", "--quiet", "--allow-empty", "--message", "Elsewhere"]);
    let later = git_in(&other, 1_772_000_900, &["rev-parse", "HEAD"]);
    run(&world, "a", Some(&later), 2000, "0.5");
    let (repository, kept) = (world.repository(), KeptForeignRuns::default());
    let orphan = || kept.read(&repository, "").expect("read").runs[0].orphan;
    assert_eq!(orphan(), Some(Orphan::UnknownCommit));
    world.git(&["fetch", "--quiet", other.to_str().expect("a text")]);
    assert_eq!(orphan(), None, "no file of the store changed, yet the version is here");
}

#[test]
fn parameters_of_a_run_stand_where_no_file_sets_them() {
    let world = World::new();
    world.write(".gitignore", "mlruns\n");
    world.write("params.yaml", "lr: 0.1\ncountry: NO\n");
    let commit = world.commit("Start");
    run(&world, "a", Some(commit.as_str()), 2000, "0.5");
    world.write("mlruns/1/a/params/lr", "0.2");
    world.write("mlruns/1/a/params/depth", "1.10");
    let query = HistoryQuery { params: Some(Vec::new()), ..HistoryQuery::default() };
    let told = history(&world.repository(), &world.index(), &query).expect("answers");
    let params = told.commits[0].params.as_ref().expect("asked for");
    assert_eq!(json!(params), json!({"lr": 0.1, "country": "NO", "depth": "1.10"}), "the file goes first");
    assert_eq!(told.commits[0].foreign_params, ["depth"]);
    let query = HistoryQuery { params: Some(vec!["lr".to_owned()]), ..HistoryQuery::default() };
    let told = history(&world.repository(), &world.index(), &query).expect("answers");
    assert_eq!(json!(told.commits[0].params), json!({"lr": 0.1}));
    assert!(told.commits[0].foreign_params.is_empty());
}
