//! What can go wrong, by what the caller can do about it.

/// Why a model could not be read or run.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The bytes are no ONNX model, or a damaged one.
    #[error("this is not a readable ONNX model: {0}")]
    Corrupt(String),
    /// The graph needs something that this program does not have.
    #[error("{operator} of {domain} in opset {opset} cannot be run here: {reason}")]
    Unsupported {
        /// The operator, or `the operator set` where the whole set is too old or too new.
        operator: String,
        /// Its domain; that of the ordinary operators is `ai.onnx`.
        domain: String,
        /// The version of the domain's operators that the file asks for.
        opset: i64,
        /// What is missing, in a sentence without a final full stop.
        reason: String,
    },
    /// What was given does not fit an input, or an output is not what was asked for.
    #[error("{name}: expected {expected}, got {got}")]
    Mismatch {
        /// The input's or output's name.
        name: String,
        /// What the graph takes.
        expected: String,
        /// What was given.
        got: String,
    },
    /// Numbers of the model lie in another file that could not be had.
    #[error("the numbers of {tensor} lie in the file {file:?} beside the model: {reason}")]
    ExternalData {
        /// The tensor's name.
        tensor: String,
        /// Where they are, relative to the model's file.
        file: String,
        /// Why they could not be had.
        reason: String,
    },
    /// It would take more than the limits allow.
    #[error("{what} would be {size}, over the limit of {limit}")]
    TooLarge {
        /// What would be too large, with its unit.
        what: &'static str,
        /// How large.
        size: u64,
        /// How large it may be.
        limit: u64,
    },
    /// The graph is contradictory, or the numeric library refused it.
    #[error("the model cannot be run: {0}")]
    Failed(String),
}
