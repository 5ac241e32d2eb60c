//! `run.json`: the immutable record of one finished job.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::{CommitId, JobKind, MetricValue, ModelName, RunId, Sha256, Timestamp};

/// The schema name of [`RunRecord`].
pub const RUN_SCHEMA: &str = "keelmark.run/1";

/// How a job ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum RunStatus {
    /// It did what was asked.
    Succeeded,
    /// It could not; the cause is recorded.
    Failed,
    /// Somebody stopped it.
    Cancelled,
}

/// The digest and size of one data file, as a job read it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct DataPin {
    /// Path within the model's folder.
    pub path: String,
    /// Digest of its bytes.
    pub sha256: Sha256,
    /// Its size.
    pub size_bytes: u64,
    /// `false` where the bytes are in no Git blob, LFS or DVC pointer.
    pub versioned: bool,
}

/// The machine and program a job ran on, as far as they can change its bits.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, TS)]
pub struct Environment {
    /// `cpu`, `cuda:0`, `metal:0`.
    pub device: String,
    /// Threads the kernels could use.
    pub threads: u64,
    /// Instruction sets the kernels chose from, e.g. `avx2+fma`.
    pub kernel_set: String,
    /// Version of Keelmark.
    pub app_version: String,
    /// Version of candle.
    pub candle_version: String,
    /// Operating system and architecture, e.g. `linux-x86_64`.
    pub platform: String,
}

/// One finished job.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
pub struct RunRecord {
    /// [`RUN_SCHEMA`]; a newer major is listed, not read.
    pub schema: String,
    /// Its id.
    pub run: RunId,
    /// Which model.
    pub model: ModelName,
    /// The model's folder in the repository, empty for the root.
    pub folder: String,
    /// The commit it ran on (for a dirty tree, the snapshot).
    pub version: CommitId,
    /// `true` where it ran on a snapshot of uncommitted changes: never promotable.
    pub dirty: bool,
    /// What was done.
    pub job: JobKind,
    /// How it ended.
    pub status: RunStatus,
    /// Why it did not succeed.
    #[serde(default)]
    pub cause: Option<String>,
    /// When it began (UTC).
    pub started_at: Timestamp,
    /// When it ended (UTC).
    pub finished_at: Timestamp,
    /// How long it took by the monotonic clock.
    pub duration_millis: u64,
    /// The seed of all its randomness.
    pub seed: u64,
    /// Overrides of the manifest, `key` to value as given.
    #[serde(default)]
    pub overrides: BTreeMap<String, String>,
    /// Digest of the effective manifest, canonical JSON.
    pub config_sha256: Option<Sha256>,
    /// The data files it read.
    #[serde(default)]
    pub data: Vec<DataPin>,
    /// Digest of the test set and how it is judged; different digests are not comparable.
    #[serde(default)]
    pub test_digest: Option<Sha256>,
    /// Examples in train, validation and test.
    #[serde(default)]
    pub examples: BTreeMap<String, u64>,
    /// Where it ran.
    pub environment: Environment,
    /// Digest of the weights: of `model/model.safetensors`, else of the artifact.
    #[serde(default)]
    pub model_sha256: Option<Sha256>,
    /// Size of the same.
    #[serde(default)]
    pub model_size_bytes: Option<u64>,
    /// The file made elsewhere that is the model, where it was not trained here.
    #[serde(default)]
    pub artifact: Option<DataPin>,
    /// Trainable parameters.
    #[serde(default)]
    pub parameters: Option<u64>,
    /// Metrics on the test set.
    #[serde(default)]
    pub metrics: BTreeMap<String, MetricValue>,
    /// Metrics on the validation set at the kept epoch.
    #[serde(default)]
    pub validation: BTreeMap<String, Option<f64>>,
    /// The epoch whose weights were kept, from 1.
    #[serde(default)]
    pub best_epoch: Option<u64>,
    /// Canonical digest of the predictions: sha256 over id-sorted rows.
    #[serde(default)]
    pub predictions_sha256: Option<Sha256>,
    /// The private commit that holds predictions and log; its bytes may be missing here.
    #[serde(default)]
    pub private: Option<CommitId>,
    /// The run whose model was evaluated, for an `evaluate` job.
    #[serde(default)]
    pub evaluated: Option<RunId>,
    /// The run it goes on from.
    #[serde(default)]
    pub resumed_from: Option<RunId>,
}
