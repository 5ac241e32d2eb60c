//! `evaluate`: what is measured, and where answers come from when a model is not run here.

use keelmark_types::{METRICS, TaskKind, metric_info};
use schemars::JsonSchema;
use serde::Serialize;

use crate::decode::{Decoder, one_of};
use crate::fields::Fields;
use crate::node::{Entry, Node, Place, shorten};

/// What is measured.
#[derive(Debug, Clone, PartialEq, Default, Serialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct EvaluateSpec {
    /// Metrics to show first; left out or empty: all that apply to the task.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schemars(schema_with = "crate::schema::metrics")]
    pub metrics: Vec<String>,
    /// Parts of the test set that are measured by themselves.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub slices: Vec<SliceSpec>,
    /// What the numbers of a classifier made elsewhere are; left out: probabilities.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub scores: Option<ScoreKind>,
    /// Predictions another framework wrote down.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub predictions: Option<PredictionsSpec>,
}

/// What the numbers of a classifier made elsewhere are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum ScoreKind {
    /// Probabilities, as they are.
    Probabilities,
    /// Numbers that softmax makes probabilities of.
    Logits,
}

/// How the test set is divided into parts.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(untagged, deny_unknown_fields)]
pub enum SliceSpec {
    /// A part for each class.
    Class {
        /// Always `true`.
        #[schemars(extend("const" = true))]
        class: bool,
    },
    /// A part for each value of a column.
    Column {
        /// The column.
        #[schemars(schema_with = "crate::schema::word")]
        column: String,
    },
    /// Parts of a numeric column with as equal counts as can be.
    Bins {
        /// The column.
        #[schemars(schema_with = "crate::schema::word")]
        bins: String,
        /// How many parts.
        #[serde(default = "four")]
        #[schemars(range(min = 2, max = 100))]
        count: u32,
    },
}

fn four() -> u32 {
    4
}

/// A file of predictions and the meaning of its columns.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct PredictionsSpec {
    /// Path within the model's folder, with `/`: csv, tsv or parquet.
    pub path: String,
    /// The column that names each example; left out: the row number.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    #[schemars(schema_with = "crate::schema::optional_word")]
    pub id: Option<String>,
    /// The column of true classes or values.
    #[serde(default = "y_true")]
    #[schemars(schema_with = "crate::schema::word")]
    pub truth: String,
    /// Columns of the probabilities, one a class in class order: a pattern or a list (`p*` where left out); for regression the
    /// column of predicted values (`y_pred` where left out).
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    #[schemars(schema_with = "crate::schema::one_or_many")]
    pub probabilities: Vec<String>,
    /// The column of example weights, where there is one.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    #[schemars(schema_with = "crate::schema::optional_word")]
    pub weight: Option<String>,
}

fn y_true() -> String {
    "y_true".to_owned()
}

pub(crate) const EVALUATE_KEYS: &[&str] = &["metrics", "slices", "scores", "predictions"];
pub(crate) const SLICE_KEYS: &[&str] = &["class", "column", "bins", "count"];
pub(crate) const PREDICTION_KEYS: &[&str] = &["path", "id", "truth", "probabilities", "weight"];

/// Notes where `name` is no metric of the task; `also` are further words allowed in this place.
pub(crate) fn check_metric(
    decoder: &mut Decoder<'_>,
    place: &Place,
    name: &str,
    task: Option<TaskKind>,
    also: &[&str],
) -> bool {
    if name.is_empty() {
        return false;
    }
    let of_task = METRICS.iter().filter(|metric| task.is_none_or(|task| metric.task == task));
    let allowed: Vec<&str> = of_task.map(|metric| metric.name).chain(also.iter().copied()).collect();
    if allowed.contains(&name) {
        return true;
    }
    if metric_info(name).is_some() {
        let other = if task == Some(TaskKind::Regression) { "classification" } else { "regression" };
        decoder.mistake(place, format!("`{name}` is a metric of {other}"), one_of(&allowed));
    } else {
        decoder.unknown(place, "metric", name, &allowed);
    }
    false
}

impl EvaluateSpec {
    pub(crate) fn decode(decoder: &mut Decoder<'_>, root: &Fields<'_>, task: Option<TaskKind>) -> Self {
        let Some(fields) = root.inner(decoder, "evaluate", EVALUATE_KEYS) else { return Self::default() };
        let mut metrics: Vec<String> = Vec::new();
        for item in fields.list(decoder, "metrics") {
            let name = decoder.text(item, "evaluate.metrics");
            check_metric(decoder, &item.place, &name, task, &[]);
            if metrics.contains(&name) && !name.is_empty() {
                decoder.mistake(
                    &item.place,
                    format!("`{}` is named twice", shorten(&name)),
                    "each metric once",
                );
            }
            metrics.push(name);
        }
        let slices = fields.list(decoder, "slices").iter().enumerate();
        let slices =
            slices.filter_map(|(index, item)| SliceSpec::decode(decoder, item, index, task)).collect();
        let kinds = [("probabilities", ScoreKind::Probabilities), ("logits", ScoreKind::Logits)];
        let scores = fields.get("scores").and_then(|node| decoder.word(node, &fields.path("scores"), &kinds));
        let predictions =
            fields.entry("predictions").and_then(|entry| PredictionsSpec::decode(decoder, entry));
        Self { metrics, slices, scores, predictions }
    }
}

impl SliceSpec {
    fn decode(decoder: &mut Decoder<'_>, node: &Node, index: usize, task: Option<TaskKind>) -> Option<Self> {
        let path = format!("evaluate.slices.{index}");
        let expected = "exactly one of {class: true}, {column: name}, {bins: name, count: 4}";
        let fields = decoder.fields(node, &node.place, &path, SLICE_KEYS)?;
        let mut kinds = ["class", "column", "bins"].into_iter().filter_map(|key| fields.entry(key));
        let (Some(kind), None) = (kinds.next(), kinds.next()) else {
            decoder.mistake(&node.place, format!("`{path}` does not say one way to divide"), expected);
            return None;
        };
        if let (Some(count), true) = (fields.entry("count"), kind.key != "bins") {
            decoder.mistake(&count.place, "`count` goes with `bins`", expected);
        }
        let what = fields.path(&kind.key);
        match kind.key.as_str() {
            "class" => {
                if !decoder.boolean(&kind.node, &what) {
                    decoder.mistake(&kind.node.place, format!("`{what}` is not true"), expected);
                }
                if task == Some(TaskKind::Regression) {
                    decoder.mistake(
                        &kind.place,
                        "regression has no classes to divide by",
                        "a column or bins",
                    );
                }
                Some(Self::Class { class: true })
            }
            "column" => Some(Self::Column { column: decoder.text(&kind.node, &what) }),
            _ => Some(Self::Bins {
                bins: decoder.text(&kind.node, &what),
                count: fields.integer(decoder, "count", &(2..=100), four().into()) as u32,
            }),
        }
    }
}

impl PredictionsSpec {
    fn decode(decoder: &mut Decoder<'_>, entry: &Entry) -> Option<Self> {
        let fields = decoder.fields(&entry.node, &entry.place, "evaluate.predictions", PREDICTION_KEYS)?;
        let path = fields.need(decoder, "path", "a csv, tsv or parquet file");
        Some(Self {
            path: path.map_or(String::new(), |node| decoder.path(node, &fields.path("path"))),
            id: fields.text(decoder, "id"),
            truth: fields.text(decoder, "truth").unwrap_or_else(y_true),
            probabilities: fields
                .get("probabilities")
                .map(|node| decoder.one_or_many(node, &fields.path("probabilities")))
                .unwrap_or_default(),
            weight: fields.text(decoder, "weight"),
        })
    }
}
