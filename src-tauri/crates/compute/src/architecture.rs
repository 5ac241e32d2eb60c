//! What a network is made of: declared layers and presets become layers with sizes, or an error that names the layer.

use keelmark_manifest::{Layer, ModelSpec, Preset};
use serde::{Deserialize, Serialize};

use crate::Error;

/// No network has more weights (1 GiB of f32).
pub(crate) const MAX_PARAMETERS: usize = 1 << 28;
/// No layer gives more values an example.
const MAX_VALUES: usize = 1 << 26;

/// A network: what goes in, its layers, what comes out.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Architecture {
    /// Shape of one example, e.g. `[1, 8, 8]`.
    pub input: Vec<usize>,
    /// Values that come out: one a class, or 1 for regression.
    pub outputs: usize,
    /// The layers in order, the output layer last.
    pub layers: Vec<LayerConfig>,
}

/// One layer with all its sizes.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "kind", deny_unknown_fields)]
pub enum LayerConfig {
    /// `[inputs]` to `[units]`.
    Linear {
        /// Values that come in.
        inputs: usize,
        /// Values that go out.
        units: usize,
    },
    /// `[inputs, height, width]` to `[channels, …, …]`.
    Conv2d {
        /// Channels that come in.
        inputs: usize,
        /// Channels that go out.
        channels: usize,
        /// Side of the kernel.
        kernel: usize,
        /// Its step.
        stride: usize,
        /// Zeros on each side.
        padding: usize,
    },
    /// The largest value under each window.
    #[serde(rename = "max_pool2d")]
    MaxPool2d {
        /// Side of the window.
        kernel: usize,
        /// Its step.
        stride: usize,
    },
    /// max(0, x).
    Relu,
    /// Any shape to one row.
    Flatten,
    /// Leaves values out while training.
    Dropout {
        /// The share left out.
        rate: f64,
    },
    /// Mean 0, variance 1 over an example, then scale and shift.
    LayerNorm {
        /// Values of an example.
        values: usize,
    },
}

/// A tensor the network learns.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct ParameterSpec {
    /// Its name in the weights file.
    pub(crate) name: String,
    /// Its shape.
    pub(crate) shape: Vec<usize>,
    /// How it begins.
    pub(crate) init: Init,
}

/// The values a parameter begins with.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Init {
    /// The same value everywhere.
    Constant(f32),
    /// Evenly over [-bound, bound).
    Uniform(f64),
}

impl Architecture {
    /// Gives every layer of `spec` its sizes, for examples of shape `input`, and adds the output layer.
    pub fn plan(spec: &ModelSpec, input: &[usize], outputs: usize) -> Result<Self, Error> {
        if input.is_empty() || input.contains(&0) || outputs == 0 {
            return Err(Error::invalid(format!(
                "a network needs at least one feature and one output, not features {input:?} and {outputs} outputs"
            )));
        }
        let declared = match spec {
            ModelSpec::Layers(layers) => layers.clone(),
            ModelSpec::Preset(preset) => expand(preset, input)?,
            ModelSpec::Artifact(path) => {
                return Err(Error::Unsupported(format!(
                    "`{path}` was trained elsewhere: it is evaluated by its predictions, not trained here"
                )));
            }
        };
        let mut planned = Planner { layers: Vec::new(), shape: input.to_vec(), parameters: 0 };
        for (index, layer) in declared.iter().enumerate() {
            planned.push(index + 1, layer)?;
        }
        planned.push(declared.len() + 1, &Layer::Linear { units: outputs })?;
        Ok(Self { input: input.to_vec(), outputs, layers: planned.layers })
    }

    /// Checks that the layers follow each other, as in a file somebody else may have written.
    pub fn check(&self) -> Result<(), Error> {
        if self.input.is_empty() || self.input.contains(&0) {
            return Err(Error::invalid(format!("features {:?} hold nothing", self.input)));
        }
        let mut planned = Planner { layers: Vec::new(), shape: self.input.clone(), parameters: 0 };
        for (index, layer) in self.layers.iter().enumerate() {
            planned.push(index + 1, &layer.declared())?;
        }
        if planned.layers != self.layers || planned.shape != [self.outputs] {
            return Err(Error::invalid(format!(
                "the layers do not lead from {:?} to {} outputs with the sizes they state",
                self.input, self.outputs
            )));
        }
        Ok(())
    }

    /// Weights the network learns.
    pub fn parameter_count(&self) -> u64 {
        self.parameters().iter().map(|spec| spec.shape.iter().product::<usize>() as u64).sum()
    }

    /// The most values any layer holds for one example.
    pub(crate) fn widest(&self) -> usize {
        let mut planned = Planner { layers: Vec::new(), shape: self.input.clone(), parameters: 0 };
        let mut widest: usize = self.input.iter().product();
        for (index, layer) in self.layers.iter().enumerate() {
            if planned.push(index + 1, &layer.declared()).is_ok() {
                widest = widest.max(planned.shape.iter().product());
            }
        }
        widest
    }

    /// The tensors the network learns, in the order of the layers.
    pub(crate) fn parameters(&self) -> Vec<ParameterSpec> {
        let mut specs = Vec::new();
        for (index, layer) in self.layers.iter().enumerate() {
            let (shape, fan_in, fan_out) = match *layer {
                LayerConfig::Linear { inputs, units } => (vec![units, inputs], inputs, units),
                LayerConfig::Conv2d { inputs, channels, kernel, .. } => {
                    let area = kernel * kernel;
                    (vec![channels, inputs, kernel, kernel], inputs * area, channels * area)
                }
                LayerConfig::LayerNorm { values } => {
                    for (part, start) in [("weight", 1.0), ("bias", 0.0)] {
                        let name = format!("layers.{index}.{part}");
                        specs.push(ParameterSpec { name, shape: vec![values], init: Init::Constant(start) });
                    }
                    continue;
                }
                _ => continue,
            };
            // He et al. 2015 before a rectifier, Glorot and Bengio 2010 elsewhere; even spread, so that no
            // logarithm of the platform takes part.
            let bound = if self.rectified(index) {
                (6.0 / fan_in as f64).sqrt()
            } else {
                (6.0 / (fan_in + fan_out) as f64).sqrt()
            };
            let units = shape[0];
            let name = |part: &str| format!("layers.{index}.{part}");
            specs.push(ParameterSpec { name: name("weight"), shape, init: Init::Uniform(bound) });
            specs.push(ParameterSpec { name: name("bias"), shape: vec![units], init: Init::Constant(0.0) });
        }
        specs
    }

    /// Whether a rectifier comes before the next layer with weights.
    fn rectified(&self, index: usize) -> bool {
        let rest = &self.layers[index + 1..];
        rest.iter()
            .take_while(|layer| !matches!(layer, LayerConfig::Linear { .. } | LayerConfig::Conv2d { .. }))
            .any(|layer| *layer == LayerConfig::Relu)
    }
}

impl LayerConfig {
    /// Its kind as the manifest writes it.
    pub fn kind(&self) -> &'static str {
        kind(&self.declared())
    }

    fn declared(&self) -> Layer {
        match *self {
            Self::Linear { units, .. } => Layer::Linear { units },
            Self::Conv2d { channels, kernel, stride, padding, .. } => {
                Layer::Conv2d { channels, kernel, stride, padding }
            }
            Self::MaxPool2d { kernel, stride } => Layer::MaxPool2d { kernel, stride },
            Self::Relu => Layer::Relu,
            Self::Flatten => Layer::Flatten,
            Self::Dropout { rate } => Layer::Dropout(rate),
            Self::LayerNorm { .. } => Layer::LayerNorm,
        }
    }
}

fn kind(layer: &Layer) -> &'static str {
    match layer {
        Layer::Linear { .. } => "linear",
        Layer::Conv2d { .. } => "conv2d",
        Layer::MaxPool2d { .. } => "max_pool2d",
        Layer::Relu => "relu",
        Layer::Flatten => "flatten",
        Layer::Dropout(_) => "dropout",
        Layer::LayerNorm => "layer_norm",
    }
}

fn expand(preset: &Preset, input: &[usize]) -> Result<Vec<Layer>, Error> {
    let mut layers = Vec::new();
    match preset {
        Preset::Linear => {}
        Preset::Mlp { hidden, dropout } => {
            for &units in hidden {
                layers.extend([Layer::Linear { units }, Layer::Relu]);
                if *dropout > 0.0 {
                    layers.push(Layer::Dropout(*dropout));
                }
            }
        }
        Preset::Cnn { channels, hidden } => {
            let &[_, mut height, mut width] = input else {
                return Err(Error::invalid(format!(
                    "preset cnn needs images: declare the features' shape as [channels, height, width] (it is {input:?})"
                )));
            };
            for &channels in channels {
                layers.extend([Layer::Conv2d { channels, kernel: 3, stride: 1, padding: 1 }, Layer::Relu]);
                // A side of 1 cannot be halved again.
                if height >= 2 && width >= 2 {
                    layers.push(Layer::MaxPool2d { kernel: 2, stride: 2 });
                    (height, width) = (height / 2, width / 2);
                }
            }
            layers.extend([Layer::Flatten, Layer::Linear { units: *hidden }, Layer::Relu]);
        }
    }
    Ok(layers)
}

/// Follows the shape of an example from layer to layer.
struct Planner {
    layers: Vec<LayerConfig>,
    shape: Vec<usize>,
    parameters: usize,
}

impl Planner {
    fn push(&mut self, index: usize, layer: &Layer) -> Result<(), Error> {
        let fail = |reason: String| Error::Layer { index, kind: kind(layer), reason };
        let values = |shape: &[usize]| shape.iter().try_fold(1_usize, |product, &n| product.checked_mul(n));
        let incoming = values(&self.shape).unwrap_or(usize::MAX);
        let (config, shape, weights) = match *layer {
            Layer::Linear { units } => {
                if self.shape.len() > 1 {
                    self.layers.push(LayerConfig::Flatten);
                }
                let weights = incoming.checked_add(1).and_then(|n| n.checked_mul(units));
                (LayerConfig::Linear { inputs: incoming, units }, vec![units], weights)
            }
            Layer::Conv2d { channels, kernel, stride, padding } => {
                let (inputs, down, right) = window(&self.shape, kernel, stride, padding).map_err(&fail)?;
                let weights = kernel
                    .checked_mul(kernel)
                    .and_then(|area| area.checked_mul(inputs)?.checked_add(1)?.checked_mul(channels));
                let config = LayerConfig::Conv2d { inputs, channels, kernel, stride, padding };
                (config, vec![channels, down, right], weights)
            }
            Layer::MaxPool2d { kernel, stride } => {
                let (channels, down, right) = window(&self.shape, kernel, stride, 0).map_err(&fail)?;
                (LayerConfig::MaxPool2d { kernel, stride }, vec![channels, down, right], Some(0))
            }
            Layer::Relu => (LayerConfig::Relu, self.shape.clone(), Some(0)),
            Layer::Flatten => (LayerConfig::Flatten, vec![incoming], Some(0)),
            Layer::Dropout(rate) => {
                if !(0.0..1.0).contains(&rate) {
                    return Err(fail(format!("the share left out is {rate}, not from 0 to below 1")));
                }
                (LayerConfig::Dropout { rate }, self.shape.clone(), Some(0))
            }
            Layer::LayerNorm => {
                let config = LayerConfig::LayerNorm { values: incoming };
                (config, self.shape.clone(), incoming.checked_mul(2))
            }
        };
        if shape.contains(&0) {
            return Err(fail(format!("from {:?} nothing would be left: {shape:?}", self.shape)));
        }
        if values(&shape).is_none_or(|count| count > MAX_VALUES) {
            return Err(fail(format!(
                "{shape:?} is more than {MAX_VALUES} values an example (from {:?})",
                self.shape
            )));
        }
        self.parameters = weights
            .and_then(|weights| self.parameters.checked_add(weights))
            .filter(|&all| all <= MAX_PARAMETERS)
            .ok_or_else(|| {
                fail(format!(
                    "with it the network has more than {MAX_PARAMETERS} weights (from {:?})",
                    self.shape
                ))
            })?;
        self.layers.push(config);
        self.shape = shape;
        Ok(())
    }
}

/// Channels, and the sides that are left when a window moves over images of `shape`.
fn window(
    shape: &[usize],
    kernel: usize,
    stride: usize,
    padding: usize,
) -> Result<(usize, usize, usize), String> {
    let &[channels, height, width] = shape else {
        return Err(format!(
            "needs images [channels, height, width] but gets {shape:?}; declare the features' shape, or move the layer \
             before `flatten` and `linear`"
        ));
    };
    if kernel == 0 || stride == 0 {
        return Err(format!("kernel {kernel} and stride {stride} must be at least 1"));
    }
    let side = |length: usize| {
        let padded = padding.checked_mul(2).and_then(|zeros| zeros.checked_add(length));
        padded.and_then(|padded| padded.checked_sub(kernel)).map(|rest| rest / stride + 1)
    };
    match (side(height), side(width)) {
        (Some(down), Some(right)) => Ok((channels, down, right)),
        _ => Err(format!("a {kernel}×{kernel} window does not fit into {shape:?} with padding {padding}")),
    }
}
