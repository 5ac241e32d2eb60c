//! From scores to probabilities and labels, as the classifiers of `ai.onnx.ml` do.

use tract_onnx::tract_hir::internal::*;

use super::{Attributes, Fact, texts};

/// What is done to the scores at the end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum PostTransform {
    None,
    Softmax,
    SoftmaxZero,
    Logistic,
    Probit,
}

impl PostTransform {
    pub fn of(attributes: &Attributes<'_>) -> TractResult<Self> {
        Ok(match attributes.text("post_transform", "NONE")?.as_str() {
            "NONE" => Self::None,
            "SOFTMAX" => Self::Softmax,
            "SOFTMAX_ZERO" => Self::SoftmaxZero,
            "LOGISTIC" => Self::Logistic,
            "PROBIT" => Self::Probit,
            other => bail!("there is no post_transform {other}"),
        })
    }

    pub fn apply(self, row: &mut [f32]) {
        match self {
            Self::None => {}
            Self::Logistic => row.iter_mut().for_each(|score| *score = logistic(*score)),
            Self::Probit => row.iter_mut().for_each(|score| *score = probit(*score)),
            Self::Softmax | Self::SoftmaxZero => {
                let largest = row.iter().copied().fold(f32::NEG_INFINITY, f32::max);
                let mut sum = 0.0;
                for score in row.iter_mut() {
                    // The kinder softmax leaves out classes without any score.
                    if self == Self::SoftmaxZero && score.abs() <= 1e-7 {
                        *score *= (-largest).exp();
                    } else {
                        *score = (*score - largest).exp();
                        sum += *score;
                    }
                }
                for score in row {
                    *score /= sum;
                }
            }
        }
    }
}

pub(super) fn logistic(score: f32) -> f32 {
    let positive = 1.0 / (1.0 + (-score.abs()).exp());
    if score < 0.0 { 1.0 - positive } else { positive }
}

/// The normal quantile by Winitzki's approximation, with onnxruntime's constants.
#[expect(clippy::approx_constant, reason = "the constant is as short as onnxruntime's")]
fn probit(probability: f32) -> f32 {
    let x = 2.0 * probability - 1.0;
    let log = ((1.0 - x) * (1.0 + x)).ln();
    let half = 2.0 / (3.14159 * 0.147) + 0.5 * log;
    let root = (half * half - log / 0.147).sqrt() - half;
    let sign = if x < 0.0 { -1.0 } else { 1.0 };
    std::f32::consts::SQRT_2 * sign * root.sqrt()
}

/// The labels of the classes.
#[derive(Debug)]
pub(super) enum Labels {
    Texts(Vec<String>),
    Integers(Vec<i64>),
}

impl Labels {
    /// From `classlabels_strings`, else from the integers under `integers`.
    pub fn of(attributes: &Attributes<'_>, integers: &str) -> TractResult<Self> {
        let words = attributes.texts("classlabels_strings")?;
        let numbers = attributes.integers(integers);
        Ok(if words.is_empty() { Self::Integers(numbers.to_vec()) } else { Self::Texts(words) })
    }

    pub fn len(&self) -> usize {
        match self {
            Self::Texts(labels) => labels.len(),
            Self::Integers(labels) => labels.len(),
        }
    }

    pub fn fact(&self, rows: TDim) -> Fact {
        let kind = if matches!(self, Self::Texts(_)) { String::datum_type() } else { i64::datum_type() };
        (kind, tvec![rows])
    }

    /// The labels of the classes at `winners`; the number itself where it has none.
    pub fn at(&self, winners: &[usize]) -> TractResult<Tensor> {
        match self {
            Self::Texts(labels) => {
                let label = |&at: &usize| labels.get(at).cloned().unwrap_or_else(|| at.to_string());
                texts(&[winners.len()], winners.iter().map(label).collect())
            }
            Self::Integers(labels) => {
                let label = |&at: &usize| {
                    labels.get(at).copied().unwrap_or_else(|| i64::try_from(at).unwrap_or(i64::MAX))
                };
                Tensor::from_shape(&[winners.len()], &winners.iter().map(label).collect::<Vec<_>>())
            }
        }
    }
}

/// The place of the largest score, the first of equals.
pub(super) fn largest(row: &[f32]) -> usize {
    let mut best = (0, f32::NEG_INFINITY);
    for (at, &score) in row.iter().enumerate() {
        if score > best.1 {
            best = (at, score);
        }
    }
    best.0
}
