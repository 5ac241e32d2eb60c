//! `data`: where the examples are and what of them the model sees.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::Serialize;

/// Where the examples are and what of them the model sees.
#[derive(Debug, Clone, PartialEq, Default, Serialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct DataSpec {
    /// The examples weights are fitted to. Needed wherever a model is trained here.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub train: Option<Split>,
    /// The examples early stopping and sweeps look at. Needed wherever a model is trained here.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub validation: Option<Split>,
    /// The examples gates judge on; nothing else looks at them. Needed wherever a model is trained here.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub test: Option<Split>,
    /// The column to predict. Needed wherever a model is trained here, else it may be left out and is empty.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub target: String,
    /// Named groups of feature columns, put side by side in the order of their names. Left out: every numeric column
    /// but the target and the id.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub features: BTreeMap<String, FeatureSpec>,
}

/// Where the examples of one split come from.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
#[serde(untagged, deny_unknown_fields)]
pub enum Split {
    /// A file or folder of its own.
    File {
        /// Path within the model's folder, with `/`: csv, tsv, parquet, npy, npz, idx, jsonl or a folder.
        path: String,
        /// The column that names each example for good.
        #[serde(skip_serializing_if = "Option::is_none", default)]
        id: Option<String>,
    },
    /// A share of another split, taken away from it by chance.
    From {
        /// The split it is taken from.
        split_from: SplitName,
        /// The share taken, above 0 and below 1.
        #[schemars(extend("exclusiveMinimum" = 0, "exclusiveMaximum" = 1))]
        ratio: f64,
        /// The seed of the chance.
        #[serde(default)]
        seed: u64,
    },
}

/// The splits by name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum SplitName {
    /// What weights are fitted to.
    Train,
    /// What early stopping looks at.
    Validation,
    /// What gates judge on.
    Test,
}

/// A group of feature columns.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct FeatureSpec {
    /// One pattern or a list of them; `*` stands for any characters. Columns keep the order of the file.
    #[schemars(schema_with = "crate::schema::one_or_many")]
    pub columns: Vec<String>,
    /// The shape of one example of this group, e.g. `[1, 8, 8]`: channels, height, width.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub shape: Option<Vec<usize>>,
    /// How the numbers are scaled; fitted on train only.
    #[serde(default)]
    pub scale: Scale,
}

/// How numbers are scaled before the model sees them, fitted on train only.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Scale {
    /// Mean 0 and standard deviation 1 in every column.
    #[default]
    Standard,
    /// Smallest to 0 and largest to 1 in every column.
    MinMax,
    /// As they are.
    None,
}
