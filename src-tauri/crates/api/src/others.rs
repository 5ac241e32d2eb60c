//! `runs` of other tools: what `MLflow` and DVC recorded beside the repository or in it.

use std::sync::Arc;

use keelmark_git::Oid;
pub use keelmark_history::{
    Experiment, ForeignRun, ForeignRuns, ForeignSource, ForeignStatus, ForeignValue, Orphan,
};
use keelmark_types::{SeriesPoint, TrainingLog};
use serde::Serialize;
use ts_rs::TS;

use crate::history::parse_model;
use crate::runs::unknown_run;
use crate::{Code, Problem, Session};

/// The shortest beginning of an id that is looked up.
const SHORTEST_PREFIX: usize = 4;

/// Runs and experiments that other tools recorded; every number of them is of the grade `asserted`.
#[derive(Debug, Clone, Serialize, TS)]
pub struct OtherRuns {
    /// `MLflow`'s runs, those that started last first. Their tags are told one by one.
    pub foreign_runs: Vec<ForeignRun>,
    /// DVC's experiments, newest first.
    pub experiments: Vec<Experiment>,
    /// What could not be read.
    pub problems: Vec<keelmark_history::Problem>,
    /// Whether there is more than is read.
    pub truncated: bool,
}

impl Session {
    /// What other tools recorded as runs and experiments.
    pub fn other_runs(&self, model: Option<&str>) -> Result<OtherRuns, Problem> {
        let foreign = self.foreign_runs(model)?;
        let experiments = keelmark_history::experiments(&self.repository)?;
        let mut problems = foreign.problems.clone();
        problems.extend(experiments.problems);
        let untagged =
            |run: &ForeignRun| ForeignRun { tags: std::collections::BTreeMap::new(), ..run.clone() };
        Ok(OtherRuns {
            foreign_runs: foreign.runs.iter().map(untagged).collect(),
            experiments: experiments.experiments,
            problems,
            truncated: foreign.truncated || experiments.truncated,
        })
    }

    /// A run of another tool by its id or the beginning of it.
    pub fn other_run(&self, run: &str) -> Result<ForeignRun, Problem> {
        let all = self.foreign_runs(None)?;
        let fits =
            |one: &&ForeignRun| one.id == run || (run.len() >= SHORTEST_PREFIX && one.id.starts_with(run));
        let mut fitting: Vec<&ForeignRun> = all.runs.iter().filter(fits).collect();
        if let Some(exact) = fitting.iter().position(|one| one.id == run) {
            return Ok(fitting.swap_remove(exact).clone());
        }
        match fitting.as_slice() {
            [] => Err(unknown_run(run)),
            [only] => Ok((*only).clone()),
            _ => Err(Problem::new(Code::UnknownRun, format!("`{run}` is the beginning of several runs"))
                .detail("Nothing was changed.")
                .hint("Give more of the id.")),
        }
    }

    /// The runs of other tools, read again only where their files changed.
    pub(crate) fn foreign_runs(&self, model: Option<&str>) -> Result<Arc<ForeignRuns>, Problem> {
        let model = parse_model(model)?;
        let folder = match self.repository.head()? {
            // A manifest that cannot be read hides no run of others.
            Some(head) => keelmark_history::model_at(&self.repository.version(&head)?, model.as_ref())
                .ok()
                .flatten()
                .map(|entry| entry.folder)
                .unwrap_or_default(),
            None => String::new(),
        };
        Ok(self.foreign.read(&self.repository, &folder)?)
    }

    /// The run of another tool with exactly this id, where there is one and no version is called so.
    pub(crate) fn foreign_run(&self, id: &str) -> Result<Option<ForeignRun>, Problem> {
        let found = self.foreign_runs(None)?.runs.iter().find(|run| run.id == id).cloned();
        Ok(found.filter(|_| !id.parse::<Oid>().is_ok_and(|id| self.repository.has_object(id))))
    }

    /// What a run of another tool logged: of these metrics, or of all it has.
    pub(crate) fn foreign_log(&self, run: &ForeignRun, metrics: &[String]) -> Result<TrainingLog, Problem> {
        let mut log = TrainingLog::new();
        for metric in run.metrics.keys().filter(|name| metrics.is_empty() || metrics.contains(name)) {
            let curve = keelmark_history::foreign_curve(&self.repository, run, metric)?;
            for point in curve.points {
                // A step before the first has no place on an axis that begins there.
                let Ok(step) = u64::try_from(point.step) else { continue };
                let since = point
                    .at
                    .zip(run.started)
                    .map(|(at, started)| at.as_millisecond() - started.as_millisecond());
                log.push(SeriesPoint {
                    step,
                    epoch: 0,
                    wall_millis: since.and_then(|millis| u64::try_from(millis).ok()).unwrap_or_default(),
                    metrics: [(metric.clone(), point.value)].into(),
                });
            }
        }
        Ok(log)
    }
}
