//! Builds, trains and evaluates a model: the only user of candle.
