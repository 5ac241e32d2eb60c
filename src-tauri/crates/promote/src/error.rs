//! What can go wrong, named for what the caller can do about it.

/// A result of this crate.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// Why something about a promotion could not be done.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// What was asked for is not there: choose something else.
    #[error("{what} was not found{}", hint_text(hint))]
    NotFound {
        /// What was asked for.
        what: String,
        /// What there is instead.
        hint: String,
    },
    /// What was given cannot be: ask differently.
    #[error("{what}: {why}")]
    Invalid {
        /// What was given.
        what: String,
        /// Why it cannot be.
        why: String,
    },
    /// Something that is already promoted stands against it; nothing was written.
    #[error("{what}: {why}")]
    Conflict {
        /// What was tried.
        what: String,
        /// What stands against it, and what to do.
        why: String,
    },
    /// The judgement or a rule stands against it.
    #[error("{what} was refused: {why}")]
    Denied {
        /// What was tried.
        what: String,
        /// Who or what refuses.
        why: String,
    },
    /// Stored bytes are not what they should be, or are not there.
    #[error("{what} is damaged: {why}")]
    Corrupt {
        /// Which file or record.
        what: String,
        /// What is wrong with it.
        why: String,
    },
    /// The repository could not be read or written.
    #[error(transparent)]
    Git(#[from] keelmark_git::Error),
}

fn hint_text(hint: &str) -> String {
    if hint.is_empty() { String::new() } else { format!("; {hint}") }
}

impl Error {
    pub(crate) fn invalid(what: impl Into<String>, why: impl Into<String>) -> Self {
        Self::Invalid { what: what.into(), why: why.into() }
    }

    pub(crate) fn corrupt(what: impl Into<String>, why: impl Into<String>) -> Self {
        Self::Corrupt { what: what.into(), why: why.into() }
    }
}
