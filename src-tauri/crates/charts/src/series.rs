//! Curves as a chart takes them, and the axes they can be laid along.

use keelmark_types::{Series, Timestamp};
use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::Error;
use crate::scale::ScaleKind;
use crate::ticks::Unit;

/// What x counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum XAxis {
    /// Optimiser steps.
    #[default]
    Step,
    /// Epochs; points within an epoch are spread evenly over it.
    Epoch,
    /// The clock, UTC.
    WallTime,
    /// Time since training began.
    RelativeTime,
}

impl XAxis {
    /// Its name for people.
    pub fn label(self) -> &'static str {
        match self {
            Self::Step => "step",
            Self::Epoch => "epoch",
            Self::WallTime => "wall time (UTC)",
            Self::RelativeTime => "time since start",
        }
    }

    pub(crate) fn unit(self) -> Unit {
        match self {
            Self::Step | Self::Epoch => Unit::Whole,
            Self::WallTime => Unit::Instant,
            Self::RelativeTime => Unit::Duration,
        }
    }

    pub(crate) fn kind(self) -> ScaleKind {
        match self {
            Self::Step | Self::Epoch => ScaleKind::Linear,
            Self::WallTime | Self::RelativeTime => ScaleKind::Time,
        }
    }
}

/// One line of a chart.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct ChartSeries {
    /// A stable id: `data-series` in the picture.
    pub id: String,
    /// Its name for people.
    pub label: String,
    /// Its colour, marker and dash: the same number everywhere a run is shown. 0–7 have a colour each, 8 begins again dashed.
    pub color_index: usize,
    /// Places along x.
    pub x: Vec<f64>,
    /// Values; NaN where missing.
    pub y: Vec<f64>,
    /// Lower and upper ends of an interval around each value.
    pub band: Option<(Vec<f64>, Vec<f64>)>,
}

impl ChartSeries {
    /// A line from places and values.
    pub fn new(
        id: impl Into<String>,
        label: impl Into<String>,
        color_index: usize,
        x: Vec<f64>,
        y: Vec<f64>,
    ) -> Self {
        Self { id: id.into(), label: label.into(), color_index, x, y, band: None }
    }

    /// The same with an interval around each value.
    #[must_use]
    pub fn with_band(mut self, low: Vec<f64>, high: Vec<f64>) -> Self {
        self.band = Some((low, high));
        self
    }

    /// A run's curve laid along `axis`; `started_at` is when the run began, needed for wall time only.
    pub fn from_curve(
        id: impl Into<String>,
        label: impl Into<String>,
        color_index: usize,
        curve: &Series,
        axis: XAxis,
        started_at: Option<Timestamp>,
    ) -> Result<Self, Error> {
        let x = places(curve, axis, started_at)?;
        let y = curve.values.iter().map(|value| value.unwrap_or(f64::NAN)).collect();
        Ok(Self::new(id, label, color_index, x, y))
    }

    /// Fails where the lists do not go together.
    pub(crate) fn check(&self) -> Result<(), Error> {
        let lengths = [self.x.len(), self.y.len()];
        let band = self.band.as_ref().map_or(lengths, |(low, high)| [low.len(), high.len()]);
        if lengths[0] != lengths[1] || band.iter().any(|length| *length != lengths[0]) {
            let what = format!(
                "series `{}` has {} places for {} values (interval: {} and {}); all must be equally many",
                self.label, lengths[0], lengths[1], band[0], band[1]
            );
            return Err(Error::Invalid { what });
        }
        if u32::try_from(lengths[0]).is_err() {
            return Err(Error::Invalid {
                what: format!("series `{}` has more than 2³² points", self.label)
            });
        }
        Ok(())
    }
}

fn places(curve: &Series, axis: XAxis, started_at: Option<Timestamp>) -> Result<Vec<f64>, Error> {
    let unavailable = |why: &str| Error::Unavailable {
        axis: axis.label().to_owned(),
        why: format!("{why} (metric `{}`)", curve.metric),
    };
    let positions = &curve.positions;
    match axis {
        XAxis::Step => Ok(positions.iter().map(|position| position[0] as f64).collect()),
        XAxis::Epoch => {
            if positions.iter().any(|position| position[1] == 0) {
                return Err(unavailable("this curve has points that belong to no epoch"));
            }
            let mut places = Vec::with_capacity(positions.len());
            for epoch in positions.chunk_by(|before, after| before[1] == after[1]) {
                let share = 1.0 / epoch.len() as f64;
                places.extend((1..=epoch.len()).map(|nth| epoch[0][1] as f64 - 1.0 + nth as f64 * share));
            }
            Ok(places)
        }
        XAxis::WallTime | XAxis::RelativeTime => {
            if positions.len() > 1 && positions.iter().all(|position| position[2] == 0) {
                return Err(unavailable("this curve records no times"));
            }
            let start = match (axis, started_at) {
                (XAxis::RelativeTime, _) => 0.0,
                (_, Some(at)) => at.as_millisecond() as f64 / 1000.0,
                (_, None) => return Err(unavailable("the run does not say when it began")),
            };
            Ok(positions.iter().map(|position| start + position[2] as f64 / 1000.0).collect())
        }
    }
}

/// A pinned value to compare with, such as what is in production.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
pub struct Baseline {
    /// What it is, e.g. `production`.
    pub label: String,
    /// The value.
    pub value: f64,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn curve(positions: &[[u64; 3]]) -> Series {
        let values = positions.iter().map(|_| Some(1.0)).collect();
        Series { metric: "train/loss".into(), positions: positions.to_vec(), values }
    }

    #[test]
    fn points_of_an_epoch_spread_over_it() {
        let series = curve(&[[1, 1, 5], [2, 1, 9], [3, 2, 12]]);
        let laid = ChartSeries::from_curve("r", "r", 0, &series, XAxis::Epoch, None).unwrap();
        assert_eq!(laid.x, [0.5, 1.0, 2.0], "the last point of epoch 1 stands at 1");
    }

    #[test]
    fn an_axis_that_is_not_there_says_why() {
        let series = curve(&[[1, 0, 0], [2, 0, 0]]);
        let lay = |axis| ChartSeries::from_curve("r", "r", 0, &series, axis, None).unwrap_err().to_string();
        assert!(lay(XAxis::Epoch).contains("no epoch"), "{}", lay(XAxis::Epoch));
        assert!(lay(XAxis::RelativeTime).contains("no times"), "{}", lay(XAxis::RelativeTime));
        let timed = curve(&[[1, 1, 10]]);
        let error = ChartSeries::from_curve("r", "r", 0, &timed, XAxis::WallTime, None).unwrap_err();
        assert!(error.to_string().contains("when it began"), "{error}");
    }

    #[test]
    fn wall_time_adds_the_start() {
        let start: Timestamp = "2026-03-02T09:00:00Z".parse().unwrap();
        let laid =
            ChartSeries::from_curve("r", "r", 0, &curve(&[[1, 1, 1500]]), XAxis::WallTime, Some(start))
                .unwrap();
        assert_eq!(laid.x, [1_772_442_001.5]);
    }

    #[test]
    fn lists_of_different_length_are_refused() {
        let series = ChartSeries::new("a", "a", 0, vec![1.0, 2.0], vec![1.0]);
        assert!(matches!(series.check(), Err(Error::Invalid { .. })));
    }
}
