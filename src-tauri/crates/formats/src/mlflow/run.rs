//! A run, from the files in its folder.

use std::collections::BTreeMap;

use keelmark_types::CommitId;

use super::metric::{Sample, latest, metric_history};
use super::{RunMeta, bounded};
use crate::{Unreadable, utf8};

/// The most files of a run that are read; the others are left out.
pub const MAX_FILES: usize = 20_000;

/// The largest file of a parameter or tag that is read. `MLflow` writes at most 8000 characters.
pub const MAX_VALUE_BYTES: usize = 64 << 10;

/// The tag that names the commit a run was made from.
pub const SOURCE_COMMIT_TAG: &str = "mlflow.source.git.commit";

/// A run with all that it logged.
#[derive(Debug, Clone, PartialEq)]
pub struct Run {
    /// What it is, and when it ran.
    pub meta: RunMeta,
    /// By key, with slashes where it has them: the values in the order of logging.
    pub metrics: BTreeMap<String, Vec<Sample>>,
    /// By key: the value as it was written.
    pub params: BTreeMap<String, String>,
    /// By key: the value as it was written.
    pub tags: BTreeMap<String, String>,
    /// What could not be read.
    pub problems: Vec<RunProblem>,
}

/// A file of a run, or a line of one, that could not be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RunProblem {
    /// Its path within the run's folder; empty for the folder.
    pub path: String,
    /// What is wrong.
    pub problem: Unreadable,
}

impl Run {
    /// Reads a run from the contents of its files by their path within its folder, with `/`. Files that are not
    /// `meta.yaml` or below `metrics/`, `params/` or `tags/` are not looked at. Only without a readable `meta.yaml`,
    /// there is no run.
    pub fn from_files<B: AsRef<[u8]>>(files: &BTreeMap<String, B>) -> Result<Self, Unreadable> {
        let meta = files.get("meta.yaml").ok_or_else(|| Unreadable::whole("it has no `meta.yaml`"))?;
        let mut run = Self {
            meta: RunMeta::read(meta.as_ref())?,
            metrics: BTreeMap::new(),
            params: BTreeMap::new(),
            tags: BTreeMap::new(),
            problems: Vec::new(),
        };
        let kept = files.iter().filter_map(|(path, bytes)| {
            let (folder, key) = path.split_once('/')?;
            matches!(folder, "metrics" | "params" | "tags").then(|| (path, folder, key, bytes.as_ref()))
        });
        for (index, (path, folder, key, bytes)) in kept.enumerate() {
            if index == MAX_FILES {
                let why = format!("it has more than {MAX_FILES} files; the others were left out");
                run.problem("", Unreadable::whole(why));
                break;
            }
            if !is_key(key) {
                run.problem(path, Unreadable::whole("its name is no key"));
            } else if folder == "metrics" {
                let history = metric_history(bytes);
                for problem in history.problems {
                    run.problem(path, problem);
                }
                if !history.samples.is_empty() {
                    run.metrics.insert(key.to_owned(), history.samples);
                }
            } else {
                match value(bytes) {
                    Ok(value) if folder == "params" => run.params.insert(key.to_owned(), value),
                    Ok(value) => run.tags.insert(key.to_owned(), value),
                    Err(problem) => {
                        run.problem(path, problem);
                        None
                    }
                };
            }
        }
        Ok(run)
    }

    /// Its name, from `meta.yaml` or, of older versions, from the tag.
    pub fn name(&self) -> Option<&str> {
        let tag = || self.tags.get("mlflow.runName").map(String::as_str);
        self.meta.name.as_deref().or_else(tag)
    }

    /// The last value of a metric, as `MLflow` has it.
    pub fn latest(&self, key: &str) -> Option<&Sample> {
        latest(self.metrics.get(key)?)
    }

    /// The commit it was made from; none where that is not said, or not with a whole id.
    pub fn source_commit(&self) -> Option<CommitId> {
        CommitId::new(self.tags.get(SOURCE_COMMIT_TAG)?.as_str()).ok()
    }

    fn problem(&mut self, path: &str, problem: Unreadable) {
        self.problems.push(RunProblem { path: path.to_owned(), problem });
    }
}

/// Whether a path below `metrics/` and the like is a key as `MLflow` allows it: its own shortest form, leading
/// nowhere else.
fn is_key(key: &str) -> bool {
    key.split('/').all(|part| !matches!(part, "" | "." | ".."))
}

fn value(bytes: &[u8]) -> Result<String, Unreadable> {
    utf8(bounded(bytes, MAX_VALUE_BYTES)?).map(str::to_owned)
}
