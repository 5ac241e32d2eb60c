//! `evaluate`: what is measured, and where answers come from when a model is not run here.

use schemars::JsonSchema;
use serde::Serialize;

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
    /// Predictions another framework wrote down.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub predictions: Option<PredictionsSpec>,
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
        column: String,
    },
    /// Parts of a numeric column with as equal counts as can be.
    Bins {
        /// The column.
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
    pub id: Option<String>,
    /// The column of true classes or values.
    #[serde(default = "y_true")]
    pub truth: String,
    /// Columns of the probabilities, one a class in class order: a pattern or a list (`p*` where left out); for regression the
    /// column of predicted values (`y_pred` where left out).
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    #[schemars(schema_with = "crate::schema::one_or_many")]
    pub probabilities: Vec<String>,
    /// The column of example weights, where there is one.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub weight: Option<String>,
}

fn y_true() -> String {
    "y_true".to_owned()
}
