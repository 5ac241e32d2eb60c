//! Every environment of every model: what it desires, and how it came to.

use std::collections::{BTreeMap, BTreeSet};

use keelmark_git::Repository;
use keelmark_index::{DeploymentEntry, Index};
use keelmark_manifest::{EnvironmentSpec, Requirement};
use keelmark_types::{CommitId, EnvironmentName, HealthStatus, ModelName, SyncStatus};
use serde::Serialize;
use ts_rs::TS;

use crate::deploy::{deploy_tip, is_push_pending};
use crate::desired::{AllDesired, Desired, all_desired};
use crate::gto::{Described, StageEvent, StageState, Tagged, TaggedRelease};
use crate::models::models;
use crate::{Error, Problem};

/// The environments of a repository.
#[derive(Debug, Clone, PartialEq, Serialize, TS)]
pub struct Environments {
    /// By model, then in declared order (what comes `after` something stands behind it), then what is only deployed.
    pub environments: Vec<EnvironmentState>,
    /// Stages that another tool's tags tell of, by artifact; those that only repeat the deploy branch are left out.
    pub stages: Vec<StageState>,
    /// Releases that another tool's tags tell of, by artifact, newest number first.
    pub releases: Vec<TaggedRelease>,
    /// The tip of the deploy branch; `None` before the first promotion.
    pub deploy_tip: Option<CommitId>,
    /// Commits of the deploy branch that are no promotion, newest first.
    pub other: Vec<DeploymentEntry>,
    /// Whether deployment commits wait here for the remote.
    pub pending: bool,
    /// What could not be read.
    pub problems: Vec<Problem>,
}

/// One environment of one model.
#[derive(Debug, Clone, PartialEq, Serialize, TS)]
pub struct EnvironmentState {
    /// Its name.
    pub environment: EnvironmentName,
    /// The model.
    pub model: ModelName,
    /// Whether the protected base declares it.
    pub declared: bool,
    /// Whether a candidate that is ready is promoted without being asked for.
    pub auto_promote: bool,
    /// The environment a candidate must be in before.
    pub after: Option<EnvironmentName>,
    /// What a promotion must bring.
    pub requires: Vec<Requirement>,
    /// What it shall serve; `None` before its first promotion.
    pub desired: Option<Desired>,
    /// The version it serves; `None` until an agent or cluster reports.
    pub running: Option<CommitId>,
    /// Whether the two agree.
    pub sync: SyncStatus,
    /// How it is.
    pub health: HealthStatus,
    /// Why what it desires cannot be read.
    pub problem: Option<String>,
    /// Promotions and rollbacks, newest first.
    pub history: Vec<DeploymentEntry>,
}

/// All environments, of one model or of all. Declared ones hold as the protected base has them; desired is read from
/// the deploy branch's tip, never from the index.
pub fn environments(
    repository: &Repository,
    index: &Index,
    model: Option<&ModelName>,
) -> Result<Environments, Error> {
    let deployments = index.deployments(None, None)?;
    let mut desired = all_desired(repository, &deployments)?;
    let mut problems = Vec::new();
    let mut states = Vec::new();
    let mut listed: BTreeSet<(EnvironmentName, ModelName)> = BTreeSet::new();
    for (of, order, specs) in declared(repository, &mut problems)? {
        for name in order {
            listed.insert((name.clone(), of.clone()));
            let spec = specs.get(&name);
            states.push(state(&mut desired, &deployments, name, of.clone(), spec));
        }
    }
    let in_history = deployments
        .iter()
        .filter_map(|entry| entry.promoted.as_ref())
        .map(|promoted| (promoted.environment.clone(), promoted.model.clone()));
    let undeclared: BTreeSet<(EnvironmentName, ModelName)> =
        desired.places.keys().chain(desired.problems.keys()).cloned().chain(in_history).collect();
    for (name, of) in undeclared {
        if !listed.contains(&(name.clone(), of.clone())) {
            states.push(state(&mut desired, &deployments, name, of, None));
        }
    }
    states.retain(|state| model.is_none_or(|model| *model == state.model));
    // Stable: within a model the declared order stays.
    states.sort_by(|a, b| a.model.cmp(&b.model));
    let (tagged, releases) = by_tags(repository, model, &states, &mut problems)?;
    let tip = deploy_tip(repository)?;
    problems.extend(tip.as_ref().and_then(|tip| tip.problem.clone()));
    Ok(Environments {
        environments: states,
        stages: tagged,
        releases,
        deploy_tip: tip.map(|tip| tip.commit),
        other: deployments.into_iter().filter(|entry| entry.promoted.is_none()).collect(),
        pending: is_push_pending(repository)?,
        problems,
    })
}

/// What GTO's tags say, without what is said by the deploy branch already: its promotions are tagged in the same way.
fn by_tags(
    repository: &Repository,
    model: Option<&ModelName>,
    known: &[EnvironmentState],
    problems: &mut Vec<Problem>,
) -> Result<(Vec<StageState>, Vec<TaggedRelease>), Error> {
    let tagged = Tagged::of(&repository.tags()?);
    let mut releases = tagged.releases();
    if tagged.is_empty() {
        return Ok(Default::default());
    }
    let described = Described::at_base(repository)?;
    let mut stages = tagged.stages(&described);
    problems.extend(described.problems);
    problems.extend(tagged.problems());
    let of_model = |artifact: &str| {
        let name = artifact.rsplit(':').next().unwrap_or(artifact);
        model.is_none_or(|model| model.as_str() == name)
    };
    stages.retain(|stage| {
        let same = known.iter().find(|state| {
            state.model.as_str() == stage.artifact && state.environment.as_str() == stage.stage
        });
        let repeats = same.is_some_and(|state| {
            let of = |event: &StageEvent| event.commit.clone();
            state.desired.as_ref().map(|desired| desired.deployment.version.clone())
                == stage.desired.as_ref().map(of)
        });
        of_model(&stage.artifact) && !repeats
    });
    releases.retain(|release| {
        let promoted = known.iter().filter(|state| state.model.as_str() == release.artifact);
        let mut promoted =
            promoted.flat_map(|state| &state.history).filter_map(|entry| entry.promoted.as_ref());
        let repeats = promoted.any(|promoted| {
            promoted.version == release.commit && promoted.release.to_string() == release.version
        });
        of_model(&release.artifact) && !repeats
    });
    Ok((stages, releases))
}

fn state(
    desired: &mut AllDesired,
    deployments: &[DeploymentEntry],
    environment: EnvironmentName,
    model: ModelName,
    spec: Option<&EnvironmentSpec>,
) -> EnvironmentState {
    let place = (environment, model);
    let of_place = deployments.iter().filter(|entry| {
        entry
            .promoted
            .as_ref()
            .is_some_and(|promoted| promoted.environment == place.0 && promoted.model == place.1)
    });
    EnvironmentState {
        declared: spec.is_some(),
        auto_promote: spec.is_some_and(|spec| spec.auto_promote),
        after: spec.and_then(|spec| spec.after.clone()),
        requires: spec.map(|spec| spec.requires.clone()).unwrap_or_default(),
        desired: desired.places.remove(&place),
        running: None,
        sync: SyncStatus::Unknown,
        health: HealthStatus::Unknown,
        problem: desired.problems.remove(&place).map(|problem| problem.why),
        history: of_place.cloned().collect(),
        environment: place.0,
        model: place.1,
    }
}

type Declared = (ModelName, Vec<EnvironmentName>, BTreeMap<EnvironmentName, EnvironmentSpec>);

/// What the protected base declares, model by model.
fn declared(repository: &Repository, problems: &mut Vec<Problem>) -> Result<Vec<Declared>, Error> {
    let base = match repository.protected_base() {
        Ok(base) => base,
        Err(keelmark_git::Error::NotFound { .. }) => return Ok(Vec::new()),
        Err(error) => return Err(error.into()),
    };
    let mut all = Vec::new();
    for entry in models(&repository.version(&base)?)? {
        match entry.manifest {
            Ok(manifest) => {
                let order =
                    manifest.environments_in_order().into_iter().map(|(name, _)| name.clone()).collect();
                all.push((manifest.name, order, manifest.environments));
            }
            Err(mistakes) => {
                let why = mistakes.iter().map(ToString::to_string).collect::<Vec<_>>().join("; ");
                problems.push(Problem::new(format!("{} on the default branch", entry.file), why));
            }
        }
    }
    Ok(all)
}

/// The names the protected base declares, in order, whatever the model.
pub(crate) fn declared_order(repository: &Repository) -> Result<Vec<EnvironmentName>, Error> {
    let mut order = Vec::new();
    for (_, names, _) in declared(repository, &mut Vec::new())? {
        for name in names {
            if !order.contains(&name) {
                order.push(name);
            }
        }
    }
    Ok(order)
}
