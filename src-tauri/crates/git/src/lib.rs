//! Clones, reads a version, writes commits and refs durably, pushes: the only user of gix and git.
//!
//! Place in the river: the first step (clone, fetch) and the ground every later step stands on (versions, runs and
//! deployment commits are Git objects). Every change is *plan* (objects in memory, [`Plan`]) → *write* (durable,
//! invisible, [`Repository::write`]) → *publish* (one ref by compare-and-swap, [`Repository::publish`]).
//!
//! Never here: a hook, filter, fsmonitor or any other command named by a repository; the user's index or work tree
//! changed; history rewritten; a meaning given to the files that are read.

mod checked_out;
mod clone;
mod command;
mod control;
mod credentials;
mod diff;
mod error;
mod fetch;
mod history;
mod identity;
mod init;
mod loose;
mod message;
mod notes;
mod oid;
mod pack;
mod partial;
mod plan;
mod publish;
mod push;
mod push_report;
mod references;
mod remote;
mod repository;
mod revision;
mod runs;
mod signature;
mod snapshot;
mod status;
mod sweep;
mod transfer;
mod version;
mod work_files;

pub use clone::{CloneOptions, Cloned, clone};
pub use error::{Error, Result};
pub use fetch::{Fetched, Moved};
pub use history::{CommitInfo, HistoryOptions};
pub use identity::{Identity, global_identity};
pub use message::Trailer;
pub use notes::NoteReference;
pub use oid::Oid;
pub use plan::{Plan, TreeEdit};
pub use publish::RefUpdate;
pub use push::{PushOutcome, PushUpdate};
pub use references::{Annotation, Reference, Tag};
pub use remote::{Remote, RemoteUrl};
pub use repository::Repository;
pub use runs::{PrivateFiles, RunFiles, RunReference, StoredRun};
pub use signature::Signature;
pub use snapshot::Snapshot;
pub use sweep::{Swept, sweep_clones};
pub use version::{Entry, EntryKind, Reader, Version};
pub use work_files::{FileStamp, FolderStamp, WorkFiles};
