//! What can go wrong, named for what the caller can do about it.

use std::path::{Path, PathBuf};

use crate::Oid;

/// A result of this crate.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// Why something with a repository could not be done.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// There is no repository at or above the folder: open another one.
    #[error("`{}` is not in a Git repository", path.display())]
    NotARepository {
        /// Where it was looked for.
        path: PathBuf,
    },
    /// What was asked for is not there: choose something else.
    #[error("{what} was not found{}", near_text(near))]
    NotFound {
        /// What was asked for.
        what: String,
        /// Names that come near, best first.
        near: Vec<String>,
    },
    /// What was asked for cannot be: ask differently.
    #[error("{what}: {why}")]
    Invalid {
        /// What was given.
        what: String,
        /// Why it cannot be, and what would be accepted.
        why: String,
    },
    /// Somebody else moved it first: look at what is there now and try again.
    #[error("{reference} was moved by somebody else: {}", now_text(now.as_ref()))]
    Conflict {
        /// The ref.
        reference: String,
        /// Where it is now; `None` if it is gone.
        now: Option<Oid>,
    },
    /// Permission, credentials or a rule stand against it.
    #[error("{what} was refused: {why}")]
    Denied {
        /// What was tried.
        what: String,
        /// Who or what refuses, and the mend.
        why: String,
    },
    /// The other side does not answer: try again later.
    #[error("{what} is not reachable: {why}")]
    Unreachable {
        /// The remote, without credentials.
        what: String,
        /// What happened.
        why: String,
    },
    /// Stored bytes are not what they should be.
    #[error("{what} is damaged: {why}")]
    Corrupt {
        /// Which object, ref or file.
        what: String,
        /// What is wrong with it.
        why: String,
    },
    /// The repository uses something this program does not know, or something larger than it reads.
    #[error("{what} is not supported: {why}")]
    Unsupported {
        /// What was met.
        what: String,
        /// Why it is not supported.
        why: String,
    },
    /// A file could not be read or written.
    #[error("{what} failed at `{}`: {source}", path.display())]
    Storage {
        /// What was tried.
        what: &'static str,
        /// Where.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// Nobody is named as the author of commits.
    #[error(
        "Git does not know who you are ({why}); set it once with `git config --global user.name \"Your Name\"` and \
         `git config --global user.email you@example.org`"
    )]
    NoIdentity {
        /// What git said.
        why: String,
    },
}

fn near_text(near: &[String]) -> String {
    if near.is_empty() { String::new() } else { format!("; near it: {}", near.join(", ")) }
}

fn now_text(now: Option<&Oid>) -> String {
    now.map_or_else(|| "it is gone now".to_owned(), |oid| format!("it is at {oid} now"))
}

impl Error {
    pub(crate) fn not_found(what: impl Into<String>) -> Self {
        Self::NotFound { what: what.into(), near: Vec::new() }
    }

    pub(crate) fn invalid(what: impl Into<String>, why: impl Into<String>) -> Self {
        Self::Invalid { what: what.into(), why: why.into() }
    }

    pub(crate) fn corrupt(what: impl Into<String>, why: impl Into<String>) -> Self {
        Self::Corrupt { what: what.into(), why: why.into() }
    }

    pub(crate) fn storage(what: &'static str, path: &Path, source: std::io::Error) -> Self {
        Self::Storage { what, path: path.to_owned(), source }
    }

    /// Sorts a failure of gix while `what` was read or written.
    pub(crate) fn from_gix(what: impl Into<String>, error: &gix::Error) -> Self {
        let (what, why) = (what.into(), chain(error));
        if error.is_not_found() {
            Self::NotFound { what: format!("{what} ({why})"), near: Vec::new() }
        } else if error.is_permission_denied() || error.is_unauthenticated() {
            Self::Denied { what, why }
        } else if error.is_resource_exhausted() {
            Self::Unsupported { what, why: format!("it is larger than is read here ({why})") }
        } else {
            Self::Corrupt { what, why }
        }
    }
}

/// An error and its causes in one line, without repeating a sentence.
pub(crate) fn chain(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(inner) = cause {
        let sentence = inner.to_string();
        if !sentence.is_empty() && !text.contains(&sentence) {
            text.push_str(": ");
            text.push_str(&sentence);
        }
        cause = inner.source();
    }
    text.replace('\n', " ")
}
