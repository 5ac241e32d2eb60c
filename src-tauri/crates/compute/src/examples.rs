//! Data sets as training and evaluation need them: checked, scaled, in batches.

use candle_core::{Device, Tensor};
use keelmark_types::{Dataset, Target, TaskKind};

use crate::Error;
use crate::preprocess::Preprocess;

/// Checks that the parts of a data set fit each other. `name` is what errors call it.
pub(crate) fn check(name: &str, data: &Dataset) -> Result<(), Error> {
    let wrong =
        |what: String| Err(Error::invalid(format!("the {name} examples do not fit together: {what}")));
    let (rows, columns) = (data.len(), data.columns.len());
    if rows.checked_mul(columns) != Some(data.features.len()) {
        return wrong(format!("{rows} ids and {columns} columns, but {} values", data.features.len()));
    }
    let product = data.shape.iter().try_fold(1_usize, |product, &side| product.checked_mul(side));
    if data.shape.is_empty() || product != Some(columns) {
        return wrong(format!("shape {:?} for {columns} columns", data.shape));
    }
    if let Some(place) = data.features.iter().position(|value| !value.is_finite()) {
        return Err(Error::invalid(format!(
            "column `{}` of example `{}` of the {name} examples is {}, which is no number to compute with",
            data.columns[place % columns],
            data.ids[place / columns],
            data.features[place]
        )));
    }
    if data.target.len() != rows {
        return wrong(format!("{rows} ids, but {} targets", data.target.len()));
    }
    match &data.target {
        Target::Classes { names, labels } => {
            if let Some(row) = labels.iter().position(|&label| label as usize >= names.len()) {
                return wrong(format!(
                    "`{}` is of class number {} of {}",
                    data.ids[row],
                    labels[row],
                    names.len()
                ));
            }
        }
        Target::Values(values) => {
            if let Some(row) = values.iter().position(|value| !value.is_finite()) {
                return wrong(format!("the target of `{}` is {}", data.ids[row], values[row]));
            }
        }
    }
    Ok(())
}

/// What is to be predicted, as the loss takes it.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Wanted {
    /// Class numbers in the order of the model's classes.
    Classes(Vec<u32>),
    /// Values in the data's unit.
    Values(Vec<f64>),
}

/// Scaled examples.
#[derive(Debug, Clone)]
pub(crate) struct Examples {
    /// `[examples, columns]`.
    features: Vec<f32>,
    shape: Vec<usize>,
    /// What is to be predicted.
    pub(crate) wanted: Wanted,
}

impl Examples {
    /// Scales `data` and brings its labels into the order of `classes` (empty for regression).
    pub(crate) fn new(
        name: &str,
        data: &Dataset,
        preprocess: &Preprocess,
        classes: &[String],
    ) -> Result<Self, Error> {
        Ok(Self {
            features: preprocess.apply(name, data)?,
            shape: data.shape.clone(),
            wanted: wanted(name, data, classes)?,
        })
    }

    /// How many.
    pub(crate) fn len(&self) -> usize {
        match &self.wanted {
            Wanted::Classes(labels) => labels.len(),
            Wanted::Values(values) => values.len(),
        }
    }

    /// The features of the examples at `indices`: `[indices, …shape]`.
    pub(crate) fn batch(&self, indices: &[usize], device: &Device) -> Result<Tensor, Error> {
        let width: usize = self.shape.iter().product();
        let mut rows = Vec::with_capacity(indices.len() * width);
        for &index in indices {
            rows.extend_from_slice(&self.features[index * width..(index + 1) * width]);
        }
        self.tensor(rows, indices.len(), device)
    }

    /// The features of the examples in `range`: `[range, …shape]`.
    pub(crate) fn slice(&self, range: std::ops::Range<usize>, device: &Device) -> Result<Tensor, Error> {
        let width: usize = self.shape.iter().product();
        let count = range.len();
        self.tensor(self.features[range.start * width..range.end * width].to_vec(), count, device)
    }

    fn tensor(&self, rows: Vec<f32>, count: usize, device: &Device) -> Result<Tensor, Error> {
        let mut shape = vec![count];
        shape.extend_from_slice(&self.shape);
        Ok(Tensor::from_vec(rows, shape, device)?)
    }
}

/// The task a target belongs to.
pub(crate) fn task_of(target: &Target) -> TaskKind {
    match target {
        Target::Classes { .. } => TaskKind::Classification,
        Target::Values(_) => TaskKind::Regression,
    }
}

fn wanted(name: &str, data: &Dataset, classes: &[String]) -> Result<Wanted, Error> {
    match &data.target {
        Target::Values(_) if !classes.is_empty() => Err(Error::invalid(format!(
            "the {name} examples hold numbers where the model tells classes apart"
        ))),
        Target::Values(values) => Ok(Wanted::Values(values.clone())),
        Target::Classes { .. } if classes.is_empty() => {
            Err(Error::invalid(format!("the {name} examples hold classes where the model predicts a number")))
        }
        Target::Classes { names, labels } => {
            // A set may lack a class or list them in another order; a class the model never saw is an error.
            let numbers: Vec<Option<u32>> = names
                .iter()
                .map(|name| classes.iter().position(|class| class == name).map(|place| place as u32))
                .collect();
            let label = |(row, &label): (usize, &u32)| {
                numbers[label as usize].ok_or_else(|| {
                    Error::invalid(format!(
                        "example `{}` of the {name} examples is of class `{}`, which the training examples do not have",
                        data.ids[row], names[label as usize]
                    ))
                })
            };
            Ok(Wanted::Classes(labels.iter().enumerate().map(label).collect::<Result<_, _>>()?))
        }
    }
}
