//! A repository made by DVC, read as DVC reads it: `tests/fixtures/others` says which version, and how it is made.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::process::Command;

use keelmark_formats::dvc::{Pipeline, Resolved, Stage, read_lock, read_pointer};
use keelmark_formats::{leaves, read_values};
use serde_json::{Map, Value};

struct Repository {
    folder: tempfile::TempDir,
    commits: BTreeMap<String, String>,
}

fn fixture(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../tests/fixtures/others").join(name)
}

fn answer(name: &str) -> Value {
    let bytes = std::fs::read(fixture("dvc").join(name)).expect("an answer of DVC");
    serde_json::from_slice(&bytes).expect("JSON")
}

impl Repository {
    fn open() -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let cloned = Command::new("git")
            .args(["-c", "init.defaultBranch=main", "clone", "--quiet", "--bare"])
            .arg(fixture("dvc.bundle"))
            .arg(folder.path().join("repo"))
            .status();
        assert!(cloned.expect("git").success(), "the bundle is cloned");
        let Value::Object(commits) = answer("commits.json") else { panic!("commits by name") };
        let commits =
            commits.into_iter().map(|(name, id)| (name, id.as_str().expect("an id").to_owned())).collect();
        Self { folder, commits }
    }

    fn read(&self, commit: &str, path: &str) -> Option<Vec<u8>> {
        let shown = Command::new("git")
            .arg("-C")
            .arg(self.folder.path().join("repo"))
            .args(["show", &format!("{commit}:{path}")])
            .output()
            .expect("git");
        shown.status.success().then_some(shown.stdout)
    }

    fn resolve(&self, commit: &str, folder: &str) -> Option<Resolved> {
        let path = format!("{folder}{}dvc.yaml", if folder.is_empty() { "" } else { "/" });
        let pipeline = Pipeline::read(folder, &self.read(commit, &path)?).expect("a pipeline");
        Some(
            pipeline
                .resolve(|path| self.read(commit, path).map(|bytes| read_values(path, &bytes)).transpose()),
        )
    }
}

/// The stages of a commit's answer, which may be those of another commit.
fn stages_of<'a>(answers: &'a Map<String, Value>, answer: &'a Value) -> Option<Map<String, Value>> {
    let same = answer.get("same as").and_then(Value::as_str).and_then(|name| answers.get(name));
    let Value::Object(stages) = same.unwrap_or(answer).get("stages")? else { return None };
    let full = |(address, stage): (&String, &'a Value)| {
        let same = stage.get("same as").and_then(Value::as_str);
        let stage = same.map_or(stage, |name| &answers[name]["stages"][address]);
        (address.clone(), stage.clone())
    };
    Some(stages.iter().map(full).collect())
}

/// The folder and name of a stage as DVC has them: `train@a`, `sub/dvc.yaml:train@a`; none of a pointer.
fn place(address: &str) -> Option<(&str, &str)> {
    if address.rsplit_once('.').is_some_and(|(_, ending)| ending == "dvc") {
        return None;
    }
    let Some((file, name)) = address.split_once(':') else { return Some(("", address)) };
    Some((file.strip_suffix("dvc.yaml")?.trim_end_matches('/'), name))
}

fn words(value: &Value) -> BTreeSet<String> {
    value.as_array().into_iter().flatten().filter_map(Value::as_str).map(str::to_owned).collect()
}

fn paths(outs: &[keelmark_formats::dvc::Output]) -> impl Iterator<Item = String> + '_ {
    outs.iter().map(|out| out.path.clone())
}

fn assert_same(stage: &Stage, theirs: &Value, what: &str) {
    let cmd = match &theirs["cmd"] {
        Value::Array(lines) => lines.iter().filter_map(Value::as_str).map(str::to_owned).collect(),
        line => vec![line.as_str().unwrap_or_default().to_owned()],
    };
    assert_eq!(stage.cmd, cmd, "{what}: commands");
    assert_eq!(stage.deps.iter().cloned().collect::<BTreeSet<_>>(), words(&theirs["deps"]), "{what}: deps");
    let outs: BTreeSet<String> =
        paths(&stage.outs).chain(paths(&stage.metrics)).chain(paths(&stage.plots)).collect();
    assert_eq!(outs, words(&theirs["outs"]), "{what}: outs");
    let uncached = [&stage.outs, &stage.metrics, &stage.plots].into_iter().flatten().filter(|out| !out.cache);
    assert_eq!(
        uncached.map(|out| out.path.clone()).collect::<BTreeSet<_>>(),
        words(&theirs["uncached"]),
        "{what}"
    );
    assert_eq!(paths(&stage.metrics).collect::<BTreeSet<_>>(), words(&theirs["metrics"]), "{what}: metrics");
    let wdir = if stage.wdir.is_empty() { "." } else { &stage.wdir };
    assert_eq!(Value::from(wdir), theirs["wdir"], "{what}: wdir");
    assert_eq!(Value::from(stage.frozen), theirs["frozen"], "{what}: frozen");
    let params: BTreeMap<&str, BTreeSet<String>> =
        stage.params.iter().map(|file| (file.path.as_str(), file.keys.iter().cloned().collect())).collect();
    let theirs: BTreeMap<&str, BTreeSet<String>> = theirs["params"]
        .as_object()
        .into_iter()
        .flatten()
        .map(|(path, keys)| (path.as_str(), words(keys)))
        .collect();
    assert_eq!(params, theirs, "{what}: params");
}

#[test]
fn stages_are_resolved_as_dvc_resolves_them() {
    let repository = Repository::open();
    let Value::Object(answers) = answer("resolved-stages.json") else { panic!("an answer a commit") };
    let mut compared = 0;
    for (name, answer) in &answers {
        let commit = &repository.commits[name];
        let Some(stages) = stages_of(&answers, answer) else {
            // DVC gives up on the whole file; we say which stage, and show the others.
            let bytes = repository.read(commit, "dvc.yaml").expect("a dvc.yaml");
            if let Ok(pipeline) = Pipeline::read("", &bytes) {
                let ours = pipeline.resolve(|path| {
                    repository.read(commit, path).map(|bytes| read_values(path, &bytes)).transpose()
                });
                assert!(!ours.problems.is_empty() && ours.stages.len() > 20, "{name}: {:?}", ours.problems);
            }
            continue;
        };
        let mut ours: BTreeMap<(String, String), Stage> = BTreeMap::new();
        for folder in ["", "sub"] {
            let Some(resolved) = repository.resolve(commit, folder) else { continue };
            assert!(resolved.problems.is_empty(), "{name}: {:?}", resolved.problems);
            for stage in resolved.stages {
                ours.insert((folder.to_owned(), stage.name.clone()), stage);
            }
        }
        let theirs: BTreeMap<_, _> =
            stages.iter().filter_map(|(address, stage)| Some((place(address)?, stage))).collect();
        let names = |(folder, name): (&str, &str)| (folder.to_owned(), name.to_owned());
        assert_eq!(
            ours.keys().cloned().collect::<BTreeSet<_>>(),
            theirs.keys().map(|place| names(*place)).collect::<BTreeSet<_>>(),
            "{name}: the same stages"
        );
        for (place, stage) in theirs {
            assert_same(&ours[&names(place)], stage, &format!("{name}, {place:?}"));
            compared += 1;
        }
    }
    assert!(compared > 100, "{compared} stages were compared");
}

/// What DVC shows of a metrics file: no lists, no nulls, no dates.
fn shown(value: &Value) -> Value {
    let is_date = |text: &str| text.len() == 10 && text.bytes().filter(|byte| *byte == b'-').count() == 2;
    let is_shown = |value: &Value| match value {
        Value::Array(_) | Value::Null => false,
        Value::Object(fields) => !fields.is_empty(),
        Value::String(text) => !is_date(text),
        _ => true,
    };
    match value {
        Value::Object(fields) => Value::Object(
            fields
                .iter()
                .filter(|(_, value)| is_shown(value))
                .map(|(name, value)| (name.clone(), shown(value)))
                .collect(),
        ),
        single => single.clone(),
    }
}

#[test]
fn metrics_are_those_that_dvc_shows() {
    let repository = Repository::open();
    let Value::Object(answers) = answer("metrics-show.json") else { panic!("an answer a commit") };
    let mut compared = 0;
    for (name, commit) in &repository.commits {
        let Some(Value::Object(files)) = answers.get(commit).and_then(|answer| answer.get("data")) else {
            continue;
        };
        let mut ours = BTreeSet::new();
        for folder in ["", "sub"] {
            let Some(resolved) = repository.resolve(commit, folder) else { continue };
            ours.extend(resolved.metric_files().into_iter().map(str::to_owned));
        }
        assert_eq!(ours, files.keys().cloned().collect(), "{name}: the same files");
        for (path, theirs) in files {
            let read = repository.read(commit, path).map(|bytes| read_values(path, &bytes));
            match theirs.get("data") {
                Some(data) => {
                    let read = read.expect("a file").expect("values");
                    assert_eq!(shown(&read), *data, "{name}, {path}");
                    compared += 1;
                }
                None => assert!(!matches!(read, Some(Ok(_))), "{name}, {path}: {theirs}"),
            }
        }
    }
    assert!(compared > 20, "{compared} files were compared");
}

#[test]
fn parameters_are_those_that_dvc_shows() {
    let repository = Repository::open();
    let Value::Object(answers) = answer("params-show.json") else { panic!("an answer a commit") };
    let mut compared = 0;
    for (name, answer) in &answers {
        let commit = &repository.commits[name];
        for (path, theirs) in answer.as_object().into_iter().flatten() {
            let Some(data) = theirs.get("data") else { continue };
            let bytes = repository.read(commit, path).expect("a file");
            let ours = read_values(path, &bytes).unwrap_or_else(|error| panic!("{name}, {path}: {error}"));
            assert_same_values(&ours, data, &format!("{name}, {path}"));
            compared += 1;
        }
    }
    assert!(compared > 20, "{compared} files were compared");
}

/// Where we differ on purpose or by the library: a key that is a boolean (`True:`) keeps the word of the file, and a
/// decimal number with an underscore (`1_0.5`) is a text.
const APART: [&str; 2] = ["true", "under"];

/// DVC shows those names only that a stage reads, where none reads all.
fn assert_same_values(ours: &Value, theirs: &Value, what: &str) {
    if ours == theirs {
        return;
    }
    let none = Map::new();
    let flat = leaves(ours).expect("leaves");
    for (name, value) in
        theirs.as_object().unwrap_or(&none).iter().filter(|(name, _)| !APART.contains(&name.as_str()))
    {
        let found = ours.get(name).or_else(|| flat.get(name));
        match (found, value) {
            (Some(found), value) if found == value => {}
            // `010` is ten, whole or not.
            (Some(Value::Number(found)), Value::Number(value)) => {
                assert_eq!(found.as_f64(), value.as_f64(), "{what}, {name}");
            }
            (Some(found @ Value::Object(_)), Value::Object(_)) => {
                assert_same_values(found, value, &format!("{what}, {name}"));
            }
            (found, value) => {
                let inside = name.split('.').try_fold(ours, |at, part| at.get(part));
                assert_eq!(found.or(inside), Some(value), "{what}, {name}");
            }
        }
    }
}

#[test]
fn locks_and_pointers_have_the_digests_that_dvc_sees() {
    let repository = Repository::open();
    let Value::Object(answers) = answer("resolved-stages.json") else { panic!("an answer a commit") };
    let mut compared = 0;
    for (name, answer) in &answers {
        let commit = &repository.commits[name];
        let Some(stages) = stages_of(&answers, answer) else { continue };
        for folder in ["", "sub"] {
            let path = if folder.is_empty() { "dvc.lock".to_owned() } else { format!("{folder}/dvc.lock") };
            let (Some(bytes), Some(resolved)) =
                (repository.read(commit, &path), repository.resolve(commit, folder))
            else {
                continue;
            };
            let wdir = |name: &str| {
                resolved.stages.iter().find(|stage| stage.name == name).map(|stage| stage.wdir.clone())
            };
            let lock = read_lock(folder, &bytes, wdir).expect("a lock");
            for (address, theirs) in &stages {
                let Some(stage) =
                    place(address).filter(|at| at.0 == folder).and_then(|at| lock.stages.get(at.1))
                else {
                    continue;
                };
                for out in &stage.outs {
                    assert_eq!(
                        Value::from(digest(out)),
                        theirs["hashes"][&out.path],
                        "{name}, {address}, {}",
                        out.path
                    );
                    compared += 1;
                }
                for (path, names) in &stage.params {
                    let names: Map<String, Value> = names.clone().into_iter().collect();
                    assert_eq!(Value::Object(names), theirs["locked"][path], "{name}, {address}, {path}");
                }
            }
        }
        for path in ["data/raw.csv.dvc", "data/images.dvc"] {
            let pointer =
                read_pointer("data", &repository.read(commit, path).expect("a pointer")).expect("it is read");
            for out in &pointer.outs {
                let theirs =
                    stages.iter().find(|(address, _)| address.ends_with(path)).expect("the pointer").1;
                assert_eq!(Value::from(digest(out)), theirs["hashes"][&out.path], "{name}, {path}");
                compared += 1;
            }
        }
    }
    assert!(compared > 50, "{compared} digests were compared");
}

fn digest(tracked: &keelmark_formats::dvc::Tracked) -> String {
    let ending = if tracked.is_folder { ".dir" } else { "" };
    format!("{}{ending}", tracked.md5.as_deref().unwrap_or_default())
}
