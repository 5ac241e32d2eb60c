//! `model-card.md`: a page for people, with the front matter model hubs read.

use std::fmt::Write as _;

use keelmark_types::{Deployment, GateState, RunRecord, TaskKind, metric_info};
use serde_json::json;

use crate::plan::PromotionRequest;

pub(crate) fn model_card(request: &PromotionRequest<'_>, deployment: &Deployment) -> String {
    let mut card = String::new();
    // Writing to a string cannot fail.
    let _written = write_card(&mut card, request, deployment);
    card
}

fn write_card(
    card: &mut String,
    request: &PromotionRequest<'_>,
    deployment: &Deployment,
) -> std::fmt::Result {
    let Deployment { model, release, environment, version, run, .. } = deployment;
    front_matter(card, request, deployment)?;
    writeln!(card, "\n# {model} {release}\n")?;
    writeln!(card, "{}\n", plain(&request.judgement.why))?;
    if let Some(given) = &deployment.overridden {
        writeln!(card, "Promoted with an override: {}\n", plain(&given.reason))?;
    }
    writeln!(card, "| | |\n|---|---|")?;
    writeln!(card, "| Version | `{version}` |")?;
    writeln!(card, "| Run | `{}` |", run.id)?;
    writeln!(card, "| Promoted to | {environment} |")?;
    writeln!(card, "| Release digest | `sha256:{}` |", deployment.release_digest)?;
    facts(card, request.run)?;
    writeln!(card, "\n## Measured on the test set ({} examples)\n", request.evaluation.examples)?;
    writeln!(card, "| Metric | Value | 95 % interval |\n|---|---:|---|")?;
    for (name, metric) in &request.evaluation.metrics {
        let label = metric_info(name).map_or(name.as_str(), |info| info.label);
        let value = metric.value.map_or_else(
            || metric.why.as_deref().map_or_else(|| "not measured".to_owned(), plain),
            |value| format!("{value:.4}"),
        );
        let interval = match (metric.low, metric.high) {
            (Some(low), Some(high)) => format!("{low:.4} to {high:.4}"),
            _ => String::new(),
        };
        writeln!(card, "| {} | {value} | {interval} |", plain(label))?;
    }
    if !deployment.gates.is_empty() {
        writeln!(card, "\n## Gates\n\n| Gate | Outcome | Why |\n|---|---|---|")?;
        for gate in &deployment.gates {
            let state = match gate.state {
                GateState::Passed => "passed",
                GateState::Failed => "failed",
                GateState::Inconclusive => "inconclusive",
            };
            writeln!(card, "| {} | {state} | {} |", plain(&gate.name), plain(&gate.why))?;
        }
    }
    Ok(())
}

fn facts(card: &mut String, run: &RunRecord) -> std::fmt::Result {
    if let Some(parameters) = run.parameters {
        writeln!(card, "| Parameters | {parameters} |")?;
    }
    writeln!(card, "| Seed | {} |", run.seed)?;
    for pin in &run.data {
        writeln!(card, "| Data | {} (`sha256:{}`) |", plain(&pin.path), pin.sha256)?;
    }
    Ok(())
}

fn front_matter(
    card: &mut String,
    request: &PromotionRequest<'_>,
    deployment: &Deployment,
) -> std::fmt::Result {
    let Deployment { model, release, .. } = deployment;
    let (task, pipeline) = match request.evaluation.task {
        TaskKind::Classification => ("tabular-classification", "Classification"),
        TaskKind::Regression => ("tabular-regression", "Regression"),
    };
    let revision = deployment.test_digest.as_ref().map(|digest| format!("sha256:{digest}"));
    writeln!(card, "---\ntags:\n- keelmark")?;
    if deployment.metrics.is_empty() {
        return writeln!(card, "---");
    }
    writeln!(card, "metrics:")?;
    for name in deployment.metrics.keys() {
        writeln!(card, "- {}", json!(name))?;
    }
    writeln!(card, "model-index:\n- name: {}", json!(format!("{model} {release}")))?;
    writeln!(card, "  results:\n  - task:\n      type: {task}\n      name: {pipeline}")?;
    writeln!(
        card,
        "    dataset:\n      type: {}\n      name: {}",
        json!(format!("{model}-test")),
        json!(format!("{model}, test set"))
    )?;
    if let Some(revision) = revision {
        writeln!(card, "      revision: {}", json!(revision))?;
    }
    writeln!(card, "    metrics:")?;
    for (name, value) in &deployment.metrics {
        let label = metric_info(name).map_or(name.as_str(), |info| info.label);
        writeln!(card, "    - type: {}\n      value: {value:?}\n      name: {}", json!(name), json!(label))?;
    }
    writeln!(card, "---")
}

/// A text that means nothing to Markdown or HTML, on one line.
fn plain(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for letter in text.chars() {
        match letter {
            '\\' | '`' | '*' | '_' | '{' | '}' | '[' | ']' | '(' | ')' | '#' | '|' | '~' | '!' => {
                out.push('\\');
                out.push(letter);
            }
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '&' => out.push_str("&amp;"),
            letter if letter.is_whitespace() || letter.is_control() => out.push(' '),
            letter => out.push(letter),
        }
    }
    out
}
