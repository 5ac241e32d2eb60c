//! What can go wrong, named for what the caller can do about it.

use std::fmt;

use keelmark_types::{Mistake, Sha256};

/// Why data could not be had.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// What is written in a file cannot be accepted: mend the places named.
    #[error("{}", first_of(mistakes))]
    Invalid {
        /// What is wrong, in the order of the file; never empty, never more than twenty.
        mistakes: Vec<Mistake>,
    },
    /// There is no file at a path: add it or correct the path.
    #[error("`{path}` is not there")]
    NotFound {
        /// The path, from the repository's root.
        path: String,
    },
    /// A file is not what `model.lock` pins: restore it, or pin it anew on purpose.
    #[error(
        "`{path}` was altered: model.lock pins sha256 {} ({} bytes), the file has sha256 {} ({} bytes)",
        pinned.0, pinned.1, found.0, found.1
    )]
    Altered {
        /// The path, from the repository's root.
        path: String,
        /// Digest and size in bytes as pinned.
        pinned: Box<(Sha256, u64)>,
        /// Digest and size in bytes as found.
        found: Box<(Sha256, u64)>,
    },
    /// Only a pointer is here: fetch the bytes it stands for.
    #[error(
        "the bytes of `{path}` are not here: only {kind} is{}{}",
        pointer_detail(oid.as_deref(), *size_bytes), said_to_be_text(said_to_be)
    )]
    Elsewhere {
        /// The path, from the repository's root.
        path: String,
        /// Which kind of pointer stands for them.
        kind: PointerKind,
        /// The digest in the pointer, with its algorithm (`sha256:…`, `md5:…`), where it has one.
        oid: Option<String>,
        /// The size in the pointer, where it has one.
        size_bytes: Option<u64>,
        /// Where they are said to be, without secrets; empty where nobody says it.
        said_to_be: Vec<String>,
    },
    /// The file is of a kind, or larger, than this program reads: convert or divide it.
    #[error("{what} is not supported: {why}")]
    Unsupported {
        /// What was met.
        what: String,
        /// Why it is not supported, and what is.
        why: String,
    },
    /// Stored bytes are not what they should be: they have to be made again.
    #[error("{what} is damaged: {why}")]
    Corrupt {
        /// Which bytes.
        what: String,
        /// What is wrong with them.
        why: String,
    },
    /// Git could not give the bytes.
    #[error("`{path}` could not be read from its version")]
    Git {
        /// The path, from the repository's root.
        path: String,
        /// What Git said.
        #[source]
        source: Box<keelmark_git::Error>,
    },
    /// The disk could not.
    #[error("`{path}` could not be read: {source}")]
    Storage {
        /// The path.
        path: String,
        /// What the system said.
        source: std::io::Error,
    },
}

/// A small file that stands for a large one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PointerKind {
    /// Of Git LFS, at the path itself.
    GitLfs,
    /// Of DVC, in a `.dvc` file or a dvc.lock.
    Dvc,
}

impl fmt::Display for PointerKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::GitLfs => "a Git LFS pointer",
            Self::Dvc => "a DVC pointer",
        })
    }
}

impl Error {
    /// The mistakes in files, where that is what is wrong.
    pub fn mistakes(&self) -> &[Mistake] {
        match self {
            Self::Invalid { mistakes } => mistakes,
            _ => &[],
        }
    }

    pub(crate) fn corrupt(what: impl Into<String>, why: impl fmt::Display) -> Self {
        Self::Corrupt { what: what.into(), why: why.to_string() }
    }
}

impl From<Mistake> for Error {
    fn from(mistake: Mistake) -> Self {
        Self::Invalid { mistakes: vec![mistake] }
    }
}

fn first_of(mistakes: &[Mistake]) -> String {
    match mistakes {
        [] => "the data cannot be accepted".to_owned(),
        [only] => only.to_string(),
        [first, rest @ ..] => format!("{first}, and {} more", rest.len()),
    }
}

fn said_to_be_text(places: &[String]) -> String {
    if places.is_empty() { String::new() } else { format!("; they are said to be in {}", places.join(", ")) }
}

fn pointer_detail(oid: Option<&str>, size_bytes: Option<u64>) -> String {
    match (oid, size_bytes) {
        (Some(oid), Some(size)) => format!(" ({oid}, {size} bytes)"),
        (Some(oid), None) => format!(" ({oid})"),
        (None, Some(size)) => format!(" ({size} bytes)"),
        (None, None) => String::new(),
    }
}
