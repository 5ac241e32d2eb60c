//! Does the work of a job: from a version to weights, predictions and metrics. Writes nothing in Git.

use std::collections::BTreeMap;

use keelmark_compute::{Model, TrainEvent, TrainOutcome, TrainRequest, Trained};
use keelmark_data::{Loaded, Splits, VersionSource};
use keelmark_git::{Repository, Version};
use keelmark_manifest::{Lock, Manifest, SliceSpec, Split};
use keelmark_metrics::SliceBy;
use keelmark_types::{
    Answers, Clock, Dataset, Grade, JobEvent, JobPhase, Predictions, RunId, Sha256, Stop, Target,
};
use sha2::{Digest, Sha256 as Hasher};

use crate::findings::Findings;
use crate::{Error, JobFolder, JobRequest, Work};

/// What the work needs of the world.
pub(crate) struct Context<'a> {
    pub folder: &'a JobFolder,
    pub request: &'a JobRequest,
    pub clock: &'a dyn Clock,
    pub stop: &'a Stop,
    pub emit: &'a mut dyn FnMut(JobEvent) -> Result<(), Error>,
}

impl Context<'_> {
    pub(crate) fn phase(&mut self, phase: JobPhase) -> Result<(), Error> {
        (self.emit)(JobEvent::Phase { run: self.request.run.clone(), at: self.clock.now(), phase })
    }
}

/// Reads the effective manifest of a version's model: parsed, with the overrides applied.
pub fn read_manifest(
    version: &Version,
    folder: &str,
    overrides: &BTreeMap<String, String>,
) -> Result<Manifest, Error> {
    let path = join(folder, keelmark_manifest::FILE_NAME);
    let text = read_text(version, &path)?
        .ok_or_else(|| Error::NotFound { what: format!("{path} in version {}", version.commit().short()) })?;
    let manifest = keelmark_manifest::parse(&path, &text).map_err(|mistakes| Error::Mistakes { mistakes })?;
    if overrides.is_empty() {
        return Ok(manifest);
    }
    keelmark_manifest::with_overrides(&manifest, overrides).map_err(|mistakes| Error::Mistakes { mistakes })
}

/// Reads a version's model.lock; none where it has none.
pub fn read_lock(version: &Version, folder: &str) -> Result<Option<Lock>, Error> {
    let path = join(folder, keelmark_manifest::LOCK_NAME);
    match read_text(version, &path)? {
        None => Ok(None),
        Some(text) => Lock::parse(&path, &text).map(Some).map_err(|mistakes| Error::Mistakes { mistakes }),
    }
}

/// Everything a job will check anyway, before a worker is started: a bad request becomes a problem, not a failed run.
pub fn check_request(repository: &Repository, request: &JobRequest) -> Result<(), Error> {
    repository.identity()?;
    let version = repository.version(&request.version)?;
    let manifest = read_manifest(&version, &request.folder, &request.overrides)?;
    match &request.work {
        Work::Train { .. } => {
            let loaded = load(&version, &request.folder, &manifest, Splits::All)?;
            keelmark_compute::check(&training(request, &manifest, &loaded, request.seed.unwrap_or(0)))?;
        }
        Work::Evaluate { data, .. } => {
            if data.is_none() {
                load(&version, &request.folder, &manifest, Splits::Test)?;
            }
        }
        Work::Predictions { .. } => {}
    }
    Ok(())
}

pub(crate) fn load(
    version: &Version,
    folder: &str,
    manifest: &Manifest,
    splits: Splits,
) -> Result<Loaded, Error> {
    let lock = read_lock(version, folder)?;
    Ok(keelmark_data::load(&VersionSource::new(version), folder, manifest, lock.as_ref(), splits)?)
}

/// Does the work. What was found before an error stays in `findings`.
pub(crate) fn execute(context: &mut Context<'_>, findings: &mut Findings) -> Result<(), Error> {
    context.phase(JobPhase::Preparing)?;
    let request = context.request;
    let repository = Repository::open(&request.repository)?;
    let version = repository.version(&request.version)?;
    let manifest = read_manifest(&version, &request.folder, &request.overrides)?;
    findings.seed = request.seed.unwrap_or(manifest.train.seed);
    findings.config_sha256 = Some(sha256(manifest.to_canonical_json().as_bytes()));
    match &request.work {
        Work::Train { .. } => train(context, findings, &version, &manifest),
        Work::Evaluate { of, data } => {
            let files = read_model_files(&repository, of)?;
            evaluate(context, findings, &version, &manifest, files, data.as_deref())
        }
        Work::Predictions { .. } => measure_predictions(context, findings, &version, &manifest),
    }
}

fn train(
    context: &mut Context<'_>,
    findings: &mut Findings,
    version: &Version,
    manifest: &Manifest,
) -> Result<(), Error> {
    let request = context.request;
    let loaded = load(version, &request.folder, manifest, Splits::All)?;
    note_data(findings, &loaded);
    for warning in &loaded.warnings {
        (context.emit)(JobEvent::Log { message: warning.clone() })?;
    }
    context.phase(JobPhase::Training)?;
    let checkpoint = match &request.work {
        Work::Train { resumed_from: Some(from) } => Some(read_checkpoint(context.folder, from)?),
        _ => None,
    };
    let training = training(request, manifest, &loaded, findings.seed);
    let examples = findings.examples.clone();
    let mut broken = None;
    let log = &mut findings.log;
    let emit = &mut *context.emit;
    let stop = context.stop;
    let mut sink = |event: TrainEvent| {
        let event = match event {
            TrainEvent::Plan { epochs, steps, parameters } => {
                JobEvent::Plan { epochs, steps, examples: examples.clone(), parameters }
            }
            TrainEvent::Metrics(point) => {
                log.push(point.clone());
                JobEvent::Metrics { point }
            }
            TrainEvent::Log(message) => JobEvent::Log { message },
        };
        if let Err(error) = emit(event) {
            broken.get_or_insert(error);
            stop.raise();
        }
    };
    let outcome = keelmark_compute::train(&training, &mut sink, stop, checkpoint.as_deref());
    if let Some(error) = broken {
        return Err(error);
    }
    match outcome? {
        TrainOutcome::Stopped { checkpoint, at_step } => {
            context.folder.write("checkpoint", &checkpoint)?;
            (context.emit)(JobEvent::Checkpoint { step: at_step })?;
            findings.stopped = Some(format!(
                "stopped by the user after step {at_step}; the checkpoint is kept and `keelmark runs resume {}` goes on from it",
                request.run
            ));
            Ok(())
        }
        TrainOutcome::Done(trained) => finish_training(context, findings, manifest, *trained, &loaded),
    }
}

fn training<'a>(
    request: &'a JobRequest,
    manifest: &'a Manifest,
    loaded: &'a Loaded,
    seed: u64,
) -> TrainRequest<'a> {
    TrainRequest {
        manifest,
        train: &loaded.train,
        validation: &loaded.validation,
        seed,
        device: &request.device,
    }
}

fn finish_training(
    context: &mut Context<'_>,
    findings: &mut Findings,
    manifest: &Manifest,
    trained: Trained,
    loaded: &Loaded,
) -> Result<(), Error> {
    findings.parameters = Some(trained.parameters);
    findings.best_epoch = Some(trained.best_epoch);
    findings.validation.clone_from(&trained.validation);
    findings.model_files = vec![
        ("model.safetensors".to_owned(), trained.weights),
        ("config.json".to_owned(), trained.config_json.into_bytes()),
        ("preprocess.json".to_owned(), trained.preprocess_json.into_bytes()),
        ("signature.json".to_owned(), trained.signature_json.into_bytes()),
    ];
    predict_and_measure(context, findings, manifest, loaded)
}

fn evaluate(
    context: &mut Context<'_>,
    findings: &mut Findings,
    version: &Version,
    manifest: &Manifest,
    model_files: Vec<(String, Vec<u8>)>,
    data: Option<&str>,
) -> Result<(), Error> {
    let mut manifest = manifest.clone();
    if let Some(path) = data {
        let id = match &manifest.data.test {
            Some(Split::File { id, .. }) => id.clone(),
            _ => None,
        };
        manifest.data.test = Some(Split::File { path: path.to_owned(), id });
    }
    let loaded = match data {
        // A file named by hand is in no lock; its digest is recorded all the same.
        Some(_) => {
            let source = VersionSource::new(version);
            keelmark_data::load(&source, &context.request.folder, &manifest, None, Splits::Test)?
        }
        None => load(version, &context.request.folder, &manifest, Splits::Test)?,
    };
    note_data(findings, &loaded);
    findings.model_files = model_files;
    predict_and_measure(context, findings, &manifest, &loaded)
}

fn predict_and_measure(
    context: &mut Context<'_>,
    findings: &mut Findings,
    manifest: &Manifest,
    loaded: &Loaded,
) -> Result<(), Error> {
    context.phase(JobPhase::Evaluating)?;
    let model = load_model(&findings.model_files)?;
    let mut predictions = model.predict(&loaded.test)?;
    predictions.slices.clone_from(&loaded.slices);
    let options = keelmark_metrics::Options {
        slices: slices(manifest),
        ..keelmark_metrics::Options::new(Grade::Repeated)
    };
    findings.evaluation = Some(keelmark_metrics::evaluate(&predictions, &options)?);
    findings.predictions = Some(predictions);
    Ok(())
}

fn note_data(findings: &mut Findings, loaded: &Loaded) {
    findings.pins.clone_from(&loaded.pins);
    findings.test_digest = Some(loaded.test_digest.clone());
    findings.examples =
        [("train", &loaded.train), ("validation", &loaded.validation), ("test", &loaded.test)]
            .into_iter()
            .map(|(name, set)| (name.to_owned(), set.len() as u64))
            .collect();
}

/// Measures predictions made elsewhere, after checking that they answer this version's test set.
fn measure_predictions(
    context: &mut Context<'_>,
    findings: &mut Findings,
    version: &Version,
    manifest: &Manifest,
) -> Result<(), Error> {
    let Work::Predictions { file, artifact } = &context.request.work else { return Ok(()) };
    let path = context.folder.file(PREDICTIONS_FILE);
    let bytes = std::fs::read(&path).map_err(|error| Error::storage("read", &path, error))?;
    let columns = manifest
        .evaluate
        .predictions
        .as_ref()
        .map_or_else(keelmark_data::ColumnMapping::default, keelmark_data::ColumnMapping::from);
    let predictions = keelmark_data::read_predictions_csv(file, &bytes, &columns, Some(manifest.task))?;
    if manifest.data.test.is_some() {
        let loaded = load(version, &context.request.folder, manifest, Splits::Test)?;
        note_data(findings, &loaded);
        same_truth(file, &predictions, &loaded.test)?;
    }
    findings.pins.extend(artifact.clone());
    context.phase(JobPhase::Evaluating)?;
    let options = keelmark_metrics::Options::new(Grade::Recomputed);
    findings.evaluation = Some(keelmark_metrics::evaluate(&predictions, &options)?);
    findings.predictions = Some(predictions);
    Ok(())
}

/// Whether predictions answer a test set: the same ids with the same truth.
fn same_truth(file: &str, predictions: &Predictions, test: &Dataset) -> Result<(), Error> {
    let truth: BTreeMap<&str, usize> =
        test.ids.iter().enumerate().map(|(row, id)| (id.as_str(), row)).collect();
    let wrong = |message: String| {
        Err(Error::Invalid { message: format!("{file} does not answer this version's test set: {message}") })
    };
    if predictions.len() != test.len() {
        return wrong(format!("it has {} examples, the test set {}", predictions.len(), test.len()));
    }
    for (row, id) in predictions.ids.iter().enumerate() {
        let Some(&at) = truth.get(id.as_str()) else {
            return wrong(format!("the test set has no example `{id}`"));
        };
        let agrees = match (&predictions.answers, &test.target) {
            (Answers::Classification { classes, truth, .. }, Target::Classes { names, labels }) => {
                classes.get(truth[row] as usize) == names.get(labels[at] as usize)
            }
            (Answers::Regression { truth, .. }, Target::Values(values)) => {
                truth[row].total_cmp(&values[at]).is_eq()
            }
            _ => false,
        };
        if !agrees {
            return wrong(format!("the truth of example `{id}` differs"));
        }
    }
    Ok(())
}

/// The prediction file as it was when the job was asked for, in the job's folder.
pub const PREDICTIONS_FILE: &str = "predictions.csv";

/// The names of a model's files.
pub const MODEL_FILES: [&str; 4] = ["model.safetensors", "config.json", "preprocess.json", "signature.json"];

/// Reads the files of a run's `model/`.
pub fn read_model_files(repository: &Repository, run: &RunId) -> Result<Vec<(String, Vec<u8>)>, Error> {
    let stored = repository.find_run(run)?.ok_or_else(|| Error::NotFound { what: format!("run {run}") })?;
    let mut files = Vec::new();
    for name in MODEL_FILES {
        if let Some(bytes) = stored.model_file(name)? {
            files.push((name.to_owned(), bytes));
        }
    }
    if files.is_empty() {
        return Err(Error::NotFound { what: format!("a model in run {run}") });
    }
    Ok(files)
}

/// The slices a manifest declares.
pub fn slices(manifest: &Manifest) -> Vec<SliceBy> {
    let slice = |spec: &SliceSpec| match spec {
        SliceSpec::Class { .. } => SliceBy::Class,
        SliceSpec::Column { column } => SliceBy::Column(column.clone()),
        SliceSpec::Bins { bins, count } => SliceBy::Bins { column: bins.clone(), count: *count as usize },
    };
    manifest.evaluate.slices.iter().map(slice).collect()
}

/// Loads a model from the files of a run's `model/`.
pub fn load_model(files: &[(String, Vec<u8>)]) -> Result<Model, Error> {
    let part = |name: &str| {
        files
            .iter()
            .find(|(path, _)| path == name)
            .map(|(_, bytes)| bytes.as_slice())
            .ok_or_else(|| Error::NotFound { what: format!("model/{name} of the run") })
    };
    Ok(Model::load(
        part("model.safetensors")?,
        part("config.json")?,
        part("preprocess.json")?,
        part("signature.json")?,
    )?)
}

fn read_checkpoint(folder: &JobFolder, from: &RunId) -> Result<Vec<u8>, Error> {
    let path = folder.of_run(from).file("checkpoint");
    std::fs::read(&path).map_err(|error| match error.kind() {
        std::io::ErrorKind::NotFound => Error::NotFound { what: format!("a checkpoint of run {from}") },
        _ => Error::storage("read", &path, error),
    })
}

pub(crate) fn sha256(bytes: &[u8]) -> Sha256 {
    Sha256::from_bytes(Hasher::digest(bytes).into())
}

pub(crate) fn join(folder: &str, name: &str) -> String {
    if folder.is_empty() { name.to_owned() } else { format!("{folder}/{name}") }
}

fn read_text(version: &Version, path: &str) -> Result<Option<String>, Error> {
    const MAX_TEXT_BYTES: u64 = 4 << 20;
    match version.read(path, MAX_TEXT_BYTES)? {
        None => Ok(None),
        Some(bytes) => String::from_utf8(bytes)
            .map(Some)
            .map_err(|_| Error::Invalid { message: format!("{path} is not UTF-8 text") }),
    }
}
