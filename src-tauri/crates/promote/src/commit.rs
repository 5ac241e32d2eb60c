//! From edits to a commit with its tags, in memory: shared by promotions and rollbacks.

use keelmark_git::{Oid, Plan, Signature, Tag, TreeEdit};
use keelmark_types::{CommitId, Deployment, ReleaseTag};

use crate::message::Claim;
use crate::promotion::{Action, PlannedTag, Promotion};
use crate::release::{next_count, release_message, stage_message, stage_tag};
use crate::standing::Standing;
use crate::{Error, Result};

/// What a deployment commit changes and says.
pub(crate) struct Change<'a> {
    pub(crate) action: Action,
    pub(crate) standing: &'a Standing,
    pub(crate) edits: Vec<TreeEdit>,
    pub(crate) release_tree: Oid,
    pub(crate) deployment: Deployment,
    pub(crate) claim: Claim,
    pub(crate) subject: String,
    pub(crate) body: String,
    pub(crate) evidence: Vec<String>,
}

/// Plans the commit on the standing's tip, or as the root of an orphan branch, and the tags of its version.
pub(crate) fn assemble(
    mut plan: Plan,
    change: Change<'_>,
    known: &[Tag],
    author: &Signature,
) -> Result<Promotion> {
    let Change { action, standing, edits, release_tree, deployment, claim, subject, body, evidence } = change;
    let base = standing.tip.clone();
    let base_tree = base.as_ref().map(|base| plan.tree_of(base)).transpose()?;
    let tree = plan.tree(base_tree, &edits)?;
    let parents: Vec<CommitId> = base.iter().cloned().collect();
    let trailers = claim.trailers();
    let commit = plan.commit(tree, &parents, author, (&subject, &body), &trailers)?;
    let diff = plan.diff(base_tree, tree)?;
    let mut message = format!("{subject}\n\n{body}\n\n");
    for trailer in &trailers {
        message.extend([trailer.key.as_str(), ": ", &trailer.value, "\n"]);
    }
    let mut tags = Vec::new();
    tags.push(release_tag(&mut plan, &deployment, known, author)?);
    let Deployment { model, environment, release, version, .. } = &deployment;
    let name = stage_tag(model, environment, next_count(known, model));
    let oid = plan.tag(&name, version, author, &stage_message(model, environment, *release))?;
    tags.push(PlannedTag { name, oid, is_new: true });
    let release_tree_before = standing.release_tree;
    Ok(Promotion {
        action,
        base,
        commit,
        at: author.at,
        message,
        diff,
        tags,
        deployment,
        claim,
        evidence,
        release_tree,
        release_tree_before,
        plan,
    })
}

/// The tag that registers the release: the one that is there, or a new one.
fn release_tag(
    plan: &mut Plan,
    deployment: &Deployment,
    known: &[Tag],
    author: &Signature,
) -> Result<PlannedTag> {
    let Deployment { model, release, version, .. } = deployment;
    let name = ReleaseTag { model: model.clone(), version: *release }.to_string();
    match known.iter().find(|tag| tag.name == name) {
        Some(tag) if tag.commit == *version => {
            let oid =
                tag.annotation.as_ref().map_or_else(|| Oid::from(&tag.commit), |annotation| annotation.oid);
            Ok(PlannedTag { name, oid, is_new: false })
        }
        Some(tag) => Err(Error::Conflict {
            what: format!("releasing version {} as {name}", version.short()),
            why: format!(
                "that tag is on version {} already; plan again with the next number",
                tag.commit.short()
            ),
        }),
        None => {
            let oid = plan.tag(&name, version, author, &release_message(model, *release))?;
            Ok(PlannedTag { name, oid, is_new: true })
        }
    }
}
