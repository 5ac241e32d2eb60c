//! `promote`, `rollback`, `env`, `audit`: what environments shall serve, and who said so.

use keelmark_api::{
    AuditNote, DeploymentEntry, EnvironmentState, PromoteQuery, PromotionAnswer, RegisterQuery,
    RollbackQuery, StageState,
};
use keelmark_types::Decision;

use super::{Context, words};
use crate::arguments::{AuditArguments, EnvAction, EnvArguments, PromoteArguments, RollbackArguments};
use crate::failure::{self, Ending};
use crate::interrupt;
use crate::output::{Tone, Words};

pub fn promote(context: &Context, asked: PromoteArguments) -> Ending {
    let session = context.open()?;
    let would_override = asked.dry_run && asked.override_reason.is_some();
    let query = PromoteQuery {
        revision: asked.rev,
        run: asked.run,
        to: asked.to,
        model: context.model.clone(),
        dry_run: asked.dry_run,
        override_reason: asked.override_reason,
        push: !asked.no_push,
        shown: None,
    };
    let answer = session.promote(&query, &interrupt::stop()?)?;
    context.output.answer(&answer, |words| told(words, &answer))?;
    Ok(u8::from(is_refused(&answer) && !would_override))
}

pub fn rollback(context: &Context, asked: RollbackArguments) -> Ending {
    let session = context.open()?;
    let query = RollbackQuery {
        environment: asked.environment,
        to: asked.to,
        model: context.model.clone(),
        dry_run: asked.dry_run,
        push: !asked.no_push,
        shown: None,
    };
    let answer = session.rollback(&query, &interrupt::stop()?)?;
    context.output.answer(&answer, |words| told(words, &answer))?;
    Ok(u8::from(is_refused(&answer)))
}

fn is_refused(answer: &PromotionAnswer) -> bool {
    answer.decision == Decision::Blocked && answer.commit.is_none()
}

fn told(words: &mut Words, answer: &PromotionAnswer) {
    let tone = if is_refused(answer) { Tone::Bad } else { Tone::Good };
    words.toned(tone, format!("{}: {}", words::word(&answer.decision), answer.why));
    words::gates(words, &answer.gates);
    answer.obstacles.iter().for_each(|obstacle| words.toned(Tone::Bad, format!("in the way: {obstacle}")));
    answer.notes.iter().for_each(|note| words.toned(Tone::Faint, format!("note: {note}")));
    if answer.dry_run {
        answer.message.lines().for_each(|line| words.line(line));
        words.block(&answer.diff);
        words.toned(Tone::Strong, "nothing was written");
        return;
    }
    let Some(commit) = &answer.commit else { return };
    let release = answer.release.as_ref().map_or_else(|| "its release".to_owned(), ToString::to_string);
    if answer.unchanged {
        words.line(format!("{} desires {release} already, by {}", answer.environment, commit.short()));
    } else {
        words.line(format!("{} desires {release} now, by {}", answer.environment, commit.short()));
    }
    if !answer.tags.is_empty() {
        words.line(format!("tags: {}", answer.tags.join(", ")));
    }
    if let Some(note) = &answer.push_note {
        words.toned(if answer.pushed { Tone::Plain } else { Tone::Warn }, note);
    }
}

pub fn env(context: &Context, asked: EnvArguments) -> Ending {
    let session = context.open()?;
    if let Some(EnvAction::Show { environment }) = asked.action {
        let state = session.environment(&environment, context.model())?;
        context.output.answer(&state, |words| show(words, &state))?;
        return Ok(0);
    }
    if let Some(EnvAction::Register { environment, mlflow }) = asked.action {
        let query = RegisterQuery { environment, model: context.model.clone(), tracking_uri: mlflow };
        let registered = session.register(&query, &interrupt::stop()?)?;
        context.output.answer(&registered, |words| {
            let how = if registered.created { "registered" } else { "registered before" };
            words.line(format!(
                "{} {} is version {} there, {how}",
                registered.model, registered.release, registered.version
            ));
            words.line(format!("alias {} names it", registered.alias));
        })?;
        return Ok(0);
    }
    let all = session.environments(context.model())?;
    for problem in &all.problems {
        context.output.remark(&format!("{}: {}", problem.what, problem.why));
    }
    context.output.answer(&all, |words| {
        if all.environments.is_empty() {
            words.line("no environment is declared");
            stages(words, &all.stages);
            return;
        }
        let rows: Vec<_> = all
            .environments
            .iter()
            .map(|state| {
                vec![
                    words::plain(state.environment.as_str()),
                    words::plain(state.model.as_str()),
                    words::plain(desired(state)),
                    words::plain(state.running.as_ref().map_or("–", |version| version.short())),
                    words::plain(format!("{:?}", state.sync)),
                    words::plain(format!("{:?}", state.health)),
                ]
            })
            .collect();
        words.table(&["environment", "model", "desired", "running", "sync", "health"], &rows);
        stages(words, &all.stages);
    })?;
    Ok(0)
}

/// What GTO's tags say is in their stages: another tool's word.
fn stages(words: &mut Words, stages: &[StageState]) {
    let row = |state: &StageState| {
        let now = state.desired.as_ref()?;
        Some(vec![
            words::plain(format!("{}#{}", state.artifact, state.stage)),
            words::plain(now.version.clone().unwrap_or_else(|| "no registered version".to_owned())),
            words::plain(now.commit.short()),
            (Tone::Faint, now.by.clone()),
        ])
    };
    let rows: Vec<_> = stages.iter().filter_map(row).collect();
    if !rows.is_empty() {
        words.line("");
        words.toned(Tone::Strong, "stages by tags of GTO");
        words.table(&["stage", "version", "commit", "by"], &rows);
    }
}

fn desired(state: &EnvironmentState) -> String {
    match (&state.desired, &state.problem) {
        (Some(desired), _) => {
            format!("{} ({})", desired.deployment.release, desired.deployment.version.short())
        }
        (None, Some(_)) => "unreadable".to_owned(),
        (None, None) => "–".to_owned(),
    }
}

fn show(words: &mut Words, state: &EnvironmentState) {
    words.toned(Tone::Strong, format!("{} of {}", state.environment, state.model));
    words.line(format!("desired  {}", desired(state)));
    words.line(format!("running  {}", state.running.as_ref().map_or("–", |version| version.short())));
    words.line(format!("sync     {:?}, health {:?}", state.sync, state.health));
    if let Some(problem) = &state.problem {
        words.toned(Tone::Bad, problem);
    }
    let rows: Vec<_> = state.history.iter().map(entry).collect();
    if !rows.is_empty() {
        words.table(&["commit", "time", "author", "subject"], &rows);
    }
}

fn entry(entry: &DeploymentEntry) -> Vec<(Tone, String)> {
    vec![
        (Tone::Faint, entry.commit.short().to_owned()),
        (Tone::Faint, entry.time.to_string()),
        words::plain(&entry.author),
        words::plain(&entry.subject),
    ]
}

fn note_row(found: &AuditNote) -> Vec<(Tone, String)> {
    let says = match (&found.note, &found.problem) {
        (Some(note), _) => {
            let examples = note.subject.examples.len();
            let what = if examples == 1 {
                "1 changed prediction".to_owned()
            } else {
                format!("{examples} changed predictions")
            };
            let (run, baseline) = (&note.subject.candidate, &note.subject.baseline);
            words::plain(format!("{what} of run {run} against {baseline} accepted: {}", note.reason))
        }
        (None, problem) => (Tone::Bad, problem.clone().unwrap_or_default()),
    };
    let author = words::plain(&found.author);
    vec![(Tone::Faint, found.commit.short().to_owned()), (Tone::Faint, found.time.to_string()), author, says]
}

pub fn audit(context: &Context, asked: &AuditArguments) -> Ending {
    let audit = context.open()?.audit()?;
    if let Some(file) = &asked.export {
        let mut bytes = serde_json::to_vec_pretty(&audit).map_err(std::io::Error::from)?;
        bytes.push(b'\n');
        failure::write_file(file, &bytes)?;
        context.output.remark(&format!("audit in {}", file.display()));
    }
    context.output.answer(&audit, |words| {
        let rows: Vec<_> = audit
            .entries
            .iter()
            .map(|entry| {
                vec![
                    if entry.ok { (Tone::Good, "ok".to_owned()) } else { (Tone::Bad, "tampered".to_owned()) },
                    (Tone::Faint, entry.commit.short().to_owned()),
                    (Tone::Faint, entry.time.to_string()),
                    words::plain(words::word(&entry.kind)),
                    words::plain(&entry.author),
                    words::plain(&entry.subject),
                ]
            })
            .collect();
        if rows.is_empty() {
            words.line("nothing was promoted yet");
        } else {
            words.table(&["", "commit", "time", "kind", "author", "subject"], &rows);
        }
        for entry in &audit.entries {
            for problem in &entry.problems {
                words.toned(Tone::Bad, format!("{}: {problem}", entry.commit.short()));
            }
            for note in &entry.notes {
                words.toned(Tone::Faint, format!("{}: {note}", entry.commit.short()));
            }
        }
        if !audit.notes.is_empty() {
            words.line("");
            words.table(
                &["note", "time", "author", "says"],
                &audit.notes.iter().map(note_row).collect::<Vec<_>>(),
            );
        }
    })?;
    Ok(u8::from(asked.verify && audit.tampered))
}
