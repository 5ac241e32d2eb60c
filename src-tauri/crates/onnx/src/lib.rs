//! Reads and runs ONNX graphs: the only user of tract.
//!
//! Place in the river: beside keelmark-compute, between a version's artifact and its predictions. [`Model::read`] takes
//! the bytes of a file and says what they are; [`Model::run`] takes rows and gives what the graph answers to them.
//! tract lacks most of `ai.onnx.ml`, in which scikit-learn, `XGBoost` and `LightGBM` are exported: those operators are
//! here, checked one by one against onnxruntime.
//! Never here: files, Git, truth and metrics, softmax that nobody asked for, operators whose answers are random.

mod answers;
mod bind;
mod classes;
mod describe;
mod error;
mod external;
mod features;
#[cfg_attr(not(test), expect(clippy::wildcard_imports, reason = "tract's macros need its whole vocabulary"))]
mod guard;
mod limits;
mod model;
#[cfg_attr(not(test), expect(clippy::wildcard_imports, reason = "tract's macros need its whole vocabulary"))]
mod operators;
mod plan;
mod run;
#[cfg_attr(not(test), expect(clippy::wildcard_imports, reason = "tract's macros need its whole vocabulary"))]
mod support;
mod wire;

pub use answers::{Answers, Reading, Scores};
pub use describe::{Description, Dimension, Element, Opset, Port};
pub use error::Error;
pub use external::Beside;
pub use features::{Column, ColumnValues, Features};
pub use limits::Limits;
pub use model::Model;
pub use run::RunOptions;
