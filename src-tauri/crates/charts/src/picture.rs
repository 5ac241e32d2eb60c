//! A chart laid out: marks in tenths of a pixel, ready for any backend.

use std::ops::Range;

use crate::tokens::Paint;
use crate::{Error, Sidecar, Theme};

/// The most pixels a PNG may have.
pub(crate) const PIXEL_LIMIT: u64 = 64_000_000;

/// A pattern of a line: the second channel beside colour.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Dash {
    Solid,
    Dashed,
    Dotted,
    Mixed,
}

impl Dash {
    /// Lengths of strokes and gaps in pixels.
    pub(crate) fn pattern(self) -> &'static [f64] {
        match self {
            Self::Solid => &[],
            Self::Dashed => &[6.0, 4.0],
            Self::Dotted => &[1.5, 3.5],
            Self::Mixed => &[8.0, 3.5, 1.5, 3.5],
        }
    }
}

/// How a line looks.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Stroke {
    pub(crate) paint: Paint,
    pub(crate) width: f64,
    pub(crate) alpha: f64,
    pub(crate) dash: Dash,
}

impl Stroke {
    pub(crate) fn solid(paint: Paint, width: f64) -> Self {
        Self { paint, width, alpha: 1.0, dash: Dash::Solid }
    }
}

/// Which end of a text its position is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Anchor {
    Start,
    Middle,
    End,
}

/// How a text looks. Its y is the baseline.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Look {
    pub(crate) paint: Paint,
    pub(crate) size: f64,
    pub(crate) anchor: Anchor,
    pub(crate) bold: bool,
    pub(crate) mono: bool,
    /// Reads upwards.
    pub(crate) upward: bool,
}

impl Look {
    pub(crate) fn new(paint: Paint, size: f64) -> Self {
        Self { paint, size, anchor: Anchor::Start, bold: false, mono: false, upward: false }
    }

    pub(crate) fn anchor(self, anchor: Anchor) -> Self {
        Self { anchor, ..self }
    }

    /// How far below a middle line the baseline is for capitals and digits to be centred on it.
    pub(crate) fn drop(self) -> f64 {
        self.size * 0.36
    }
}

/// One thing to draw.
#[derive(Debug, Clone)]
pub(crate) enum Mark {
    Open { class: &'static str, series: Option<(String, String)> },
    Close,
    Line { class: &'static str, points: Range<usize>, stroke: Stroke },
    Area { class: &'static str, points: Range<usize>, paint: Paint, alpha: f64 },
    Rect { class: &'static str, corners: [(i32, i32); 2], paint: Paint, alpha: f64 },
    Dot { class: &'static str, center: (i32, i32), radius: f64, paint: Paint },
    Text { class: &'static str, text: String, at: (i32, i32), look: Look },
}

/// A chart laid out once, to be written in any theme and form.
#[derive(Debug, Clone)]
pub struct Picture {
    pub(crate) width: u32,
    pub(crate) height: u32,
    pub(crate) title: String,
    pub(crate) description: String,
    pub(crate) marks: Vec<Mark>,
    pub(crate) points: Vec<(i32, i32)>,
    pub(crate) sidecar: Sidecar,
}

impl Picture {
    /// A blank picture.
    pub(crate) fn new(width: u32, height: u32, title: &str) -> Self {
        Self {
            width,
            height,
            title: title.to_owned(),
            description: String::new(),
            marks: Vec::new(),
            points: Vec::new(),
            sidecar: Sidecar::default(),
        }
    }

    /// The picture as SVG text, complete in itself.
    pub fn svg(&self, theme: Theme) -> String {
        crate::svg::write(self, theme)
    }

    /// The picture as SVG text for a page of ours: it uses the page's own variables and brings no style element, which the page's
    /// policy forbids.
    pub fn svg_for_page(&self) -> String {
        crate::svg::write_for_page(self)
    }

    /// The picture as PNG bytes, `scale` device pixels a pixel (0.5 to 8).
    pub fn png(&self, theme: Theme, scale: f64) -> Result<Vec<u8>, Error> {
        crate::raster::png(self, theme, scale)
    }

    /// The numbers behind it.
    pub fn sidecar(&self) -> &Sidecar {
        &self.sidecar
    }

    /// What is shown, in words: the text alternative.
    pub fn description(&self) -> &str {
        &self.description
    }

    pub(crate) fn open(&mut self, class: &'static str) {
        self.marks.push(Mark::Open { class, series: None });
    }

    pub(crate) fn open_series(&mut self, id: &str, label: &str) {
        self.marks.push(Mark::Open { class: "k-series", series: Some((id.to_owned(), label.to_owned())) });
    }

    pub(crate) fn close(&mut self) {
        self.marks.push(Mark::Close);
    }

    pub(crate) fn line(
        &mut self,
        class: &'static str,
        points: impl IntoIterator<Item = (f64, f64)>,
        stroke: Stroke,
    ) {
        let start = self.points.len();
        self.points.extend(points.into_iter().map(|(x, y)| (tenths(x), tenths(y))));
        self.marks.push(Mark::Line { class, points: start..self.points.len(), stroke });
    }

    pub(crate) fn area(
        &mut self,
        class: &'static str,
        points: impl IntoIterator<Item = (f64, f64)>,
        paint: Paint,
        alpha: f64,
    ) {
        let start = self.points.len();
        self.points.extend(points.into_iter().map(|(x, y)| (tenths(x), tenths(y))));
        self.marks.push(Mark::Area { class, points: start..self.points.len(), paint, alpha });
    }

    /// A filled rectangle from `(x, y)`, `size` wide and high.
    pub(crate) fn rect(
        &mut self,
        class: &'static str,
        (x, y): (f64, f64),
        (width, height): (f64, f64),
        paint: Paint,
        alpha: f64,
    ) {
        let corners = [(tenths(x), tenths(y)), (tenths(x + width), tenths(y + height))];
        self.marks.push(Mark::Rect { class, corners, paint, alpha });
    }

    pub(crate) fn dot(&mut self, class: &'static str, (x, y): (f64, f64), radius: f64, paint: Paint) {
        self.marks.push(Mark::Dot { class, center: (tenths(x), tenths(y)), radius, paint });
    }

    pub(crate) fn text(
        &mut self,
        class: &'static str,
        (x, y): (f64, f64),
        look: Look,
        text: impl Into<String>,
    ) {
        self.marks.push(Mark::Text { class, text: text.into(), at: (tenths(x), tenths(y)), look });
    }
}

/// Pixels to whole tenths; anything absurd lands at a far but finite place.
pub(crate) fn tenths(pixels: f64) -> i32 {
    (pixels * 10.0).round().clamp(-1e8, 1e8) as i32
}
