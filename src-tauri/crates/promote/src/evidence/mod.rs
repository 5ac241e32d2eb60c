//! What a judgement rests on, as files beside the release: aggregates only, unless examples may be shared.

mod bom;
mod card;
mod gates;
mod statement;

use keelmark_compare::Comparison;
use keelmark_types::Deployment;
use serde_json::Value;

pub use gates::{GATES_SCHEMA, GateRecord};
pub(crate) use statement::{Statement, subjects};

use crate::plan::PromotionRequest;
use crate::report::{Report, report_html};

/// The gates, and the digests of every other file of the evidence.
pub(crate) const GATES_FILE: &str = "gates.json";
/// The in-toto statement.
pub(crate) const STATEMENT_FILE: &str = "statement.json";

/// The files of the evidence, by name. The same request gives the same bytes.
pub(crate) fn files(
    request: &PromotionRequest<'_>,
    deployment: &Deployment,
    deployment_yaml: &[u8],
) -> Vec<(&'static str, Vec<u8>)> {
    let shared = request.comparison.map(|comparison| without_examples(comparison, request.share_predictions));
    let mut files = Vec::new();
    if let Some(comparison) = &shared {
        files.push(("comparison.json", pretty(comparison)));
    }
    let title = format!("{} {} for {}", deployment.model, deployment.release, deployment.environment);
    let html = report_html(&Report {
        title: &title,
        comparison: shared.as_ref(),
        evaluation: Some(request.evaluation),
        judgement: Some(request.judgement),
        overridden: deployment.overridden.as_ref(),
        aggregate_only: !request.share_predictions,
    });
    files.push(("comparison.html", html.into_bytes()));
    files.push((STATEMENT_FILE, pretty(&Statement::of(deployment, request.policy))));
    files.push(("model-card.md", card::model_card(request, deployment).into_bytes()));
    files.push(("bom.json", pretty(&bom::bill_of_materials(request, deployment))));
    let record = GateRecord::of(request, deployment, deployment_yaml, &files);
    files.push((GATES_FILE, pretty(&record)));
    files
}

/// A comparison with its flips counted only.
fn without_examples(comparison: &Comparison, share: bool) -> Comparison {
    let mut comparison = comparison.clone();
    if !share {
        comparison.flips.examples.clear();
    }
    comparison
}

fn pretty(value: &impl serde::Serialize) -> Vec<u8> {
    let value = serde_json::to_value(value).unwrap_or(Value::Null);
    let mut bytes = serde_json::to_vec_pretty(&value).unwrap_or_default();
    bytes.push(b'\n');
    bytes
}
