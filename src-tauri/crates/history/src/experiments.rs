//! Experiments of DVC's: commits under `refs/exps/<base>/<name>` that no branch has.

use std::collections::{BTreeMap, BTreeSet};

use keelmark_git::Repository;
use keelmark_types::{CommitId, Timestamp};
use serde::Serialize;
use serde_json::Value;
use ts_rs::TS;

use crate::metric::HistoryMetric;
use crate::side_by_side::written_of;
use crate::{Error, Problem};

/// Where DVC keeps them.
const PREFIX: &str = "refs/exps/";
/// Refs of DVC's own work below it, which are no experiments.
const RESERVED: [&str; 5] = ["stash", "celery", "exec", "apply", "temp"];
/// The most experiments that are listed; the newest.
const MAX_EXPERIMENTS: usize = 10_000;

/// The experiments of a repository.
#[derive(Debug, Clone, Default, PartialEq, Serialize, TS)]
pub struct Experiments {
    /// Newest first.
    pub experiments: Vec<Experiment>,
    /// What could not be read.
    pub problems: Vec<Problem>,
    /// Whether there are more than are read.
    pub truncated: bool,
}

/// An experiment: a version that was tried on top of another.
#[derive(Debug, Clone, PartialEq, Serialize, TS)]
pub struct Experiment {
    /// Its name.
    pub name: String,
    /// The ref that holds it.
    pub reference: String,
    /// The version.
    pub commit: CommitId,
    /// The version it was tried on.
    pub base: CommitId,
    /// Whether that is in this repository.
    pub base_known: bool,
    /// Who tried it.
    pub author: String,
    /// When.
    #[ts(type = "string")]
    pub time: Timestamp,
    /// Metric name to value, as its files have them.
    pub metrics: BTreeMap<String, HistoryMetric>,
    /// Parameter name to value, as its files set them.
    #[ts(type = "Record<string, unknown>")]
    pub params: BTreeMap<String, Value>,
}

/// A ref of an experiment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Named {
    pub name: String,
    pub reference: String,
    pub commit: CommitId,
    pub base: CommitId,
}

/// Lists the experiments with what their files say. Names that several files have are told as in
/// [`recorded`](crate::recorded()), over all experiments and their bases.
pub fn experiments(repository: &Repository) -> Result<Experiments, Error> {
    let mut found = Experiments::default();
    for Named { name, reference, commit, base } in named(repository)? {
        let info = match repository.commit_info(&commit) {
            Ok(info) => info,
            Err(error) => {
                found.problems.push(Problem::new(reference, error.to_string()));
                continue;
            }
        };
        found.experiments.push(Experiment {
            base_known: repository.has_object((&base).into()),
            author: info.author_name,
            time: info.time,
            metrics: BTreeMap::new(),
            params: BTreeMap::new(),
            name,
            reference,
            commit,
            base,
        });
    }
    found.experiments.sort_by(|a, b| (b.time, &a.reference).cmp(&(a.time, &b.reference)));
    found.truncated = found.experiments.len() > MAX_EXPERIMENTS;
    found.experiments.truncate(MAX_EXPERIMENTS);
    let own = found.experiments.iter().map(|experiment| experiment.commit.clone());
    let bases: BTreeSet<&CommitId> =
        found.experiments.iter().filter(|of| of.base_known).map(|of| &of.base).collect();
    let versions: Vec<CommitId> = own.chain(bases.into_iter().cloned()).collect();
    let read = written_of(repository, &versions, "", true)?;
    for (experiment, written) in found.experiments.iter_mut().zip(&read.versions) {
        for file in &written.metrics {
            let named = file.named(&read.shared.metrics);
            experiment.metrics.extend(
                named.map(|(_, shown, value)| {
                    (shown.into_owned(), HistoryMetric::from_file(*value, &file.path))
                }),
            );
        }
        for file in &written.params {
            let named = file.named(&read.shared.params);
            experiment.params.extend(named.map(|(_, shown, value)| (shown.into_owned(), value.clone())));
        }
    }
    found.problems.extend(read.problems);
    Ok(found)
}

/// The refs of experiments, by ref.
pub(crate) fn named(repository: &Repository) -> Result<Vec<Named>, Error> {
    let mut found = Vec::new();
    for reference in repository.refs(PREFIX)? {
        if let Some((base, name)) = parse(&reference.name) {
            let commit = reference.oid.to_commit_id();
            found.push(Named { name, commit, base, reference: reference.name });
        }
    }
    Ok(found)
}

/// The base and name in `refs/exps/<two letters>/<the other thirty-eight>/<name>`.
fn parse(reference: &str) -> Option<(CommitId, String)> {
    let parts: Vec<&str> = reference.strip_prefix(PREFIX)?.split('/').collect();
    let [first, rest, name] = parts[..] else { return None };
    if RESERVED.contains(&first) || first.len() != 2 || name.is_empty() {
        return None;
    }
    Some((CommitId::new(format!("{first}{rest}")).ok()?, name.to_owned()))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn only_experiments_are_experiments() {
        let rest = "a".repeat(38);
        let parsed = parse(&format!("refs/exps/bc/{rest}/quick-fox")).expect("an experiment");
        assert_eq!((parsed.0.as_str(), parsed.1.as_str()), (format!("bc{rest}").as_str(), "quick-fox"));
        for other in [
            "refs/exps/exec/EXEC_HEAD".to_owned(),
            "refs/exps/stash".to_owned(),
            format!("refs/exps/celery/{rest}/x"),
            format!("refs/exps/bc/{rest}"),
            format!("refs/exps/bc/{rest}/a/b"),
            format!("refs/exps/bcd/{}/x", "a".repeat(37)),
            format!("refs/exps/bc/{}/x", "g".repeat(38)),
            "refs/heads/main".to_owned(),
        ] {
            assert_eq!(parse(&other), None, "{other}");
        }
    }

    proptest! {
        #[test]
        fn any_name_is_an_answer(name in "refs/exps/[a-g]{0,3}/[0-9a-z]{30,42}/?[a-z/]{0,5}", wild in ".{0,60}") {
            parse(&name);
            parse(&wild);
        }
    }
}
