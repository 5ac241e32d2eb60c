//! Numbers that lie in files beside the model.

use std::collections::BTreeMap;

use tract_onnx::pb::tensor_proto::DataLocation;
use tract_onnx::pb::{GraphProto, TensorProto};

use crate::{Error, Limits};

/// Gives the bytes of a file named relative to the model's own, or says why not.
pub type Beside<'a> = dyn FnMut(&str) -> Result<Vec<u8>, String> + 'a;

/// Puts external numbers into the graph itself.
pub(crate) fn bring_in(
    graph: &mut GraphProto,
    limits: &Limits,
    beside: &mut Beside<'_>,
) -> Result<(), Error> {
    let mut files = BTreeMap::new();
    let mut total = 0;
    each_tensor(graph, &mut |tensor| {
        if tensor.data_location != Some(DataLocation::External as i32) {
            return Ok(());
        }
        let bytes = numbers(tensor, &mut files, beside)?;
        total += bytes.len() as u64;
        if total > limits.file_bytes {
            return Err(Error::TooLarge {
                what: "the external data in bytes",
                size: total,
                limit: limits.file_bytes,
            });
        }
        tensor.raw_data = bytes;
        tensor.external_data.clear();
        tensor.data_location = None;
        Ok(())
    })
}

fn numbers(
    tensor: &TensorProto,
    files: &mut BTreeMap<String, Vec<u8>>,
    beside: &mut Beside<'_>,
) -> Result<Vec<u8>, Error> {
    let entry =
        |key: &str| tensor.external_data.iter().find(|entry| entry.key == key).map(|entry| &entry.value);
    let file = entry("location").cloned().unwrap_or_default();
    let refused =
        |reason: String| Error::ExternalData { tensor: tensor.name.clone(), file: file.clone(), reason };
    let number = |key: &str| {
        let parsed = entry(key).map(|text| text.parse::<usize>()).transpose();
        parsed.map_err(|_| refused(format!("its {key} is not a number")))
    };
    if !stays_beside(&file) {
        return Err(refused("its place is not below the model's folder".to_owned()));
    }
    let (offset, length) = (number("offset")?.unwrap_or(0), number("length")?);
    if !files.contains_key(&file) {
        let bytes = beside(&file).map_err(&refused)?;
        files.insert(file.clone(), bytes);
    }
    let bytes = files.get(&file).map_or(&[][..], Vec::as_slice);
    let end = length.map_or(Some(bytes.len()), |length| offset.checked_add(length));
    let part = end.and_then(|end| bytes.get(offset..end));
    let part = part.ok_or_else(|| refused(format!("it has only {} bytes", bytes.len())))?;
    Ok(part.to_vec())
}

/// Whether a place names a file below the folder it is relative to, on any system.
fn stays_beside(file: &str) -> bool {
    !file.contains(['\\', ':', '\0']) && file.split('/').all(|part| !part.is_empty() && part != "..")
}

fn each_tensor(
    graph: &mut GraphProto,
    see: &mut dyn FnMut(&mut TensorProto) -> Result<(), Error>,
) -> Result<(), Error> {
    for tensor in &mut graph.initializer {
        see(tensor)?;
    }
    for attribute in graph.node.iter_mut().flat_map(|node| &mut node.attribute) {
        for tensor in attribute.t.iter_mut().chain(&mut attribute.tensors) {
            see(tensor)?;
        }
        for inner in attribute.g.iter_mut().chain(&mut attribute.graphs) {
            each_tensor(inner, see)?;
        }
    }
    Ok(())
}
