//! `train` and `evaluate`: from what was asked to a job that runs by itself, and back to what became of it.

use std::collections::BTreeMap;
use std::path::Path;

use keelmark_git::Signature;
use keelmark_history::{Selection, select};
use keelmark_index::RunFilter;
use keelmark_manifest::ModelSpec;
use keelmark_runs::{Followed, JobFolder, JobRequest, PREDICTIONS_FILE, REQUEST_SCHEMA, Work};
use keelmark_types::{
    CommitId, DataPin, JobEvent, MetricValue, ModelName, RunId, RunRecord, RunStatus, Sha256, Stop,
};
use serde::Serialize;
use ts_rs::TS;

use crate::history::parse_model;
use crate::{Code, Problem, Remedy, Session};

/// A training that is wanted.
#[derive(Debug, Clone, Default)]
pub struct TrainQuery {
    /// The version; none means HEAD with uncommitted changes where there are any.
    pub revision: Option<String>,
    /// The model, where there are several.
    pub model: Option<String>,
    /// The seed; none means the manifest's.
    pub seed: Option<u64>,
    /// How many trainings, with seeds counting up; 0 means one.
    pub seeds: u32,
    /// Overrides of the manifest.
    pub overrides: BTreeMap<String, String>,
    /// Threads the kernels may use; none lets the size of the work decide.
    pub threads: Option<usize>,
    /// The device; empty means `cpu`.
    pub device: String,
}

/// An evaluation that is wanted: of a recorded model, or of the file a version names as its model.
#[derive(Debug, Clone, Default)]
pub struct EvaluateQuery {
    /// The version, run, environment or tag.
    pub revision: String,
    /// Which of its runs; none means its headline run.
    pub run: Option<String>,
    /// The model, where there are several.
    pub model: Option<String>,
    /// A data file of the version instead of its test set.
    pub data: Option<String>,
}

/// What became of a job.
#[derive(Debug, Clone, Serialize, TS)]
pub struct FinishedRun {
    /// The run.
    pub run: RunId,
    /// How it ended.
    pub status: RunStatus,
    /// Why it did not succeed.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub cause: Option<String>,
    /// The version it ran on.
    pub version: CommitId,
    /// Whether that is a snapshot of uncommitted changes.
    pub dirty: bool,
    /// Its seed.
    pub seed: u64,
    /// Metrics on test.
    pub metrics: BTreeMap<String, MetricValue>,
    /// Digest of its weights.
    pub model_sha256: Option<Sha256>,
    /// How long it took.
    pub duration_millis: u64,
}

impl From<RunRecord> for FinishedRun {
    fn from(record: RunRecord) -> Self {
        Self {
            run: record.run,
            status: record.status,
            cause: record.cause,
            version: record.version,
            dirty: record.dirty,
            seed: record.seed,
            metrics: record.metrics,
            model_sha256: record.model_sha256,
            duration_millis: record.duration_millis,
        }
    }
}

impl Session {
    /// Makes the jobs of a training, checked so far that they should not fail for what was asked. Starts nothing.
    pub fn plan_training(&self, query: &TrainQuery) -> Result<Vec<JobRequest>, Problem> {
        let (version, dirty) = match &query.revision {
            Some(revision) => {
                let selection = Selection {
                    name: revision.clone(),
                    run: None,
                    model: parse_model(query.model.as_deref())?,
                };
                let version = select(&self.repository, &self.index, &selection)?.version;
                let dirty = self.is_snapshot(&version)?;
                (version, dirty)
            }
            None => self.head_or_snapshot()?,
        };
        let first =
            self.request(version, dirty, query.model.as_deref(), Work::Train { resumed_from: None })?;
        let first = JobRequest {
            overrides: query.overrides.clone(),
            threads: query.threads,
            device: if query.device.is_empty() { "cpu".to_owned() } else { query.device.clone() },
            seed: query.seed,
            ..first
        };
        keelmark_runs::check_request(&self.repository, &first)?;
        let count = query.seeds.max(1);
        if count == 1 {
            return Ok(vec![first]);
        }
        let from = if let Some(seed) = query.seed {
            seed
        } else {
            let view = self.repository.version(&first.version)?;
            keelmark_runs::read_manifest(&view, &first.folder, &first.overrides)?.train.seed
        };
        (0..u64::from(count))
            .map(|step| {
                Ok(JobRequest {
                    run: self.new_run_id()?,
                    seed: Some(from.wrapping_add(step)),
                    ..first.clone()
                })
            })
            .collect()
    }

    /// Makes the job that goes on from a stopped run.
    pub fn plan_resume(&self, run: &str) -> Result<JobRequest, Problem> {
        let record = self.run_record(run)?;
        let folder = JobFolder::of(self.state(), &record.run);
        if !folder.file("checkpoint").exists() {
            return Err(Problem::new(
                Code::NoRun,
                format!("Run {} has no checkpoint on this machine", record.run),
            )
            .detail("Only a run that was stopped here can be resumed here; its record is untouched.")
            .remedy(
                Remedy::Train { version: record.version.to_string() },
                format!("Train again: keelmark train {} --seed {}", record.version.short(), record.seed),
            ));
        }
        let asked = folder.request()?;
        let work = Work::Train { resumed_from: Some(record.run) };
        Ok(JobRequest { run: self.new_run_id()?, work, queued_at: self.keelmark.now(), ..asked })
    }

    /// A version without a run that could be used.
    pub(crate) fn no_run(&self, version: &CommitId, model: Option<&ModelName>) -> Problem {
        let short = version.short();
        let artifact = self.artifact_of(version, model.map(ModelName::as_str));
        let version = version.to_string();
        let (remedy, hint) = match artifact.ok().flatten() {
            Some(_) => {
                (Remedy::Evaluate { version }, format!("Evaluate it first: keelmark evaluate {short}"))
            }
            None => (Remedy::Train { version }, format!("Train it first: keelmark train {short}")),
        };
        Problem::new(Code::NoRun, format!("Version {short} has no succeeded run of committed files yet"))
            .detail("Nothing was changed.")
            .remedy(remedy, hint)
    }

    /// The file a version names as its model, where it was made elsewhere.
    pub(crate) fn artifact_of(
        &self,
        version: &CommitId,
        model: Option<&str>,
    ) -> Result<Option<String>, Problem> {
        let entry = self.model_of(version, model)?;
        Ok(match &Self::manifest_of(&entry)?.model {
            ModelSpec::Artifact(path) => Some(path.clone()),
            ModelSpec::Layers(_) | ModelSpec::Preset(_) => None,
        })
    }

    /// Makes the job that evaluates a model: one made elsewhere as its version holds it, else a recorded one again.
    pub fn plan_evaluation(&self, query: &EvaluateQuery) -> Result<JobRequest, Problem> {
        let selection = Selection {
            name: query.revision.clone(),
            run: query.run.clone(),
            model: parse_model(query.model.as_deref())?,
        };
        let candidate = select(&self.repository, &self.index, &selection)?;
        let model = candidate.model.as_ref().map(ModelName::as_str);
        if self.artifact_of(&candidate.version, model)?.is_some() {
            let work = Work::Artifact { data: query.data.clone() };
            let dirty = self.is_snapshot(&candidate.version)?;
            let request = self.request(candidate.version.clone(), dirty, model, work)?;
            keelmark_runs::check_request(&self.repository, &request)?;
            return Ok(request);
        }
        let run = candidate.run.ok_or_else(|| self.no_run(&candidate.version, candidate.model.as_ref()))?;
        let work = Work::Evaluate { of: run.record.run.clone(), data: query.data.clone() };
        let request =
            self.request(candidate.version, run.record.dirty, Some(run.record.model.as_str()), work)?;
        let request =
            JobRequest { overrides: run.record.overrides.clone(), seed: Some(run.record.seed), ..request };
        keelmark_runs::check_request(&self.repository, &request)?;
        Ok(request)
    }

    /// Makes and runs the job that measures predictions any framework made.
    pub fn plan_measurement(
        &self,
        revision: &str,
        model: Option<&str>,
        predictions: &Path,
        artifact: Option<&Path>,
    ) -> Result<(JobRequest, Vec<u8>), Problem> {
        let version = self.repository.resolve(revision)?;
        let read =
            |path: &Path| std::fs::read(path).map_err(|error| crate::failures::file_problem(path, &error));
        let bytes = read(predictions)?;
        let artifact = artifact.map(|path| read(path).map(|bytes| pin(path, &bytes))).transpose()?;
        let work = Work::Predictions { file: predictions.display().to_string(), artifact };
        let request = self.request(version, false, model, work)?;
        keelmark_runs::check_request(&self.repository, &request)?;
        Ok((request, bytes))
    }

    /// Starts a job. It goes on by itself, whatever becomes of the caller.
    pub fn start(&self, request: &JobRequest) -> Result<RunId, Problem> {
        let folder = JobFolder::create(self.state(), request)?;
        keelmark_runs::launch(&self.keelmark.worker, &folder, request.threads.unwrap_or(1))?;
        Ok(request.run.clone())
    }

    /// Starts the measurement of predictions.
    pub fn start_measurement(&self, request: &JobRequest, predictions: &[u8]) -> Result<RunId, Problem> {
        let folder = JobFolder::create(self.state(), request)?;
        folder.write(PREDICTIONS_FILE, predictions)?;
        keelmark_runs::launch(&self.keelmark.worker, &folder, request.threads.unwrap_or(1))?;
        Ok(request.run.clone())
    }

    /// Follows a job to its end, showing every event once. None where the caller looked away before.
    pub fn follow(
        &self,
        run: &RunId,
        look_away: &Stop,
        show: impl FnMut(&JobEvent),
    ) -> Result<Option<FinishedRun>, Problem> {
        let folder = JobFolder::of(self.state(), run);
        match keelmark_runs::follow(&folder, look_away, show)? {
            Followed::LookedAway => return Ok(None),
            Followed::Ended(_) => {}
            Followed::Lost => {
                keelmark_runs::recover(self.state(), &self.repository, self.clock())?;
            }
        }
        self.refresh()?;
        Ok(Some(self.run_record(run.as_str())?.into()))
    }

    /// Asks a running job to stop after its step; `now` ends it at once.
    pub fn stop_run(&self, run: &str, now: bool) -> Result<RunId, Problem> {
        let folder = self.job_folder(run)?;
        if folder.has_ended() || !folder.is_alive() {
            return Err(Problem::new(Code::InvalidRequest, format!("Run {} is not running", folder.run()))
                .detail("Nothing was changed.")
                .remedy(Remedy::ShowRuns, "`keelmark runs` shows what became of it."));
        }
        if now {
            keelmark_runs::stop_now(&folder)?;
            self.refresh()?;
        } else {
            keelmark_runs::ask_to_stop(&folder)?;
        }
        Ok(folder.run().clone())
    }

    /// Whether a version is a snapshot of uncommitted changes: a run says so.
    fn is_snapshot(&self, version: &CommitId) -> Result<bool, Problem> {
        let filter = RunFilter { version: Some(version.clone()), ..RunFilter::default() };
        Ok(self.index.runs(&filter)?.iter().any(|run| run.record.dirty))
    }

    fn head_or_snapshot(&self) -> Result<(CommitId, bool), Problem> {
        let head = self.repository.resolve("HEAD")?;
        if self.repository.work_dir().is_none() || self.repository.status()?.is_empty() {
            return Ok((head, false));
        }
        let by = Signature::new(self.repository.identity()?, self.keelmark.now());
        Ok((self.repository.snapshot(&by)?.commit, true))
    }

    fn request(
        &self,
        version: CommitId,
        dirty: bool,
        model: Option<&str>,
        work: Work,
    ) -> Result<JobRequest, Problem> {
        let entry = self.model_of(&version, model)?;
        let manifest = Self::manifest_of(&entry)?;
        Ok(JobRequest {
            schema: REQUEST_SCHEMA.to_owned(),
            run: self.new_run_id()?,
            repository: self.path().to_owned(),
            model: manifest.name.clone(),
            folder: entry.folder.clone(),
            version,
            dirty,
            work,
            seed: None,
            overrides: BTreeMap::new(),
            threads: None,
            device: "cpu".to_owned(),
            queued_at: self.keelmark.now(),
        })
    }

    fn new_run_id(&self) -> Result<RunId, Problem> {
        Ok(RunId::from_parts(self.keelmark.now(), crate::chance()?))
    }
}

fn pin(path: &Path, bytes: &[u8]) -> DataPin {
    DataPin {
        path: path.display().to_string(),
        sha256: crate::digest(bytes),
        size_bytes: bytes.len() as u64,
        versioned: true,
    }
}
