//! A trained model, loaded from its four files and asked for predictions.

use candle_core::{Device, Tensor};
use keelmark_types::{Answers, Dataset, Predictions, TaskKind};
use serde::de::DeserializeOwned;

use crate::config::{Config, Signature};
use crate::examples::{Examples, Wanted};
use crate::network::{Network, Pass};
use crate::ops::softmax;
use crate::preprocess::Preprocess;
use crate::train::{Trained, batch_rows};
use crate::{Architecture, Error, device, weights};

/// No JSON file of a model is longer.
const MAX_JSON_BYTES: usize = 64 << 20;

/// A trained model.
#[derive(Debug, Clone)]
pub struct Model {
    config: Config,
    signature: Signature,
    preprocess: Preprocess,
    network: Network,
    device: Device,
}

impl Model {
    /// Reads the files of a run's `model/` for use on the CPU. All of them may come from strangers.
    pub fn load(weights: &[u8], config: &[u8], preprocess: &[u8], signature: &[u8]) -> Result<Self, Error> {
        Self::load_on("cpu", weights, config, preprocess, signature)
    }

    /// The model a training ended with.
    pub fn of(trained: &Trained) -> Result<Self, Error> {
        Self::load(
            &trained.weights,
            trained.config_json.as_bytes(),
            trained.preprocess_json.as_bytes(),
            trained.signature_json.as_bytes(),
        )
    }

    /// Reads the files of a run's `model/` for use on a device: `cpu`, `cuda:0`, `metal:0`.
    pub fn load_on(
        device: &str,
        weights: &[u8],
        config: &[u8],
        preprocess: &[u8],
        signature: &[u8],
    ) -> Result<Self, Error> {
        let config: Config = read("config.json", config)?;
        config.check().map_err(|reason| Error::corrupt("config.json", reason))?;
        let signature: Signature = read("signature.json", signature)?;
        signature.check(&config).map_err(|reason| Error::corrupt("signature.json", reason))?;
        let preprocess: Preprocess = read("preprocess.json", preprocess)?;
        preprocess.check().map_err(|reason| Error::corrupt("preprocess.json", reason))?;
        if preprocess.columns != signature.columns {
            return Err(Error::corrupt("preprocess.json", "its columns are not those of signature.json"));
        }
        let device = device::open(device)?;
        let tensors = weights::read(weights)?;
        let network = Network::from_weights(config.architecture.clone(), tensors, &device, false)?;
        Ok(Self { config, signature, preprocess, network, device })
    }

    /// What it predicts.
    pub fn task(&self) -> TaskKind {
        self.config.task
    }

    /// What it is made of.
    pub fn architecture(&self) -> &Architecture {
        &self.config.architecture
    }

    /// Names of the feature columns it takes, in order.
    pub fn columns(&self) -> &[String] {
        &self.signature.columns
    }

    /// Names of the classes it tells apart, in order; empty for regression.
    pub fn classes(&self) -> &[String] {
        &self.signature.classes
    }

    /// Truth and answers for every example of `data`. The classes are the model's, whatever order the data has them in.
    pub fn predict(&self, data: &Dataset) -> Result<Predictions, Error> {
        if data.shape != self.config.architecture.input {
            return Err(Error::invalid(format!(
                "the examples have shape {:?} where the model takes {:?}",
                data.shape, self.config.architecture.input
            )));
        }
        let examples = Examples::new("given", data, &self.preprocess, self.classes())?;
        let batch = batch_rows(&self.config.architecture);
        let mut answers = Vec::with_capacity(examples.len() * self.config.architecture.outputs);
        let mut start = 0;
        while start < examples.len() {
            let end = examples.len().min(start + batch);
            self.answer(&examples.slice(start..end, &self.device)?, &mut answers)?;
            start = end;
        }
        let answers = match examples.wanted {
            Wanted::Classes(truth) => Answers::Classification {
                classes: self.signature.classes.clone(),
                truth,
                probabilities: answers,
            },
            Wanted::Values(truth) => Answers::Regression { truth, predicted: answers },
        };
        Ok(Predictions {
            ids: data.ids.clone(),
            answers,
            weights: None,
            slices: std::collections::BTreeMap::new(),
        })
    }

    /// Answers for rows of raw features `[rows, columns]`: probabilities `[rows, classes]`, or values `[rows]`.
    pub fn predict_rows(&self, features: &[f32]) -> Result<Vec<f64>, Error> {
        let width = self.signature.columns.len();
        if !features.len().is_multiple_of(width) {
            return Err(Error::invalid(format!("{} values are no whole rows of {width}", features.len())));
        }
        let scaled = self.preprocess.apply_rows(features);
        if let Some(place) = scaled.iter().position(|value| !value.is_finite()) {
            return Err(Error::invalid(format!(
                "column `{}` of row {} is {}, which is no number to compute with",
                self.signature.columns[place % width],
                place / width + 1,
                features[place]
            )));
        }
        let mut answers = Vec::new();
        for rows in scaled.chunks(batch_rows(&self.config.architecture) * width) {
            let mut shape = vec![rows.len() / width];
            shape.extend_from_slice(&self.config.architecture.input);
            self.answer(&Tensor::from_vec(rows.to_vec(), shape, &self.device)?, &mut answers)?;
        }
        Ok(answers)
    }

    fn answer(&self, x: &Tensor, answers: &mut Vec<f64>) -> Result<(), Error> {
        let outputs = self.network.forward(x, Pass::Infer)?.flatten_all()?.to_vec1::<f32>()?;
        if outputs.iter().any(|value| !value.is_finite()) {
            return Err(Error::invalid("the model's answer to these examples is not a number"));
        }
        match self.config.task {
            TaskKind::Regression => {
                answers.extend(outputs.iter().map(|&value| self.preprocess.unscale_target(f64::from(value))));
            }
            TaskKind::Classification => {
                for row in outputs.chunks_exact(self.config.architecture.outputs) {
                    let row: Vec<f64> = row.iter().map(|&logit| f64::from(logit)).collect();
                    answers.extend(softmax(&row).0);
                }
            }
        }
        Ok(())
    }
}

fn read<T: DeserializeOwned>(what: &'static str, bytes: &[u8]) -> Result<T, Error> {
    if bytes.len() > MAX_JSON_BYTES {
        return Err(Error::corrupt(what, format!("{} bytes; {MAX_JSON_BYTES} are allowed", bytes.len())));
    }
    serde_json::from_slice(bytes).map_err(|error| Error::corrupt(what, error))
}
