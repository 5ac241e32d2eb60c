//! Runs of other tools, kept for as long as the files that they are in stay as they are.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use keelmark_git::{FileStamp, FolderStamp, Oid, Repository};

use crate::Error;
use crate::foreign::{DATABASE, FOLDER, ForeignRuns, Orphan, foreign_runs, places};
use crate::mlflow_files::Store;
use crate::pipelines::join;

/// What another program keeps beside its database while it writes.
const BESIDE: [&str; 3] = ["", "-wal", "-journal"];
/// Where runs keep files of their own, which are not read.
const NOT_READ: [&str; 1] = ["artifacts"];
/// The most files and folders that are looked at to see whether one changed.
const MAX_STAMPED: usize = 200_000;

/// Runs of other tools as they were read last, by the folder that was asked for.
#[derive(Debug, Default)]
pub struct KeptForeignRuns(Mutex<BTreeMap<String, Kept>>);

/// How the stores stood, and what was read of them.
type Kept = (Vec<Stamp>, Arc<ForeignRuns>);

/// How one store stood when it was read.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Stamp {
    Files(Vec<Option<FileStamp>>),
    Folder(Option<FolderStamp>),
    Committed(Oid),
    Nothing,
}

impl KeptForeignRuns {
    /// The runs in `folder` and at the root: as [`foreign_runs`] reads them, read again only where a file changed.
    pub fn read(&self, repository: &Repository, folder: &str) -> Result<Arc<ForeignRuns>, Error> {
        // Looked at first: what changes while it is read is read again next time.
        let stamps = stamps(repository, folder)?;
        let kept = {
            let all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
            all.get(folder).filter(|(known, _)| *known == stamps).map(|(_, runs)| Arc::clone(runs))
        };
        let runs = match kept {
            Some(kept) if !has_arrived(repository, &kept) => return Ok(kept),
            Some(kept) => Arc::new(bound(repository, &kept)),
            None => Arc::new(foreign_runs(repository, folder)?),
        };
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        all.insert(folder.to_owned(), (stamps, Arc::clone(&runs)));
        Ok(runs)
    }
}

/// Whether a version that was missing is here by now: a fetch changes none of the files.
fn has_arrived(repository: &Repository, kept: &ForeignRuns) -> bool {
    let missing = kept.runs.iter().filter(|run| run.orphan == Some(Orphan::UnknownCommit));
    missing.filter_map(|run| run.commit.as_ref()).any(|commit| repository.has_object(commit.into()))
}

fn bound(repository: &Repository, kept: &ForeignRuns) -> ForeignRuns {
    let mut runs = kept.clone();
    for run in &mut runs.runs {
        run.bind(repository);
    }
    runs
}

fn stamps(repository: &Repository, folder: &str) -> Result<Vec<Stamp>, Error> {
    let mut stamps = Vec::new();
    for place in places(folder) {
        let (root, database) = (join(place, FOLDER), join(place, DATABASE));
        for path in [&database, &root] {
            let stamp = match Store::with(repository, path) {
                // What stands in the way is said when it is read.
                Ok(None) | Err(_) => Stamp::Nothing,
                Ok(Some(Store::Committed(version))) => {
                    let tree = version.subtree(path).ok().flatten();
                    match tree.or(version.entry(path)?.map(|entry| entry.oid)) {
                        Some(oid) => Stamp::Committed(oid),
                        None => Stamp::Nothing,
                    }
                }
                Ok(Some(Store::Work(files))) if path == &root => {
                    Stamp::Folder(files.folder_stamp(path, MAX_STAMPED, &NOT_READ)?)
                }
                Ok(Some(Store::Work(files))) => {
                    let of = |ending| files.stamp(&format!("{path}{ending}"));
                    Stamp::Files(BESIDE.into_iter().map(of).collect::<Result<_, _>>()?)
                }
            };
            stamps.push(stamp);
        }
    }
    Ok(stamps)
}
