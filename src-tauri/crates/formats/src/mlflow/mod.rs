//! `MLflow`: runs as its file store keeps them, and packed models.
//!
//! `mlruns/<experiment>/meta.yaml` is an [`Experiment`]; `mlruns/<experiment>/<run>/` a [`Run`]: `meta.yaml`,
//! `metrics/<key>`, `params/<key>`, `tags/<key>`, where keys may have slashes. An `MLmodel` is a [`PackedModel`].

mod meta;
mod metric;
mod packed;
mod run;
mod signature;

pub use meta::{Experiment, Lifecycle, MAX_META_BYTES, RESERVED_FOLDERS, RunMeta, RunStatus};
pub use metric::{History, MAX_METRIC_BYTES, MAX_SAMPLES, Sample, latest, metric_history};
pub use packed::{MAX_MODEL_BYTES, PackedModel};
pub use run::{MAX_FILES, MAX_VALUE_BYTES, Run, RunProblem, SOURCE_COMMIT_TAG};
pub use signature::{Column, ColumnType, MAX_INPUTS, Scalar, Schema, Signature, Tensor};

use crate::Unreadable;

/// Refuses what is larger than `most`.
fn bounded(bytes: &[u8], most: usize) -> Result<&[u8], Unreadable> {
    if bytes.len() > most {
        return Err(Unreadable::whole(format!("it is larger than {most} bytes")));
    }
    Ok(bytes)
}
