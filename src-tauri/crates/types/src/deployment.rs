//! `release/deployment.yaml`: what an environment shall serve. The authority for people, agents and clusters.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::{CommitId, EnvironmentName, ModelName, RunId, SemanticVersion, Sha256};

/// The schema name of [`Deployment`].
pub const DEPLOYMENT_SCHEMA: &str = "keelmark.deployment/1";

/// What a gate says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum GateState {
    /// The condition holds.
    Passed,
    /// It does not.
    Failed,
    /// It cannot be told; the reason says why.
    Inconclusive,
}

/// The judgement as a whole.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum Decision {
    /// Nothing stands against it.
    Ready,
    /// Something does.
    Blocked,
}

/// One gate's outcome.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
pub struct GateOutcome {
    /// The gate in words, e.g. `accuracy at least 0.95`.
    pub name: String,
    /// What it says.
    pub state: GateState,
    /// The value judged, where there is one.
    #[serde(default)]
    pub value: Option<f64>,
    /// What it was held against.
    #[serde(default)]
    pub threshold: Option<f64>,
    /// Why, in a sentence.
    pub why: String,
}

/// Somebody promoted against the judgement, or asked to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct Override {
    /// The typed reason.
    pub reason: String,
    /// `false` where the gates passed anyway.
    pub needed: bool,
}

/// A file that is served.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct DeployedFile {
    /// Path below `release/`.
    pub path: String,
    /// Digest of its bytes.
    pub sha256: Sha256,
    /// Its size.
    pub size_bytes: u64,
}

/// The run behind a deployment.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct DeployedRun {
    /// Its id.
    pub id: RunId,
    /// Its commit.
    pub commit: CommitId,
}

/// What one environment shall serve of one model. Holds no time and no name of the commit that carries it, so that
/// the preview is the commit.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
pub struct Deployment {
    /// [`DEPLOYMENT_SCHEMA`].
    pub schema: String,
    /// Which model.
    pub model: ModelName,
    /// For which environment it was promoted.
    pub environment: EnvironmentName,
    /// The version promoted.
    pub version: CommitId,
    /// The run promoted.
    pub run: DeployedRun,
    /// Its semantic version.
    pub release: SemanticVersion,
    /// Digest of everything promoted.
    pub release_digest: Sha256,
    /// Digest of the test set it was judged on.
    #[serde(default)]
    pub test_digest: Option<Sha256>,
    /// Headline metrics, for people.
    #[serde(default)]
    pub metrics: BTreeMap<String, f64>,
    /// The gates as they stood.
    pub gates: Vec<GateOutcome>,
    /// Their sum.
    pub decision: Decision,
    /// Set where somebody promoted with an override.
    #[serde(default, rename = "override")]
    pub overridden: Option<Override>,
    /// Every file served.
    pub files: Vec<DeployedFile>,
}
