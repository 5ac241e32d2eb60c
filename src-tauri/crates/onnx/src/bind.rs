//! Which columns go to which input, and in what shape.

use std::ops::Range;

use tract_onnx::prelude::*;

use crate::{Column, ColumnValues, Dimension, Element, Error, Features, Port};

/// One input of the graph with its columns.
#[derive(Debug)]
struct Slot<'a> {
    port: &'a Port,
    /// Places among the columns.
    columns: Vec<usize>,
    /// The axes of one row.
    row_shape: Vec<usize>,
}

/// All inputs of the graph with their columns.
#[derive(Debug)]
pub(crate) struct Binding<'a> {
    slots: Vec<Slot<'a>>,
    features: &'a Features<'a>,
    /// How many rows the graph takes at once, where it takes no other number.
    pub fixed_rows: Option<usize>,
}

fn mismatch(name: &str, expected: impl Into<String>, got: impl Into<String>) -> Error {
    Error::Mismatch { name: name.to_owned(), expected: expected.into(), got: got.into() }
}

impl<'a> Binding<'a> {
    pub fn new(inputs: &'a [Port], features: &'a Features<'a>) -> Result<Self, Error> {
        let rows = features.rows();
        match features {
            Features::Table { columns, values } if rows.checked_mul(*columns) != Some(values.len()) => {
                let got = format!("{} values", values.len());
                return Err(mismatch("the table", format!("rows of {columns} values"), got));
            }
            Features::Columns { columns, .. } => {
                if let Some(column) = columns.iter().find(|column| column.values.len() != rows) {
                    let got = format!("{} values", column.values.len());
                    return Err(mismatch(&column.name, format!("{rows} values"), got));
                }
            }
            Features::Table { .. } => {}
        }
        let mut slots = Vec::with_capacity(inputs.len());
        let mut fixed_rows = None;
        for (port, columns) in inputs.iter().zip(shared(inputs, features)?) {
            let row_shape = row_shape(port, columns.len())?;
            let batch = port.shape.as_ref().and_then(|shape| shape.first());
            if let Some(Dimension::Fixed(length)) = batch {
                if fixed_rows.is_some_and(|other| other != *length) {
                    return Err(mismatch(
                        &port.name,
                        "as many rows as the other inputs",
                        format!("{length}"),
                    ));
                }
                fixed_rows = Some(*length);
            }
            slots.push(Slot { port, columns, row_shape });
        }
        Ok(Self { slots, features, fixed_rows })
    }

    /// The type and shape of each input for a batch.
    pub fn facts(&self, rows: usize) -> Result<Vec<(DatumType, Vec<usize>)>, Error> {
        self.slots.iter().map(|slot| Ok((slot.kind()?, slot.shape(rows)))).collect()
    }

    /// The values of each input; rows over the end of `range` repeat its last.
    pub fn tensors(&self, range: Range<usize>, rows: usize) -> Result<TVec<TValue>, Error> {
        let last = range.end.saturating_sub(1);
        let chosen: Vec<usize> = (range.start..range.start + rows).map(|row| row.min(last)).collect();
        self.slots.iter().map(|slot| Ok(slot.tensor(self.features, &chosen)?.into())).collect()
    }
}

/// The columns of each input: by name where every input has one of its name, else in order.
fn shared(inputs: &[Port], features: &Features<'_>) -> Result<Vec<Vec<usize>>, Error> {
    let width = features.width();
    if let Features::Columns { columns, .. } = features {
        let place = |port: &Port| columns.iter().position(|column| column.name == port.name);
        let by_name: Vec<Option<usize>> = inputs.iter().map(place).collect();
        let named = by_name.iter().flatten().count();
        if named == inputs.len() {
            return Ok(by_name.into_iter().map(|place| place.into_iter().collect()).collect());
        }
        if named > 0 || inputs.len() > 1 && inputs.iter().all(|port| width_of(port) == Some(1)) {
            let missing = inputs.iter().zip(&by_name).find(|(_, place)| place.is_none());
            if let Some((port, _)) = missing {
                let known: Vec<&str> = columns.iter().map(|column| column.name.as_str()).take(20).collect();
                return Err(mismatch(&port.name, "a column of this name", known.join(", ")));
            }
        }
    }
    if let [_] = inputs {
        return Ok(vec![(0..width).collect()]);
    }
    let widths: Option<Vec<usize>> = inputs.iter().map(width_of).collect();
    let sum =
        widths.as_ref().and_then(|widths| widths.iter().try_fold(0_usize, |sum, &w| sum.checked_add(w)));
    let (Some(widths), true) = (widths, sum == Some(width)) else {
        let expected: Vec<String> = inputs.iter().map(|port| format!("{} {port}", port.name)).collect();
        return Err(mismatch("the inputs", expected.join("; "), format!("{width} columns")));
    };
    let mut next = 0;
    let mut part = |width: usize| {
        next += width;
        (next - width..next).collect()
    };
    Ok(widths.into_iter().map(&mut part).collect())
}

/// How many values of a row an input takes, where its shape says so.
fn width_of(port: &Port) -> Option<usize> {
    let axes = port.shape.as_ref()?.get(1..)?;
    axes.iter().try_fold(1_usize, |product, axis| match axis {
        Dimension::Fixed(length) => product.checked_mul(*length),
        _ => None,
    })
}

/// The axes of one row of `width` values.
fn row_shape(port: &Port, width: usize) -> Result<Vec<usize>, Error> {
    let got = || format!("{width} values a row");
    let Some(shape) = &port.shape else { return Ok(vec![width]) };
    let Some((_, axes)) = shape.split_first() else {
        return Err(mismatch(&port.name, format!("{port}"), got()));
    };
    let fixed =
        axes.iter().filter_map(|axis| if let Dimension::Fixed(length) = axis { Some(*length) } else { None });
    let product = fixed.clone().try_fold(1_usize, usize::checked_mul).filter(|&product| product > 0);
    let free = axes.len() - fixed.count();
    let rest = product.filter(|product| width.is_multiple_of(*product)).map(|product| width / product);
    match (free, rest) {
        (0, Some(1)) | (1, Some(1..)) => {
            let rest = rest.unwrap_or(1);
            Ok(axes
                .iter()
                .map(|axis| if let Dimension::Fixed(length) = axis { *length } else { rest })
                .collect())
        }
        (2.., _) => Err(mismatch(&port.name, format!("{port}, of which only one axis may be free"), got())),
        _ => Err(mismatch(&port.name, format!("{port}"), got())),
    }
}

impl Slot<'_> {
    fn kind(&self) -> Result<DatumType, Error> {
        Ok(match self.port.element {
            Element::Float16 => DatumType::F16,
            Element::Float32 => DatumType::F32,
            Element::Float64 => DatumType::F64,
            Element::Integer { bits: 8, signed: true } => DatumType::I8,
            Element::Integer { bits: 16, signed: true } => DatumType::I16,
            Element::Integer { bits: 32, signed: true } => DatumType::I32,
            Element::Integer { signed: true, .. } => DatumType::I64,
            Element::Integer { bits: 8, signed: false } => DatumType::U8,
            Element::Integer { bits: 16, signed: false } => DatumType::U16,
            Element::Integer { bits: 32, signed: false } => DatumType::U32,
            Element::Integer { signed: false, .. } => DatumType::U64,
            Element::Boolean => DatumType::Bool,
            Element::Text => DatumType::String,
            Element::Other => {
                return Err(mismatch(&self.port.name, "numbers or texts", format!("{}", self.port)));
            }
        })
    }

    fn shape(&self, rows: usize) -> Vec<usize> {
        std::iter::once(rows).chain(self.row_shape.iter().copied()).collect()
    }

    fn tensor(&self, features: &Features<'_>, rows: &[usize]) -> Result<Tensor, Error> {
        let shape = self.shape(rows.len());
        if self.port.element == Element::Text {
            let texts = self.texts(features, rows)?;
            return tract_ndarray::ArrayD::from_shape_vec(shape, texts)
                .map(Tensor::from)
                .map_err(|error| Error::Failed(error.to_string()));
        }
        let kind = self.kind()?;
        let failed = |error: TractError| Error::Failed(format!("{error:#}"));
        if let (Features::Table { columns, values }, DatumType::F32) = (features, kind) {
            let row = |&row: &usize| values.get(row * columns..(row + 1) * columns).unwrap_or_default();
            let picked =
                |row: &[f32]| self.columns.iter().filter_map(|&at| row.get(at).copied()).collect::<Vec<_>>();
            let values: Vec<f32> = rows.iter().map(row).flat_map(picked).collect();
            return Tensor::from_shape(&shape, &values).map_err(failed);
        }
        let numbers = self.numbers(features, rows)?;
        let tensor = if kind.is_float() {
            Tensor::from_shape(&shape, &numbers)
        } else {
            let range = if kind == DatumType::Bool { (0.0, 1.0) } else { range_of(kind) };
            let fits = |number: f64| number.fract() == 0.0 && (range.0..=range.1).contains(&number);
            if let Some(number) = numbers.iter().find(|number| !fits(**number)) {
                return Err(mismatch(
                    &self.port.name,
                    format!("{} numbers", self.port.element),
                    format!("{number}"),
                ));
            }
            Tensor::from_shape(&shape, &numbers.iter().map(|&number| number as i64).collect::<Vec<_>>())
        };
        tensor.and_then(|tensor| Ok(tensor.cast_to_dt(kind)?.into_owned())).map_err(failed)
    }

    fn columns<'b>(&'b self, features: &'b Features<'_>) -> impl Iterator<Item = &'b Column> {
        let columns = if let Features::Columns { columns, .. } = features { columns } else { &[][..] };
        self.columns.iter().filter_map(|&place| columns.get(place))
    }

    fn texts(&self, features: &Features<'_>, rows: &[usize]) -> Result<Vec<String>, Error> {
        if matches!(features, Features::Table { .. }) {
            return Err(mismatch(&self.port.name, "texts", "numbers"));
        }
        let mut lists = Vec::new();
        for column in self.columns(features) {
            match &column.values {
                ColumnValues::Texts(texts) => lists.push(texts),
                ColumnValues::Numbers(_) => {
                    return Err(mismatch(
                        &self.port.name,
                        "texts",
                        format!("numbers in column {}", column.name),
                    ));
                }
            }
        }
        Ok(rows.iter().flat_map(|&row| lists.iter().filter_map(move |list| list.get(row).cloned())).collect())
    }

    fn numbers(&self, features: &Features<'_>, rows: &[usize]) -> Result<Vec<f64>, Error> {
        if let Features::Table { columns, values } = features {
            let value = |row: usize, at: usize| values.get(row * columns + at).map(|&value| f64::from(value));
            return Ok(rows
                .iter()
                .flat_map(|&row| self.columns.iter().filter_map(move |&at| value(row, at)))
                .collect());
        }
        let mut lists = Vec::new();
        for column in self.columns(features) {
            match &column.values {
                ColumnValues::Numbers(numbers) => lists.push(numbers),
                ColumnValues::Texts(_) => {
                    return Err(mismatch(
                        &self.port.name,
                        "numbers",
                        format!("texts in column {}", column.name),
                    ));
                }
            }
        }
        Ok(rows.iter().flat_map(|&row| lists.iter().filter_map(move |list| list.get(row).copied())).collect())
    }
}

/// The integers of a type that a double holds exactly.
fn range_of(kind: DatumType) -> (f64, f64) {
    let bits = kind.size_of() * 8;
    let exact = f64::from(53.min(bits as u32)).exp2();
    match (kind.is_signed(), bits) {
        (true, 64) => (-exact, exact),
        (true, _) => (-exact / 2.0, exact / 2.0 - 1.0),
        (false, 64) => (0.0, exact),
        (false, _) => (0.0, exact - 1.0),
    }
}
