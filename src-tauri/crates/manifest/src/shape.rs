//! What layers make of the declared features: images need a shape, and kernels have to fit.

use std::collections::BTreeMap;

use crate::decode::Decoder;
use crate::fields::Fields;
use crate::node::{Place, Value};
use crate::{FeatureSpec, Layer, ModelSpec, Preset};

/// What flows between layers, as far as the manifest tells.
#[derive(Clone, Copy)]
enum Flow {
    /// `[channels, height, width]`.
    Image([usize; 3]),
    /// One row, of unknown length.
    Row,
}

/// Follows the features through the model and notes where a layer cannot take what reaches it.
pub(crate) fn check(
    decoder: &mut Decoder<'_>,
    root: &Fields<'_>,
    model: &ModelSpec,
    features: &BTreeMap<String, FeatureSpec>,
) {
    let start = image(features).map_or(Flow::Row, Flow::Image);
    match model {
        ModelSpec::Layers(layers) => check_layers(decoder, root, layers, start),
        ModelSpec::Preset(Preset::Cnn { channels, .. }) => {
            let place = tag_place(root, "preset");
            match start {
                Flow::Row => needs_image(decoder, place, "the preset `cnn`"),
                Flow::Image([_, height, width]) => {
                    let halvings = height.min(width).checked_ilog2().unwrap_or(0) as usize;
                    if channels.len() > halvings {
                        let message =
                            format!("{} blocks halve a {height} × {width} image away", channels.len());
                        decoder.mistake(place, message, format!("at most {halvings} blocks"));
                    }
                }
            }
        }
        ModelSpec::Preset(_) | ModelSpec::Artifact(_) => {}
    }
}

fn image(features: &BTreeMap<String, FeatureSpec>) -> Option<[usize; 3]> {
    let mut all = features.values();
    match (all.next(), all.next()) {
        (Some(only), None) => only.shape.as_deref().and_then(|shape| <[usize; 3]>::try_from(shape).ok()),
        _ => None,
    }
}

fn tag_place<'n>(root: &Fields<'n>, tag: &str) -> &'n Place {
    match root.get("model").map(|node| &node.value) {
        Some(Value::Map(entries)) => {
            entries.iter().find(|entry| entry.key == tag).map_or(root.place(), |entry| &entry.node.place)
        }
        _ => root.place(),
    }
}

fn layer_place<'n>(root: &Fields<'n>, index: usize) -> &'n Place {
    let Some(Value::Map(entries)) = root.get("model").map(|node| &node.value) else { return root.place() };
    match entries.iter().find(|entry| entry.key == "layers").map(|entry| &entry.node.value) {
        Some(Value::List(items)) => items.get(index).map_or(root.place(), |item| &item.place),
        _ => root.place(),
    }
}

fn needs_image(decoder: &mut Decoder<'_>, place: &Place, what: &str) {
    decoder.mistake(
        place,
        format!("{what} needs images, and what reaches it is a row of numbers"),
        "one feature with a shape of [channels, height, width], and no `flatten` or `linear` before",
    );
}

fn check_layers(decoder: &mut Decoder<'_>, root: &Fields<'_>, layers: &[Layer], start: Flow) {
    let mut flow = start;
    for (index, layer) in layers.iter().enumerate() {
        let (name, kernel, stride, padding, channels) = match *layer {
            Layer::Linear { .. } | Layer::Flatten => {
                flow = Flow::Row;
                continue;
            }
            Layer::Relu | Layer::Dropout(_) | Layer::LayerNorm => continue,
            Layer::Conv2d { channels, kernel, stride, padding } => {
                ("`conv2d`", kernel, stride, padding, Some(channels))
            }
            Layer::MaxPool2d { kernel, stride } => ("`max_pool2d`", kernel, stride, 0, None),
        };
        let place = layer_place(root, index);
        let Flow::Image([depth, height, width]) = flow else {
            needs_image(decoder, place, name);
            return;
        };
        let side =
            |length: usize| (length + 2 * padding).checked_sub(kernel).map(|room| room / stride.max(1) + 1);
        let (Some(new_height), Some(new_width)) = (side(height), side(width)) else {
            let message = format!(
                "the kernel of {name} is {kernel}, larger than the {height} × {width} image that reaches it"
            );
            decoder.mistake(place, message, "a smaller kernel, more padding, or fewer poolings before");
            return;
        };
        flow = Flow::Image([channels.unwrap_or(depth), new_height, new_width]);
    }
}
