//! Metric changes with their intervals around a zero line.

use keelmark_types::Direction;

use crate::font;
use crate::header::{self, MARGIN};
use crate::number;
use crate::picture::{Anchor, Dash, Look, Picture, Stroke};
use crate::plot::crisp;
use crate::prepare::extent;
use crate::scale::{Scale, ScaleKind};
use crate::sidecar::{PlotRect, SidecarSeries, Table, cell, known};
use crate::ticks::{Unit, ticks};
use crate::tokens::{Paint, type_px};
use crate::{Chart, Error};

const ROW: f64 = 28.0;

/// What a change amounts to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ForestOutcome {
    /// Better, beyond doubt.
    Better,
    /// Worse, beyond doubt.
    Worse,
    /// The interval holds zero, or there is no interval.
    NoClearChange,
    /// Cannot be told.
    NotComparable,
}

impl ForestOutcome {
    fn words(self) -> &'static str {
        match self {
            Self::Better => "better",
            Self::Worse => "worse",
            Self::NoClearChange => "no clear change",
            Self::NotComparable => "not comparable",
        }
    }

    fn sign(self) -> &'static str {
        match self {
            Self::Better => "▲",
            Self::Worse => "▼",
            Self::NoClearChange => "·",
            Self::NotComparable => "–",
        }
    }

    fn paint(self) -> Paint {
        match self {
            Self::Better => Paint::Better,
            Self::Worse => Paint::Worse,
            Self::NoClearChange | Self::NotComparable => Paint::Ink3,
        }
    }
}

/// One metric or slice.
#[derive(Debug, Clone, PartialEq)]
pub struct ForestRow {
    /// Its name.
    pub label: String,
    /// B − A; `None` where it cannot be told.
    pub change: Option<f64>,
    /// The change's interval.
    pub interval: Option<[f64; 2]>,
    /// Which way is better.
    pub direction: Direction,
    /// The verdict of whoever compared (with its correction for many rows); else read off the interval.
    pub outcome: Option<ForestOutcome>,
}

impl ForestRow {
    /// The given verdict, or what the interval says.
    pub fn outcome(&self) -> ForestOutcome {
        if let Some(outcome) = self.outcome {
            return outcome;
        }
        if self.change.is_none_or(|change| !change.is_finite()) {
            return ForestOutcome::NotComparable;
        }
        match self.improvement_interval() {
            Some([low, _]) if low > 0.0 => ForestOutcome::Better,
            Some([_, high]) if high < 0.0 => ForestOutcome::Worse,
            _ => ForestOutcome::NoClearChange,
        }
    }

    fn improvement(&self) -> Option<f64> {
        self.change.filter(|change| change.is_finite()).map(|change| self.direction.improvement(change))
    }

    /// The interval turned so that right is better.
    fn improvement_interval(&self) -> Option<[f64; 2]> {
        let [low, high] = self.interval?.map(|end| self.direction.improvement(end));
        (low.is_finite() && high.is_finite()).then_some([low.min(high), low.max(high)])
    }
}

/// Whether rows share one scale.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum ForestScale {
    /// One scale: rows in the same unit, such as slices of one metric.
    #[default]
    Shared,
    /// A scale a row: metrics in different units; only signs and whether an interval holds zero compare.
    PerRow,
}

/// Changes with intervals, better to the right.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct DeltaForest {
    /// What it shows.
    pub title: String,
    /// The rows.
    pub rows: Vec<ForestRow>,
    /// Whether rows share one scale.
    pub scale: ForestScale,
    /// Orders the rows worst first, those that cannot be told last.
    pub worst_first: bool,
    /// Width in CSS pixels; the height follows from the rows. 0 is 840.
    pub width: u32,
}

impl DeltaForest {
    fn ordered(&self) -> Vec<&ForestRow> {
        let mut rows: Vec<_> = self.rows.iter().collect();
        if self.worst_first {
            let key = |row: &ForestRow| row.improvement().unwrap_or(f64::INFINITY);
            rows.sort_by(|a, b| key(a).total_cmp(&key(b)));
        }
        rows
    }

    /// One number of decimals for rows that share a scale, else each row's own.
    fn decimals(&self, rows: &[&ForestRow], row: &ForestRow) -> f64 {
        let most = rows.iter().filter_map(|row| decimals(row)).fold(f64::NEG_INFINITY, f64::max);
        let own = if self.scale == ForestScale::Shared { most } else { decimals(row).unwrap_or(4.0) };
        own.max(0.0)
    }

    /// The largest reach from zero on either side.
    fn reach(rows: &[&ForestRow]) -> f64 {
        let ends = rows
            .iter()
            .flat_map(|row| row.improvement_interval().into_iter().flatten().chain(row.improvement()));
        let [low, high] = extent(ends).unwrap_or([-1.0, 1.0]);
        let reach = low.abs().max(high.abs());
        if reach > 1e-290 { (reach * 1.08).min(f64::MAX) } else { 1.0 }
    }
}

/// Decimals that give an interval's half width two digits.
fn decimals(row: &ForestRow) -> Option<f64> {
    let [low, high] = row.interval?;
    let half_width = (high / 2.0 - low / 2.0).abs();
    (half_width.is_finite() && half_width > 0.0).then(|| 1.0 - half_width.log10().floor())
}

/// `+0.027 (0.011…0.043)`, all three to the same decimals.
fn change_text(row: &ForestRow, decimals: f64) -> String {
    let Some(change) = row.change.filter(|change| change.is_finite()) else { return "–".to_owned() };
    match row.interval {
        Some([low, high]) if low.is_finite() && high.is_finite() => {
            let largest = change.abs().max(low.abs()).max(high.abs());
            let plain = (0.0..=6.0).contains(&decimals) && largest < 1e7;
            let write = |value: f64| {
                if plain { number::fixed(value, decimals as usize) } else { number::label(value, 3) }
            };
            let sign = if change > 0.0 { "+" } else { "" };
            format!("{sign}{} ({}…{})", write(change), write(low), write(high))
        }
        _ => number::change(change, 3),
    }
}

impl Chart for DeltaForest {
    fn picture(&self) -> Result<Picture, Error> {
        if self.rows.len() > 1000 {
            let what =
                format!("{} rows are more than the 1,000 a forest can show; use the table", self.rows.len());
            return Err(Error::Invalid { what });
        }
        let rows = self.ordered();
        let width = f64::from(if self.width == 0 { 840 } else { self.width.clamp(420, 8000) });
        let (body, small) = (type_px("body"), type_px("small"));
        let label_room = width * 0.3;
        let labels: Vec<_> = rows.iter().map(|row| font::elide(&row.label, body, label_room)).collect();
        let left = MARGIN + labels.iter().map(|label| font::width(label, body)).fold(60.0, f64::max) + 16.0;
        let verdict_x = width - MARGIN - font::width("no clear change", small) - 16.0;
        let texts: Vec<_> = rows.iter().map(|row| change_text(row, self.decimals(&rows, row))).collect();
        let change_width = texts.iter().map(|text| font::width(text, small)).fold(40.0, f64::max);
        let right = (verdict_x - change_width - 34.0).max(left + 60.0);
        let head = if self.title.is_empty() { 12.0 } else { 40.0 };
        let top = head + 24.0;
        let bottom = top + ROW * rows.len().max(1) as f64;
        let height = bottom + 34.0;
        let mut picture = Picture::new(width as u32, height.ceil() as u32, &self.title);
        picture.rect("k-canvas", (0.0, 0.0), (width, height.ceil()), Paint::Canvas, 1.0);
        header::title(&mut picture);
        let reach = Self::reach(&rows);
        let frame = Frame { left, right, top, bottom, reach, verdict_x, small };
        self.frame(&mut picture, &frame, &rows, head);
        picture.open_series("change", "change");
        for (index, row) in rows.iter().enumerate() {
            let middle = top + ROW * (index as f64 + 0.5);
            let reach = if self.scale == ForestScale::PerRow { Self::reach(&[row]) } else { reach };
            frame.interval(&mut picture, row, middle, reach);
            let look = Look::new(Paint::Ink, body);
            picture.text("k-row-label", (MARGIN, middle + look.drop()), look, labels[index].clone());
            let look = Look::new(Paint::Ink2, small).anchor(Anchor::End);
            picture.text(
                "k-row-change",
                (verdict_x - 18.0, middle + look.drop()),
                look,
                texts[index].clone(),
            );
            let outcome = row.outcome();
            let look = Look::new(outcome.paint(), small);
            picture.text(
                "k-row-sign",
                (verdict_x, middle + look.drop()),
                look.anchor(Anchor::Middle),
                outcome.sign(),
            );
            picture.text("k-row-verdict", (verdict_x + 10.0, middle + look.drop()), look, outcome.words());
        }
        picture.close();
        if rows.is_empty() {
            header::empty(&mut picture, (width / 2.0, top + 18.0), "Nothing to compare");
        }
        describe(&mut picture, &frame, &rows);
        Ok(picture)
    }

    fn table(&self) -> Table {
        let header = ["name", "change", "low", "high", "verdict"].map(str::to_owned).to_vec();
        let row = |row: &&ForestRow| {
            let end = |pick: usize| row.interval.map_or_else(String::new, |interval| cell(interval[pick]));
            let change = row.change.map_or_else(String::new, cell);
            vec![row.label.clone(), change, end(0), end(1), row.outcome().words().to_owned()]
        };
        Table { header, rows: self.ordered().iter().map(row).collect() }
    }
}

struct Frame {
    left: f64,
    right: f64,
    top: f64,
    bottom: f64,
    reach: f64,
    verdict_x: f64,
    small: f64,
}

impl Frame {
    fn scale(&self, reach: f64) -> Scale {
        Scale::new(ScaleKind::Linear, [-reach, reach], [self.left, self.right])
    }

    fn interval(&self, picture: &mut Picture, row: &ForestRow, middle: f64, reach: f64) {
        let scale = self.scale(reach);
        let paint = row.outcome().paint();
        if let Some([low, high]) = row.improvement_interval() {
            let (from, to) = (scale.pixel(low), scale.pixel(high));
            picture.line("k-interval", [(from, middle), (to, middle)], Stroke::solid(paint, 2.0));
            for end in [from, to] {
                picture.line(
                    "k-interval",
                    [(end, middle - 4.0), (end, middle + 4.0)],
                    Stroke::solid(paint, 1.5),
                );
            }
        }
        if let Some(improvement) = row.improvement() {
            picture.dot("k-change", (scale.pixel(improvement), middle), 4.0, paint);
        }
    }
}

impl DeltaForest {
    fn frame(&self, picture: &mut Picture, frame: &Frame, rows: &[&ForestRow], head: f64) {
        let zero = crisp(frame.scale(frame.reach).pixel(0.0));
        let look = Look::new(Paint::Ink3, frame.small);
        let caption_y = head + 13.0;
        picture.open("k-frame");
        picture.text("k-axis-label", (zero - 10.0, caption_y), look.anchor(Anchor::End), "← worse");
        picture.text("k-axis-label", (zero + 10.0, caption_y), look, "better →");
        let column = look.anchor(Anchor::End);
        picture.text("k-axis-label", (frame.verdict_x - 18.0, caption_y), column, "change (95 % interval)");
        for index in 0..=rows.len() {
            let y = crisp(frame.top + ROW * index as f64);
            let edge = f64::from(picture.width) - MARGIN;
            picture.line("k-grid", [(MARGIN, y), (edge, y)], Stroke::solid(Paint::Line, 1.0));
        }
        let stroke = Stroke { dash: Dash::Dashed, ..Stroke::solid(Paint::Control, 1.0) };
        picture.line("k-zero", [(zero, frame.top - 4.0), (zero, frame.bottom + 4.0)], stroke);
        // Numbers on the axis only where they mean the same for every row.
        let first = rows.first().map(|row| row.direction);
        if self.scale == ForestScale::Shared && rows.iter().all(|row| Some(row.direction) == first) {
            let scale = frame.scale(frame.reach);
            let wanted = ((frame.right - frame.left) / 60.0) as usize;
            for tick in ticks(&scale, Unit::Number, wanted) {
                let value = first.map_or(tick.value, |direction| direction.improvement(tick.value));
                let label = if value == 0.0 { "0".to_owned() } else { number::change(value, 3) };
                let at = (scale.pixel(tick.value), frame.bottom + 18.0);
                picture.text("k-tick", at, look.anchor(Anchor::Middle), label);
            }
        } else if !rows.is_empty() {
            let text = if self.scale == ForestScale::PerRow {
                "each row on its own scale"
            } else {
                "right is better in every row"
            };
            picture.text("k-note", (zero, frame.bottom + 20.0), look.anchor(Anchor::Middle), text);
        }
        picture.close();
    }
}

fn describe(picture: &mut Picture, frame: &Frame, rows: &[&ForestRow]) {
    let count = |outcome| rows.iter().filter(|row| row.outcome() == outcome).count();
    picture.description = format!(
        "Changes with intervals, better to the right: {} better, {} worse, {} without a clear change, {} not comparable.",
        count(ForestOutcome::Better),
        count(ForestOutcome::Worse),
        count(ForestOutcome::NoClearChange),
        count(ForestOutcome::NotComparable)
    );
    let ends = rows.len().max(1) as f64 - 0.5;
    let sidecar = &mut picture.sidecar;
    sidecar.plot_rect = PlotRect {
        x: frame.left,
        y: frame.top,
        width: frame.right - frame.left,
        height: frame.bottom - frame.top,
    };
    sidecar.x_domain = [-frame.reach, frame.reach];
    sidecar.y_domain = [ends, -0.5];
    (sidecar.x_scale, sidecar.y_scale) = (ScaleKind::Linear, ScaleKind::Band);
    sidecar.y_labels = rows.iter().map(|row| row.label.clone()).collect();
    let end = |pick: usize| {
        rows.iter().map(move |row| row.improvement_interval().and_then(|ends| known(ends[pick]))).collect()
    };
    sidecar.series = vec![SidecarSeries {
        id: "change".to_owned(),
        label: "change, better to the right".to_owned(),
        x: rows.iter().map(|row| row.improvement().unwrap_or(0.0)).collect(),
        y: (0..rows.len()).map(|row| Some(row as f64)).collect(),
        lo: end(0),
        hi: end(1),
        points_total: rows.len() as u64,
        points_drawn: rows.iter().filter(|row| row.improvement().is_some()).count() as u64,
        missing: rows.iter().filter(|row| row.improvement().is_none()).count() as u64,
        ..SidecarSeries::default()
    }];
}
