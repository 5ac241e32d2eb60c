//! Rectifier and dropout.

use candle_core::{CpuStorage, CustomOp1, Layout, Result, Shape, Tensor, WithDType};

use super::{by_dtype, has_kernels, masked, values};
use crate::streams::Stream;

struct Relu;

impl CustomOp1 for Relu {
    fn name(&self) -> &'static str {
        "relu"
    }

    fn cpu_fwd(&self, storage: &CpuStorage, layout: &Layout) -> Result<(CpuStorage, Shape)> {
        fn run<T: WithDType>(storage: &CpuStorage, layout: &Layout) -> Result<CpuStorage> {
            let zero = T::from_f64(0.0);
            // Written so that NaN stays NaN.
            let kept = values::<T>(storage, layout)?.iter().map(|&x| if x < zero { zero } else { x });
            Ok(T::to_cpu_storage_owned(kept.collect()))
        }
        Ok((by_dtype!(storage_dtype(storage), run(storage, layout))?, layout.shape().clone()))
    }

    fn bwd(&self, _arg: &Tensor, result: &Tensor, gradient: &Tensor) -> Result<Option<Tensor>> {
        Ok(Some(masked(result, gradient)?))
    }
}

/// The element type of a storage.
pub(crate) fn storage_dtype(storage: &CpuStorage) -> candle_core::DType {
    candle_core::backend::BackendStorage::dtype(storage)
}

/// `max(x, 0)`, of any shape; NaN stays NaN.
pub(crate) fn relu(x: &Tensor) -> Result<Tensor> {
    if has_kernels(x) { x.contiguous()?.apply_op1(Relu) } else { x.relu() }
}

/// Leaves out each value with probability `rate` and scales the rest up, so that the mean stays.
pub(crate) fn dropout(x: &Tensor, rate: f64, stream: &mut Stream) -> Result<Tensor> {
    let keep = (1.0 / (1.0 - rate)) as f32;
    let rate = rate as f32;
    let mask: Vec<f32> = (0..x.elem_count()).map(|_| if stream.unit() < rate { 0.0 } else { keep }).collect();
    x.mul(&Tensor::from_vec(mask, x.shape(), x.device())?.to_dtype(x.dtype())?)
}
