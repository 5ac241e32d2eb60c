//! What can go wrong, named for what the caller can do about it.

/// Why there is no answer. Addresses are told without user, password and query.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The address cannot be asked.
    #[error("`{address}` cannot be asked: {why}")]
    Invalid {
        /// The address.
        address: String,
        /// Why not.
        why: String,
    },
    /// The server could not be reached, or broke off.
    #[error("{host} could not be reached: {why}")]
    Unreachable {
        /// The host with its port.
        host: String,
        /// What happened.
        why: String,
    },
    /// The server did not answer, or stalled.
    #[error("{host} did not answer for {} seconds", crate::client::STALL_SECS)]
    TimedOut {
        /// The host with its port.
        host: String,
    },
    /// The answer is larger than it may be.
    #[error("the answer of {host} is larger than {limit_bytes} bytes")]
    TooLarge {
        /// The host with its port.
        host: String,
        /// What it may be.
        limit_bytes: u64,
    },
    /// What came could not be taken in.
    #[error("what {host} sent could not be kept: {source}")]
    Storage {
        /// The host with its port.
        host: String,
        /// What the receiver said.
        source: std::io::Error,
    },
}
