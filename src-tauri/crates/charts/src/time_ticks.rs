//! Ticks in units of time: durations (`1 h 30 m`) and instants (UTC).

use keelmark_types::Timestamp;

use crate::number;
use crate::ticks::{Tick, multiples};

const MINUTE: f64 = 60.0;
const HOUR: f64 = 3600.0;
const DAY: f64 = 86_400.0;
/// Steps people count time in, in seconds.
const STEPS: [f64; 25] = [
    0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1.0, 2.0, 5.0, 10.0, 15.0, 30.0, MINUTE, 120.0, 300.0, 600.0, 900.0,
    1800.0, HOUR, 7200.0, 10_800.0, 21_600.0, 43_200.0, DAY, 172_800.0,
];

fn step_for(low: f64, high: f64, wanted: usize) -> f64 {
    let rough = high / wanted as f64 - low / wanted as f64;
    if let Some(step) = STEPS.into_iter().find(|step| *step >= rough) {
        return step;
    }
    let power = 10f64.powf((rough / DAY).log10().floor());
    let lead = rough / DAY / power;
    [1.0, 2.0, 5.0].into_iter().find(|nice| *nice >= lead).unwrap_or(10.0) * power * DAY
}

/// Ticks along time since a start.
pub(crate) fn durations(low: f64, high: f64, wanted: usize) -> Vec<Tick> {
    let step = step_for(low, high, wanted);
    multiples(low, high, step).into_iter().map(|value| Tick { value, label: duration(value) }).collect()
}

/// Ticks along the clock, in UTC.
pub(crate) fn instants(low: f64, high: f64, wanted: usize) -> Vec<Tick> {
    let step = step_for(low, high, wanted);
    let format = match step {
        step if step >= DAY && high - low > 300.0 * DAY => "%Y-%m-%d",
        step if step >= DAY => "%b %-d",
        step if step >= MINUTE && high - low > DAY => "%b %-d %H:%M",
        step if step >= MINUTE => "%H:%M",
        _ => "%H:%M:%S",
    };
    let label = |value: f64| instant(value, format).unwrap_or_else(|| number::label(value, 6));
    multiples(low, high, step).into_iter().map(|value| Tick { value, label: label(value) }).collect()
}

fn instant(seconds: f64, format: &str) -> Option<String> {
    let whole = (seconds.abs() < 2e11).then_some(seconds.floor() as i64)?;
    Some(Timestamp::from_second(whole).ok()?.strftime(format).to_string())
}

/// An instant to the second, for tables.
pub(crate) fn instant_text(seconds: f64) -> String {
    instant(seconds, "%Y-%m-%dT%H:%M:%SZ").unwrap_or_else(|| number::label(seconds, 12))
}

/// Seconds in the two largest units that matter: `45 s`, `1 m 30 s`, `2 h`.
pub(crate) fn duration(seconds: f64) -> String {
    let size = seconds.abs();
    if size < MINUTE {
        return format!("{} s", number::label(seconds, 4));
    }
    if size >= 1e5 * DAY {
        return format!("{} d", number::label(seconds / DAY, 4));
    }
    let sign = if seconds < 0.0 { "−" } else { "" };
    let whole = size.round() as u64;
    let (days, hours, minutes, rest) = (whole / 86_400, whole / 3600 % 24, whole / 60 % 60, whole % 60);
    let parts = match (days, hours) {
        (0, 0) => [(minutes, "m"), (rest, "s")],
        (0, _) => [(hours, "h"), (minutes, "m")],
        _ => [(days, "d"), (hours, "h")],
    };
    let words: Vec<_> =
        parts.iter().filter(|(count, _)| *count > 0).map(|(count, unit)| format!("{count} {unit}")).collect();
    format!("{sign}{}", words.join(" "))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_counted_as_people_do() {
        let labels: Vec<_> = durations(0.0, 5400.0, 6).into_iter().map(|tick| tick.label).collect();
        assert_eq!(labels, ["0 s", "15 m", "30 m", "45 m", "1 h", "1 h 15 m", "1 h 30 m"]);
        assert_eq!(duration(90.0), "1 m 30 s");
        assert_eq!(duration(200_000.0), "2 d 7 h");
    }

    #[test]
    fn instants_are_utc() {
        let start = 1_772_442_000.0; // 2026-03-02T09:00:00Z
        let labels: Vec<_> = instants(start, start + 3600.0, 5).into_iter().map(|tick| tick.label).collect();
        assert_eq!(labels, ["09:00", "09:15", "09:30", "09:45", "10:00"]);
    }
}
