//! Training: from examples to weights, in steps that can be stopped and gone on from.

mod run;
mod score;

use std::collections::BTreeMap;

use keelmark_manifest::Manifest;
use keelmark_types::{Dataset, SeriesPoint, Stop, TrainingLog};

use crate::Error;

pub(crate) use run::batch_rows;
pub(crate) use score::{Patience, Scores};

/// What to train on what. Test data is not part of it and never can be.
#[derive(Debug, Clone, Copy)]
pub struct TrainRequest<'a> {
    /// Declares features, model and training.
    pub manifest: &'a Manifest,
    /// The examples weights and scaling are fitted to.
    pub train: &'a Dataset,
    /// The examples that curves and early stopping look at; may be empty where nothing is stopped early.
    pub validation: &'a Dataset,
    /// The seed of all randomness: usually the manifest's.
    pub seed: u64,
    /// Where to compute: `cpu`, or `cuda:0`, `metal:0` where this build has them.
    pub device: &'a str,
}

impl<'a> TrainRequest<'a> {
    /// Training on the CPU with the seed the manifest declares.
    pub fn new(manifest: &'a Manifest, train: &'a Dataset, validation: &'a Dataset) -> Self {
        Self { manifest, train, validation, seed: manifest.train.seed, device: "cpu" }
    }
}

/// What training says while it goes on.
#[derive(Debug, Clone, PartialEq)]
pub enum TrainEvent {
    /// What is ahead, once, before the first step.
    Plan {
        /// Epochs at most.
        epochs: u64,
        /// Steps at most.
        steps: u64,
        /// Weights that are learnt.
        parameters: u64,
    },
    /// Metrics after a step; the last step of an epoch carries those of the epoch. At most about 50 an epoch.
    /// `train/loss`, `train/loss_epoch` and `validation/loss` of a regression are those of the standardised target.
    Metrics(SeriesPoint),
    /// A sentence for the log.
    Log(String),
}

/// A trained model, ready to be recorded.
#[derive(Debug, Clone, PartialEq)]
pub struct Trained {
    /// `model.safetensors`.
    pub weights: Vec<u8>,
    /// `config.json`: the task and the layers.
    pub config_json: String,
    /// `preprocess.json`: how features are scaled.
    pub preprocess_json: String,
    /// `signature.json`: what goes in and what comes out.
    pub signature_json: String,
    /// Weights that were learnt.
    pub parameters: u64,
    /// The epoch whose weights these are, from 1: the best where early stopping is declared, else the last.
    pub best_epoch: u64,
    /// Metrics on the validation examples after that epoch: `loss`, and `accuracy` or `rmse` and `r2`.
    pub validation: BTreeMap<String, Option<f64>>,
    /// Every point since the first step, those before a stop included.
    pub log: TrainingLog,
}

/// How training ended.
#[derive(Debug, Clone, PartialEq)]
pub enum TrainOutcome {
    /// It ran to its end, or stopped early as declared.
    Done(Box<Trained>),
    /// It was asked to stop.
    Stopped {
        /// Bytes to go on from with the same request.
        checkpoint: Vec<u8>,
        /// Steps taken.
        at_step: u64,
    },
}

/// Checks that a training can begin: the layers follow each other, the data fits, the device is there.
pub fn check(request: &TrainRequest<'_>) -> Result<(), Error> {
    run::Run::prepare(request, None).map(drop)
}

/// Trains, telling `sink` what happens. With `resume` it goes on from a checkpoint and ends with the same bits as if it
/// had never been stopped.
pub fn train(
    request: &TrainRequest<'_>,
    sink: &mut dyn FnMut(TrainEvent),
    stop: &Stop,
    resume: Option<&[u8]>,
) -> Result<TrainOutcome, Error> {
    run::Run::prepare(request, resume)?.go(sink, stop)
}
