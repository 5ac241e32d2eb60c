//! `chart`: metrics across versions, or the curves of runs.

use keelmark_charts::{
    AxisScale, Baseline, Chart, ChartSeries, HistoryChart, HistoryCommit, HistorySeries, HistoryValue,
    LineChart, Picture, Sidecar, Size, Table, Theme, XAxis,
};
use keelmark_history::HistoryQuery;
use keelmark_types::{CommitId, JobEvent, RunId, Series, SeriesPoint, Timestamp, metric_info};
use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::desk::Unavailable;
use crate::history::parse_model;
use crate::{Code, Problem, Session};

/// The horizontal axis.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum By {
    /// A point a version.
    Commit,
    /// Optimiser steps.
    Step,
    /// Epochs.
    Epoch,
    /// Time since training began.
    Time,
    /// The clock, UTC.
    WallTime,
}

/// A picture's format.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// Scalable, with the theme of whoever looks.
    Svg,
    /// Pixels, two for each.
    Png,
}

/// A chart that is wanted.
#[derive(Debug, Clone, Default)]
pub struct ChartQuery {
    /// Metric names.
    pub metrics: Vec<String>,
    /// Runs whose curves are drawn.
    pub runs: Vec<String>,
    /// Names for them, in the same order; where there is none the version and seed name a run.
    pub labels: Vec<String>,
    /// The horizontal axis; none means commit for metrics of versions, step for curves.
    pub by: Option<By>,
    /// Weight of what came before, in [0, 1).
    pub smooth: f64,
    /// Whether x is logarithmic.
    pub log_x: bool,
    /// Whether y is logarithmic.
    pub log_y: bool,
    /// Shown places along x; for versions, their places from the oldest.
    pub x_range: Option<[f64; 2]>,
    /// Shown values.
    pub y_range: Option<[f64; 2]>,
    /// Size; none is the usual one.
    pub size: Option<Size>,
    /// The model, where there are several.
    pub model: Option<String>,
    /// The newest version shown; empty means HEAD.
    pub revision: String,
}

/// A chart, drawn.
#[derive(Debug, Clone, Serialize)]
pub struct Drawn {
    /// The numbers behind it.
    #[serde(flatten)]
    pub sidecar: Sidecar,
    /// Its table twin.
    pub table: Table,
    /// The picture.
    #[serde(skip)]
    pub bytes: Vec<u8>,
}

/// A chart, laid out.
pub(crate) struct Laid {
    pub picture: Picture,
    pub table: Table,
    pub by: By,
    pub unavailable: Vec<Unavailable>,
    pub x_offset: f64,
}

impl Session {
    /// Draws a chart.
    pub fn chart(&self, query: &ChartQuery, format: Format) -> Result<Drawn, Problem> {
        let laid = self.draw_chart(query)?;
        let bytes = match format {
            Format::Svg => laid.picture.svg(Theme::default()).into_bytes(),
            Format::Png => laid.picture.png(Theme::default(), 2.0)?,
        };
        Ok(Drawn { sidecar: laid.picture.sidecar().clone(), table: laid.table, bytes })
    }

    /// Lays a chart out, to be written in any form.
    pub(crate) fn draw_chart(&self, query: &ChartQuery) -> Result<Laid, Problem> {
        let is_curve = |metric: &String| metric.contains('/') || metric == "learning_rate";
        let of_versions = query.runs.is_empty() && !query.metrics.iter().any(is_curve);
        let by = query.by.unwrap_or(if of_versions { By::Commit } else { By::Step });
        let axis = match by {
            By::Commit => {
                let (chart, x_offset) = self.history_chart(query)?;
                return Ok(Laid {
                    picture: chart.picture()?,
                    table: chart.table(),
                    by,
                    unavailable: unavailable_by_commit(),
                    x_offset,
                });
            }
            By::Step => XAxis::Step,
            By::Epoch => XAxis::Epoch,
            By::Time => XAxis::RelativeTime,
            By::WallTime => XAxis::WallTime,
        };
        let chart = self.line_chart(query, axis)?;
        Ok(Laid {
            picture: chart.picture()?,
            table: chart.table(),
            by,
            unavailable: unavailable_of(&chart),
            x_offset: 0.0,
        })
    }

    /// The chart, and the place of the first version it shows.
    fn history_chart(&self, query: &ChartQuery) -> Result<(HistoryChart, f64), Problem> {
        if query.log_x || query.smooth > 0.0 {
            return Err(Problem::new(
                Code::InvalidRequest,
                "Versions stand side by side: they are not smoothed, and their axis is not logarithmic",
            )
            .detail("Nothing was drawn.")
            .hint("Leave out --smooth and --log x, or draw curves with --by step."));
        }
        let history = self.history(&HistoryQuery {
            revision: (!query.revision.is_empty()).then(|| query.revision.clone()),
            model: parse_model(query.model.as_deref())?,
            ..HistoryQuery::default()
        })?;
        let mut commits = history.commits;
        commits.reverse();
        let mut first = 0;
        if let Some([low, high]) = query.x_range {
            let last = commits.len().saturating_sub(1);
            first = (low.max(0.0).round() as usize).min(last);
            let end = (high.max(0.0).round() as usize).clamp(first, last);
            commits = commits.into_iter().take(end + 1).skip(first).collect();
        }
        let mut known: Vec<String> =
            commits.iter().flat_map(|commit| commit.metrics.keys().cloned()).collect();
        known.sort();
        known.dedup();
        let mut series = Vec::new();
        for (color_index, metric) in query.metrics.iter().enumerate() {
            if !known.contains(metric) {
                return Err(unknown_metric(metric, &known));
            }
            let values = commits
                .iter()
                .map(|commit| {
                    let found = commit.metrics.get(metric)?;
                    let interval = found.low.zip(found.high).map(|(low, high)| [low, high]);
                    Some(HistoryValue { value: found.value?, interval })
                })
                .collect();
            series.push(HistorySeries { id: metric.clone(), label: label(metric), color_index, values });
        }
        let baseline = match query.metrics.as_slice() {
            [metric] => self.production_baseline(metric, query.model.as_deref())?,
            _ => None,
        };
        let chart = HistoryChart {
            title: title(&query.metrics, "by version"),
            y_label: query.metrics.first().map_or_else(String::new, |metric| label(metric)),
            commits: commits
                .into_iter()
                .map(|commit| HistoryCommit {
                    short_id: commit.commit.short().to_owned(),
                    subject: commit.subject,
                    promoted: commit.environments.iter().map(ToString::to_string).collect(),
                })
                .collect(),
            series,
            baseline,
            log_y: query.log_y,
            size: query.size.unwrap_or_default(),
        };
        Ok((chart, first as f64))
    }

    /// What the last environment in order desires, as a line to hold versions against.
    fn production_baseline(&self, metric: &str, model: Option<&str>) -> Result<Option<Baseline>, Problem> {
        let environments = self.environments(model)?.environments;
        Ok(environments.iter().rev().find_map(|state| {
            let value = state.desired.as_ref()?.deployment.metrics.get(metric)?;
            Some(Baseline { label: format!("in {}", state.environment), value: *value })
        }))
    }

    fn line_chart(&self, query: &ChartQuery, x_axis: XAxis) -> Result<LineChart, Problem> {
        let mut runs = query.runs.clone();
        if runs.is_empty() {
            let head = if query.revision.is_empty() { "HEAD" } else { &query.revision };
            let candidate = self.candidate(head, None, query.model.as_deref())?;
            let run =
                candidate.run.ok_or_else(|| self.no_run(&candidate.version, candidate.model.as_ref()))?;
            runs.push(run.record.run.to_string());
        }
        let mut series = Vec::new();
        for (place, name) in runs.iter().enumerate() {
            let Curves { id: run, name, started_at, log } =
                self.curves(name, query.model.as_deref(), &query.metrics)?;
            let curves = Series::from_log(&log);
            for metric in &query.metrics {
                let Some(curve) = curves.iter().find(|curve| curve.metric == *metric) else {
                    let known: Vec<String> = curves.iter().map(|curve| curve.metric.clone()).collect();
                    // Runs side by side need not have logged the same, as long as one has it.
                    if runs.len() > 1 && !known.is_empty() {
                        continue;
                    }
                    return Err(unknown_metric(metric, &known));
                };
                let of = query.labels.get(place).cloned().unwrap_or_else(|| name.clone());
                let label = match (runs.len(), query.metrics.len()) {
                    (1, _) => metric.clone(),
                    (_, 1) => of,
                    _ => format!("{metric} {of}"),
                };
                let id = format!("{run}/{metric}");
                series.push(ChartSeries::from_curve(id, label, series.len(), curve, x_axis, started_at)?);
            }
        }
        if series.is_empty() {
            return Err(unknown_metric(query.metrics.first().map_or("", String::as_str), &[]));
        }
        let scale = |is_log| if is_log { AxisScale::Log } else { AxisScale::Linear };
        Ok(LineChart {
            title: title(&query.metrics, &format!("by {}", x_axis.label().to_lowercase())),
            x_axis,
            x_scale: scale(query.log_x),
            y_label: if query.metrics.len() == 1 { query.metrics[0].clone() } else { String::new() },
            y_scale: scale(query.log_y),
            series,
            smoothing: query.smooth,
            baseline: None,
            x_range: query.x_range,
            y_range: query.y_range,
            size: query.size.unwrap_or_default(),
        })
    }

    /// What a run has logged: one that goes on, a recorded one, one of another tool, or what speaks for a version.
    fn curves(&self, name: &str, model: Option<&str>, metrics: &[String]) -> Result<Curves, Problem> {
        if let Ok(folder) = self.job_folder(name)
            && !folder.has_ended()
            && let Ok(request) = folder.request()
        {
            let mut log = Vec::new();
            for event in keelmark_runs::EventReader::new(folder).read()? {
                if let JobEvent::Metrics { point } = event {
                    log.push(point);
                }
            }
            let (id, version, started) = (&request.run, &request.version, request.queued_at);
            return Ok(Curves::of(id, version, request.seed, started, log));
        }
        if let Some(foreign) = self.foreign_run(name)? {
            let log = self.foreign_log(&foreign, metrics)?;
            let name = foreign.name.unwrap_or_else(|| foreign.id.clone());
            return Ok(Curves { id: foreign.id, name, started_at: foreign.started, log });
        }
        let detail = match self.run(name) {
            Err(problem) if problem.code == Code::UnknownRun => {
                let candidate = self.candidate(name, None, model)?;
                if candidate.run.is_none() {
                    let log = self.recorded_log(&candidate, metrics)?;
                    if !log.is_empty() {
                        let version = &candidate.version;
                        let (id, name) = (version.to_string(), version.short().to_owned());
                        return Ok(Curves { id, name, started_at: None, log });
                    }
                }
                let run =
                    candidate.run.ok_or_else(|| self.no_run(&candidate.version, candidate.model.as_ref()))?;
                self.run(run.record.run.as_str())?
            }
            found => found?,
        };
        let record = detail.record;
        Ok(Curves::of(&record.run, &record.version, Some(record.seed), record.started_at, detail.log))
    }
}

/// What a run has logged.
struct Curves {
    id: String,
    /// What it is called where nobody says otherwise.
    name: String,
    started_at: Option<Timestamp>,
    log: Vec<SeriesPoint>,
}

impl Curves {
    fn of(
        run: &RunId,
        version: &CommitId,
        seed: Option<u64>,
        started: Timestamp,
        log: Vec<SeriesPoint>,
    ) -> Self {
        let seed = seed.map_or_else(String::new, |seed| format!(" seed {seed}"));
        let name = format!("{}{seed}", version.short());
        Self { id: run.to_string(), name, started_at: Some(started), log }
    }
}

fn unavailable(choice: &str, why: &str) -> Unavailable {
    Unavailable { choice: choice.to_owned(), why: why.to_owned() }
}

fn unavailable_by_commit() -> Vec<Unavailable> {
    let curves = "Only curves of runs have it: choose runs first.";
    let mut choices: Vec<Unavailable> =
        ["step", "epoch", "time", "wall_time"].into_iter().map(|axis| unavailable(axis, curves)).collect();
    choices.push(unavailable("log_x", "Versions stand side by side."));
    choices.push(unavailable("smooth", "Versions are not steps of one run: each value stands for itself."));
    choices
}

fn unavailable_of(chart: &LineChart) -> Vec<Unavailable> {
    let mut choices = vec![unavailable("commit", "A curve belongs to one version.")];
    if chart.x_axis == XAxis::WallTime {
        choices.push(unavailable("log_x", "A date has no logarithm."));
    }
    let has_positive = chart.series.iter().any(|series| series.y.iter().any(|value| *value > 0.0));
    if !has_positive {
        choices.push(unavailable("log_y", "No value is above zero."));
    }
    choices
}

fn label(metric: &str) -> String {
    metric_info(metric).map_or_else(|| metric.to_owned(), |info| info.label.to_owned())
}

fn title(metrics: &[String], by: &str) -> String {
    let names: Vec<String> = metrics.iter().map(|metric| label(metric)).collect();
    format!("{} {by}", names.join(", "))
}

fn unknown_metric(metric: &str, known: &[String]) -> Problem {
    let hint = if known.is_empty() {
        "Nothing was measured yet: train a version first.".to_owned()
    } else {
        format!("There are: {}.", known.join(", "))
    };
    Problem::new(Code::UnknownMetric, format!("There is no metric `{metric}` to draw"))
        .detail("Nothing was drawn.")
        .hint(hint)
}
