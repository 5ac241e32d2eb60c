//! Kernels of ours where candle's are wrong or slow on the CPU, each with its gradient.
//!
//! Every operation has a second form made of candle's own operations, for devices that are not the CPU.

mod activation;
mod conv;
mod im2col;
mod linear;
mod loss;
mod norm;
mod pool;
#[cfg(test)]
mod tests;

pub(crate) use activation::{dropout, relu};
pub(crate) use conv::{Convolution, conv2d};
pub(crate) use linear::linear;
pub(crate) use loss::{cross_entropy, mean_squared_error, softmax};
pub(crate) use norm::layer_norm;
pub(crate) use pool::max_pool2d;

use candle_core::{CpuStorage, DType, Layout, Result, Storage, Tensor, WithDType, bail};

/// The values of a tensor in row-major order, as part of its storage.
pub(crate) fn values<'a, T: WithDType>(storage: &'a CpuStorage, layout: &Layout) -> Result<&'a [T]> {
    let all = T::cpu_storage_as_slice(storage)?;
    match layout.contiguous_offsets() {
        Some((start, end)) if end <= all.len() => Ok(&all[start..end]),
        _ => bail!("a kernel was given a tensor that is not row-major: {layout:?}"),
    }
}

/// Calls `read` with the storage of a tensor on the CPU.
pub(crate) fn on_cpu<R>(tensor: &Tensor, read: impl FnOnce(&CpuStorage, &Layout) -> Result<R>) -> Result<R> {
    let (storage, layout) = tensor.storage_and_layout();
    match &*storage {
        Storage::Cpu(storage) => read(storage, layout),
        _ => bail!("a CPU kernel was given a tensor on another device"),
    }
}

/// Calls a function generic over the element type with that of `$dtype`.
macro_rules! by_dtype {
    ($dtype:expr, $function:ident ( $($argument:expr),* $(,)? )) => {
        match $dtype {
            candle_core::DType::F32 => $function::<f32>($($argument),*),
            candle_core::DType::F64 => $function::<f64>($($argument),*),
            other => candle_core::bail!("no kernel for {other:?}"),
        }
    };
}
pub(crate) use by_dtype;

/// `values` as elements of another type.
pub(crate) fn converted<T: WithDType>(values: &[f64]) -> Vec<T> {
    values.iter().map(|&value| T::from_f64(value)).collect()
}

/// The gradient where the result of a rectifier is positive, else 0.
pub(crate) fn masked(result: &Tensor, gradient: &Tensor) -> Result<Tensor> {
    fn run<T: WithDType>(result: &Tensor, gradient: &Tensor) -> Result<Tensor> {
        let zero = T::from_f64(0.0);
        let kept: Vec<T> = on_cpu(result, |result_storage, result_layout| {
            on_cpu(gradient, |storage, layout| {
                let results = values::<T>(result_storage, result_layout)?;
                let gradients = values::<T>(storage, layout)?;
                Ok(results.iter().zip(gradients).map(|(&r, &g)| if r > zero { g } else { zero }).collect())
            })
        })?;
        Tensor::from_vec(kept, gradient.shape(), gradient.device())
    }
    let gradient = gradient.contiguous()?;
    by_dtype!(gradient.dtype(), run(result, &gradient))
}

/// Whether the kernels of this module can take the tensor.
pub(crate) fn has_kernels(tensor: &Tensor) -> bool {
    tensor.device().is_cpu() && matches!(tensor.dtype(), DType::F32 | DType::F64)
}
