//! Git's run refs and deploy branch into the index: only what is new or changed is read.

use std::collections::{BTreeMap, BTreeSet};

use keelmark_git::{Repository, RunReference};
use keelmark_index::{Index, RunContent, StoredRun, SyncedRef};
use keelmark_types::{CommitId, Outcome, Progress, Stop};

use crate::deploy_sync::sync_deployments;
use crate::{Error, Problem, record};

/// Refs that go into the index in one transaction.
const BATCH: usize = 200;

/// What a look at Git brought.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Synced {
    /// Run refs that were read.
    pub runs_read: u64,
    /// Run refs that are gone.
    pub runs_removed: u64,
    /// Commits of the deploy branch that were read.
    pub deployments_read: u64,
    /// Why the index was emptied first, where it was damaged.
    pub rebuilt: Option<String>,
    /// What cannot be read or does not agree, all of it, not only what is new.
    pub problems: Vec<Problem>,
}

/// Makes the index agree with Git. Stopping keeps what is indexed; the next call goes on from there.
pub fn sync(
    repository: &Repository,
    index: &Index,
    progress: &dyn Progress,
    stop: &Stop,
) -> Result<Outcome<Synced>, Error> {
    match sync_once(repository, index, progress, stop) {
        Err(Error::Index(keelmark_index::Error::Corrupt { path, why })) => {
            tracing::warn!(index = %path.display(), %why, "the index is damaged and filled again");
            index.start_over()?;
            let outcome = sync_once(repository, index, progress, stop)?;
            Ok(match outcome {
                Outcome::Done(synced) => Outcome::Done(Synced { rebuilt: Some(why), ..synced }),
                stopped @ Outcome::Stopped { .. } => stopped,
            })
        }
        answer => answer,
    }
}

fn sync_once(
    repository: &Repository,
    index: &Index,
    progress: &dyn Progress,
    stop: &Stop,
) -> Result<Outcome<Synced>, Error> {
    // What is known comes before what is there: a run recorded in between is then read twice, never forgotten.
    let known = index.known_refs()?;
    let present = repository.runs()?;
    let mut synced = Synced::default();

    let names: BTreeSet<&str> = present.iter().map(|run| run.reference.as_str()).collect();
    let gone: Vec<String> = known.keys().filter(|name| !names.contains(name.as_str())).cloned().collect();
    index.remove_refs(&gone)?;
    synced.runs_removed = gone.len() as u64;

    let news: Vec<&RunReference> =
        present.iter().filter(|run| known.get(&run.reference) != Some(&run.commit)).collect();
    let total = news.len() as u64;
    // The same commit under our own and a remote's ref is read once.
    let mut read: BTreeMap<CommitId, RunContent> = BTreeMap::new();
    for batch in news.chunks(BATCH) {
        let mut refs = Vec::with_capacity(batch.len());
        for reference in batch {
            if stop.is_raised() {
                index.put_refs(&refs)?;
                let done = synced.runs_read + refs.len() as u64;
                return Ok(Outcome::Stopped {
                    kept: format!("{done} of {total} new runs are indexed; the next look goes on from there"),
                });
            }
            let content = read
                .entry(reference.commit.clone())
                .or_insert_with(|| record::read(repository, reference))
                .clone();
            refs.push(synced_ref(reference, content));
            progress.update("reading runs", synced.runs_read + refs.len() as u64, Some(total), "runs");
        }
        index.put_refs(&refs)?;
        synced.runs_read += refs.len() as u64;
    }

    let (deployments_read, problem) = sync_deployments(repository, index)?;
    synced.deployments_read = deployments_read;
    synced.problems = problems(index)?;
    synced.problems.extend(problem);
    Ok(Outcome::Done(synced))
}

fn synced_ref(reference: &RunReference, content: RunContent) -> SyncedRef {
    let stored = StoredRun { run: reference.run.clone(), commit: reference.commit.clone(), content };
    SyncedRef {
        name: reference.reference.clone(),
        target: reference.commit.clone(),
        remote: reference.remote.clone(),
        runs: vec![stored],
    }
}

/// Everything in the index that could not be read or does not agree.
fn problems(index: &Index) -> Result<Vec<Problem>, Error> {
    let mut problems = Vec::new();
    for (name, stored) in index.unread_runs()? {
        match stored.content {
            RunContent::Newer { schema, .. } => {
                problems.push(Problem::new(name, format!("written by a newer Keelmark ({schema})")));
            }
            RunContent::Unreadable { why } => problems.push(Problem::new(name, why)),
            RunContent::Record(_) => {}
        }
    }
    for contested in index.contested_runs()? {
        let places: Vec<String> =
            contested.refs.iter().map(|(name, commit)| format!("{name} at {}", commit.short())).collect();
        let why = format!("a run never changes, but this one has two commits: {}", places.join(", "));
        problems.push(Problem::new(format!("run {}", contested.run), why));
    }
    for entry in index.deployments(None, None)?.into_iter().rev() {
        if let Some(why) = entry.problem {
            problems.push(Problem::new(format!("deployment commit {}", entry.commit), why));
        }
    }
    Ok(problems)
}
