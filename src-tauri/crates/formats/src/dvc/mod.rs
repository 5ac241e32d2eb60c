//! DVC: pipelines, their lock, pointers to data, parameters and metrics.

mod lock;
mod path;
mod pipeline;
mod plots;
mod stage;
mod template;

pub use lock::{Lock, LockedStage, Pointer, Tracked, read_lock, read_pointer};
pub use pipeline::{Artifact, FILE_NAME, Pipeline, Resolved};
pub use plots::Plot;
pub use stage::{Output, ParamsFile, Stage};
