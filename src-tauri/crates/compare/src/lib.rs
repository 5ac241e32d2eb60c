//! Explains how two candidates differ; pure over loaded values.
