//! Draws one series: its band or whiskers, the raw line behind, the line, its markers.

use crate::clip::{Bounds, clip_line};
use crate::decimate::Run;
use crate::marker;
use crate::picture::{Picture, Stroke};
use crate::prepare::{Thinned, Trace};
use crate::scale::Scale;
use crate::sidecar::{SidecarSeries, known};
use crate::tokens::Paint;

/// Draws the parts of one series.
pub(crate) struct Drawer<'a> {
    pub(crate) trace: &'a Trace<'a>,
    pub(crate) thinned: &'a Thinned,
    pub(crate) x: &'a Scale,
    pub(crate) y: &'a Scale,
    pub(crate) bounds: &'a Bounds,
    /// Whether lines may leave the plot.
    pub(crate) zoomed: bool,
}

impl Drawer<'_> {
    /// Draws everything of the series; answers what the sidecar says of it.
    pub(crate) fn draw(&self, picture: &mut Picture) -> SidecarSeries {
        let (trace, thinned) = (self.trace, self.thinned);
        let width = self.bounds.right - self.bounds.left;
        let kept = thinned.shown.iter().map(Vec::len).sum::<usize>() as f64;
        picture.open_series(trace.id, trace.label);
        let color = marker::paint(trace.color_index);
        if let Some((low, high)) = &trace.band {
            if trace.whiskers && kept * 9.0 <= width {
                self.whiskers(picture, (low, high), color);
            } else {
                self.band(picture, (low, high), color);
            }
        }
        let raw = Stroke { alpha: 0.28, ..Stroke::solid(color, 1.0) };
        for run in &thinned.raw {
            self.line(picture, "k-raw", &trace.raw, run, raw);
        }
        // Where a line goes up and down within each pixel a thin one shows more.
        let line_width = if kept > width && trace.smooth.is_none() { 1.1 } else { 1.8 };
        let stroke = Stroke { dash: marker::dash(trace.color_index), ..Stroke::solid(color, line_width) };
        for run in thinned.shown.iter().filter(|run| run.len() > 1) {
            self.line(picture, "k-line", trace.shown(), run, stroke);
        }
        self.markers(picture, trace.shown());
        picture.close();
        self.sidecar(trace.shown())
    }

    fn place(&self, values: &[f64], index: u32) -> (f64, f64) {
        let index = index as usize;
        (self.x.pixel(self.trace.x[index]), self.y.pixel(values[index]))
    }

    fn line(&self, picture: &mut Picture, class: &'static str, values: &[f64], run: &Run, stroke: Stroke) {
        let points = run.iter().map(|&index| self.place(values, index));
        if !self.zoomed {
            picture.line(class, points, stroke);
            return;
        }
        let points: Vec<_> = points.collect();
        for piece in clip_line(&points, self.bounds) {
            if piece.len() > 1 {
                picture.line(class, piece, stroke);
            }
        }
    }

    fn band(&self, picture: &mut Picture, (low, high): (&[f64], &[f64]), paint: Paint) {
        let wide = |run: &Run| {
            let ends = run.first().zip(run.last());
            ends.is_some_and(|(first, last)| {
                first != last && self.trace.x[*first as usize] < self.trace.x[*last as usize]
            })
        };
        // Both lists break at the same gaps; only runs within one column may be joined differently, and they show nothing.
        let (lower, upper) = (&self.thinned.low, &self.thinned.high);
        for (lower, upper) in lower.iter().filter(|run| wide(run)).zip(upper.iter().filter(|run| wide(run))) {
            let there = upper.iter().map(|&index| self.inside(self.place(high, index)));
            let back = lower.iter().rev().map(|&index| self.inside(self.place(low, index)));
            picture.area("k-band", there.chain(back), paint, 0.16);
        }
    }

    fn inside(&self, (x, y): (f64, f64)) -> (f64, f64) {
        (x.clamp(self.bounds.left, self.bounds.right), y.clamp(self.bounds.top, self.bounds.bottom))
    }

    fn whiskers(&self, picture: &mut Picture, (low, high): (&[f64], &[f64]), paint: Paint) {
        let stroke = Stroke { alpha: 0.65, ..Stroke::solid(paint, 1.2) };
        for &index in self.thinned.shown.iter().flatten() {
            let (from, to) = (low[index as usize], high[index as usize]);
            if !self.y.holds(from) || !self.y.holds(to) {
                continue;
            }
            let (x, bottom) = self.inside(self.place(low, index));
            let (_, top) = self.inside(self.place(high, index));
            picture.line("k-whisker", [(x, bottom), (x, top)], stroke);
            for end in [bottom, top] {
                picture.line("k-whisker", [(x - 3.0, end), (x + 3.0, end)], stroke);
            }
        }
    }

    /// Every point where they stand apart, else one now and then; a point without neighbours always.
    fn markers(&self, picture: &mut Picture, values: &[f64]) {
        let runs = &self.thinned.shown;
        let kept: usize = runs.iter().map(Vec::len).sum();
        let apart = (self.bounds.right - self.bounds.left) / kept.max(1) as f64;
        let spacing = if apart >= 22.0 { 0.0 } else { 96.0 };
        let offset = if spacing > 0.0 { (self.trace.color_index * 29 % 96) as f64 } else { 0.0 };
        let mut next = self.bounds.left + offset;
        for run in runs {
            for &index in run {
                let place = self.place(values, index);
                let alone = run.len() == 1;
                if self.bounds.contains(place) && (alone || place.0 >= next) {
                    // Many lone points are a cloud, not landmarks.
                    let radius = if alone && apart < 6.0 { 1.6 } else { 3.2 };
                    if radius < 2.0 {
                        picture.dot("k-dot", place, radius, marker::paint(self.trace.color_index));
                    } else {
                        marker::draw(picture, place, self.trace.color_index, radius);
                    }
                    next = place.0 + spacing;
                }
            }
        }
    }

    fn sidecar(&self, values: &[f64]) -> SidecarSeries {
        let (trace, runs) = (self.trace, &self.thinned.shown);
        let mut series = SidecarSeries {
            id: trace.id.to_owned(),
            label: trace.label.to_owned(),
            color_index: trace.color_index,
            points_total: trace.raw.len() as u64 + trace.unplaced,
            points_drawn: runs.iter().map(|run| run.len() as u64).sum(),
            missing: self.thinned.missing,
            ..SidecarSeries::default()
        };
        for (nth, run) in runs.iter().enumerate() {
            if nth > 0
                && let (Some(&before), Some(&after)) = (runs[nth - 1].last(), run.first())
            {
                // A null between runs, so that nobody draws a line over the gap.
                series.x.push(f64::midpoint(trace.x[before as usize], trace.x[after as usize]));
                series.y.push(None);
                if trace.band.is_some() {
                    series.lo.push(None);
                    series.hi.push(None);
                }
            }
            for &index in run {
                let index = index as usize;
                series.x.push(trace.x[index]);
                series.y.push(known(values[index]));
                if let Some((low, high)) = &trace.band {
                    series.lo.push(known(low[index]));
                    series.hi.push(known(high[index]));
                }
            }
        }
        series
    }
}
