//! The files of a version or of the work tree, as they are: no pointer resolved.

use std::collections::BTreeSet;

use keelmark_git::{EntryKind, Repository, Version};

use crate::{Error, MAX_FILE_BYTES, RootedDir, Source};

/// Files that can also be looked for.
#[derive(Debug)]
pub(crate) enum Files<'a> {
    /// As committed.
    Version(&'a Version),
    /// As they stand in the work tree: `paths` are those Git tracks and those it does not ignore.
    WorkTree { root: &'a RootedDir, paths: BTreeSet<String> },
}

impl<'a> Files<'a> {
    pub(crate) fn of_work_tree(repository: &Repository, root: &'a RootedDir) -> Result<Self, Error> {
        let failed = |source| Error::Git { path: ".".to_owned(), source: Box::new(source) };
        let mut paths: BTreeSet<String> = repository.tracked_paths().map_err(failed)?.into_iter().collect();
        paths.extend(repository.status().map_err(failed)?);
        Ok(Self::WorkTree { root, paths })
    }

    pub(crate) fn read(&self, path: &str) -> Result<Option<Vec<u8>>, Error> {
        match self {
            Self::Version(version) => {
                let failed = |source| Error::Git { path: path.to_owned(), source: Box::new(source) };
                version.read(path, MAX_FILE_BYTES).map_err(failed)
            }
            Self::WorkTree { root, .. } => root.read(path),
        }
    }

    /// Whether Git has a file at `path`: in the version, or tracked and there.
    pub(crate) fn has(&self, path: &str) -> Result<bool, Error> {
        match self {
            Self::Version(version) => {
                let failed = |source| Error::Git { path: path.to_owned(), source: Box::new(source) };
                let entry = version.entry(path).map_err(failed)?;
                Ok(entry.is_some_and(|entry| matches!(entry.kind, EntryKind::File | EntryKind::Executable)))
            }
            Self::WorkTree { root, .. } => {
                Ok(matches!(root.found(path)?, Some(crate::rooted::Found::File { .. })))
            }
        }
    }

    /// The paths of files that are wanted, in order.
    pub(crate) fn find(&self, is_wanted: &dyn Fn(&str) -> bool) -> Result<Vec<String>, Error> {
        match self {
            Self::Version(version) => {
                let failed = |source| Error::Git { path: ".".to_owned(), source: Box::new(source) };
                let mut found = version.find_files("", is_wanted).map_err(failed)?;
                found.sort_unstable();
                Ok(found)
            }
            Self::WorkTree { paths, .. } => {
                Ok(paths.iter().filter(|path| is_wanted(path)).cloned().collect())
            }
        }
    }
}
