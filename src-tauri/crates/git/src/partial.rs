//! A folder that is filled beside its destination and renamed when it is whole.

use std::fs::File;
use std::path::{Path, PathBuf};

use rustix::fs::FlockOperation;
use tempfile::TempDir;

use crate::{Error, Result, loose};

/// What the names of unfinished folders hold.
const MARK: &str = ".partial-";
/// The file whose lock says that the owner lives.
const OWNER: &str = "owner.lock";

/// An unfinished folder; removed when dropped, and swept when its owner died.
pub(crate) struct Partial {
    folder: TempDir,
    destination: PathBuf,
    _owner: File,
}

impl Partial {
    /// Beside `destination`, which must not exist or be empty.
    pub(crate) fn beside(destination: &Path) -> Result<Self> {
        let destination = std::path::absolute(destination)
            .map_err(|error| Error::storage("finding the folder", destination, error))?;
        refuse_non_empty(&destination)?;
        let (Some(parent), Some(name)) = (destination.parent(), destination.file_name()) else {
            return Err(Error::invalid(format!("`{}`", destination.display()), "nothing can be put there"));
        };
        std::fs::create_dir_all(parent).map_err(|error| Error::storage("making a folder", parent, error))?;
        let folder = tempfile::Builder::new()
            .prefix(&format!("{}{MARK}", name.display()))
            .rand_bytes(12)
            .tempdir_in(parent)
            .map_err(|error| Error::storage("making a folder", parent, error))?;
        let lock = folder.path().join(OWNER);
        let owner = File::create(&lock)
            .and_then(|file| {
                rustix::fs::flock(&file, FlockOperation::NonBlockingLockExclusive)?;
                Ok(file)
            })
            .map_err(|error| Error::storage("locking", &lock, error))?;
        Ok(Self { folder, destination, _owner: owner })
    }

    /// Where the content goes.
    pub(crate) fn content(&self) -> PathBuf {
        self.folder.path().join("content")
    }

    /// Puts the content at its destination, which then outlives a power cut.
    pub(crate) fn finish(self) -> Result<PathBuf> {
        refuse_non_empty(&self.destination)?;
        std::fs::rename(self.content(), &self.destination)
            .map_err(|error| Error::storage("renaming the finished folder to", &self.destination, error))?;
        if let Some(parent) = self.destination.parent() {
            loose::sync(parent)?;
        }
        Ok(self.destination.clone())
    }
}

fn refuse_non_empty(destination: &Path) -> Result<()> {
    match std::fs::read_dir(destination) {
        Ok(mut entries) => match entries.next() {
            None => Ok(()),
            Some(_) => Err(Error::invalid(
                format!("`{}`", destination.display()),
                "the folder is not empty; choose one that does not exist yet",
            )),
        },
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(()),
        Err(error) => Err(Error::storage("looking into", destination, error)),
    }
}

/// Removes unfinished folders in `parent` whose owners died.
pub(crate) fn sweep(parent: &Path) -> Result<Vec<PathBuf>> {
    let failed = |error: std::io::Error| Error::storage("sweeping", parent, error);
    let mut swept = Vec::new();
    for entry in std::fs::read_dir(parent).map_err(failed)? {
        let path = entry.map_err(failed)?.path();
        let is_ours = path.file_name().and_then(|name| name.to_str()).is_some_and(|name| {
            name.rsplit_once(MARK).is_some_and(|(_, chance)| {
                chance.len() == 12 && chance.bytes().all(|b| b.is_ascii_alphanumeric())
            })
        });
        if is_ours && path.symlink_metadata().is_ok_and(|data| data.is_dir()) && owner_is_dead(&path) {
            std::fs::remove_dir_all(&path).map_err(|error| Error::storage("removing", &path, error))?;
            swept.push(path);
        }
    }
    swept.sort();
    Ok(swept)
}

fn owner_is_dead(folder: &Path) -> bool {
    File::open(folder.join(OWNER))
        .is_ok_and(|lock| rustix::fs::flock(&lock, FlockOperation::NonBlockingLockExclusive).is_ok())
}
