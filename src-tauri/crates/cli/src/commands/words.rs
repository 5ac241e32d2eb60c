//! Words and tables that several commands share.

use std::collections::BTreeMap;

use keelmark_types::{GateOutcome, GateState, MetricValue, RunStatus};

use crate::output::{Tone, Words};

/// A cell without a tone.
pub fn plain(text: impl Into<String>) -> (Tone, String) {
    (Tone::Plain, text.into())
}

/// A number as people read it.
pub fn number(value: Option<f64>) -> String {
    match value {
        None => "–".to_owned(),
        Some(value) if value != 0.0 && value.abs() < 0.000_1 => format!("{value:.2e}"),
        Some(value) if value.abs() >= 10_000.0 => format!("{value:.1}"),
        Some(value) => format!("{value:.4}"),
    }
}

/// A change as people read it.
pub fn signed(value: Option<f64>) -> String {
    match value {
        Some(value) if value > 0.0 => format!("+{}", number(Some(value))),
        value => number(value),
    }
}

/// An interval as people read it.
pub fn interval(low: Option<f64>, high: Option<f64>) -> String {
    match (low, high) {
        (Some(_), Some(_)) => format!("[{}, {}]", number(low), number(high)),
        _ => String::new(),
    }
}

/// A duration as people read it.
pub fn duration(millis: u64) -> String {
    match millis {
        0..1_000 => format!("{millis} ms"),
        1_000..60_000 => format!("{:.1} s", millis as f64 / 1_000.0),
        _ => format!("{} min {} s", millis / 60_000, millis % 60_000 / 1_000),
    }
}

/// A table of metrics with their intervals.
pub fn metrics(words: &mut Words, metrics: &BTreeMap<String, MetricValue>) {
    let rows: Vec<_> = metrics
        .iter()
        .map(|(name, metric)| {
            vec![
                plain(name),
                plain(number(metric.value)),
                (Tone::Faint, interval(metric.low, metric.high)),
                (Tone::Faint, metric.why.clone().unwrap_or_default()),
            ]
        })
        .collect();
    if !rows.is_empty() {
        words.table(&["metric", ">value", "95 %", ""], &rows);
    }
}

/// The gates, each with its reason.
pub fn gates(words: &mut Words, gates: &[GateOutcome]) {
    let rows: Vec<_> = gates
        .iter()
        .map(|gate| {
            let state = match gate.state {
                GateState::Passed => (Tone::Good, "passed".to_owned()),
                GateState::Failed => (Tone::Bad, "failed".to_owned()),
                GateState::Inconclusive => (Tone::Warn, "inconclusive".to_owned()),
            };
            vec![state, plain(&gate.name), plain(number(gate.value)), (Tone::Faint, gate.why.clone())]
        })
        .collect();
    if !rows.is_empty() {
        words.table(&["gate", "condition", ">value", "why"], &rows);
    }
}

/// How a run ended, in a word.
pub fn status(status: RunStatus) -> (Tone, String) {
    match status {
        RunStatus::Succeeded => (Tone::Good, "succeeded".to_owned()),
        RunStatus::Failed => (Tone::Bad, "failed".to_owned()),
        RunStatus::Cancelled => (Tone::Warn, "cancelled".to_owned()),
    }
}

/// A word as JSON has it, e.g. of a closed set of states.
pub fn word(value: &impl serde::Serialize) -> String {
    match serde_json::to_value(value) {
        Ok(serde_json::Value::String(word)) => word.replace('_', " "),
        _ => String::new(),
    }
}

/// A setting as its file has it: a text stays as it is.
pub fn setting(value: &serde_json::Value) -> String {
    match value {
        serde_json::Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}
