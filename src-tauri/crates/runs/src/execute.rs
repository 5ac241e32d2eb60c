//! Does the work of a job: from a version to weights, predictions and metrics. Writes nothing in Git.

use std::collections::BTreeMap;

use keelmark_compute::{TrainEvent, TrainOutcome, TrainRequest, Trained};
use keelmark_data::{Loaded, Splits};
use keelmark_git::{Repository, Version};
use keelmark_manifest::{Lock, Manifest, ModelSpec, SliceSpec, Split};
use keelmark_metrics::SliceBy;
use keelmark_types::{Clock, Grade, JobEvent, JobPhase, Predictions, RunId, Sha256, Stop};
use sha2::{Digest, Sha256 as Hasher};

use crate::findings::Findings;
use crate::model_files::{load_model, read_model_files};
use crate::version_data::VersionData;
use crate::{Error, JobFolder, JobRequest, Work, elsewhere, predicted};

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
    let stores = crate::stores::stores(repository)?;
    let data = VersionData::new(&version, &stores, &request.folder);
    match (&request.work, &manifest.model) {
        (Work::Train { .. }, ModelSpec::Artifact(path)) => Err(elsewhere::not_trained(path, &version)),
        (Work::Train { .. }, _) => {
            let loaded = data.load(&manifest, Splits::All)?;
            let training = training(request, &manifest, &loaded, request.seed.unwrap_or(0));
            Ok(keelmark_compute::check(&training)?)
        }
        (Work::Evaluate { data: None, .. }, _) => data.load(&manifest, Splits::Test).map(drop),
        (Work::Artifact { data: other }, _) => elsewhere::check(&data, &manifest, other.as_deref()),
        (Work::Evaluate { .. } | Work::Predictions { .. }, _) => Ok(()),
    }
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
    let stores = crate::stores::stores(&repository)?;
    let data = VersionData::new(&version, &stores, &request.folder);
    match &request.work {
        Work::Train { .. } => train(context, findings, &data, &manifest),
        Work::Evaluate { of, data: other } => {
            let files = read_model_files(&repository, of)?;
            evaluate(context, findings, &data, &manifest, files, other.as_deref())
        }
        Work::Artifact { data: other } => {
            elsewhere::evaluate(context, findings, &data, &manifest, other.as_deref())
        }
        Work::Predictions { .. } => predicted::measure_given(context, findings, &data, &manifest),
    }
}

fn train(
    context: &mut Context<'_>,
    findings: &mut Findings,
    data: &VersionData<'_>,
    manifest: &Manifest,
) -> Result<(), Error> {
    let request = context.request;
    let loaded = data.load(manifest, Splits::All)?;
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
    data: &VersionData<'_>,
    manifest: &Manifest,
    model_files: Vec<(String, Vec<u8>)>,
    other: Option<&str>,
) -> Result<(), Error> {
    let manifest = with_test_data(manifest, other);
    let loaded = match other {
        // A file named by hand is in no lock; its digest is recorded all the same.
        Some(_) => data.load_unpinned(&manifest, Splits::Test)?,
        None => data.load(&manifest, Splits::Test)?,
    };
    note_data(findings, &loaded);
    findings.model_files = model_files;
    predict_and_measure(context, findings, &manifest, &loaded)
}

/// The manifest with another file as its test set.
pub(crate) fn with_test_data(manifest: &Manifest, other: Option<&str>) -> Manifest {
    let mut manifest = manifest.clone();
    if let Some(path) = other {
        let id = match &manifest.data.test {
            Some(Split::File { id, .. }) => id.clone(),
            _ => None,
        };
        manifest.data.test = Some(Split::File { path: path.to_owned(), id });
    }
    manifest
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
    measure(findings, manifest, predictions, Grade::Repeated)
}

/// Every metric of predictions, with the slices the manifest declares.
pub(crate) fn measure(
    findings: &mut Findings,
    manifest: &Manifest,
    predictions: Predictions,
    grade: Grade,
) -> Result<(), Error> {
    let options =
        keelmark_metrics::Options { slices: slices(manifest), ..keelmark_metrics::Options::new(grade) };
    findings.evaluation = Some(keelmark_metrics::evaluate(&predictions, &options)?);
    findings.predictions = Some(predictions);
    Ok(())
}

pub(crate) fn note_data(findings: &mut Findings, loaded: &Loaded) {
    findings.pins.clone_from(&loaded.pins);
    findings.test_digest = Some(loaded.test_digest.clone());
    findings.examples =
        [("train", &loaded.train), ("validation", &loaded.validation), ("test", &loaded.test)]
            .into_iter()
            .map(|(name, set)| (name.to_owned(), set.len() as u64))
            .collect();
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
