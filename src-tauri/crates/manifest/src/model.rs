//! `model`: layers, a preset, or an artifact made elsewhere.

use schemars::JsonSchema;
use serde::Serialize;

/// What the model is.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum ModelSpec {
    /// Layers in order. The output layer is not written: one unit a class, or one for regression, is added at the end.
    Layers(Vec<Layer>),
    /// A ready-made network.
    Preset(Preset),
    /// A file trained elsewhere, named by its path within the model's folder; opaque bytes with a digest.
    Artifact(String),
}

impl ModelSpec {
    /// Whether the model is trained here, as opposed to adopted as a file.
    pub fn is_trained_here(&self) -> bool {
        !matches!(self, Self::Artifact(_))
    }
}

/// A ready-made network.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Preset {
    /// One linear layer: linear or logistic regression.
    Linear,
    /// Linear layers with rectified units and dropout between them.
    Mlp {
        /// Units of each hidden layer.
        #[schemars(inner(range(min = 1, max = 65536)))]
        hidden: Vec<usize>,
        /// The share of units silenced while training, from 0 and below 1.
        #[serde(default)]
        #[schemars(range(min = 0), extend("exclusiveMaximum" = 1))]
        dropout: f64,
    },
    /// Blocks of 3×3 convolution, rectified units and 2×2 max pooling, then one hidden linear layer.
    Cnn {
        /// Channels of each block.
        #[schemars(inner(range(min = 1, max = 65536)))]
        channels: Vec<usize>,
        /// Units of the hidden layer.
        #[schemars(range(min = 1, max = 65536))]
        hidden: usize,
    },
}

/// One layer.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Layer {
    /// Weights and a bias on every input; an image is flattened first.
    Linear {
        /// Outputs.
        #[schemars(range(min = 1, max = 65536))]
        units: usize,
    },
    /// Two-dimensional convolution with a bias; input `[channels, height, width]`.
    Conv2d {
        /// Output channels.
        #[schemars(range(min = 1, max = 65536))]
        channels: usize,
        /// Side of the square kernel.
        #[schemars(range(min = 1, max = 1024))]
        kernel: usize,
        /// Step of the kernel.
        #[serde(default = "one")]
        #[schemars(range(min = 1, max = 1024))]
        stride: usize,
        /// Zeros added on each side.
        #[serde(default)]
        #[schemars(range(max = 1024))]
        padding: usize,
    },
    /// The largest value under each window; input `[channels, height, width]`.
    #[serde(rename = "max_pool2d")]
    MaxPool2d {
        /// Side of the square window.
        #[schemars(range(min = 1, max = 1024))]
        kernel: usize,
        /// Step of the window; the kernel where left out.
        #[schemars(with = "Option<usize>", range(min = 1, max = 1024))]
        stride: usize,
    },
    /// max(0, x).
    Relu,
    /// An image as one row.
    Flatten,
    /// The share of values silenced while training, from 0 and below 1.
    Dropout(#[schemars(range(min = 0), extend("exclusiveMaximum" = 1))] f64),
    /// Mean 0 and variance 1 over the features of each example, then a learned scale and shift.
    LayerNorm,
}

fn one() -> usize {
    1
}
