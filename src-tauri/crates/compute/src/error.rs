//! What can go wrong, by what the caller can do about it.

use std::fmt::Display;

/// Why a model could not be built, trained, loaded or asked.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The manifest, the data or the request does not fit; the sentence says what would.
    #[error("{0}")]
    Invalid(String),
    /// A layer cannot follow the one before it.
    #[error("layer {index} ({kind}): {reason}")]
    Layer {
        /// Which layer as it stands in the manifest, counted from 1.
        index: usize,
        /// Its kind, e.g. `conv2d`.
        kind: &'static str,
        /// What does not fit, with the shapes.
        reason: String,
    },
    /// The loss stopped being a number; nothing after this step is worth keeping.
    #[error(
        "the training loss is {loss} at step {step} (epoch {epoch}, learning rate {learning_rate}); \
         try a smaller learning rate"
    )]
    Diverged {
        /// The step whose loss is not finite, from 1.
        step: u64,
        /// Its epoch, from 1.
        epoch: u64,
        /// The loss: infinite or not a number.
        loss: f64,
        /// The learning rate in force.
        learning_rate: f64,
    },
    /// Saved bytes are not what they claim to be.
    #[error("{what} cannot be read: {reason}")]
    Corrupt {
        /// Which file or part.
        what: &'static str,
        /// What is wrong with it.
        reason: String,
    },
    /// A checkpoint belongs to another training.
    #[error("the checkpoint was made by another training: {0}")]
    Conflict(String),
    /// This build or machine cannot do it.
    #[error("{0}")]
    Unsupported(String),
    /// The numeric library refused; a defect of ours, or memory ran out.
    #[error("the numeric library failed: {0}")]
    Backend(#[from] candle_core::Error),
}

impl Error {
    /// An [`Error::Invalid`] from a sentence.
    pub(crate) fn invalid(sentence: impl Into<String>) -> Self {
        Self::Invalid(sentence.into())
    }

    /// An [`Error::Corrupt`].
    pub(crate) fn corrupt(what: &'static str, reason: impl Display) -> Self {
        Self::Corrupt { what, reason: format!("{reason}") }
    }
}
