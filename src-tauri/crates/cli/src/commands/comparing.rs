//! `compare`, `gates`: what differs, and what the gates say of it.

use std::path::Path;

use keelmark_api::{Compared, Verdict, compare_files, is_prediction_file, report_files_html};
use keelmark_types::Decision;

use super::{Context, words};
use crate::arguments::{CompareArguments, GatesArguments};
use crate::failure::{self, Ending};
use crate::output::{Tone, Words};

pub fn compare(context: &Context, asked: &CompareArguments) -> Ending {
    let (compared, report) = if is_prediction_file(&asked.a) && is_prediction_file(&asked.b) {
        let (a, b) = (Path::new(&asked.a), Path::new(&asked.b));
        let comparison = compare_files(a, b)?;
        let report = asked.html.as_ref().map(|_| report_files_html(a, b)).transpose()?;
        (Compared::ungated(comparison), report)
    } else {
        let session = context.open()?;
        let compared = session.compare(&asked.a, &asked.b, context.model())?;
        let report = match &asked.html {
            Some(_) => Some(session.report_html(&asked.a, &asked.b, context.model())?),
            None => None,
        };
        (compared, report)
    };
    if let (Some(file), Some(report)) = (&asked.html, report) {
        failure::write_file(file, report.as_bytes())?;
        context.output.remark(&format!("report in {}", file.display()));
    }
    context.output.answer(&compared, |words| told(words, &compared))?;
    Ok(0)
}

fn tone(verdict: Verdict) -> Tone {
    match verdict {
        Verdict::Better => Tone::Good,
        Verdict::Worse => Tone::Bad,
        Verdict::NoClearChange => Tone::Plain,
        Verdict::NotComparable => Tone::Warn,
    }
}

fn told(words: &mut Words, compared: &Compared) {
    let comparison = &compared.comparison;
    words
        .toned(tone(comparison.verdict), format!("{}: {}", words::word(&comparison.verdict), comparison.why));
    let rows: Vec<_> = comparison
        .metrics
        .iter()
        .map(|metric| {
            vec![
                words::plain(&metric.name),
                words::plain(words::number(metric.a)),
                words::plain(words::number(metric.b)),
                words::plain(words::signed(metric.change)),
                (Tone::Faint, words::interval(metric.low, metric.high)),
                (tone(metric.verdict), words::word(&metric.verdict)),
            ]
        })
        .collect();
    words.table(&["metric", ">A", ">B", ">change", "95 %", "verdict"], &rows);
    let params = compared.params.as_ref().or(comparison.config.as_ref());
    for change in params.iter().flat_map(|diff| &diff.changes) {
        let text = |value: &Option<serde_json::Value>| {
            value.as_ref().map_or_else(|| "none".to_owned(), words::setting)
        };
        words.line(format!("{}: {} → {}", change.path, text(&change.a), text(&change.b)));
    }
    let flips = &comparison.flips;
    if flips.total > 0 {
        words.line(format!(
            "answers: {} fixed, {} broken, {} wrong in another way",
            flips.fixed, flips.broken, flips.changed
        ));
    }
    for slice in comparison.slices.iter().filter(|slice| slice.verdict == Verdict::Worse) {
        words.toned(
            Tone::Bad,
            format!(
                "worse where {} is {}: {} {} {} ({} examples)",
                slice.column,
                slice.value,
                slice.metric,
                words::signed(slice.change),
                words::interval(slice.low, slice.high),
                slice.examples
            ),
        );
    }
    words::gates(words, &compared.gates);
}

pub fn gates(context: &Context, asked: &GatesArguments) -> Ending {
    let session = context.open()?;
    let found = session.gates(&asked.rev, asked.against.as_deref(), context.model())?;
    let blocked = found.decision == Decision::Blocked;
    context.output.answer(&found, |words| {
        let tone = if blocked { Tone::Bad } else { Tone::Good };
        words.toned(tone, format!("{}: {}", words::word(&found.decision), found.why));
        words::gates(words, &found.gates);
        found.obstacles.iter().for_each(|obstacle| words.toned(Tone::Bad, format!("in the way: {obstacle}")));
        found.notes.iter().for_each(|note| words.toned(Tone::Faint, format!("note: {note}")));
    })?;
    Ok(u8::from(blocked))
}
