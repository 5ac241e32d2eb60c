//! What the files of many versions say, read side by side where there are enough of them.

use std::collections::BTreeSet;
use std::num::NonZero;
use std::sync::Arc;

use keelmark_git::Repository;
use keelmark_types::CommitId;

use crate::written::{Shared, Written, WrittenFiles};
use crate::{Error, Problem};

/// Fewer versions than this are not worth another thread.
const VERSIONS_A_THREAD: usize = 500;
/// More threads than this wait for the disk.
const MAX_THREADS: usize = 4;

/// What files say, in the order of the versions that were asked for.
#[derive(Debug, Default)]
pub(crate) struct WrittenOf {
    pub versions: Vec<Arc<Written>>,
    pub shared: Shared,
    pub problems: BTreeSet<Problem>,
}

/// What the files below `folder` say in each version, with what could not be read.
pub(crate) fn written_of(
    repository: &Repository,
    versions: &[CommitId],
    folder: &str,
    with_params: bool,
) -> Result<WrittenOf, Error> {
    let available = std::thread::available_parallelism().map_or(1, NonZero::get);
    let threads = (versions.len() / VERSIONS_A_THREAD).clamp(1, available.min(MAX_THREADS));
    let read = |piece: &[CommitId]| {
        let reader = repository.reader();
        let mut files = WrittenFiles::new(with_params);
        let mut written = Vec::with_capacity(piece.len());
        for version in piece {
            written.push(files.read(&reader.version(version)?, folder));
        }
        let (problems, shared) = files.finish();
        Ok::<_, Error>(WrittenOf { versions: written, shared, problems })
    };
    if threads == 1 {
        return read(versions);
    }
    // Neighbours share most of their files, so each thread takes one piece of the line.
    let pieces = versions.chunks(versions.len().div_ceil(threads));
    std::thread::scope(|scope| {
        let mut readers = Vec::with_capacity(threads);
        for piece in pieces {
            let name = "keelmark-history".to_owned();
            let spawned = std::thread::Builder::new().name(name).spawn_scoped(scope, move || read(piece));
            // Where the system gives no thread, this one reads the piece.
            readers.push(spawned.map_err(|_| piece));
        }
        let mut all = WrittenOf::default();
        for reader in readers {
            let more = match reader {
                Ok(thread) => thread.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))?,
                Err(piece) => read(piece)?,
            };
            all.versions.extend(more.versions);
            all.shared.extend(more.shared);
            all.problems.extend(more.problems);
        }
        Ok(all)
    })
}
