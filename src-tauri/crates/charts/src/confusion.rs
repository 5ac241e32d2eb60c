//! A confusion matrix: counts, or what changed from A to B.

use keelmark_types::Confusion;

use crate::font;
use crate::header::{self, MARGIN};
use crate::number;
use crate::picture::{Anchor, Look, Picture, Stroke};
use crate::plot::crisp;
use crate::scale::ScaleKind;
use crate::sidecar::{PlotRect, SidecarSeries, Table, cell, known};
use crate::tokens::{Paint, type_px};
use crate::{Chart, Error, Picture as Laid, Size};

/// The strongest tint a cell may have, so that ink on it keeps its contrast.
pub(crate) const STRONGEST_TINT: f64 = 0.4;

/// What the cells hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum ConfusionCells {
    /// Counts: more is a stronger tint of the accent.
    #[default]
    Counts,
    /// B − A: better and worse, where more on the diagonal is better and more beside it is worse.
    Change,
}

/// A heat map of true class by predicted class.
#[derive(Debug, Clone, PartialEq)]
pub struct ConfusionChart {
    /// What it shows.
    pub title: String,
    /// Classes and counts, or changes of counts.
    pub confusion: Confusion,
    /// Which of the two.
    pub cells: ConfusionCells,
    /// The most room it may take, in CSS pixels; the cells stay square.
    pub size: Size,
}

impl ConfusionChart {
    /// Counts as they are.
    pub fn counts(title: impl Into<String>, confusion: Confusion) -> Self {
        let size = Size { width: 560, height: 560 };
        Self { title: title.into(), confusion, cells: ConfusionCells::Counts, size }
    }

    /// B − A; fails where the classes differ.
    pub fn change(title: impl Into<String>, a: &Confusion, b: &Confusion) -> Result<Self, Error> {
        if a.classes != b.classes {
            let what = format!(
                "A has the classes [{}] and B [{}]; a change needs the same classes in the same order",
                a.classes.join(", "),
                b.classes.join(", ")
            );
            return Err(Error::Invalid { what });
        }
        let value = |side: &Confusion, row: usize, column: usize| {
            side.counts.get(row).and_then(|counts| counts.get(column)).copied().unwrap_or(f64::NAN)
        };
        let count = a.classes.len();
        let counts = (0..count)
            .map(|row| (0..count).map(|column| value(b, row, column) - value(a, row, column)).collect())
            .collect();
        let confusion = Confusion { classes: a.classes.clone(), counts };
        Ok(Self { cells: ConfusionCells::Change, ..Self::counts(title, confusion) })
    }

    fn value(&self, row: usize, column: usize) -> f64 {
        self.confusion.counts.get(row).and_then(|counts| counts.get(column)).copied().unwrap_or(f64::NAN)
    }

    fn check(&self) -> Result<usize, Error> {
        let count = self.confusion.classes.len();
        let counts = &self.confusion.counts;
        if counts.len() != count || counts.iter().any(|row| row.len() != count) {
            let what = format!("{count} classes need {count} rows of {count} counts");
            return Err(Error::Invalid { what });
        }
        if count > 400 {
            let what = format!("{count} classes are more than the 400 a heat map can show; use the table");
            return Err(Error::Invalid { what });
        }
        Ok(count)
    }

    /// The tint of a cell: which token, and how strong.
    fn tint(&self, row: usize, column: usize, largest: f64) -> Option<(Paint, f64)> {
        let value = self.value(row, column);
        if !value.is_finite() || value == 0.0 || largest <= 0.0 {
            return None;
        }
        // The root lifts rare confusions above the ground without hiding which is larger.
        let strength = (value.abs() / largest).min(1.0).sqrt() * (STRONGEST_TINT - 0.04) + 0.04;
        let paint = match self.cells {
            ConfusionCells::Counts => Paint::Accent,
            ConfusionCells::Change if (value > 0.0) == (row == column) => Paint::Better,
            ConfusionCells::Change => Paint::Worse,
        };
        Some((paint, strength))
    }

    fn text(&self, value: f64) -> String {
        match self.cells {
            _ if !value.is_finite() => "–".to_owned(),
            ConfusionCells::Change if value == 0.0 => "·".to_owned(),
            ConfusionCells::Change => number::change(value, 4),
            ConfusionCells::Counts => number::label(value, 4),
        }
    }
}

impl Chart for ConfusionChart {
    fn picture(&self) -> Result<Laid, Error> {
        let count = self.check()?;
        let size = self.size.sane();
        let small = type_px("small");
        let names: Vec<String> =
            self.confusion.classes.iter().map(|name| font::elide(name, small, 110.0)).collect();
        let widest = names.iter().map(|name| font::width(name, small)).fold(12.0, f64::max);
        let top_of_all = if self.title.is_empty() { 12.0 } else { 40.0 };
        let left = MARGIN + 20.0 + widest + 8.0;
        let across = (f64::from(size.width) - left - MARGIN).max(40.0);
        let upright = count > 0 && widest + 6.0 > across / count as f64;
        let names_height = if upright { widest + 12.0 } else { 16.0 };
        let top = top_of_all + 20.0 + names_height;
        let down = (f64::from(size.height) - top - 34.0).max(40.0);
        let cell_px = (across.min(down) / count.max(1) as f64).min(72.0);
        let cell_px = if cell_px >= 8.0 { cell_px.floor() } else { cell_px };
        let extent = cell_px * count as f64;
        let (width, height) = ((left + extent + MARGIN).max(240.0), top + extent + 34.0);
        let mut picture = Picture::new(width.ceil() as u32, height.ceil() as u32, &self.title);
        picture.rect("k-canvas", (0.0, 0.0), (width.ceil(), height.ceil()), Paint::Canvas, 1.0);
        header::title(&mut picture);
        let grid = Grid { left, top, side: cell_px, count, names: &names, small, upright };
        grid.names(&mut picture, top_of_all);
        self.cells(&mut picture, &grid);
        if count == 0 {
            header::empty(&mut picture, (width / 2.0, top + 20.0), "No classes");
        }
        let caption = match self.cells {
            ConfusionCells::Counts => "Examples of each true class by predicted class",
            ConfusionCells::Change => {
                "B − A: green is better, orange is worse; more on the diagonal is better"
            }
        };
        let look = Look::new(Paint::Ink3, small);
        let caption = font::elide(caption, small, width - 2.0 * MARGIN);
        picture.text("k-note", (MARGIN, top + extent + 22.0), look, caption);
        self.describe(&mut picture, &grid);
        Ok(picture)
    }

    fn table(&self) -> Table {
        let classes = &self.confusion.classes;
        let mut header = vec!["true class".to_owned()];
        header.extend(classes.iter().map(|class| format!("predicted {class}")));
        let row = |(row, class): (usize, &String)| {
            let cells = (0..classes.len()).map(|column| cell(self.value(row, column)));
            std::iter::once(class.clone()).chain(cells).collect()
        };
        Table { header, rows: classes.iter().enumerate().map(row).collect() }
    }
}

struct Grid<'a> {
    left: f64,
    top: f64,
    side: f64,
    count: usize,
    names: &'a [String],
    small: f64,
    upright: bool,
}

impl Grid<'_> {
    fn names(&self, picture: &mut Picture, top_of_all: f64) {
        let extent = self.side * self.count as f64;
        picture.open("k-classes");
        let title = Look::new(Paint::Ink2, self.small).anchor(Anchor::Middle);
        let middle = self.left + extent / 2.0;
        picture.text("k-axis-label", (middle, top_of_all + 13.0), title, "predicted");
        let upward = Look { upward: true, ..title };
        picture.text("k-axis-label", (MARGIN + 10.0, self.top + extent / 2.0), upward, "true");
        let stride = ((self.small + 3.0) / self.side.max(0.1)).ceil().max(1.0) as usize;
        for (index, name) in self.names.iter().enumerate().filter(|(index, _)| index.is_multiple_of(stride)) {
            let offset = self.side * (index as f64 + 0.5);
            let look = Look::new(Paint::Ink2, self.small);
            let row = (self.left - 8.0, self.top + offset + look.drop());
            picture.text("k-class", row, look.anchor(Anchor::End), name.clone());
            if self.upright {
                let at = (self.left + offset + look.drop(), self.top - 7.0);
                picture.text("k-class", at, Look { upward: true, ..look }, name.clone());
            } else {
                let at = (self.left + offset, self.top - 7.0);
                picture.text("k-class", at, look.anchor(Anchor::Middle), name.clone());
            }
        }
        picture.close();
    }

    fn corner(&self, row: usize, column: usize) -> (f64, f64) {
        (self.left + self.side * column as f64, self.top + self.side * row as f64)
    }
}

impl ConfusionChart {
    fn cells(&self, picture: &mut Picture, grid: &Grid<'_>) {
        let all = || (0..grid.count).flat_map(|row| (0..grid.count).map(move |column| (row, column)));
        let finite = |value: f64| if value.is_finite() { value.abs() } else { 0.0 };
        let largest = all().map(|(row, column)| finite(self.value(row, column))).fold(0.0, f64::max);
        let gap = if grid.side >= 14.0 { 1.0 } else { 0.0 };
        picture.open("k-cells");
        for (row, column) in all() {
            let (x, y) = grid.corner(row, column);
            let (at, size) = ((x + gap, y + gap), (grid.side - gap, grid.side - gap));
            if gap > 0.0 {
                picture.rect("k-cell-ground", at, size, Paint::Surface, 1.0);
            }
            if let Some((paint, strength)) = self.tint(row, column, largest) {
                picture.rect("k-cell", at, size, paint, strength);
            }
        }
        for index in 0..grid.count {
            // The diagonal is where right answers are: an outline says so without colour.
            if grid.side < 14.0 {
                break;
            }
            let (x, y) = grid.corner(index, index);
            let (x0, y0, x1, y1) =
                (crisp(x + 1.0), crisp(y + 1.0), crisp(x + grid.side - 1.0), crisp(y + grid.side - 1.0));
            for ends in
                [[(x0, y0), (x1, y0)], [(x1, y0), (x1, y1)], [(x1, y1), (x0, y1)], [(x0, y1), (x0, y0)]]
            {
                picture.line("k-diagonal", ends, Stroke::solid(Paint::Control, 1.0));
            }
        }
        let size = type_px("code").min(grid.side * 0.42);
        let widest = all()
            .map(|(row, column)| font::width(&self.text(self.value(row, column)), size))
            .fold(0.0, f64::max);
        let size = if widest > grid.side - 4.0 { size * (grid.side - 4.0) / widest } else { size };
        if size >= 7.0 {
            for (row, column) in all() {
                let value = self.value(row, column);
                let (x, y) = grid.corner(row, column);
                let paint = if value == 0.0 || !value.is_finite() { Paint::Ink3 } else { Paint::Ink };
                let look = Look::new(paint, size).anchor(Anchor::Middle);
                let at = (x + grid.side / 2.0 + gap / 2.0, y + grid.side / 2.0 + gap / 2.0 + look.drop());
                picture.text("k-cell-value", at, look, self.text(value));
            }
        }
        picture.close();
    }

    fn describe(&self, picture: &mut Picture, grid: &Grid<'_>) {
        let classes = &self.confusion.classes;
        let mut largest: Option<(f64, usize, usize)> = None;
        for row in 0..grid.count {
            for column in (0..grid.count).filter(|column| *column != row) {
                let value = self.value(row, column);
                if value.is_finite() && value.abs() > largest.map_or(0.0, |(most, ..)| most.abs()) {
                    largest = Some((value, row, column));
                }
            }
        }
        let what = match self.cells {
            ConfusionCells::Counts => "Confusion matrix",
            ConfusionCells::Change => "Change of the confusion matrix, B − A",
        };
        let mut description = format!("{what}, {} classes.", grid.count);
        if let Some((value, row, column)) = largest {
            let text = self.text(value);
            let part = format!(
                " Largest off the diagonal: {text}, true {} predicted {}.",
                classes[row], classes[column]
            );
            description.push_str(&part);
        }
        picture.description = description;
        let extent = grid.side * grid.count as f64;
        let ends = grid.count.max(1) as f64 - 0.5;
        let sidecar = &mut picture.sidecar;
        sidecar.plot_rect = PlotRect { x: grid.left, y: grid.top, width: extent, height: extent };
        sidecar.x_domain = [-0.5, ends];
        sidecar.y_domain = [ends, -0.5];
        (sidecar.x_scale, sidecar.y_scale) = (ScaleKind::Band, ScaleKind::Band);
        (sidecar.x_labels, sidecar.y_labels) = (classes.clone(), classes.clone());
        sidecar.series = (0..grid.count)
            .map(|row| SidecarSeries {
                id: classes[row].clone(),
                label: classes[row].clone(),
                color_index: 0,
                x: (0..grid.count).map(|column| column as f64).collect(),
                y: (0..grid.count).map(|column| known(self.value(row, column))).collect(),
                points_total: grid.count as u64,
                points_drawn: grid.count as u64,
                ..SidecarSeries::default()
            })
            .collect();
    }
}
