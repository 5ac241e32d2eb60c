//! Layer norm over all values of an example.

use candle_core::{D, Result, Tensor};

/// Added to the variance.
const EPSILON: f64 = 1e-5;

/// Brings the values of each example to mean 0 and variance 1, then scales by `weight` and shifts by `bias`, which
/// have one entry a value.
pub(crate) fn layer_norm(x: &Tensor, weight: &Tensor, bias: &Tensor) -> Result<Tensor> {
    let flat = x.flatten_from(1)?;
    let centred = flat.broadcast_sub(&flat.mean_keepdim(D::Minus1)?)?;
    let variance = centred.sqr()?.mean_keepdim(D::Minus1)?;
    let scale = (variance + EPSILON)?.sqrt()?;
    centred.broadcast_div(&scale)?.broadcast_mul(weight)?.broadcast_add(bias)?.reshape(x.shape())
}
