//! Reads, pins, splits and fingerprints the data a version names.
