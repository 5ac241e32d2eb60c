//! What a killed program left behind.

use std::path::{Path, PathBuf};
use std::time::UNIX_EPOCH;

use keelmark_types::Timestamp;

use crate::{Error, Repository, Result, partial};

/// What was found and removed.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Swept {
    /// Objects and packs that were never finished.
    pub temporary_objects: Vec<PathBuf>,
    /// Locks of refs that only this program moves.
    pub locks: Vec<PathBuf>,
}

/// Removes unfinished clones in the folder `parent` whose owners died, and says which.
pub fn sweep_clones(parent: impl AsRef<Path>) -> Result<Vec<PathBuf>> {
    partial::sweep(parent.as_ref())
}

impl Repository {
    /// Removes unfinished objects and locks of our own refs that are older than `before`, and says which. What git or
    /// another program may still be writing is younger: choose an hour ago or more.
    pub fn sweep(&self, before: Timestamp) -> Result<Swept> {
        let objects = self.common_dir().join("objects");
        let mut swept = Swept::default();
        for folder in folders_of_objects(&objects)? {
            remove_old(&folder, before, &mut swept.temporary_objects, |name| {
                name.starts_with("tmp_obj_keelmark_") || name.starts_with(".tmp")
            })?;
        }
        let mut pending =
            vec![self.common_dir().join("refs/keelmark"), self.common_dir().join("refs/heads/keelmark")];
        while let Some(folder) = pending.pop() {
            remove_old(&folder, before, &mut swept.locks, |name| {
                Path::new(name).extension().is_some_and(|extension| extension == "lock")
            })?;
            pending.extend(entries(&folder)?.into_iter().filter(|path| path.is_dir() && !path.is_symlink()));
        }
        swept.temporary_objects.sort();
        swept.locks.sort();
        Ok(swept)
    }
}

fn folders_of_objects(objects: &Path) -> Result<Vec<PathBuf>> {
    let mut folders = vec![objects.to_owned()];
    for path in entries(objects)? {
        let is_ours = path.file_name().and_then(|name| name.to_str()).is_some_and(|name| {
            name == "pack" || (name.len() == 2 && name.bytes().all(|byte| byte.is_ascii_hexdigit()))
        });
        if is_ours && path.is_dir() {
            folders.push(path);
        }
    }
    Ok(folders)
}

fn remove_old(
    folder: &Path,
    before: Timestamp,
    swept: &mut Vec<PathBuf>,
    is_ours: impl Fn(&str) -> bool,
) -> Result<()> {
    for path in entries(folder)? {
        let named = path.file_name().and_then(|name| name.to_str()).is_some_and(&is_ours);
        let Ok(data) = path.symlink_metadata() else { continue };
        let modified = data.modified().ok().and_then(|at| at.duration_since(UNIX_EPOCH).ok());
        let is_old = modified.is_some_and(|at| i128::from(at.as_secs()) < i128::from(before.as_second()));
        if named && is_old && data.is_file() {
            std::fs::remove_file(&path).map_err(|error| Error::storage("removing", &path, error))?;
            swept.push(path);
        }
    }
    Ok(())
}

fn entries(folder: &Path) -> Result<Vec<PathBuf>> {
    let read = match std::fs::read_dir(folder) {
        Ok(read) => read,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(Error::storage("looking into", folder, error)),
    };
    read.map(|entry| {
        entry.map(|entry| entry.path()).map_err(|error| Error::storage("looking into", folder, error))
    })
    .collect()
}
