//! Training as its callers see it.

mod determinism;
mod hostile;
mod resume;
mod support;
mod training;
