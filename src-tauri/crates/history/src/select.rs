//! From a word to a candidate: a revision, a run, an environment or a release.

use keelmark_git::Repository;
use keelmark_index::{Index, IndexedRun, RunContent, StoredRun};
use keelmark_types::{CommitId, EnvironmentName, ModelName, ReleaseTag, SemanticVersion};

use crate::desired::desired;
use crate::environments::declared_order;
use crate::experiments;
use crate::gto::{StageBadge, Tagged};
use crate::models::{choose, models};
use crate::{Error, ModelEntry};

/// The shortest beginning of a run id that is looked up.
const SHORTEST_PREFIX: usize = 4;

/// What was typed.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Selection {
    /// A revision, a run id or its beginning, an environment, `digits@v1.3.0` or `v1.3.0`, a stage as `churn#prod`, an
    /// experiment's name.
    pub name: String,
    /// Another run of that version than its headline's.
    pub run: Option<String>,
    /// The model; needed only where there are several.
    pub model: Option<ModelName>,
}

/// As what the word was understood.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Selected {
    /// A revision.
    Revision,
    /// A run.
    Run,
    /// What an environment desires.
    Environment(EnvironmentName),
    /// A release.
    Release(SemanticVersion),
    /// An experiment of DVC's, by the ref that holds it.
    Experiment(String),
    /// What another tool's tags say is in a stage: `churn#prod`.
    Stage(StageBadge),
}

/// A version with one of its runs.
#[derive(Debug, Clone, PartialEq)]
pub struct Candidate {
    /// The version.
    pub version: CommitId,
    /// The model; `None` where the version declares none.
    pub model: Option<ModelName>,
    /// The run; `None` where the version has no succeeded clean run yet.
    pub run: Option<IndexedRun>,
    /// As what the word was understood.
    pub selected: Selected,
}

/// Finds the candidate. An environment goes before a branch of its name (`heads/staging` names the branch), a stage
/// before a tag of its name, a revision before an experiment, and that
/// before the beginning of a run id.
pub fn select(repository: &Repository, index: &Index, selection: &Selection) -> Result<Candidate, Error> {
    let mut candidate = find(repository, index, selection)?;
    if let Some(wanted) = &selection.run {
        let run =
            readable_run(index, wanted)?.ok_or_else(|| Error::not_found(format!("run `{wanted}`"), ""))?;
        if run.record.version != candidate.version {
            let why =
                format!("it ran on {}, not on {}", run.record.version.short(), candidate.version.short());
            return Err(Error::invalid(format!("run `{wanted}`"), why));
        }
        candidate.model = Some(run.record.model.clone());
        candidate.run = Some(run);
    }
    Ok(candidate)
}

fn find(repository: &Repository, index: &Index, selection: &Selection) -> Result<Candidate, Error> {
    let name = selection.name.as_str();
    let is_whole_id = name.len() == 26;
    if is_whole_id && let Some(run) = readable_run(index, name)? {
        return Ok(of_run(run));
    }
    if let Some(candidate) = by_environment(repository, index, selection)? {
        return Ok(candidate);
    }
    if let Some(candidate) = by_release(index, selection)? {
        return Ok(candidate);
    }
    if name.contains('#')
        && let Some((badge, version)) = Tagged::of(&repository.tags()?).assigned(name)
    {
        let candidate = by_version(repository, index, version, selection.model.as_ref())?;
        return Ok(Candidate { selected: Selected::Stage(badge), ..candidate });
    }
    match repository.resolve(name) {
        Ok(version) => by_version(repository, index, version, selection.model.as_ref()),
        Err(error @ keelmark_git::Error::NotFound { .. }) => {
            if let Some(candidate) = by_experiment(repository, index, selection)? {
                return Ok(candidate);
            }
            if name.len() >= SHORTEST_PREFIX
                && let Some(run) = readable_run(index, name)?
            {
                return Ok(of_run(run));
            }
            Err(error.into())
        }
        Err(error) => Err(error.into()),
    }
}

fn of_run(run: IndexedRun) -> Candidate {
    let (version, model) = (run.record.version.clone(), Some(run.record.model.clone()));
    Candidate { version, model, run: Some(run), selected: Selected::Run }
}

fn by_version(
    repository: &Repository,
    index: &Index,
    version: CommitId,
    model: Option<&ModelName>,
) -> Result<Candidate, Error> {
    let entry = choose(models(&repository.version(&version)?)?, model)?;
    let model = model.cloned().or_else(|| entry.as_ref().and_then(ModelEntry::name).cloned());
    let run = match &model {
        Some(model) => headline_run(index, model, &version)?,
        None => None,
    };
    Ok(Candidate { version, model, run, selected: Selected::Revision })
}

/// The run that speaks for a version: promoted last, else the newest that measured something, else the newest.
fn headline_run(index: &Index, model: &ModelName, version: &CommitId) -> Result<Option<IndexedRun>, Error> {
    let headlines = index.headlines(model, Some(std::slice::from_ref(version)))?;
    match headlines.get(version).and_then(|headlines| headlines.first()) {
        Some(headline) => readable_run(index, headline.run.as_str()),
        None => Ok(None),
    }
}

/// An experiment by its name, where one has it.
fn by_experiment(
    repository: &Repository,
    index: &Index,
    selection: &Selection,
) -> Result<Option<Candidate>, Error> {
    let mut found = experiments::named(repository)?;
    found.retain(|experiment| experiment.name == selection.name);
    match found.as_slice() {
        [] => Ok(None),
        [only] => {
            let version = only.commit.clone();
            let candidate = by_version(repository, index, version, selection.model.as_ref())?;
            Ok(Some(Candidate { selected: Selected::Experiment(only.reference.clone()), ..candidate }))
        }
        several => {
            let refs: Vec<&str> = several.iter().map(|experiment| experiment.reference.as_str()).collect();
            let why = format!("several have this name, name one by its ref: {}", refs.join(", "));
            Err(Error::invalid(format!("experiment `{}`", selection.name), why))
        }
    }
}

fn by_environment(
    repository: &Repository,
    index: &Index,
    selection: &Selection,
) -> Result<Option<Candidate>, Error> {
    let Ok(environment) = EnvironmentName::new(&selection.name) else { return Ok(None) };
    let deployed: Vec<ModelName> = models_deployed(index, &environment)?;
    if deployed.is_empty() && !declared_order(repository)?.contains(&environment) {
        return Ok(None);
    }
    let model = match (&selection.model, deployed.as_slice()) {
        (Some(model), _) => model.clone(),
        (None, [only]) => only.clone(),
        (None, []) => return nothing_desired(repository, &environment, &selection.name),
        (None, several) => {
            let names = several.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ");
            return Err(Error::invalid(
                format!("environment `{environment}`"),
                format!("it holds several models, name one of {names}"),
            ));
        }
    };
    let Some(desired) = desired(repository, index, &environment, &model)? else {
        return nothing_desired(repository, &environment, &selection.name);
    };
    let id = desired.deployment.run.id;
    let run = readable_run(index, id.as_str())?;
    let version = desired.deployment.version;
    Ok(Some(Candidate { version, model: Some(model), run, selected: Selected::Environment(environment) }))
}

/// An environment without a release: a branch or tag of its name may still be meant.
fn nothing_desired(
    repository: &Repository,
    environment: &EnvironmentName,
    name: &str,
) -> Result<Option<Candidate>, Error> {
    if repository.resolve(name).is_ok() {
        return Ok(None);
    }
    Err(Error::not_found(format!("a release in `{environment}`"), "nothing has been promoted to it yet"))
}

fn models_deployed(index: &Index, environment: &EnvironmentName) -> Result<Vec<ModelName>, Error> {
    let mut names: Vec<ModelName> = index
        .deployments(Some(environment), None)?
        .into_iter()
        .filter_map(|entry| Some(entry.promoted?.model))
        .collect();
    names.sort();
    names.dedup();
    Ok(names)
}

/// `digits@v1.3.0`, or `v1.3.0` where one model has such a release: the run that was released.
fn by_release(index: &Index, selection: &Selection) -> Result<Option<Candidate>, Error> {
    let (model, release) =
        match (selection.name.parse::<ReleaseTag>(), selection.name.parse::<SemanticVersion>()) {
            (Ok(tag), _) => (Some(tag.model), tag.version),
            (_, Ok(release)) => (selection.model.clone(), release),
            _ => return Ok(None),
        };
    let mut found: Vec<_> = index
        .deployments(None, model.as_ref())?
        .into_iter()
        .filter_map(|entry| entry.promoted)
        .filter(|promoted| promoted.release == release)
        .collect();
    found.dedup_by(|a, b| a.model == b.model && a.run == b.run);
    let Some(newest) = found.first() else { return Ok(None) };
    if let Some(other) = found.iter().find(|other| other.model != newest.model) {
        let why =
            format!("both {} and {} have it, write {}@{release}", newest.model, other.model, newest.model);
        return Err(Error::invalid(format!("release `{release}`"), why));
    }
    Ok(Some(Candidate {
        version: newest.version.clone(),
        model: Some(newest.model.clone()),
        run: readable_run(index, newest.run.as_str())?,
        selected: Selected::Release(release),
    }))
}

/// A run by its id or the beginning of one. One that cannot be read is an error that says why.
fn readable_run(index: &Index, id_or_prefix: &str) -> Result<Option<IndexedRun>, Error> {
    let found = index.find_run(id_or_prefix).map_err(|error| match error {
        keelmark_index::Error::Ambiguous { .. } => {
            Error::invalid(format!("run `{id_or_prefix}`"), error.to_string())
        }
        other => other.into(),
    })?;
    let Some((StoredRun { run, commit, content }, remote)) = found else { return Ok(None) };
    match content {
        RunContent::Record(record) => Ok(Some(IndexedRun { record: *record, commit, remote })),
        RunContent::Newer { schema, .. } => Err(Error::invalid(
            format!("run {run}"),
            format!("it was written by a newer Keelmark ({schema})"),
        )),
        RunContent::Unreadable { why } => Err(Error::invalid(format!("run {run}"), why)),
    }
}
