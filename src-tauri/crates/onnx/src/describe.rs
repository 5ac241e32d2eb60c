//! What a model says of itself.

use std::fmt;

use tract_onnx::pb::tensor_proto::DataType;
use tract_onnx::pb::tensor_shape_proto::dimension::Value as DimensionValue;
use tract_onnx::pb::type_proto::Value;
use tract_onnx::pb::{GraphProto, ModelProto, ValueInfoProto};

/// The type of one value of an input or output.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Element {
    /// 16-bit floating point, either kind.
    Float16,
    /// 32-bit floating point.
    Float32,
    /// 64-bit floating point.
    Float64,
    /// An integer, signed or not.
    Integer {
        /// Its size.
        bits: u8,
        /// Whether it may be negative.
        signed: bool,
    },
    /// True or false.
    Boolean,
    /// Text.
    Text,
    /// Something else: a sequence of maps, complex numbers.
    Other,
}

impl Element {
    /// Whether it is a number with a fraction.
    pub fn is_float(self) -> bool {
        matches!(self, Self::Float16 | Self::Float32 | Self::Float64)
    }

    fn of(code: i32) -> Self {
        let signed = |bits| Self::Integer { bits, signed: true };
        let unsigned = |bits| Self::Integer { bits, signed: false };
        match DataType::try_from(code) {
            Ok(DataType::Float16 | DataType::Bfloat16) => Self::Float16,
            Ok(DataType::Float) => Self::Float32,
            Ok(DataType::Double) => Self::Float64,
            Ok(DataType::Int8) => signed(8),
            Ok(DataType::Int16) => signed(16),
            Ok(DataType::Int32) => signed(32),
            Ok(DataType::Int64) => signed(64),
            Ok(DataType::Uint8) => unsigned(8),
            Ok(DataType::Uint16) => unsigned(16),
            Ok(DataType::Uint32) => unsigned(32),
            Ok(DataType::Uint64) => unsigned(64),
            Ok(DataType::Bool) => Self::Boolean,
            Ok(DataType::String) => Self::Text,
            _ => Self::Other,
        }
    }
}

impl fmt::Display for Element {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Float16 => f.write_str("float16"),
            Self::Float32 => f.write_str("float32"),
            Self::Float64 => f.write_str("float64"),
            Self::Integer { bits, signed } => write!(f, "{}int{bits}", if *signed { "" } else { "u" }),
            Self::Boolean => f.write_str("boolean"),
            Self::Text => f.write_str("text"),
            Self::Other => f.write_str("another type"),
        }
    }
}

/// How long one axis is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Dimension {
    /// As long as this.
    Fixed(usize),
    /// Free, with the name the exporter gave it, e.g. `batch`.
    Named(String),
    /// Free, or the file does not say.
    Unknown,
}

impl fmt::Display for Dimension {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Fixed(length) => write!(f, "{length}"),
            Self::Named(name) => f.write_str(name),
            Self::Unknown => f.write_str("?"),
        }
    }
}

/// An input or an output of the graph.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Port {
    /// Its name.
    pub name: String,
    /// The type of its values.
    pub element: Element,
    /// Its axes; `None` where the file does not say even how many.
    pub shape: Option<Vec<Dimension>>,
}

impl fmt::Display for Port {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let axes = self.shape.as_ref().map(|shape| shape.iter().map(ToString::to_string).collect::<Vec<_>>());
        write!(f, "{} [{}]", self.element, axes.map_or("..".to_owned(), |axes| axes.join(", ")))
    }
}

/// The version of one domain's operators that a model asks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Opset {
    /// `ai.onnx` (written as nothing in files), `ai.onnx.ml`, …
    pub domain: String,
    /// Its version.
    pub version: i64,
}

/// What a model says of itself, without running it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Description {
    /// Who wrote the file, e.g. `skl2onnx 1.20.0`; empty where it does not say.
    pub producer: String,
    /// The operators it asks for.
    pub opsets: Vec<Opset>,
    /// Its inputs, without those that have a constant value.
    pub inputs: Vec<Port>,
    /// Its outputs.
    pub outputs: Vec<Port>,
    /// The classes in the order of the probabilities, where the graph carries them.
    pub classes: Option<Vec<String>>,
}

impl Description {
    pub(crate) fn of(model: &ModelProto, graph: &GraphProto) -> Self {
        let is_constant = |name: &str| graph.initializer.iter().any(|tensor| tensor.name == name);
        let inputs = graph.input.iter().filter(|value| !is_constant(&value.name)).map(port).collect();
        let domain = |name: &str| if name.is_empty() { "ai.onnx".to_owned() } else { name.to_owned() };
        let opsets = model.opset_import.iter();
        Self {
            producer: format!("{} {}", model.producer_name, model.producer_version).trim().to_owned(),
            opsets: opsets.map(|set| Opset { domain: domain(&set.domain), version: set.version }).collect(),
            inputs,
            outputs: graph.output.iter().map(port).collect(),
            classes: crate::classes::of(graph),
        }
    }
}

fn port(value: &ValueInfoProto) -> Port {
    let tensor =
        value.r#type.as_ref().and_then(|kind| kind.value.as_ref()).map(|Value::TensorType(tensor)| tensor);
    let shape = tensor.and_then(|tensor| tensor.shape.as_ref()).map(|shape| {
        let axis = |value: &Option<DimensionValue>| match value {
            Some(DimensionValue::DimValue(length)) => {
                // Some exporters write -1 or 0 for a free axis.
                usize::try_from(*length).ok().filter(|&n| n > 0).map_or(Dimension::Unknown, Dimension::Fixed)
            }
            Some(DimensionValue::DimParam(name)) if !name.is_empty() => Dimension::Named(name.clone()),
            _ => Dimension::Unknown,
        };
        shape.dim.iter().map(|dimension| axis(&dimension.value)).collect()
    });
    let element = tensor.map_or(Element::Other, |tensor| Element::of(tensor.elem_type));
    Port { name: value.name.clone(), element, shape }
}
