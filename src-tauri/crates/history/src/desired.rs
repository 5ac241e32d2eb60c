//! What the environments desire: the deploy branch's tree at its tip.

use std::collections::BTreeMap;

use keelmark_git::{EntryKind, Repository};
use keelmark_index::{DeploymentEntry, Index};
use keelmark_types::{CommitId, Deployment, EnvironmentName, ModelName, Timestamp};
use serde::Serialize;
use ts_rs::TS;

use crate::deploy::{deploy_tip, read_deployment, release_folder};
use crate::{Error, Problem};

/// What one environment desires of one model.
#[derive(Debug, Clone, PartialEq, Serialize, TS)]
pub struct Desired {
    /// `release/deployment.yaml` as it stands at the tip.
    pub deployment: Deployment,
    /// The oid of its `release/` folder: what a rollback restores.
    pub release_tree: String,
    /// The commit that made it so; `None` where the folder was changed by another commit than a promotion.
    pub commit: Option<CommitId>,
    /// That commit's sequence.
    pub sequence: Option<u64>,
    /// Who made it.
    pub author: Option<String>,
    /// When.
    pub time: Option<Timestamp>,
}

/// Every environment and model on the deploy branch, with what could not be read beside.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct AllDesired {
    pub places: BTreeMap<(EnvironmentName, ModelName), Desired>,
    pub problems: BTreeMap<(EnvironmentName, ModelName), Problem>,
}

/// What `environment` desires of `model`, read from Git; the index only names the commit.
pub fn desired(
    repository: &Repository,
    index: &Index,
    environment: &EnvironmentName,
    model: &ModelName,
) -> Result<Option<Desired>, Error> {
    let Some(tip) = deploy_tip(repository)? else { return Ok(None) };
    let version = repository.version(&tip.commit)?;
    let folder = release_folder(environment.as_str(), model.as_str());
    let found = read_deployment(&version, &folder).map_err(|why| Error::invalid(folder.clone(), why))?;
    let Some((deployment, tree)) = found else { return Ok(None) };
    let entries = index.deployments(Some(environment), Some(model))?;
    Ok(Some(with_origin(deployment, tree.to_string(), &entries)))
}

/// Everything desired at the tip, in one pass over its tree. `deployments` come newest first.
pub(crate) fn all_desired(
    repository: &Repository,
    deployments: &[DeploymentEntry],
) -> Result<AllDesired, Error> {
    let mut all = AllDesired::default();
    let Some(tip) = deploy_tip(repository)? else { return Ok(all) };
    let version = repository.version(&tip.commit)?;
    for entry in version.list("environments")? {
        let Some(path) = entry.path.strip_prefix("environments/") else { continue };
        let parts: Vec<&str> = path.split('/').collect();
        let [environment, model, "release", "deployment.yaml"] = parts.as_slice() else { continue };
        let (Ok(environment), Ok(model)) = (EnvironmentName::new(*environment), ModelName::new(*model))
        else {
            continue;
        };
        if !matches!(entry.kind, EntryKind::File | EntryKind::Executable) {
            continue;
        }
        let folder = release_folder(environment.as_str(), model.as_str());
        match read_deployment(&version, &folder) {
            Ok(Some((deployment, tree))) => {
                let of_place: Vec<DeploymentEntry> = deployments
                    .iter()
                    .filter(|entry| {
                        entry.promoted.as_ref().is_some_and(|promoted| {
                            promoted.environment == environment && promoted.model == model
                        })
                    })
                    .cloned()
                    .collect();
                let desired = with_origin(deployment, tree.to_string(), &of_place);
                all.places.insert((environment, model), desired);
            }
            Ok(None) => {}
            Err(why) => {
                all.problems.insert((environment, model), Problem::new(folder, why));
            }
        }
    }
    Ok(all)
}

/// Names the newest entry of the place, where it left this very folder.
fn with_origin(deployment: Deployment, release_tree: String, entries: &[DeploymentEntry]) -> Desired {
    let origin = entries.first().and_then(|entry| Some((entry, entry.promoted.as_ref()?)));
    let origin = origin.filter(|(_, promoted)| promoted.release_tree == release_tree);
    Desired {
        deployment,
        release_tree,
        commit: origin.map(|(entry, _)| entry.commit.clone()),
        sequence: origin.map(|(_, promoted)| promoted.sequence),
        author: origin.map(|(entry, _)| entry.author.clone()),
        time: origin.map(|(entry, _)| entry.time),
    }
}
