//! Builds, trains and evaluates a model: the only user of candle.
//!
//! Place in the river: between a job's data and its run. [`train`] takes a manifest, training and validation examples
//! and gives weights; [`Model`] takes weights and examples and gives predictions. Weights do not depend on the number
//! of threads, only on version, seed, machine and kernel set.
//! Never here: files, Git, test data during training, candle's own random numbers, metrics beyond what training shows.

mod architecture;
mod checkpoint;
mod config;
mod declared;
mod device;
mod environment;
mod error;
mod examples;
mod model;
mod network;
mod ops;
mod optimizer;
mod preprocess;
mod streams;
mod train;
mod weights;

pub use architecture::{Architecture, LayerConfig};
pub use declared::check_manifest;
pub use environment::{CANDLE_VERSION, environment, environment_on};
pub use error::Error;
pub use model::Model;
pub use streams::{Stream, Streams};
pub use train::{TrainEvent, TrainOutcome, TrainRequest, Trained, check, train};
pub use weights::{LayerTensor, layer_weights};
