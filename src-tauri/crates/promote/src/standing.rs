//! What the deploy branch says of one model in one environment, read before anything is planned.

use keelmark_git::{CommitInfo, HistoryOptions, Oid, Repository, Tag};
use keelmark_types::{CommitId, Deployment, EnvironmentName, ModelName, SemanticVersion};

use crate::layout::{DEPLOYMENT_FILE, LARGEST_RECORD_BYTES, release_folder};
use crate::message::Claim;
use crate::release::{following, newest_release, release_at};
use crate::{Result, yaml};

/// A promotion or rollback on the branch.
#[derive(Debug, Clone, PartialEq)]
pub struct Promoted {
    /// Its commit.
    pub commit: CommitId,
    /// What it claims.
    pub claim: Claim,
}

/// What an environment desires at the tip.
#[derive(Debug, Clone, PartialEq)]
pub struct Desired {
    /// `release/deployment.yaml` as it stands.
    pub deployment: Deployment,
    /// The commit that made it so; `None` where somebody changed the folder by hand since.
    pub commit: Option<CommitId>,
}

/// Where one model in one environment stands.
#[derive(Debug, Clone, PartialEq)]
pub struct Standing {
    /// Which environment.
    pub environment: EnvironmentName,
    /// Which model.
    pub model: ModelName,
    /// The tip of the deploy branch this was read at; `None` before the first promotion.
    pub tip: Option<CommitId>,
    /// The oid of the `release/` folder at the tip.
    pub release_tree: Option<Oid>,
    /// What the environment desires; `None` where it desires nothing, or nothing that can be read.
    pub desired: Option<Desired>,
    /// Why what is there cannot be read.
    pub problem: Option<String>,
    /// Its promotions and rollbacks, oldest first.
    pub history: Vec<Promoted>,
    /// Every promotion of the model anywhere, oldest first.
    pub released: Vec<Promoted>,
}

impl Standing {
    /// Reads the branch at `tip`. Commits whose trailers are no sound claim are passed over; the audit names them.
    pub fn read(
        repository: &Repository,
        tip: Option<&CommitId>,
        environment: &EnvironmentName,
        model: &ModelName,
    ) -> Result<Self> {
        let mut standing = Self {
            environment: environment.clone(),
            model: model.clone(),
            tip: tip.cloned(),
            release_tree: None,
            desired: None,
            problem: None,
            history: Vec::new(),
            released: Vec::new(),
        };
        let Some(tip) = tip else { return Ok(standing) };
        for CommitInfo { id, subject, body, .. } in oldest_first(repository, tip, &[])? {
            if let Ok(Some(claim)) = Claim::read(&subject, &body)
                && claim.model == *model
            {
                standing.released.push(Promoted { commit: id, claim });
            }
        }
        let own = standing.released.iter().filter(|promoted| promoted.claim.environment == *environment);
        standing.history = own.cloned().collect();
        standing.read_desired(repository, tip)?;
        Ok(standing)
    }

    fn read_desired(&mut self, repository: &Repository, tip: &CommitId) -> Result<()> {
        let folder = release_folder(&self.environment, &self.model);
        let version = repository.version(tip)?;
        self.release_tree = version.subtree(&folder)?;
        if self.release_tree.is_none() {
            return Ok(());
        }
        let path = format!("{folder}/{DEPLOYMENT_FILE}");
        let read = match version.read(&path, LARGEST_RECORD_BYTES)? {
            Some(bytes) => yaml::read_deployment(&bytes),
            None => Err("it is missing".to_owned()),
        };
        match read {
            Err(why) => self.problem = Some(format!("{path}: {why}")),
            Ok(deployment) => {
                let mut commit = None;
                if let Some(last) = self.history.last()
                    && repository.version(&last.commit)?.subtree(&folder)? == self.release_tree
                {
                    commit = Some(last.commit.clone());
                }
                self.desired = Some(Desired { deployment, commit });
            }
        }
        Ok(())
    }

    /// The highest sequence used; 0 before the first.
    pub fn sequence(&self) -> u64 {
        self.history.iter().map(|promoted| promoted.claim.sequence).max().unwrap_or(0)
    }

    /// The release of a version: the one it was promoted as anywhere on the branch, else what its tags say, else a
    /// number no other version has. Refused where its tags say what GTO refuses: a version has one release.
    pub fn next_release(&self, tags: &[Tag], version: &CommitId) -> Result<SemanticVersion> {
        let claims = self.released.iter().map(|promoted| &promoted.claim);
        if let Some(claim) = claims.clone().find(|claim| claim.version == *version) {
            return Ok(claim.release);
        }
        if let Some(release) = release_at(tags, &self.model, version)? {
            return Ok(release);
        }
        Ok(following(claims.map(|claim| claim.release).max().max(newest_release(tags, &self.model))))
    }

    /// What the environment desires, as a deployment.
    pub fn deployment(&self) -> Option<&Deployment> {
        self.desired.as_ref().map(|desired| &desired.deployment)
    }

    /// The folder of this environment and model.
    pub fn folder(&self) -> String {
        release_folder(&self.environment, &self.model)
    }
}

/// The first-parent line up to `tip`, oldest first, without what `not_from` reach.
pub(crate) fn oldest_first(
    repository: &Repository,
    tip: &CommitId,
    not_from: &[CommitId],
) -> Result<Vec<CommitInfo>> {
    // A walk ends at commits before its tip only; what lies beyond the tip hides all of it.
    for end in not_from {
        if repository.is_ancestor(tip, end)? {
            return Ok(Vec::new());
        }
    }
    let options =
        HistoryOptions { first_parent: true, not_from: not_from.to_vec(), ..HistoryOptions::default() };
    let mut commits = repository.history(tip, &options)?;
    commits.reverse();
    Ok(commits)
}
