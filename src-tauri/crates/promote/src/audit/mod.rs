//! Holds every deployment commit against its own words.

mod check;
mod folders;
mod notes;

use std::collections::BTreeMap;

use keelmark_git::{Oid, Repository};
use keelmark_types::{CommitId, EnvironmentName, ModelName, Timestamp};
use serde::Serialize;
use ts_rs::TS;

use crate::Result;
use crate::message::Claim;
use crate::promotion::Action;
use crate::standing::oldest_first;

pub use notes::{AuditNote, notes};

/// What a commit of the deploy branch is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum AuditKind {
    /// It deploys a candidate.
    Promotion,
    /// It goes back to what was deployed before.
    Rollback,
    /// It changes what is Keelmark's without being a promotion.
    ByHand,
    /// It changes what is the platform team's; none of this audit's business.
    Other,
}

/// One commit of the deploy branch, checked.
#[derive(Debug, Clone, PartialEq, Serialize, TS)]
pub struct AuditEntry {
    /// Its id.
    pub commit: CommitId,
    /// Its first line.
    pub subject: String,
    /// Who made it.
    pub author: String,
    /// Their address.
    pub email: String,
    /// When, as the commit says.
    pub time: Timestamp,
    /// What it is.
    pub kind: AuditKind,
    /// What it claims, where it is a sound claim.
    pub claim: Option<Claim>,
    /// `false` where something is not what it says.
    pub ok: bool,
    /// What is not what it says: tampering, or damage.
    pub problems: Vec<String>,
    /// What could not be checked here, and why. No tampering.
    pub notes: Vec<String>,
}

/// Every commit of the deploy branch, checked.
#[derive(Debug, Clone, PartialEq, Serialize, TS)]
pub struct Audit {
    /// The tip it was read at.
    pub tip: Option<CommitId>,
    /// Whether anything is not what it says.
    pub tampered: bool,
    /// Newest first.
    pub entries: Vec<AuditEntry>,
    /// What people said about runs and comparisons, newest first.
    pub notes: Vec<AuditNote>,
}

/// What the commits before say of one model in one environment.
#[derive(Debug, Default)]
pub(crate) struct Chain {
    last: Option<Claim>,
    highest: u64,
    /// The release folders that were promoted, sound or not, with the claims that made them.
    trees: BTreeMap<Oid, Claim>,
}

pub(crate) type Chains = BTreeMap<(EnvironmentName, ModelName), Chain>;

/// Walks the deploy branch up to `tip` and checks each commit: trailers against `deployment.yaml`, every served byte,
/// the release digest, the evidence, the version, run and tags as far as they are here, the chain of releases and its
/// sequence. A commit that touches a release or its evidence in any other way is named.
pub fn audit(repository: &Repository, tip: Option<&CommitId>) -> Result<Audit> {
    let mut entries = Vec::new();
    if let Some(tip) = tip {
        let tags = repository.tags()?;
        let mut chains = Chains::new();
        let mut before = None;
        for info in oldest_first(repository, tip, &[])? {
            let now = repository.version(&info.id)?;
            let claim = Claim::read(&info.subject, &info.body);
            let mut found = check::Findings::default();
            let kind =
                check::commit(repository, &claim, (before.as_ref(), &now), &mut chains, &tags, &mut found)?;
            entries.push(AuditEntry {
                commit: info.id,
                subject: info.subject,
                author: info.author_name,
                email: info.author_email,
                time: info.time,
                kind,
                claim: claim.ok().flatten(),
                ok: found.problems.is_empty(),
                problems: found.problems,
                notes: found.notes,
            });
            before = Some(now);
        }
    }
    entries.reverse();
    Ok(Audit {
        tip: tip.cloned(),
        tampered: entries.iter().any(|entry| !entry.ok),
        entries,
        notes: notes(repository)?,
    })
}

impl From<Action> for AuditKind {
    fn from(action: Action) -> Self {
        match action {
            Action::Promote => Self::Promotion,
            Action::Rollback => Self::Rollback,
        }
    }
}
