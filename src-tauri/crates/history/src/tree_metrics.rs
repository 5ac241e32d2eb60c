//! The metric files of many versions, read side by side where there are enough of them.

use std::collections::BTreeSet;
use std::num::NonZero;
use std::sync::Arc;

use keelmark_git::Repository;
use keelmark_types::CommitId;

use crate::metric_files::{MetricFiles, Numbers};
use crate::{Error, Problem};

/// Fewer versions than this are not worth another thread.
const VERSIONS_A_THREAD: usize = 500;
/// More threads than this wait for the disk.
const MAX_THREADS: usize = 4;

type Read = (Vec<Arc<Numbers>>, BTreeSet<Problem>);

/// The numbers in each version's metric files, in the order of `versions`, with what could not be read.
pub(crate) fn tree_metrics(
    repository: &Repository,
    versions: &[CommitId],
    folder: &str,
) -> Result<(Vec<Arc<Numbers>>, Vec<Problem>), Error> {
    let available = std::thread::available_parallelism().map_or(1, NonZero::get);
    let threads = (versions.len() / VERSIONS_A_THREAD).clamp(1, available.min(MAX_THREADS));
    let (numbers, problems) = if threads == 1 {
        read(repository, versions, folder)?
    } else {
        side_by_side(repository, versions, folder, threads)?
    };
    Ok((numbers, problems.into_iter().collect()))
}

fn read(repository: &Repository, versions: &[CommitId], folder: &str) -> Result<Read, Error> {
    let reader = repository.reader();
    let mut files = MetricFiles::default();
    let mut numbers = Vec::with_capacity(versions.len());
    for version in versions {
        numbers.push(files.read(&reader.version(version)?, folder));
    }
    Ok((numbers, files.into_problems()))
}

/// Neighbours share most of their files, so each thread takes one piece of the line.
fn side_by_side(
    repository: &Repository,
    versions: &[CommitId],
    folder: &str,
    threads: usize,
) -> Result<Read, Error> {
    let pieces = versions.chunks(versions.len().div_ceil(threads));
    std::thread::scope(|scope| {
        let mut readers = Vec::with_capacity(threads);
        for piece in pieces {
            let name = "keelmark-history".to_owned();
            let spawned = std::thread::Builder::new()
                .name(name)
                .spawn_scoped(scope, || read(repository, piece, folder));
            // Where the system gives no thread, this one reads the piece.
            readers.push(spawned.map_err(|_| piece));
        }
        let (mut numbers, mut problems) = (Vec::with_capacity(versions.len()), BTreeSet::new());
        for reader in readers {
            let (more, wrong) = match reader {
                Ok(thread) => thread.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))?,
                Err(piece) => read(repository, piece, folder)?,
            };
            numbers.extend(more);
            problems.extend(wrong);
        }
        Ok((numbers, problems))
    })
}
