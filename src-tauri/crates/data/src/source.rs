//! Where the bytes of data files come from.

use keelmark_git::Version;

use crate::{Error, MAX_FILE_BYTES};

/// Gives the bytes of files by their path from the repository's root.
pub trait Source {
    /// The bytes of the file at `path`, or `None` where there is no file. Links are never followed out of the source.
    fn read(&self, path: &str) -> Result<Option<Vec<u8>>, Error>;

    /// Whether what is read is versioned: kept in a Git blob, or in what a pointer in one names.
    fn is_versioned(&self, path: &str) -> bool;
}

/// The files of a version, as committed.
#[derive(Debug, Clone, Copy)]
pub struct VersionSource<'a>(&'a Version);

impl<'a> VersionSource<'a> {
    /// The files of `version`.
    pub fn new(version: &'a Version) -> Self {
        Self(version)
    }
}

impl Source for VersionSource<'_> {
    fn read(&self, path: &str) -> Result<Option<Vec<u8>>, Error> {
        let failed = |source| Error::Git { path: path.to_owned(), source: Box::new(source) };
        self.0.read(path, MAX_FILE_BYTES).map_err(failed)
    }

    fn is_versioned(&self, _path: &str) -> bool {
        true
    }
}
