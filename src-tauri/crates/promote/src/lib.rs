//! Judges a comparison and writes the deployment commit with its evidence.
