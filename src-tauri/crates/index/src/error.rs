//! What can go wrong with the index, by what the caller can do about it.

use std::path::{Path, PathBuf};

/// Why the index could not answer.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The file is damaged: [`Index::start_over`](crate::Index::start_over) and fill it again from Git; nothing is lost.
    #[error("the index {} is damaged: {why}", path.display())]
    Corrupt {
        /// The index file.
        path: PathBuf,
        /// What was found.
        why: String,
    },
    /// The disk or the folder does not allow it.
    #[error("the index {} cannot be used: {why}", path.display())]
    Storage {
        /// The index file.
        path: PathBuf,
        /// What the system said.
        why: String,
    },
    /// Another process held the index for longer than five seconds: try again.
    #[error("the index {} is in use by another process", path.display())]
    Busy {
        /// The index file.
        path: PathBuf,
    },
    /// Another process moved the deployments on first: read them again.
    #[error("the index already knows the deploy branch at {known}, not at {expected}")]
    Conflict {
        /// The tip it knows, or `nothing`.
        known: String,
        /// The tip the caller went on from, or `nothing`.
        expected: String,
    },
    /// A run prefix that several runs share: give more of it.
    #[error("`{prefix}` is the beginning of {count} runs or more, e.g. {}", examples.join(" and "))]
    Ambiguous {
        /// What was asked for.
        prefix: String,
        /// How many were seen.
        count: usize,
        /// Two of them.
        examples: Vec<String>,
    },
}

const SQLITE_BUSY: u32 = 5;
const SQLITE_LOCKED: u32 = 6;
/// Permission, read-only, I/O, full, cannot open, no lock protocol.
const STORAGE: [u32; 6] = [3, 8, 10, 13, 14, 15];

impl Error {
    pub(crate) fn from_sqlx(path: &Path, error: &sqlx::Error) -> Self {
        let path = path.to_owned();
        let why = error.to_string();
        match error {
            sqlx::Error::Database(database) => {
                let code = database.code().and_then(|code| code.parse::<u32>().ok()).unwrap_or(0) & 0xff;
                match code {
                    SQLITE_BUSY | SQLITE_LOCKED => Self::Busy { path },
                    code if STORAGE.contains(&code) => Self::Storage { path, why },
                    _ => Self::Corrupt { path, why },
                }
            }
            sqlx::Error::Io(_) | sqlx::Error::WorkerCrashed => Self::Storage { path, why },
            _ => Self::Corrupt { path, why },
        }
    }

    pub(crate) fn storage(path: &Path, tried: &str, error: &std::io::Error) -> Self {
        Self::Storage { path: path.to_owned(), why: format!("{tried}: {error}") }
    }
}
