//! Writing and publishing a planned promotion.
//!
//! The order, and what a kill leaves:
//!
//! 1. All objects are written, durably. Killed here: nothing is visible, the objects go with git's next prune.
//! 2. With a remote: branch and tags are pushed in one atomic push, each leased to where it was seen when the promotion
//!    was planned. The remote decides who wins. Killed after: the remote has all of it, this clone none of it; the next
//!    fetch brings branch and tags, and planning the same again finds it unchanged.
//! 3. The local branch moves by compare-and-swap. Killed after: the promotion stands; its tags may be missing.
//! 4. The local tags are made. [`heal`] makes what a kill between 3 and 4 left out, at the next start.
//!
//! On a conflict or a refusal no local ref was touched.

use std::collections::BTreeMap;

use keelmark_git::{
    CommitInfo, Error as GitError, Oid, Plan, PushOutcome, PushUpdate, RefUpdate, Repository, Tag,
};
use keelmark_types::{CommitId, ReleaseTag, Stop};
use serde::Serialize;

use crate::layout::DEPLOY_REF;
use crate::message::Claim;
use crate::promotion::Promotion;
use crate::release::{is_stage_tag, next_count, release_message, stage_message, stage_tag};
use crate::standing::oldest_first;
use crate::{Error, Result};

/// Where a promotion is published.
#[derive(Debug, Clone, Copy)]
pub struct Destination<'a> {
    /// The local deploy branch as it was when the promotion was planned.
    pub local_tip: Option<&'a CommitId>,
    /// The remote to push to first; `None` to keep it here.
    pub remote: Option<RemoteBranch<'a>>,
}

/// A remote's deploy branch.
#[derive(Debug, Clone, Copy)]
pub struct RemoteBranch<'a> {
    /// The remote's name.
    pub name: &'a str,
    /// Where its deploy branch was when the promotion was planned; `None` if it had none.
    pub tip: Option<&'a CommitId>,
}

/// How publishing ended.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case", tag = "outcome")]
pub enum Published {
    /// The promotion stands.
    Published {
        /// Whether the remote has it too.
        pushed: bool,
    },
    /// It stands here; the remote did not answer and gets it with the next push.
    PushPending {
        /// What happened.
        why: String,
    },
    /// Somebody was faster. No ref here was moved.
    Conflict {
        /// The ref that moved.
        reference: String,
        /// Where it is now; `None` if it is gone.
        now: Option<Oid>,
    },
    /// The remote's rules refuse it. No ref here was moved.
    Rejected {
        /// What the remote said.
        words: String,
    },
    /// The remote does not let us. No ref here was moved.
    Denied {
        /// What was said.
        why: String,
    },
    /// Stopped when asked to, before the remote had it. No ref here was moved.
    Stopped,
}

/// Writes a promotion's objects and publishes them. Whether to plan again after a conflict is the caller's to decide
/// (see [`crate::can_retry`]).
pub fn publish(
    repository: &Repository,
    promotion: &Promotion,
    destination: Destination<'_>,
    stop: &Stop,
) -> Result<Published> {
    check_free(repository)?;
    repository.write(&promotion.plan)?;
    if let Some(conflict) = local_conflict(repository, promotion, destination.local_tip)? {
        return Ok(conflict);
    }
    let Some(remote) = destination.remote else {
        return settle(repository, promotion, destination.local_tip, Published::Published { pushed: false });
    };
    if let Some(tip) = remote.tip
        && !repository.is_ancestor(tip, &promotion.commit)?
    {
        return Ok(Published::Conflict { reference: DEPLOY_REF.to_owned(), now: Some(Oid::from(tip)) });
    }
    let outcome = repository.push(remote.name, &push_updates(repository, promotion, remote)?, stop)?;
    let outcome = match outcome {
        PushOutcome::Done => Published::Published { pushed: true },
        PushOutcome::Unreachable { why } | PushOutcome::NotFound { why } => Published::PushPending { why },
        PushOutcome::TimedOut => {
            Published::PushPending { why: "the remote did not answer in time".to_owned() }
        }
        PushOutcome::Conflict { reference, now } => return Ok(Published::Conflict { reference, now }),
        PushOutcome::Rejected { words, .. } => return Ok(Published::Rejected { words }),
        PushOutcome::Denied { why } => return Ok(Published::Denied { why }),
        PushOutcome::Stopped => return Ok(Published::Stopped),
    };
    settle(repository, promotion, destination.local_tip, outcome)
}

/// Nobody has the branch checked out; asked before a push that could not be followed here.
fn check_free(repository: &Repository) -> Result<()> {
    match repository.checked_out_in(DEPLOY_REF)? {
        None => Ok(()),
        Some(folder) => Err(Error::Denied {
            what: format!("moving {DEPLOY_REF}"),
            why: format!("it is checked out in `{}`; switch that folder to another branch", folder.display()),
        }),
    }
}

/// The local branch and tags are still what the plan was made on.
fn local_conflict(
    repository: &Repository,
    promotion: &Promotion,
    local_tip: Option<&CommitId>,
) -> Result<Option<Published>> {
    let now = repository.find_ref(DEPLOY_REF)?;
    if now != local_tip.map(Oid::from) && now != Some(Oid::from(&promotion.commit)) {
        return Ok(Some(Published::Conflict { reference: DEPLOY_REF.to_owned(), now }));
    }
    for tag in promotion.tags.iter().filter(|tag| tag.is_new) {
        let reference = tag_ref(&tag.name);
        let now = repository.find_ref(&reference)?;
        if now.is_some_and(|now| now != tag.oid) {
            return Ok(Some(Published::Conflict { reference, now }));
        }
    }
    Ok(None)
}

fn tag_ref(name: &str) -> String {
    format!("refs/tags/{name}")
}

/// The branch, the promotion's tags, and the tags of promotions that were committed while the remote was not there.
fn push_updates(
    repository: &Repository,
    promotion: &Promotion,
    remote: RemoteBranch<'_>,
) -> Result<Vec<PushUpdate>> {
    let expected = remote.tip.map(Oid::from);
    let mut updates =
        vec![PushUpdate { local: Oid::from(&promotion.commit), reference: DEPLOY_REF.to_owned(), expected }];
    let mut waiting: BTreeMap<String, Oid> = BTreeMap::new();
    if let Some(base) = &promotion.base
        && remote.tip != Some(base)
    {
        waiting = pending_tags(repository, base, remote.tip)?;
    }
    for tag in &promotion.tags {
        if tag.is_new {
            updates.push(PushUpdate { local: tag.oid, reference: tag_ref(&tag.name), expected: None });
            waiting.remove(&tag_ref(&tag.name));
        } else {
            waiting.insert(tag_ref(&tag.name), tag.oid);
        }
    }
    updates.extend(missing_at(repository, remote.name, waiting)?);
    Ok(updates)
}

/// Those of the tags the remote does not have. A remote that does not answer is found out by the push itself.
fn missing_at(repository: &Repository, remote: &str, tags: BTreeMap<String, Oid>) -> Result<Vec<PushUpdate>> {
    if tags.is_empty() {
        return Ok(Vec::new());
    }
    let names: Vec<&str> = tags.keys().map(String::as_str).collect();
    let there = match repository.remote_tips(remote, &names) {
        Ok(there) => there,
        Err(GitError::Unreachable { .. } | GitError::Denied { .. } | GitError::NotFound { .. }) => {
            return Ok(Vec::new());
        }
        Err(error) => return Err(error.into()),
    };
    let missing = tags.into_iter().filter(|(reference, _)| !there.contains_key(reference));
    Ok(missing.map(|(reference, local)| PushUpdate { local, reference, expected: None }).collect())
}

/// The tags here that go with promotions the remote does not have.
fn pending_tags(
    repository: &Repository,
    base: &CommitId,
    remote_tip: Option<&CommitId>,
) -> Result<BTreeMap<String, Oid>> {
    let claims = pending_claims(repository, base, remote_tip.cloned().as_slice())?;
    let mut tags = BTreeMap::new();
    for tag in repository.tags()? {
        let belongs = claims.iter().any(|(_, claim)| {
            tag.commit == claim.version
                && (tag.name == release_name(claim)
                    || is_stage_tag(&tag.name, &claim.model, &claim.environment))
        });
        if let Some(annotation) = tag.annotation.filter(|_| belongs) {
            tags.insert(tag_ref(&tag.name), annotation.oid);
        }
    }
    Ok(tags)
}

fn pending_claims(
    repository: &Repository,
    tip: &CommitId,
    not_from: &[CommitId],
) -> Result<Vec<(CommitInfo, Claim)>> {
    let commits = oldest_first(repository, tip, not_from)?;
    let claim =
        |info: CommitInfo| Claim::read(&info.subject, &info.body).ok().flatten().map(|claim| (info, claim));
    Ok(commits.into_iter().filter_map(claim).collect())
}

fn release_name(claim: &Claim) -> String {
    ReleaseTag { model: claim.model.clone(), version: claim.release }.to_string()
}

/// Moves the local branch, then makes the tags.
fn settle(
    repository: &Repository,
    promotion: &Promotion,
    local_tip: Option<&CommitId>,
    outcome: Published,
) -> Result<Published> {
    let reason = promotion.message.lines().next().unwrap_or_default();
    let old = local_tip.map(Oid::from);
    let moved = repository.publish(&RefUpdate::from_to(DEPLOY_REF, old, &promotion.commit, reason));
    match (moved, &outcome) {
        (Ok(()), _) => {}
        // The remote has it, and a local program moved the branch meanwhile. The remote decides; the next plan starts
        // from there.
        (Err(GitError::Conflict { now, .. }), Published::Published { pushed: true }) => {
            tracing::warn!(?now, "the remote has the promotion, the local deploy branch was moved meanwhile");
        }
        (Err(GitError::Conflict { reference, now }), _) => return Ok(Published::Conflict { reference, now }),
        (Err(error), _) => return Err(error.into()),
    }
    for tag in promotion.tags.iter().filter(|tag| tag.is_new) {
        match repository.publish(&RefUpdate::create(tag_ref(&tag.name), tag.oid, reason)) {
            Ok(()) => {}
            // The promotion stands; a tag somebody else made under this name meanwhile is left, and healing counts on.
            Err(error @ GitError::Conflict { .. }) => {
                tracing::warn!(%error, "a tag of the promotion is taken; it is made again under the next number");
            }
            Err(error) => return Err(error.into()),
        }
    }
    Ok(outcome)
}

/// Makes the tags that promotions on the local branch lack because something ended between the branch and its tags.
/// Deletes and moves nothing; answers the tags it made. Promotions a remote has are left alone: their tags went there
/// in the same push and come with a fetch.
pub fn heal(repository: &Repository) -> Result<Vec<String>> {
    let Some(tip) = repository.find_ref(DEPLOY_REF)?.map(Oid::to_commit_id) else { return Ok(Vec::new()) };
    let suffix = "/keelmark/deploy";
    let remotes: Vec<CommitId> = repository
        .refs("refs/remotes/")?
        .into_iter()
        .filter(|reference| reference.name.ends_with(suffix))
        .map(|reference| reference.oid.to_commit_id())
        .collect();
    let claims = pending_claims(repository, &tip, &remotes)?;
    let mut known = repository.tags()?;
    let mut made = Vec::new();
    let mut taken: Vec<String> = Vec::new();
    for (info, claim) in &claims {
        if !repository.has_object(Oid::from(&claim.version)) {
            continue;
        }
        let by = keelmark_git::Signature::new(
            keelmark_git::Identity { name: info.author_name.clone(), email: info.author_email.clone() },
            info.time,
        );
        let release = release_name(claim);
        if !known.iter().any(|tag| tag.name == release) {
            let message = release_message(&claim.model, claim.release);
            known.push(make_tag(repository, &release, claim, &by, &message)?);
            made.push(release);
        }
        // A stage tag carries the very signature of its commit; that tells it from the tags of other promotions.
        let own = known.iter().find(|tag| {
            is_stage_tag(&tag.name, &claim.model, &claim.environment)
                && tag.commit == claim.version
                && tag.annotation.as_ref().and_then(|annotation| annotation.tagger.as_ref()) == Some(&by)
                && !taken.contains(&tag.name)
        });
        let name = if let Some(tag) = own {
            tag.name.clone()
        } else {
            let name = stage_tag(&claim.model, &claim.environment, next_count(&known, &claim.model));
            let message = stage_message(&claim.model, &claim.environment, claim.release);
            known.push(make_tag(repository, &name, claim, &by, &message)?);
            made.push(name.clone());
            name
        };
        taken.push(name);
    }
    Ok(made)
}

fn make_tag(
    repository: &Repository,
    name: &str,
    claim: &Claim,
    by: &keelmark_git::Signature,
    message: &str,
) -> Result<Tag> {
    let mut plan = Plan::new(repository);
    let oid = plan.tag(name, &claim.version, by, message)?;
    repository.write(&plan)?;
    repository.publish(&RefUpdate::create(tag_ref(name), oid, "made again"))?;
    let annotation = keelmark_git::Annotation { oid, tagger: Some(by.clone()), message: message.to_owned() };
    Ok(Tag { name: name.to_owned(), commit: claim.version.clone(), annotation: Some(annotation) })
}

/// Pushes what was committed while the remote was not there: the local branch and the tags it lacks. The lease is
/// `remote.tip`.
pub fn push_pending(repository: &Repository, remote: RemoteBranch<'_>, stop: &Stop) -> Result<Published> {
    let Some(local) = repository.find_ref(DEPLOY_REF)?.map(Oid::to_commit_id) else {
        return Ok(Published::Published { pushed: true });
    };
    if let Some(tip) = remote.tip
        && !repository.is_ancestor(tip, &local)?
    {
        // What the remote has beyond this clone is not ours to push.
        let ahead = repository.is_ancestor(&local, tip)?;
        return Ok(if ahead {
            Published::Published { pushed: true }
        } else {
            Published::Conflict { reference: DEPLOY_REF.to_owned(), now: Some(Oid::from(tip)) }
        });
    }
    if remote.tip == Some(&local) {
        return Ok(Published::Published { pushed: true });
    }
    let expected = remote.tip.map(Oid::from);
    let mut updates =
        vec![PushUpdate { local: Oid::from(&local), reference: DEPLOY_REF.to_owned(), expected }];
    let tags = pending_tags(repository, &local, remote.tip)?;
    updates.extend(missing_at(repository, remote.name, tags)?);
    Ok(match repository.push(remote.name, &updates, stop)? {
        PushOutcome::Done => Published::Published { pushed: true },
        PushOutcome::Unreachable { why } | PushOutcome::NotFound { why } => Published::PushPending { why },
        PushOutcome::TimedOut => {
            Published::PushPending { why: "the remote did not answer in time".to_owned() }
        }
        PushOutcome::Conflict { reference, now } => Published::Conflict { reference, now },
        PushOutcome::Rejected { words, .. } => Published::Rejected { words },
        PushOutcome::Denied { why } => Published::Denied { why },
        PushOutcome::Stopped => Published::Stopped,
    })
}
