//! A network with its weights: the forward pass.

use std::collections::BTreeMap;

use candle_core::{DType, Device, Tensor, Var};

use crate::Error;
use crate::architecture::{Architecture, Init, LayerConfig};
use crate::ops::{self, Convolution};
use crate::streams::Streams;
use crate::weights::NamedTensor;

/// What the forward pass is for.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Pass {
    /// To learn: dropout draws from the streams of this step.
    Train {
        /// Where the chance comes from.
        streams: Streams,
        /// The step about to be taken, from 1.
        step: u64,
    },
    /// To answer.
    Infer,
}

/// An architecture with its weights, in the order of [`Architecture::parameters`].
#[derive(Debug, Clone)]
pub(crate) struct Network {
    architecture: Architecture,
    parameters: Vec<Tensor>,
}

impl Network {
    /// New weights drawn from `streams`, as variables that can be learnt.
    pub(crate) fn initial(
        architecture: Architecture,
        streams: Streams,
        dtype: DType,
        device: &Device,
    ) -> Result<Self, Error> {
        let mut parameters = Vec::new();
        for spec in architecture.parameters() {
            let count = spec.shape.iter().product();
            let values = match spec.init {
                Init::Constant(value) => vec![value; count],
                Init::Uniform(bound) => streams.init(&spec.name).symmetric(count, bound),
            };
            let tensor = Tensor::from_vec(values, spec.shape, device)?.to_dtype(dtype)?;
            parameters.push(Var::from_tensor(&tensor)?.into_inner());
        }
        Ok(Self { architecture, parameters })
    }

    /// Weights read from a file; names and shapes must be exactly those of the architecture.
    pub(crate) fn from_weights(
        architecture: Architecture,
        weights: Vec<NamedTensor>,
        device: &Device,
        learnable: bool,
    ) -> Result<Self, Error> {
        let corrupt = |reason: String| Error::corrupt("the weights", reason);
        let mut weights: BTreeMap<String, NamedTensor> =
            weights.into_iter().map(|tensor| (tensor.name.clone(), tensor)).collect();
        let mut parameters = Vec::new();
        for spec in architecture.parameters() {
            let Some(found) = weights.remove(&spec.name) else {
                return Err(corrupt(format!("`{}` is missing", spec.name)));
            };
            if found.shape != spec.shape {
                return Err(corrupt(format!(
                    "`{}` has shape {:?} where the network needs {:?}",
                    spec.name, found.shape, spec.shape
                )));
            }
            let tensor = Tensor::from_vec(found.values, found.shape, device)?;
            parameters.push(if learnable { Var::from_tensor(&tensor)?.into_inner() } else { tensor });
        }
        match weights.first_key_value() {
            Some((extra, _)) => Err(corrupt(format!("the network has no `{extra}`"))),
            None => Ok(Self { architecture, parameters }),
        }
    }

    /// The same weights, shared, without learning from what is done with them.
    pub(crate) fn detached(&self) -> Self {
        Self {
            architecture: self.architecture.clone(),
            parameters: self.parameters.iter().map(Tensor::detach).collect(),
        }
    }

    /// What it is made of.
    pub(crate) fn architecture(&self) -> &Architecture {
        &self.architecture
    }

    /// The weights, in the order of [`Architecture::parameters`].
    pub(crate) fn parameters(&self) -> &[Tensor] {
        &self.parameters
    }

    /// A copy of the weights as they are now.
    pub(crate) fn snapshot(&self) -> Result<Vec<NamedTensor>, Error> {
        let specs = self.architecture.parameters();
        specs
            .into_iter()
            .zip(&self.parameters)
            .map(|(spec, tensor)| NamedTensor::of(spec.name, tensor).map_err(Error::from))
            .collect()
    }

    /// `[examples, …input]` to raw outputs `[examples, outputs]`: logits, or standardised values.
    pub(crate) fn forward(&self, x: &Tensor, pass: Pass) -> Result<Tensor, Error> {
        let layers = &self.architecture.layers;
        let mut parameters = self.parameters.iter();
        let mut next = || {
            let weight = parameters.next();
            weight.zip(parameters.next()).ok_or_else(|| Error::invalid("the network lacks weights"))
        };
        let mut x = x.clone();
        let mut index = 0;
        while let Some(layer) = layers.get(index) {
            let rectified = layers.get(index + 1) == Some(&LayerConfig::Relu);
            let mut used = 1;
            x = match *layer {
                LayerConfig::Linear { .. } => {
                    let (weight, bias) = next()?;
                    used += usize::from(rectified);
                    ops::linear(&x, weight, bias, rectified)?
                }
                LayerConfig::Conv2d { stride, padding, .. } => {
                    let (weight, bias) = next()?;
                    used += usize::from(rectified);
                    ops::conv2d(&x, weight, bias, Convolution { stride, padding, rectified })?
                }
                LayerConfig::MaxPool2d { kernel, stride } => ops::max_pool2d(&x, kernel, stride)?,
                LayerConfig::Relu => ops::relu(&x)?,
                LayerConfig::Flatten => x.flatten_from(1)?,
                LayerConfig::Dropout { rate } => match pass {
                    Pass::Train { streams, step } => {
                        ops::dropout(&x, rate, &mut streams.dropout(index, step))?
                    }
                    Pass::Infer => x,
                },
                LayerConfig::LayerNorm { .. } => {
                    let (weight, bias) = next()?;
                    ops::layer_norm(&x, weight, bias)?
                }
            };
            index += used;
        }
        Ok(x)
    }
}
