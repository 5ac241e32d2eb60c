//! `runs`: what was run and what runs.

use keelmark_api::{RunDetail, RunState, RunSummary};
use serde_json::json;

use super::{Context, training, words};
use crate::arguments::{RunsAction, RunsArguments};
use crate::failure::Ending;
use crate::output::{Tone, Words};

pub fn runs(context: &Context, asked: RunsArguments) -> Ending {
    match asked.action {
        None | Some(RunsAction::List) => list(context),
        Some(RunsAction::Show(asked)) => {
            let run = context.open()?.run(&asked.run)?;
            context.output.answer(&run, |words| show(words, &run))?;
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
    let runs = context.open()?.runs(context.model())?;
    context.output.answer(&json!({ "runs": runs }), |words| {
        if runs.is_empty() {
            words.line("no run yet: keelmark train");
            return;
        }
        let rows: Vec<_> = runs.iter().map(row).collect();
        words.table(&["run", "version", "job", "status", ">seed", ">took", "metrics"], &rows);
    })?;
    Ok(0)
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
