//! `MLmodel`: what a packed model is.

use std::collections::BTreeMap;

use keelmark_types::Timestamp;
use serde::Deserialize;
use serde::de::IgnoredAny;

use super::{Signature, bounded};
use crate::{Unreadable, yaml};

/// The largest `MLmodel` that is read.
pub const MAX_MODEL_BYTES: usize = 8 << 20;

/// What `MLmodel` says of a packed model.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PackedModel {
    /// The libraries that can load it, sorted, e.g. `onnx`, `python_function`.
    pub flavors: Vec<String>,
    /// What it takes and gives, where that was said.
    pub signature: Option<Signature>,
    /// The run it was logged by.
    pub run_id: Option<String>,
    /// Its id since version 3.
    pub model_id: Option<String>,
    /// Its id.
    pub model_uuid: Option<String>,
    /// Its folder among the run's files.
    pub artifact_path: Option<String>,
    /// The version of `MLflow` that packed it.
    pub mlflow_version: Option<String>,
    /// When it was packed, as written; see [`PackedModel::created`].
    pub utc_time_created: Option<String>,
    /// The size of all its files.
    pub size_bytes: Option<u64>,
}

impl PackedModel {
    /// Reads `MLmodel`.
    pub fn read(bytes: &[u8]) -> Result<Self, Unreadable> {
        #[derive(Deserialize)]
        #[expect(
            clippy::zero_sized_map_values,
            reason = "only names are kept, and sets do not read mappings"
        )]
        struct File {
            flavors: BTreeMap<String, IgnoredAny>,
            signature: Option<SignatureTexts>,
            run_id: Option<String>,
            model_id: Option<String>,
            model_uuid: Option<String>,
            artifact_path: Option<String>,
            mlflow_version: Option<String>,
            utc_time_created: Option<String>,
            model_size_bytes: Option<u64>,
        }
        #[derive(Deserialize)]
        struct SignatureTexts {
            inputs: Option<String>,
            outputs: Option<String>,
        }
        let file: File = yaml::read(bounded(bytes, MAX_MODEL_BYTES)?)?;
        let signature =
            |texts: SignatureTexts| Signature::read(texts.inputs.as_deref(), texts.outputs.as_deref());
        Ok(Self {
            flavors: file.flavors.into_keys().collect(),
            signature: file.signature.map(signature).transpose()?,
            run_id: file.run_id,
            model_id: file.model_id,
            model_uuid: file.model_uuid,
            artifact_path: file.artifact_path,
            mlflow_version: file.mlflow_version,
            utc_time_created: file.utc_time_created,
            size_bytes: file.model_size_bytes,
        })
    }

    /// When it was packed; none where that is not said as `2026-11-24 15:07:32.213788`.
    pub fn created(&self) -> Option<Timestamp> {
        let text = self.utc_time_created.as_deref()?;
        format!("{text}Z").parse().ok()
    }
}
