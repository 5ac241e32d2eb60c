//! The whole of `model.yaml`.

use std::collections::BTreeMap;

use keelmark_types::{EnvironmentName, ModelName, TaskKind};
use schemars::JsonSchema;
use serde::Serialize;

use crate::{DataSpec, EnvironmentSpec, EvaluateSpec, Gate, ModelSpec, TrainSpec};

/// A model as its repository declares it, with every default filled in.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(title = "model.yaml", description = "Declares a model for Keelmark.")]
pub struct Manifest {
    /// Version of this format: 1.
    #[schemars(extend("const" = 1))]
    pub keelmark: u32,
    /// The model's name: letters, digits, `-` and `_`, beginning and ending with a letter or digit.
    #[schemars(
        with = "String",
        length(min = 1, max = 100),
        regex(pattern = r"^[A-Za-z0-9]([A-Za-z0-9_-]*[A-Za-z0-9])?$")
    )]
    pub name: ModelName,
    /// What the model predicts.
    #[schemars(schema_with = "crate::schema::task")]
    pub task: TaskKind,
    /// Where the examples are and what of them the model sees.
    #[serde(default)]
    pub data: DataSpec,
    /// What the model is.
    pub model: ModelSpec,
    /// How weights are fitted.
    #[serde(default)]
    pub train: TrainSpec,
    /// What is measured.
    #[serde(default)]
    pub evaluate: EvaluateSpec,
    /// Conditions a candidate has to meet.
    #[serde(default)]
    pub gates: Vec<Gate>,
    /// The places the model is deployed to.
    #[serde(default)]
    #[schemars(with = "BTreeMap<String, EnvironmentSpec>")]
    pub environments: BTreeMap<EnvironmentName, EnvironmentSpec>,
    /// What leaves this machine with a push.
    #[serde(default)]
    pub share: ShareSpec,
    /// Records of other tools that are read beside our own.
    #[serde(default)]
    pub adopt: AdoptSpec,
}

impl Manifest {
    /// Environments so that each stands behind the one it comes `after`; else by name.
    pub fn environments_in_order(&self) -> Vec<(&EnvironmentName, &EnvironmentSpec)> {
        crate::environment::in_order(&self.environments)
    }
}

/// What leaves this machine with a push.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct ShareSpec {
    /// Whether predictions and logs, which hold single examples, are pushed with the runs.
    pub predictions: bool,
}

/// Records of other tools that are read beside our own.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct AdoptSpec {
    /// The pipeline file of DVC, e.g. `dvc.yaml`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub dvc: Option<String>,
    /// The folder of recorded `mlflow` runs, e.g. `mlruns`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub mlflow: Option<String>,
}
