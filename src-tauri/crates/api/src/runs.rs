//! `runs`: what was run, what runs, and what they said.

use keelmark_index::{IndexedRun, RunContent, RunFilter};
use keelmark_runs::JobFolder;
use keelmark_types::{
    CommitId, Evaluation, JobEvent, JobKind, JobPhase, MetricValue, NoProgress, RunId, RunRecord, RunStatus,
    SeriesPoint, Stop, Timestamp,
};
use serde::Serialize;
use std::collections::BTreeMap;
use std::time::Duration;
use ts_rs::TS;

use crate::{Code, Problem, Remedy, Session};

/// A run or a running job, in a list.
#[derive(Debug, Clone, Serialize, TS)]
pub struct RunSummary {
    /// Its id.
    pub run: RunId,
    /// The model.
    pub model: String,
    /// The version.
    pub version: CommitId,
    /// What was done.
    pub job: JobKind,
    /// `queued`, `running`, or how it ended.
    pub status: RunState,
    /// Where a running job is.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub phase: Option<JobPhase>,
    /// Why it did not succeed.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub cause: Option<String>,
    /// Whether it ran on uncommitted changes.
    pub dirty: bool,
    /// Its seed.
    pub seed: Option<u64>,
    /// When it began.
    pub started_at: Timestamp,
    /// How long it took.
    pub duration_millis: Option<u64>,
    /// Metrics on test.
    pub metrics: BTreeMap<String, MetricValue>,
    /// The remote it came from; none for this clone's own.
    pub remote: Option<String>,
    /// Whether it was stopped here and can go on.
    pub resumable: bool,
}

/// Where in its life a run is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum RunState {
    /// Its worker lives.
    Running,
    /// It did what was asked.
    Succeeded,
    /// It could not.
    Failed,
    /// Somebody stopped it.
    Cancelled,
}

impl From<RunStatus> for RunState {
    fn from(status: RunStatus) -> Self {
        match status {
            RunStatus::Succeeded => Self::Succeeded,
            RunStatus::Failed => Self::Failed,
            RunStatus::Cancelled => Self::Cancelled,
        }
    }
}

/// All of one run.
#[derive(Debug, Clone, Serialize, TS)]
pub struct RunDetail {
    /// `run.json`.
    #[serde(flatten)]
    pub record: RunRecord,
    /// Its commit.
    pub commit: CommitId,
    /// `evaluation.json`.
    pub evaluation: Option<Evaluation>,
    /// `metrics.jsonl`.
    pub log: Vec<SeriesPoint>,
}

/// How long after its end a run may be missing in the index because nobody has looked yet.
const FRESH: Duration = Duration::from_mins(1);

impl Session {
    /// Every run and running job, newest first.
    pub fn runs(&self, model: Option<&str>) -> Result<Vec<RunSummary>, Problem> {
        // Who runs comes first: a job that ends after this look is then in its old state, never in none.
        let mut summaries = self.running(model)?;
        self.index_the_ended()?;
        let filter = RunFilter { model: crate::history::parse_model(model)?, ..RunFilter::default() };
        for run in self.index.runs(&filter)? {
            if !summaries.iter().any(|summary| summary.run == run.record.run) {
                let resumable = run.record.status != RunStatus::Succeeded
                    && JobFolder::of(self.state(), &run.record.run).file("checkpoint").exists();
                summaries.push(RunSummary { resumable, ..summary(run) });
            }
        }
        summaries.sort_by(|a, b| b.run.cmp(&a.run));
        Ok(summaries)
    }

    fn running(&self, model: Option<&str>) -> Result<Vec<RunSummary>, Problem> {
        let mut running = Vec::new();
        for folder in JobFolder::list(self.state())? {
            // One whose worker is being started, or died this instant, has no end either.
            if folder.has_ended() {
                continue;
            }
            let Ok(request) = folder.request() else { continue };
            if !self.is_of(&folder) || model.is_some_and(|model| model != request.model.as_str()) {
                continue;
            }
            let mut phase = None;
            for event in keelmark_runs::EventReader::new(folder.clone()).read()? {
                if let JobEvent::Phase { phase: now, .. } = event {
                    phase = Some(now);
                }
            }
            running.push(RunSummary {
                run: request.run,
                model: request.model.to_string(),
                version: request.version,
                job: match request.work {
                    keelmark_runs::Work::Train { .. } => JobKind::Train,
                    _ => JobKind::Evaluate,
                },
                status: RunState::Running,
                phase,
                cause: None,
                dirty: request.dirty,
                seed: request.seed,
                started_at: request.queued_at,
                duration_millis: None,
                metrics: BTreeMap::new(),
                remote: None,
                resumable: false,
            });
        }
        Ok(running)
    }

    /// Makes the index know the runs that ended a moment ago.
    fn index_the_ended(&self) -> Result<(), Problem> {
        for folder in JobFolder::list(self.state())? {
            let is_fresh = folder.ended_ago().is_some_and(|age| age < FRESH);
            if is_fresh && self.index.find_run(folder.run().as_str())?.is_none() && self.is_of(&folder) {
                keelmark_history::sync(&self.repository, &self.index, &NoProgress, &Stop::new())?;
                return Ok(());
            }
        }
        Ok(())
    }

    /// Whether a job works on this repository.
    pub(crate) fn is_of(&self, folder: &JobFolder) -> bool {
        folder.request().is_ok_and(|request| {
            request.repository == self.path()
                || keelmark_git::Repository::open(&request.repository)
                    .is_ok_and(|other| other.common_dir() == self.repository.common_dir())
        })
    }

    /// The record of a run, by its id or the beginning of it.
    pub fn run_record(&self, run: &str) -> Result<RunRecord, Problem> {
        Ok(self.stored_run(run)?.record)
    }

    /// All of a run.
    pub fn run(&self, run: &str) -> Result<RunDetail, Problem> {
        let indexed = self.stored_run(run)?;
        let stored = self.repository.find_run(&indexed.record.run)?.ok_or_else(|| unknown_run(run))?;
        let evaluation =
            stored.evaluation_json()?.map(|bytes| parse(run, "evaluation.json", &bytes)).transpose()?;
        let log = stored.metrics_jsonl()?.map_or_else(Vec::new, |bytes| parse_log(&bytes));
        Ok(RunDetail { record: indexed.record, commit: indexed.commit, evaluation, log })
    }

    /// A run's log: what was kept with it, or what a running job has said so far.
    pub fn run_log(&self, run: &str) -> Result<String, Problem> {
        if let Ok(folder) = self.job_folder(run)
            && !folder.has_ended()
        {
            return Ok(keelmark_runs::log_text(&folder)?);
        }
        let record = self.run_record(run)?;
        let private = self.repository.read_private(&record.run)?.and_then(|files| files.log_txt);
        match private {
            Some(bytes) => Ok(String::from_utf8_lossy(&bytes).into_owned()),
            None => Err(Problem::new(
                Code::MissingData,
                format!("The log of run {} is not here", record.run),
            )
            .detail("Logs and predictions stay with whoever made the run unless the repository shares them.")
            .hint("Ask them, or run it again.")),
        }
    }

    pub(crate) fn stored_run(&self, run: &str) -> Result<IndexedRun, Problem> {
        let found = self.index.find_run(run)?;
        let Some((stored, remote)) = found else { return Err(unknown_run(run)) };
        match stored.content {
            RunContent::Record(record) => Ok(IndexedRun { record: *record, commit: stored.commit, remote }),
            _ => Err(Problem::new(
                Code::Unsupported,
                format!("Run {} was written by a newer Keelmark", stored.run),
            )
            .detail("It is kept as it is.")
            .hint("Update Keelmark to read it.")),
        }
    }

    /// The job folder of a run by its id or the beginning of it.
    pub(crate) fn job_folder(&self, run: &str) -> Result<JobFolder, Problem> {
        let mut fitting: Vec<JobFolder> = JobFolder::list(self.state())?
            .into_iter()
            .filter(|folder| run.len() >= 4 && folder.run().as_str().starts_with(run))
            .collect();
        match (fitting.pop(), fitting.is_empty()) {
            (Some(folder), true) => Ok(folder),
            (Some(_), false) => {
                Err(Problem::new(Code::UnknownRun, format!("`{run}` is the beginning of several runs"))
                    .detail("Nothing was changed.")
                    .hint("Give more of the id."))
            }
            (None, _) => Err(unknown_run(run)),
        }
    }
}

fn summary(run: IndexedRun) -> RunSummary {
    let record = run.record;
    RunSummary {
        run: record.run,
        model: record.model.to_string(),
        version: record.version,
        job: record.job,
        status: record.status.into(),
        phase: None,
        cause: record.cause,
        dirty: record.dirty,
        seed: Some(record.seed),
        started_at: record.started_at,
        duration_millis: Some(record.duration_millis),
        metrics: record.metrics,
        remote: run.remote,
        resumable: false,
    }
}

pub(crate) fn unknown_run(run: &str) -> Problem {
    Problem::new(Code::UnknownRun, format!("There is no run `{run}`"))
        .detail("Nothing was changed.")
        .remedy(Remedy::ShowRuns, "`keelmark runs` lists them.")
}

pub(crate) fn parse<T: serde::de::DeserializeOwned>(
    run: &str,
    file: &str,
    bytes: &[u8],
) -> Result<T, Problem> {
    serde_json::from_slice(bytes).map_err(|error| {
        Problem::new(Code::Damaged, format!("{file} of run {run} cannot be read: {error}"))
            .detail("It was not changed.")
    })
}

/// The lines of a `metrics.jsonl` that can be read.
pub(crate) fn parse_log(bytes: &[u8]) -> Vec<SeriesPoint> {
    bytes.split(|&byte| byte == b'\n').filter_map(|line| serde_json::from_slice(line).ok()).collect()
}
