//! The plot all charts over x share: axes, grid, lines, bands, whiskers, markers, a baseline and flags.

use crate::clip::Bounds;
use crate::font;
use crate::header::{self, Entry, MARGIN};
use crate::number;
use crate::picture::{Anchor, Dash, Look, Picture, Stroke};
use crate::prepare::{Thinned, Trace, extent};
use crate::scale::{Scale, ScaleKind, domain};
use crate::series::Baseline;
use crate::sidecar::PlotRect;
use crate::survey::fits;
use crate::ticks::{Tick, Unit, ticks};
use crate::tokens::{Paint, type_px};
use crate::trace::Drawer;
use crate::{Error, Size};

/// One axis.
pub(crate) struct Axis<'a> {
    pub(crate) label: String,
    pub(crate) kind: ScaleKind,
    pub(crate) unit: Unit,
    /// Shown values, where somebody chose them.
    pub(crate) range: Option<[f64; 2]>,
    /// Names of the places on a band scale.
    pub(crate) places: &'a [String],
}

/// A vertical line with a name: a promotion.
pub(crate) struct Flag {
    pub(crate) x: f64,
    pub(crate) label: String,
}

/// Everything a plot shows.
pub(crate) struct Plot<'a> {
    pub(crate) title: &'a str,
    pub(crate) size: Size,
    pub(crate) x: Axis<'a>,
    pub(crate) y: Axis<'a>,
    pub(crate) traces: Vec<Trace<'a>>,
    pub(crate) baseline: Option<&'a Baseline>,
    pub(crate) flags: Vec<Flag>,
    /// The first sentence of the description.
    pub(crate) summary: String,
    /// Said where there is nothing to draw.
    pub(crate) nothing: &'static str,
}

impl Plot<'_> {
    /// Lays everything out.
    pub(crate) fn picture(&self) -> Result<Picture, Error> {
        let size = self.size.sane();
        let (width, height) = (f64::from(size.width), f64::from(size.height));
        let mut picture = Picture::new(size.width, size.height, self.title);
        picture.rect("k-canvas", (0.0, 0.0), (width, height), Paint::Canvas, 1.0);
        let below_title = header::title(&mut picture);
        let below_legend = header::legend(&mut picture, below_title, &self.legend());
        let note_y = below_legend + 17.0;
        let top = note_y + 15.0 + if self.flags.is_empty() { 0.0 } else { 18.0 };
        let bottom = (height - 46.0).max(top + 40.0);

        let x_domain = self.x_domain()?;
        // Columns of the whole width: a little finer than the data area turns out to be.
        let columns = Scale::new(self.x.kind, x_domain, [0.0, width]);
        let thinned: Vec<_> = self.traces.iter().map(|trace| trace.thin(&columns, self.y.kind)).collect();
        let y_domain = self.y_domain(x_domain, &thinned)?;
        let y = Scale::new(self.y.kind, y_domain, [bottom, top]);
        let y_ticks = ticks(&y, self.y.unit, ((bottom - top) / 44.0) as usize);
        let small = type_px("small");
        let widest = y_ticks.iter().map(|tick| font::width(&tick.label, small)).fold(24.0, f64::max);
        let left = MARGIN + widest.min(width * 0.3) + 8.0;
        let right = width - 24.0;
        let x = Scale::new(self.x.kind, x_domain, [left, right]);
        let bounds = Bounds { left, top, right, bottom };

        picture.sidecar.plot_rect = PlotRect { x: left, y: top, width: right - left, height: bottom - top };
        picture.sidecar.x_domain = x_domain;
        picture.sidecar.y_domain = y_domain;
        picture.sidecar.x_scale = x.kind;
        picture.sidecar.y_scale = y.kind;
        picture.sidecar.x_labels = self.x.places.to_vec();
        picture.sidecar.baseline = self.baseline.filter(|baseline| baseline.value.is_finite()).cloned();
        self.grid(&mut picture, &y, &y_ticks, &bounds, note_y);
        self.x_axis(&mut picture, &x, &bounds);
        self.flag_lines(&mut picture, &x, &bounds);
        let zoomed = self.x.range.is_some() || self.y.range.is_some();
        for (trace, thinned) in self.traces.iter().zip(&thinned) {
            let drawer = Drawer { trace, thinned, x: &x, y: &y, bounds: &bounds, zoomed };
            let series = drawer.draw(&mut picture);
            picture.sidecar.series.push(series);
        }
        self.baseline_line(&mut picture, &y, &bounds);
        if picture.sidecar.series.iter().all(|series| series.points_drawn == 0) {
            header::empty(
                &mut picture,
                (f64::midpoint(left, right), f64::midpoint(top, bottom)),
                self.nothing,
            );
        }
        self.say_counts(&mut picture, (right, note_y));
        Ok(picture)
    }

    fn legend(&self) -> Vec<Entry> {
        let baseline = self.baseline.filter(|baseline| baseline.value.is_finite());
        let series = self
            .traces
            .iter()
            .map(|trace| Entry { label: trace.label.to_owned(), color_index: Some(trace.color_index) });
        let pinned = baseline.map(|baseline| {
            let label = format!("{} {}", baseline.label, number::label(baseline.value, 4));
            Entry { label, color_index: None }
        });
        pinned.into_iter().chain(series).collect()
    }

    fn x_domain(&self) -> Result<[f64; 2], Error> {
        if self.x.kind == ScaleKind::Band {
            return Ok([-0.5, self.x.places.len().max(1) as f64 - 0.5]);
        }
        let log = self.x.kind == ScaleKind::Log;
        if let Some(range) = chosen(self.x.range, log) {
            return Ok(range);
        }
        match extent(self.traces.iter().filter_map(|trace| trace.places(self.x.kind)).flatten()) {
            None if log && self.traces.iter().any(|trace| !trace.x.is_empty()) => {
                Err(no_logarithm(&self.x.label, "x"))
            }
            None => Ok([f64::from(u8::from(log)), if log { 10.0 } else { 1.0 }]),
            Some([low, high]) if low < high => Ok(domain(self.x.kind, low, high, 0.0)),
            // One place: a step's or a second's room around it.
            Some([low, _]) if !log && low.abs() < 1e9 => Ok([low - 1.0, low + 1.0]),
            Some([low, high]) => Ok(domain(self.x.kind, low, high, 0.05)),
        }
    }

    fn y_domain(&self, x_domain: [f64; 2], thinned: &[Thinned]) -> Result<[f64; 2], Error> {
        let log = self.y.kind == ScaleKind::Log;
        if let Some(range) = chosen(self.y.range, log) {
            return Ok(range);
        }
        let reach = |(trace, thinned): (&Trace<'_>, &Thinned)| trace.reach(thinned, x_domain);
        let drawn = extent(self.traces.iter().zip(thinned).filter_map(reach).flatten());
        let any = || self.traces.iter().any(|trace| trace.raw.iter().any(|value| value.is_finite()));
        if drawn.is_none() && log && self.x.range.is_none() && any() {
            return Err(no_logarithm(&self.y.label, "y"));
        }
        let pinned =
            self.baseline.map(|baseline| baseline.value).filter(|value| fits(*value, self.y.kind.floor()));
        Ok(match extent(drawn.into_iter().flatten().chain(pinned)) {
            None if log => [0.1, 10.0],
            None => [0.0, 1.0],
            Some([low, high]) => domain(self.y.kind, low, high, 0.06),
        })
    }

    fn grid(&self, picture: &mut Picture, y: &Scale, y_ticks: &[Tick], bounds: &Bounds, note_y: f64) {
        let small = type_px("small");
        let suffix = if y.kind == ScaleKind::Log { " (log scale)" } else { "" };
        picture.open("k-y-axis");
        let look = Look::new(Paint::Ink2, small);
        let label = font::elide(&format!("{}{suffix}", self.y.label), small, (bounds.right - MARGIN) * 0.6);
        picture.text("k-axis-label", (MARGIN, note_y), look, label);
        for tick in y_ticks {
            let at = crisp(y.pixel(tick.value));
            let weight = if tick.label.is_empty() { 0.5 } else { 1.0 };
            let stroke = Stroke { alpha: weight, ..Stroke::solid(Paint::Line, 1.0) };
            picture.line("k-grid", [(bounds.left, at), (bounds.right, at)], stroke);
            if !tick.label.is_empty() {
                let look = Look::new(Paint::Ink3, small).anchor(Anchor::End);
                picture.text("k-tick", (bounds.left - 8.0, at + look.drop()), look, tick.label.clone());
            }
        }
        picture.close();
    }

    fn x_axis(&self, picture: &mut Picture, x: &Scale, bounds: &Bounds) {
        let small = type_px("small");
        picture.open("k-x-axis");
        let floor = crisp(bounds.bottom);
        picture.line(
            "k-axis",
            [(bounds.left, floor), (bounds.right, floor)],
            Stroke::solid(Paint::Control, 1.0),
        );
        let apart = if matches!(self.x.unit, Unit::Duration) { 68.0 } else { 92.0 };
        let wanted = ((bounds.right - bounds.left) / apart) as usize;
        let all =
            if self.x.kind == ScaleKind::Band { self.places(bounds) } else { ticks(x, self.x.unit, wanted) };
        let mono = self.x.kind == ScaleKind::Band;
        let mut taken = f64::NEG_INFINITY;
        for tick in all {
            let at = x.pixel(tick.value);
            let width = font::width(&tick.label, small) * if mono { 1.12 } else { 1.0 };
            let center = at.min(bounds.right + 20.0 - width / 2.0);
            let line = crisp(at);
            picture.line("k-axis", [(line, floor), (line, floor + 4.0)], Stroke::solid(Paint::Control, 1.0));
            if tick.label.is_empty() || center - width / 2.0 < taken + 10.0 {
                continue;
            }
            taken = center + width / 2.0;
            let look = Look { mono, ..Look::new(Paint::Ink3, small).anchor(Anchor::Middle) };
            picture.text("k-tick", (center, bounds.bottom + 18.0), look, tick.label);
        }
        let suffix = if x.kind == ScaleKind::Log { " (log scale)" } else { "" };
        let look = Look::new(Paint::Ink2, small).anchor(Anchor::Middle);
        let middle = (f64::midpoint(bounds.left, bounds.right), bounds.bottom + 36.0);
        picture.text("k-axis-label", middle, look, format!("{}{suffix}", self.x.label));
        picture.close();
    }

    /// Ticks of a band axis, thinned to what fits; the last place always has its name.
    fn places(&self, bounds: &Bounds) -> Vec<Tick> {
        let count = self.x.places.len();
        let widest =
            self.x.places.iter().map(|place| font::width(place, type_px("small"))).fold(20.0, f64::max);
        let room = ((bounds.right - bounds.left) / (widest * 1.12 + 14.0)).max(1.0) as usize;
        let stride = count.div_ceil(room).max(1);
        (0..count)
            .filter(|index| (count - 1 - index).is_multiple_of(stride))
            .map(|index| Tick { value: index as f64, label: self.x.places[index].clone() })
            .collect()
    }

    fn flag_lines(&self, picture: &mut Picture, x: &Scale, bounds: &Bounds) {
        if self.flags.is_empty() {
            return;
        }
        let small = type_px("small");
        picture.open("k-flags");
        let mut taken = bounds.left - 10.0;
        for flag in &self.flags {
            let at = crisp(x.pixel(flag.x));
            let stroke = Stroke { alpha: 0.7, dash: Dash::Dotted, ..Stroke::solid(Paint::Control, 1.0) };
            picture.line("k-flag", [(at, bounds.top - 4.0), (at, bounds.bottom)], stroke);
            let label = font::elide(&flag.label, small, 120.0);
            let half = font::width(&label, small) / 2.0;
            let center = at
                .clamp(bounds.left + half - 8.0, (bounds.right + 16.0 - half).max(bounds.left + half - 8.0));
            if center - half < taken + 8.0 {
                continue; // the line stays, and the table has the name
            }
            taken = center + half;
            let look = Look::new(Paint::Ink2, small).anchor(Anchor::Middle);
            picture.text("k-flag-label", (center, bounds.top - 9.0), look, label);
        }
        picture.close();
    }

    /// The pinned value; the legend names it, so that no label covers a line.
    fn baseline_line(&self, picture: &mut Picture, y: &Scale, bounds: &Bounds) {
        let Some(baseline) = self.baseline.filter(|baseline| y.holds(baseline.value)) else { return };
        let at = y.pixel(baseline.value);
        if (bounds.top - 0.5..=bounds.bottom + 0.5).contains(&at) {
            let at = crisp(at);
            picture.line("k-baseline", [(bounds.left, at), (bounds.right, at)], header::BASELINE_STROKE);
        }
    }

    /// Says what is not drawn: in a note above the plot and, series by series, in the description.
    fn say_counts(&self, picture: &mut Picture, (right, note_y): (f64, f64)) {
        let count = |number: u64| number::fixed(number as f64, 0);
        let series = &picture.sidecar.series;
        let drawn: u64 = series.iter().map(|series| series.points_drawn).sum();
        let total: u64 = series.iter().map(|series| series.points_total).sum();
        let missing: u64 = series.iter().map(|series| series.missing).sum();
        let mut note = Vec::new();
        if drawn + missing < total {
            note.push(format!("{} of {} points", count(drawn), count(total)));
        }
        if missing > 0 {
            note.push(format!("{} missing", count(missing)));
        }
        let below_zero: usize = self.traces.iter().map(|trace| self.without_logarithm(trace)).sum();
        if below_zero > 0 {
            note.push(format!("{} ≤ 0 not on the log scale", count(below_zero as u64)));
        }
        let mut description = self.summary.clone();
        for series in series {
            let part = format!(
                " {}: {} of {} points drawn, every extreme kept, {} missing.",
                series.label,
                count(series.points_drawn),
                count(series.points_total),
                count(series.missing)
            );
            description.push_str(&part);
        }
        if let Some(baseline) = self.baseline.filter(|baseline| baseline.value.is_finite()) {
            let part = format!(" Baseline {}: {}.", baseline.label, number::label(baseline.value, 6));
            description.push_str(&part);
        }
        if below_zero > 0 {
            let part =
                format!(" {} values at or below 0 have no place on the log scale.", count(below_zero as u64));
            description.push_str(&part);
        }
        picture.description = description;
        if !note.is_empty() {
            let look = Look::new(Paint::Ink3, type_px("small")).anchor(Anchor::End);
            picture.text("k-note", (right, note_y), look, note.join(" · "));
        }
    }

    fn without_logarithm(&self, trace: &Trace<'_>) -> usize {
        let bad = |log: bool, value: f64| log && value.is_finite() && value <= ScaleKind::Log.floor();
        let (log_x, log_y) = (self.x.kind == ScaleKind::Log, self.y.kind == ScaleKind::Log);
        if !log_x && !log_y {
            return 0;
        }
        trace.x.iter().zip(&*trace.raw).filter(|(x, y)| bad(log_x, **x) || bad(log_y, **y)).count()
    }
}

fn no_logarithm(label: &str, axis: &str) -> Error {
    Error::Unavailable { axis: format!("log {axis}"), why: format!("no value of `{label}` is above 0") }
}

/// A chosen range, if it is one.
fn chosen(range: Option<[f64; 2]>, log: bool) -> Option<[f64; 2]> {
    let [low, high] = range?;
    let span = high / 2.0 - low / 2.0;
    let is_range =
        low.is_finite() && high.is_finite() && span > low.abs().max(high.abs()) * 1e-13 && span > 1e-290;
    (is_range && (!log || low > 0.0)).then_some([low, high])
}

/// The middle of the pixel, where a 1-px line is sharp.
pub(crate) fn crisp(pixel: f64) -> f64 {
    pixel.floor() + 0.5
}
