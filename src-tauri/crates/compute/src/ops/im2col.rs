//! Images to columns and back: convolution as one matrix product.

use candle_core::WithDType;

/// The sizes of a convolution over square kernels.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Geometry {
    /// Channels that come in.
    pub(crate) channels: usize,
    /// Height of an image that comes in.
    pub(crate) height: usize,
    /// Width of an image that comes in.
    pub(crate) width: usize,
    /// Side of the kernel.
    pub(crate) kernel: usize,
    /// Distance between two places of the kernel.
    pub(crate) stride: usize,
    /// Zeros around the image.
    pub(crate) padding: usize,
    /// Height of an image that goes out.
    pub(crate) out_height: usize,
    /// Width of an image that goes out.
    pub(crate) out_width: usize,
}

impl Geometry {
    /// Values of one image that comes in.
    pub(crate) fn image(&self) -> usize {
        self.channels * self.height * self.width
    }

    /// Places of the kernel in one image.
    pub(crate) fn places(&self) -> usize {
        self.out_height * self.out_width
    }

    /// Values below the kernel at one place.
    pub(crate) fn patch(&self) -> usize {
        self.channels * self.kernel * self.kernel
    }

    /// Calls `visit(row, first, line, count)` for each run of values that are neighbours on both sides (`stride` apart in
    /// the image): `row` and `first` say where in the columns, `line` where in the image. `first` counts from the
    /// image's own first place; places that lie in the padding are not visited.
    fn visit_lines(&self, mut visit: impl FnMut(usize, usize, usize, usize)) {
        for channel in 0..self.channels {
            for kernel_y in 0..self.kernel {
                for kernel_x in 0..self.kernel {
                    let row = (channel * self.kernel + kernel_y) * self.kernel + kernel_x;
                    let begin = self.padding.saturating_sub(kernel_x).div_ceil(self.stride);
                    // The last place whose x lies inside, plus one.
                    let reach = (self.width + self.padding).saturating_sub(kernel_x);
                    let end = reach.div_ceil(self.stride).min(self.out_width);
                    if begin >= end {
                        continue;
                    }
                    let x = begin * self.stride + kernel_x - self.padding;
                    for out_y in 0..self.out_height {
                        let padded_y = out_y * self.stride + kernel_y;
                        if padded_y < self.padding || padded_y - self.padding >= self.height {
                            continue;
                        }
                        let y = padded_y - self.padding;
                        let line = (channel * self.height + y) * self.width + x;
                        visit(row, out_y * self.out_width + begin, line, end - begin);
                    }
                }
            }
        }
    }
}

/// Fills `columns` `[patch, images × places]` from `images` `[images, channels, height, width]`.
pub(crate) fn to_columns<T: WithDType>(geometry: &Geometry, images: &[T], columns: &mut [T]) {
    let count = images.len() / geometry.image();
    let row_length = count * geometry.places();
    if geometry.padding > 0 {
        columns.fill(T::from_f64(0.0));
    }
    for (number, image) in images.chunks_exact(geometry.image()).enumerate() {
        let offset = number * geometry.places();
        geometry.visit_lines(|row, first, line, length| {
            let start = row * row_length + offset + first;
            let target = &mut columns[start..start + length];
            if geometry.stride == 1 {
                target.copy_from_slice(&image[line..line + length]);
            } else {
                for (value, &source) in target.iter_mut().zip(image[line..].iter().step_by(geometry.stride)) {
                    *value = source;
                }
            }
        });
    }
}

/// Adds `columns` `[patch, images × places]` back onto `images` `[images, channels, height, width]`.
pub(crate) fn add_columns<T: WithDType>(geometry: &Geometry, columns: &[T], images: &mut [T]) {
    let count = images.len() / geometry.image();
    let row_length = count * geometry.places();
    for (number, image) in images.chunks_exact_mut(geometry.image()).enumerate() {
        let offset = number * geometry.places();
        geometry.visit_lines(|row, first, line, length| {
            let start = row * row_length + offset + first;
            let source = &columns[start..start + length];
            if geometry.stride == 1 {
                for (value, &part) in image[line..line + length].iter_mut().zip(source) {
                    *value += part;
                }
            } else {
                for (value, &part) in image[line..].iter_mut().step_by(geometry.stride).zip(source) {
                    *value += part;
                }
            }
        });
    }
}
