//! What makes predictions unfit to be measured.

/// Predictions that cannot be measured. Rows count from 1.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// There is no example.
    #[error("there are no predictions: at least one row is needed")]
    Empty,
    /// A value cannot be accepted.
    #[error("row {row}, column {column}: {message}")]
    Invalid {
        /// The example, from 1.
        row: usize,
        /// `truth`, `predicted`, `weight`, `id` or `p` with the index of the class.
        column: String,
        /// What is wrong and what was expected.
        message: String,
    },
    /// Two columns do not fit each other.
    #[error("{message}")]
    Mismatch {
        /// Which, and how.
        message: String,
    },
    /// All weights are 0.
    #[error("the weights sum to 0: at least one example must count")]
    NoWeight,
    /// More than can be measured in memory.
    #[error("{message}")]
    TooLarge {
        /// What, and how much is allowed.
        message: String,
    },
}
