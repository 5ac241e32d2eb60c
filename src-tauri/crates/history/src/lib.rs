//! Versions of a model in order, with their metrics, badges and environments.
