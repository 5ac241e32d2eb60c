//! One of the two candidates of a comparison, loaded.

use keelmark_types::{CommitId, DataPin, Evaluation, Predictions, RunRecord, Sha256, TrainingLog};
use serde_json::Value;

/// A candidate, as far as it is known. What is missing is left out of the comparison and said.
#[derive(Debug, Clone, PartialEq)]
pub struct Side {
    /// What the user called it: a revision, a run, an environment, a file.
    pub label: String,
    /// Its version, where it is one.
    pub version: Option<CommitId>,
    /// Its run, where it has one.
    pub run: Option<RunRecord>,
    /// Its metrics.
    pub evaluation: Evaluation,
    /// Its answers by example; they may be missing here.
    pub predictions: Option<Predictions>,
    /// Digest of the test set and how it is judged; different digests are not comparable.
    pub test_digest: Option<Sha256>,
    /// Its training curves.
    pub log: TrainingLog,
    /// Its effective manifest as canonical JSON.
    pub config: Option<Value>,
    /// The data files it was made from.
    pub data: Vec<DataPin>,
    /// Its weights, layer by layer.
    pub weights: Vec<LayerWeights>,
    /// The files of its version.
    pub files: Vec<SourceFile>,
}

impl Side {
    /// A side of which only an evaluation is known.
    pub fn new(label: impl Into<String>, evaluation: Evaluation) -> Self {
        Self {
            label: label.into(),
            version: None,
            run: None,
            evaluation,
            predictions: None,
            test_digest: None,
            log: TrainingLog::new(),
            config: None,
            data: Vec::new(),
            weights: Vec::new(),
            files: Vec::new(),
        }
    }
}

/// One tensor of a model.
#[derive(Debug, Clone, PartialEq)]
pub struct LayerWeights {
    /// Its name in the safetensors file.
    pub name: String,
    /// Its shape.
    pub shape: Vec<usize>,
    /// Its values, row-major.
    pub values: Vec<f32>,
}

/// One file of a version.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct SourceFile {
    /// Path in the repository.
    pub path: String,
    /// Its blob id.
    pub blob_id: String,
}
