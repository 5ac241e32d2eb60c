//! The deploy branch's first-parent line into the index.

use keelmark_git::{HistoryOptions, Repository};
use keelmark_index::{Index, Promoted};
use keelmark_types::CommitId;

use crate::deploy::{deploy_tip, read_entry};
use crate::{Error, Problem};

/// Reads what the index does not know yet; how many commits that were, and what is wrong with the branch.
pub(crate) fn sync_deployments(
    repository: &Repository,
    index: &Index,
) -> Result<(u64, Option<Problem>), Error> {
    let tip = deploy_tip(repository)?;
    let problem = tip.as_ref().and_then(|tip| tip.problem.clone());
    let tip = tip.map(|tip| tip.commit);
    let known = index.deploy_tip()?;
    if tip == known {
        return Ok((0, problem));
    }
    let read = match (&known, &tip) {
        (Some(known), Some(tip)) => match go_on(repository, index, known, tip) {
            // Somebody else indexed the same commits, or another line of them: read all of it once.
            Err(Error::Index(keelmark_index::Error::Conflict { .. })) => None,
            read => read?,
        },
        _ => None,
    };
    match read {
        Some(read) => Ok((read, problem)),
        None => Ok((start_anew(repository, index, tip.as_ref())?, problem)),
    }
}

/// Adds what follows `known` up to `tip`; `None` where `known` is not on the line.
fn go_on(
    repository: &Repository,
    index: &Index,
    known: &CommitId,
    tip: &CommitId,
) -> Result<Option<u64>, Error> {
    let options =
        HistoryOptions { not_from: vec![known.clone()], first_parent: true, ..HistoryOptions::default() };
    let commits = repository.history(tip, &options)?;
    if commits.last().and_then(|oldest| oldest.parents.first()) != Some(known) {
        return Ok(None);
    }
    let earlier =
        index.deployments(None, None)?.into_iter().rev().filter_map(|entry| entry.promoted).collect();
    put(repository, index, Some(known), Some(tip), &commits, earlier).map(Some)
}

fn start_anew(repository: &Repository, index: &Index, tip: Option<&CommitId>) -> Result<u64, Error> {
    let commits = match tip {
        Some(tip) => {
            repository.history(tip, &HistoryOptions { first_parent: true, ..HistoryOptions::default() })?
        }
        None => Vec::new(),
    };
    put(repository, index, None, tip, &commits, Vec::new())
}

/// `commits` come newest first, `earlier` oldest first.
fn put(
    repository: &Repository,
    index: &Index,
    known: Option<&CommitId>,
    tip: Option<&CommitId>,
    commits: &[keelmark_git::CommitInfo],
    mut earlier: Vec<Promoted>,
) -> Result<u64, Error> {
    let reader = repository.reader();
    let mut entries = Vec::with_capacity(commits.len());
    for info in commits.iter().rev() {
        let entry = read_entry(&reader, info, &earlier);
        earlier.extend(entry.promoted.clone());
        entries.push(entry);
    }
    index.put_deployments(known, tip, &entries)?;
    Ok(entries.len() as u64)
}
