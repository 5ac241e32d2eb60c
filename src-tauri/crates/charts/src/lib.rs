//! Series and tokens to SVG or PNG: the only user of plotters.
//!
//! In the river this crate stands beside the question, not in it: whoever has curves, metrics of versions, confusion counts or metric
//! changes hands them over and gets a picture, the numbers behind it ([`Sidecar`]) and its table twin ([`Table`]). Every chart is laid
//! out once as a [`Picture`]; plotters' drawing area then plays it onto one of two backends of our own, SVG text or anti-aliased pixels.
//!
//! It never reads a file, a clock or the network, never averages a missing value away, and never puts text of a repository anywhere but
//! into text.

mod canvas;
mod chart;
mod clip;
mod confusion;
mod decimate;
mod error;
mod font;
mod forest;
mod header;
mod history;
mod line;
mod marker;
mod number;
mod picture;
mod plot;
mod prepare;
mod raster;
mod raster_fill;
mod scale;
mod series;
mod sidecar;
mod smooth;
mod survey;
mod svg;
mod ticks;
mod time_ticks;
mod tokens;
mod trace;

pub use chart::{Chart, Size};
pub use confusion::{ConfusionCells, ConfusionChart};
pub use error::Error;
pub use forest::{DeltaForest, ForestOutcome, ForestRow, ForestScale};
pub use history::{HistoryChart, HistoryCommit, HistorySeries, HistoryValue};
pub use line::{AxisScale, LineChart};
pub use picture::Picture;
pub use scale::{Scale, ScaleKind};
pub use series::{Baseline, ChartSeries, XAxis};
pub use sidecar::{PlotRect, Sidecar, SidecarSeries, Table};
pub use smooth::debiased_ema;
pub use tokens::{Paint, Rgb, TOKENS_JSON, Theme, Tokens, TypeSize, css_variables, tokens};
