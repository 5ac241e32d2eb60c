//! `data`, `index`, `schema`, `completions`, `worker`: upkeep.

use clap::CommandFactory;
use keelmark_api::{
    DataFile, DataFiles, DataState, DvcReasonKind, DvcStage, DvcStageReason, DvcStageState, Hydration,
    PullQuery, TrackedData,
};
use serde_json::json;

use super::{Context, words};
use crate::arguments::{
    Arguments, CompletionsArguments, DataAction, DataArguments, IndexAction, IndexArguments, WorkerArguments,
};
use crate::failure::{self, Ending, Failure};
use crate::interrupt;
use crate::output::{Output, Tone, Words};
use crate::progress::Bars;

pub fn data(context: &Context, asked: DataArguments) -> Ending {
    let session = context.open()?;
    match asked.action {
        DataAction::Add { path } => {
            let file = session.data_add(&path)?;
            context.output.answer(&file, |words| files(words, std::slice::from_ref(&file)))?;
        }
        DataAction::Status => {
            let found: DataFiles = session.data_status()?;
            context.output.answer(&found, |words| status(words, &found))?;
        }
        DataAction::Pull { paths, remote, rev } => {
            let stop = interrupt::stop()?;
            let bars = Bars::new(context.output);
            let pulled = session.data_pull(&PullQuery { paths, remote, revision: rev }, &bars, &stop);
            bars.finish();
            let pulled = pulled?;
            context.output.answer(&pulled, |words| {
                words.line(format!(
                    "{} objects ({} bytes) fetched into DVC's cache, {} were here already",
                    pulled.fetched, pulled.bytes, pulled.already_here
                ));
                pulled.remotes.iter().for_each(|remote| words.toned(Tone::Faint, format!("from {remote}")));
            })?;
        }
    }
    Ok(0)
}

fn status(words: &mut Words, found: &DataFiles) {
    if !found.files.is_empty() {
        files(words, &found.files);
    }
    if !found.tracked.is_empty() {
        let row = |data: &TrackedData| {
            let tone = match data.here {
                Hydration::Cached | Hydration::WorkTree => Tone::Good,
                Hydration::Partly | Hydration::Missing => Tone::Warn,
            };
            vec![
                (tone, words::word(&data.here)),
                words::plain(&data.path),
                words::plain(data.size_bytes.map_or_else(String::new, |size| size.to_string())),
                (Tone::Faint, data.md5.as_deref().unwrap_or_default().chars().take(12).collect()),
                (Tone::Faint, data.said_to_be.join(", ")),
            ]
        };
        words.table(
            &["here", "tracked by DVC", ">bytes", "md5", ""],
            &found.tracked.iter().map(row).collect::<Vec<_>>(),
        );
    }
    if !found.stages.is_empty() {
        let row = |stage: &DvcStage| {
            let tone = match stage.state {
                DvcStageState::Fresh => Tone::Good,
                DvcStageState::Stale | DvcStageState::Incomplete => Tone::Warn,
            };
            let why: Vec<String> = stage.reasons.iter().map(reason).collect();
            vec![(tone, words::word(&stage.state)), words::plain(&stage.name), (Tone::Faint, why.join(", "))]
        };
        words.table(&["state", "stage", "why"], &found.stages.iter().map(row).collect::<Vec<_>>());
    }
    found.problems.iter().for_each(|problem| words.toned(Tone::Bad, problem));
}

fn reason(reason: &DvcStageReason) -> String {
    let change = reason.change.map(|change| words::word(&change)).unwrap_or_default();
    match (reason.what, &reason.path, &reason.parameter) {
        (DvcReasonKind::Command, ..) => "another command".to_owned(),
        (DvcReasonKind::AlwaysChanged, ..) => "declared to run each time".to_owned(),
        (_, Some(path), Some(parameter)) => format!("{parameter} of {path} {change}"),
        (_, path, _) => format!("{} {change}", path.as_deref().unwrap_or_default()),
    }
}

fn files(words: &mut Words, files: &[DataFile]) {
    let rows: Vec<_> = files
        .iter()
        .map(|file| {
            let tone = match file.state {
                DataState::Pinned => Tone::Good,
                DataState::NotPinned => Tone::Warn,
                DataState::Altered | DataState::Missing => Tone::Bad,
            };
            let digest = file.sha256.as_ref().map(ToString::to_string).unwrap_or_default();
            vec![
                (tone, words::word(&file.state)),
                words::plain(&file.path),
                words::plain(file.size_bytes.map_or_else(String::new, |size| size.to_string())),
                (Tone::Faint, digest.chars().take(12).collect()),
                words::plain(if file.versioned { "in Git" } else { "not in Git" }),
            ]
        })
        .collect();
    words.table(&["state", "path", ">bytes", "sha256", ""], &rows);
}

pub fn index(context: &Context, asked: &IndexArguments) -> Ending {
    let session = context.open()?;
    match asked.action {
        IndexAction::Rebuild => {
            let stop = interrupt::stop()?;
            let bars = Bars::new(context.output);
            let rebuilt = session.rebuild_index(&bars, &stop);
            bars.finish();
            let rebuilt = rebuilt?;
            context.output.answer(&rebuilt, |words| {
                words.line(format!(
                    "{} runs and {} deployments read from Git",
                    rebuilt.runs, rebuilt.deployments
                ));
                if rebuilt.same_answers {
                    words.toned(Tone::Good, "every answer is what it was before");
                } else {
                    words.toned(
                        Tone::Warn,
                        "some answers differ from before: the index was behind or damaged",
                    );
                }
            })?;
            Ok(0)
        }
        IndexAction::Verify => {
            let verified = session.verify_index()?;
            context.output.answer(&verified, |words| {
                verified.damage.iter().for_each(|damage| words.toned(Tone::Bad, damage));
                if verified.sound {
                    words.toned(Tone::Good, "sound: every answer is the one Git gives");
                } else {
                    words.toned(Tone::Bad, "not sound; mend it with: keelmark index rebuild");
                }
            })?;
            Ok(u8::from(!verified.sound))
        }
    }
}

pub fn schema(context: &Context) -> Ending {
    let schema = keelmark_api::manifest_schema();
    let text = serde_json::to_string_pretty(&schema).map_err(std::io::Error::from)?;
    context.output.answer(&schema, |words| text.lines().for_each(|line| words.line(line)))?;
    Ok(0)
}

pub fn completions(context: &Context, asked: &CompletionsArguments) -> Ending {
    let mut script = Vec::new();
    clap_complete::generate(asked.shell, &mut Arguments::command(), "keelmark", &mut script);
    let script = String::from_utf8_lossy(&script);
    let output: Output = context.output;
    output.answer(&json!({ "shell": asked.shell.to_string(), "script": script }), |words| {
        script.lines().for_each(|line| words.line(line));
    })?;
    Ok(0)
}

/// A worker has nobody to answer: its events are in its folder, and a problem goes to standard error.
pub fn worker(asked: &WorkerArguments) -> Ending {
    let work = || keelmark_api::work(&asked.job, Context::keelmark()?.clock());
    work().map_err(|problem| {
        failure::in_words(&problem);
        Failure::Told(problem.code.exit_code())
    })?;
    Ok(0)
}
