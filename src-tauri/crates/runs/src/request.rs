//! What a worker is asked to do: everything it needs, so that a job can be started by any face on any machine.

use std::collections::BTreeMap;
use std::path::PathBuf;

use keelmark_types::{CommitId, ModelName, RunId, Timestamp};
use serde::{Deserialize, Serialize};

/// The schema name of [`JobRequest`].
pub const REQUEST_SCHEMA: &str = "keelmark.job/1";

/// What the job does.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "work")]
pub enum Work {
    /// Train the version, then evaluate once on its test set.
    Train {
        /// Goes on from this run's checkpoint.
        #[serde(default)]
        resumed_from: Option<RunId>,
    },
    /// Run a recorded model on the version's test set, or on another file of it.
    Evaluate {
        /// The run whose model is evaluated.
        of: RunId,
        /// A data file of the version instead of its test set.
        #[serde(default)]
        data: Option<String>,
    },
    /// Evaluate the file the version names as its model: run it, or measure the predictions beside it.
    Artifact {
        /// A data file of the version instead of its test set.
        #[serde(default)]
        data: Option<String>,
    },
    /// Measure predictions any framework made on the version's test set.
    Predictions {
        /// The prediction file's content as read when the job was asked for, kept beside the request.
        file: String,
        /// Digest of the artifact the predictions came from.
        #[serde(default)]
        artifact: Option<keelmark_types::DataPin>,
    },
}

/// A job, as accepted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct JobRequest {
    /// [`REQUEST_SCHEMA`].
    pub schema: String,
    /// The run it will become; also names the job's folder.
    pub run: RunId,
    /// The repository's work tree or Git directory.
    pub repository: PathBuf,
    /// The model.
    pub model: ModelName,
    /// The model's folder in the repository, empty for the root.
    pub folder: String,
    /// The commit it runs on.
    pub version: CommitId,
    /// `true` where that commit is a snapshot of uncommitted changes.
    pub dirty: bool,
    /// What to do.
    pub work: Work,
    /// Instead of the manifest's seed.
    #[serde(default)]
    pub seed: Option<u64>,
    /// Overrides of the manifest.
    #[serde(default)]
    pub overrides: BTreeMap<String, String>,
    /// Threads the kernels may use; none lets the size of the work decide.
    #[serde(default)]
    pub threads: Option<usize>,
    /// `cpu`, `cuda:0`, `metal:0`.
    pub device: String,
    /// When it was accepted.
    pub queued_at: Timestamp,
}
