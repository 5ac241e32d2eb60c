//! `runs`: what was run and what runs.

use keelmark_api::{
    Code, Experiment, ForeignRun, ForeignStatus, ForeignValue, RunDetail, RunState, RunSummary,
};
use serde_json::json;

use super::{Context, training, words};
use crate::arguments::{RunsAction, RunsArguments};
use crate::failure::Ending;
use crate::output::{Tone, Words};

pub fn runs(context: &Context, asked: RunsArguments) -> Ending {
    match asked.action {
        None | Some(RunsAction::List) => list(context),
        Some(RunsAction::Show(asked)) => {
            let session = context.open()?;
            match session.run(&asked.run) {
                Ok(run) => context.output.answer(&run, |words| show(words, &run))?,
                // Another tool may have made it.
                Err(problem) if problem.code == Code::UnknownRun => {
                    let run = session.other_run(&asked.run).map_err(|_| problem)?;
                    context.output.answer(&run, |words| show_other(words, &run))?;
                }
                Err(problem) => return Err(problem.into()),
            }
            Ok(0)
        }
        Some(RunsAction::Log(asked)) => {
            let log = context.open()?.run_log(&asked.run)?;
            let document = json!({ "run": asked.run, "log": log });
            context.output.answer(&document, |words| log.lines().for_each(|line| words.line(line)))?;
            Ok(0)
        }
        Some(RunsAction::Stop { run, now }) => {
            let run = context.open()?.stop_run(&run, now)?;
            context.output.answer(&json!({ "run": run, "now": now }), |words| {
                let when = if now { "was stopped" } else { "stops after its step" };
                words.line(format!("run {run} {when}"));
            })?;
            Ok(0)
        }
        Some(RunsAction::Resume(asked)) => training::resume(context, &asked.run),
    }
}

fn list(context: &Context) -> Ending {
    let session = context.open()?;
    let runs = session.runs(context.model())?;
    let others = session.other_runs(context.model())?;
    for problem in &others.problems {
        context.output.remark(&format!("{}: {}", problem.what, problem.why));
    }
    let document = json!({
        "runs": runs,
        "foreign_runs": others.foreign_runs,
        "experiments": others.experiments,
        "problems": others.problems,
    });
    context.output.answer(&document, |words| {
        let has_others = !others.foreign_runs.is_empty() || !others.experiments.is_empty();
        if !runs.is_empty() {
            let rows: Vec<_> = runs.iter().map(row).collect();
            words.table(&["run", "version", "job", "status", ">seed", ">took", "metrics"], &rows);
        } else if !has_others {
            words.line("no run yet: keelmark train");
        }
        if has_others {
            if !runs.is_empty() {
                words.line("");
            }
            words.toned(Tone::Strong, "recorded by other tools");
            let foreign = others.foreign_runs.iter().map(foreign_row);
            let rows: Vec<_> = foreign.chain(others.experiments.iter().map(experiment_row)).collect();
            words.table(&["run", "name", "version", "source", "status", "metrics"], &rows);
        }
    })?;
    Ok(0)
}

fn foreign_row(run: &ForeignRun) -> Vec<(Tone, String)> {
    let tone = match run.status {
        ForeignStatus::Finished => Tone::Good,
        ForeignStatus::Failed => Tone::Bad,
        ForeignStatus::Killed => Tone::Warn,
        ForeignStatus::Running | ForeignStatus::Scheduled => Tone::Strong,
    };
    let version = match (&run.commit, run.orphan) {
        (Some(commit), None) => words::plain(commit.short()),
        (Some(commit), Some(_)) => (Tone::Warn, format!("{} is not here", commit.short())),
        (None, _) => (Tone::Warn, "none named".to_owned()),
    };
    let deleted = if run.deleted { ", deleted" } else { "" };
    let first = run.metrics.get_key_value("accuracy").or_else(|| run.metrics.iter().next());
    vec![
        words::plain(&run.id),
        words::plain(run.name.as_deref().unwrap_or_default()),
        version,
        words::plain("MLflow"),
        (tone, format!("{}{deleted}", words::word(&run.status))),
        words::plain(
            first.map_or_else(String::new, |(name, value)| format!("{name} {}", foreign_number(value))),
        ),
    ]
}

fn experiment_row(experiment: &Experiment) -> Vec<(Tone, String)> {
    let first = experiment.metrics.get_key_value("accuracy").or_else(|| experiment.metrics.iter().next());
    vec![
        words::plain(experiment.commit.short()),
        words::plain(&experiment.name),
        (Tone::Faint, format!("on {}", experiment.base.short())),
        words::plain("DVC experiment"),
        words::plain(""),
        words::plain(
            first
                .map_or_else(String::new, |(name, metric)| format!("{name} {}", words::number(metric.value))),
        ),
    ]
}

fn foreign_number(value: &ForeignValue) -> String {
    value.why.clone().unwrap_or_else(|| words::number(value.value))
}

fn show_other(words: &mut Words, run: &ForeignRun) {
    words.toned(Tone::Strong, format!("{}: MLflow run {}", words::word(&run.status), run.id));
    let version = match (&run.commit, run.orphan) {
        (Some(commit), None) => commit.to_string(),
        (Some(commit), Some(_)) => format!("{commit}, which is not in this repository"),
        (None, _) => "it names no commit".to_owned(),
    };
    words.line(format!("name      {}", run.name.as_deref().unwrap_or("none")));
    words.line(format!("version   {version}"));
    words.line(format!("recorded  in {}, experiment {}", run.file, run.experiment));
    let rows = |all: Vec<(&String, String)>| {
        let row = |(name, value): (&String, String)| vec![words::plain(name), words::plain(value)];
        all.into_iter().map(row).collect::<Vec<_>>()
    };
    if !run.metrics.is_empty() {
        let values = run.metrics.iter().map(|(name, value)| (name, foreign_number(value))).collect();
        words.table(&["metric", ">asserted"], &rows(values));
    }
    if !run.params.is_empty() {
        let values = run.params.iter().map(|(name, value)| (name, value.clone())).collect();
        words.table(&["parameter", "value"], &rows(values));
    }
}

fn row(run: &RunSummary) -> Vec<(Tone, String)> {
    let tone = match run.status {
        RunState::Succeeded => Tone::Good,
        RunState::Failed => Tone::Bad,
        RunState::Cancelled => Tone::Warn,
        RunState::Running => Tone::Strong,
    };
    let status = match &run.phase {
        Some(phase) => words::word(phase),
        None => words::word(&run.status),
    };
    let first = run.metrics.get_key_value("accuracy").or_else(|| run.metrics.iter().next());
    let said = match (first, &run.cause) {
        (Some((name, metric)), _) => format!("{name} {}", words::number(metric.value)),
        (None, cause) => cause.clone().unwrap_or_default(),
    };
    let dirty = if run.dirty { "*" } else { "" };
    vec![
        words::plain(run.run.as_str()),
        (Tone::Faint, format!("{}{dirty}", run.version.short())),
        words::plain(words::word(&run.job)),
        (tone, status),
        words::plain(run.seed.map_or_else(String::new, |seed| seed.to_string())),
        words::plain(run.duration_millis.map_or_else(String::new, words::duration)),
        words::plain(said),
    ]
}

fn show(words: &mut Words, run: &RunDetail) {
    let record = &run.record;
    let (tone, status) = words::status(record.status);
    words.toned(tone, format!("{status}: run {}", record.run));
    let dirty = if record.dirty { ", with uncommitted changes" } else { "" };
    words.line(format!("version   {}{dirty}", record.version));
    words.line(format!("model     {}, {}, seed {}", record.model, words::word(&record.job), record.seed));
    words.line(format!("started   {}, took {}", record.started_at, words::duration(record.duration_millis)));
    if let Some(cause) = &record.cause {
        words.line(format!("cause     {cause}"));
    }
    for (key, value) in &record.overrides {
        words.line(format!("set       {key}={value}"));
    }
    if let Some(digest) = &record.model_sha256 {
        words.line(format!("weights   {digest}"));
    }
    if let Some(artifact) = &record.artifact {
        words.line(format!("artifact  {}", artifact.path));
    }
    words::metrics(words, &record.metrics);
}
