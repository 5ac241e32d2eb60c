//! How many resamples a set is worth, so that large sets stay quick.

/// Elementary steps spent on all resamples of a set.
const STEPS: u64 = 300_000_000;

/// Fewer resamples than this make no 95 % interval.
const FEWEST: u64 = 100;

/// Beyond this many steps even the fewest resamples take too long.
const MOST_STEPS: u64 = STEPS * 10;

/// The resamples to make of `wanted`, where one takes `steps` and `parts` sets share the time; `None` where not even
/// the fewest are affordable.
pub(crate) fn affordable(wanted: u32, steps: u64, parts: u64) -> Option<u32> {
    let (steps, parts) = (steps.max(1), parts.max(1));
    let count = (STEPS / parts / steps).max(FEWEST).min(u64::from(wanted));
    (count.saturating_mul(steps) <= MOST_STEPS / parts).then(|| u32::try_from(count).unwrap_or(wanted))
}
