//! `data`, `index`, `schema`, `completions`, `worker`: upkeep.

use clap::CommandFactory;
use keelmark_api::{DataFile, DataFiles, DataState};
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
            context.output.answer(&found, |words| files(words, &found.files))?;
        }
    }
    Ok(0)
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
