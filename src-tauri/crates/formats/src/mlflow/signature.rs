//! What a packed model takes and gives: columns or tensors, as JSON within `MLmodel`.

use serde::Deserialize;
use serde_json::{Map, Value};

use crate::Unreadable;

/// The most columns or tensors on one side of a signature.
pub const MAX_INPUTS: usize = 100_000;

/// What a packed model takes and gives.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Signature {
    /// What it takes.
    pub inputs: Option<Schema>,
    /// What it gives.
    pub outputs: Option<Schema>,
}

/// One side of a signature.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Schema {
    /// A table's columns, in order.
    Columns(Vec<Column>),
    /// Tensors; several have names.
    Tensors(Vec<Tensor>),
}

/// A column of a table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Column {
    /// Its name; without one, it is known by its place.
    pub name: Option<String>,
    /// What is in it.
    pub kind: ColumnType,
    /// Whether it may not be left out.
    pub required: bool,
}

/// What is in a column.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ColumnType {
    /// One value.
    Scalar(Scalar),
    /// A list.
    Array(Box<ColumnType>),
    /// Named values, by name.
    Object(Vec<Column>),
    /// Values under any names.
    Map(Box<ColumnType>),
    /// A vector of Spark's.
    SparkVector,
    /// Anything.
    Any,
}

/// A value of a table.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Scalar {
    /// True or false.
    Boolean,
    /// 32 bits, signed.
    Integer,
    /// 64 bits, signed.
    Long,
    /// 32 bits, floating.
    Float,
    /// 64 bits, floating.
    Double,
    /// Text.
    String,
    /// Bytes.
    Binary,
    /// An instant.
    Datetime,
}

/// A tensor.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tensor {
    /// Its name.
    pub name: Option<String>,
    /// The type of its elements as NumPy names it, e.g. `float32`.
    pub dtype: String,
    /// Its dimensions; -1 is one of any length.
    pub shape: Vec<i64>,
}

impl Signature {
    /// Reads the JSON texts of both sides.
    pub fn read(inputs: Option<&str>, outputs: Option<&str>) -> Result<Self, Unreadable> {
        let side = |name: &str, text: Option<&str>| {
            let located = |why| Unreadable::whole(format!("its signature's {name}: {why}"));
            text.filter(|text| !text.is_empty()).map(Schema::read).transpose().map_err(located)
        };
        Ok(Self { inputs: side("inputs", inputs)?, outputs: side("outputs", outputs)? })
    }
}

impl Schema {
    fn read(text: &str) -> Result<Self, String> {
        let items: Vec<Map<String, Value>> = serde_json::from_str(text).map_err(|error| error.to_string())?;
        if items.is_empty() {
            return Err("it is empty".to_owned());
        }
        if items.len() > MAX_INPUTS {
            return Err(format!("it has more than {MAX_INPUTS} columns or tensors"));
        }
        let is_tensor = |item: &Map<String, Value>| type_of(item) == Ok("tensor");
        let tensors = items.iter().filter(|item| is_tensor(item)).count();
        let schema = if tensors == items.len() {
            Self::Tensors(items.iter().map(tensor).collect::<Result<_, _>>()?)
        } else if tensors == 0 {
            Self::Columns(items.iter().map(|item| column(name(item)?, item)).collect::<Result<_, _>>()?)
        } else {
            return Err("it mixes columns and tensors".to_owned());
        };
        let names = items.iter().filter(|item| matches!(name(item), Ok(Some(_)))).count();
        if names != 0 && names != items.len() {
            return Err("some have names and others do not".to_owned());
        }
        if names == 0 && tensors > 1 {
            return Err("it has several tensors without names".to_owned());
        }
        Ok(schema)
    }
}

fn type_of(item: &Map<String, Value>) -> Result<&str, String> {
    item.get("type").and_then(Value::as_str).ok_or_else(|| "one has no `type`".to_owned())
}

fn name(item: &Map<String, Value>) -> Result<Option<String>, String> {
    match item.get("name") {
        None | Some(Value::Null) => Ok(None),
        Some(Value::String(name)) => Ok(Some(name.clone())),
        // Columns of a table without a header are named by numbers.
        Some(Value::Number(number)) => Ok(Some(number.to_string())),
        Some(_) => Err("one has a name that is none".to_owned()),
    }
}

fn tensor(item: &Map<String, Value>) -> Result<Tensor, String> {
    #[derive(Deserialize)]
    struct Spec {
        dtype: String,
        shape: Vec<i64>,
    }
    let spec = item.get("tensor-spec").ok_or("a tensor has no `tensor-spec`")?;
    let Spec { dtype, shape } = Spec::deserialize(spec).map_err(|error| format!("a tensor: {error}"))?;
    if let Some(length) = shape.iter().find(|length| **length < -1) {
        return Err(format!("a tensor has a dimension of length {length}"));
    }
    Ok(Tensor { name: name(item)?, dtype, shape })
}

fn column(name: Option<String>, item: &Map<String, Value>) -> Result<Column, String> {
    let flag = |key: &str| item.get(key).and_then(Value::as_bool);
    // Before 2.9, it was said the other way around.
    let required = flag("required").or_else(|| flag("optional").map(|optional| !optional));
    Ok(Column { name, kind: column_type(item)?, required: required.unwrap_or(true) })
}

fn column_type(item: &Map<String, Value>) -> Result<ColumnType, String> {
    let inner = |key: &str| {
        let inner = item.get(key).and_then(Value::as_object);
        inner.ok_or_else(|| format!("one has no `{key}`"))
    };
    Ok(match type_of(item)? {
        "array" => ColumnType::Array(Box::new(column_type(inner("items")?)?)),
        "map" => ColumnType::Map(Box::new(column_type(inner("values")?)?)),
        "object" => {
            let fields = inner("properties")?.iter().map(|(name, field)| {
                let field = field.as_object().ok_or_else(|| format!("`{name}` has no type"))?;
                column(Some(name.clone()), field)
            });
            ColumnType::Object(fields.collect::<Result<_, _>>()?)
        }
        "sparkml_vector" => ColumnType::SparkVector,
        "any" => ColumnType::Any,
        scalar => {
            let known = Scalar::deserialize(&Value::from(scalar));
            ColumnType::Scalar(known.map_err(|_| format!("there is no type `{scalar}`"))?)
        }
    })
}
