//! Turns what a job found into the immutable record in Git: private files first, then the run, then the job's ending.

use keelmark_git::{PrivateFiles, Repository, RunFiles, Signature};
use keelmark_types::{CommitId, JobEvent, JobKind, JobPhase, RUN_SCHEMA, RunRecord, RunStatus, Timestamp};

use crate::execute::sha256;
use crate::findings::Findings;
use crate::{Error, EventReader, EventWriter, JobFolder, JobRequest, Work};

/// How a job ended.
#[derive(Debug, Clone)]
pub(crate) struct Ending {
    pub status: RunStatus,
    pub cause: Option<String>,
    pub started_at: Timestamp,
    pub finished_at: Timestamp,
    pub duration_millis: u64,
}

/// Records a run so that it is durable, then says so, then marks the job as ended. Done again after a crash it finds what
/// it had done.
pub(crate) fn record(
    repository: &Repository,
    folder: &JobFolder,
    request: &JobRequest,
    findings: &Findings,
    ending: &Ending,
    events: &mut EventWriter,
) -> Result<RunRecord, Error> {
    let run = &request.run;
    let record = if let Some(stored) = repository.find_run(run)? {
        parse_record(&stored.run_json()?)?
    } else {
        let at = ending.finished_at;
        events.append(&JobEvent::Phase { run: run.clone(), at, phase: JobPhase::Recording })?;
        let by = Signature::new(repository.identity()?, at);
        let private = record_private(repository, folder, request, findings, &by)?;
        let record = run_record(request, findings, ending, private);
        let files = RunFiles {
            run_json: pretty(&record)?,
            metrics_jsonl: (!findings.log.is_empty()).then(|| lines(findings)).transpose()?,
            evaluation_json: findings.evaluation.as_ref().map(pretty).transpose()?,
            model: findings.model_files.iter().cloned().collect(),
        };
        repository.record_run(run, &request.version, &files, &by)?;
        record
    };
    events.append(&JobEvent::Ended {
        run: run.clone(),
        status: record.status,
        cause: record.cause.clone(),
        metrics: record.metrics.clone(),
    })?;
    folder.write("ended", b"")?;
    Ok(record)
}

/// Reads a `run.json`.
pub fn parse_record(bytes: &[u8]) -> Result<RunRecord, Error> {
    serde_json::from_slice(bytes).map_err(|error| Error::Corrupt { what: format!("a run record ({error})") })
}

fn record_private(
    repository: &Repository,
    folder: &JobFolder,
    request: &JobRequest,
    findings: &Findings,
    by: &Signature,
) -> Result<CommitId, Error> {
    if let Some(already) = repository.find_private(&request.run)? {
        return Ok(already);
    }
    let files = PrivateFiles {
        predictions_parquet: findings
            .predictions
            .as_ref()
            .map(keelmark_data::predictions_to_parquet)
            .transpose()?,
        log_txt: Some(log_text(folder)?.into_bytes()),
    };
    Ok(repository.record_private(&request.run, &files, by)?)
}

/// A job's log for people: what its events say, then what its worker wrote to standard error.
pub fn log_text(folder: &JobFolder) -> Result<String, Error> {
    let events = EventReader::new(folder.clone()).read()?;
    let mut text: String = events.iter().filter_map(log_line).collect();
    text.push_str(&std::fs::read_to_string(folder.file("worker.log")).unwrap_or_default());
    Ok(text)
}

/// What an event says to people, a line; nothing for points between the epochs' ends.
fn log_line(event: &JobEvent) -> Option<String> {
    Some(match event {
        JobEvent::Phase { at, phase, .. } => {
            let phase = match phase {
                JobPhase::Queued => "queued",
                JobPhase::Preparing => "preparing",
                JobPhase::Training => "training",
                JobPhase::Evaluating => "evaluating",
                JobPhase::Recording => "recording",
            };
            format!("{at} {phase}\n")
        }
        JobEvent::Plan { epochs, steps, parameters, examples } => {
            let sets: Vec<String> = examples.iter().map(|(name, count)| format!("{name} {count}")).collect();
            format!(
                "{parameters} parameters, {epochs} epochs, {steps} steps; examples: {}\n",
                sets.join(", ")
            )
        }
        JobEvent::Metrics { point } if point.metrics.keys().any(|name| name.starts_with("validation/")) => {
            let number = |value: &Option<f64>| {
                value.map_or_else(|| "not finite".to_owned(), |value| format!("{value:.5}"))
            };
            let values: Vec<String> =
                point.metrics.iter().map(|(name, value)| format!("{name} {}", number(value))).collect();
            format!("epoch {} step {}: {}\n", point.epoch, point.step, values.join(", "))
        }
        JobEvent::Log { message } => format!("{message}\n"),
        JobEvent::Checkpoint { step } => format!("checkpoint after step {step}\n"),
        JobEvent::Metrics { .. } | JobEvent::Ended { .. } => return None,
    })
}

fn run_record(request: &JobRequest, findings: &Findings, ending: &Ending, private: CommitId) -> RunRecord {
    let weights = findings.model_files.iter().find(|(name, _)| name == "model.safetensors");
    let weights = weights.map(|(_, bytes)| (sha256(bytes), bytes.len() as u64));
    let whole = findings.artifact.as_ref().map(|pin| (pin.sha256.clone(), pin.size_bytes));
    let (model_sha256, model_size_bytes) = weights.or(whole).unzip();
    let mut environment = keelmark_compute::environment();
    environment.device.clone_from(&request.device);
    let (job, evaluated, resumed_from) = match &request.work {
        Work::Train { resumed_from } => (JobKind::Train, None, resumed_from.clone()),
        Work::Evaluate { of, .. } => (JobKind::Evaluate, Some(of.clone()), None),
        Work::Artifact { .. } | Work::Predictions { .. } => (JobKind::Evaluate, None, None),
    };
    RunRecord {
        schema: RUN_SCHEMA.to_owned(),
        run: request.run.clone(),
        model: request.model.clone(),
        folder: request.folder.clone(),
        version: request.version.clone(),
        dirty: request.dirty,
        job,
        status: ending.status,
        cause: ending.cause.clone(),
        started_at: ending.started_at,
        finished_at: ending.finished_at,
        duration_millis: ending.duration_millis,
        seed: findings.seed,
        overrides: request.overrides.clone(),
        config_sha256: findings.config_sha256.clone(),
        data: findings.pins.clone(),
        test_digest: findings.test_digest.clone(),
        examples: findings.examples.clone(),
        environment,
        model_sha256,
        model_size_bytes,
        artifact: findings.artifact.clone(),
        parameters: findings.parameters,
        metrics: findings
            .evaluation
            .as_ref()
            .map(|evaluation| evaluation.metrics.clone())
            .unwrap_or_default(),
        validation: findings.validation.clone(),
        best_epoch: findings.best_epoch,
        predictions_sha256: findings.predictions.as_ref().map(keelmark_data::predictions_digest),
        private: Some(private),
        evaluated,
        resumed_from,
    }
}

fn lines(findings: &Findings) -> Result<Vec<u8>, Error> {
    let mut bytes = Vec::new();
    for point in &findings.log {
        serde_json::to_writer(&mut bytes, point)
            .map_err(|error| Error::Invalid { message: error.to_string() })?;
        bytes.push(b'\n');
    }
    Ok(bytes)
}

fn pretty<T: serde::Serialize>(value: &T) -> Result<Vec<u8>, Error> {
    let mut bytes =
        serde_json::to_vec_pretty(value).map_err(|error| Error::Invalid { message: error.to_string() })?;
    bytes.push(b'\n');
    Ok(bytes)
}
