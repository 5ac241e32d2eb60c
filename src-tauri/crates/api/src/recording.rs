//! Sides of a comparison that other tools recorded: a version by its files, a run of `MLflow`'s.

use std::collections::{BTreeMap, VecDeque};
use std::sync::{Arc, Mutex, PoisonError};

use base64::Engine as _;
use keelmark_compare::{Side, SourceFile};
use keelmark_git::{EntryKind, Version};
use keelmark_history::{Candidate, ForeignRun, ForeignValue, MetricSource, PlotCurve, PlotImage, Plots};
use keelmark_types::{
    CommitId, EVALUATION_SCHEMA, Evaluation, Grade, MetricValue, ModelName, Predictions, SeriesPoint,
    TaskKind, TrainingLog,
};
use serde::Serialize;
use serde_json::{Map, Value};
use ts_rs::TS;

use crate::comparing::{Loaded, MAX_PREDICTIONS_BYTES, is_prediction_file, predictions_of};
use crate::{Code, Problem, Session};

/// The largest image that is shown.
const MAX_IMAGE_BYTES: u64 = 8 << 20;
/// Images by their ending, and what a browser calls them.
const IMAGE_KINDS: [(&str, &str); 6] = [
    ("png", "image/png"),
    ("jpg", "image/jpeg"),
    ("jpeg", "image/jpeg"),
    ("gif", "image/gif"),
    ("svg", "image/svg+xml"),
    ("webp", "image/webp"),
];
/// Two sides, and the two before them.
const KEPT_PLOTS: usize = 4;
/// Steps above this are not told apart by a float.
const MAX_STEP: f64 = 9_007_199_254_740_992.0;

/// As many prediction files of a version as are tried.
const MAX_PREDICTION_FILES: usize = 20;

impl Loaded {
    /// Whether other tools recorded it, in files of its version.
    fn is_recorded(&self) -> bool {
        self.run.is_none() && self.foreign.is_none() && self.side.predictions.is_none()
    }

    /// Takes answers in: what is computed from them goes before what somebody wrote down.
    fn answer_with(&mut self, path: &str, predictions: Predictions) -> Result<(), Problem> {
        let options = keelmark_metrics::Options::new(Grade::Recomputed);
        let mut evaluation = keelmark_metrics::evaluate(&predictions, &options)?;
        for name in evaluation.metrics.keys() {
            let origin = NumberOrigin { grade: Grade::Recomputed, ..NumberOrigin::file(path) };
            self.origins.insert(name.clone(), origin);
        }
        for (name, value) in std::mem::take(&mut self.side.evaluation.metrics) {
            evaluation.metrics.entry(name).or_insert(value);
        }
        self.side.evaluation = evaluation;
        self.side.predictions = Some(predictions);
        Ok(())
    }
}

/// Where a number of a side comes from, and what it rests on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
pub struct NumberOrigin {
    /// A run, a file, a run of another tool.
    pub source: MetricSource,
    /// What it rests on.
    pub grade: Grade,
    /// The file it is written in.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub file: Option<String>,
    /// The run of another tool that logged it.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub foreign_run: Option<String>,
    /// What it is where it is no finite number: `NaN`, `Infinity`, `-Infinity`.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub not_finite: Option<String>,
}

/// An image of both sides, or of one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
pub struct ImagePair {
    /// Its path.
    pub path: String,
    /// A's blob.
    pub a: Option<String>,
    /// B's blob.
    pub b: Option<String>,
}

/// An image, to be shown.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
pub struct ShownImage {
    /// Its path.
    pub path: String,
    /// Its bytes as a `data:` address.
    pub address: String,
}

pub(crate) fn image_pairs(a: &[PlotImage], b: &[PlotImage]) -> Vec<ImagePair> {
    let mut pairs: BTreeMap<&str, ImagePair> = BTreeMap::new();
    for (images, is_a) in [(a, true), (b, false)] {
        for image in images {
            let none = || ImagePair { path: image.path.clone(), a: None, b: None };
            let pair = pairs.entry(&image.path).or_insert_with(none);
            *(if is_a { &mut pair.a } else { &mut pair.b }) = Some(image.blob.clone());
        }
    }
    pairs.into_values().collect()
}

impl NumberOrigin {
    fn file(path: &str) -> Self {
        Self {
            source: MetricSource::File,
            grade: Grade::Asserted,
            file: Some(path.to_owned()),
            foreign_run: None,
            not_finite: None,
        }
    }

    fn foreign(run: &ForeignRun, metric: &str) -> Self {
        Self {
            source: MetricSource::Mlflow,
            grade: Grade::Asserted,
            file: Some(run.file.clone()),
            foreign_run: Some(run.id.clone()),
            not_finite: run.metrics.get(metric).and_then(|value| value.why.clone()),
        }
    }
}

impl Session {
    /// A version of which other tools wrote metrics or parameters down, in files or as runs; none where nobody did.
    pub(crate) fn recorded_side(
        &self,
        label: &str,
        candidate: &Candidate,
    ) -> Result<Option<Loaded>, Problem> {
        let version = self.repository.version(&candidate.version)?;
        let folder = self.folder_of(candidate)?;
        let recorded = keelmark_history::recorded(&version, &folder);
        let mut origins: BTreeMap<String, NumberOrigin> = BTreeMap::new();
        let mut metrics: BTreeMap<String, MetricValue> = BTreeMap::new();
        for (name, value) in recorded.metrics {
            if let Some(file) = recorded.metric_sources.get(&name) {
                origins.insert(name.clone(), NumberOrigin::file(file));
            }
            metrics.insert(name, MetricValue { value: Some(value), ..MetricValue::default() });
        }
        let mut params = recorded.params;
        let foreign = self.foreign_runs(candidate.model.as_ref().map(ModelName::as_str))?;
        let speaker = foreign.speaker(&candidate.version);
        if let Some(run) = speaker {
            for (name, value) in &run.metrics {
                if !metrics.contains_key(name) {
                    metrics.insert(name.clone(), number(value));
                    origins.insert(name.clone(), NumberOrigin::foreign(run, name));
                }
            }
            for (name, value) in &run.params {
                params.entry(name).or_insert_with(|| Value::from(value.as_str()));
            }
        }
        if metrics.is_empty() {
            return Ok(None);
        }
        let mut side = Side::new(label, asserted(metrics));
        side.version = Some(candidate.version.clone());
        side.files = source_files(&version)?;
        side.log = self.recorded_log(candidate, &[])?;
        let images = self.plots.read(&version, &folder).images.clone();
        Ok(Some(Loaded { origins, params, images, ..Loaded::of(side) }))
    }

    /// The curves that a version's files and the run that speaks for it have: these, or all.
    pub(crate) fn recorded_log(
        &self,
        candidate: &Candidate,
        metrics: &[String],
    ) -> Result<TrainingLog, Problem> {
        let version = self.repository.version(&candidate.version)?;
        let folder = self.folder_of(candidate)?;
        let plots = self.plots.read(&version, &folder);
        let mut log = log_of(&plots.curves, metrics);
        let foreign = self.foreign_runs(candidate.model.as_ref().map(ModelName::as_str))?;
        if let Some(run) = foreign.speaker(&candidate.version) {
            // A file of the version goes before a run of the same curve.
            let own = |point: &SeriesPoint| !point.metrics.keys().any(|name| plots.curves.contains_key(name));
            log.extend(self.foreign_log(run, metrics)?.into_iter().filter(own));
        }
        Ok(log)
    }

    fn folder_of(&self, candidate: &Candidate) -> Result<String, Problem> {
        Ok(match &candidate.model {
            Some(model) => self.model_of(&candidate.version, Some(model.as_str()))?.folder,
            None => String::new(),
        })
    }

    /// Both sides; where two versions without a run have a prediction file of the same name, their answers by example.
    pub(crate) fn load_pair(
        &self,
        a: &str,
        b: &str,
        model: Option<&str>,
    ) -> Result<(Loaded, Loaded), Problem> {
        let (mut a, mut b) = (self.load_word(a, model)?, self.load_word(b, model)?);
        for side in [&mut a, &mut b] {
            // Who only judges a run needs no pictures of it.
            if let Some(run) = &side.run {
                let version = self.repository.version(&run.record.version)?;
                side.images.clone_from(&self.plots.read(&version, &run.record.folder).images);
            }
        }
        let files = (self.prediction_files(&a)?, self.prediction_files(&b)?);
        for path in files.0.iter().filter(|path| files.1.contains(path)) {
            if let (Ok(of_a), Ok(of_b)) = (self.answers(&a, path), self.answers(&b, path)) {
                a.answer_with(path, of_a)?;
                b.answer_with(path, of_b)?;
                break;
            }
        }
        Ok((a, b))
    }

    /// Files of a side that look like answers by example, by their names.
    fn prediction_files(&self, side: &Loaded) -> Result<Vec<String>, Problem> {
        let Some(version) = side.side.version.as_ref().filter(|_| side.is_recorded()) else {
            return Ok(Vec::new());
        };
        let mut found = Vec::new();
        for entry in self.repository.version(version)?.list("")? {
            let name = entry.path.rsplit('/').next().unwrap_or_default().to_ascii_lowercase();
            let is_file = matches!(entry.kind, EntryKind::File | EntryKind::Executable);
            if is_file
                && name.contains("pred")
                && is_prediction_file(&name)
                && found.len() < MAX_PREDICTION_FILES
            {
                found.push(entry.path);
            }
        }
        Ok(found)
    }

    fn answers(&self, side: &Loaded, path: &str) -> Result<Predictions, Problem> {
        let version = side.side.version.as_ref().ok_or_else(crate::judging::no_such_run)?;
        let bytes = self.repository.version(version)?.read(path, MAX_PREDICTIONS_BYTES)?.unwrap_or_default();
        predictions_of(path, &bytes, None)
    }

    /// An image of a version, to be shown.
    pub fn image(&self, version: &CommitId, path: &str) -> Result<ShownImage, Problem> {
        let missing = |why: String| Problem::new(Code::MissingData, why).detail("Nothing was changed.");
        let ending = path.rsplit('.').next().unwrap_or_default().to_ascii_lowercase();
        let Some((_, kind)) = IMAGE_KINDS.iter().find(|(known, _)| *known == ending) else {
            return Err(missing(format!("`{path}` is no image")));
        };
        let view = self.repository.version(version)?;
        let bytes = view.read(path, MAX_IMAGE_BYTES)?;
        let bytes = bytes.ok_or_else(|| missing(format!("Version {} has no `{path}`", version.short())))?;
        let data = base64::engine::general_purpose::STANDARD.encode(&bytes);
        Ok(ShownImage { path: path.to_owned(), address: format!("data:{kind};base64,{data}") })
    }

    /// A run of another tool.
    pub(crate) fn foreign_side(&self, label: &str, run: &ForeignRun) -> Result<Loaded, Problem> {
        let metrics = run.metrics.iter().map(|(name, value)| (name.clone(), number(value))).collect();
        let mut side = Side::new(label, asserted(metrics));
        if let Some(commit) = run.commit.as_ref().filter(|_| run.orphan.is_none()) {
            side.files = source_files(&self.repository.version(commit)?)?;
            side.version = Some(commit.clone());
        }
        side.log = self.foreign_log(run, &[])?;
        let origin = |name: &String| (name.clone(), NumberOrigin::foreign(run, name));
        let params = run.params.iter().map(|(name, value)| (name.clone(), value.as_str().into())).collect();
        Ok(Loaded {
            origins: run.metrics.keys().map(origin).collect(),
            params,
            foreign: Some(run.clone()),
            ..Loaded::of(side)
        })
    }
}

fn number(value: &ForeignValue) -> MetricValue {
    MetricValue { value: value.value, why: value.why.clone(), ..MetricValue::default() }
}

/// Plots of the versions that were looked at last: what a version holds never changes.
#[derive(Debug, Default)]
pub(crate) struct KeptPlots(Mutex<VecDeque<(CommitId, String, Arc<Plots>)>>);

impl KeptPlots {
    fn read(&self, version: &Version, folder: &str) -> Arc<Plots> {
        let lock = || self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let is_it =
            |(commit, of, _): &&(CommitId, String, Arc<Plots>)| commit == version.commit() && of == folder;
        if let Some((_, _, plots)) = lock().iter().find(is_it) {
            return Arc::clone(plots);
        }
        let plots = Arc::new(keelmark_history::plots(version, folder));
        let mut kept = lock();
        kept.truncate(KEPT_PLOTS - 1);
        kept.push_front((version.commit().clone(), folder.to_owned(), Arc::clone(&plots)));
        plots
    }
}

/// Numbers that somebody wrote down.
fn asserted(metrics: BTreeMap<String, MetricValue>) -> Evaluation {
    Evaluation {
        schema: EVALUATION_SCHEMA.to_owned(),
        // Nobody says, and without answers by example nothing depends on it.
        task: TaskKind::Classification,
        examples: 0,
        grade: Grade::Asserted,
        metrics,
        classes: Vec::new(),
        slices: Vec::new(),
        confusion: None,
        calibration: Vec::new(),
        roc_curve: Vec::new(),
    }
}

/// Curves as a run would have logged them. One whose x counts nothing (a rate, a date) is none of training.
fn log_of(curves: &BTreeMap<String, PlotCurve>, metrics: &[String]) -> TrainingLog {
    let step = |x: f64| (x >= 0.0 && x.fract() == 0.0 && x < MAX_STEP).then_some(x as u64);
    let mut log = TrainingLog::new();
    for (name, curve) in curves.iter().filter(|(name, _)| metrics.is_empty() || metrics.contains(name)) {
        if curve.points.iter().any(|(x, _)| step(*x).is_none()) {
            continue;
        }
        for (x, y) in &curve.points {
            let metrics = [(name.clone(), *y)].into();
            let step = step(*x).unwrap_or_default();
            log.push(SeriesPoint { step, epoch: 0, wall_millis: 0, metrics });
        }
    }
    log
}

/// Parameters of both sides as a comparison takes them.
pub(crate) fn settings(params: &Map<String, Value>) -> Value {
    Value::Object(params.clone())
}

pub(crate) fn source_files(version: &Version) -> Result<Vec<SourceFile>, Problem> {
    let file = |entry: keelmark_git::Entry| SourceFile { path: entry.path, blob_id: entry.oid.to_string() };
    Ok(version.list("")?.into_iter().map(file).collect())
}
