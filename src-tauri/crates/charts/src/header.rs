//! Title and legend: what stands above every plot.

use crate::font;
use crate::marker;
use crate::picture::{Anchor, Dash, Look, Picture, Stroke};
use crate::tokens::{Paint, type_px};

/// Space left and right of everything.
pub(crate) const MARGIN: f64 = 16.0;
const LEGEND_ROW: f64 = 20.0;
const LEGEND_ROWS: usize = 4;
const SAMPLE: f64 = 22.0;
const LABEL_LIMIT: f64 = 240.0;

/// How a pinned value looks, in the plot and in the legend.
pub(crate) const BASELINE_STROKE: Stroke =
    Stroke { paint: Paint::Baseline, width: 1.5, alpha: 1.0, dash: Dash::Dashed };

/// A line of the legend: a series, or the pinned value.
pub(crate) struct Entry {
    pub(crate) label: String,
    /// `None` for the pinned value.
    pub(crate) color_index: Option<usize>,
}

/// Writes the title; answers the y below it.
pub(crate) fn title(picture: &mut Picture) -> f64 {
    let look = Look { bold: true, ..Look::new(Paint::Ink, type_px("verdict")) };
    let room = f64::from(picture.width) - 2.0 * MARGIN;
    if picture.title.is_empty() {
        return 12.0;
    }
    let text = font::elide(&picture.title, look.size * 1.04, room);
    picture.text("k-title", (MARGIN, 28.0), look, text);
    40.0
}

/// Writes the legend under `top`, wrapped to the width; answers the y below it.
pub(crate) fn legend(picture: &mut Picture, top: f64, entries: &[Entry]) -> f64 {
    if entries.is_empty() {
        return top;
    }
    let size = type_px("code");
    let right = f64::from(picture.width) - MARGIN;
    let (mut x, mut row) = (MARGIN, 0);
    picture.open("k-legend");
    for (index, entry) in entries.iter().enumerate() {
        let label = font::elide(&entry.label, size, LABEL_LIMIT.min(right - MARGIN - SAMPLE - 6.0));
        let width = SAMPLE + 6.0 + font::width(&label, size);
        // The last row keeps room to say how many are left out.
        let reserve = if row + 1 == LEGEND_ROWS && index + 1 < entries.len() { 70.0 } else { 0.0 };
        if x > MARGIN && x + width + reserve > right {
            if row + 1 == LEGEND_ROWS {
                let text = format!("+{} more", entries.len() - index);
                let y = top + LEGEND_ROW * row as f64 + LEGEND_ROW / 2.0;
                let look = Look::new(Paint::Ink3, size);
                picture.text("k-legend-more", (x, y + look.drop()), look, text);
                break;
            }
            row += 1;
            x = MARGIN;
        }
        let y = top + LEGEND_ROW * row as f64 + LEGEND_ROW / 2.0;
        let stroke = entry.color_index.map_or(BASELINE_STROKE, |color_index| Stroke {
            dash: marker::dash(color_index),
            ..Stroke::solid(marker::paint(color_index), 1.8)
        });
        picture.line("k-sample", [(x, y), (x + SAMPLE, y)], stroke);
        if let Some(color_index) = entry.color_index {
            marker::draw(picture, (x + SAMPLE / 2.0, y), color_index, 3.4);
        }
        let look = Look::new(Paint::Ink2, size);
        picture.text("k-legend-label", (x + SAMPLE + 6.0, y + look.drop()), look, label);
        x += width + 18.0;
    }
    picture.close();
    top + LEGEND_ROW * (row + 1) as f64
}

/// A quiet sentence in the middle of an area that has nothing to show.
pub(crate) fn empty(picture: &mut Picture, center: (f64, f64), text: &str) {
    let look = Look::new(Paint::Ink3, type_px("body")).anchor(Anchor::Middle);
    let width = font::width(text, look.size) + 16.0;
    let ground = (center.0 - width / 2.0, center.1 - look.size * 1.2);
    picture.rect("k-empty-ground", ground, (width, look.size * 1.8), Paint::Canvas, 1.0);
    picture.text("k-empty", center, look, text);
}
