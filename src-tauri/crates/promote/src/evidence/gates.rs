//! `gates.json`: the judgement, and what it covers.

use std::collections::BTreeMap;

use keelmark_types::{
    CommitId, Decision, Deployment, EnvironmentName, GateOutcome, ModelName, Override, RunId,
    SemanticVersion, Sha256,
};
use serde::{Deserialize, Serialize};

use crate::digest::sha256;
use crate::plan::PromotionRequest;

/// The schema name of [`GateRecord`].
pub const GATES_SCHEMA: &str = "keelmark.gates/1";

/// The judgement behind a promotion, with the digests of everything it covers.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct GateRecord {
    /// [`GATES_SCHEMA`].
    pub schema: String,
    /// Which model.
    pub model: ModelName,
    /// For which environment it was judged.
    pub environment: EnvironmentName,
    /// The version judged.
    pub version: CommitId,
    /// The run judged.
    pub run: RunId,
    /// Its semantic version.
    pub release: SemanticVersion,
    /// Digest of everything promoted.
    pub release_digest: Sha256,
    /// The protected base the rules were read from.
    #[serde(default)]
    pub policy: Option<CommitId>,
    /// The decision.
    pub decision: Decision,
    /// Why, in a sentence.
    pub why: String,
    /// Whether there was no baseline to judge against.
    pub first_deployment: bool,
    /// Every gate.
    pub gates: Vec<GateOutcome>,
    /// Set where somebody gave a reason to promote against it.
    #[serde(default, rename = "override")]
    pub overridden: Option<Override>,
    /// Digest of `release/deployment.yaml`.
    pub deployment_sha256: Sha256,
    /// Digest of every other file of the evidence, by name.
    pub evidence_sha256: BTreeMap<String, Sha256>,
}

impl GateRecord {
    pub(crate) fn of(
        request: &PromotionRequest<'_>,
        deployment: &Deployment,
        deployment_yaml: &[u8],
        evidence: &[(&'static str, Vec<u8>)],
    ) -> Self {
        let judgement = request.judgement;
        Self {
            schema: GATES_SCHEMA.to_owned(),
            model: deployment.model.clone(),
            environment: deployment.environment.clone(),
            version: deployment.version.clone(),
            run: deployment.run.id.clone(),
            release: deployment.release,
            release_digest: deployment.release_digest.clone(),
            policy: request.policy.cloned(),
            decision: judgement.decision,
            why: judgement.why.clone(),
            first_deployment: judgement.first_deployment,
            gates: judgement.gates.clone(),
            overridden: deployment.overridden.clone(),
            deployment_sha256: sha256(deployment_yaml),
            evidence_sha256: evidence
                .iter()
                .map(|(name, bytes)| ((*name).to_owned(), sha256(bytes)))
                .collect(),
        }
    }
}
