//! Where the bytes of data files come from.

use crate::Error;

/// Gives the bytes of files by their path from the repository's root.
pub trait Source {
    /// The bytes of the file at `path`, or `None` where there is no file. Links are never followed out of the source.
    fn read(&self, path: &str) -> Result<Option<Vec<u8>>, Error>;

    /// Whether what is read is versioned: kept in a Git blob, or in what a pointer in one names.
    fn is_versioned(&self, path: &str) -> bool;
}
