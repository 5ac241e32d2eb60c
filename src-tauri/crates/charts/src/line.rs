//! Curves along steps, epochs or time.

use crate::plot::{Axis, Plot};
use crate::prepare::Trace;
use crate::scale::ScaleKind;
use crate::series::{Baseline, ChartSeries, XAxis};
use crate::sidecar::{Table, cell};
use crate::ticks::Unit;
use crate::time_ticks;
use crate::{Chart, Error, Picture, Size};

/// Linear or logarithmic.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum AxisScale {
    /// Equal steps.
    #[default]
    Linear,
    /// Equal ratios.
    Log,
}

/// Curves of one or more runs.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct LineChart {
    /// What it shows.
    pub title: String,
    /// What x counts.
    pub x_axis: XAxis,
    /// How x is laid out.
    pub x_scale: AxisScale,
    /// The name of y, e.g. the metric's label.
    pub y_label: String,
    /// How y is laid out.
    pub y_scale: AxisScale,
    /// The curves, in the order of the legend.
    pub series: Vec<ChartSeries>,
    /// Weight of the past in the moving average, 0 (none) to below 1; the raw line stays, faint, behind.
    pub smoothing: f64,
    /// A pinned value to compare with.
    pub baseline: Option<Baseline>,
    /// Shown values of x, after a brush.
    pub x_range: Option<[f64; 2]>,
    /// Shown values of y.
    pub y_range: Option<[f64; 2]>,
    /// Size in CSS pixels.
    pub size: Size,
}

impl Chart for LineChart {
    fn picture(&self) -> Result<Picture, Error> {
        for series in &self.series {
            series.check()?;
        }
        let smoothing = if self.smoothing.is_finite() { self.smoothing } else { 0.0 };
        let x_kind = match self.x_scale {
            AxisScale::Log if self.x_axis == XAxis::WallTime => {
                let why = "a date has no logarithm; use the time since the start".to_owned();
                return Err(Error::Unavailable { axis: "log wall time".to_owned(), why });
            }
            AxisScale::Log => ScaleKind::Log,
            AxisScale::Linear => self.x_axis.kind(),
        };
        let y_kind = if self.y_scale == AxisScale::Log { ScaleKind::Log } else { ScaleKind::Linear };
        let smoothed = if smoothing > 0.0 { format!(", smoothed {smoothing}") } else { String::new() };
        let plot = Plot {
            title: &self.title,
            size: self.size,
            x: Axis {
                label: self.x_axis.label().to_owned(),
                kind: x_kind,
                unit: self.x_axis.unit(),
                range: self.x_range,
                places: &[],
            },
            y: Axis {
                label: self.y_label.clone(),
                kind: y_kind,
                unit: Unit::Number,
                range: self.y_range,
                places: &[],
            },
            traces: self.series.iter().map(|series| Trace::new(series, smoothing, false)).collect(),
            baseline: self.baseline.as_ref(),
            flags: Vec::new(),
            summary: match self.y_label.as_str() {
                "" => format!("{} curves by {}{smoothed}.", self.series.len(), self.x_axis.label()),
                shown => format!("{shown} by {}{smoothed}.", self.x_axis.label()),
            },
            nothing: "No points yet",
        };
        plot.picture()
    }

    /// Every point as given, before smoothing; rows in order of x, one for each place any series has.
    fn table(&self) -> Table {
        let mut table = Table { header: vec![self.x_axis.label().to_owned()], rows: Vec::new() };
        let traces: Vec<_> = self
            .series
            .iter()
            .filter(|series| series.check().is_ok())
            .map(|series| Trace::new(series, 0.0, false))
            .collect();
        for trace in &traces {
            table.header.push(trace.label.to_owned());
            if trace.band.is_some() {
                table.header.extend([format!("{} low", trace.label), format!("{} high", trace.label)]);
            }
        }
        let mut next = vec![0_usize; traces.len()];
        loop {
            let heads = traces.iter().zip(&next).filter_map(|(trace, &at)| trace.x.get(at).copied());
            let Some(place) = heads.reduce(f64::min) else { break };
            let text =
                if self.x_axis == XAxis::WallTime { time_ticks::instant_text(place) } else { cell(place) };
            let mut row = vec![text];
            for (trace, at) in traces.iter().zip(&mut next) {
                let here = trace.x.get(*at).is_some_and(|x| x.total_cmp(&place).is_le());
                let value = |values: &[f64]| if here { cell(values[*at]) } else { String::new() };
                row.push(value(&trace.raw));
                if let Some((low, high)) = &trace.band {
                    row.extend([value(low), value(high)]);
                }
                *at += usize::from(here);
            }
            table.rows.push(row);
        }
        table
    }
}
