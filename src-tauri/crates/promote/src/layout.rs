//! Where things are on the deploy branch.

use keelmark_types::{EnvironmentName, ModelName, Sha256};

/// The branch that declares what every environment desires.
pub const DEPLOY_BRANCH: &str = "keelmark/deploy";
/// Its full name.
pub const DEPLOY_REF: &str = "refs/heads/keelmark/deploy";
/// The file in a release folder that is the authority.
pub const DEPLOYMENT_FILE: &str = "deployment.yaml";
/// The largest file that is read back from the branch.
pub(crate) const LARGEST_SERVED_BYTES: u64 = 1 << 30;
/// The largest record (deployment, gates, statement) that is read back.
pub(crate) const LARGEST_RECORD_BYTES: u64 = 1 << 20;

/// The folder Keelmark owns for one model in one environment; all beside it is the platform team's.
pub fn release_folder(environment: &EnvironmentName, model: &ModelName) -> String {
    format!("environments/{environment}/{model}/release")
}

/// Where a release's evidence is, outside what a cluster applies. It belongs to the release, not to one environment:
/// the next promotion of the same release replaces it, and the commit of each promotion holds its own.
pub fn evidence_folder(release_digest: &Sha256) -> String {
    format!("evidence/{release_digest}")
}
