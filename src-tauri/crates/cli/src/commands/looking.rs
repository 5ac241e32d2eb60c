//! `check`, `history`, `chart`, `metrics`: questions that change nothing.

use std::path::Path;

use keelmark_api::{By, ChartQuery, Code, Format, History, HistoryCommit, HistoryQuery, Problem};
use keelmark_types::{ModelName, TaskKind};
use serde_json::json;

use super::{Context, words};
use crate::arguments::{
    self, ChartArguments, CheckArguments, HistoryArguments, LogAxis, MetricsArguments, Task,
};
use crate::failure::{self, Ending, Failure};
use crate::output::{Tone, Words};

/// Metric columns that fit a terminal where none were named.
const MOST_COLUMNS: usize = 4;

pub fn check(context: &Context, asked: &CheckArguments) -> Ending {
    let checked = context.open()?.check(asked.rev.as_deref())?;
    let Some(first) = checked.problems.first() else {
        context.output.answer(&json!({ "problems": [], "models": checked.models }), |words| {
            for model in &checked.models {
                let folder = if model.folder.is_empty() { "." } else { &model.folder };
                words.toned(
                    Tone::Good,
                    format!("sound: {} in {folder}", model.name.as_deref().unwrap_or("?")),
                );
            }
        })?;
        return Ok(0);
    };
    if context.output.is_json() {
        let document = json!({ "problem": first, "problems": checked.problems, "models": checked.models });
        context.output.answer(&document, |_| {})?;
    } else {
        checked.problems.iter().for_each(failure::in_words);
    }
    Err(Failure::Told(Code::InvalidManifest.exit_code()))
}

pub fn history(context: &Context, asked: HistoryArguments) -> Ending {
    let session = context.open()?;
    let model = context.model().map(ModelName::new).transpose().map_err(|error| {
        Problem::new(Code::UnknownModel, error.to_string()).detail("Nothing was changed.")
    })?;
    let (columns, params) = (asked.metrics.clone(), asked.params.clone());
    let history = session.history(&HistoryQuery {
        revision: Some(asked.rev),
        model,
        metrics: asked.metrics,
        limit: asked.limit,
        path: asked.path,
        params: asked.params,
    })?;
    for problem in &history.problems {
        context.output.remark(&format!("{}: {}", problem.what, problem.why));
    }
    context.output.answer(&history, |words| versions(words, &history, columns, params))?;
    Ok(0)
}

fn versions(words: &mut Words, history: &History, mut columns: Vec<String>, params: Option<Vec<String>>) {
    if columns.is_empty() {
        columns = history.commits.iter().flat_map(|commit| commit.metrics.keys().cloned()).collect();
        columns.sort_by_key(|name| (name != "accuracy", name.clone()));
        columns.dedup();
        columns.truncate(MOST_COLUMNS);
    }
    let params = params.map_or_else(Vec::new, |named| params_shown(history, named));
    let flush: Vec<String> = columns.iter().chain(&params).map(|name| format!(">{name}")).collect();
    let mut headings = vec!["version", "date", "at"];
    headings.extend(flush.iter().map(String::as_str));
    headings.push("subject");
    let rows: Vec<_> = history
        .commits
        .iter()
        .map(|commit| {
            let mut marks: Vec<String> = commit.environments.iter().map(ToString::to_string).collect();
            marks.extend(commit.stages.iter().map(|stage| format!("{} (GTO)", stage.label)));
            marks.extend(commit.tags.iter().cloned());
            let date = commit.time.to_string();
            let mut row = vec![
                (Tone::Faint, commit.commit.short().to_owned()),
                (Tone::Faint, date.split('T').next().unwrap_or_default().to_owned()),
                (Tone::Strong, marks.join(", ")),
            ];
            row.extend(columns.iter().map(|name| match commit.metrics.get(name) {
                None => words::plain(""),
                // Measured on another test set than the newest: shown, but not to be held against it.
                Some(metric) if metric.comparable == Some(false) => {
                    (Tone::Faint, format!("({})", words::number(metric.value)))
                }
                Some(metric) => words::plain(words::number(metric.value)),
            }));
            row.extend(params.iter().map(|name| param(history, commit, name)));
            row.push(words::plain(&commit.subject));
            row
        })
        .collect();
    words.table(&headings, &rows);
}

/// The parameters that were named; else those that change most often among the versions.
fn params_shown(history: &History, named: Vec<String>) -> Vec<String> {
    if !named.is_empty() {
        return named;
    }
    let of = |commit: &HistoryCommit, name: &String| commit.params.as_ref()?.get(name).cloned();
    let known =
        history.commits.iter().flat_map(|commit| commit.params.iter().flatten().map(|(name, _)| name));
    let all: std::collections::BTreeSet<&String> = known.collect();
    let changes = |name: &String| {
        let pairs = history.commits.windows(2);
        pairs.filter(|pair| matches!(pair, [one, other] if of(one, name) != of(other, name))).count()
    };
    let mut changing: Vec<(usize, &String)> = all.into_iter().map(|name| (changes(name), name)).collect();
    changing.retain(|(changes, _)| *changes > 0);
    changing.sort_by_key(|(changes, name)| (std::cmp::Reverse(*changes), *name));
    changing.into_iter().take(MOST_COLUMNS).map(|(_, name)| name.clone()).collect()
}

/// A parameter's value, with a mark where its first parent has another.
fn param(history: &History, commit: &HistoryCommit, name: &str) -> (Tone, String) {
    let of = |commit: &HistoryCommit| commit.params.as_ref()?.get(name).cloned();
    let Some(value) = of(commit) else { return words::plain("") };
    let parent = commit.parents.first();
    let parent = parent.and_then(|parent| history.commits.iter().find(|commit| commit.commit == *parent));
    let text = words::setting(&value);
    match parent {
        Some(parent) if of(parent).as_ref() != Some(&value) => (Tone::Strong, format!("{text} *")),
        _ => words::plain(text),
    }
}

pub fn chart(context: &Context, asked: ChartArguments) -> Ending {
    let format = format_of(&asked.output)?;
    let query = ChartQuery {
        metrics: asked.metrics,
        runs: asked.runs,
        by: asked.by.map(|by| match by {
            arguments::By::Commit => By::Commit,
            arguments::By::Step => By::Step,
            arguments::By::Epoch => By::Epoch,
            arguments::By::Time => By::Time,
        }),
        smooth: asked.smooth,
        log_x: asked.log.contains(&LogAxis::X),
        log_y: asked.log.contains(&LogAxis::Y),
        model: context.model.clone(),
        ..ChartQuery::default()
    };
    let drawn = context.open()?.chart(&query, format)?;
    failure::write_file(&asked.output, &drawn.bytes)?;
    context.output.answer(&drawn, |words| {
        for series in &drawn.sidecar.series {
            words
                .line(format!("{}: {} of {} points", series.label, series.points_drawn, series.points_total));
        }
        words.toned(Tone::Strong, format!("drawn in {}", asked.output.display()));
    })?;
    Ok(0)
}

fn format_of(path: &Path) -> Result<Format, Problem> {
    let ending = path.extension().and_then(|ending| ending.to_str()).unwrap_or_default().to_ascii_lowercase();
    match ending.as_str() {
        "svg" => Ok(Format::Svg),
        "png" => Ok(Format::Png),
        _ => Err(Problem::new(
            Code::InvalidRequest,
            format!("{} ends in neither .svg nor .png", path.display()),
        )
        .detail("Nothing was drawn.")
        .hint("Name a file like accuracy.svg or accuracy.png.")),
    }
}

pub fn metrics(context: &Context, asked: &MetricsArguments) -> Ending {
    let task = asked.task.map(|task| match task {
        Task::Classification => TaskKind::Classification,
        Task::Regression => TaskKind::Regression,
    });
    let evaluation = keelmark_api::measure_file(&asked.file, task)?;
    context.output.answer(&evaluation, |words| {
        words.toned(
            Tone::Strong,
            format!("{}, {} examples", words::word(&evaluation.task), evaluation.examples),
        );
        words::metrics(words, &evaluation.metrics);
        let rows: Vec<_> = evaluation
            .classes
            .iter()
            .map(|class| {
                let scores = [Some(class.precision), Some(class.recall), Some(class.f1), class.roc_auc];
                let mut row = vec![words::plain(&class.class), words::plain(class.support.to_string())];
                row.extend(scores.into_iter().map(|score| words::plain(words::number(score))));
                row
            })
            .collect();
        if !rows.is_empty() {
            words.table(&["class", ">support", ">precision", ">recall", ">f1", ">roc_auc"], &rows);
        }
    })?;
    Ok(0)
}
