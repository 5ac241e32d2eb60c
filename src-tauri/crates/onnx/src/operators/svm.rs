//! Support vector machines.

use std::sync::Arc;

use tract_onnx::tract_hir::internal::*;

use super::scores::{Labels, PostTransform, largest};
use super::{Attributes, Fact, Kernel, first, floats, rows_of, table_of};

/// How alike a row and a support vector are.
#[derive(Debug, Clone, Copy)]
enum Likeness {
    Linear,
    Poly { gamma: f32, offset: f32, degree: f32 },
    Rbf { gamma: f32 },
    Sigmoid { gamma: f32, offset: f32 },
}

impl Likeness {
    fn of(attributes: &Attributes<'_>) -> TractResult<Self> {
        let (gamma, offset, degree) = match *attributes.floats("kernel_params") {
            [gamma, offset, degree] => (gamma, offset, degree),
            _ => (0.0, 0.0, 0.0),
        };
        Ok(match attributes.text("kernel_type", "LINEAR")?.as_str() {
            "LINEAR" => Self::Linear,
            "POLY" => Self::Poly { gamma, offset, degree },
            "RBF" => Self::Rbf { gamma },
            "SIGMOID" => Self::Sigmoid { gamma, offset },
            other => bail!("there is no kernel_type {other}"),
        })
    }

    fn between(self, row: &[f32], vector: &[f32]) -> f32 {
        let product = || row.iter().zip(vector).map(|(a, b)| a * b).sum::<f32>();
        match self {
            Self::Linear => product(),
            Self::Poly { gamma, offset, degree } => (gamma * product() + offset).powf(degree),
            Self::Rbf { gamma } => {
                let distance: f32 = row.iter().zip(vector).map(|(a, b)| (a - b) * (a - b)).sum();
                (-gamma * distance).exp()
            }
            Self::Sigmoid { gamma, offset } => (gamma * product() + offset).tanh(),
        }
    }
}

/// Support vectors, `[count, columns]`.
#[derive(Debug)]
struct Vectors {
    likeness: Likeness,
    columns: usize,
    values: Vec<f32>,
}

impl Vectors {
    fn of(attributes: &Attributes<'_>, count: usize) -> TractResult<Self> {
        let values = attributes.floats("support_vectors").to_vec();
        let fits = count > 0 && !values.is_empty() && values.len().is_multiple_of(count);
        ensure!(fits, "{} numbers cannot be shared by {count} support vectors", values.len());
        Ok(Self { likeness: Likeness::of(attributes)?, columns: values.len() / count, values })
    }

    /// Runs `answer` on the likeness of each row to every vector.
    fn each_row(&self, input: &Tensor, mut answer: impl FnMut(&[f32])) -> TractResult<usize> {
        let (rows, columns) = table_of(input.shape())?;
        ensure!(columns == self.columns, "it takes {} columns, got {columns}", self.columns);
        let numbers = input.cast_to::<f32>()?;
        for row in numbers.try_as_plain_ram()?.as_slice::<f32>()?.chunks_exact(columns) {
            let vectors = self.values.chunks_exact(self.columns);
            answer(&vectors.map(|vector| self.likeness.between(row, vector)).collect::<Vec<_>>());
        }
        Ok(rows)
    }
}

#[derive(Debug)]
struct Regressor {
    vectors: Vectors,
    coefficients: Vec<f32>,
    rho: f32,
    one_class: bool,
}

pub(super) fn regressor(attributes: &Attributes<'_>) -> TractResult<Arc<dyn Kernel>> {
    ensure!(PostTransform::of(attributes)? == PostTransform::None, "SVMRegressor with a post_transform");
    let coefficients = attributes.floats("coefficients").to_vec();
    let count = usize::try_from(attributes.integer("n_supports", 0))?;
    ensure!(count > 0 && count == coefficients.len(), "SVMRegressor without support vectors");
    Ok(Arc::new(Regressor {
        vectors: Vectors::of(attributes, count)?,
        coefficients,
        rho: attributes.floats("rho").first().copied().unwrap_or(0.0),
        one_class: attributes.integer("one_class", 0) != 0,
    }))
}

impl Kernel for Regressor {
    fn outputs(&self, inputs: &[Fact]) -> TractResult<Vec<Fact>> {
        Ok(vec![(f32::datum_type(), tvec![rows_of(first(inputs)?), 1.to_dim()])])
    }

    fn run(&self, inputs: &[TValue]) -> TractResult<Vec<Tensor>> {
        let mut values = Vec::new();
        let rows = self.vectors.each_row(first(inputs)?, |likeness| {
            let sum: f32 =
                likeness.iter().zip(&self.coefficients).map(|(a, b)| a * b).sum::<f32>() + self.rho;
            values.push(if !self.one_class {
                sum
            } else if sum > 0.0 {
                1.0
            } else {
                -1.0
            });
        })?;
        Ok(vec![floats(&[rows, 1], &values)?])
    }
}

/// One machine for every two classes, their answers put together.
#[derive(Debug)]
struct Classifier {
    vectors: Vectors,
    /// How many vectors each class has, side by side in `vectors`.
    per_class: Vec<usize>,
    /// `[classes - 1, vectors]`.
    coefficients: Vec<f32>,
    rho: Vec<f32>,
    /// Slope and offset of each pair's probability.
    sigmoids: Vec<(f32, f32)>,
    labels: Labels,
}

pub(super) fn classifier(attributes: &Attributes<'_>) -> TractResult<Arc<dyn Kernel>> {
    ensure!(PostTransform::of(attributes)? == PostTransform::None, "SVMClassifier with a post_transform");
    let per_class = attributes.indices("vectors_per_class")?;
    let classes = per_class.len();
    let count =
        per_class.iter().try_fold(0_usize, |sum, &count| sum.checked_add(count)).unwrap_or(usize::MAX);
    let pairs = classes.checked_mul(classes.saturating_sub(1)).map_or(0, |twice| twice / 2);
    let [coefficients, rho, slopes, offsets] =
        ["coefficients", "rho", "prob_a", "prob_b"].map(|name| attributes.floats(name));
    ensure!(
        classes >= 2 && !slopes.is_empty(),
        "SVMClassifier without support vectors or without probabilities"
    );
    let sized = count.checked_mul(classes - 1) == Some(coefficients.len())
        && [rho.len(), slopes.len(), offsets.len()].iter().all(|&length| length == pairs);
    ensure!(sized, "the lists of SVMClassifier do not fit one another");
    let labels = Labels::of(attributes, "classlabels_ints")?;
    ensure!(labels.len() == classes, "{} labels for {classes} classes", labels.len());
    Ok(Arc::new(Classifier {
        vectors: Vectors::of(attributes, count)?,
        per_class,
        coefficients: coefficients.to_vec(),
        rho: rho.to_vec(),
        sigmoids: slopes.iter().copied().zip(offsets.iter().copied()).collect(),
        labels,
    }))
}

impl Kernel for Classifier {
    fn outputs(&self, inputs: &[Fact]) -> TractResult<Vec<Fact>> {
        let rows = rows_of(first(inputs)?);
        Ok(vec![self.labels.fact(rows.clone()), (f32::datum_type(), tvec![rows, self.labels.len().to_dim()])])
    }

    fn run(&self, inputs: &[TValue]) -> TractResult<Vec<Tensor>> {
        let (mut winners, mut scores) = (Vec::new(), Vec::new());
        let rows = self.vectors.each_row(first(inputs)?, |likeness| {
            let (against, votes) = self.pairwise(likeness);
            // The label is that of most pairs, even where the probabilities say otherwise.
            winners.push(largest(&votes));
            scores.extend(coupled(&against));
        })?;
        Ok(vec![self.labels.at(&winners)?, floats(&[rows, self.labels.len()], &scores)?])
    }
}

impl Classifier {
    /// How probable each class is against each other one, `[class][other]`, and how many pairs each class wins.
    fn pairwise(&self, likeness: &[f32]) -> (Vec<Vec<f32>>, Vec<f32>) {
        let classes = self.per_class.len();
        let total = likeness.len();
        let starts: Vec<usize> = self
            .per_class
            .iter()
            .scan(0, |next, count| Some(std::mem::replace(next, *next + count)))
            .collect();
        // What the vectors of class `of` say, in the row of coefficients that faces another class.
        let part = |of: usize, row: usize| {
            let start = starts.get(of).copied().unwrap_or(0);
            let end = start + self.per_class.get(of).copied().unwrap_or(0);
            let weights = self.coefficients.get(row * total + start..row * total + end).unwrap_or_default();
            let likeness = likeness.get(start..end).unwrap_or_default();
            likeness.iter().zip(weights).map(|(a, b)| f64::from(*a) * f64::from(*b)).sum::<f64>()
        };
        let mut against = vec![vec![0.0; classes]; classes];
        let mut votes = vec![0.0; classes];
        let mut pairs = self.rho.iter().zip(&self.sigmoids);
        for first in 0..classes {
            for second in first + 1..classes {
                let Some((rho, (slope, offset))) = pairs.next() else { return (against, votes) };
                let score = (part(first, second - 1) + part(second, first)) as f32 + rho;
                if let Some(votes) = votes.get_mut(if score > 0.0 { first } else { second }) {
                    *votes += 1.0;
                }
                let exponent = score * slope + offset;
                let probability = 1.0 / (1.0 + exponent.exp());
                let probability = probability.clamp(1e-7, 1.0 - 1e-7);
                if let Some(value) = against.get_mut(first).and_then(|row| row.get_mut(second)) {
                    *value = probability;
                }
                if let Some(value) = against.get_mut(second).and_then(|row| row.get_mut(first)) {
                    *value = 1.0 - probability;
                }
            }
        }
        (against, votes)
    }
}

/// The probabilities that agree best with those of all pairs (Wu, Lin and Weng 2004, second method).
fn coupled(against: &[Vec<f32>]) -> Vec<f32> {
    let classes = against.len();
    let at =
        |row: usize, column: usize| against.get(row).and_then(|row| row.get(column)).copied().unwrap_or(0.0);
    let cost = |row: usize, column: usize| {
        if row == column {
            (0..classes)
                .filter(|&other| other != row)
                .map(|other| at(other, row) * at(other, row))
                .sum::<f32>()
        } else {
            -at(column, row) * at(row, column)
        }
    };
    let costs: Vec<Vec<f32>> =
        (0..classes).map(|row| (0..classes).map(|column| cost(row, column)).collect()).collect();
    let mut probabilities = vec![1.0 / classes as f32; classes];
    let tolerance = 0.005 / classes as f32;
    for _ in 0..classes.max(100) {
        let mut slopes: Vec<f32> =
            costs.iter().map(|row| row.iter().zip(&probabilities).map(|(a, b)| a * b).sum()).collect();
        let mut mean: f32 = slopes.iter().zip(&probabilities).map(|(a, b)| a * b).sum();
        if slopes.iter().all(|slope| (slope - mean).abs() < tolerance) {
            break;
        }
        for (class, row) in costs.iter().enumerate() {
            let own = row.get(class).copied().unwrap_or(1.0);
            let slope = slopes.get(class).copied().unwrap_or(0.0);
            let step = (mean - slope) / own;
            if let Some(probability) = probabilities.get_mut(class) {
                *probability += step;
            }
            mean = (mean + step * (step * own + 2.0 * slope)) / (1.0 + step) / (1.0 + step);
            for ((slope, cost), probability) in slopes.iter_mut().zip(row).zip(&mut probabilities) {
                *slope = (*slope + step * cost) / (1.0 + step);
                *probability /= 1.0 + step;
            }
        }
    }
    probabilities
}
