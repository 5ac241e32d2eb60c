//! Optimisers and the learning rate over time. On the CPU weights are updated where they lie.

use candle_core::{CpuStorage, DType, InplaceOp2, InplaceOp3, Layout, Result, Tensor, Var, WithDType, bail};
use keelmark_manifest::{Optimizer, Schedule};

use crate::Error;
use crate::weights::NamedTensor;

/// The learning rate at a step of `total`, counted from 1.
pub(crate) fn learning_rate(
    optimizer: &Optimizer,
    schedule: Option<&Schedule>,
    step: u64,
    total: u64,
) -> f64 {
    let base = match *optimizer {
        Optimizer::Adamw { lr, .. } | Optimizer::Sgd { lr, .. } => lr,
    };
    match schedule {
        None => base,
        Some(&Schedule::Cosine { warmup, .. }) if step <= warmup => base * step as f64 / warmup as f64,
        Some(&Schedule::Cosine { warmup, minimum }) => {
            let share = (step - warmup) as f64 / total.saturating_sub(warmup).max(1) as f64;
            let fall = 0.5 * (1.0 + (std::f64::consts::PI * share.min(1.0)).cos());
            base * (minimum + (1.0 - minimum) * fall)
        }
    }
}

/// An optimiser with its memory of each weight.
#[derive(Debug)]
pub(crate) struct Learner {
    optimizer: Optimizer,
    parameters: Vec<Var>,
    /// Mean of the gradients (`AdamW`) or the velocity (SGD with momentum).
    first: Vec<Var>,
    /// Mean of the squared gradients (`AdamW`).
    second: Vec<Var>,
}

impl Learner {
    /// An optimiser that remembers nothing yet.
    pub(crate) fn new(optimizer: &Optimizer, parameters: &[Tensor]) -> std::result::Result<Self, Error> {
        let (has_first, has_second) = match *optimizer {
            Optimizer::Adamw { .. } => (true, true),
            Optimizer::Sgd { momentum, .. } => (momentum > 0.0, false),
        };
        let zeros = |wanted: bool| -> Result<Vec<Var>> {
            let tensors = if wanted { parameters } else { &[] };
            tensors.iter().map(|tensor| Var::zeros(tensor.shape(), tensor.dtype(), tensor.device())).collect()
        };
        Ok(Self {
            optimizer: optimizer.clone(),
            parameters: parameters.iter().map(Var::from_tensor).collect::<Result<_>>()?,
            first: zeros(has_first)?,
            second: zeros(has_second)?,
        })
    }

    /// What it remembers: `names[i]` with `/first` and `/second`.
    pub(crate) fn memory(&self, names: &[String]) -> Result<Vec<NamedTensor>> {
        let parts = [("first", &self.first), ("second", &self.second)];
        parts
            .into_iter()
            .flat_map(|(part, tensors)| names.iter().zip(tensors).map(move |pair| (part, pair)))
            .map(|(part, (name, tensor))| NamedTensor::of(format!("{part}/{name}"), tensor.as_tensor()))
            .collect()
    }

    /// Remembers again what [`Learner::memory`] gave. `take` finds a tensor by name and shape.
    pub(crate) fn restore(
        &mut self,
        names: &[String],
        mut take: impl FnMut(&str, &[usize]) -> std::result::Result<Vec<f32>, Error>,
    ) -> std::result::Result<(), Error> {
        for (part, tensors) in [("first", &self.first), ("second", &self.second)] {
            for (name, tensor) in names.iter().zip(tensors) {
                let values = take(&format!("{part}/{name}"), tensor.dims())?;
                let values = Tensor::from_vec(values, tensor.shape(), tensor.device())?;
                tensor.set(&values.to_dtype(tensor.dtype())?)?;
            }
        }
        Ok(())
    }

    /// Takes step number `step` (from 1) against `gradient(parameter)`.
    pub(crate) fn step(
        &self,
        step: u64,
        rate: f64,
        mut gradient: impl FnMut(&Tensor) -> Option<Tensor>,
    ) -> Result<()> {
        for (index, parameter) in self.parameters.iter().enumerate() {
            // A weight the loss does not depend on stays.
            let Some(gradient) = gradient(parameter.as_tensor()) else { continue };
            match self.optimizer {
                Optimizer::Adamw { weight_decay, beta1, beta2, epsilon, .. } => {
                    let exponent = i32::try_from(step).unwrap_or(i32::MAX);
                    let update = AdamUpdate {
                        keep: 1.0 - rate * weight_decay,
                        scale: rate / (1.0 - beta1.powi(exponent)),
                        correction: 1.0 - beta2.powi(exponent),
                        epsilon,
                    };
                    average(&self.first[index], &gradient, beta1, false)?;
                    average(&self.second[index], &gradient, beta2, true)?;
                    update.apply(parameter, &self.first[index], &self.second[index])?;
                }
                Optimizer::Sgd { momentum, weight_decay, .. } => {
                    let gradient = if weight_decay > 0.0 {
                        gradient.add(&parameter.as_tensor().detach().affine(weight_decay, 0.0)?)?
                    } else {
                        gradient
                    };
                    let direction = match self.first.get(index) {
                        None => gradient,
                        Some(velocity) => {
                            let next = velocity.as_tensor().detach().affine(momentum, 0.0)?.add(&gradient)?;
                            velocity.set(&next)?;
                            next
                        }
                    };
                    parameter.set(&parameter.as_tensor().detach().sub(&direction.affine(rate, 0.0)?)?)?;
                }
            }
        }
        Ok(())
    }
}

fn in_place(tensor: &Tensor) -> bool {
    tensor.device().is_cpu() && tensor.dtype() == DType::F32 && tensor.is_contiguous()
}

/// `mean ← beta·mean + (1 − beta)·g`, or with g² if `squared`.
fn average(mean: &Var, gradient: &Tensor, beta: f64, squared: bool) -> Result<()> {
    let gradient = gradient.contiguous()?;
    if in_place(mean) && in_place(&gradient) {
        return mean
            .inplace_op2(&gradient, &Average { keep: beta as f32, take: (1.0 - beta) as f32, squared });
    }
    let gradient = if squared { gradient.sqr()? } else { gradient };
    mean.set(&(mean.as_tensor().detach().affine(beta, 0.0)? + gradient.affine(1.0 - beta, 0.0)?)?)
}

/// The two shares are rounded each on its own: 1 − 0.999 in f32 would be off in the fifth digit.
struct Average {
    keep: f32,
    take: f32,
    squared: bool,
}

impl InplaceOp2 for Average {
    fn name(&self) -> &'static str {
        "average"
    }

    fn cpu_fwd(&self, mean: &mut CpuStorage, l1: &Layout, gradient: &CpuStorage, l2: &Layout) -> Result<()> {
        let mean = values_mut(mean, l1)?;
        let gradient = crate::ops::values::<f32>(gradient, l2)?;
        let (keep, take) = (self.keep, self.take);
        if self.squared {
            for (mean, &g) in mean.iter_mut().zip(gradient) {
                *mean = keep * *mean + take * (g * g);
            }
        } else {
            for (mean, &g) in mean.iter_mut().zip(gradient) {
                *mean = keep * *mean + take * g;
            }
        }
        Ok(())
    }
}

/// `w ← keep·w − scale·first / (√(second / correction) + epsilon)`.
struct AdamUpdate {
    keep: f64,
    scale: f64,
    correction: f64,
    epsilon: f64,
}

impl AdamUpdate {
    fn apply(&self, weight: &Var, first: &Var, second: &Var) -> Result<()> {
        if in_place(weight) {
            return weight.inplace_op3(first.as_tensor(), second.as_tensor(), self);
        }
        let root = second.as_tensor().detach().affine(1.0 / self.correction, 0.0)?.sqrt()?;
        let change = first.as_tensor().detach().div(&(root + self.epsilon)?)?.affine(self.scale, 0.0)?;
        weight.set(&weight.as_tensor().detach().affine(self.keep, 0.0)?.sub(&change)?)
    }
}

impl InplaceOp3 for AdamUpdate {
    fn name(&self) -> &'static str {
        "adam_update"
    }

    fn cpu_fwd(
        &self,
        weight: &mut CpuStorage,
        l1: &Layout,
        first: &CpuStorage,
        l2: &Layout,
        second: &CpuStorage,
        l3: &Layout,
    ) -> Result<()> {
        let (keep, scale, epsilon) = (self.keep as f32, self.scale as f32, self.epsilon as f32);
        let correction = (1.0 / self.correction) as f32;
        let first = crate::ops::values::<f32>(first, l2)?;
        let second = crate::ops::values::<f32>(second, l3)?;
        for ((w, &m), &v) in values_mut(weight, l1)?.iter_mut().zip(first).zip(second) {
            *w = keep * *w - scale * m / ((v * correction).sqrt() + epsilon);
        }
        Ok(())
    }
}

fn values_mut<'a>(storage: &'a mut CpuStorage, layout: &Layout) -> Result<&'a mut [f32]> {
    match (storage, layout.contiguous_offsets()) {
        (CpuStorage::F32(values), Some((start, end))) if end <= values.len() => Ok(&mut values[start..end]),
        _ => bail!("weights must be row-major {:?}", f32::DTYPE),
    }
}

#[cfg(test)]
mod tests {
    use candle_core::Device;

    use super::*;

    /// Three steps from (1, −2) where the gradient is (w/2 + 0.1, 2w − 0.3).
    fn three_steps(optimizer: &Optimizer, dtype: DType) -> Vec<f64> {
        let start = Tensor::new(&[1.0_f32, -2.0], &Device::Cpu).and_then(|start| start.to_dtype(dtype));
        let weight = Var::from_tensor(&start.expect("a tensor")).expect("a variable");
        let learner = Learner::new(optimizer, &[weight.as_tensor().clone()]).expect("a learner");
        let slope = Tensor::new(&[0.5_f32, 2.0], &Device::Cpu).and_then(|slope| slope.to_dtype(dtype));
        let shift = Tensor::new(&[0.1_f64, -0.3], &Device::Cpu).and_then(|shift| shift.to_dtype(dtype));
        let (slope, shift) = (slope.expect("a tensor"), shift.expect("a tensor"));
        for step in 1..=3 {
            let gradient = weight.as_tensor().detach().mul(&slope).and_then(|g| g.add(&shift));
            let gradient = gradient.expect("a gradient");
            learner.step(step, 0.1, |_| Some(gradient.clone())).expect("a step");
        }
        weight.as_tensor().to_dtype(DType::F64).and_then(|w| w.to_vec1()).expect("values")
    }

    #[test]
    fn steps_equal_the_published_formulas() {
        // From the papers' formulas in double precision, outside this program.
        let adamw = Optimizer::Adamw { lr: 0.1, weight_decay: 0.01, beta1: 0.9, beta2: 0.999, epsilon: 1e-8 };
        let sgd = Optimizer::Sgd { lr: 0.1, momentum: 0.9, weight_decay: 0.01 };
        for (optimizer, expected) in [
            (adamw, [0.698_541_895_160_684_1, -1.694_889_377_513_303_6]),
            (sgd, [0.672_564_139, 0.024_179_632]),
        ] {
            // f32 goes through the kernels that write in place, f64 through candle's operations.
            for (dtype, tolerance) in [(DType::F32, 1e-6), (DType::F64, 1e-12)] {
                for (got, expected) in three_steps(&optimizer, dtype).iter().zip(expected) {
                    assert!(
                        (got - expected).abs() < tolerance,
                        "{optimizer:?} {dtype:?}: {got}, not {expected}"
                    );
                }
            }
        }
    }

    #[test]
    fn the_cosine_rises_and_falls() {
        let sgd = Optimizer::Sgd { lr: 2.0, momentum: 0.0, weight_decay: 0.0 };
        let cosine = Schedule::Cosine { warmup: 10, minimum: 0.1 };
        let rate = |step| learning_rate(&sgd, Some(&cosine), step, 110);
        for (step, expected) in [(1, 0.2), (5, 1.0), (10, 2.0), (60, 1.1), (110, 0.2), (200, 0.2)] {
            assert!((rate(step) - expected).abs() < 1e-12, "step {step}: {} is not {expected}", rate(step));
        }
        assert!((learning_rate(&sgd, None, 70, 110) - 2.0).abs() < 1e-12, "without a schedule it stays");
        let only_rise = Schedule::Cosine { warmup: 500, minimum: 0.0 };
        let rate = learning_rate(&sgd, Some(&only_rise), 110, 110);
        assert!((rate - 0.44).abs() < 1e-12, "a rise longer than training is cut off: {rate}");
    }
}
