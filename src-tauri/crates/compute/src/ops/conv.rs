//! Convolution in two dimensions with its bias, and the rectifier after it where there is one.
//!
//! A batch is worked through in blocks of images whose columns stay in the cache. The blocks depend on the shapes
//! alone and are summed in order, so the result does not depend on the number of threads.

use candle_core::backend::BackendStorage as _;
use candle_core::{CpuStorage, CustomOp3, Layout, Result, Shape, Tensor, WithDType, bail};

use super::activation::storage_dtype;
use super::im2col::{Geometry, add_columns, to_columns};
use super::{by_dtype, has_kernels, on_cpu, values};

/// Values of the columns of one block.
const BLOCK: usize = 128 * 1024;

/// How a kernel moves over an image.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Convolution {
    /// Distance between two places.
    pub(crate) stride: usize,
    /// Zeros around the image.
    pub(crate) padding: usize,
    /// Whether negative results become 0.
    pub(crate) rectified: bool,
}

impl Convolution {
    fn geometry(self, x: &Shape, weight: &Shape) -> Result<(usize, usize, Geometry)> {
        let (images, channels, height, width) = x.dims4()?;
        let (filters, weight_channels, kernel, kernel_x) = weight.dims4()?;
        let reach = |side: usize| (side + 2 * self.padding).checked_sub(kernel);
        let (Some(down), Some(right)) = (reach(height), reach(width)) else {
            bail!("a {kernel}×{kernel} kernel does not fit into {x:?}");
        };
        if kernel != kernel_x || channels != weight_channels || self.stride == 0 {
            bail!("weights {weight:?} do not fit images {x:?}");
        }
        let geometry = Geometry {
            channels,
            height,
            width,
            kernel,
            stride: self.stride,
            padding: self.padding,
            out_height: down / self.stride + 1,
            out_width: right / self.stride + 1,
        };
        Ok((images, filters, geometry))
    }
}

impl CustomOp3 for Convolution {
    fn name(&self) -> &'static str {
        "conv2d"
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
        let (images, filters, geometry) = self.geometry(x_layout.shape(), weight_layout.shape())?;
        let out = by_dtype!(
            storage_dtype(x),
            forward(self, &geometry, (x, x_layout), (weight, weight_layout), (bias, bias_layout))
        )?;
        Ok((out, Shape::from((images, filters, geometry.out_height, geometry.out_width))))
    }

    fn bwd(
        &self,
        x: &Tensor,
        weight: &Tensor,
        _bias: &Tensor,
        result: &Tensor,
        gradient: &Tensor,
    ) -> Result<(Option<Tensor>, Option<Tensor>, Option<Tensor>)> {
        let gradient = gradient.contiguous()?;
        by_dtype!(x.dtype(), backward(*self, x, weight, result, &gradient))
    }
}

type Stored<'a> = (&'a CpuStorage, &'a Layout);

fn forward<T: WithDType>(
    op: &Convolution,
    geometry: &Geometry,
    x: Stored<'_>,
    weight: Stored<'_>,
    bias: Stored<'_>,
) -> Result<CpuStorage> {
    let zero = T::from_f64(0.0);
    let x = values::<T>(x.0, x.1)?;
    let bias = values::<T>(bias.0, bias.1)?;
    let (filters, places, patch) = (bias.len(), geometry.places(), geometry.patch());
    let kernels = weight_matrix(weight.1, filters, patch);
    let block = block_of(geometry);
    let mut out = Vec::with_capacity(x.len() / geometry.image() * filters * places);
    let mut columns = Columns::<T>::default();
    for images in x.chunks(block * geometry.image()) {
        let count = images.len() / geometry.image();
        let columns = columns.fill(geometry, images)?;
        let width = count * places;
        let product = weight.0.matmul(
            columns,
            (1, filters, width, patch),
            &kernels,
            &Layout::contiguous((patch, width)),
        )?;
        let product = T::cpu_storage_as_slice(&product)?;
        for image in 0..count {
            for (filter, &b) in bias.iter().enumerate() {
                let start = filter * width + image * places;
                let row = &product[start..start + places];
                if op.rectified {
                    out.extend(row.iter().map(|&v| if v + b < zero { zero } else { v + b }));
                } else {
                    out.extend(row.iter().map(|&v| v + b));
                }
            }
        }
    }
    Ok(T::to_cpu_storage_owned(out))
}

fn backward<T: WithDType>(
    op: Convolution,
    x: &Tensor,
    weight: &Tensor,
    result: &Tensor,
    gradient: &Tensor,
) -> Result<(Option<Tensor>, Option<Tensor>, Option<Tensor>)> {
    let (_, filters, geometry) = op.geometry(x.shape(), weight.shape())?;
    let zero = T::from_f64(0.0);
    let (places, patch) = (geometry.places(), geometry.patch());
    let block = block_of(&geometry);
    let mut of_weight = vec![zero; filters * patch];
    let mut of_bias = vec![zero; filters];
    // The data needs no gradient: the first layer skips it.
    let mut of_x = if x.track_op() { vec![zero; x.elem_count()] } else { Vec::new() };
    on_cpu(x, |x_storage, x_layout| {
        on_cpu(gradient, |storage, layout| {
            on_cpu(result, |result_storage, result_layout| {
                on_cpu(weight, |weight_storage, weight_layout| {
                    let x = values::<T>(x_storage, x_layout)?;
                    let gradients = values::<T>(storage, layout)?;
                    let results = values::<T>(result_storage, result_layout)?;
                    let kernels = weight_matrix(weight_layout, filters, patch);
                    let mut columns = Columns::<T>::default();
                    let mut spread = Columns::<T>::default();
                    for (number, images) in x.chunks(block * geometry.image()).enumerate() {
                        let count = images.len() / geometry.image();
                        let width = count * places;
                        let start = number * block * filters * places;
                        let range = start..start + filters * width;
                        let rows = spread.by_filter(
                            &gradients[range.clone()],
                            op.rectified.then(|| &results[range]),
                            filters,
                            places,
                        )?;
                        for (sum, row) in
                            of_bias.iter_mut().zip(T::cpu_storage_as_slice(rows)?.chunks_exact(width))
                        {
                            *sum += sum_of(row);
                        }
                        let columns = columns.fill(&geometry, images)?;
                        let rows_layout = Layout::contiguous((filters, width));
                        let columns_layout = Layout::contiguous((patch, width)).transpose(0, 1)?;
                        let part =
                            rows.matmul(columns, (1, filters, patch, width), &rows_layout, &columns_layout)?;
                        for (sum, &value) in of_weight.iter_mut().zip(T::cpu_storage_as_slice(&part)?) {
                            *sum += value;
                        }
                        if !of_x.is_empty() {
                            let back = weight_storage.matmul(
                                rows,
                                (1, patch, width, filters),
                                &kernels.transpose(0, 1)?,
                                &rows_layout,
                            )?;
                            let first = number * block * geometry.image();
                            let target = &mut of_x[first..first + images.len()];
                            add_columns(&geometry, T::cpu_storage_as_slice(&back)?, target);
                        }
                    }
                    Ok(())
                })
            })
        })
    })?;
    let device = x.device();
    let of_x = if of_x.is_empty() { None } else { Some(Tensor::from_vec(of_x, x.shape(), device)?) };
    Ok((
        of_x,
        Some(Tensor::from_vec(of_weight, weight.shape(), device)?),
        Some(Tensor::from_vec(of_bias, filters, device)?),
    ))
}

/// A sum in eight lanes, so that it runs vectorised in an order that is always the same.
fn sum_of<T: WithDType>(row: &[T]) -> T {
    let mut lanes = [T::from_f64(0.0); 8];
    let (whole, rest) = row.as_chunks::<8>();
    for chunk in whole {
        for (lane, &value) in lanes.iter_mut().zip(chunk) {
            *lane += value;
        }
    }
    lanes.iter().chain(rest).fold(T::from_f64(0.0), |sum, &value| sum + value)
}

fn block_of(geometry: &Geometry) -> usize {
    (BLOCK / (geometry.patch() * geometry.places()).max(1)).max(1)
}

/// The weights `[filters, channels, kernel, kernel]` as a matrix `[filters, patch]`.
fn weight_matrix(layout: &Layout, filters: usize, patch: usize) -> Layout {
    Layout::contiguous_with_offset((filters, patch), layout.start_offset())
}

/// A buffer kept from block to block.
struct Columns<T>(CpuStorage, std::marker::PhantomData<T>);

impl<T: WithDType> Default for Columns<T> {
    fn default() -> Self {
        Self(T::to_cpu_storage_owned(Vec::new()), std::marker::PhantomData)
    }
}

impl<T: WithDType> Columns<T> {
    fn buffer(&mut self, length: usize) -> Result<Vec<T>> {
        let storage = std::mem::replace(&mut self.0, T::to_cpu_storage_owned(Vec::new()));
        let mut buffer = T::cpu_storage_data(storage)?;
        buffer.resize(length, T::from_f64(0.0));
        Ok(buffer)
    }

    /// The columns of `images`.
    fn fill(&mut self, geometry: &Geometry, images: &[T]) -> Result<&CpuStorage> {
        let count = images.len() / geometry.image();
        let mut buffer = self.buffer(geometry.patch() * count * geometry.places())?;
        to_columns(geometry, images, &mut buffer);
        self.0 = T::to_cpu_storage_owned(buffer);
        Ok(&self.0)
    }

    /// `[images, filters, places]` turned to `[filters, images × places]`, masked by the rectifier's results.
    fn by_filter(
        &mut self,
        gradients: &[T],
        results: Option<&[T]>,
        filters: usize,
        places: usize,
    ) -> Result<&CpuStorage> {
        let zero = T::from_f64(0.0);
        let width = gradients.len() / filters;
        let mut buffer = self.buffer(gradients.len())?;
        for (number, part) in gradients.chunks_exact(places).enumerate() {
            let (image, filter) = (number / filters, number % filters);
            let start = filter * width + image * places;
            let target = &mut buffer[start..start + places];
            match results {
                None => target.copy_from_slice(part),
                Some(results) => {
                    let results = &results[number * places..(number + 1) * places];
                    for ((value, &g), &r) in target.iter_mut().zip(part).zip(results) {
                        *value = if r > zero { g } else { zero };
                    }
                }
            }
        }
        self.0 = T::to_cpu_storage_owned(buffer);
        Ok(&self.0)
    }
}

/// Convolves `[images, channels, height, width]` with `[filters, channels, kernel, kernel]` and adds `[filters]`.
pub(crate) fn conv2d(x: &Tensor, weight: &Tensor, bias: &Tensor, op: Convolution) -> Result<Tensor> {
    if has_kernels(x) {
        return x.contiguous()?.apply_op3(weight, bias, op);
    }
    portable(x, weight, bias, op)
}

/// The same of candle's own operations.
pub(super) fn portable(x: &Tensor, weight: &Tensor, bias: &Tensor, op: Convolution) -> Result<Tensor> {
    let (_, _, geometry) = op.geometry(x.shape(), weight.shape())?;
    // candle's gradient fails where a side leaves a rest that the other does not: zeros and rests are settled first.
    let reach = |places: usize| (places - 1) * op.stride + geometry.kernel;
    let padded = x.pad_with_zeros(2, op.padding, op.padding)?.pad_with_zeros(3, op.padding, op.padding)?;
    let used = padded.narrow(2, 0, reach(geometry.out_height))?.narrow(3, 0, reach(geometry.out_width))?;
    let shifts = bias.reshape((1, bias.elem_count(), 1, 1))?;
    let sums = used.contiguous()?.conv2d(weight, 0, op.stride, 1, 1)?.broadcast_add(&shifts)?;
    if op.rectified { sums.relu() } else { Ok(sums) }
}
