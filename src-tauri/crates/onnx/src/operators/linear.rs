//! Linear models.

use std::sync::Arc;

use tract_onnx::tract_hir::internal::*;

use super::scores::{Labels, PostTransform, largest, logistic};
use super::{Attributes, Fact, Kernel, first, floats, rows_of, table_of};

/// One weighted sum a target.
#[derive(Debug)]
struct Linear {
    targets: usize,
    /// `[targets, columns]`.
    coefficients: Vec<f32>,
    intercepts: Vec<f32>,
}

impl Linear {
    /// `[rows, targets]`.
    fn sums(&self, input: &Tensor) -> TractResult<(usize, Vec<f32>)> {
        let (rows, columns) = table_of(input.shape())?;
        let expected = self.coefficients.len() / self.targets;
        ensure!(columns == expected, "it takes {expected} columns, got {columns}");
        let numbers = input.cast_to::<f32>()?;
        let values = numbers.try_as_plain_ram()?.as_slice::<f32>()?;
        let mut sums = Vec::with_capacity(rows * self.targets);
        for row in values.chunks_exact(columns.max(1)) {
            for (target, weights) in self.coefficients.chunks_exact(columns.max(1)).enumerate() {
                let sum: f32 = row.iter().zip(weights).map(|(value, weight)| value * weight).sum();
                sums.push(sum + self.intercepts.get(target).copied().unwrap_or(0.0));
            }
        }
        Ok((rows, sums))
    }
}

fn linear(attributes: &Attributes<'_>, targets: usize) -> TractResult<Linear> {
    let coefficients = attributes.floats("coefficients").to_vec();
    let intercepts = attributes.floats("intercepts").to_vec();
    let fits = targets > 0 && !coefficients.is_empty() && coefficients.len().is_multiple_of(targets);
    ensure!(fits, "{} coefficients cannot be shared by {targets} targets", coefficients.len());
    ensure!(
        intercepts.is_empty() || intercepts.len() == targets,
        "{} intercepts for {targets}",
        intercepts.len()
    );
    Ok(Linear { targets, coefficients, intercepts })
}

#[derive(Debug)]
struct Regressor {
    linear: Linear,
    post: PostTransform,
}

pub(super) fn regressor(attributes: &Attributes<'_>) -> TractResult<Arc<dyn Kernel>> {
    let targets = usize::try_from(attributes.integer("targets", 1))?;
    Ok(Arc::new(Regressor { linear: linear(attributes, targets)?, post: PostTransform::of(attributes)? }))
}

impl Kernel for Regressor {
    fn outputs(&self, inputs: &[Fact]) -> TractResult<Vec<Fact>> {
        Ok(vec![(f32::datum_type(), tvec![rows_of(first(inputs)?), self.linear.targets.to_dim()])])
    }

    fn run(&self, inputs: &[TValue]) -> TractResult<Vec<Tensor>> {
        let (rows, mut sums) = self.linear.sums(first(inputs)?)?;
        sums.chunks_exact_mut(self.linear.targets).for_each(|row| self.post.apply(row));
        Ok(vec![floats(&[rows, self.linear.targets], &sums)?])
    }
}

#[derive(Debug)]
struct Classifier {
    linear: Linear,
    labels: Labels,
    post: PostTransform,
}

pub(super) fn classifier(attributes: &Attributes<'_>) -> TractResult<Arc<dyn Kernel>> {
    let labels = Labels::of(attributes, "classlabels_ints")?;
    let intercepts = attributes.floats("intercepts").len();
    let targets = if intercepts > 0 { intercepts } else { labels.len().max(1) };
    let linear = linear(attributes, targets)?;
    Ok(Arc::new(Classifier { linear, labels, post: PostTransform::of(attributes)? }))
}

impl Classifier {
    /// Whether one sum stands for two classes.
    fn two_of_one(&self) -> bool {
        self.linear.targets == 1 && self.labels.len() == 2
    }

    fn width(&self) -> usize {
        if self.two_of_one() { 2 } else { self.linear.targets }
    }
}

impl Kernel for Classifier {
    fn outputs(&self, inputs: &[Fact]) -> TractResult<Vec<Fact>> {
        let rows = rows_of(first(inputs)?);
        Ok(vec![self.labels.fact(rows.clone()), (f32::datum_type(), tvec![rows, self.width().to_dim()])])
    }

    fn run(&self, inputs: &[TValue]) -> TractResult<Vec<Tensor>> {
        let (rows, mut sums) = self.linear.sums(first(inputs)?)?;
        let scores = sums.chunks_exact(self.linear.targets);
        let winners: Vec<usize> = if self.linear.targets == 1 {
            scores.map(|row| usize::from(row.first().is_some_and(|&score| score > 0.0))).collect()
        } else {
            scores.map(largest).collect()
        };
        if self.two_of_one() {
            let pair = |&sum: &f32| match self.post {
                PostTransform::Logistic => [logistic(-sum), logistic(sum)],
                _ => [1.0 - sum, sum],
            };
            sums = sums.iter().flat_map(pair).collect();
        } else {
            sums.chunks_exact_mut(self.linear.targets).for_each(|row| self.post.apply(row));
        }
        Ok(vec![self.labels.at(&winners)?, floats(&[rows, self.width()], &sums)?])
    }
}
