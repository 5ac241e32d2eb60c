//! `chart`: metrics across versions, or the curves of runs.

use keelmark_charts::{
    AxisScale, Baseline, Chart, ChartSeries, HistoryChart, HistoryCommit, HistorySeries, HistoryValue,
    LineChart, Sidecar, Size, Table, Theme, XAxis,
};
use keelmark_history::HistoryQuery;
use keelmark_types::{Series, metric_info};
use serde::Serialize;

use crate::history::parse_model;
use crate::{Code, Problem, Session};

/// The horizontal axis.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum By {
    /// A point a version.
    Commit,
    /// Optimiser steps.
    Step,
    /// Epochs.
    Epoch,
    /// Time since training began.
    Time,
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
    /// The horizontal axis; none means commit for metrics of versions, step for curves.
    pub by: Option<By>,
    /// Weight of what came before, in [0, 1).
    pub smooth: f64,
    /// Whether x is logarithmic.
    pub log_x: bool,
    /// Whether y is logarithmic.
    pub log_y: bool,
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

impl Session {
    /// Draws a chart.
    pub fn chart(&self, query: &ChartQuery, format: Format) -> Result<Drawn, Problem> {
        let is_curve = |metric: &String| metric.contains('/') || metric == "learning_rate";
        let by = query.by.unwrap_or(if query.runs.is_empty() && !query.metrics.iter().any(is_curve) {
            By::Commit
        } else {
            By::Step
        });
        match by {
            By::Commit => draw(&self.history_chart(query)?, format),
            By::Step => draw(&self.line_chart(query, XAxis::Step)?, format),
            By::Epoch => draw(&self.line_chart(query, XAxis::Epoch)?, format),
            By::Time => draw(&self.line_chart(query, XAxis::RelativeTime)?, format),
        }
    }

    fn history_chart(&self, query: &ChartQuery) -> Result<HistoryChart, Problem> {
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
        Ok(HistoryChart {
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
            size: Size::default(),
        })
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
            let run = candidate.run.ok_or_else(|| crate::training::no_run(&candidate.version))?;
            runs.push(run.record.run.to_string());
        }
        let mut series = Vec::new();
        for name in &runs {
            let run = match self.run(name) {
                Ok(run) => run,
                Err(problem) if problem.code != Code::UnknownRun => return Err(problem),
                Err(_) => {
                    let candidate = self.candidate(name, None, query.model.as_deref())?;
                    let run = candidate.run.ok_or_else(|| crate::training::no_run(&candidate.version))?;
                    self.run(run.record.run.as_str())?
                }
            };
            let curves = Series::from_log(&run.log);
            let version = run.record.version.short();
            for metric in &query.metrics {
                let Some(curve) = curves.iter().find(|curve| curve.metric == *metric) else {
                    let known: Vec<String> = curves.iter().map(|curve| curve.metric.clone()).collect();
                    return Err(unknown_metric(metric, &known));
                };
                let label = match (runs.len(), query.metrics.len()) {
                    (1, _) => metric.clone(),
                    (_, 1) => format!("{version} seed {}", run.record.seed),
                    _ => format!("{metric} {version} seed {}", run.record.seed),
                };
                let id = format!("{}/{metric}", run.record.run);
                let started = Some(run.record.started_at);
                series.push(ChartSeries::from_curve(id, label, series.len(), curve, x_axis, started)?);
            }
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
            x_range: None,
            y_range: None,
            size: Size::default(),
        })
    }
}

fn draw(chart: &impl Chart, format: Format) -> Result<Drawn, Problem> {
    let picture = chart.picture()?;
    let bytes = match format {
        Format::Svg => picture.svg(Theme::default()).into_bytes(),
        Format::Png => picture.png(Theme::default(), 2.0)?,
    };
    Ok(Drawn { sidecar: picture.sidecar().clone(), table: chart.table(), bytes })
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
