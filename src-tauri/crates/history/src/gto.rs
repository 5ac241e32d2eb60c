//! Releases and stages that another tool's tags tell of: GTO's `churn@v1.3.0` and `churn#prod#5`.

use std::collections::{BTreeMap, BTreeSet};

use keelmark_formats::gto::{Act, Action, Artifact, ArtifactState, State, TagObject};
use keelmark_git::{Repository, Tag, Version};
use keelmark_types::{CommitId, Timestamp};
use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::pipelines::{MAX_FILE_BYTES, Pipelines, file_at};
use crate::{Error, Problem, yaml};

/// The most tags that are named as problems.
const MAX_PROBLEMS: usize = 20;

/// Whose word a stage or release is, where it is not the deploy branch's.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum StageSource {
    /// GTO's tags.
    Gto,
}

/// A stage that a version is in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
pub struct StageBadge {
    /// `churn#prod`.
    pub label: String,
    /// The artifact.
    pub artifact: String,
    /// The stage.
    pub stage: String,
    /// The artifact's version; none where the commit has no registered one.
    pub version: Option<String>,
    /// Who says so.
    pub source: StageSource,
}

/// One stage of one artifact.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
pub struct StageState {
    /// The artifact, `churn` or `cv:pool`.
    pub artifact: String,
    /// Its file, where a dvc.yaml or artifacts.yaml of the default branch says it.
    pub path: Option<String>,
    /// What it is, e.g. `model`, where that is said there.
    pub kind: Option<String>,
    /// The stage.
    pub stage: String,
    /// Whether `.gto` on the default branch lists it; so it is where that lists none.
    pub declared: bool,
    /// Who says so.
    pub source: StageSource,
    /// What is in it now; none where nothing is.
    pub desired: Option<StageEvent>,
    /// Assignments and their ends, newest first.
    pub history: Vec<StageEvent>,
}

/// What a tag does to a stage.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum StageAction {
    /// A version comes into it.
    Assign,
    /// A version leaves it.
    Unassign,
}

/// A version that came into a stage or left it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
pub struct StageEvent {
    /// Which.
    pub action: StageAction,
    /// The artifact's version; none where the commit has no registered one.
    pub version: Option<String>,
    /// The version of the repository.
    pub commit: CommitId,
    /// The tag that says so.
    pub tag: String,
    /// Who made it.
    pub by: String,
    /// When.
    #[ts(type = "string")]
    pub at: Timestamp,
    /// What it says.
    pub message: String,
}

/// A version of an artifact that was registered.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
pub struct TaggedRelease {
    /// The artifact.
    pub artifact: String,
    /// Its version, as the tag has it: `v1.3.0`.
    pub version: String,
    /// The version of the repository.
    pub commit: CommitId,
    /// Whether it still is registered.
    pub registered: bool,
    /// Whether it is the artifact's newest that is.
    pub latest: bool,
    /// Whether the artifact is not to be used any more.
    pub deprecated: bool,
    /// The tag that registered it, else the one that took it back.
    pub tag: String,
    /// Who made that.
    pub by: String,
    /// When.
    #[ts(type = "string")]
    pub at: Timestamp,
    /// Who says so.
    pub source: StageSource,
}

/// What all of GTO's tags say together.
#[derive(Debug, Default)]
pub(crate) struct Tagged(State);

impl Tagged {
    /// Reads the annotated ones of a repository's tags.
    pub(crate) fn of(tags: &[Tag]) -> Self {
        Self(State::of(tags.iter().filter_map(|tag| {
            let annotation = tag.annotation.as_ref()?;
            let tagger = annotation.tagger.as_ref()?;
            Some(TagObject {
                name: &tag.name,
                commit: &tag.commit,
                at: tagger.at,
                tagger: &tagger.who.name,
                message: &annotation.message,
            })
        })))
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.0.artifacts.is_empty()
    }

    /// The badges of each version.
    pub(crate) fn badges(&self) -> BTreeMap<CommitId, Vec<StageBadge>> {
        let mut badges: BTreeMap<CommitId, Vec<StageBadge>> = BTreeMap::new();
        for (artifact, state) in &self.0.artifacts {
            for (stage, is) in &state.stages {
                let badge = StageBadge {
                    label: format!("{artifact}#{stage}"),
                    artifact: artifact.to_string(),
                    stage: stage.clone(),
                    version: is.version.as_ref().map(ToString::to_string),
                    source: StageSource::Gto,
                };
                badges.entry(is.commit.clone()).or_default().push(badge);
            }
        }
        badges
    }

    /// The version in a stage, by `churn#prod`.
    pub(crate) fn assigned(&self, label: &str) -> Option<(StageBadge, CommitId)> {
        let (artifact, stage) = label.split_once('#')?;
        let is = self.0.artifacts.get(&Artifact::read(artifact)?)?.stages.get(stage)?;
        let badge = StageBadge {
            label: label.to_owned(),
            artifact: artifact.to_owned(),
            stage: stage.to_owned(),
            version: is.version.as_ref().map(ToString::to_string),
            source: StageSource::Gto,
        };
        Some((badge, is.commit.clone()))
    }

    /// Every stage of every artifact: declared ones, and those that are or were in use.
    pub(crate) fn stages(&self, described: &Described) -> Vec<StageState> {
        let mut all = Vec::new();
        for (artifact, state) in &self.0.artifacts {
            let mut names: Vec<String> = described.stages.clone();
            let used: BTreeSet<&String> =
                state.history.iter().filter_map(|event| stage_of(&event.action)).collect();
            names.extend(used.into_iter().filter(|stage| !described.stages.contains(stage)).cloned());
            let name = artifact.to_string();
            let (path, kind) = described.artifacts.get(&name).cloned().unwrap_or_default();
            for stage in names {
                all.push(StageState {
                    artifact: name.clone(),
                    path: path.clone(),
                    kind: kind.clone(),
                    declared: described.stages.is_empty() || described.stages.contains(&stage),
                    source: StageSource::Gto,
                    desired: state
                        .stages
                        .get(&stage)
                        .map(|is| event(StageAction::Assign, is.version.as_ref(), &is.commit, &is.act)),
                    history: events(state, &stage),
                    stage,
                });
            }
        }
        all
    }

    /// Every registered version, by artifact, newest number first.
    pub(crate) fn releases(&self) -> Vec<TaggedRelease> {
        let mut all = Vec::new();
        for (artifact, state) in &self.0.artifacts {
            let latest = state.latest();
            for version in &state.versions {
                let Some(act) = version.registered.as_ref().or(version.deregistered.as_ref()) else {
                    continue;
                };
                all.push(TaggedRelease {
                    artifact: artifact.to_string(),
                    version: version.semver.to_string(),
                    commit: version.commit.clone(),
                    registered: version.is_registered(),
                    latest: latest == Some(version),
                    deprecated: state.deprecated.is_some(),
                    tag: act.tag.clone(),
                    by: act.by.clone(),
                    at: act.at,
                    source: StageSource::Gto,
                });
            }
        }
        all
    }

    /// What is wrong with tags of a repository that has GTO's; in others, `pkg@1.0.0` is nobody's mistake.
    pub(crate) fn problems(&self) -> Vec<Problem> {
        let state = &self.0;
        if state.artifacts.is_empty() {
            return Vec::new();
        }
        let tag = |name: &str, why: String| Problem::new(format!("tag {name}"), why);
        let mut problems: Vec<Problem> =
            state.misnamed.iter().map(|tagged| tag(&tagged.tag, tagged.why.clone())).collect();
        for misplaced in &state.misplaced {
            let versions: Vec<String> = misplaced.versions.iter().map(ToString::to_string).collect();
            let taken = misplaced.taken_for.as_ref().map_or_else(
                || "so it counts for nothing".to_owned(),
                |version| format!("it is taken for {version}, the only one that is not taken back"),
            );
            problems.push(tag(&misplaced.tag, format!("its commit has {}; {taken}", versions.join(", "))));
        }
        let more = problems.len().saturating_sub(MAX_PROBLEMS) + state.left_out;
        problems.truncate(MAX_PROBLEMS);
        if more > 0 {
            problems.push(Problem::new("refs/tags/", format!("{more} more tags cannot be or were not read")));
        }
        problems
    }
}

fn stage_of(action: &Action) -> Option<&String> {
    match action {
        Action::Assign(stage) | Action::Unassign(stage) => Some(stage),
        _ => None,
    }
}

fn event(
    action: StageAction,
    version: Option<&keelmark_formats::gto::Semver>,
    commit: &CommitId,
    act: &Act,
) -> StageEvent {
    StageEvent {
        action,
        version: version.map(ToString::to_string),
        commit: commit.clone(),
        tag: act.tag.clone(),
        by: act.by.clone(),
        at: act.at,
        message: act.message.clone(),
    }
}

fn events(of: &ArtifactState, stage: &str) -> Vec<StageEvent> {
    let of_stage = of.history.iter().rev().filter_map(|told| {
        let action = match &told.action {
            Action::Assign(name) if name == stage => StageAction::Assign,
            Action::Unassign(name) if name == stage => StageAction::Unassign,
            _ => return None,
        };
        Some(event(action, told.version.as_ref(), &told.commit, &told.act))
    });
    of_stage.collect()
}

/// What files of the default branch say of artifacts and stages.
#[derive(Debug, Default)]
pub(crate) struct Described {
    stages: Vec<String>,
    /// Path and kind, by artifact.
    artifacts: BTreeMap<String, (Option<String>, Option<String>)>,
    pub problems: Vec<Problem>,
}

#[derive(Deserialize)]
struct Config {
    #[serde(default)]
    stages: Option<Vec<String>>,
}

#[derive(Deserialize)]
struct Annotated {
    path: Option<String>,
    #[serde(rename = "type")]
    kind: Option<String>,
}

impl Described {
    /// Reads `.gto`, `artifacts.yaml` and the `artifacts` of every dvc.yaml, which go first.
    pub(crate) fn at_base(repository: &Repository) -> Result<Self, Error> {
        let base = match repository.protected_base() {
            Ok(base) => base,
            Err(keelmark_git::Error::NotFound { .. }) => return Ok(Self::default()),
            Err(error) => return Err(error.into()),
        };
        let version = repository.version(&base)?;
        let mut described = Self::default();
        let config: Option<Config> = described.read(&version, ".gto")?;
        described.stages = config.and_then(|config| config.stages).unwrap_or_default();
        let annotated: Option<BTreeMap<String, Annotated>> = described.read(&version, "artifacts.yaml")?;
        for (name, Annotated { path, kind }) in annotated.unwrap_or_default() {
            described.artifacts.insert(name, (path, kind));
        }
        let mut pipelines = Pipelines::default();
        for (folder, declared) in pipelines.read(&version, "", version.tree_id()) {
            for (name, artifact) in &declared.artifacts {
                let name = if folder.is_empty() { name.clone() } else { format!("{folder}:{name}") };
                described.artifacts.insert(name, (Some(artifact.path.clone()), artifact.kind.clone()));
            }
        }
        described.problems.extend(pipelines.problems);
        Ok(described)
    }

    fn read<T: serde::de::DeserializeOwned>(
        &mut self,
        version: &Version,
        path: &str,
    ) -> Result<Option<T>, Error> {
        let Some(entry) = file_at(version, path)? else { return Ok(None) };
        let bytes = version.read_entry(&entry, MAX_FILE_BYTES).map_err(|error| error.to_string());
        Ok(match bytes.and_then(|bytes| yaml::read(&bytes)) {
            Ok(value) => Some(value),
            Err(why) => {
                self.problems.push(Problem::new(format!("{path} on the default branch"), why));
                None
            }
        })
    }
}
