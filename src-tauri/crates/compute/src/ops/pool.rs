//! Max pooling. candle 0.11.1's own scales its gradient by 1/kernel², so this one is ours.

use candle_core::{CpuStorage, CustomOp1, Layout, Result, Shape, Tensor, WithDType, bail};

use super::activation::storage_dtype;
use super::{by_dtype, has_kernels, on_cpu, values};

#[derive(Clone, Copy)]
struct MaxPool {
    kernel: usize,
    stride: usize,
}

impl MaxPool {
    fn sizes(self, shape: &Shape) -> Result<(usize, usize, usize, usize, usize, usize)> {
        let (images, channels, height, width) = shape.dims4()?;
        match (height.checked_sub(self.kernel), width.checked_sub(self.kernel)) {
            (Some(down), Some(right)) if self.stride > 0 && self.kernel > 0 => {
                Ok((images, channels, height, width, down / self.stride + 1, right / self.stride + 1))
            }
            _ => bail!("a {0}×{0} window does not fit into {shape:?}", self.kernel),
        }
    }

    /// Offset within `plane` of the largest value of a window; the first of equals, the first NaN before all.
    fn largest<T: WithDType>(self, plane: &[T], width: usize, y: usize, x: usize) -> usize {
        let corner = y * self.stride * width + x * self.stride;
        let mut best = corner;
        for down in 0..self.kernel {
            for right in 0..self.kernel {
                let here = corner + down * width + right;
                // Written so that NaN wins and stays.
                if plane[here] > plane[best] || (is_nan(plane[here]) && !is_nan(plane[best])) {
                    best = here;
                }
            }
        }
        best
    }
}

fn is_nan<T: WithDType>(value: T) -> bool {
    value.partial_cmp(&value).is_none()
}

impl CustomOp1 for MaxPool {
    fn name(&self) -> &'static str {
        "max_pool2d"
    }

    fn cpu_fwd(&self, storage: &CpuStorage, layout: &Layout) -> Result<(CpuStorage, Shape)> {
        fn run<T: WithDType>(op: MaxPool, storage: &CpuStorage, layout: &Layout) -> Result<CpuStorage> {
            let (images, channels, height, width, out_height, out_width) = op.sizes(layout.shape())?;
            let mut out = Vec::with_capacity(images * channels * out_height * out_width);
            for plane in values::<T>(storage, layout)?.chunks_exact(height * width) {
                if op.kernel == 2 && op.stride == 2 {
                    for pair in plane.chunks_exact(2 * width).take(out_height) {
                        let (upper, lower) = pair.split_at(width);
                        let cells = upper.as_chunks::<2>().0.iter().zip(lower.as_chunks::<2>().0);
                        out.extend(cells.map(|(&[a, b], &[c, d])| larger(larger(a, b), larger(c, d))));
                    }
                    continue;
                }
                for y in 0..out_height {
                    out.extend((0..out_width).map(|x| plane[op.largest(plane, width, y, x)]));
                }
            }
            Ok(T::to_cpu_storage_owned(out))
        }
        let (images, channels, _, _, out_height, out_width) = self.sizes(layout.shape())?;
        let out = by_dtype!(storage_dtype(storage), run(*self, storage, layout))?;
        Ok((out, Shape::from((images, channels, out_height, out_width))))
    }

    fn bwd(&self, x: &Tensor, _result: &Tensor, gradient: &Tensor) -> Result<Option<Tensor>> {
        fn run<T: WithDType>(op: MaxPool, x: &Tensor, gradient: &Tensor) -> Result<Tensor> {
            let (_, _, height, width, out_height, out_width) = op.sizes(x.shape())?;
            let mut out = vec![T::from_f64(0.0); x.elem_count()];
            on_cpu(x, |x_storage, x_layout| {
                on_cpu(gradient, |storage, layout| {
                    let planes = values::<T>(x_storage, x_layout)?.chunks_exact(height * width);
                    let gradients = values::<T>(storage, layout)?.chunks_exact(out_height * out_width);
                    let targets = out.chunks_exact_mut(height * width);
                    for ((plane, gradient), target) in planes.zip(gradients).zip(targets) {
                        if op.kernel == 2 && op.stride == 2 {
                            back_by_quarters(plane, gradient, target, width, out_width);
                            continue;
                        }
                        for (place, &value) in gradient.iter().enumerate() {
                            target[op.largest(plane, width, place / out_width, place % out_width)] += value;
                        }
                    }
                    Ok(())
                })
            })?;
            Tensor::from_vec(out, x.shape(), x.device())
        }
        let gradient = gradient.contiguous()?;
        Ok(Some(by_dtype!(x.dtype(), run(*self, x, &gradient))?))
    }
}

/// The gradient of 2×2 windows side by side, without branches: the same places as [`MaxPool::largest`] finds where all
/// values are numbers.
fn back_by_quarters<T: WithDType>(
    plane: &[T],
    gradient: &[T],
    target: &mut [T],
    width: usize,
    out_width: usize,
) {
    let zero = T::from_f64(0.0);
    let pairs = plane.chunks_exact(2 * width).zip(target.chunks_exact_mut(2 * width));
    for ((values, targets), gradients) in pairs.zip(gradient.chunks_exact(out_width)) {
        let (upper, lower) = values.split_at(width);
        let (upper_target, lower_target) = targets.split_at_mut(width);
        let sources = upper.as_chunks::<2>().0.iter().zip(lower.as_chunks::<2>().0);
        let targets = upper_target.as_chunks_mut::<2>().0.iter_mut().zip(lower_target.as_chunks_mut::<2>().0);
        for (((&[a, b], &[c, d]), (above, below)), &g) in sources.zip(targets).zip(gradients) {
            let right_above = b > a;
            let right_below = d > c;
            let is_below = (if right_below { d } else { c }) > (if right_above { b } else { a });
            let (g_above, g_below) = if is_below { (zero, g) } else { (g, zero) };
            *above = if right_above { [zero, g_above] } else { [g_above, zero] };
            *below = if right_below { [zero, g_below] } else { [g_below, zero] };
        }
    }
}

fn larger<T: WithDType>(a: T, b: T) -> T {
    if b > a || is_nan(b) { b } else { a }
}

/// The largest value of each window: `[images, channels, height, width]` to the same with smaller sides. Rows and
/// columns that fill no whole window are left out.
pub(crate) fn max_pool2d(x: &Tensor, kernel: usize, stride: usize) -> Result<Tensor> {
    if has_kernels(x) {
        return x.contiguous()?.apply_op1(MaxPool { kernel, stride });
    }
    portable(x, kernel, stride)
}

/// The same of candle's own operations.
pub(super) fn portable(x: &Tensor, kernel: usize, stride: usize) -> Result<Tensor> {
    let op = MaxPool { kernel, stride };
    // The windows one behind the other in a last dimension, then the largest: the gradient goes where it belongs.
    let (_, _, _, _, out_height, out_width) = op.sizes(x.shape())?;
    let device = x.device();
    let picks = |count: usize, shift: usize| {
        let picked = (0..count).map(|place| (place * stride + shift) as u32).collect::<Vec<_>>();
        Tensor::from_vec(picked, count, device)
    };
    let mut windows = Vec::with_capacity(kernel * kernel);
    for down in 0..kernel {
        let rows = x.index_select(&picks(out_height, down)?, 2)?;
        for right in 0..kernel {
            windows.push(rows.index_select(&picks(out_width, right)?, 3)?);
        }
    }
    let windows = Tensor::stack(&windows, 4)?;
    let best = windows.argmax_keepdim(4)?;
    windows.gather(&best, 4)?.squeeze(4)
}
