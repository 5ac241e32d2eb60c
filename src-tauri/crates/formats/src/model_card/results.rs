//! Results that a card claims.

use serde_json::Value;

use super::{MAX_CARD_BYTES, MAX_PROBLEMS, single};
use crate::Unreadable;
use crate::located::Located;

/// The most results that are read of one file.
const MAX_RESULTS: usize = 10_000;

/// A result that somebody claims.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Assertion {
    /// The model it is of, where a card names one.
    pub model: Option<String>,
    /// What was to be done, e.g. `text-classification`.
    pub task: Option<String>,
    /// The same in words.
    pub task_name: Option<String>,
    /// The data set by its id.
    pub dataset: Option<String>,
    /// The same in words.
    pub dataset_name: Option<String>,
    /// Which part of the data set's many.
    pub dataset_config: Option<String>,
    /// `train`, `validation`, `test` or such.
    pub split: Option<String>,
    /// The version of the data set.
    pub dataset_revision: Option<String>,
    /// The metric, e.g. `accuracy`; of the newer files that is said by the data set's task.
    pub metric: Option<String>,
    /// The same in words.
    pub metric_name: Option<String>,
    /// The value as it was written.
    pub value: Value,
    /// Where the result is from, in words.
    pub source_name: Option<String>,
    /// Where the result is from.
    pub source_url: Option<String>,
    /// When it was measured.
    pub date: Option<String>,
    /// Remarks.
    pub notes: Option<String>,
    /// It has a token that says the hub measured it; the token is not checked.
    pub has_token: bool,
    /// The line it begins in, counted from 1.
    pub line: u64,
}

impl Assertion {
    /// The value, where it is a number or the text of one. `85.3%` is none: nobody says whether that is 0.853.
    pub fn number(&self) -> Option<f64> {
        match &self.value {
            Value::Number(number) => number.as_f64(),
            Value::String(text) => text.trim().parse().ok().filter(|number: &f64| number.is_finite()),
            _ => None,
        }
    }
}

/// Reads `model-index`.
pub(super) fn of_index(index: &Located, found: &mut Vec<Assertion>, problems: &mut Vec<Unreadable>) {
    for model in items(index, "model-index", problems) {
        let name = single(model, "name", problems);
        let Some(results) = model.get("results") else { continue };
        for result in items(results, "results", problems) {
            let mut common = Assertion { model: name.clone(), ..Assertion::default() };
            for (key, what) in [("task", "type"), ("dataset", "type")] {
                if result.get(key).and_then(|of| of.get(what)).is_none() {
                    problems.push(Unreadable::at(result.line, format!("a result has no `{key}.{what}`")));
                }
            }
            if let Some(task) = result.get("task") {
                common.task = single(task, "type", problems);
                common.task_name = single(task, "name", problems);
            }
            if let Some(dataset) = result.get("dataset") {
                common.dataset = single(dataset, "type", problems);
                common.dataset_name = single(dataset, "name", problems);
                common.dataset_config = single(dataset, "config", problems);
                common.split = single(dataset, "split", problems);
                common.dataset_revision = single(dataset, "revision", problems);
            }
            if let Some(source) = result.get("source") {
                common.source_name = single(source, "name", problems);
                common.source_url = single(source, "url", problems);
            }
            let Some(metrics) = result.get("metrics") else {
                problems.push(Unreadable::at(result.line, "a result has no `metrics`"));
                continue;
            };
            for metric in items(metrics, "metrics", problems) {
                if found.len() == MAX_RESULTS {
                    let why =
                        format!("it has more than {MAX_RESULTS} results; what comes after them was left out");
                    problems.push(Unreadable::at(metric.line, why));
                    return;
                }
                let kind = single(metric, "type", problems);
                let (Some(kind), Some(value)) = (kind, metric.get("value")) else {
                    problems.push(Unreadable::at(metric.line, "a metric has no `type` or no `value`"));
                    continue;
                };
                found.push(Assertion {
                    metric: Some(kind),
                    metric_name: single(metric, "name", problems),
                    value: value.value(),
                    has_token: metric.get("verifyToken").is_some(),
                    line: metric.line,
                    ..common.clone()
                });
            }
        }
    }
}

/// Reads a file of `.eval_results/`: a list of results, each of a data set's task. What is wrong in it, but for YAML
/// that is none, is told beside the rest.
pub fn read_eval_results(bytes: &[u8]) -> Result<(Vec<Assertion>, Vec<Unreadable>), Unreadable> {
    if bytes.len() > MAX_CARD_BYTES {
        return Err(Unreadable::whole(format!("it is larger than {MAX_CARD_BYTES} bytes")));
    }
    let root = Located::read(bytes)?;
    let (mut found, mut problems) = (Vec::new(), Vec::new());
    if root.is_null() {
        return Ok((found, problems));
    }
    if root.list().is_none() {
        return Err(Unreadable::at(root.line.max(1), "it is no list of results"));
    }
    for result in items(&root, "results", &mut problems).iter().take(MAX_RESULTS) {
        let dataset = result.get("dataset");
        let text =
            |of: Option<&Located>, key: &str, problems: &mut Vec<Unreadable>| single(of?, key, problems);
        let id = text(dataset, "id", &mut problems);
        let task = text(dataset, "task_id", &mut problems);
        let (Some(id), Some(task), Some(value)) = (id, task, result.get("value")) else {
            let why = "a result has no `dataset.id`, no `dataset.task_id` or no `value`";
            problems.push(Unreadable::at(result.line, why));
            continue;
        };
        let source = result.get("source");
        found.push(Assertion {
            task: Some(task),
            dataset: Some(id),
            dataset_revision: text(dataset, "revision", &mut problems),
            value: value.value(),
            source_name: text(source, "name", &mut problems),
            source_url: text(source, "url", &mut problems),
            date: single(result, "date", &mut problems),
            notes: single(result, "notes", &mut problems),
            has_token: result.get("verifyToken").is_some(),
            line: result.line,
            ..Assertion::default()
        });
    }
    problems.truncate(MAX_PROBLEMS);
    Ok((found, problems))
}

/// The mappings of a list; a single mapping is a list of one.
fn items<'a>(of: &'a Located, key: &str, problems: &mut Vec<Unreadable>) -> Vec<&'a Located> {
    let list = of.list().unwrap_or(std::slice::from_ref(of));
    let (maps, others): (Vec<_>, Vec<_>) = list.iter().partition(|item| item.is_map());
    let why = format!("`{key}` has an item that is no mapping");
    problems.extend(others.iter().take(MAX_PROBLEMS).map(|item| Unreadable::at(item.line, why.clone())));
    maps
}
