//! Takes a job from request to recorded run, and recovers after a crash.
//!
//! Place in the river: between a version and the run recorded on top of it. A face writes a [`JobRequest`], starts a
//! detached worker ([`launch()`]) and follows its events; the worker does the work ([`work`]) and records the run itself;
//! [`recover()`] ends what a dead worker left. Never here: a decision about the result, a look at what is deployed.

mod elsewhere;
mod error;
mod events;
mod execute;
mod findings;
mod folder;
mod launch;
mod model_files;
mod onnx;
mod predicted;
mod record;
mod recover;
mod request;
mod stores;
mod version_data;
mod worker;

pub use error::Error;
pub use events::{EventReader, EventWriter, Followed, follow};
pub use execute::{check_request, read_lock, read_manifest, slices};
pub use folder::{JobFolder, JobLock};
pub use launch::{ask_to_stop, launch, stop_now};
pub use model_files::{predict_again, read_model_files};
pub use predicted::PREDICTIONS_FILE;
pub use record::{log_text, parse_record};
pub use recover::recover;
pub use request::{JobRequest, REQUEST_SCHEMA, Work};
pub use stores::stores;
pub use version_data::VersionData;
pub use worker::work;
