//! Losses, computed and differentiated in f64 whatever the model's type.

use candle_core::{CpuStorage, CustomOp1, DType, Layout, Result, Shape, Tensor, WithDType, bail};

use super::activation::storage_dtype;
use super::{by_dtype, converted, has_kernels, on_cpu, values};

/// Adds `exp(x − max)` up: the softmax of a row and the log of its sum, both in f64.
pub(crate) fn softmax(row: &[f64]) -> (Vec<f64>, f64) {
    let largest = row.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    let mut shares: Vec<f64> = row.iter().map(|&x| (x - largest).exp()).collect();
    let sum: f64 = shares.iter().sum();
    for share in &mut shares {
        *share /= sum;
    }
    (shares, largest + sum.ln())
}

struct CrossEntropy {
    labels: Vec<u32>,
    smoothing: f64,
}

impl CrossEntropy {
    /// How much of the target lies on `class`.
    fn share(&self, label: u32, class: usize, classes: usize) -> f64 {
        let even = self.smoothing / classes as f64;
        if label as usize == class { 1.0 - self.smoothing + even } else { even }
    }

    fn loss<T: WithDType>(&self, logits: &[T], classes: usize) -> f64 {
        let mut total = 0.0;
        for (row, &label) in logits.chunks_exact(classes).zip(&self.labels) {
            let row: Vec<f64> = row.iter().map(|value| value.to_f64()).collect();
            let (_, log_sum) = softmax(&row);
            for (class, &logit) in row.iter().enumerate() {
                let share = self.share(label, class, classes);
                // A class without a share says nothing, even where its logit is infinite.
                if share > 0.0 {
                    total += share * (log_sum - logit);
                }
            }
        }
        total / self.labels.len() as f64
    }
}

impl CustomOp1 for CrossEntropy {
    fn name(&self) -> &'static str {
        "cross_entropy"
    }

    fn cpu_fwd(&self, storage: &CpuStorage, layout: &Layout) -> Result<(CpuStorage, Shape)> {
        fn run<T: WithDType>(
            op: &CrossEntropy,
            storage: &CpuStorage,
            layout: &Layout,
            classes: usize,
        ) -> Result<CpuStorage> {
            let loss = op.loss(values::<T>(storage, layout)?, classes);
            Ok(T::to_cpu_storage_owned(vec![T::from_f64(loss)]))
        }
        let (rows, classes) = layout.shape().dims2()?;
        if rows != self.labels.len() || rows == 0 {
            bail!("{rows} rows of logits for {} labels", self.labels.len());
        }
        Ok((by_dtype!(storage_dtype(storage), run(self, storage, layout, classes))?, Shape::from(())))
    }

    fn bwd(&self, logits: &Tensor, _result: &Tensor, gradient: &Tensor) -> Result<Option<Tensor>> {
        fn run<T: WithDType>(op: &CrossEntropy, logits: &Tensor, scale: f64) -> Result<Tensor> {
            let (rows, classes) = logits.dims2()?;
            let mut out = Vec::with_capacity(rows * classes);
            on_cpu(logits, |storage, layout| {
                for (row, &label) in values::<T>(storage, layout)?.chunks_exact(classes).zip(&op.labels) {
                    let row: Vec<f64> = row.iter().map(|value| value.to_f64()).collect();
                    let (shares, _) = softmax(&row);
                    let wanted = (0..classes).map(|class| op.share(label, class, classes));
                    out.extend(shares.iter().zip(wanted).map(|(p, w)| T::from_f64((p - w) * scale)));
                }
                Ok(())
            })?;
            Tensor::from_vec(out, logits.shape(), logits.device())
        }
        let scale = gradient.to_dtype(DType::F64)?.to_scalar::<f64>()? / self.labels.len() as f64;
        Ok(Some(by_dtype!(logits.dtype(), run(self, logits, scale))?))
    }
}

/// Mean over the rows of the cross-entropy of `logits` `[rows, classes]` against `labels`, softened by `smoothing`.
pub(crate) fn cross_entropy(logits: &Tensor, labels: Vec<u32>, smoothing: f64) -> Result<Tensor> {
    if has_kernels(logits) {
        return logits.contiguous()?.apply_op1(CrossEntropy { labels, smoothing });
    }
    portable_cross_entropy(logits, labels, smoothing)
}

/// The same of candle's own operations.
pub(super) fn portable_cross_entropy(logits: &Tensor, labels: Vec<u32>, smoothing: f64) -> Result<Tensor> {
    let (rows, classes) = logits.dims2()?;
    let op = CrossEntropy { labels, smoothing };
    let wanted: Vec<f64> = op
        .labels
        .iter()
        .flat_map(|&label| (0..classes).map(move |class| (label, class)))
        .map(|(label, class)| op.share(label, class, classes))
        .collect();
    let wanted = Tensor::from_vec(converted::<f32>(&wanted), (rows, classes), logits.device())?;
    let losses = wanted.to_dtype(logits.dtype())?.mul(&candle_nn::ops::log_softmax(logits, 1)?)?;
    losses.sum_all()?.affine(-1.0 / rows as f64, 0.0)
}

struct SquaredError {
    wanted: Vec<f64>,
}

impl CustomOp1 for SquaredError {
    fn name(&self) -> &'static str {
        "mean_squared_error"
    }

    fn cpu_fwd(&self, storage: &CpuStorage, layout: &Layout) -> Result<(CpuStorage, Shape)> {
        fn run<T: WithDType>(wanted: &[f64], storage: &CpuStorage, layout: &Layout) -> Result<CpuStorage> {
            let answers = values::<T>(storage, layout)?;
            let total: f64 = answers.iter().zip(wanted).map(|(a, w)| (a.to_f64() - w).powi(2)).sum();
            Ok(T::to_cpu_storage_owned(vec![T::from_f64(total / wanted.len() as f64)]))
        }
        if layout.shape().elem_count() != self.wanted.len() || self.wanted.is_empty() {
            bail!("{:?} answers for {} values", layout.shape(), self.wanted.len());
        }
        Ok((by_dtype!(storage_dtype(storage), run(&self.wanted, storage, layout))?, Shape::from(())))
    }

    fn bwd(&self, answers: &Tensor, _result: &Tensor, gradient: &Tensor) -> Result<Option<Tensor>> {
        fn run<T: WithDType>(wanted: &[f64], answers: &Tensor, scale: f64) -> Result<Tensor> {
            let out: Vec<T> = on_cpu(answers, |storage, layout| {
                let answers = values::<T>(storage, layout)?;
                Ok(answers.iter().zip(wanted).map(|(a, w)| T::from_f64((a.to_f64() - w) * scale)).collect())
            })?;
            Tensor::from_vec(out, answers.shape(), answers.device())
        }
        let scale = 2.0 * gradient.to_dtype(DType::F64)?.to_scalar::<f64>()? / self.wanted.len() as f64;
        Ok(Some(by_dtype!(answers.dtype(), run(&self.wanted, answers, scale))?))
    }
}

/// Mean over the rows of the squared difference of `answers` `[rows, 1]` and `wanted`.
pub(crate) fn mean_squared_error(answers: &Tensor, wanted: Vec<f64>) -> Result<Tensor> {
    if has_kernels(answers) {
        return answers.contiguous()?.apply_op1(SquaredError { wanted });
    }
    let wanted = Tensor::from_vec(converted::<f32>(&wanted), answers.shape(), answers.device())?;
    answers.sub(&wanted.to_dtype(answers.dtype())?)?.sqr()?.mean_all()
}
