//! What can go wrong when bytes are fetched, named for what the caller can do about it.

use crate::Error;

/// Why bytes behind DVC's pointers could not be fetched. No secret is ever in it.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum PullError {
    /// No remote is named that could be asked: name one.
    #[error("there is no remote to ask: {why}")]
    NoRemote {
        /// What is missing.
        why: String,
    },
    /// The remote does not let us: see to the credentials.
    #[error("{remote} denies access: {why}")]
    Denied {
        /// The remote with its address.
        remote: String,
        /// What was said.
        why: String,
    },
    /// The remote lacks some of it: whoever has it must push it.
    #[error("{remote} does not have {}", some(missing))]
    NotThere {
        /// The remote with its address.
        remote: String,
        /// Paths with their digests.
        missing: Vec<String>,
    },
    /// The remote could not be reached, or broke off: try again later.
    #[error("{remote} could not be reached: {why}")]
    Unreachable {
        /// The remote with its address.
        remote: String,
        /// What happened.
        why: String,
    },
    /// What came is not what was asked for, and was thrown away.
    #[error("{remote} gave bytes for `{path}` that are not those of the pointer: {why}")]
    Mismatch {
        /// The remote with its address.
        remote: String,
        /// The path from the repository's root.
        path: String,
        /// How they differ.
        why: String,
    },
    /// The remote is of a kind, or set up in a way, that this program does not know.
    #[error("{remote} is not supported: {why}")]
    Unsupported {
        /// The remote with its address.
        remote: String,
        /// Why, and what else can be done.
        why: String,
    },
    /// What is here could not be read or written.
    #[error(transparent)]
    Here(#[from] Error),
}

/// The first few, and how many more.
fn some(missing: &[String]) -> String {
    const TOLD: usize = 3;
    let told: Vec<&str> = missing.iter().take(TOLD).map(String::as_str).collect();
    match missing.len().saturating_sub(TOLD) {
        0 => told.join(", "),
        more => format!("{} and {more} more", told.join(", ")),
    }
}
