//! Data that DVC keeps: found by the digests in its pointers, in its caches and remotes.

mod cache;
mod config;
mod folder;
mod listing;
mod md5;
mod tracking;

pub(crate) use cache::{Dvc, Kept};
pub(crate) use folder::{Hashed, hash_path};
pub(crate) use listing::Listing;
pub(crate) use md5::{DigestKind, md5};
pub(crate) use tracking::{Out, Tracking, folder_of, unreadable};
