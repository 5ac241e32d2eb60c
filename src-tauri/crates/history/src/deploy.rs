//! A commit of the deploy branch: its trailers, checked against the file that is the authority.

use keelmark_git::{CommitInfo, Oid, Reader, Repository, Trailer, Version};
use keelmark_index::{DeploymentAction, DeploymentEntry, Promoted};
use keelmark_types::{
    CommitId, DEPLOYMENT_SCHEMA, Deployment, EnvironmentName, ModelName, RunId, SemanticVersion, Sha256,
};

use crate::{Error, Problem, yaml};

/// The branch that declares what every environment desires.
pub const DEPLOY_BRANCH: &str = "keelmark/deploy";

/// Where the deploy branch stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeployTip {
    /// The commit.
    pub commit: CommitId,
    /// The ref it was read from: the local branch, or the remote-tracking one where that is ahead.
    pub reference: String,
    /// Set where the two have parted; the local one is used.
    pub problem: Option<Problem>,
}

/// The deploy branch as far as it is known here; `None` before the first promotion.
pub fn deploy_tip(repository: &Repository) -> Result<Option<DeployTip>, Error> {
    let local_name = format!("refs/heads/{DEPLOY_BRANCH}");
    let local = repository.find_ref(&local_name)?.map(Oid::to_commit_id);
    let remote = remote_tip(repository)?;
    let at = |commit, reference| DeployTip { commit, reference, problem: None };
    Ok(match (local, remote) {
        (None, None) => None,
        (Some(local), None) => Some(at(local, local_name)),
        (None, Some((name, remote))) => Some(at(remote, name)),
        (Some(local), Some((name, remote))) => {
            if repository.is_ancestor(&remote, &local)? {
                Some(at(local, local_name))
            } else if repository.is_ancestor(&local, &remote)? {
                Some(at(remote, name))
            } else {
                let why = format!("{local_name} and {name} have parted; the local one is shown");
                Some(DeployTip {
                    commit: local,
                    reference: local_name,
                    problem: Some(Problem::new(DEPLOY_BRANCH, why)),
                })
            }
        }
    })
}

/// Whether the local deploy branch has commits that the remote is not known to have.
pub(crate) fn is_push_pending(repository: &Repository) -> Result<bool, Error> {
    let Some(local) = repository.find_ref(&format!("refs/heads/{DEPLOY_BRANCH}"))? else { return Ok(false) };
    match remote_tip(repository)? {
        Some((_, remote)) => Ok(!repository.is_ancestor(&local.to_commit_id(), &remote)?),
        None => Ok(!repository.remotes()?.is_empty()),
    }
}

/// Origin's deploy branch as fetched, else that of the first remote that has one.
fn remote_tip(repository: &Repository) -> Result<Option<(String, CommitId)>, Error> {
    let origin = format!("refs/remotes/origin/{DEPLOY_BRANCH}");
    if let Some(oid) = repository.find_ref(&origin)? {
        return Ok(Some((origin, oid.to_commit_id())));
    }
    let suffix = format!("/{DEPLOY_BRANCH}");
    let other =
        repository.refs("refs/remotes/")?.into_iter().find(|reference| reference.name.ends_with(&suffix));
    Ok(other.map(|reference| (reference.name, reference.oid.to_commit_id())))
}

/// The folder Keelmark owns for one model in one environment.
pub(crate) fn release_folder(environment: &str, model: &str) -> String {
    format!("environments/{environment}/{model}/release")
}

/// What a commit promotes, as its trailers say.
#[derive(Debug, Clone, PartialEq)]
struct Claim {
    environment: EnvironmentName,
    model: ModelName,
    sequence: u64,
    version: CommitId,
    run: RunId,
    release: SemanticVersion,
    release_digest: Sha256,
    previous: Option<String>,
    verdict: Option<String>,
    override_reason: Option<String>,
}

/// Reads one commit. `earlier` are the promotions before it, oldest first; whatever is wrong becomes its `problem`.
pub(crate) fn read_entry(reader: &Reader, info: &CommitInfo, earlier: &[Promoted]) -> DeploymentEntry {
    let (promoted, problem) = match read_claim(&info.subject, &info.body) {
        Ok(None) => (None, None),
        Ok(Some(claim)) => match check(reader, &info.id, &claim) {
            Ok(release_tree) => {
                let problem = sequence_problem(&claim, earlier);
                (Some(promoted(claim, release_tree, earlier)), problem)
            }
            Err(why) => (None, Some(why)),
        },
        Err(why) => (None, Some(why)),
    };
    DeploymentEntry {
        commit: info.id.clone(),
        author: info.author_name.clone(),
        email: info.author_email.clone(),
        time: info.time,
        subject: info.subject.clone(),
        promoted,
        problem,
    }
}

/// `None` where the commit does not claim to be a promotion.
fn read_claim(subject: &str, body: &str) -> Result<Option<Claim>, String> {
    let trailers = Trailer::parse(&format!("{subject}\n\n{body}"));
    let find = |key: &str| {
        trailers
            .iter()
            .find(|trailer| trailer.key.eq_ignore_ascii_case(key))
            .map(|trailer| trailer.value.as_str())
    };
    if find("Environment").is_none() && find("Release-Digest").is_none() {
        return Ok(None);
    }
    let need = |key: &str| find(key).ok_or_else(|| format!("the trailer {key} is missing"));
    let parsed = |key: &str, error: &dyn std::fmt::Display| format!("the trailer {key}: {error}");
    let release = need("Release")?;
    let release = release.rsplit_once('@').map_or(release, |(_, version)| version);
    let digest = need("Release-Digest")?;
    let digest = digest.strip_prefix("sha256:").unwrap_or(digest);
    Ok(Some(Claim {
        environment: need("Environment")?.parse().map_err(|error| parsed("Environment", &error))?,
        model: need("Model")?.parse().map_err(|error| parsed("Model", &error))?,
        sequence: need("Sequence")?.parse().map_err(|error| parsed("Sequence", &error))?,
        version: need("Model-Version")?.parse().map_err(|error| parsed("Model-Version", &error))?,
        run: need("Run")?.parse().map_err(|error| parsed("Run", &error))?,
        release: release.parse().map_err(|error| parsed("Release", &error))?,
        release_digest: digest.parse().map_err(|error| parsed("Release-Digest", &error))?,
        previous: find("Previous").map(str::to_owned),
        verdict: find("Verdict").map(str::to_owned),
        override_reason: find("Override-Reason").map(str::to_owned),
    }))
}

/// Holds the claim against the tree; the oid of the release folder where they agree.
fn check(reader: &Reader, commit: &CommitId, claim: &Claim) -> Result<String, String> {
    let version = reader.version(commit).map_err(|error| error.to_string())?;
    let folder = release_folder(claim.environment.as_str(), claim.model.as_str());
    let (deployment, release_tree) = read_deployment(&version, &folder)?
        .ok_or_else(|| format!("it says it promotes, but {folder}/deployment.yaml is missing"))?;
    let differs = |name: &str, said: &dyn std::fmt::Display, is: &dyn std::fmt::Display| {
        format!("its trailer says {name} {said}, {folder}/deployment.yaml says {is}")
    };
    if deployment.environment != claim.environment {
        return Err(differs("environment", &claim.environment, &deployment.environment));
    }
    if deployment.model != claim.model {
        return Err(differs("model", &claim.model, &deployment.model));
    }
    if deployment.version != claim.version {
        return Err(differs("version", &claim.version, &deployment.version));
    }
    if deployment.run.id != claim.run {
        return Err(differs("run", &claim.run, &deployment.run.id));
    }
    if deployment.release != claim.release {
        return Err(differs("release", &claim.release, &deployment.release));
    }
    if deployment.release_digest != claim.release_digest {
        return Err(differs("release digest", &claim.release_digest, &deployment.release_digest));
    }
    Ok(release_tree.to_string())
}

#[derive(serde::Deserialize)]
struct Probe {
    schema: String,
}

/// `deployment.yaml` in a release folder, with the folder's oid; `None` where there is none.
pub(crate) fn read_deployment(version: &Version, folder: &str) -> Result<Option<(Deployment, Oid)>, String> {
    let said = |error: keelmark_git::Error| error.to_string();
    let Some(tree) = version.subtree(folder).map_err(said)? else { return Ok(None) };
    let path = format!("{folder}/deployment.yaml");
    let Some(bytes) = version.read(&path, yaml::MAX_FILE_BYTES).map_err(said)? else { return Ok(None) };
    let probe: Probe = yaml::read(&bytes).map_err(|why| format!("{path}: {why}"))?;
    if probe.schema != DEPLOYMENT_SCHEMA {
        return Err(format!(
            "{path} has the schema {:?}, this program reads {DEPLOYMENT_SCHEMA}",
            probe.schema
        ));
    }
    let deployment = yaml::read(&bytes).map_err(|why| format!("{path}: {why}"))?;
    Ok(Some((deployment, tree)))
}

fn promoted(claim: Claim, release_tree: String, earlier: &[Promoted]) -> Promoted {
    let same_place = earlier
        .iter()
        .filter(|before| before.environment == claim.environment && before.model == claim.model);
    // The bytes of an earlier release, but not those it had just now: back, whoever wrote the commit.
    let mut before: Vec<&str> = same_place.map(|before| before.release_tree.as_str()).collect();
    let current = before.pop();
    let back = current != Some(release_tree.as_str()) && before.contains(&release_tree.as_str());
    let action = if back { DeploymentAction::Rollback } else { DeploymentAction::Promote };
    let Claim { environment, model, sequence, version, run, release, .. } = claim;
    Promoted {
        environment,
        model,
        action,
        sequence,
        version,
        run,
        release,
        release_digest: claim.release_digest,
        previous: claim.previous,
        verdict: claim.verdict,
        override_reason: claim.override_reason,
        release_tree,
    }
}

fn sequence_problem(claim: &Claim, earlier: &[Promoted]) -> Option<String> {
    let highest = earlier
        .iter()
        .filter(|before| before.environment == claim.environment && before.model == claim.model)
        .map(|before| before.sequence)
        .max()?;
    (claim.sequence <= highest)
        .then(|| format!("its sequence {} is not above {highest}, which came before it", claim.sequence))
}
