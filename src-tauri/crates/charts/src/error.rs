//! What can stand in the way of a chart.

/// Why there is no chart.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum Error {
    /// The values cannot be shown along this axis; another axis may do.
    #[error("the {axis} axis is not available: {why}")]
    Unavailable {
        /// The axis in words, e.g. `epoch` or `log y`.
        axis: String,
        /// The reason, a sentence for people.
        why: String,
    },
    /// The chart was described wrongly.
    #[error("the chart cannot be drawn: {what}")]
    Invalid {
        /// What is wrong and what was expected.
        what: String,
    },
    /// The picture would have too many pixels.
    #[error("{width} × {height} px at scale {scale} is more than the {limit} pixels a picture may have")]
    TooLarge {
        /// Width in CSS pixels.
        width: u32,
        /// Height in CSS pixels.
        height: u32,
        /// Device pixels per CSS pixel.
        scale: f64,
        /// The most pixels allowed.
        limit: u64,
    },
    /// The picture could not be written out; a defect here, never a property of the data.
    #[error("the picture could not be written: {what}")]
    Failed {
        /// What the writer said.
        what: String,
    },
}
