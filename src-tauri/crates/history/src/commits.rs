//! The history of a revision: commits newest first, with tags, environments and metrics.

use std::collections::BTreeMap;

use keelmark_git::{HistoryOptions, Repository};
use keelmark_index::{Headline, Index};
use keelmark_types::{CommitId, EnvironmentName, ModelName, Sha256, Timestamp};
use serde::Serialize;
use serde_json::Value;
use ts_rs::TS;

use crate::desired::all_desired;
use crate::foreign::speakers;
use crate::foreign_kept::KeptForeignRuns;
use crate::gto::{StageBadge, Tagged};
use crate::metric::HistoryMetric;
use crate::models::model_at;
use crate::side_by_side::written_of;
use crate::written::{Shared, Written};
use crate::{Error, ModelEntry, Problem};

/// What to list.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct HistoryQuery {
    /// From where; `HEAD` for `None`.
    pub revision: Option<String>,
    /// Whose metrics; needed only where there are several models.
    pub model: Option<ModelName>,
    /// Only these metrics; all for none.
    pub metrics: Vec<String>,
    /// At most so many commits.
    pub limit: Option<usize>,
    /// Only commits that change something at this path.
    pub path: Option<String>,
    /// These parameters, all for none of them; not read at all for `None`.
    pub params: Option<Vec<String>>,
}

/// A list of commits, newest first in topological order.
#[derive(Debug, Clone, Default, PartialEq, Serialize, TS)]
pub struct History {
    /// The model whose metrics these are; `None` where the repository declares none.
    pub model: Option<ModelName>,
    /// The commits.
    pub commits: Vec<HistoryCommit>,
    /// What could not be read.
    pub problems: Vec<Problem>,
}

/// One commit.
#[derive(Debug, Clone, PartialEq, Serialize, TS)]
pub struct HistoryCommit {
    /// Its id.
    pub commit: CommitId,
    /// Its parents.
    pub parents: Vec<CommitId>,
    /// The first line of its message.
    pub subject: String,
    /// Who wrote it.
    pub author: String,
    /// When, as the author's clock had it.
    pub time: Timestamp,
    /// Its tags, by name.
    pub tags: Vec<String>,
    /// The environments that desire it now, in declared order.
    pub environments: Vec<EnvironmentName>,
    /// The stages it is in by tags of another tool, beside what the deploy branch says.
    pub stages: Vec<StageBadge>,
    /// Metric name to value.
    pub metrics: BTreeMap<String, HistoryMetric>,
    /// Parameter name to value, as the version's files set them; none where they were not asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[ts(optional, type = "Record<string, unknown>")]
    pub params: Option<BTreeMap<String, Value>>,
    /// Those of the parameters that no file sets and a run of another tool has.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[ts(optional, as = "Option<Vec<String>>")]
    pub foreign_params: Vec<String>,
}

/// Answers `query` from Git's commits, the index's runs and the runs that other tools recorded in the work tree.
pub fn history(repository: &Repository, index: &Index, query: &HistoryQuery) -> Result<History, Error> {
    history_with(repository, index, query, &KeptForeignRuns::default())
}

/// The same with a place where the runs of other tools are kept from one question to the next.
pub fn history_with(
    repository: &Repository,
    index: &Index,
    query: &HistoryQuery,
    foreign: &KeptForeignRuns,
) -> Result<History, Error> {
    let from = match &query.revision {
        Some(revision) => repository.resolve(revision)?,
        None => match repository.head()? {
            Some(head) => head,
            None => return Ok(History { model: query.model.clone(), ..History::default() }),
        },
    };
    let options =
        HistoryOptions { limit: query.limit, path: query.path.clone(), ..HistoryOptions::default() };
    let infos = repository.history(&from, &options)?;
    let entry = model_at(&repository.version(&from)?, query.model.as_ref())?;
    let model = query.model.clone().or_else(|| entry.as_ref().and_then(ModelEntry::name).cloned());
    let folder = entry.map(|entry| entry.folder).unwrap_or_default();

    let all_tags = repository.tags()?;
    let mut stages = Tagged::of(&all_tags).badges();
    let mut tags: BTreeMap<CommitId, Vec<String>> = BTreeMap::new();
    for tag in all_tags {
        tags.entry(tag.commit).or_default().push(tag.name);
    }
    let mut environments = environments_by_version(repository, index, model.as_ref())?;
    let ids: Vec<CommitId> = infos.iter().map(|info| info.id.clone()).collect();
    let headlines = match &model {
        Some(model) => index.headlines(model, Some(&ids))?,
        None => BTreeMap::new(),
    };
    let reference =
        ids.iter().filter_map(|id| headlines.get(id)?.first()).find_map(|first| first.test_digest.clone());

    let foreign = foreign.read(repository, &folder)?;
    let speakers = speakers(&foreign);

    let mut read = written_of(repository, &ids, &folder, query.params.is_some())?;
    read.problems.extend(foreign.problems.iter().cloned());
    let shared = &read.shared;
    let mut commits = Vec::with_capacity(infos.len());
    for (info, written) in infos.into_iter().zip(&read.versions) {
        let mut metrics = BTreeMap::new();
        if let Some(headline) = headlines.get(&info.id).and_then(|all| choose(all, reference.as_ref())) {
            let measured = headline.metrics.keys().filter(|name| is_wanted(&query.metrics, name, name));
            metrics.extend(measured.filter_map(|name| {
                Some((name.clone(), HistoryMetric::from_run(headline, name, reference.as_ref())?))
            }));
        }
        add_files(&mut metrics, written, shared, &query.metrics);
        if let Some(run) = speakers.get(&info.id) {
            for (name, value) in run.metrics.iter().filter(|(name, _)| is_wanted(&query.metrics, name, name))
            {
                let foreign = || HistoryMetric::from_foreign(run, value);
                metrics.entry(name.clone()).or_insert_with(foreign);
            }
        }
        let mut params = query.params.as_ref().map(|wanted| params_of(written, shared, wanted));
        let mut foreign_params = Vec::new();
        if let (Some(params), Some(wanted), Some(run)) = (&mut params, &query.params, speakers.get(&info.id))
        {
            for (name, value) in run.params.iter().filter(|(name, _)| is_wanted(wanted, name, name)) {
                if !params.contains_key(name) {
                    params.insert(name.clone(), Value::from(value.as_str()));
                    foreign_params.push(name.clone());
                }
            }
        }
        let environments = environments.remove(&info.id).unwrap_or_default();
        let mut stages = stages.remove(&info.id).unwrap_or_default();
        stages.retain(|badge| !is_ours(badge, &environments, model.as_ref()));
        commits.push(HistoryCommit {
            tags: tags.remove(&info.id).unwrap_or_default(),
            environments,
            stages,
            commit: info.id,
            parents: info.parents,
            subject: info.subject,
            author: info.author_name,
            time: info.time,
            metrics,
            params,
            foreign_params,
        });
    }
    Ok(History { model, commits, problems: read.problems.into_iter().collect() })
}

/// Whether a badge only repeats what the deploy branch says: its promotions are tagged as GTO tags them.
fn is_ours(badge: &StageBadge, environments: &[EnvironmentName], model: Option<&ModelName>) -> bool {
    model.is_none_or(|model| model.as_str() == badge.artifact)
        && environments.iter().any(|environment| environment.as_str() == badge.stage)
}

/// Whether a name of a file is asked for, by itself or as it is shown.
fn is_wanted(wanted: &[String], name: &str, shown: &str) -> bool {
    wanted.is_empty() || wanted.iter().any(|wanted| wanted == name || wanted == shown)
}

/// Adds what files say of metrics that no run has.
fn add_files(
    metrics: &mut BTreeMap<String, HistoryMetric>,
    written: &Written,
    shared: &Shared,
    wanted: &[String],
) {
    let mut found = Vec::new();
    for file in &written.metrics {
        for (name, shown, number) in file.named(&shared.metrics) {
            if is_wanted(wanted, name, &shown) && !metrics.contains_key(name) {
                found.push((shown.into_owned(), HistoryMetric::from_file(*number, &file.path)));
            }
        }
    }
    metrics.extend(found);
}

fn params_of(written: &Written, shared: &Shared, wanted: &[String]) -> BTreeMap<String, Value> {
    let named = written.params.iter().flat_map(|file| file.named(&shared.params));
    let wanted = named.filter(|(name, shown, _)| is_wanted(wanted, name, shown));
    wanted.map(|(_, shown, value)| (shown.into_owned(), value.clone())).collect()
}

/// The headline on the reference test set, else the version's own first.
fn choose<'a>(headlines: &'a [Headline], reference: Option<&Sha256>) -> Option<&'a Headline> {
    headlines.iter().find(|headline| headline.test_digest.as_ref() == reference).or_else(|| headlines.first())
}

/// Which environments desire which version: of one model, or of any where there is none.
fn environments_by_version(
    repository: &Repository,
    index: &Index,
    model: Option<&ModelName>,
) -> Result<BTreeMap<CommitId, Vec<EnvironmentName>>, Error> {
    let desired = all_desired(repository, &index.deployments(None, model)?)?;
    let order = crate::environments::declared_order(repository)?;
    let mut by_version: BTreeMap<CommitId, Vec<EnvironmentName>> = BTreeMap::new();
    for ((environment, of), desired) in desired.places {
        if model.is_none_or(|model| *model == of) {
            let names = by_version.entry(desired.deployment.version).or_default();
            if !names.contains(&environment) {
                names.push(environment);
            }
        }
    }
    for names in by_version.values_mut() {
        names.sort_by_key(|name| {
            (order.iter().position(|declared| declared == name).unwrap_or(usize::MAX), name.clone())
        });
    }
    Ok(by_version)
}
