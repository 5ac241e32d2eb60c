//! Where the bytes that pointers stand for are kept on this machine.

use std::path::{Path, PathBuf};

use keelmark_git::Repository;

use crate::digest::sha256;
use crate::pointer::Lfs;
use crate::{Error, RootedDir, Source};

/// The stores of one repository: its work tree with DVC's cache, and what lies under its Git folder.
///
/// Opening them reads nothing but folders; the user's own DVC configuration is given as text, for this crate never
/// looks into a home.
#[derive(Debug)]
pub struct Stores {
    work_tree: Option<(PathBuf, RootedDir)>,
    git_folders: [PathBuf; 2],
    common: RootedDir,
    user_config: Option<String>,
}

impl Stores {
    /// Those of a repository. `user_config` is the text of the user's DVC configuration for all repositories.
    pub fn of(repository: &Repository, user_config: Option<&str>) -> Result<Self, Error> {
        let work_tree = match repository.work_dir() {
            None => None,
            Some(path) => Some((path.to_owned(), RootedDir::open(path)?)),
        };
        let common = RootedDir::open(repository.common_dir())?;
        let real = |path: &Path| path.canonicalize().unwrap_or_else(|_| path.to_owned());
        let git_folders = [real(repository.common_dir()), real(repository.git_dir())];
        Ok(Self { work_tree, git_folders, common, user_config: user_config.map(str::to_owned) })
    }

    /// The work tree, where there is one.
    pub(crate) fn work_tree(&self) -> Option<(&Path, &RootedDir)> {
        self.work_tree.as_ref().map(|(path, files)| (path.as_path(), files))
    }

    /// Whether a path without links is in Git's folder, or is it.
    pub(crate) fn is_in_git_folder(&self, real: &Path) -> bool {
        self.git_folders.iter().any(|folder| real.starts_with(folder))
    }

    pub(crate) fn user_config(&self) -> Option<&str> {
        self.user_config.as_deref()
    }

    /// The bytes of a Git LFS object, checked; `None` where no store has it.
    pub(crate) fn lfs(&self, pointer: &Lfs) -> Result<Option<Vec<u8>>, Error> {
        let Some(path) = self.find_lfs(pointer)? else { return Ok(None) };
        let Some(bytes) = self.common.read(&path)? else { return Ok(None) };
        if sha256(&bytes) == pointer.sha256 {
            return Ok(Some(bytes));
        }
        Err(Error::corrupt(
            format!("`{path}` of the Git folder"),
            format!("its sha256 is {}", sha256(&bytes)),
        ))
    }

    /// Where a Git LFS object is, from the Git folder.
    pub(crate) fn find_lfs(&self, pointer: &Lfs) -> Result<Option<String>, Error> {
        let oid = pointer.sha256.as_str();
        let (Some(first), Some(second)) = (oid.get(..2), oid.get(2..4)) else { return Ok(None) };
        for path in [format!("keelmark/objects/{oid}"), format!("lfs/objects/{first}/{second}/{oid}")] {
            if let Some(crate::rooted::Found::File { .. }) = self.common.found(&path)? {
                return Ok(Some(path));
            }
        }
        Ok(None)
    }
}
