//! A fully connected layer with its bias, and the rectifier after it where there is one.

use candle_core::backend::BackendStorage as _;
use candle_core::{CpuStorage, CustomOp3, Layout, Result, Shape, Tensor, WithDType};

use super::activation::storage_dtype;
use super::{by_dtype, has_kernels, masked, on_cpu, values};

struct Linear {
    rectified: bool,
}

impl CustomOp3 for Linear {
    fn name(&self) -> &'static str {
        "linear"
    }

    fn cpu_fwd(
        &self,
        x: &CpuStorage,
        x_layout: &Layout,
        weight: &CpuStorage,
        weight_layout: &Layout,
        bias: &CpuStorage,
        bias_layout: &Layout,
    ) -> Result<(CpuStorage, Shape)> {
        fn run<T: WithDType>(
            product: CpuStorage,
            bias: &CpuStorage,
            bias_layout: &Layout,
            rectified: bool,
        ) -> Result<CpuStorage> {
            let zero = T::from_f64(0.0);
            let bias = values::<T>(bias, bias_layout)?;
            let mut sums = T::cpu_storage_data(product)?;
            for row in sums.chunks_exact_mut(bias.len()) {
                for (sum, &b) in row.iter_mut().zip(bias) {
                    *sum += b;
                }
            }
            if rectified {
                for sum in &mut sums {
                    *sum = if *sum < zero { zero } else { *sum };
                }
            }
            Ok(T::to_cpu_storage_owned(sums))
        }
        let (rows, inputs) = x_layout.shape().dims2()?;
        let (units, _) = weight_layout.shape().dims2()?;
        let product =
            x.matmul(weight, (1, rows, units, inputs), x_layout, &weight_layout.transpose(0, 1)?)?;
        let sums = by_dtype!(storage_dtype(x), run(product, bias, bias_layout, self.rectified))?;
        Ok((sums, Shape::from((rows, units))))
    }

    fn bwd(
        &self,
        x: &Tensor,
        weight: &Tensor,
        _bias: &Tensor,
        result: &Tensor,
        gradient: &Tensor,
    ) -> Result<(Option<Tensor>, Option<Tensor>, Option<Tensor>)> {
        let gradient = if self.rectified { masked(result, gradient)? } else { gradient.contiguous()? };
        // The data needs no gradient: the first layer skips it.
        let of_x = if x.track_op() { Some(gradient.matmul(weight)?) } else { None };
        let of_weight = gradient.t()?.matmul(x)?;
        let of_bias = column_sums(&gradient)?;
        Ok((of_x, Some(of_weight), Some(of_bias)))
    }
}

/// Sums over the rows of `[rows, columns]`.
fn column_sums(matrix: &Tensor) -> Result<Tensor> {
    fn run<T: WithDType>(matrix: &Tensor, columns: usize) -> Result<Tensor> {
        let mut sums = vec![T::from_f64(0.0); columns];
        on_cpu(matrix, |storage, layout| {
            for row in values::<T>(storage, layout)?.chunks_exact(columns) {
                for (sum, &value) in sums.iter_mut().zip(row) {
                    *sum += value;
                }
            }
            Ok(())
        })?;
        Tensor::from_vec(sums, columns, matrix.device())
    }
    let (_, columns) = matrix.dims2()?;
    by_dtype!(matrix.dtype(), run(matrix, columns))
}

/// `x · weightᵀ + bias`, rectified if asked: `[rows, inputs]`, `[units, inputs]`, `[units]` to `[rows, units]`.
pub(crate) fn linear(x: &Tensor, weight: &Tensor, bias: &Tensor, rectified: bool) -> Result<Tensor> {
    if has_kernels(x) {
        return x.contiguous()?.apply_op3(weight, bias, Linear { rectified });
    }
    portable(x, weight, bias, rectified)
}

/// The same of candle's own operations.
pub(super) fn portable(x: &Tensor, weight: &Tensor, bias: &Tensor, rectified: bool) -> Result<Tensor> {
    let sums = x.matmul(&weight.t()?)?.broadcast_add(bias)?;
    if rectified { sums.relu() } else { Ok(sums) }
}
