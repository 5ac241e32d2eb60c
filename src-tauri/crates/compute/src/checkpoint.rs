//! A training that was stopped, as bytes: a mark, its counters as JSON, its tensors as safetensors.

use keelmark_types::TrainingLog;
use serde::{Deserialize, Serialize};

use crate::Error;
use crate::train::Patience;
use crate::train::Scores;
use crate::weights::{self, NamedTensor};

const MARK: &[u8] = b"keelmark.checkpoint/1\n";
const WHAT: &str = "the checkpoint";
/// No counters, the log included, are longer.
const MAX_JSON_BYTES: usize = 256 << 20;

/// Where a training stands.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub(crate) struct Counters {
    /// Digest of everything that decides the bits: manifest, data, seed.
    pub(crate) fingerprint: String,
    /// Steps taken.
    pub(crate) step: u64,
    /// Epochs completed.
    pub(crate) epochs_done: u64,
    /// Steps taken in the epoch that is under way.
    pub(crate) step_in_epoch: u64,
    /// Sum of the losses of the examples seen in it.
    pub(crate) loss_sum: f64,
    /// Examples seen in it.
    pub(crate) seen: u64,
    /// Of those, how many were classified right.
    pub(crate) right: u64,
    /// Scores after the last completed epoch.
    pub(crate) scores: Scores,
    /// The state of early stopping.
    pub(crate) patience: Patience,
    /// Time spent so far.
    pub(crate) elapsed_millis: u64,
    /// All points so far.
    pub(crate) log: TrainingLog,
}

/// Writes counters and tensors.
pub(crate) fn write(counters: &Counters, tensors: &[NamedTensor]) -> Result<Vec<u8>, Error> {
    let json = serde_json::to_vec(counters).map_err(|error| Error::corrupt(WHAT, error))?;
    let tensors = weights::write(tensors)?;
    let mut bytes = Vec::with_capacity(MARK.len() + 8 + json.len() + tensors.len());
    bytes.extend_from_slice(MARK);
    bytes.extend_from_slice(&(json.len() as u64).to_le_bytes());
    bytes.extend_from_slice(&json);
    bytes.extend_from_slice(&tensors);
    Ok(bytes)
}

/// Reads what [`write`] wrote.
pub(crate) fn read(bytes: &[u8]) -> Result<(Counters, Vec<NamedTensor>), Error> {
    let rest = bytes
        .strip_prefix(MARK)
        .ok_or_else(|| Error::corrupt(WHAT, "it does not begin with `keelmark.checkpoint/1`"))?;
    let short = || Error::corrupt(WHAT, "it is cut off");
    let (length, rest) = rest.split_first_chunk::<8>().ok_or_else(short)?;
    let length = usize::try_from(u64::from_le_bytes(*length)).unwrap_or(usize::MAX);
    if length > MAX_JSON_BYTES {
        return Err(Error::corrupt(WHAT, format!("its counters say they have {length} bytes")));
    }
    let (json, tensors) = rest.split_at_checked(length).ok_or_else(short)?;
    let counters = serde_json::from_slice(json).map_err(|error| Error::corrupt(WHAT, error))?;
    Ok((counters, weights::read(tensors)?))
}
