//! From a paired interval to a word.

use keelmark_types::{Direction, metric_info};

use crate::Verdict;

/// Fewer shared examples than this are too few to call a change.
pub(crate) const FEWEST_EXAMPLES: u64 = 10;

/// Which way is better for a metric of the whole or of a class.
pub(crate) fn direction_of(name: &str) -> Option<Direction> {
    match name {
        "precision" | "recall" | "f1" => Some(Direction::HigherIsBetter),
        _ => metric_info(name).map(|info| info.direction),
    }
}

/// What an interval of B − A says, and what to add to it.
pub(crate) fn judge(
    direction: Option<Direction>,
    interval: Option<(f64, f64)>,
    examples: u64,
) -> (Verdict, Option<String>) {
    let Some(direction) = direction else {
        return (Verdict::NotComparable, Some("nobody declared which way is better".to_owned()));
    };
    let Some((low, high)) = interval else { return (Verdict::NotComparable, None) };
    let (one, other) = (direction.improvement(low), direction.improvement(high));
    let verdict = if one.min(other) > 0.0 {
        Verdict::Better
    } else if one.max(other) < 0.0 {
        Verdict::Worse
    } else {
        Verdict::NoClearChange
    };
    if verdict != Verdict::NoClearChange && examples < FEWEST_EXAMPLES {
        let why = format!("{examples} shared examples are too few to call it {verdict}");
        return (Verdict::NoClearChange, Some(why));
    }
    (verdict, None)
}
