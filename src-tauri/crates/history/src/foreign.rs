//! Runs that `MLflow` recorded beside the repository: in `mlruns/` and `mlflow.db`, usually ignored by Git.

use std::collections::{BTreeMap, BTreeSet};

use keelmark_formats::mlflow::{self, Lifecycle, RunStatus, SOURCE_COMMIT_TAG, Sample};
use keelmark_git::{Oid, Repository};
use keelmark_index::{MlflowMetricRow, MlflowRows};
use keelmark_types::{CommitId, Timestamp};
use serde::Serialize;
use ts_rs::TS;

use crate::mlflow_files::Store;
use crate::pipelines::join;
use crate::{Error, Problem};

/// `MLflow`'s folder of files.
pub(crate) const FOLDER: &str = "mlruns";
/// `MLflow`'s database.
pub(crate) const DATABASE: &str = "mlflow.db";

/// Runs that another tool recorded; every number of them is of the grade `asserted`.
#[derive(Debug, Clone, Default, PartialEq, Serialize, TS)]
pub struct ForeignRuns {
    /// The runs, those that started last first; deleted ones too.
    pub runs: Vec<ForeignRun>,
    /// What could not be read.
    pub problems: Vec<Problem>,
    /// Whether there is more than is read.
    pub truncated: bool,
}

/// A run of `MLflow`'s.
#[derive(Debug, Clone, PartialEq, Serialize, TS)]
pub struct ForeignRun {
    /// Its id.
    pub id: String,
    /// Its name.
    pub name: Option<String>,
    /// Its experiment's name.
    pub experiment: String,
    /// How far it is.
    pub status: ForeignStatus,
    /// When it was started.
    #[ts(type = "string | null")]
    pub started: Option<Timestamp>,
    /// When it ended.
    #[ts(type = "string | null")]
    pub ended: Option<Timestamp>,
    /// The version it was made from, as it says.
    pub commit: Option<CommitId>,
    /// Why it belongs to no version here; none where it does.
    pub orphan: Option<Orphan>,
    /// Whether it was deleted.
    pub deleted: bool,
    /// The last value of each metric.
    pub metrics: BTreeMap<String, ForeignValue>,
    /// Parameters, as they were written.
    pub params: BTreeMap<String, String>,
    /// Tags, as they were written.
    pub tags: BTreeMap<String, String>,
    /// Which kind of store it is in.
    pub source: ForeignSource,
    /// The database, or the run's folder.
    pub file: String,
}

/// How far a run of another tool is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum ForeignStatus {
    /// It runs, or nobody said how it ended.
    Running,
    /// It is to run.
    Scheduled,
    /// It ended well.
    Finished,
    /// It ended otherwise.
    Failed,
    /// Somebody ended it.
    Killed,
}

/// Why a run belongs to no version.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum Orphan {
    /// It does not name a whole commit id.
    NoCommit,
    /// Its commit is not in this repository.
    UnknownCommit,
}

/// Where a run was found.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum ForeignSource {
    /// A folder below `mlruns`.
    MlflowFiles,
    /// A row of `mlflow.db`.
    MlflowDatabase,
}

/// One value of a metric.
#[derive(Debug, Clone, PartialEq, Serialize, TS)]
pub struct ForeignValue {
    /// The value; `None` where it is no finite number.
    pub value: Option<f64>,
    /// What it is instead: `NaN`, `Infinity` or `-Infinity`.
    pub why: Option<String>,
    /// The step.
    #[ts(type = "number")]
    pub step: i64,
    /// When it was logged.
    #[ts(type = "string | null")]
    pub at: Option<Timestamp>,
}

/// All values of a metric of one run, by step, then time.
#[derive(Debug, Clone, Default, PartialEq, Serialize, TS)]
pub struct ForeignCurve {
    /// The values.
    pub points: Vec<ForeignValue>,
    /// What could not be read of it.
    pub problems: Vec<Problem>,
    /// Whether there is more than is read.
    pub truncated: bool,
}

impl ForeignValue {
    fn new(value: f64, step: i64, at: Option<Timestamp>) -> Self {
        let why = match value {
            nan if nan.is_nan() => Some("NaN"),
            f64::INFINITY => Some("Infinity"),
            f64::NEG_INFINITY => Some("-Infinity"),
            _ => None,
        };
        Self { value: value.is_finite().then_some(value), why: why.map(str::to_owned), step, at }
    }

    pub(crate) fn of(sample: &Sample) -> Self {
        Self::new(sample.value, sample.step, Some(sample.at))
    }

    fn of_row(row: &MlflowMetricRow) -> Self {
        Self::new(row.value, row.step, Timestamp::from_millisecond(row.at_millis).ok())
    }
}

impl From<RunStatus> for ForeignStatus {
    fn from(status: RunStatus) -> Self {
        match status {
            RunStatus::Running => Self::Running,
            RunStatus::Scheduled => Self::Scheduled,
            RunStatus::Finished => Self::Finished,
            RunStatus::Failed => Self::Failed,
            RunStatus::Killed => Self::Killed,
        }
    }
}

/// Reads the runs in `folder` of the work tree and at its root, or, of a bare repository or where the work tree has
/// none, those that are committed at HEAD. Nothing is written.
pub fn foreign_runs(repository: &Repository, folder: &str) -> Result<ForeignRuns, Error> {
    let mut found = ForeignRuns::default();
    for place in places(folder) {
        let (root, database) = (join(place, FOLDER), join(place, DATABASE));
        // What stands in the way of one store, such as a link out of the work tree, hides neither the other nor Git.
        let said = |error: Error| error.to_string();
        let rows = Store::with(repository, &database).map_err(said).and_then(|store| {
            store.map(|store| store.database(&database, keelmark_index::mlflow_rows)).transpose()
        });
        match rows {
            Ok(rows) => of_database(rows.unwrap_or_default(), &database, &mut found),
            Err(why) => found.problems.push(Problem::new(database, why)),
        }
        match Store::with(repository, &root) {
            Ok(Some(store)) => store.read_runs(&root, &mut found),
            Ok(None) => {}
            Err(error) => found.problems.push(Problem::new(root, error.to_string())),
        }
    }
    for run in &mut found.runs {
        run.bind(repository);
    }
    found.runs.sort_by(|a, b| (b.started, &a.id, &a.file).cmp(&(a.started, &b.id, &b.file)));
    // The same run in both stores: one was made from the other.
    found.runs.dedup_by(|later, kept| later.id == kept.id && later.started == kept.started);
    Ok(found)
}

/// Where stores may be: at the root and in `folder`.
pub(crate) fn places(folder: &str) -> BTreeSet<&str> {
    ["", folder].into()
}

/// Reads every value of one metric of a run.
pub fn foreign_curve(repository: &Repository, run: &ForeignRun, metric: &str) -> Result<ForeignCurve, Error> {
    let gone = || Error::not_found(format!("metric `{metric}` of run {}", run.id), "");
    let mut curve = ForeignCurve::default();
    match run.source {
        ForeignSource::MlflowDatabase => {
            let store = Store::with(repository, &run.file)?.ok_or_else(gone)?;
            let (rows, truncated) = store
                .database(&run.file, |path| keelmark_index::mlflow_curve(path, &run.id, metric))
                .map_err(|why| Error::invalid(run.file.clone(), why))?;
            curve.points = rows.iter().map(ForeignValue::of_row).collect();
            curve.truncated = truncated;
        }
        ForeignSource::MlflowFiles => {
            // A metric's name comes from a file's; nothing else names a file here.
            if !run.metrics.contains_key(metric) {
                return Err(gone());
            }
            let store = Store::with(repository, &run.file)?.ok_or_else(gone)?;
            let path = format!("{}/metrics/{metric}", run.file);
            let bytes = store.read(&path, mlflow::MAX_METRIC_BYTES as u64)?.ok_or_else(gone)?;
            let history = mlflow::metric_history(&bytes);
            let wrong = history.problems.into_iter();
            curve.problems = wrong.map(|problem| Problem::new(path.clone(), problem.to_string())).collect();
            curve.truncated = history.samples.len() >= mlflow::MAX_SAMPLES;
            curve.points = history.samples.iter().map(ForeignValue::of).collect();
            curve.points.sort_by_key(|point| (point.step, point.at));
        }
    }
    Ok(curve)
}

impl ForeignRuns {
    /// The run that speaks for a version: of those that finished and were not deleted, the one that ended last.
    pub fn speaker(&self, version: &CommitId) -> Option<&ForeignRun> {
        speakers(self).remove(version)
    }
}

/// A run of which only the heading is known yet.
pub(crate) fn begun(id: String, experiment: String, source: ForeignSource, file: String) -> ForeignRun {
    ForeignRun {
        id,
        name: None,
        experiment,
        status: ForeignStatus::Running,
        started: None,
        ended: None,
        commit: None,
        orphan: None,
        deleted: false,
        metrics: BTreeMap::new(),
        params: BTreeMap::new(),
        tags: BTreeMap::new(),
        source,
        file,
    }
}

fn of_database(rows: MlflowRows, file: &str, found: &mut ForeignRuns) {
    let experiments: BTreeMap<String, String> = rows.experiments.into_iter().collect();
    let mut runs: BTreeMap<String, ForeignRun> = BTreeMap::new();
    let time = |millis: Option<i64>| Timestamp::from_millisecond(millis?).ok();
    for row in rows.runs {
        let experiment = row.experiment.unwrap_or_default();
        let experiment = experiments.get(&experiment).cloned().unwrap_or(experiment);
        let status = RunStatus::from_word(row.status.as_deref().unwrap_or("RUNNING"));
        let status = status.unwrap_or_else(|why| {
            found.problems.push(Problem::new(format!("run {} in {file}", row.run), why));
            RunStatus::default()
        });
        let source = ForeignSource::MlflowDatabase;
        let run = ForeignRun {
            name: row.name.filter(|name| !name.is_empty()),
            status: status.into(),
            started: time(row.started_millis),
            ended: time(row.ended_millis),
            deleted: row.lifecycle.as_deref() == Some("deleted"),
            ..begun(row.run.clone(), experiment, source, file.to_owned())
        };
        runs.insert(row.run, run);
    }
    for row in &rows.metrics {
        if let Some(run) = runs.get_mut(&row.run) {
            run.metrics.insert(row.metric.clone(), ForeignValue::of_row(row));
        }
    }
    for (id, name, value) in rows.params {
        if let Some(run) = runs.get_mut(&id) {
            run.params.insert(name, value);
        }
    }
    for (id, name, value) in rows.tags {
        if let Some(run) = runs.get_mut(&id) {
            run.tags.insert(name, value);
        }
    }
    if rows.truncated {
        found.truncated = true;
        found.problems.push(Problem::new(file, "it has more than is read; the oldest runs are left out"));
    }
    found.runs.extend(runs.into_values());
}

/// A run from the files of its folder.
pub(crate) fn of_files(run: mlflow::Run, experiment: &str, folder: &str) -> ForeignRun {
    let source = ForeignSource::MlflowFiles;
    let latest = |samples: &Vec<Sample>| mlflow::latest(samples).map(ForeignValue::of);
    ForeignRun {
        name: run.name().map(str::to_owned),
        status: run.meta.status.into(),
        started: run.meta.started,
        ended: run.meta.ended,
        deleted: run.meta.lifecycle == Lifecycle::Deleted,
        metrics: run.metrics.iter().filter_map(|(key, all)| Some((key.clone(), latest(all)?))).collect(),
        ..begun(run.meta.id, experiment.to_owned(), source, folder.to_owned())
    }
    .with(run.params, run.tags)
}

impl ForeignRun {
    /// Finds the version it was made from.
    pub(crate) fn bind(&mut self, repository: &Repository) {
        self.commit = self.tags.get(SOURCE_COMMIT_TAG).and_then(|id| CommitId::new(id.as_str()).ok());
        self.orphan = match &self.commit {
            None => Some(Orphan::NoCommit),
            Some(commit) if !repository.has_object(Oid::from(commit)) => Some(Orphan::UnknownCommit),
            Some(_) => None,
        };
    }

    fn with(self, params: BTreeMap<String, String>, tags: BTreeMap<String, String>) -> Self {
        Self { params, tags, ..self }
    }
}

/// The run that speaks for each version: of those that finished and were not deleted, the one that ended last.
pub(crate) fn speakers(foreign: &ForeignRuns) -> BTreeMap<&CommitId, &ForeignRun> {
    let mut speakers: BTreeMap<&CommitId, &ForeignRun> = BTreeMap::new();
    for run in &foreign.runs {
        let Some(commit) = run.commit.as_ref().filter(|_| run.orphan.is_none()) else { continue };
        if run.deleted || run.status != ForeignStatus::Finished {
            continue;
        }
        let ended = |run: &ForeignRun| (run.ended.or(run.started), run.started);
        let speaker = speakers.entry(commit).or_insert(run);
        if ended(run) > ended(speaker) {
            *speaker = run;
        }
    }
    speakers
}
