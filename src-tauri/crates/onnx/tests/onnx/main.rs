//! Models of other tools against onnxruntime, and what must be refused.

mod exported;
mod operators;
mod refused;
#[expect(clippy::unwrap_used, clippy::float_cmp, reason = "a fixture that is not as expected fails the test")]
mod support;
