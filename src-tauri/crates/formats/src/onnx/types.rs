//! What goes into a model and comes out of it.

use std::fmt;

use crate::Unreadable;
use crate::protobuf::Message;

/// How deep a type may hold others.
const MAX_DEPTH: usize = 16;

/// The most dimensions of a tensor.
const MAX_DIMENSIONS: usize = 64;

/// An input or output.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ValueInfo {
    /// Its name.
    pub name: String,
    /// What it is.
    pub kind: ValueType,
}

/// What a value is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ValueType {
    /// A tensor.
    Tensor {
        /// The type of its elements as NumPy names it, e.g. `float32`.
        element: String,
        /// Its dimensions; `None` where even their number is not said.
        shape: Option<Vec<Dimension>>,
    },
    /// A list of values of one type.
    Sequence(Box<ValueType>),
    /// Values of one type by key.
    Map {
        /// The type of its keys.
        key: String,
        /// What is under them.
        value: Box<ValueType>,
    },
    /// A value, or none.
    Optional(Box<ValueType>),
    /// A tensor that says only what is not 0.
    SparseTensor {
        /// The type of its elements.
        element: String,
    },
    /// Something that is not said, or known to no one but its makers.
    Unknown,
}

/// A dimension of a tensor.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Dimension {
    /// Of this length.
    Fixed(i64),
    /// Of a length that is the same wherever this name stands.
    Named(String),
    /// Of any length.
    Any,
}

impl fmt::Display for Dimension {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Fixed(length) => write!(f, "{length}"),
            Self::Named(name) => f.write_str(name),
            Self::Any => f.write_str("?"),
        }
    }
}

impl fmt::Display for ValueType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Tensor { element, shape: None } => write!(f, "{element}"),
            Self::Tensor { element, shape: Some(shape) } => {
                let lengths: Vec<String> = shape.iter().map(Dimension::to_string).collect();
                write!(f, "{element} [{}]", lengths.join(", "))
            }
            Self::Sequence(of) => write!(f, "list of {of}"),
            Self::Map { key, value } => write!(f, "{value} by {key}"),
            Self::Optional(of) => write!(f, "{of} or none"),
            Self::SparseTensor { element } => write!(f, "sparse {element}"),
            Self::Unknown => f.write_str("unknown"),
        }
    }
}

impl ValueInfo {
    pub(super) fn read(message: Message<'_>) -> Result<Self, Unreadable> {
        let mut info = Self { name: String::new(), kind: ValueType::Unknown };
        message.each(|field| {
            match field.number {
                1 => field.text()?.clone_into(&mut info.name),
                2 => info.kind = ValueType::read(field.message()?, 0)?,
                _ => {}
            }
            Ok(())
        })?;
        Ok(info)
    }
}

impl ValueType {
    fn read(message: Message<'_>, depth: usize) -> Result<Self, Unreadable> {
        let mut kind = Self::Unknown;
        message.each(|field| {
            if depth == MAX_DEPTH {
                return Err(Unreadable::at_byte(
                    field.at,
                    format!("a type is nested deeper than {MAX_DEPTH}"),
                ));
            }
            match field.number {
                1 => {
                    let (element, shape) = tensor(field.message()?)?;
                    kind = Self::Tensor { element, shape };
                }
                4 => kind = Self::Sequence(inner(field.message()?, 1, depth)?),
                5 => {
                    let map = field.message()?;
                    let mut key = 0;
                    map.clone().each(|field| {
                        if field.number == 1 {
                            key = field.number()?;
                        }
                        Ok(())
                    })?;
                    kind = Self::Map { key: element(key), value: inner(map, 2, depth)? };
                }
                8 => kind = Self::SparseTensor { element: tensor(field.message()?)?.0 },
                9 => kind = Self::Optional(inner(field.message()?, 1, depth)?),
                _ => {}
            }
            Ok(())
        })?;
        Ok(kind)
    }
}

fn inner(message: Message<'_>, number: u32, depth: usize) -> Result<Box<ValueType>, Unreadable> {
    let mut kind = ValueType::Unknown;
    message.each(|field| {
        if field.number == number {
            kind = ValueType::read(field.message()?, depth + 1)?;
        }
        Ok(())
    })?;
    Ok(Box::new(kind))
}

fn tensor(message: Message<'_>) -> Result<(String, Option<Vec<Dimension>>), Unreadable> {
    let (mut kind, mut shape) = (0, None);
    message.each(|field| {
        match field.number {
            1 => kind = field.number()?,
            2 => {
                let mut lengths = Vec::new();
                field.message()?.each(|field| {
                    if field.number == 1 {
                        if lengths.len() == MAX_DIMENSIONS {
                            let why = format!("a tensor has more than {MAX_DIMENSIONS} dimensions");
                            return Err(Unreadable::at_byte(field.at, why));
                        }
                        lengths.push(dimension(field.message()?)?);
                    }
                    Ok(())
                })?;
                shape = Some(lengths);
            }
            _ => {}
        }
        Ok(())
    })?;
    Ok((element(kind), shape))
}

fn dimension(message: Message<'_>) -> Result<Dimension, Unreadable> {
    let mut length = Dimension::Any;
    message.each(|field| {
        match field.number {
            // A negative length is how some writers say "any".
            1 => length = Some(field.signed()?).filter(|n| *n >= 0).map_or(Dimension::Any, Dimension::Fixed),
            2 => {
                let name = field.text()?;
                length = if name.is_empty() { Dimension::Any } else { Dimension::Named(name.to_owned()) };
            }
            _ => {}
        }
        Ok(())
    })?;
    Ok(length)
}

/// The name of a type of elements.
fn element(kind: u64) -> String {
    const NAMES: [&str; 24] = [
        "float32",
        "uint8",
        "int8",
        "uint16",
        "int16",
        "int32",
        "int64",
        "string",
        "bool",
        "float16",
        "float64",
        "uint32",
        "uint64",
        "complex64",
        "complex128",
        "bfloat16",
        "float8_e4m3fn",
        "float8_e4m3fnuz",
        "float8_e5m2",
        "float8_e5m2fnuz",
        "uint4",
        "int4",
        "float4_e2m1fn",
        "float8_e8m0fnu",
    ];
    let place = kind.checked_sub(1).and_then(|place| usize::try_from(place).ok());
    match place.and_then(|place| NAMES.get(place)) {
        Some(name) => (*name).to_owned(),
        None if kind == 0 => "unknown".to_owned(),
        None => format!("type {kind}"),
    }
}
