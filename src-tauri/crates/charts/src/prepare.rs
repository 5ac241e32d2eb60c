//! Series made ready: in order along x, smoothed on all points, with what is missing counted.

use std::borrow::Cow;

use crate::decimate::{Decimated, Line, Run, decimate};
use crate::scale::{Scale, ScaleKind};
use crate::series::ChartSeries;
use crate::smooth::debiased_ema;
use crate::survey::{is_rising, survey};

/// Values as given where they were in order, else rearranged.
type Values<'a> = Cow<'a, [f64]>;

/// A series ready to be drawn.
pub(crate) struct Trace<'a> {
    pub(crate) id: &'a str,
    pub(crate) label: &'a str,
    pub(crate) color_index: usize,
    /// Never falling, all finite.
    pub(crate) x: Cow<'a, [f64]>,
    /// As given; NaN where missing.
    pub(crate) raw: Cow<'a, [f64]>,
    /// The smoothed line, where smoothing is on.
    pub(crate) smooth: Option<Vec<f64>>,
    /// Lower and upper ends.
    pub(crate) band: Option<(Values<'a>, Values<'a>)>,
    /// Intervals as whiskers at each point, where there is room for them.
    pub(crate) whiskers: bool,
    /// Points that have no place along x at all.
    pub(crate) unplaced: u64,
}

impl<'a> Trace<'a> {
    pub(crate) fn new(series: &'a ChartSeries, smoothing: f64, whiskers: bool) -> Self {
        let in_order = is_rising(&series.x);
        let mut order: Vec<usize> = Vec::new();
        if !in_order {
            order.extend((0..series.x.len()).filter(|&index| series.x[index].is_finite()));
            order.sort_by(|&a, &b| series.x[a].total_cmp(&series.x[b]));
        }
        let arrange = |values: &'a [f64]| -> Cow<'a, [f64]> {
            if in_order { values.into() } else { order.iter().map(|&index| values[index]).collect() }
        };
        let raw = arrange(&series.y);
        Self {
            id: &series.id,
            label: &series.label,
            color_index: series.color_index,
            x: arrange(&series.x),
            smooth: (smoothing > 0.0).then(|| debiased_ema(&raw, smoothing)),
            raw,
            band: series.band.as_ref().map(|(low, high)| (arrange(low), arrange(high))),
            whiskers,
            unplaced: if in_order { 0 } else { (series.x.len() - order.len()) as u64 },
        }
    }

    /// The line that is read: smoothed where smoothing is on.
    pub(crate) fn shown(&self) -> &[f64] {
        self.smooth.as_deref().unwrap_or(&self.raw)
    }

    /// The lowest and highest place that has room on a scale of this kind.
    pub(crate) fn places(&self, kind: ScaleKind) -> Option<[f64; 2]> {
        let first = self.x.partition_point(|place| *place <= kind.floor());
        Some([*self.x.get(first)?, *self.x.last()?])
    }

    /// Thins every line of the series to the columns of `x`.
    pub(crate) fn thin(&self, x: &Scale, y: ScaleKind) -> Thinned {
        // One neighbour on each side of what is shown, so that lines reach the edge.
        let without_place = self.x.partition_point(|place| *place <= x.kind.floor());
        let first = self.x.partition_point(|place| *place < x.low).saturating_sub(1).max(without_place);
        let last = (self.x.partition_point(|place| *place <= x.high) + 1).min(self.x.len()).max(first);
        let (low, high) = (x.pixel(x.low) as i64 - 1, x.pixel(x.high) as i64 + 1);
        let runs = |values: &[f64], beside: Option<&[f64]>| {
            let line = Line {
                values: &values[first..last],
                beside: beside.map(|beside| &beside[first..last]),
                floor: y.floor(),
            };
            let Decimated { mut runs, present } =
                decimate(&line, |index| (x.pixel(self.x[first + index]) as i64).clamp(low, high));
            for index in runs.iter_mut().flatten() {
                *index += first as u32;
            }
            (runs, present)
        };
        let (shown, present) = runs(self.shown(), None);
        let outside = [&self.shown()[without_place.min(first)..first], &self.shown()[last..]];
        let drawable = present + outside.map(|values| survey(values, y.floor()).shown).iter().sum::<usize>();
        Thinned {
            shown,
            raw: if self.smooth.is_some() { runs(&self.raw, None).0 } else { Vec::new() },
            low: self.band.as_ref().map_or_else(Vec::new, |(low, high)| runs(low, Some(high)).0),
            high: self.band.as_ref().map_or_else(Vec::new, |(low, high)| runs(high, Some(low)).0),
            missing: (self.x.len() - drawable) as u64 + self.unplaced,
        }
    }

    /// The lowest and highest value drawn within a range of x.
    pub(crate) fn reach(&self, thinned: &Thinned, [first, last]: [f64; 2]) -> Option<[f64; 2]> {
        let of = |values: &[f64], runs: &[Run]| {
            let inside = |index: &&u32| (first..=last).contains(&self.x[**index as usize]);
            extent(runs.iter().flatten().filter(inside).map(|index| values[*index as usize]))
        };
        let mut ends = vec![of(self.shown(), &thinned.shown), of(&self.raw, &thinned.raw)];
        if let Some((low, high)) = &self.band {
            ends.extend([of(low, &thinned.low), of(high, &thinned.high)]);
        }
        extent(ends.into_iter().flatten().flatten())
    }
}

/// What is left of a series to draw, by index.
pub(crate) struct Thinned {
    pub(crate) shown: Vec<Run>,
    /// Empty without smoothing.
    pub(crate) raw: Vec<Run>,
    /// Empty without intervals.
    pub(crate) low: Vec<Run>,
    pub(crate) high: Vec<Run>,
    /// Points that cannot be drawn on these axes.
    pub(crate) missing: u64,
}

/// The lowest and highest of the values that pass.
pub(crate) fn extent(values: impl Iterator<Item = f64>) -> Option<[f64; 2]> {
    values.fold(None, |extent: Option<[f64; 2]>, value| {
        Some(extent.map_or([value, value], |[low, high]| [low.min(value), high.max(value)]))
    })
}
