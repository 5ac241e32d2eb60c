//! Percentile bootstrap of every metric of a table at once.

use crate::Bootstrap;
use crate::budget::affordable;
use crate::random::SplitMix64;
use crate::resample::{Resampled, summarise};
use crate::table::Table;

/// The interval of one number, or what stands in its way.
#[derive(Debug, Clone, Default)]
pub(crate) struct Interval {
    pub(crate) resampled: Option<Resampled>,
    /// A sentence without a full stop.
    pub(crate) why: Option<String>,
}

/// Resamples the rows and lets `measure` count them anew: a value for each of `estimates`.
pub(crate) fn bootstrap(
    estimates: &[f64],
    base: &[f64],
    (steps, parts): (u64, u64),
    options: &Bootstrap,
    mut measure: impl FnMut(&[f64]) -> Vec<f64>,
) -> Vec<Interval> {
    let rows = base.len();
    let without = |why: &str| vec![Interval { resampled: None, why: Some(why.to_owned()) }; estimates.len()];
    if rows < 2 {
        return without("an interval needs at least two examples");
    }
    if options.replicates == 0 {
        return without("no resamples were asked for");
    }
    let Some(replicates) = affordable(options.replicates, steps, parts) else {
        return without("too many examples and classes to resample");
    };
    let mut columns = vec![Vec::with_capacity(replicates as usize); estimates.len()];
    let mut random = SplitMix64::new(options.seed);
    let mut counts = vec![0.0_f64; rows];
    for _ in 0..replicates {
        counts.fill(0.0);
        for _ in 0..rows {
            counts[random.next_index(rows)] += 1.0;
        }
        for (count, weight) in counts.iter_mut().zip(base) {
            *count *= weight;
        }
        for (column, value) in columns.iter_mut().zip(measure(&counts)) {
            if value.is_finite() {
                column.push(value);
            }
        }
    }
    let fewer = (replicates < options.replicates).then(|| {
        format!("interval from {replicates} resamples instead of {}: {rows} examples", options.replicates)
    });
    estimates
        .iter()
        .zip(columns)
        .map(|(estimate, values)| finish(*estimate, values, replicates, options.confidence, fewer.clone()))
        .collect()
}

fn finish(
    estimate: f64,
    values: Vec<f64>,
    replicates: u32,
    confidence: f64,
    fewer: Option<String>,
) -> Interval {
    if !estimate.is_finite() {
        return Interval::default();
    }
    let undefined = replicates as usize - values.len();
    if undefined * 10 > replicates as usize {
        let why = format!("undefined in {undefined} of {replicates} resamples, so there is no interval");
        return Interval { resampled: None, why: Some(why) };
    }
    let resampled = summarise(estimate, values, confidence);
    let rigid = resampled.is_some_and(|found| found.low >= found.high);
    let why = fewer.or_else(|| {
        rigid.then(|| {
            "every resample gives the same value: the interval says nothing of unseen examples".to_owned()
        })
    });
    Interval { resampled, why }
}

/// The intervals of one table.
pub(crate) fn of_table(
    parts: u64,

    table: &mut Table,
    estimates: &[f64],
    base: &[f64],
    options: &Bootstrap,
) -> Vec<Interval> {
    let steps = table.steps();
    bootstrap(estimates, base, (steps, parts), options, |counts| table.measure(counts))
}
