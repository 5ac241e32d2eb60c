//! Keelmark on this machine, and one repository opened with it.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use keelmark_git::Repository;
use keelmark_history::{KeptForeignRuns, ModelEntry};
use keelmark_index::Index;
use keelmark_manifest::Manifest;
use keelmark_types::{Clock, CommitId, ModelName, NoProgress, Outcome, Stop, SystemClock, Timestamp};

use crate::recording::KeptPlots;
use crate::{Code, Places, Problem};

/// Keelmark on this machine: where its things are, the time, and the program that works.
#[derive(Clone)]
pub struct Keelmark {
    pub(crate) places: Places,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) worker: PathBuf,
}

impl Keelmark {
    /// With everything given, as tests and hosts want it. `worker` is the `keelmark` program.
    pub fn new(places: Places, clock: Arc<dyn Clock>, worker: PathBuf) -> Self {
        Self { places, clock, worker }
    }

    /// As the environment has it. `KEELMARK_NOW` (RFC 3339) holds the clock still, for reproducible histories.
    pub fn from_environment(worker: PathBuf) -> Result<Self, Problem> {
        let clock: Arc<dyn Clock> = match std::env::var("KEELMARK_NOW") {
            Err(_) => Arc::new(SystemClock),
            Ok(text) => {
                let now: Timestamp = text.parse().map_err(|_| {
                    Problem::new(Code::WrongUsage, format!("KEELMARK_NOW is `{text}`, which is no time"))
                        .hint("Write it like 2026-03-02T09:30:00Z, or unset it.")
                })?;
                Arc::new(keelmark_types::FixedClock::new(now))
            }
        };
        Ok(Self::new(Places::from_environment()?, clock, worker))
    }

    /// The time.
    pub fn now(&self) -> Timestamp {
        self.clock.now()
    }

    /// The clock.
    pub fn clock(&self) -> &dyn Clock {
        self.clock.as_ref()
    }

    /// Opens the repository at or around `folder`, ends what crashed workers left, and brings the index up to date.
    pub fn open(&self, folder: &Path) -> Result<Session, Problem> {
        let repository = Repository::open(folder)?;
        let index = self.index_of(&repository)?;
        let mut session = Session {
            remarks: Vec::new(),
            keelmark: self.clone(),
            index,
            repository,
            foreign: KeptForeignRuns::default(),
            plots: KeptPlots::default(),
        };
        session.remarks = session.refresh()?;
        Ok(session)
    }

    pub(crate) fn index_path(&self, repository: &Repository) -> PathBuf {
        let key = crate::digest(repository.common_dir().as_os_str().as_encoded_bytes());
        self.places.cache.join("index").join(format!("{}.sqlite", &key.as_str()[..32]))
    }

    fn index_of(&self, repository: &Repository) -> Result<Index, Problem> {
        let (index, _opened) = Index::open(&self.index_path(repository))?;
        Ok(index)
    }
}

/// One repository, opened.
pub struct Session {
    /// What was found on opening that a person should know.
    pub remarks: Vec<String>,
    pub(crate) keelmark: Keelmark,
    pub(crate) repository: Repository,
    pub(crate) index: Index,
    pub(crate) foreign: KeptForeignRuns,
    pub(crate) plots: KeptPlots,
}

impl Session {
    /// The folder of the user's files, or the Git folder of a bare repository.
    pub fn path(&self) -> &Path {
        self.repository.work_dir().unwrap_or_else(|| self.repository.git_dir())
    }

    /// Ends what crashed workers left and brings the index up to date with Git.
    ///
    /// What cannot be read or recovered now is given back as remarks; it never stands in the way of a look.
    pub fn refresh(&self) -> Result<Vec<String>, Problem> {
        let mut remarks = Vec::new();
        match keelmark_runs::recover(self.state(), &self.repository, self.clock()) {
            Ok(runs) => {
                remarks.extend(
                    runs.iter().map(|run| {
                        format!("run {run} was left by a dead worker and is now recorded as ended")
                    }),
                );
            }
            Err(error) => remarks.push(format!("an interrupted job could not be recorded yet: {error}")),
        }
        match keelmark_promote::heal(&self.repository) {
            Ok(made) => remarks
                .extend(made.iter().map(|tag| format!("tag {tag} of an interrupted promotion was made"))),
            Err(error) => {
                remarks.push(format!("an interrupted promotion could not be completed yet: {error}"));
            }
        }
        let synced = keelmark_history::sync(&self.repository, &self.index, &NoProgress, &Stop::new())?;
        if let Outcome::Done(synced) = synced {
            remarks
                .extend(synced.problems.iter().map(|problem| format!("{}: {}", problem.what, problem.why)));
        }
        Ok(remarks)
    }

    /// The model meant: the one named, or the only one of a version.
    pub(crate) fn model_of(&self, version: &CommitId, name: Option<&str>) -> Result<ModelEntry, Problem> {
        let view = self.repository.version(version)?;
        let name = name.map(ModelName::new).transpose().map_err(|error| {
            Problem::new(Code::UnknownModel, error.to_string()).detail("Nothing was changed.")
        })?;
        match keelmark_history::model_at(&view, name.as_ref())? {
            Some(entry) => Ok(entry),
            None => {
                Err(Problem::new(Code::NoManifest, format!("Version {} declares no model", version.short()))
                    .detail("There is no model.yaml in it. Nothing was changed.")
                    .hint("Add a model.yaml, or name a version that has one."))
            }
        }
    }

    /// The parsed manifest of a model, or what is wrong with it.
    pub(crate) fn manifest_of(entry: &ModelEntry) -> Result<&Manifest, Problem> {
        entry.manifest.as_ref().map_err(|mistakes| Problem::from_mistakes(Code::InvalidManifest, mistakes))
    }

    pub(crate) fn state(&self) -> &Path {
        &self.keelmark.places.state
    }

    pub(crate) fn clock(&self) -> &dyn Clock {
        self.keelmark.clock.as_ref()
    }
}
