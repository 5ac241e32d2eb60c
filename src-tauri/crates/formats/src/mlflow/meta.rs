//! `meta.yaml` of experiments and runs.

use keelmark_types::Timestamp;
use serde::Deserialize;

use super::bounded;
use crate::{Unreadable, yaml};

/// The largest `meta.yaml` that is read.
pub const MAX_META_BYTES: usize = 1 << 20;

/// Folders of an experiment that are no runs.
pub const RESERVED_FOLDERS: [&str; 4] = ["tags", "datasets", "traces", "models"];

/// Whether something was deleted; what was stays in its folder until it is collected.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Lifecycle {
    /// It is there.
    #[default]
    Active,
    /// It was deleted.
    Deleted,
}

/// How far a run is; written as a number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(try_from = "i64")]
pub enum RunStatus {
    /// 1; also where nothing is said.
    #[default]
    Running,
    /// 2.
    Scheduled,
    /// 3.
    Finished,
    /// 4.
    Failed,
    /// 5.
    Killed,
}

impl TryFrom<i64> for RunStatus {
    type Error = String;

    fn try_from(number: i64) -> Result<Self, String> {
        match number {
            1 => Ok(Self::Running),
            2 => Ok(Self::Scheduled),
            3 => Ok(Self::Finished),
            4 => Ok(Self::Failed),
            5 => Ok(Self::Killed),
            _ => Err(format!("no run has the status {number}")),
        }
    }
}

impl RunStatus {
    /// Reads the word that `MLflow`'s databases have for it.
    pub fn from_word(word: &str) -> Result<Self, String> {
        match word {
            "RUNNING" => Ok(Self::Running),
            "SCHEDULED" => Ok(Self::Scheduled),
            "FINISHED" => Ok(Self::Finished),
            "FAILED" => Ok(Self::Failed),
            "KILLED" => Ok(Self::Killed),
            other => Err(format!("no run has the status {other:?}")),
        }
    }
}

/// An experiment: a name for runs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Experiment {
    /// Its id, which is its folder's name.
    pub id: String,
    /// Its name.
    pub name: String,
    /// Whether it was deleted.
    pub lifecycle: Lifecycle,
    /// Where its runs' files are kept.
    pub artifact_location: Option<String>,
    /// When it was made; older versions did not say.
    pub created: Option<Timestamp>,
}

impl Experiment {
    /// Reads `mlruns/<experiment>/meta.yaml`.
    pub fn read(bytes: &[u8]) -> Result<Self, Unreadable> {
        #[derive(Deserialize)]
        struct File {
            experiment_id: String,
            name: String,
            lifecycle_stage: Option<Lifecycle>,
            artifact_location: Option<String>,
            creation_time: Option<i64>,
        }
        let file: File = yaml::read(bounded(bytes, MAX_META_BYTES)?)?;
        Ok(Self {
            id: file.experiment_id,
            name: file.name,
            lifecycle: file.lifecycle_stage.unwrap_or_default(),
            artifact_location: file.artifact_location,
            created: time(file.creation_time)?,
        })
    }
}

/// What `meta.yaml` says of a run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RunMeta {
    /// Its id, which is its folder's name.
    pub id: String,
    /// Its name; older versions keep it only in the tag `mlflow.runName`.
    pub name: Option<String>,
    /// Its experiment's id.
    pub experiment: String,
    /// How far it is.
    pub status: RunStatus,
    /// Whether it was deleted.
    pub lifecycle: Lifecycle,
    /// When it was started.
    pub started: Option<Timestamp>,
    /// When it ended.
    pub ended: Option<Timestamp>,
    /// Who started it.
    pub user: Option<String>,
    /// Where its files are kept.
    pub artifact_uri: Option<String>,
}

impl RunMeta {
    /// Reads `mlruns/<experiment>/<run>/meta.yaml`.
    pub fn read(bytes: &[u8]) -> Result<Self, Unreadable> {
        #[derive(Deserialize)]
        struct File {
            run_id: Option<String>,
            // The older name of the same.
            run_uuid: Option<String>,
            run_name: Option<String>,
            experiment_id: String,
            #[serde(default)]
            status: RunStatus,
            lifecycle_stage: Option<Lifecycle>,
            start_time: Option<i64>,
            end_time: Option<i64>,
            user_id: Option<String>,
            artifact_uri: Option<String>,
        }
        let file: File = yaml::read(bounded(bytes, MAX_META_BYTES)?)?;
        Ok(Self {
            id: file.run_id.or(file.run_uuid).ok_or_else(|| Unreadable::whole("it has no `run_id`"))?,
            name: file.run_name.filter(|name| !name.is_empty()),
            experiment: file.experiment_id,
            status: file.status,
            lifecycle: file.lifecycle_stage.unwrap_or_default(),
            started: time(file.start_time)?,
            ended: time(file.end_time)?,
            user: file.user_id.filter(|user| !user.is_empty()),
            artifact_uri: file.artifact_uri,
        })
    }
}

fn time(millis: Option<i64>) -> Result<Option<Timestamp>, Unreadable> {
    let read = |millis| {
        let out_of_range = || Unreadable::whole(format!("no time is {millis} milliseconds after 1970"));
        Timestamp::from_millisecond(millis).map_err(|_| out_of_range())
    };
    millis.map(read).transpose()
}
