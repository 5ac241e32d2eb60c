//! What is kept: runs under the refs that carry them, and the entries of the deploy branch.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use keelmark_types::{
    CommitId, EnvironmentName, ModelName, RunId, RunRecord, SemanticVersion, Sha256, Timestamp,
};

/// One ref that carries runs, as it was read.
#[derive(Debug, Clone, PartialEq)]
pub struct SyncedRef {
    /// Full name, e.g. `refs/keelmark/runs/2026-03/01J…`.
    pub name: String,
    /// The commit it named when it was read.
    pub target: CommitId,
    /// The remote it came from; `None` for our own.
    pub remote: Option<String>,
    /// The runs in it: one, or up to a hundred in a sealed month.
    pub runs: Vec<StoredRun>,
}

/// A run as found in Git.
#[derive(Debug, Clone, PartialEq)]
pub struct StoredRun {
    /// Its id.
    pub run: RunId,
    /// Its commit.
    pub commit: CommitId,
    /// What could be read.
    pub content: RunContent,
}

/// How much of a run's record could be read.
#[derive(Debug, Clone, PartialEq)]
pub enum RunContent {
    /// All of it.
    Record(Box<RunRecord>),
    /// Written by a newer Keelmark: kept as text.
    Newer {
        /// The schema it names.
        schema: String,
        /// `run.json` as it stands.
        text: String,
    },
    /// Damaged or not a run.
    Unreadable {
        /// What is wrong.
        why: String,
    },
}

impl StoredRun {
    /// The record, where it could be read.
    pub fn record(&self) -> Option<&RunRecord> {
        match &self.content {
            RunContent::Record(record) => Some(record),
            RunContent::Newer { .. } | RunContent::Unreadable { .. } => None,
        }
    }
}

/// What a deployment commit did.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum DeploymentAction {
    /// A release the environment had not desired before.
    Promote,
    /// Back to a release it had desired before, byte for byte.
    Rollback,
}

/// What a deployment commit makes an environment desire.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
pub struct Promoted {
    /// Which environment.
    pub environment: EnvironmentName,
    /// Which model.
    pub model: ModelName,
    /// Forwards or back.
    pub action: DeploymentAction,
    /// The environment's own count, rising.
    pub sequence: u64,
    /// The version desired.
    pub version: CommitId,
    /// The run desired.
    pub run: RunId,
    /// Its semantic version.
    pub release: SemanticVersion,
    /// Digest of everything promoted.
    pub release_digest: Sha256,
    /// What the environment desired before, as the commit says.
    pub previous: Option<String>,
    /// `PASSED` or `WARNED`, as the commit says.
    pub verdict: Option<String>,
    /// Why the judgement was overridden.
    pub override_reason: Option<String>,
    /// The oid of the `release/` folder.
    pub release_tree: String,
}

/// One commit of the deploy branch's first-parent line.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
pub struct DeploymentEntry {
    /// The commit.
    pub commit: CommitId,
    /// Who made it: name.
    pub author: String,
    /// Who made it: address.
    pub email: String,
    /// When, as the commit says.
    pub time: Timestamp,
    /// Its first line.
    pub subject: String,
    /// What it promotes or rolls back; `None` for any other commit.
    pub promoted: Option<Promoted>,
    /// Why it looks like a promotion and is none; `None` where nothing is wrong.
    pub problem: Option<String>,
}
