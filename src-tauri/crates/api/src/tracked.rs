//! What DVC tracks: whether its stages are fresh, where its bytes are, and fetching those that are missing.

use std::path::PathBuf;

use keelmark_data::{
    Change, DataSource, DvcHere, Freshness, PullError, PullOptions, RemoteAccess, StaleReason, Stores,
    Whereabouts,
};
use keelmark_types::{Outcome, Progress, Stop};
use serde::Serialize;
use ts_rs::TS;

use crate::{Code, Problem, Session};

/// How a stage of a dvc.yaml, or a pointer beside data, stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
pub struct DvcStage {
    /// As DVC calls it: `train`, `sub/dvc.yaml:score`, `data/raw.csv.dvc`.
    pub name: String,
    /// How it stands.
    pub state: DvcStageState,
    /// Everything that is not as it was recorded.
    pub reasons: Vec<DvcStageReason>,
}

/// How a stage stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum DvcStageState {
    /// All is as it was recorded.
    Fresh,
    /// Running it again could give something else.
    Stale,
    /// What is known is as it was recorded, but bytes are missing.
    Incomplete,
}

/// One thing that is not as it was recorded.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
pub struct DvcStageReason {
    /// What kind of thing.
    pub what: DvcReasonKind,
    /// Its file or folder, from the repository's root; of a command none.
    pub path: Option<String>,
    /// The parameter's dotted name.
    pub parameter: Option<String>,
    /// How it differs.
    pub change: Option<DvcChange>,
}

/// What kind of thing makes a stage stale.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum DvcReasonKind {
    /// A file or folder it reads.
    Dependency,
    /// A parameter, or a file of them.
    Parameter,
    /// A file or folder it writes.
    Output,
    /// The command itself.
    Command,
    /// It is declared to run each time.
    AlwaysChanged,
}

/// How something differs from what was recorded.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum DvcChange {
    /// It is something else now.
    Modified,
    /// It is not there.
    Deleted,
    /// It was not recorded.
    New,
    /// DVC's cache does not have it.
    NotInCache,
    /// Its bytes are not here.
    Unknown,
}

/// A file or folder that DVC tracks.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
pub struct TrackedData {
    /// Path from the repository's root.
    pub path: String,
    /// The file that says so: a `.dvc` file or a dvc.lock.
    pub said_in: String,
    /// The digest, with `.dir` behind that of a folder's list.
    pub md5: Option<String>,
    /// Bytes in all, where that is said.
    pub size_bytes: Option<u64>,
    /// What of it is on this machine.
    pub here: Hydration,
    /// Files of a folder that are missing.
    pub missing_files: Option<u64>,
    /// Where `data pull` would look, without secrets; empty where all is here.
    pub said_to_be: Vec<String>,
}

/// What of tracked data is on this machine.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum Hydration {
    /// All of it, in DVC's cache.
    Cached,
    /// A copy in the work tree whose digest is right.
    WorkTree,
    /// Some files of a folder.
    Partly,
    /// Nothing.
    Missing,
}

/// Data that is to be fetched.
#[derive(Debug, Clone, Default)]
pub struct PullQuery {
    /// Files and folders as typed; none means all that is tracked.
    pub paths: Vec<PathBuf>,
    /// The remote; none means DVC's default.
    pub remote: Option<String>,
    /// The version whose pointers are followed; none means the work tree's.
    pub revision: Option<String>,
}

/// Data that was fetched.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
pub struct PulledData {
    /// The remotes that were asked, without secrets.
    pub remotes: Vec<String>,
    /// Objects that came.
    pub fetched: u64,
    /// Bytes that came.
    pub bytes: u64,
    /// Objects that were here already.
    pub already_here: u64,
}

/// What DVC knows of the work tree.
pub(crate) struct DvcStatus {
    pub stages: Vec<DvcStage>,
    pub tracked: Vec<TrackedData>,
    pub problems: Vec<String>,
}

impl Session {
    /// Where bytes behind pointers are kept on this machine.
    pub(crate) fn stores(&self) -> Result<Stores, Problem> {
        Ok(keelmark_runs::stores(&self.repository)?)
    }

    /// Whether each stage and pointer of the work tree is fresh.
    pub fn freshness(&self) -> Result<Vec<DvcStage>, Problem> {
        let stores = self.stores()?;
        let Some(source) = DataSource::of_work_tree(&self.repository, &stores)? else {
            return Ok(Vec::new());
        };
        Ok(source.freshness()?.stages.into_iter().map(stage).collect())
    }

    /// Whether each stage and pointer of a version is fresh, as far as Git and its locks tell.
    pub fn freshness_of(&self, revision: &str) -> Result<Vec<DvcStage>, Problem> {
        let stores = self.stores()?;
        let version = self.repository.version(&self.repository.resolve(revision)?)?;
        let found = DataSource::of_version(&version, &stores).freshness()?;
        Ok(found.stages.into_iter().map(stage).collect())
    }

    /// Fetches what is missing of tracked data into DVC's cache; the work tree is not touched.
    pub fn data_pull(
        &self,
        query: &PullQuery,
        progress: &dyn Progress,
        stop: &Stop,
    ) -> Result<PulledData, Problem> {
        let stores = self.stores()?;
        let mut paths: Vec<String> =
            query.paths.iter().map(|path| self.relative(path)).collect::<Result<_, _>>()?;
        if paths.iter().any(String::is_empty) {
            paths.clear();
        }
        let home = home();
        let options = PullOptions {
            paths: &paths,
            remote: query.remote.as_deref(),
            access: RemoteAccess { variable: &|name| std::env::var(name).ok(), home: home.as_deref() },
            at: self.keelmark.now(),
        };
        let outcome = if let Some(revision) = &query.revision {
            let version = self.repository.version(&self.repository.resolve(revision)?)?;
            DataSource::of_version(&version, &stores).pull(&options, progress, stop)?
        } else {
            let source = DataSource::of_work_tree(&self.repository, &stores)?.ok_or_else(|| {
                Problem::new(Code::InvalidRequest, "A bare repository has no work tree")
                    .detail("Nothing was fetched.")
                    .hint("Name a version with --rev, and the cache as `cache.dir` of DVC's configuration.")
            })?;
            source.pull(&options, progress, stop)?
        };
        match outcome {
            Outcome::Done(pulled) => Ok(PulledData {
                remotes: pulled.remotes,
                fetched: pulled.fetched,
                bytes: pulled.bytes,
                already_here: pulled.already_here,
            }),
            Outcome::Stopped { kept } => {
                Err(Problem::new(Code::Stopped, "Fetching data was stopped").detail(kept))
            }
        }
    }
}

/// What DVC knows of the files a source gives.
pub(crate) fn dvc_status(source: &DataSource<'_>) -> Result<DvcStatus, Problem> {
    let Freshness { stages, problems } = source.freshness()?;
    let mut tracked = Vec::new();
    for path in source.tracked()? {
        let Whereabouts::Dvc { said_in, md5, size_bytes, here, said_to_be } = source.whereabouts(&path)?
        else {
            continue;
        };
        let (here, missing_files) = match here {
            DvcHere::Cached => (Hydration::Cached, None),
            DvcHere::WorkTree => (Hydration::WorkTree, None),
            DvcHere::Partly { missing, .. } => (Hydration::Partly, Some(missing as u64)),
            DvcHere::Missing => (Hydration::Missing, None),
        };
        tracked.push(TrackedData { path, said_in, md5, size_bytes, here, missing_files, said_to_be });
    }
    Ok(DvcStatus {
        stages: stages.into_iter().map(stage).collect(),
        tracked,
        problems: problems.iter().map(ToString::to_string).collect(),
    })
}

fn stage(found: keelmark_data::StageFreshness) -> DvcStage {
    let state = if found.is_stale() {
        DvcStageState::Stale
    } else if found.reasons.is_empty() {
        DvcStageState::Fresh
    } else {
        DvcStageState::Incomplete
    };
    DvcStage { name: found.name, state, reasons: found.reasons.into_iter().map(reason).collect() }
}

fn reason(found: StaleReason) -> DvcStageReason {
    let (what, path, parameter, change) = match found {
        StaleReason::Dependency { path, change } => {
            (DvcReasonKind::Dependency, Some(path), None, Some(change))
        }
        StaleReason::Parameters { path, change } => {
            (DvcReasonKind::Parameter, Some(path), None, Some(change))
        }
        StaleReason::Parameter { path, name, change } => {
            (DvcReasonKind::Parameter, Some(path), Some(name), Some(change))
        }
        StaleReason::Output { path, change } => (DvcReasonKind::Output, Some(path), None, Some(change)),
        StaleReason::Command => (DvcReasonKind::Command, None, None, None),
        StaleReason::Always => (DvcReasonKind::AlwaysChanged, None, None, None),
    };
    let change = change.map(|change| match change {
        Change::Modified => DvcChange::Modified,
        Change::Deleted => DvcChange::Deleted,
        Change::New => DvcChange::New,
        Change::NotInCache => DvcChange::NotInCache,
        Change::Unknown => DvcChange::Unknown,
    });
    DvcStageReason { what, path, parameter, change }
}

fn home() -> Option<PathBuf> {
    std::env::home_dir().filter(|home| home.is_absolute())
}

impl From<PullError> for Problem {
    fn from(error: PullError) -> Self {
        const KEPT: &str = "What was fetched before is kept in DVC's cache; nothing else was changed.";
        let text = crate::failures::sentence(&error.to_string());
        let problem = |code, hint: &str| Self::new(code, text.clone()).detail(KEPT).hint(hint);
        match error {
            PullError::NoRemote { .. } => problem(
                Code::InvalidRequest,
                "Name one with --remote, or set DVC's default: dvc remote default NAME",
            ),
            PullError::Denied { .. } => problem(
                Code::Denied,
                "See to the credentials in .dvc/config.local, the environment or the files of AWS.",
            ),
            PullError::NotThere { .. } => {
                problem(Code::MissingData, "Whoever made it has to `dvc push` it; the rest was fetched.")
            }
            PullError::Unreachable { .. } => {
                problem(Code::Unreachable, "Try again when it can be reached; fetching goes on from there.")
            }
            PullError::Mismatch { .. } => {
                problem(Code::Damaged, "What came was thrown away. Tell whoever looks after the remote.")
            }
            PullError::Unsupported { .. } => problem(Code::Unsupported, "`dvc fetch` may bring it."),
            PullError::Here(error) => error.into(),
            _ => problem(Code::Unsupported, ""),
        }
    }
}
