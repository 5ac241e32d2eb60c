//! The loop.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::time::Instant;

use candle_core::{DType, Device, Tensor};
use keelmark_manifest::TrainSpec;
use keelmark_types::{Dataset, SeriesPoint, Stop, Target, TaskKind};
use sha2::{Digest as _, Sha256};

use super::score;
use super::{TrainEvent, TrainOutcome, TrainRequest, Trained};
use crate::architecture::Architecture;
use crate::checkpoint::{self, Counters};
use crate::config::{Config, Signature};
use crate::examples::{self, Examples, Wanted};
use crate::network::{Network, Pass};
use crate::optimizer::{self, Learner};
use crate::preprocess::Preprocess;
use crate::streams::Streams;
use crate::weights::{self, NamedTensor};
use crate::{Error, device, ops};

/// Points of `train/loss` an epoch, at most.
const POINTS: u64 = 50;

/// A training between two steps.
pub(super) struct Run<'a> {
    spec: &'a TrainSpec,
    task: TaskKind,
    classes: Vec<String>,
    device: Device,
    streams: Streams,
    train: Examples,
    validation: Examples,
    preprocess: Preprocess,
    network: Network,
    learner: Learner,
    names: Vec<String>,
    counters: Counters,
    /// Weights of the best epoch, where early stopping is declared and an epoch is over.
    best: Option<Vec<NamedTensor>>,
    /// The order of the epoch under way, once known.
    order: Option<(u64, Vec<usize>)>,
    began: Instant,
}

impl<'a> Run<'a> {
    /// Checks everything that can be checked before the first step.
    pub(super) fn prepare(request: &TrainRequest<'a>, resume: Option<&[u8]>) -> Result<Self, Error> {
        let manifest = request.manifest;
        let spec = &manifest.train;
        let (task, classes) = task(request)?;
        let device = device::open(request.device)?;
        let preprocess = Preprocess::fit(request.train, &manifest.data.features)?;
        let train = Examples::new("training", request.train, &preprocess, &classes)?;
        let validation = Examples::new("validation", request.validation, &preprocess, &classes)?;
        if spec.epochs == 0 || spec.batch_size == 0 {
            return Err(Error::invalid("epochs and batch_size must be at least 1"));
        }
        if let Some(rule) = &spec.early_stopping {
            score::direction(task, &rule.metric)?;
            if validation.len() == 0 {
                return Err(Error::invalid("early stopping needs validation examples, and there are none"));
            }
        }
        let outputs = classes.len().max(1);
        let architecture = Architecture::plan(&manifest.model, &request.train.shape, outputs)?;
        let streams = Streams::new(request.seed);
        let network = Network::initial(architecture, streams, DType::F32, &device)?;
        let learner = Learner::new(&spec.optimizer, network.parameters())?;
        let names = network.architecture().parameters().into_iter().map(|spec| spec.name).collect();
        let counters = Counters { fingerprint: fingerprint(request, &classes)?, ..Counters::default() };
        let began = Instant::now();
        let mut run = Self {
            spec,
            task,
            classes,
            device,
            streams,
            train,
            validation,
            preprocess,
            network,
            learner,
            names,
            counters,
            best: None,
            order: None,
            began,
        };
        if let Some(bytes) = resume {
            run.resume(bytes)?;
        }
        Ok(run)
    }

    /// Steps until the end, or until asked to stop.
    pub(super) fn go(mut self, sink: &mut dyn FnMut(TrainEvent), stop: &Stop) -> Result<TrainOutcome, Error> {
        sink(TrainEvent::Plan {
            epochs: u64::from(self.spec.epochs),
            steps: self.steps(),
            parameters: self.network.architecture().parameter_count(),
        });
        if self.counters.step > 0 {
            sink(TrainEvent::Log(format!("going on after step {}", self.counters.step)));
        }
        while !self.is_over() {
            if stop.is_raised() {
                let at_step = self.counters.step;
                return Ok(TrainOutcome::Stopped { checkpoint: self.checkpoint()?, at_step });
            }
            let loss = self.step()?;
            let mut metrics = BTreeMap::from([("train/loss".to_owned(), Some(loss))]);
            let epoch = self.counters.epochs_done + 1;
            if self.counters.step_in_epoch == self.steps_per_epoch() {
                self.end_epoch(&mut metrics, sink)?;
            } else if !is_shown(self.counters.step_in_epoch, self.steps_per_epoch()) {
                continue;
            }
            let point = SeriesPoint { step: self.counters.step, epoch, wall_millis: self.elapsed(), metrics };
            self.counters.log.push(point.clone());
            sink(TrainEvent::Metrics(point));
        }
        self.finish()
    }

    fn steps_per_epoch(&self) -> u64 {
        (self.train.len() as u64).div_ceil(u64::from(self.spec.batch_size))
    }

    fn steps(&self) -> u64 {
        self.steps_per_epoch() * u64::from(self.spec.epochs)
    }

    fn elapsed(&self) -> u64 {
        let here = u64::try_from(self.began.elapsed().as_millis()).unwrap_or(u64::MAX);
        self.counters.elapsed_millis.saturating_add(here)
    }

    fn is_over(&self) -> bool {
        let enough =
            self.spec.early_stopping.as_ref().is_some_and(|rule| self.counters.patience.is_over(rule));
        enough || self.counters.epochs_done >= u64::from(self.spec.epochs)
    }

    fn rate(&self, step: u64) -> f64 {
        optimizer::learning_rate(&self.spec.optimizer, self.spec.schedule.as_ref(), step, self.steps())
    }

    /// One batch forward and back: its mean loss.
    fn step(&mut self) -> Result<f64, Error> {
        let step = self.counters.step + 1;
        let epoch = self.counters.epochs_done + 1;
        if self.order.as_ref().is_none_or(|(of, _)| *of != epoch) {
            self.order = Some((epoch, self.streams.shuffle(epoch).permutation(self.train.len())));
        }
        let order = self.order.as_ref().map_or(&[][..], |(_, order)| order);
        let size = self.spec.batch_size as usize;
        let start = self.counters.step_in_epoch as usize * size;
        let indices = &order[start..order.len().min(start + size)];

        let x = self.train.batch(indices, &self.device)?;
        let outputs = self.network.forward(&x, Pass::Train { streams: self.streams, step })?;
        let (loss, right) = match &self.train.wanted {
            Wanted::Classes(labels) => {
                let labels: Vec<u32> = indices.iter().map(|&index| labels[index]).collect();
                let right = count_right(&outputs, &labels)?;
                (ops::cross_entropy(&outputs, labels, self.spec.label_smoothing)?, right)
            }
            Wanted::Values(values) => {
                let wanted =
                    indices.iter().map(|&index| self.preprocess.scale_target(values[index])).collect();
                (ops::mean_squared_error(&outputs, wanted)?, 0)
            }
        };
        let value = f64::from(loss.to_scalar::<f32>()?);
        let rate = self.rate(step);
        if !value.is_finite() {
            return Err(Error::Diverged { step, epoch, loss: value, learning_rate: rate });
        }
        let mut gradients = loss.backward()?;
        self.learner.step(step, rate, |parameter| gradients.remove(parameter))?;

        let counters = &mut self.counters;
        counters.step = step;
        counters.step_in_epoch += 1;
        counters.loss_sum += value * indices.len() as f64;
        counters.seen += indices.len() as u64;
        counters.right += right;
        Ok(value)
    }

    /// Scores the validation examples and adds the epoch's metrics to those of its last step.
    fn end_epoch(
        &mut self,
        metrics: &mut BTreeMap<String, Option<f64>>,
        sink: &mut dyn FnMut(TrainEvent),
    ) -> Result<(), Error> {
        let watched = self.spec.early_stopping.as_ref().map(|rule| rule.metric.as_str());
        let scores = score::score(&self.network, &self.validation, &self.preprocess, watched, &self.device)?;
        let counters = &mut self.counters;
        let seen = counters.seen as f64;
        metrics.insert("train/loss_epoch".to_owned(), Some(counters.loss_sum / seen));
        if self.task == TaskKind::Classification {
            metrics.insert("train/accuracy".to_owned(), Some(counters.right as f64 / seen));
        }
        for (name, value) in score::shown(&scores) {
            metrics.insert(format!("validation/{name}"), value);
        }
        counters.epochs_done += 1;
        (counters.step_in_epoch, counters.loss_sum, counters.seen, counters.right) = (0, 0.0, 0, 0);
        if let Some(rule) = &self.spec.early_stopping {
            let direction = score::direction(self.task, &rule.metric)?;
            if counters.patience.see(counters.epochs_done, &scores, rule, direction) {
                self.best = Some(self.network.snapshot()?);
            }
            if counters.patience.is_over(rule) {
                sink(TrainEvent::Log(format!(
                    "stopped after epoch {}: validation {} has not improved since epoch {}",
                    counters.epochs_done, rule.metric, counters.patience.epoch
                )));
            }
        }
        counters.scores = scores;
        let step = counters.step;
        metrics.insert("learning_rate".to_owned(), Some(self.rate(step)));
        Ok(())
    }

    fn finish(self) -> Result<TrainOutcome, Error> {
        let counters = self.counters;
        let (kept, best_epoch, scores) = match self.best {
            Some(best) => (best, counters.patience.epoch, counters.patience.scores),
            None => (self.network.snapshot()?, counters.epochs_done, counters.scores),
        };
        // A last step may have led beyond all numbers without a loss to show it.
        if kept.iter().any(|tensor| tensor.values.iter().any(|value| !value.is_finite())) {
            let loss = f64::NAN;
            let (step, epoch) = (counters.step, counters.epochs_done);
            let learning_rate =
                optimizer::learning_rate(&self.spec.optimizer, self.spec.schedule.as_ref(), step, step);
            return Err(Error::Diverged { step, epoch, loss, learning_rate });
        }
        let architecture = self.network.architecture().clone();
        let parameters = architecture.parameter_count();
        let signature = Signature::new(&architecture, self.preprocess.columns.clone(), self.classes);
        Ok(TrainOutcome::Done(Box::new(Trained {
            weights: weights::write(&kept)?,
            config_json: json(&Config::new(self.task, architecture))?,
            preprocess_json: json(&self.preprocess)?,
            signature_json: json(&signature)?,
            parameters,
            best_epoch,
            validation: score::shown(&scores),
            log: counters.log,
        })))
    }

    fn checkpoint(&self) -> Result<Vec<u8>, Error> {
        let counters = Counters { elapsed_millis: self.elapsed(), ..self.counters.clone() };
        let renamed = |part: &str, tensors: Vec<NamedTensor>| {
            let named =
                move |tensor: NamedTensor| NamedTensor { name: format!("{part}/{}", tensor.name), ..tensor };
            tensors.into_iter().map(named).collect::<Vec<_>>()
        };
        let mut tensors = renamed("weights", self.network.snapshot()?);
        tensors.extend(renamed("best", self.best.clone().unwrap_or_default()));
        tensors.extend(self.learner.memory(&self.names)?);
        checkpoint::write(&counters, &tensors)
    }

    fn resume(&mut self, bytes: &[u8]) -> Result<(), Error> {
        let (counters, tensors) = checkpoint::read(bytes)?;
        if counters.fingerprint != self.counters.fingerprint {
            return Err(Error::Conflict(
                "its manifest, data, seed or version of Keelmark differ; start the training anew".to_owned(),
            ));
        }
        let wrong = |reason: String| Error::corrupt("the checkpoint", reason);
        let in_reach =
            counters.step == counters.epochs_done * self.steps_per_epoch() + counters.step_in_epoch;
        if !in_reach || counters.step > self.steps() || counters.step_in_epoch >= self.steps_per_epoch() {
            return Err(wrong(format!("{} steps do not fit its epochs", counters.step)));
        }
        let mut parts: BTreeMap<&str, Vec<NamedTensor>> = BTreeMap::new();
        let mut rest: BTreeMap<String, NamedTensor> = BTreeMap::new();
        for tensor in tensors {
            match tensor.name.split_once('/') {
                Some(("weights", name)) => {
                    let named = NamedTensor { name: name.to_owned(), ..tensor };
                    parts.entry("weights").or_default().push(named);
                }
                Some(("best", name)) => {
                    let named = NamedTensor { name: name.to_owned(), ..tensor };
                    parts.entry("best").or_default().push(named);
                }
                _ => drop(rest.insert(tensor.name.clone(), tensor)),
            }
        }
        let architecture = self.network.architecture().clone();
        let weights = parts.remove("weights").unwrap_or_default();
        self.network = Network::from_weights(architecture.clone(), weights, &self.device, true)?;
        self.learner = Learner::new(&self.spec.optimizer, self.network.parameters())?;
        self.learner.restore(&self.names, |name, shape| match rest.remove(name) {
            Some(tensor) if tensor.shape == shape => Ok(tensor.values),
            _ => Err(wrong(format!("`{name}` of shape {shape:?} is missing"))),
        })?;
        self.best = match parts.remove("best") {
            None => None,
            Some(best) => Some(Network::from_weights(architecture, best, &self.device, false)?.snapshot()?),
        };
        self.counters = counters;
        Ok(())
    }
}

/// Examples a forward pass without learning takes at once: fewer where layers are wide.
pub(crate) fn batch_rows(architecture: &Architecture) -> usize {
    ((1 << 22) / architecture.widest().max(1)).clamp(1, 256)
}

fn json(value: &impl serde::Serialize) -> Result<String, Error> {
    let mut text = serde_json::to_string_pretty(value)
        .map_err(|error| Error::invalid(format!("the model cannot be written: {error}")))?;
    text.push('\n');
    Ok(text)
}

/// Whether the loss of this step of the epoch becomes a point.
fn is_shown(step: u64, steps: u64) -> bool {
    steps <= POINTS || step * POINTS / steps != (step - 1) * POINTS / steps
}

fn task(request: &TrainRequest<'_>) -> Result<(TaskKind, Vec<String>), Error> {
    let task = request.manifest.task;
    if request.train.is_empty() {
        return Err(Error::invalid("there are no training examples"));
    }
    if examples::task_of(&request.train.target) != task {
        return Err(Error::invalid(match task {
            TaskKind::Classification => "the task is classification, but the target holds numbers",
            TaskKind::Regression => "the task is regression, but the target holds classes",
        }));
    }
    match &request.train.target {
        Target::Values(_) => Ok((task, Vec::new())),
        Target::Classes { names, .. } if names.len() < 2 => Err(Error::invalid(format!(
            "classification needs at least two classes, and the training examples have {}",
            names.len()
        ))),
        Target::Classes { names, .. } => Ok((task, names.clone())),
    }
}

fn count_right(logits: &Tensor, labels: &[u32]) -> Result<u64, Error> {
    let (_, classes) = logits.dims2()?;
    let logits = logits.detach().flatten_all()?.to_vec1::<f32>()?;
    let right = logits.chunks_exact(classes).zip(labels);
    Ok(right.filter(|(row, label)| score::largest(row) == **label as usize).count() as u64)
}

/// Digest of what decides the bits of the weights.
fn fingerprint(request: &TrainRequest<'_>, classes: &[String]) -> Result<String, Error> {
    let manifest = request.manifest;
    let declared = (&manifest.task, &manifest.data.features, &manifest.model, &manifest.train, classes);
    let declared = serde_json::to_vec(&declared)
        .map_err(|error| Error::invalid(format!("the manifest cannot be written: {error}")))?;
    let mut hash = Sha256::new();
    hash.update(env!("CARGO_PKG_VERSION").as_bytes());
    hash.update(request.seed.to_le_bytes());
    hash.update(request.device.as_bytes());
    hash.update(declared);
    for data in [request.train, request.validation] {
        hash.update((data.len() as u64).to_le_bytes());
        hash_data(&mut hash, data);
    }
    let mut digits = String::with_capacity(64);
    for byte in hash.finalize() {
        write!(digits, "{byte:02x}").expect("a string takes all that is written");
    }
    Ok(digits)
}

fn hash_data(hash: &mut Sha256, data: &Dataset) {
    for chunk in data.features.chunks(16 * 1024) {
        hash.update(chunk.iter().flat_map(|value| value.to_le_bytes()).collect::<Vec<u8>>());
    }
    for side in &data.shape {
        hash.update((*side as u64).to_le_bytes());
    }
    match &data.target {
        Target::Classes { labels, .. } => {
            hash.update(labels.iter().flat_map(|label| label.to_le_bytes()).collect::<Vec<u8>>());
        }
        Target::Values(values) => {
            hash.update(values.iter().flat_map(|value| value.to_le_bytes()).collect::<Vec<u8>>());
        }
    }
}
