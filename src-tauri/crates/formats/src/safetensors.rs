//! safetensors: the names, types and shapes of tensors, without their numbers.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use serde::de::{Error as _, IgnoredAny, MapAccess, Visitor};
use serde::{Deserialize, Deserializer};

use crate::Unreadable;

/// The largest header that is read.
pub const MAX_HEADER_BYTES: u64 = 32 << 20;

/// The most tensors of one file.
pub const MAX_TENSORS: usize = 200_000;

/// The most dimensions of one tensor.
const MAX_DIMENSIONS: usize = 64;

/// The length of the header stands before it.
const LENGTH_BYTES: u64 = 8;

/// What a file holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Header {
    /// In the order of their bytes.
    pub tensors: Vec<TensorInfo>,
    /// What whoever wrote it said of it, e.g. `format: pt`.
    pub metadata: BTreeMap<String, String>,
}

/// A tensor.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TensorInfo {
    /// Its name.
    pub name: String,
    /// The type of its elements as the format names it, e.g. `F32`, `BF16`, `I64`.
    pub dtype: String,
    /// Its dimensions; a single number has none.
    pub shape: Vec<u64>,
    /// How many bytes it has.
    pub size_bytes: u64,
}

impl TensorInfo {
    /// How many elements it has.
    pub fn elements(&self) -> u64 {
        self.shape.iter().product()
    }
}

/// How many bytes from the beginning of a file [`Header::read`] needs; `beginning` has the first 8 of them.
pub fn header_bytes(beginning: &[u8]) -> Result<u64, Unreadable> {
    let length = beginning.first_chunk().map(|bytes| u64::from_le_bytes(*bytes));
    let length = length.ok_or_else(|| Unreadable::whole("it ends before its header"))?;
    if length > MAX_HEADER_BYTES {
        return Err(Unreadable::whole(format!(
            "its header is said to have {length} bytes; more than {MAX_HEADER_BYTES} are not read"
        )));
    }
    Ok(LENGTH_BYTES + length)
}

impl Header {
    /// Reads the header of a file of `size_bytes`, of which `beginning` are the first ones, at least
    /// [`header_bytes`]. As the format demands, the tensors fill all that is behind the header, without gaps.
    pub fn read(beginning: &[u8], size_bytes: u64) -> Result<Self, Unreadable> {
        let needed = header_bytes(beginning)?;
        let data = size_bytes.checked_sub(needed);
        let text = usize::try_from(needed).ok().and_then(|end| beginning.get(LENGTH_BYTES as usize..end));
        let (Some(data), Some(text)) = (data, text) else {
            return Err(Unreadable::whole("it ends within its header"));
        };
        if text.first() != Some(&b'{') {
            return Err(Unreadable::whole("its header does not begin with `{`"));
        }
        let raw: RawHeader = serde_json::from_slice(text)
            .map_err(|error| Unreadable::whole(format!("its header is not as it should be: {error}")))?;
        let mut tensors = raw.tensors;
        tensors.sort_by(|(a, of_a), (b, of_b)| (of_a.data_offsets, a).cmp(&(of_b.data_offsets, b)));
        let mut end = 0;
        let mut read = Vec::with_capacity(tensors.len());
        for (name, tensor) in tensors {
            let size_bytes = tensor
                .size_bytes()
                .map_err(|why| Unreadable::whole(format!("its tensor `{}` {why}", short(&name))))?;
            let (from, to) = tensor.data_offsets;
            if from != end || to.checked_sub(from) != Some(size_bytes) {
                let (name, shape) = (short(&name), &tensor.shape);
                return Err(Unreadable::whole(format!(
                    "its tensor `{name}` is said to be the bytes {from} to {to}, where {size_bytes} of a {} {shape:?} begin at {end}",
                    tensor.dtype,
                )));
            }
            end = to;
            read.push(TensorInfo { name, dtype: tensor.dtype, shape: tensor.shape, size_bytes });
        }
        if end != data {
            return Err(Unreadable::whole(format!(
                "its tensors are said to have {end} bytes, and there are {data} of them"
            )));
        }
        Ok(Self { tensors: read, metadata: raw.metadata })
    }

    /// How many numbers the tensors have together.
    pub fn parameters(&self) -> u64 {
        self.tensors.iter().map(TensorInfo::elements).fold(0, u64::saturating_add)
    }
}

#[derive(Debug, Deserialize)]
struct RawTensor {
    dtype: String,
    shape: Vec<u64>,
    data_offsets: (u64, u64),
}

impl RawTensor {
    fn size_bytes(&self) -> Result<u64, String> {
        let bits: u64 = match self.dtype.as_str() {
            "F4" => 4,
            "F6_E2M3" | "F6_E3M2" => 6,
            "BOOL" | "U8" | "I8" | "F8_E5M2" | "F8_E4M3" | "F8_E8M0" | "F8_E4M3FNUZ" | "F8_E5M2FNUZ" => 8,
            "I16" | "U16" | "F16" | "BF16" => 16,
            "I32" | "U32" | "F32" => 32,
            "C64" | "F64" | "I64" | "U64" => 64,
            other => return Err(format!("is of the type `{}`, which is not known", short(other))),
        };
        if self.shape.len() > MAX_DIMENSIONS {
            return Err(format!("has more than {MAX_DIMENSIONS} dimensions"));
        }
        let elements = self.shape.iter().try_fold(1_u64, |all, length| all.checked_mul(*length));
        let bits = elements.and_then(|elements| elements.checked_mul(bits));
        match bits {
            Some(bits) if bits % 8 == 0 => Ok(bits / 8),
            Some(_) => Err("does not end with a whole byte".to_owned()),
            None => Err("is larger than can be counted".to_owned()),
        }
    }
}

/// The JSON of a header. A name given twice is a mistake: two readers would see two models.
struct RawHeader {
    tensors: Vec<(String, RawTensor)>,
    metadata: BTreeMap<String, String>,
}

impl<'de> Deserialize<'de> for RawHeader {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(RawVisitor)
    }
}

struct RawVisitor;

impl<'de> Visitor<'de> for RawVisitor {
    type Value = RawHeader;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("tensors by name")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut fields: A) -> Result<RawHeader, A::Error> {
        let mut names = BTreeSet::new();
        let mut header = RawHeader { tensors: Vec::new(), metadata: BTreeMap::new() };
        while let Some(name) = fields.next_key::<String>()? {
            if !names.insert(name.clone()) {
                fields.next_value::<IgnoredAny>()?;
                return Err(A::Error::custom(format!("`{}` is given twice", short(&name))));
            }
            if name == "__metadata__" {
                header.metadata = fields.next_value::<Option<_>>()?.unwrap_or_default();
            } else if header.tensors.len() == MAX_TENSORS {
                return Err(A::Error::custom(format!("it has more than {MAX_TENSORS} tensors")));
            } else {
                header.tensors.push((name, fields.next_value()?));
            }
        }
        Ok(header)
    }
}

fn short(text: &str) -> String {
    crate::shorten(text, 80)
}
