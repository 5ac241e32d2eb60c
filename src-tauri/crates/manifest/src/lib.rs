//! Declarative files: model.yaml, model.lock, gates and environments, their schema and their errors.
//!
//! Place in the river: between a commit's files and every plan made from them. One reader turns YAML into a tree that
//! knows its lines and columns, one decoder turns the tree into a [`Manifest`] and collects every [`Mistake`] it meets.
//! Never here: files read or written, data looked at, numbers judged.
//!
//! [`Mistake`]: keelmark_types::Mistake

mod canonical;
mod data;
mod decode;
mod environment;
mod evaluate;
mod fields;
mod gate;
mod lock;
mod manifest;
mod model;
mod node;
mod overrides;
mod schema;
mod shape;
mod suggest;
mod train;
mod yaml;

pub use data::{DataSpec, FeatureSpec, Scale, Split, SplitName};
pub use environment::{EnvironmentSpec, Requirement};
pub use evaluate::{EvaluateSpec, PredictionsSpec, ScoreKind, SliceSpec};
pub use gate::{CLASS_METRICS, Gate};
pub use lock::{Lock, Pin};
pub use manifest::{AdoptSpec, Manifest, ShareSpec, parse};
pub use model::{Layer, ModelSpec, Preset};
pub use overrides::with_overrides;
pub use schema::json_schema;
pub use train::{EarlyStopping, Optimizer, Schedule, TrainSpec};

/// The file that declares a model.
pub const FILE_NAME: &str = "model.yaml";
/// The file beside it that pins its data.
pub const LOCK_NAME: &str = "model.lock";
/// The newest format of [`FILE_NAME`] this version reads.
pub const FORMAT_VERSION: u32 = 1;
/// No declarative file is larger.
pub const MAX_FILE_BYTES: usize = 1 << 20;
