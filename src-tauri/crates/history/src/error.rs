//! What can go wrong with a question, and what is wrong beside an answer.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// Why a question could not be answered.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// What was named is not there: choose something else.
    #[error("{what} was not found{}", hint_text(hint))]
    NotFound {
        /// What was asked for.
        what: String,
        /// What is there instead; may be empty.
        hint: String,
    },
    /// The question cannot be answered as it stands: ask more exactly.
    #[error("{what}: {why}")]
    Invalid {
        /// What was given.
        what: String,
        /// What is wrong with it, and what would be accepted.
        why: String,
    },
    /// Git could not be read.
    #[error(transparent)]
    Git(#[from] keelmark_git::Error),
    /// The index could not be read or written.
    #[error(transparent)]
    Index(#[from] keelmark_index::Error),
}

fn hint_text(hint: &str) -> String {
    if hint.is_empty() { String::new() } else { format!("; {hint}") }
}

impl Error {
    pub(crate) fn not_found(what: impl Into<String>, hint: impl Into<String>) -> Self {
        Self::NotFound { what: what.into(), hint: hint.into() }
    }

    pub(crate) fn invalid(what: impl Into<String>, why: impl Into<String>) -> Self {
        Self::Invalid { what: what.into(), why: why.into() }
    }
}

/// Something that could not be read, beside an answer that stands without it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, TS)]
#[ts(rename = "Unreadable")]
pub struct Problem {
    /// The ref, file or commit.
    pub what: String,
    /// What is wrong with it.
    pub why: String,
}

impl Problem {
    pub(crate) fn new(what: impl Into<String>, why: impl Into<String>) -> Self {
        Self { what: what.into(), why: why.into() }
    }
}
