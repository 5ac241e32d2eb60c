//! Operators that prepare columns of numbers.

use std::sync::Arc;

use tract_onnx::tract_hir::internal::*;

use super::{Attributes, Fact, Kernel, first, floats, rows_of, settled, table_of, texts};

/// A function of one row of floats.
#[derive(Debug)]
enum Row {
    Scale { offset: Vec<f32>, scale: Vec<f32> },
    Threshold(f32),
    Norm(Norm),
}

#[derive(Debug, Clone, Copy)]
enum Norm {
    Max,
    L1,
    L2,
}

pub(super) fn scaler(attributes: &Attributes<'_>) -> TractResult<Arc<dyn Kernel>> {
    let (offset, scale) = (attributes.floats("offset").to_vec(), attributes.floats("scale").to_vec());
    ensure!(!offset.is_empty() && !scale.is_empty(), "Scaler needs an offset and a scale");
    Ok(Arc::new(Row::Scale { offset, scale }))
}

#[expect(clippy::unnecessary_wraps, reason = "every operator is built the same way")]
pub(super) fn binarizer(attributes: &Attributes<'_>) -> TractResult<Arc<dyn Kernel>> {
    Ok(Arc::new(Row::Threshold(attributes.float("threshold", 0.0))))
}

pub(super) fn normalizer(attributes: &Attributes<'_>) -> TractResult<Arc<dyn Kernel>> {
    Ok(Arc::new(Row::Norm(match attributes.text("norm", "MAX")?.as_str() {
        "MAX" => Norm::Max,
        "L1" => Norm::L1,
        "L2" => Norm::L2,
        other => bail!("Normalizer knows no norm {other}"),
    })))
}

/// As many values as columns: either one each, or one for all.
fn spread<T: Copy>(values: &[T], columns: usize) -> TractResult<impl Iterator<Item = T>> {
    ensure!(values.len() == columns || values.len() == 1, "{} values for {columns} columns", values.len());
    Ok(values.iter().copied().cycle().take(columns))
}

impl Kernel for Row {
    fn outputs(&self, inputs: &[Fact]) -> TractResult<Vec<Fact>> {
        Ok(vec![(f32::datum_type(), first(inputs)?.1.clone())])
    }

    fn run(&self, inputs: &[TValue]) -> TractResult<Vec<Tensor>> {
        let input = first(inputs)?;
        let (_, columns) = table_of(input.shape())?;
        let numbers = input.cast_to::<f32>()?;
        let mut values = numbers.try_as_plain_ram()?.as_slice::<f32>()?.to_vec();
        for row in values.chunks_exact_mut(columns.max(1)) {
            match self {
                Self::Scale { offset, scale } => {
                    for ((value, offset), scale) in
                        row.iter_mut().zip(spread(offset, columns)?).zip(spread(scale, columns)?)
                    {
                        *value = (*value - offset) * scale;
                    }
                }
                Self::Threshold(threshold) => {
                    for value in row {
                        *value = if *value > *threshold { 1.0 } else { 0.0 };
                    }
                }
                Self::Norm(norm) => norm.apply(row),
            }
        }
        Ok(vec![floats(input.shape(), &values)?])
    }
}

impl Norm {
    fn apply(self, row: &mut [f32]) {
        let by = match self {
            Self::Max => row.iter().copied().fold(f32::MIN, f32::max),
            Self::L1 => row.iter().map(|value| value.abs()).sum(),
            Self::L2 => row.iter().map(|value| value * value).sum::<f32>().sqrt(),
        };
        if by != 0.0 {
            for value in row {
                *value /= by;
            }
        }
    }
}

/// Puts a value in the place of what stands for a missing one.
#[derive(Debug)]
enum Imputer {
    Floats { by: Vec<f32>, replaced: f32 },
    Integers { by: Vec<i64>, replaced: i64 },
}

pub(super) fn imputer(attributes: &Attributes<'_>) -> TractResult<Arc<dyn Kernel>> {
    let (by, whole) =
        (attributes.floats("imputed_value_floats"), attributes.integers("imputed_value_int64s"));
    ensure!(!by.is_empty() || !whole.is_empty(), "Imputer needs the values to put in");
    Ok(Arc::new(if by.is_empty() {
        Imputer::Integers { by: whole.to_vec(), replaced: attributes.integer("replaced_value_int64", 0) }
    } else {
        Imputer::Floats { by: by.to_vec(), replaced: attributes.float("replaced_value_float", 0.0) }
    }))
}

#[expect(clippy::float_cmp, reason = "a value is replaced only where it is exactly the one named")]
impl Kernel for Imputer {
    fn outputs(&self, inputs: &[Fact]) -> TractResult<Vec<Fact>> {
        let kind = if matches!(self, Self::Floats { .. }) { f32::datum_type() } else { i64::datum_type() };
        Ok(vec![(kind, first(inputs)?.1.clone())])
    }

    fn run(&self, inputs: &[TValue]) -> TractResult<Vec<Tensor>> {
        let input = first(inputs)?;
        let (_, columns) = table_of(input.shape())?;
        Ok(vec![match self {
            Self::Floats { by, replaced } => {
                let numbers = input.cast_to::<f32>()?;
                let mut values = numbers.try_as_plain_ram()?.as_slice::<f32>()?.to_vec();
                for row in values.chunks_exact_mut(columns.max(1)) {
                    for (value, by) in row.iter_mut().zip(spread(by, columns)?) {
                        if *value == *replaced || value.is_nan() && replaced.is_nan() {
                            *value = by;
                        }
                    }
                }
                floats(input.shape(), &values)?
            }
            Self::Integers { by, replaced } => {
                let numbers = input.cast_to::<i64>()?;
                let mut values = numbers.try_as_plain_ram()?.as_slice::<i64>()?.to_vec();
                for row in values.chunks_exact_mut(columns.max(1)) {
                    for (value, by) in row.iter_mut().zip(spread(by, columns)?) {
                        if *value == *replaced {
                            *value = by;
                        }
                    }
                }
                Tensor::from_shape(input.shape(), &values)?
            }
        }])
    }
}

/// Puts columns beside one another.
#[derive(Debug)]
struct FeatureVectorizer {
    widths: Vec<usize>,
}

pub(super) fn feature_vectorizer(attributes: &Attributes<'_>) -> TractResult<Arc<dyn Kernel>> {
    let widths = attributes.indices("inputdimensions")?;
    ensure!(
        widths.iter().try_fold(0_usize, |sum, &width| sum.checked_add(width)).is_some(),
        "it is too wide"
    );
    Ok(Arc::new(FeatureVectorizer { widths }))
}

impl Kernel for FeatureVectorizer {
    fn outputs(&self, inputs: &[Fact]) -> TractResult<Vec<Fact>> {
        let width: usize = self.widths.iter().sum();
        Ok(vec![(f32::datum_type(), tvec![rows_of(first(inputs)?), width.to_dim()])])
    }

    fn run(&self, inputs: &[TValue]) -> TractResult<Vec<Tensor>> {
        ensure!(
            inputs.len() == self.widths.len(),
            "{} inputs for {} widths",
            inputs.len(),
            self.widths.len()
        );
        let (rows, _) = table_of(first(inputs)?.shape())?;
        let width: usize = self.widths.iter().sum();
        let mut values = vec![0_f32; rows * width];
        let mut start = 0;
        for (input, &take) in inputs.iter().zip(&self.widths) {
            let (_, columns) = table_of(input.shape())?;
            let numbers = input.cast_to::<f32>()?;
            let from = numbers.try_as_plain_ram()?.as_slice::<f32>()?.chunks_exact(columns.max(1));
            for (to, from) in values.chunks_exact_mut(width.max(1)).zip(from) {
                // Too narrow an input is filled with zeros, too wide a one cut, as onnxruntime does.
                to.iter_mut().skip(start).take(take).zip(from).for_each(|(to, from)| *to = *from);
            }
            start += take;
        }
        Ok(vec![floats(&[rows, width], &values)?])
    }
}

/// Takes columns out of the last axis.
#[derive(Debug)]
struct FeatureExtractor;

#[expect(clippy::unnecessary_wraps, reason = "every operator is built the same way")]
pub(super) fn feature_extractor(_: &Attributes<'_>) -> TractResult<Arc<dyn Kernel>> {
    Ok(Arc::new(FeatureExtractor))
}

impl Kernel for FeatureExtractor {
    fn outputs(&self, inputs: &[Fact]) -> TractResult<Vec<Fact>> {
        let [(kind, shape), (_, indices)] = inputs else { bail!("ArrayFeatureExtractor takes two inputs") };
        let mut shape = shape.clone();
        let _ = shape.pop();
        if shape.is_empty() {
            shape.push(1.to_dim());
        }
        shape.push(indices.iter().product());
        Ok(vec![(settled(*kind), shape)])
    }

    fn run(&self, inputs: &[TValue]) -> TractResult<Vec<Tensor>> {
        let [table, indices] = inputs else { bail!("ArrayFeatureExtractor takes two inputs") };
        let (&width, outer) = table.shape().split_last().context("a table is needed, not a single value")?;
        let indices = indices.cast_to::<i64>()?;
        let convert = |&index: &i64| {
            let index = usize::try_from(index).ok().filter(|&index| index < width);
            index.context("a column is asked for that is not there")
        };
        let indices: Vec<usize> =
            indices.try_as_plain_ram()?.as_slice::<i64>()?.iter().map(convert).collect::<TractResult<_>>()?;
        let mut shape = if outer.is_empty() { vec![1] } else { outer.to_vec() };
        shape.push(indices.len());
        let kind = table.datum_type();
        Ok(vec![if kind == String::datum_type() {
            texts(&shape, pick(table.try_as_plain_ram()?.as_slice::<String>()?, width, &indices))?
        } else if kind == f32::datum_type() {
            floats(&shape, &pick(table.try_as_plain_ram()?.as_slice::<f32>()?, width, &indices))?
        } else if kind == f64::datum_type() {
            Tensor::from_shape(&shape, &pick(table.try_as_plain_ram()?.as_slice::<f64>()?, width, &indices))?
        } else {
            let whole = table.cast_to::<i64>()?;
            let picked = pick(whole.try_as_plain_ram()?.as_slice::<i64>()?, width, &indices);
            Tensor::from_shape(&shape, &picked)?.cast_to_dt(settled(kind))?.into_owned()
        }])
    }
}

fn pick<T: Clone>(values: &[T], width: usize, indices: &[usize]) -> Vec<T> {
    let rows = values.chunks_exact(width.max(1));
    rows.flat_map(|row| indices.iter().filter_map(|&index| row.get(index).cloned())).collect()
}
