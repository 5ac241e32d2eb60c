//! `model`: layers, a preset, or an artifact made elsewhere.

use std::ops::RangeInclusive;

use schemars::JsonSchema;
use serde::Serialize;

use crate::decode::{Bounds, Decoder};
use crate::fields::Fields;
use crate::node::{Node, Value};

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

const MODEL_TAGS: &[&str] = &["layers", "preset", "artifact"];
const LAYER_TAGS: &[&str] = &["linear", "conv2d", "max_pool2d", "relu", "flatten", "dropout", "layer_norm"];
const MAX_LAYERS: usize = 1000;
const WIDTH: RangeInclusive<u64> = 1..=65_536;
const KERNEL: RangeInclusive<u64> = 1..=1024;

impl ModelSpec {
    /// Reads the model; what its layers make of the features is checked by [`crate::shape`].
    pub(crate) fn decode(decoder: &mut Decoder<'_>, root: &Fields<'_>) -> Option<Self> {
        let node = root.need(decoder, "model", "a mapping with layers, preset or artifact")?;
        if !matches!(node.value, Value::Map(_)) {
            decoder.wrong(node, "model", "a mapping with layers, preset or artifact");
            return None;
        }
        let tagged = decoder.tagged(node, "model", "key", MODEL_TAGS)?;
        let Some(inner) = tagged.inner else {
            decoder.mistake(tagged.place, format!("`model.{}` is empty", tagged.tag), "a value");
            return None;
        };
        match tagged.tag {
            "layers" => {
                let items = decoder.list(inner, "model.layers");
                if items.len() > MAX_LAYERS {
                    let message = format!("`model.layers` has {} layers", items.len());
                    decoder.mistake(&inner.place, message, format!("at most {MAX_LAYERS}"));
                    return None;
                }
                let layers: Vec<_> = items
                    .iter()
                    .enumerate()
                    .map(|(index, item)| Layer::decode(decoder, item, &format!("model.layers.{index}")))
                    .collect();
                layers.into_iter().collect::<Option<_>>().map(Self::Layers)
            }
            "preset" => Preset::decode(decoder, inner).map(Self::Preset),
            _ => Some(Self::Artifact(decoder.path(inner, "model.artifact"))),
        }
    }
}

impl Preset {
    fn decode(decoder: &mut Decoder<'_>, node: &Node) -> Option<Self> {
        let tagged = decoder.tagged(node, "model.preset", "preset", &["linear", "mlp", "cnn"])?;
        let path = format!("model.preset.{}", tagged.tag);
        match tagged.tag {
            "linear" => tagged.fields(decoder, &path, &[]).map(|_| Self::Linear),
            "mlp" => {
                let fields = tagged.fields(decoder, &path, &["hidden", "dropout"])?;
                let hidden = widths(decoder, &fields, "hidden");
                Some(Self::Mlp {
                    hidden,
                    dropout: fields.number(decoder, "dropout", Bounds::From0Below1, 0.0),
                })
            }
            _ => {
                let fields = tagged.fields(decoder, &path, &["channels", "hidden"])?;
                let channels = widths(decoder, &fields, "channels");
                Some(Self::Cnn { channels, hidden: fields.need_integer(decoder, "hidden", &WIDTH) as usize })
            }
        }
    }
}

fn widths(decoder: &mut Decoder<'_>, fields: &Fields<'_>, key: &str) -> Vec<usize> {
    let path = fields.path(key);
    let Some(node) = fields.need(decoder, key, "a list of whole numbers from 1") else { return Vec::new() };
    let items = decoder.list(node, &path);
    if matches!(node.value, Value::List(_)) && (items.is_empty() || items.len() > MAX_LAYERS) {
        decoder.mistake(
            &node.place,
            format!("`{path}` has {} entries", items.len()),
            format!("1 to {MAX_LAYERS}"),
        );
        return Vec::new();
    }
    items.iter().map(|item| decoder.integer(item, &path, &WIDTH) as usize).collect()
}

impl Layer {
    fn decode(decoder: &mut Decoder<'_>, node: &Node, path: &str) -> Option<Self> {
        let tagged = decoder.tagged(node, path, "layer", LAYER_TAGS)?;
        let path = format!("{path}.{}", tagged.tag);
        if tagged.tag == "dropout" {
            let Some(share) = tagged.inner else {
                decoder.mistake(
                    tagged.place,
                    format!("`{path}` has no share"),
                    "a number from 0 and below 1",
                );
                return None;
            };
            return Some(Self::Dropout(decoder.number(share, &path, Bounds::From0Below1)));
        }
        let keys: &[&str] = match tagged.tag {
            "linear" => &["units"],
            "conv2d" => &["channels", "kernel", "stride", "padding"],
            "max_pool2d" => &["kernel", "stride"],
            _ => &[],
        };
        let fields = tagged.fields(decoder, &path, keys)?;
        let mut need = |key: &str, range| fields.need_integer(decoder, key, range) as usize;
        Some(match tagged.tag {
            "linear" => Self::Linear { units: need("units", &WIDTH) },
            "conv2d" => Self::Conv2d {
                channels: need("channels", &WIDTH),
                kernel: need("kernel", &KERNEL),
                stride: fields.integer(decoder, "stride", &KERNEL, 1) as usize,
                padding: fields.integer(decoder, "padding", &(0..=1024), 0) as usize,
            },
            "max_pool2d" => {
                let kernel = need("kernel", &KERNEL);
                let stride = fields.integer(decoder, "stride", &KERNEL, kernel as u64) as usize;
                Self::MaxPool2d { kernel, stride }
            }
            "relu" => Self::Relu,
            "flatten" => Self::Flatten,
            _ => Self::LayerNorm,
        })
    }
}
