//! One quick look over many values: extremes and how many can be shown.

/// What a stretch of values holds.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Survey {
    pub(crate) low: f64,
    pub(crate) high: f64,
    /// Values that can be shown.
    pub(crate) shown: usize,
}

const LANES: usize = 8;

/// Looks at all `values` above `floor` and below infinity. Lanes side by side, without branches, so that it runs at the speed of memory.
#[expect(clippy::needless_bitwise_bool, reason = "a branch a value would stop the lanes")]
pub(crate) fn survey(values: &[f64], floor: f64) -> Survey {
    let mut low = [f64::INFINITY; LANES];
    let mut high = [f64::NEG_INFINITY; LANES];
    let mut shown = [0.0; LANES];
    let (chunks, rest) = values.as_chunks::<LANES>();
    for chunk in chunks {
        for lane in 0..LANES {
            let value = chunk[lane];
            let fits = (value > floor) & (value < f64::INFINITY);
            let for_low = if fits { value } else { f64::INFINITY };
            let for_high = if fits { value } else { f64::NEG_INFINITY };
            low[lane] = if for_low < low[lane] { for_low } else { low[lane] };
            high[lane] = if for_high > high[lane] { for_high } else { high[lane] };
            shown[lane] += if fits { 1.0 } else { 0.0 };
        }
    }
    let mut all = Survey { low: f64::INFINITY, high: f64::NEG_INFINITY, shown: 0 };
    for lane in 0..LANES {
        all.low = all.low.min(low[lane]);
        all.high = all.high.max(high[lane]);
        all.shown += shown[lane] as usize;
    }
    for &value in rest {
        if fits(value, floor) {
            all.low = all.low.min(value);
            all.high = all.high.max(value);
            all.shown += 1;
        }
    }
    all
}

/// Whether a value can be shown.
pub(crate) fn fits(value: f64, floor: f64) -> bool {
    value > floor && value < f64::INFINITY
}

/// Whether places never fall and none is missing.
#[expect(clippy::needless_bitwise_bool, reason = "a branch a pair would stop the lanes")]
pub(crate) fn is_rising(places: &[f64]) -> bool {
    let ends_are_finite =
        places.first().is_none_or(|x| x.is_finite()) && places.last().is_none_or(|x| x.is_finite());
    // A block at a time: without a branch a pair it runs several pairs at once.
    let blocks = places.len().div_ceil(1024);
    ends_are_finite
        && (0..blocks).all(|block| {
            let start = block * 1024;
            let end = (start + 1025).min(places.len());
            places[start..end].windows(2).fold(true, |rising, pair| rising & (pair[0] <= pair[1]))
        })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn it_sees_what_a_slow_look_sees(
            values in prop::collection::vec(prop_oneof![3 => -5.0..5.0, 1 => Just(f64::NAN), 1 => Just(f64::INFINITY), 1 => Just(f64::NEG_INFINITY)], 0..70),
            log in any::<bool>(),
        ) {
            let floor = if log { 0.0 } else { f64::NEG_INFINITY };
            let kept: Vec<f64> = values.iter().copied().filter(|value: &f64| value.is_finite() && *value > floor).collect();
            let seen = survey(&values, floor);
            prop_assert_eq!(seen.shown, kept.len());
            prop_assert!(seen.low.total_cmp(&kept.iter().copied().fold(f64::INFINITY, f64::min)).is_eq());
            prop_assert!(seen.high.total_cmp(&kept.iter().copied().fold(f64::NEG_INFINITY, f64::max)).is_eq());
        }
    }

    #[test]
    fn a_fall_or_a_missing_place_is_noticed_anywhere() {
        let mut places: Vec<f64> = (0..3000).map(f64::from).collect();
        assert!(is_rising(&places) && is_rising(&[]) && is_rising(&[1.0]));
        for at in [0, 1, 1023, 1024, 1025, 2999] {
            let before = std::mem::replace(&mut places[at], f64::NAN);
            assert!(!is_rising(&places), "missing at {at}");
            places[at] = if at == 0 { 5.0 } else { -1.0 };
            assert!(!is_rising(&places), "falling at {at}");
            places[at] = before;
        }
    }
}
