//! Data that DVC keeps: found by the digests in its pointers, in its caches and remotes.

mod cache;
mod config;
mod folder;
mod freshness;
mod listing;
mod md5;
mod now;
mod pull;
mod pull_error;
mod remote;
mod store;
mod tracking;

pub(crate) use cache::{Dvc, Kept};
pub(crate) use folder::{Hashed, hash_path};
pub use freshness::{Change, Freshness, StageFreshness, StaleReason};
pub(crate) use listing::Listing;
pub(crate) use md5::{DigestKind, md5};
pub use pull::{PullOptions, Pulled};
pub use pull_error::PullError;
pub use remote::RemoteAccess;
pub(crate) use tracking::{Out, Tracking, folder_of, unreadable};
