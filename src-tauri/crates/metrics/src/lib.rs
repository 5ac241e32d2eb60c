//! Every metric, interval and statistical test, as pure functions over slices.
