//! What is known of a place that serves a model, in Argo CD's words.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// Whether what is served is what the branch declares.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize, TS)]
pub enum SyncStatus {
    /// It is.
    Synced,
    /// It is not, or not yet.
    OutOfSync,
    /// Nobody has reported.
    #[default]
    Unknown,
}

/// How a place that serves is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize, TS)]
pub enum HealthStatus {
    /// It answers as it should.
    Healthy,
    /// A change is under way.
    Progressing,
    /// Stopped on purpose.
    Suspended,
    /// It cannot do what the branch declares; the reason is reported beside.
    Degraded,
    /// Nothing is there.
    Missing,
    /// Nobody has reported.
    #[default]
    Unknown,
}
