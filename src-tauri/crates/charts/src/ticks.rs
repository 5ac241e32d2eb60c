//! Ticks: round numbers along an axis, as many as there is room for.

use crate::number;
use crate::scale::{Scale, ScaleKind};
use crate::time_ticks;

/// A labelled place on an axis.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Tick {
    pub(crate) value: f64,
    /// Empty where only a line is wanted.
    pub(crate) label: String,
}

/// What the values along an axis are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Unit {
    Number,
    /// Whole numbers only, as steps and epochs.
    Whole,
    /// Seconds since something.
    Duration,
    /// Seconds since 1970, UTC.
    Instant,
}

/// Ticks for `scale`, about `wanted` of them, at least two where the domain has two round numbers.
pub(crate) fn ticks(scale: &Scale, unit: Unit, wanted: usize) -> Vec<Tick> {
    let wanted = wanted.clamp(2, 40);
    match (scale.kind, unit) {
        (ScaleKind::Log, _) => logarithmic(scale.low, scale.high, wanted),
        (_, Unit::Duration) => time_ticks::durations(scale.low, scale.high, wanted),
        (_, Unit::Instant) => time_ticks::instants(scale.low, scale.high, wanted),
        (_, unit) => linear(scale.low, scale.high, wanted, unit == Unit::Whole),
    }
}

fn linear(low: f64, high: f64, wanted: usize, whole: bool) -> Vec<Tick> {
    let mut step = nice_step(low, high, wanted);
    if whole {
        step = step.max(1.0).round();
    }
    let mut values = multiples(low, high, step);
    if values.len() < 3 && !(whole && step <= 1.0) {
        // Little room, or round numbers just outside: finer ones beat a lone label.
        step = nice_step(low, high, wanted * 2);
        if whole {
            step = step.max(1.0).round();
        }
        values = multiples(low, high, step);
    }
    let decimals = decimals_of(step);
    let largest = values.iter().fold(0.0_f64, |largest, value| largest.max(value.abs()));
    let plain = decimals <= 6 && largest < 1e7;
    let digits = ((largest / step).log10().floor().clamp(0.0, 14.0)) as usize;
    let labelled = |value: f64| {
        if value == 0.0 {
            "0".to_owned()
        } else if plain {
            number::fixed(value, decimals)
        } else {
            number::scientific(value, digits.max(1))
        }
    };
    values.into_iter().map(|value| Tick { value, label: labelled(value) }).collect()
}

/// The step of 1, 2, 2.5 or 5 times a power of ten that gives at most `wanted` intervals.
fn nice_step(low: f64, high: f64, wanted: usize) -> f64 {
    let rough = (high / wanted as f64 - low / wanted as f64).max(1e-300);
    let power = 10f64.powf(rough.log10().floor());
    let lead = rough / power;
    let nice = [1.0, 2.0, 2.5, 5.0].into_iter().find(|nice| *nice >= lead * 0.999_999).unwrap_or(10.0);
    nice * power
}

/// Multiples of `step` within the domain; never more than a hundred.
pub(crate) fn multiples(low: f64, high: f64, step: f64) -> Vec<f64> {
    // No larger than a thousandth of what is shown: a step may be far wider than that.
    let slack = (step * 1e-6).min((high - low) * 1e-3);
    let first = ((low - slack) / step).ceil();
    let mut values = Vec::new();
    for index in 0..100 {
        let value = (first + f64::from(index)) * step;
        if !value.is_finite() || value > high + slack {
            break;
        }
        if values.last() == Some(&value) {
            break; // finer than the numbers themselves
        }
        values.push(if value.abs() < slack { 0.0 } else { value });
    }
    values
}

/// Decimals needed to write multiples of `step` exactly.
fn decimals_of(step: f64) -> usize {
    let mut decimals = (-step.log10().floor()).max(0.0);
    if decimals < 15.0 {
        let scaled = step * 10f64.powf(decimals);
        if (scaled - scaled.round()).abs() > 1e-6 {
            decimals += 1.0; // 2.5
        }
    }
    decimals as usize
}

/// Decades, with 2 and 5 (then every digit) between them where there is room; round numbers within one decade.
fn logarithmic(low: f64, high: f64, wanted: usize) -> Vec<Tick> {
    let (first, last) = (low.log10().floor() as i32, high.log10().ceil() as i32);
    let decades = high.log10() - low.log10();
    let mut values = Vec::new();
    let mut labelled: Vec<bool> = Vec::new();
    let stride = ((decades / wanted as f64).ceil() as i32).max(1);
    let digits_with_labels: &[i32] = if decades * 3.0 <= wanted as f64 { &[1, 2, 5] } else { &[1] };
    for exponent in first..=last {
        for digit in 1..10 {
            let value = f64::from(digit) * 10f64.powi(exponent);
            if !value.is_finite() || !(low * 0.999_999..=high * 1.000_001).contains(&value) {
                continue;
            }
            let on_stride = exponent.rem_euclid(stride) == 0;
            let named = digits_with_labels.contains(&digit) && on_stride;
            // Unnamed lines only while they stay apart.
            if named || (digit > 1 && decades * 9.0 <= wanted as f64 * 4.0) {
                values.push(value);
                labelled.push(named);
            }
        }
    }
    if labelled.iter().filter(|named| **named).count() < 2 {
        return linear(low, high, wanted * 2, false).into_iter().filter(|tick| tick.value > 0.0).collect();
    }
    let label = |value: f64, named: bool| if named { number::label(value, 3) } else { String::new() };
    values
        .into_iter()
        .zip(labelled)
        .map(|(value, named)| Tick { value, label: label(value, named) })
        .collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::scale::domain;

    fn labels(kind: ScaleKind, low: f64, high: f64, unit: Unit, wanted: usize) -> Vec<String> {
        let scale = Scale::new(kind, [low, high], [0.0, 100.0]);
        ticks(&scale, unit, wanted)
            .into_iter()
            .map(|tick| tick.label)
            .filter(|label| !label.is_empty())
            .collect()
    }

    #[test]
    fn linear_ticks_are_round_and_in_one_column() {
        assert_eq!(
            labels(ScaleKind::Linear, 0.88, 0.97, Unit::Number, 5),
            ["0.88", "0.90", "0.92", "0.94", "0.96"]
        );
        assert_eq!(labels(ScaleKind::Linear, 0.0, 100_000.0, Unit::Whole, 5).last().unwrap(), "100,000");
        assert_eq!(
            labels(ScaleKind::Linear, 0.0, 3.0, Unit::Whole, 10),
            ["0", "1", "2", "3"],
            "no half epochs"
        );
        assert_eq!(
            labels(ScaleKind::Linear, 0.0, 1.0, Unit::Number, 4),
            ["0", "0.25", "0.50", "0.75", "1.00"]
        );
    }

    #[test]
    fn a_lone_label_would_give_no_scale() {
        assert!(
            labels(ScaleKind::Linear, 10_900.0, 13_050.0, Unit::Number, 2).len() >= 3,
            "finer ticks instead"
        );
    }

    #[test]
    fn log_ticks_are_enough_even_within_a_decade() {
        assert_eq!(
            labels(ScaleKind::Log, 1e-4, 1.0, Unit::Number, 6),
            ["1e−4", "0.001", "0.01", "0.1", "1"].map(|label| label.replace("1e−4", "0.0001"))
        );
        assert!(labels(ScaleKind::Log, 2.1, 4.7, Unit::Number, 5).len() >= 3, "one decade has labels too");
        assert!(labels(ScaleKind::Log, 0.1, 30.0, Unit::Number, 9).contains(&"5".to_owned()));
        assert!(
            labels(ScaleKind::Log, 1e-300, 1e300, Unit::Number, 6).len() <= 8,
            "and many decades not too many"
        );
    }

    proptest! {
        #[test]
        fn ticks_stay_within_the_domain(a in any::<f64>(), b in any::<f64>(), log in any::<bool>(), whole in any::<bool>(), wanted in 0_usize..60) {
            prop_assume!(a.is_finite() && b.is_finite());
            let (low, high, kind) = if log { (a.abs().min(b.abs()), a.abs().max(b.abs()), ScaleKind::Log) } else { (a.min(b), a.max(b), ScaleKind::Linear) };
            let ends = domain(kind, low, high, 0.05);
            let scale = Scale::new(kind, ends, [0.0, 1000.0]);
            let unit = if whole { Unit::Whole } else { Unit::Number };
            let ticks = ticks(&scale, unit, wanted);
            prop_assert!(ticks.len() <= 400);
            for tick in ticks {
                let pixel = scale.pixel(tick.value);
                prop_assert!((-1.0..=1001.0).contains(&pixel), "{tick:?} at {pixel} of {ends:?}");
                prop_assert!(!tick.label.contains("NaN") && !tick.label.contains("inf"), "{tick:?}");
            }
        }
    }
}
