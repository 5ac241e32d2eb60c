//! Going back: the very folder an environment desired before, in a new commit.

use keelmark_git::{Oid, Plan, Repository, Signature, Tag, TreeEdit, Version};
use keelmark_types::{CommitId, Deployment, SemanticVersion};

use crate::commit::{Change, assemble};
use crate::digest::{recomputed_digest, sha256};
use crate::layout::{DEPLOYMENT_FILE, LARGEST_RECORD_BYTES, LARGEST_SERVED_BYTES, evidence_folder};
use crate::message::{Claim, folded};
use crate::promotion::{Action, Proposal, Unchanged};
use crate::standing::{Promoted, Standing};
use crate::{Error, Result, yaml};

/// Where to go back to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RollbackTarget {
    /// The last release that is another than the one desired now.
    Previous,
    /// A release the environment desired before.
    Release(SemanticVersion),
    /// A commit: of a deployment, or the version of one.
    Commit(CommitId),
}

/// Everything a rollback is made of.
#[derive(Debug, Clone, Copy)]
pub struct RollbackRequest<'a> {
    /// Where it is to be written.
    pub repository: &'a Repository,
    /// Where the environment stands, read at the tip the commit is to have as its parent.
    pub standing: &'a Standing,
    /// Where to.
    pub target: &'a RollbackTarget,
    /// Every tag known, those of the remote included.
    pub tags: &'a [Tag],
    /// Who goes back, and when.
    pub author: &'a Signature,
}

/// Plans a rollback. Nothing is written.
///
/// Refused where the old bytes are not here or not what they were; what stands beside the release folder stays.
pub fn plan_rollback(request: &RollbackRequest<'_>) -> Result<Proposal> {
    let RollbackRequest { repository, standing, target, .. } = *request;
    let Some(tip) = &standing.tip else { return Err(nothing(standing)) };
    let found = find(standing, target)?;
    let folder = standing.folder();
    let old = repository.version(&found.commit)?;
    let (release_tree, deployment) = check(&old, &folder, found)?;
    if let Some(desired) = &standing.desired
        && standing.release_tree == Some(release_tree)
    {
        let commit = desired.commit.clone().unwrap_or_else(|| found.commit.clone());
        return Ok(Proposal::Unchanged(Box::new(Unchanged { commit, deployment })));
    }
    let mut edits = vec![TreeEdit::folder(folder, release_tree)];
    let evidence = evidence_folder(&deployment.release_digest);
    if repository.version(tip)?.subtree(&evidence)?.is_none()
        && let Some(tree) = old.subtree(&evidence)?
    {
        edits.push(TreeEdit::folder(evidence.clone(), tree));
    }
    let listed = old.list(&evidence)?;
    let mut claim = Claim::of(&deployment, found.claim.verdict, standing.sequence().saturating_add(1));
    claim.previous = standing.history.last().map(|last| last.claim.release_digest.clone());
    let Deployment { model, environment, release, .. } = &deployment;
    let from = standing.deployment().map_or_else(
        || "what could not be read".to_owned(),
        |now| format!("{} (version {})", now.release, now.version.short()),
    );
    let body = format!(
        "{environment} desired {from} and desires {release} (version {}) again, as it did with {}; what stands beside \
         the release folder stays.",
        deployment.version.short(),
        found.commit.short()
    );
    let change = Change {
        action: Action::Rollback,
        standing,
        edits,
        release_tree,
        subject: format!("Roll back {model} in {environment} to {release}"),
        body: folded(&body),
        deployment,
        claim,
        evidence: listed.into_iter().map(|entry| entry.path).collect(),
    };
    let promotion = assemble(Plan::new(repository), change, request.tags, request.author)?;
    Ok(Proposal::Change(Box::new(promotion)))
}

fn nothing(standing: &Standing) -> Error {
    let Standing { environment, model, .. } = standing;
    Error::NotFound {
        what: format!("a deployment of {model} in {environment}"),
        hint: "promote one first".to_owned(),
    }
}

fn find<'a>(standing: &'a Standing, target: &RollbackTarget) -> Result<&'a Promoted> {
    let Some(last) = standing.history.last() else { return Err(nothing(standing)) };
    let now =
        standing.deployment().map_or(&last.claim.release_digest, |deployment| &deployment.release_digest);
    let mut newest_first = standing.history.iter().rev();
    let found = match target {
        RollbackTarget::Previous => newest_first.find(|promoted| promoted.claim.release_digest != *now),
        RollbackTarget::Release(release) => newest_first.find(|promoted| promoted.claim.release == *release),
        RollbackTarget::Commit(commit) => {
            newest_first.find(|promoted| promoted.commit == *commit || promoted.claim.version == *commit)
        }
    };
    found.ok_or_else(|| {
        let mut known: Vec<String> =
            standing.history.iter().map(|promoted| promoted.claim.release.to_string()).collect();
        known.dedup();
        let what = match target {
            RollbackTarget::Previous => "another release to go back to".to_owned(),
            RollbackTarget::Release(release) => format!("release {release}"),
            RollbackTarget::Commit(commit) => format!("a deployment with commit {}", commit.short()),
        };
        let hint = format!("{} has desired {} so far", standing.environment, known.join(", "));
        Error::NotFound { what: format!("{what} in {}", standing.environment), hint }
    })
}

/// Every byte of the old release is here and what it was.
fn check(old: &Version, folder: &str, found: &Promoted) -> Result<(Oid, Deployment)> {
    let damaged = |why: String| {
        let what = format!("release {} in deployment commit {}", found.claim.release, found.commit.short());
        Error::corrupt(what, why)
    };
    let tree = old.subtree(folder)?.ok_or_else(|| damaged(format!("`{folder}` is missing")))?;
    let path = format!("{folder}/{DEPLOYMENT_FILE}");
    let bytes =
        old.read(&path, LARGEST_RECORD_BYTES)?.ok_or_else(|| damaged(format!("`{path}` is missing")))?;
    let deployment = yaml::read_deployment(&bytes).map_err(|why| damaged(format!("`{path}`: {why}")))?;
    if recomputed_digest(&deployment) != found.claim.release_digest
        || deployment.release_digest != found.claim.release_digest
    {
        return Err(damaged("its release digest does not fit what it lists".to_owned()));
    }
    for file in &deployment.files {
        let path = format!("{folder}/{}", file.path);
        let bytes =
            old.read(&path, LARGEST_SERVED_BYTES)?.ok_or_else(|| damaged(format!("`{path}` is missing")))?;
        if sha256(&bytes) != file.sha256 {
            return Err(damaged(format!("`{path}` has other bytes than deployment.yaml lists")));
        }
    }
    Ok((tree, deployment))
}
