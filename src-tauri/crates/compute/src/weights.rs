//! Weights as safetensors bytes, read with budgets and written the same way every time.

use std::collections::{BTreeSet, HashMap};
use std::fmt;

use candle_core::Tensor;
use safetensors::tensor::{Dtype, SafeTensors, TensorView};
use serde::de::{Deserialize, Deserializer, Error as _, IgnoredAny, MapAccess, Visitor};

use crate::Error;

/// No header is longer.
const MAX_HEADER_BYTES: u64 = 8 << 20;
/// What errors call the bytes.
const WHAT: &str = "the weights";

/// A tensor of f32 with its name.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct NamedTensor {
    /// Unique within a file.
    pub(crate) name: String,
    /// Its shape.
    pub(crate) shape: Vec<usize>,
    /// Its values, row-major.
    pub(crate) values: Vec<f32>,
}

impl NamedTensor {
    /// A copy of a tensor.
    pub(crate) fn of(name: String, tensor: &Tensor) -> candle_core::Result<Self> {
        let values = tensor.to_dtype(candle_core::DType::F32)?.flatten_all()?.to_vec1::<f32>()?;
        Ok(Self { name, shape: tensor.dims().to_vec(), values })
    }
}

/// Writes tensors without metadata, in the order of their names (the library sorts tensors of one type so): the same
/// tensors always give the same bytes.
pub(crate) fn write(tensors: &[NamedTensor]) -> Result<Vec<u8>, Error> {
    let bytes: Vec<Vec<u8>> = tensors
        .iter()
        .map(|tensor| tensor.values.iter().flat_map(|value| value.to_le_bytes()).collect())
        .collect();
    let mut views = Vec::with_capacity(tensors.len());
    for (tensor, bytes) in tensors.iter().zip(&bytes) {
        let view = TensorView::new(Dtype::F32, tensor.shape.clone(), bytes)
            .map_err(|error| Error::corrupt(WHAT, error))?;
        views.push((tensor.name.as_str(), view));
    }
    let none: Option<HashMap<String, String>> = None;
    safetensors::serialize(views, none).map_err(|error| Error::corrupt(WHAT, error))
}

/// Reads tensors, sorted by name. Refuses long headers, doubled names, types other than f32 and values that are not finite.
pub(crate) fn read(bytes: &[u8]) -> Result<Vec<NamedTensor>, Error> {
    let corrupt = |reason: String| Error::corrupt(WHAT, reason);
    let length = bytes.first_chunk::<8>().map(|length| u64::from_le_bytes(*length));
    let length = length.ok_or_else(|| corrupt(format!("{} bytes are too few", bytes.len())))?;
    if length > MAX_HEADER_BYTES {
        return Err(corrupt(format!(
            "the header says it has {length} bytes; {MAX_HEADER_BYTES} are allowed"
        )));
    }
    let header = bytes
        .get(8..8 + length as usize)
        .ok_or_else(|| corrupt(format!("the header is cut off before its {length} bytes end")))?;
    serde_json::from_slice::<UniqueNames>(header).map_err(|error| corrupt(format!("header: {error}")))?;
    let file = SafeTensors::deserialize(bytes).map_err(|error| corrupt(error.to_string()))?;
    let mut tensors = Vec::with_capacity(file.len());
    for (name, view) in file.iter() {
        if view.dtype() != Dtype::F32 {
            return Err(corrupt(format!("`{name}` is of type {:?}; only F32 is read", view.dtype())));
        }
        let values: Vec<f32> =
            view.data().as_chunks::<4>().0.iter().map(|&b| f32::from_le_bytes(b)).collect();
        if let Some(place) = values.iter().position(|value| !value.is_finite()) {
            return Err(corrupt(format!("`{name}` holds {} at place {place}", values[place])));
        }
        tensors.push(NamedTensor { name: name.to_owned(), shape: view.shape().to_vec(), values });
    }
    tensors.sort_by(|a, b| a.name.cmp(&b.name));
    Ok(tensors)
}

/// Name, shape and row-major values of a tensor.
pub type LayerTensor = (String, Vec<usize>, Vec<f32>);

/// The tensors of a weights file, sorted by name.
pub fn layer_weights(weights: &[u8]) -> Result<Vec<LayerTensor>, Error> {
    Ok(read(weights)?.into_iter().map(|tensor| (tensor.name, tensor.shape, tensor.values)).collect())
}

/// A JSON object whose keys are all different.
struct UniqueNames;

impl<'de> Deserialize<'de> for UniqueNames {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Names;
        impl<'de> Visitor<'de> for Names {
            type Value = UniqueNames;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object of tensors")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<UniqueNames, A::Error> {
                let mut seen = BTreeSet::new();
                while let Some((name, _)) = map.next_entry::<String, IgnoredAny>()? {
                    if let Some(name) = seen.replace(name) {
                        return Err(A::Error::custom(format!("`{name}` is there twice")));
                    }
                }
                Ok(UniqueNames)
            }
        }
        deserializer.deserialize_map(Names)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_do_not_depend_on_the_order_of_tensors() {
        let tensor =
            |name: &str, value| NamedTensor { name: name.to_owned(), shape: vec![1], values: vec![value] };
        let (a, b, c) = (tensor("a.weight", 1.0), tensor("b.bias", 2.0), tensor("b.weight", 3.0));
        let bytes = write(&[b.clone(), c.clone(), a.clone()]).expect("bytes");
        assert_eq!(bytes, write(&[c.clone(), a.clone(), b.clone()]).expect("bytes"));
        let text = String::from_utf8_lossy(&bytes);
        let places = ["a.weight", "b.bias", "b.weight"].map(|name| text.find(name));
        assert!(places.is_sorted() && places[0].is_some(), "names stand in order: {text}");
        assert!(!text.contains("__metadata__"), "nothing that could change between runs: {text}");
        assert_eq!(read(&bytes).expect("reads"), [a, b, c]);
    }
}
