//! The classes a graph carries.

use tract_onnx::pb::{AttributeProto, GraphProto, NodeProto, TensorProto};

/// The classes in the order of the probabilities, from the node nearest to the end that names them.
pub(crate) fn of(graph: &GraphProto) -> Option<Vec<String>> {
    let last = |wanted: fn(&NodeProto) -> bool| graph.node.iter().rev().filter(move |node| wanted(node));
    let zip = last(|node| node.op_type == "ZipMap").find_map(named);
    // A classifier inside a voting or calibrated one knows the classes too, but only an output's own is sure.
    let classifier =
        || last(|node| node.op_type.ends_with("Classifier")).find(|n| is_output(graph, n)).and_then(named);
    zip.or_else(classifier).or_else(|| chosen(graph))
}

/// The labels in a `ZipMap`'s or a classifier's attributes.
fn named(node: &NodeProto) -> Option<Vec<String>> {
    node.attribute.iter().find_map(|attribute: &AttributeProto| match attribute.name.as_str() {
        "classlabels_strings" if !attribute.strings.is_empty() => {
            Some(attribute.strings.iter().map(|label| String::from_utf8_lossy(label).into_owned()).collect())
        }
        "classlabels_int64s" | "classlabels_ints" if !attribute.ints.is_empty() => {
            Some(attribute.ints.iter().map(ToString::to_string).collect())
        }
        _ => None,
    })
}

/// Whether an output of the graph comes from this node, directly or over nodes that only reshape it.
fn is_output(graph: &GraphProto, node: &NodeProto) -> bool {
    graph
        .output
        .iter()
        .any(|output| origin(graph, &output.name).is_some_and(|found| std::ptr::eq(found, node)))
}

/// The node that makes `name`, past those that keep its values.
fn origin<'a>(graph: &'a GraphProto, name: &str) -> Option<&'a NodeProto> {
    let mut name = name;
    for _ in 0..16 {
        let node = graph.node.iter().find(|node| node.output.iter().any(|output| output == name))?;
        match node.op_type.as_str() {
            "Cast" | "Identity" | "Reshape" | "Flatten" | "Squeeze" | "ZipMap" | "Normalizer" => {
                name = node.input.first()?;
            }
            _ => return Some(node),
        }
    }
    None
}

/// The constant that a label is chosen from: how scikit-learn's networks and neighbours end.
fn chosen(graph: &GraphProto) -> Option<Vec<String>> {
    graph.output.iter().find_map(|output| {
        let node = origin(graph, &output.name).filter(|node| node.op_type == "ArrayFeatureExtractor")?;
        let table = graph.initializer.iter().find(|tensor| Some(&tensor.name) == node.input.first())?;
        labels(table)
    })
}

fn labels(tensor: &TensorProto) -> Option<Vec<String>> {
    if !tensor.string_data.is_empty() {
        return Some(
            tensor.string_data.iter().map(|text| String::from_utf8_lossy(text).into_owned()).collect(),
        );
    }
    let of =
        |numbers: &[i64]| (!numbers.is_empty()).then(|| numbers.iter().map(ToString::to_string).collect());
    match (tensor.data_type, tensor.raw_data.is_empty()) {
        (7, true) => of(&tensor.int64_data),
        (6, true) => of(&tensor.int32_data.iter().map(|&number| i64::from(number)).collect::<Vec<_>>()),
        (7, false) => {
            of(&tensor.raw_data.as_chunks().0.iter().map(|b| i64::from_le_bytes(*b)).collect::<Vec<_>>())
        }
        (6, false) => {
            let numbers = tensor.raw_data.as_chunks().0.iter().map(|b| i64::from(i32::from_le_bytes(*b)));
            of(&numbers.collect::<Vec<_>>())
        }
        _ => None,
    }
}
