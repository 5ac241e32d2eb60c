//! A walk over a model's bytes before they are decoded, so that what decoding takes is known first.

use crate::{Error, Limits};

/// Messages inside one another, deeper than any exporter writes.
const DEEPEST: usize = 60;

/// What a length-delimited field holds, as far as it matters here.
#[derive(Clone, Copy)]
enum Kind {
    Model,
    Graph,
    Node,
    Attribute,
    Tensor,
    /// A small message whose inside is not looked at.
    Other,
    /// Text or bytes.
    Text,
    /// Packed integers of one byte or more each, eight bytes each once decoded.
    Integers,
}

impl Kind {
    /// What field `number` of this message holds, by onnx.proto.
    fn field(self, number: u64) -> Self {
        match (self, number) {
            (Self::Model, 7) | (Self::Attribute, 6 | 11) => Self::Graph,
            (Self::Graph, 1) => Self::Node,
            (Self::Node, 5) => Self::Attribute,
            (Self::Graph, 5) | (Self::Attribute, 5 | 10) => Self::Tensor,
            (Self::Attribute, 8) | (Self::Tensor, 1 | 5 | 7 | 11) => Self::Integers,
            (Self::Model, 8 | 14 | 20 | 25)
            | (Self::Graph, 11..=16)
            | (Self::Attribute, 14 | 15 | 22 | 23)
            | (Self::Tensor, 3 | 13)
            | (Self::Node, 9) => Self::Other,
            _ => Self::Text,
        }
    }

    /// About what the field takes in memory, its inner messages apart.
    fn cost(self, length: u64) -> u64 {
        match self {
            Self::Model | Self::Graph | Self::Node | Self::Attribute | Self::Tensor => 400,
            Self::Other => 200 + length.saturating_mul(48),
            Self::Text => 48 + length,
            Self::Integers => 48 + length.saturating_mul(8),
        }
    }
}

struct Walk<'a> {
    limits: &'a Limits,
    nodes: u64,
    memory: u64,
}

/// Refuses bytes that are no protobuf of a model's shape, or that decode to more than `limits` allow.
pub(crate) fn check(bytes: &[u8], limits: &Limits) -> Result<(), Error> {
    if bytes.is_empty() {
        return Err(Error::Corrupt("the file is empty".to_owned()));
    }
    let size = bytes.len() as u64;
    if size > limits.file_bytes {
        return Err(Error::TooLarge { what: "the file in bytes", size, limit: limits.file_bytes });
    }
    Walk { limits, nodes: 0, memory: 0 }.message(bytes, Kind::Model, 0)
}

impl Walk<'_> {
    fn message(&mut self, mut bytes: &[u8], kind: Kind, depth: usize) -> Result<(), Error> {
        if depth > DEEPEST {
            return Err(Error::Corrupt("its graphs are nested too deeply".to_owned()));
        }
        while !bytes.is_empty() {
            let tag = varint(&mut bytes)?;
            match tag & 7 {
                0 => {
                    varint(&mut bytes)?;
                    self.spend(8)?;
                }
                1 => drop(take(&mut bytes, 8)?),
                5 => drop(take(&mut bytes, 4)?),
                2 => {
                    let length = varint(&mut bytes)?;
                    let inner = take(&mut bytes, length)?;
                    let field = kind.field(tag >> 3);
                    self.spend(field.cost(length))?;
                    match field {
                        Kind::Other | Kind::Text | Kind::Integers => {}
                        Kind::Node => {
                            self.nodes += 1;
                            let limit = self.limits.nodes;
                            if self.nodes > limit {
                                return Err(Error::TooLarge {
                                    what: "the graph in nodes",
                                    size: self.nodes,
                                    limit,
                                });
                            }
                            self.message(inner, field, depth + 1)?;
                        }
                        _ => self.message(inner, field, depth + 1)?,
                    }
                }
                _ => return Err(Error::Corrupt("it is no protobuf".to_owned())),
            }
        }
        Ok(())
    }

    fn spend(&mut self, cost: u64) -> Result<(), Error> {
        self.memory = self.memory.saturating_add(cost);
        let limit = self.limits.memory_bytes;
        if self.memory > limit {
            return Err(Error::TooLarge { what: "the decoded file in bytes", size: self.memory, limit });
        }
        Ok(())
    }
}

fn varint(bytes: &mut &[u8]) -> Result<u64, Error> {
    let mut value = 0;
    for shift in (0..64).step_by(7) {
        let Some((&byte, rest)) = bytes.split_first() else { return Err(ends()) };
        *bytes = rest;
        value |= u64::from(byte & 0x7f) << shift;
        if byte < 0x80 {
            return Ok(value);
        }
    }
    Err(Error::Corrupt("it is no protobuf".to_owned()))
}

fn take<'a>(bytes: &mut &'a [u8], length: u64) -> Result<&'a [u8], Error> {
    let length = usize::try_from(length).map_err(|_| ends())?;
    let (taken, rest) = bytes.split_at_checked(length).ok_or_else(ends)?;
    *bytes = rest;
    Ok(taken)
}

fn ends() -> Error {
    Error::Corrupt("it ends in the middle of a field".to_owned())
}
