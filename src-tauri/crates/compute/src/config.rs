//! `config.json` and `signature.json`: what a model is, and what goes in and comes out.

use keelmark_types::TaskKind;
use serde::{Deserialize, Serialize};

use crate::architecture::Architecture;

/// The schema name of `config.json`.
const CONFIG_SCHEMA: &str = "keelmark.network/1";
/// The schema name of `signature.json`.
const SIGNATURE_SCHEMA: &str = "keelmark.signature/1";

/// What a model is. Unknown fields of a newer version are ignored.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Config {
    schema: String,
    /// What it predicts.
    pub(crate) task: TaskKind,
    /// Its layers.
    pub(crate) architecture: Architecture,
}

/// What goes in and comes out, named as the Open Inference Protocol names it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Signature {
    schema: String,
    /// Raw features: scaling is the model's own.
    pub(crate) input: Port,
    /// Probabilities of each class, or one value.
    pub(crate) output: Port,
    /// Names of the feature columns, in order.
    pub(crate) columns: Vec<String>,
    /// Names of the classes, in order; empty for regression.
    #[serde(default)]
    pub(crate) classes: Vec<String>,
}

/// One tensor of a signature.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Port {
    name: String,
    datatype: String,
    /// Its dimensions, −1 for the number of examples.
    shape: Vec<i64>,
}

/// A side of a tensor; sizes are bounded far below where this could overflow.
fn dimension(side: usize) -> i64 {
    i64::try_from(side).unwrap_or(i64::MAX)
}

impl Config {
    pub(crate) fn new(task: TaskKind, architecture: Architecture) -> Self {
        Self { schema: CONFIG_SCHEMA.to_owned(), task, architecture }
    }

    /// Checks what a file states.
    pub(crate) fn check(&self) -> Result<(), String> {
        if self.schema != CONFIG_SCHEMA {
            return Err(format!("its schema is `{}`, not `{CONFIG_SCHEMA}`", self.schema));
        }
        self.architecture.check().map_err(|error| error.to_string())
    }
}

impl Signature {
    pub(crate) fn new(architecture: &Architecture, columns: Vec<String>, classes: Vec<String>) -> Self {
        let mut shape = vec![-1];
        shape.extend(architecture.input.iter().map(|&side| dimension(side)));
        let output = if classes.is_empty() { "value" } else { "probabilities" };
        Self {
            schema: SIGNATURE_SCHEMA.to_owned(),
            input: Port { name: "features".to_owned(), datatype: "FP32".to_owned(), shape },
            output: Port {
                name: output.to_owned(),
                datatype: "FP64".to_owned(),
                shape: vec![-1, dimension(architecture.outputs)],
            },
            columns,
            classes,
        }
    }

    /// Checks what a file states against the configuration beside it.
    pub(crate) fn check(&self, config: &Config) -> Result<(), String> {
        if self.schema != SIGNATURE_SCHEMA {
            return Err(format!("its schema is `{}`, not `{SIGNATURE_SCHEMA}`", self.schema));
        }
        let outputs = match config.task {
            TaskKind::Classification => self.classes.len(),
            TaskKind::Regression if self.classes.is_empty() => 1,
            TaskKind::Regression => return Err("it names classes for a regression".to_owned()),
        };
        let expected = Self::new(&config.architecture, self.columns.clone(), self.classes.clone());
        let inputs = config.architecture.input.iter().product::<usize>();
        if outputs != config.architecture.outputs || inputs != self.columns.len() || *self != expected {
            return Err("it does not fit config.json".to_owned());
        }
        Ok(())
    }
}
