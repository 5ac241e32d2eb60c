//! Series and tokens to SVG or PNG: the only user of plotters.
