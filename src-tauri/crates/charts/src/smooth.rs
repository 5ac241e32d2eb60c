//! Smoothing that does not lie at the start and does not fill gaps.

/// Exponential moving average with weight `w` in [0, 1) for the past, divided by `1 − wⁿ` so that the first values are not pulled to 0.
/// A value that is not finite stays missing and leaves the average as it was.
pub fn debiased_ema(values: &[f64], weight: f64) -> Vec<f64> {
    let weight = if weight.is_finite() { weight.clamp(0.0, 0.999_999) } else { 0.0 };
    let (mut average, mut remaining) = (0.0_f64, 1.0_f64);
    values
        .iter()
        .map(|&value| {
            if !value.is_finite() {
                return f64::NAN;
            }
            average = average * weight + value * (1.0 - weight);
            remaining *= weight;
            if remaining > 1e-17 { average / (1.0 - remaining) } else { average }
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_constant_stays_and_the_first_value_is_itself() {
        for weight in [0.0, 0.6, 0.99] {
            let smooth = debiased_ema(&[3.0, 3.0, 3.0], weight);
            assert!(smooth.iter().all(|value| (value - 3.0).abs() < 1e-9), "{smooth:?} at {weight}");
        }
        assert!((debiased_ema(&[5.0, 0.0], 0.9)[0] - 5.0).abs() < 1e-12);
    }

    #[test]
    fn two_values_by_hand() {
        // (0.9·(0.1·1) + 0.1·2) / (1 − 0.81) = 0.29 / 0.19
        let smooth = debiased_ema(&[1.0, 2.0], 0.9);
        assert!((smooth[1] - 0.29 / 0.19).abs() < 1e-12, "{smooth:?}");
    }

    #[test]
    fn a_gap_stays_a_gap_and_is_not_averaged() {
        let smooth = debiased_ema(&[1.0, f64::NAN, 1.0, f64::INFINITY], 0.5);
        assert!(smooth[1].is_nan() && smooth[3].is_nan(), "{smooth:?}");
        assert!((smooth[2] - 1.0).abs() < 1e-12, "the gap did not count as a value");
    }
}
