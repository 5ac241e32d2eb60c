//! What can go wrong with a job, named for what the caller can do.

use std::path::{Path, PathBuf};

use keelmark_types::Mistake;

/// A job could not be started, followed or recorded.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// There is no such job, run, model or file.
    #[error("{what} was not found")]
    NotFound {
        /// What was looked for.
        what: String,
    },
    /// What was asked cannot be done as asked.
    #[error("{message}")]
    Invalid {
        /// What is wrong.
        message: String,
    },
    /// A file somebody wrote cannot be accepted.
    #[error("{}", mistakes.first().map_or_else(String::new, ToString::to_string))]
    Mistakes {
        /// What is wrong, in the file's order.
        mistakes: Vec<Mistake>,
    },
    /// A record of ours cannot be read back.
    #[error("{what} is damaged")]
    Corrupt {
        /// Which one, and how.
        what: String,
    },
    /// The state folder cannot be written or read.
    #[error("could not {action} {}: {source}", path.display())]
    Storage {
        /// What was tried.
        action: &'static str,
        /// On what.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// The worker could not be started, or ended without a word.
    #[error("the worker {message}")]
    Worker {
        /// What happened.
        message: String,
    },
    /// Git said no.
    #[error(transparent)]
    Git(#[from] keelmark_git::Error),
    /// The data said no.
    #[error(transparent)]
    Data(#[from] keelmark_data::Error),
    /// The model cannot be built, trained or run.
    #[error(transparent)]
    Compute(#[from] keelmark_compute::Error),
    /// A model made elsewhere cannot be read or run.
    #[error(transparent)]
    Onnx(#[from] keelmark_onnx::Error),
    /// What was asked is not done with such a model.
    #[error("{message}")]
    Unsupported {
        /// What, and why.
        message: String,
        /// What to do instead.
        hint: String,
    },
    /// The predictions cannot be measured.
    #[error(transparent)]
    Metrics(#[from] keelmark_metrics::Error),
}

impl Error {
    pub(crate) fn storage(action: &'static str, path: &Path, source: std::io::Error) -> Self {
        Self::Storage { action, path: path.to_owned(), source }
    }
}
