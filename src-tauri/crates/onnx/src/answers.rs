//! What a graph answers, and how it may be read.

use tract_onnx::prelude::*;

use crate::model::brief;
use crate::{Description, Error};

/// What a graph answers to rows.
#[derive(Debug, Clone, PartialEq)]
pub struct Answers {
    /// How many rows were asked about.
    pub rows: usize,
    /// The label the graph itself gives each row, where it does.
    pub labels: Option<Vec<String>>,
    /// The classes in the order of the scores, where the graph carries them and the scores have as many columns.
    pub classes: Option<Vec<String>>,
    /// The numbers it gives each row: probabilities, logits, or predicted values.
    pub scores: Option<Scores>,
}

/// The numbers of one output.
#[derive(Debug, Clone, PartialEq)]
pub struct Scores {
    /// The output's name.
    pub output: String,
    /// How many numbers a row.
    pub width: usize,
    /// `[rows, width]` row-major, as the graph gave them.
    pub values: Vec<f64>,
}

/// How the numbers of a classifier are to be understood.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reading {
    /// As probabilities; a single one is that of the second of two classes.
    Probabilities,
    /// As logits: softmax makes probabilities of them; a single one goes through the logistic function.
    Logits,
}

impl Scores {
    /// Whether every row is a distribution: no number below 0, and a sum of 1 to within 0.001.
    pub fn is_distribution(&self) -> bool {
        let is = |row: &[f64]| {
            row.iter().all(|&value| value >= 0.0) && (row.iter().sum::<f64>() - 1.0).abs() < 1e-3
        };
        self.width >= 2 && self.values.chunks_exact(self.width).all(is)
    }

    /// `[rows, classes]` probabilities, with two classes where a row has one number. `None` where numbers read as
    /// probabilities are none.
    pub fn probabilities(&self, reading: Reading) -> Option<Vec<f64>> {
        match (reading, self.width) {
            (Reading::Probabilities, 1) => {
                let fits = self.values.iter().all(|value| (0.0..=1.0).contains(value));
                fits.then(|| self.values.iter().flat_map(|&value| [1.0 - value, value]).collect())
            }
            (Reading::Probabilities, _) => self.is_distribution().then(|| self.values.clone()),
            (Reading::Logits, 1) => {
                Some(self.values.iter().flat_map(|&logit| softmax(&[0.0, logit])).collect())
            }
            (Reading::Logits, 0) => None,
            (Reading::Logits, width) => Some(self.values.chunks_exact(width).flat_map(softmax).collect()),
        }
    }
}

fn softmax(row: &[f64]) -> Vec<f64> {
    let largest = row.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    let powers: Vec<f64> = row.iter().map(|value| (value - largest).exp()).collect();
    let sum: f64 = powers.iter().sum();
    powers.iter().map(|power| power / sum).collect()
}

/// The values of one output, a row of the same length to each row asked about.
#[derive(Debug, Clone)]
pub(crate) enum Values {
    Floats(Vec<f64>),
    Whole(Vec<i64>),
    Texts(Vec<String>),
}

#[derive(Debug, Clone)]
pub(crate) struct Piece {
    width: usize,
    values: Values,
}

impl Piece {
    /// The first `rows` of `batch` rows of an output; `None` where it does not have a row to each.
    pub fn of(tensor: &Tensor, batch: usize, rows: usize) -> Result<Option<Self>, Error> {
        let width = match tensor.shape().split_first() {
            Some((&first, rest)) if first == batch => rest.iter().product(),
            None if batch == 1 => 1,
            // A label of scikit-learn's may lie on its side.
            Some((1, &[columns])) if columns == batch => 1,
            _ => return Ok(None),
        };
        let keep = width * rows;
        let refused = |error: TractError| Error::Failed(brief(&error));
        let values = || {
            Ok(match tensor.datum_type() {
                DatumType::String => Values::Texts(first(tensor, keep)?),
                kind if kind.is_float() => Values::Floats(first(&*tensor.cast_to::<f64>()?, keep)?),
                _ => Values::Whole(first(&*tensor.cast_to::<i64>()?, keep)?),
            })
        };
        Ok(Some(Self { width, values: values().map_err(refused)? }))
    }

    /// Puts the rows of `next` behind; false where they are of another kind.
    fn append(&mut self, next: Self) -> bool {
        if self.width != next.width {
            return false;
        }
        match (&mut self.values, next.values) {
            (Values::Floats(all), Values::Floats(more)) => all.extend(more),
            (Values::Whole(all), Values::Whole(more)) => all.extend(more),
            (Values::Texts(all), Values::Texts(more)) => all.extend(more),
            _ => return false,
        }
        true
    }
}

fn first<T: Datum + Clone>(tensor: &Tensor, keep: usize) -> TractResult<Vec<T>> {
    Ok(tensor.try_as_plain_ram()?.as_slice::<T>()?.iter().take(keep).cloned().collect())
}

/// Puts batches together and tells labels and scores apart.
pub(crate) fn gather(
    description: &Description,
    batches: Vec<Vec<Option<Piece>>>,
    rows: usize,
    wanted: Option<&str>,
) -> Result<Answers, Error> {
    let mut outputs: Vec<Option<Piece>> = Vec::new();
    for batch in batches {
        if outputs.is_empty() {
            outputs = batch;
            continue;
        }
        for (all, next) in outputs.iter_mut().zip(batch) {
            let joined = all.as_mut().zip(next).map(|(all, next)| all.append(next));
            if joined != Some(true) {
                *all = None;
            }
        }
    }
    let mut named: Vec<(&str, Piece)> = Vec::new();
    for (port, piece) in description.outputs.iter().zip(outputs) {
        named.extend(piece.map(|piece| (port.name.as_str(), piece)));
    }
    let scores = scores(description, &named, wanted)?;
    let classes = description.classes.clone();
    let classes =
        classes.filter(|classes| scores.as_ref().is_none_or(|scores| fits(classes.len(), scores.width)));
    let labels = named.iter().find_map(|(_, piece)| match &piece.values {
        Values::Texts(labels) if piece.width == 1 => Some(labels.clone()),
        Values::Whole(labels) if piece.width == 1 => Some(labels.iter().map(ToString::to_string).collect()),
        _ => None,
    });
    Ok(Answers { rows, labels, classes, scores })
}

/// Whether so many classes may have so many scores a row.
fn fits(classes: usize, width: usize) -> bool {
    classes == width || classes == 2 && width == 1
}

fn scores(
    description: &Description,
    outputs: &[(&str, Piece)],
    wanted: Option<&str>,
) -> Result<Option<Scores>, Error> {
    let floats = outputs.iter().filter_map(|(name, piece)| match &piece.values {
        Values::Floats(values) => Some((*name, piece.width, values)),
        _ => None,
    });
    let classes = description.classes.as_ref().map(Vec::len);
    let found = match wanted {
        Some(wanted) => {
            let named = floats.clone().find(|(name, ..)| *name == wanted);
            if named.is_none() {
                let known: Vec<&str> = floats.map(|(name, ..)| name).collect();
                return Err(Error::Mismatch {
                    name: wanted.to_owned(),
                    expected: "an output with numbers for each row".to_owned(),
                    got: if known.is_empty() { "no such output".to_owned() } else { known.join(", ") },
                });
            }
            named
        }
        None => {
            floats.clone().find(|(_, width, _)| Some(*width) == classes).or_else(|| floats.clone().next())
        }
    };
    Ok(found.map(|(output, width, values)| Scores {
        output: output.to_owned(),
        width,
        values: values.clone(),
    }))
}
