//! A planned promotion or rollback, ready to be shown, written and published.

use keelmark_git::{Oid, Plan};
use keelmark_types::{CommitId, Deployment, Timestamp};
use serde::{Deserialize, Serialize};

use crate::message::Claim;

/// What a deployment commit does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Action {
    /// Deploys a candidate.
    Promote,
    /// Goes back to what was deployed before.
    Rollback,
}

/// What planning found.
#[derive(Debug, Clone)]
pub enum Proposal {
    /// The environment desires it already: nothing is to be written.
    Unchanged(Box<Unchanged>),
    /// A commit to be shown, written and published.
    Change(Box<Promotion>),
}

/// What an environment desires already.
#[derive(Debug, Clone, PartialEq)]
pub struct Unchanged {
    /// The commit that made it so.
    pub commit: CommitId,
    /// What it desires.
    pub deployment: Deployment,
}

/// A tag that goes with a promotion.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PlannedTag {
    /// Its name without `refs/tags/`.
    pub name: String,
    /// The tag object.
    pub oid: Oid,
    /// `false` where it is there already.
    pub is_new: bool,
}

/// A deployment commit, not written yet. All its objects are in memory; what is shown is what is committed.
#[derive(Debug, Clone)]
pub struct Promotion {
    /// What it does.
    pub action: Action,
    /// Its parent; `None` where it is the root of the branch.
    pub base: Option<CommitId>,
    /// Its id.
    pub commit: CommitId,
    /// Its time, to the second.
    pub at: Timestamp,
    /// The whole commit message.
    pub message: String,
    /// The patch, exactly as `git show` prints it.
    pub diff: String,
    /// The tags that go with it.
    pub tags: Vec<PlannedTag>,
    /// What the environment shall desire.
    pub deployment: Deployment,
    /// What the trailers say.
    pub claim: Claim,
    /// Paths of the evidence.
    pub evidence: Vec<String>,
    /// The `release/` folder it makes.
    pub release_tree: Oid,
    /// The `release/` folder it was planned on.
    pub release_tree_before: Option<Oid>,
    pub(crate) plan: Plan,
}

impl Promotion {
    /// Whether a lost race may be run again from a fresh plan, given the environment's `release/` folder at the new
    /// tip (see [`crate::can_retry`]).
    pub fn can_retry(&self, release_tree_now: Option<Oid>) -> bool {
        crate::can_retry(self.release_tree_before, release_tree_now, self.release_tree)
    }
}
