//! Scales: values to pixels and back, and domains that fit.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::survey::fits;

/// How an axis maps values to pixels.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub enum ScaleKind {
    /// Equal steps.
    #[default]
    Linear,
    /// Equal ratios.
    Log,
    /// Seconds; equal steps, labelled as times.
    Time,
    /// Places by index: commits, classes, rows.
    Band,
}

/// Nothing at or below this has a place on a log scale: 0, and what is 0 but for rounding.
const LOG_FLOOR: f64 = 1e-300;

impl ScaleKind {
    /// Values have a place above this.
    pub(crate) fn floor(self) -> f64 {
        if self == Self::Log { LOG_FLOOR } else { f64::NEG_INFINITY }
    }
}

/// A map from a domain of values to a range of pixels. The window has the same in TypeScript; both are held to the same cases.
#[derive(Debug, Clone, Copy)]
pub struct Scale {
    /// How values map.
    pub kind: ScaleKind,
    /// The value at the range's beginning.
    pub low: f64,
    /// The value at its end.
    pub high: f64,
    from: f64,
    /// The low end, halved so that the span of the whole f64 range is finite; in logarithms for log.
    origin: f64,
    /// Pixels a unit of that.
    gain: f64,
}

impl Scale {
    /// `low < high`, both finite, both above 0 for log, as a [`Sidecar`](crate::Sidecar) gives them.
    pub fn new(kind: ScaleKind, [low, high]: [f64; 2], [from, to]: [f64; 2]) -> Self {
        let inner = |value: f64| if kind == ScaleKind::Log { value.ln() } else { value / 2.0 };
        let origin = inner(low);
        Self { kind, low, high, from, origin, gain: (to - from) / (inner(high) - origin) }
    }

    /// The pixel of a value; not finite where the value has none.
    pub fn pixel(&self, value: f64) -> f64 {
        let inner = if self.kind == ScaleKind::Log { value.ln() } else { value / 2.0 };
        self.from + (inner - self.origin) * self.gain
    }

    /// The value at a pixel; outside the range it goes on beyond the domain.
    pub fn value(&self, pixel: f64) -> f64 {
        let inner = self.origin + (pixel - self.from) / self.gain;
        if self.kind == ScaleKind::Log { inner.exp() } else { inner * 2.0 }
    }

    /// Whether a value has a place on this scale, inside the domain or not.
    pub fn holds(&self, value: f64) -> bool {
        fits(value, self.kind.floor())
    }
}

/// The domain of values from `low` to `high`, padded by a share of its span; values that do not differ get room around them.
pub(crate) fn domain(kind: ScaleKind, low: f64, high: f64, padding: f64) -> [f64; 2] {
    if kind == ScaleKind::Log {
        let (low, high) = (low.max(LOG_FLOOR), high.max(LOG_FLOOR));
        let (low_ln, high_ln) = (low.ln(), high.ln());
        let span = high_ln - low_ln;
        let pad = if span < 1e-9 { std::f64::consts::LN_2 } else { span * padding };
        let ends = [(low_ln - pad).exp().max(f64::MIN_POSITIVE), (high_ln + pad).exp().min(f64::MAX)];
        return if ends[0] < ends[1] { ends } else { [f64::MIN_POSITIVE, 1.0] };
    }
    let largest = low.abs().max(high.abs());
    if largest < 1e-290 {
        return [-1.0, 1.0];
    }
    let half_span = high / 2.0 - low / 2.0;
    if half_span <= largest * 1e-12 {
        let pad = largest * 0.05;
        return [(low - pad).max(f64::MIN), (high + pad).min(f64::MAX)];
    }
    let pad = half_span * 2.0_f64.min(f64::MAX / half_span) * padding;
    let mut padded_low = (low - pad).max(f64::MIN);
    if low >= 0.0 && padded_low < 0.0 {
        padded_low = 0.0; // what is never negative needs no room below nothing
    }
    [padded_low, (high + pad).min(f64::MAX)]
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn finite() -> impl Strategy<Value = f64> {
        prop_oneof![
            any::<f64>().prop_filter("finite", |value| value.is_finite()),
            -1e6..1e6,
            Just(0.0),
            Just(5e-324),
            Just(f64::MAX),
            Just(f64::MIN)
        ]
    }

    proptest! {
        #[test]
        fn any_two_values_have_a_domain_and_places_in_it(a in finite(), b in finite(), log in any::<bool>()) {
            let (low, high) = (a.min(b), a.max(b));
            let (kind, low, high) = if log { (ScaleKind::Log, low.abs().min(high.abs()), low.abs().max(high.abs())) }
                else { (ScaleKind::Linear, low, high) };
            let ends = domain(kind, low, high, 0.05);
            prop_assert!(ends[0] < ends[1] && ends.iter().all(|end| end.is_finite()), "{ends:?}");
            let scale = Scale::new(kind, ends, [0.0, 800.0]);
            for value in [low, high] {
                if scale.holds(value) {
                    let pixel = scale.pixel(value);
                    prop_assert!((-1e-3..=800.001).contains(&pixel), "{value} lands at {pixel} of {ends:?}");
                }
            }
        }
    }

    #[test]
    fn pixels_follow_the_kind() {
        let linear = Scale::new(ScaleKind::Linear, [0.0, 10.0], [100.0, 0.0]);
        assert!((linear.pixel(2.5) - 75.0).abs() < 1e-9);
        let log = Scale::new(ScaleKind::Log, [1.0, 100.0], [0.0, 100.0]);
        assert!((log.pixel(10.0) - 50.0).abs() < 1e-9);
        assert!(!log.holds(0.0), "nothing at or below 0 has a logarithm");
    }
}
