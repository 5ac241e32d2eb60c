//! Models of other tools against onnxruntime, and what must be refused.

mod exported;
mod operators;
mod refused;
mod support;
