//! A metric across commits: which version moved it, and what was promoted.

use crate::plot::{Axis, Flag, Plot};
use crate::prepare::Trace;
use crate::scale::ScaleKind;
use crate::series::{Baseline, ChartSeries};
use crate::sidecar::{Table, cell};
use crate::ticks::Unit;
use crate::{Chart, Error, Picture, Size};

/// A commit along x.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct HistoryCommit {
    /// Its short id.
    pub short_id: String,
    /// The first line of its message.
    pub subject: String,
    /// What was promoted to at this version, e.g. `production`.
    pub promoted: Vec<String>,
}

/// A metric of one version.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct HistoryValue {
    /// The estimate.
    pub value: f64,
    /// Its interval, where known.
    pub interval: Option<[f64; 2]>,
}

/// One metric along the commits.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct HistorySeries {
    /// A stable id: `data-series` in the picture.
    pub id: String,
    /// Its name for people.
    pub label: String,
    /// Its colour, marker and dash.
    pub color_index: usize,
    /// A value a commit, in the same order; `None` where that version has none.
    pub values: Vec<Option<HistoryValue>>,
}

/// Metrics across commits, oldest at the left.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct HistoryChart {
    /// What it shows.
    pub title: String,
    /// The name of y.
    pub y_label: String,
    /// The commits, oldest first.
    pub commits: Vec<HistoryCommit>,
    /// The metrics.
    pub series: Vec<HistorySeries>,
    /// A pinned value to compare with.
    pub baseline: Option<Baseline>,
    /// Whether y is logarithmic.
    pub log_y: bool,
    /// Size in CSS pixels.
    pub size: Size,
}

impl HistoryChart {
    /// The series along the commits' places; versions without the metric are left out, so that the line joins those that have it.
    fn lines(&self) -> Result<Vec<ChartSeries>, Error> {
        let mut lines = Vec::with_capacity(self.series.len());
        for series in &self.series {
            if series.values.len() != self.commits.len() {
                let what = format!(
                    "series `{}` has {} values for {} commits; one a commit is expected",
                    series.label,
                    series.values.len(),
                    self.commits.len()
                );
                return Err(Error::Invalid { what });
            }
            let known: Vec<_> = series
                .values
                .iter()
                .enumerate()
                .filter_map(|(place, value)| Some((place as f64, (*value)?)))
                .collect();
            let end = |pick: usize| {
                known
                    .iter()
                    .map(|(_, value)| value.interval.map_or(f64::NAN, |interval| interval[pick]))
                    .collect()
            };
            let line = ChartSeries::new(
                &series.id,
                &series.label,
                series.color_index,
                known.iter().map(|(place, _)| *place).collect(),
                known.iter().map(|(_, value)| value.value).collect(),
            );
            let with_intervals = known.iter().any(|(_, value)| value.interval.is_some());
            lines.push(if with_intervals { line.with_band(end(0), end(1)) } else { line });
        }
        Ok(lines)
    }
}

impl Chart for HistoryChart {
    fn picture(&self) -> Result<Picture, Error> {
        let lines = self.lines()?;
        let places: Vec<String> = self.commits.iter().map(|commit| commit.short_id.clone()).collect();
        let flags: Vec<_> = self
            .commits
            .iter()
            .enumerate()
            .filter(|(_, commit)| !commit.promoted.is_empty())
            .map(|(place, commit)| Flag { x: place as f64, label: commit.promoted.join(", ") })
            .collect();
        let without: usize = self
            .series
            .iter()
            .map(|series| series.values.iter().filter(|value| value.is_none()).count())
            .sum();
        let mut summary = format!(
            "{} across {} commits, {} of them promoted.",
            self.y_label,
            self.commits.len(),
            flags.len()
        );
        if without > 0 {
            let part = format!(" {without} values are not known.");
            summary.push_str(&part);
        }
        let plot = Plot {
            title: &self.title,
            size: self.size,
            x: Axis {
                label: "commit, oldest first".to_owned(),
                kind: ScaleKind::Band,
                unit: Unit::Whole,
                range: None,
                places: &places,
            },
            y: Axis {
                label: self.y_label.clone(),
                kind: if self.log_y { ScaleKind::Log } else { ScaleKind::Linear },
                unit: Unit::Number,
                range: None,
                places: &[],
            },
            traces: lines.iter().map(|line| Trace::new(line, 0.0, true)).collect(),
            baseline: self.baseline.as_ref(),
            flags,
            summary,
            nothing: "No version has this metric yet",
        };
        plot.picture()
    }

    fn table(&self) -> Table {
        let mut header = vec!["commit".to_owned(), "subject".to_owned(), "promoted to".to_owned()];
        for series in &self.series {
            header.extend([
                series.label.clone(),
                format!("{} low", series.label),
                format!("{} high", series.label),
            ]);
        }
        let row = |(place, commit): (usize, &HistoryCommit)| {
            let mut row = vec![commit.short_id.clone(), commit.subject.clone(), commit.promoted.join(", ")];
            for series in &self.series {
                let value = series.values.get(place).copied().flatten();
                let interval = value.and_then(|value| value.interval);
                row.push(value.map_or_else(String::new, |value| cell(value.value)));
                row.extend(
                    [0, 1].map(|end| interval.map_or_else(String::new, |interval| cell(interval[end]))),
                );
            }
            row
        };
        Table { header, rows: self.commits.iter().enumerate().map(row).collect() }
    }
}
