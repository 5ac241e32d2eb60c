//! What a job says while it runs: a closed set of events.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::{MetricValue, RunId, RunStatus, SeriesPoint, Timestamp};

/// What a job does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum JobKind {
    /// Train, then evaluate once on test.
    Train,
    /// Evaluate an existing model, or predictions any framework made.
    Evaluate,
    /// Run a declared command in the sandbox.
    Command,
}

/// Where in its life a job is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum JobPhase {
    /// Accepted, not begun.
    Queued,
    /// Reading and checking its data.
    Preparing,
    /// Training.
    Training,
    /// Evaluating on test.
    Evaluating,
    /// Writing the run.
    Recording,
}

/// One event, one line of `events.jsonl`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case", tag = "event")]
pub enum JobEvent {
    /// The job entered a phase.
    Phase {
        /// The run it will become.
        run: RunId,
        /// When.
        at: Timestamp,
        /// Which.
        phase: JobPhase,
    },
    /// Training begins: what is ahead.
    Plan {
        /// Epochs at most (early stopping may end before).
        epochs: u64,
        /// Optimiser steps at most.
        steps: u64,
        /// Examples in each split.
        examples: BTreeMap<String, u64>,
        /// Trainable parameters.
        parameters: u64,
    },
    /// Metrics after a step or an epoch.
    Metrics {
        /// The same values as the line of `metrics.jsonl`.
        #[serde(flatten)]
        point: SeriesPoint,
    },
    /// A line for the log.
    Log {
        /// What it says.
        message: String,
    },
    /// A checkpoint is durable; the job can be resumed from here.
    Checkpoint {
        /// Steps taken.
        step: u64,
    },
    /// The job ended and its run is durable in Git.
    Ended {
        /// The run.
        run: RunId,
        /// How it ended.
        status: RunStatus,
        /// Why it did not succeed.
        #[serde(skip_serializing_if = "Option::is_none", default)]
        #[ts(optional)]
        cause: Option<String>,
        /// Test metrics, where there are any.
        #[serde(default)]
        metrics: BTreeMap<String, MetricValue>,
    },
}
