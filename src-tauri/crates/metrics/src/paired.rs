//! Differences of every metric between two models on the same examples.

use keelmark_types::{Answers, Predictions};
use serde::{Deserialize, Serialize};

use crate::budget::affordable;
use crate::intervals::{Interval, bootstrap};
use crate::random::SplitMix64;
use crate::table::{Table, base_weights, class_names, is_weighted};
use crate::{Bootstrap, Error, Exchange, check};

/// What to find out of each difference.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct PairedOptions {
    /// How intervals are made.
    pub bootstrap: Bootstrap,
    /// How p-values are made; `None` leaves them out.
    pub exchange: Option<Exchange>,
    /// Whether the AUC family is measured too: it takes the most time.
    pub ranking: bool,
    /// Among how many sets the time for resampling is shared; 1 for a set of its own.
    pub parts: u64,
}

impl Default for PairedOptions {
    fn default() -> Self {
        Self { bootstrap: Bootstrap::default(), exchange: Some(Exchange::default()), ranking: true, parts: 1 }
    }
}

/// One metric of both models and their difference.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Difference {
    /// The metric.
    pub name: String,
    /// The class it belongs to; `None` for metrics of the whole.
    pub class: Option<String>,
    /// A's value.
    pub a: Option<f64>,
    /// B's value.
    pub b: Option<f64>,
    /// B − A.
    pub change: Option<f64>,
    /// Lower end of the paired percentile interval of the change.
    pub low: Option<f64>,
    /// Upper end.
    pub high: Option<f64>,
    /// Standard deviation of the change over the resamples.
    pub standard_error: Option<f64>,
    /// Share of resamples in which the change is not above 0.
    pub share_not_positive: Option<f64>,
    /// Two-sided p by exchanging the two answers to each example at random.
    pub p: Option<f64>,
    /// Why something is missing, or how the interval was made.
    pub why: Option<String>,
}

/// Measures both models on the same examples, resampling both by the same draws. Ids, truths, classes and weights
/// must be equal row by row.
pub fn paired_differences(
    a: &Predictions,
    b: &Predictions,
    options: &PairedOptions,
) -> Result<Vec<Difference>, Error> {
    check(a)?;
    check(b)?;
    same_examples(a, b)?;
    let weighted = is_weighted(a);
    let base = base_weights(a);
    let names = class_names(&a.answers);
    let mut first = Table::new(&a.answers, weighted, options.ranking);
    let mut second = Table::new(&b.answers, weighted, options.ranking);
    let (values_a, values_b) = (first.measure(&base), second.measure(&base));
    let changes = minus(&values_b, &values_a);
    let steps = first.steps() + second.steps();
    let intervals = bootstrap(&changes, &base, (steps, options.parts), &options.bootstrap, |counts| {
        minus(&second.measure(counts), &first.measure(counts))
    });
    let p_values = options.exchange.map(|exchange| exchanged(a, b, &base, &changes, exchange, options));
    let found = |value: f64| value.is_finite().then_some(value);
    let differences = first.keys().iter().zip(intervals).enumerate().map(|(at, (key, interval))| {
        let Interval { resampled, why } = interval;
        let undefined =
            |value: f64, table: &Table| (!value.is_finite()).then(|| table.why_undefined(*key, &base, names));
        Difference {
            name: key.name.to_owned(),
            class: key.class.and_then(|class| names.get(class).cloned()),
            a: found(values_a[at]),
            b: found(values_b[at]),
            change: found(changes[at]),
            low: resampled.map(|found| found.low),
            high: resampled.map(|found| found.high),
            standard_error: resampled.map(|found| found.standard_error),
            share_not_positive: resampled.map(|found| found.share_not_positive),
            p: p_values.as_ref().and_then(|values| values[at]),
            why: undefined(values_a[at], &first).or_else(|| undefined(values_b[at], &second)).or(why),
        }
    });
    Ok(differences.collect())
}

fn minus(x: &[f64], y: &[f64]) -> Vec<f64> {
    x.iter().zip(y).map(|(x, y)| x - y).collect()
}

fn same_examples(a: &Predictions, b: &Predictions) -> Result<(), Error> {
    let truths_agree = match (&a.answers, &b.answers) {
        (
            Answers::Classification { classes: classes_a, truth: truth_a, .. },
            Answers::Classification { classes: classes_b, truth: truth_b, .. },
        ) => classes_a == classes_b && truth_a == truth_b,
        (Answers::Regression { truth: a, .. }, Answers::Regression { truth: b, .. }) => a == b,
        _ => false,
    };
    if truths_agree && a.ids == b.ids && base_weights(a) == base_weights(b) {
        return Ok(());
    }
    let message =
        "ids, classes, truths and weights of the two predictions must be equal row by row".to_owned();
    Err(Error::Mismatch { message })
}

/// p of each change: how often it is as large when the two answers to each example are exchanged at random.
fn exchanged(
    a: &Predictions,
    b: &Predictions,
    base: &[f64],
    changes: &[f64],
    exchange: Exchange,
    options: &PairedOptions,
) -> Vec<Option<f64>> {
    let rows = base.len();
    let Some(pool) = pooled(&a.answers, &b.answers) else { return vec![None; changes.len()] };
    let mut table = Table::new(&pool, is_weighted(a), options.ranking);
    let Some(replicates) = affordable(exchange.replicates, table.steps() * 2, options.parts * 2) else {
        return vec![None; changes.len()];
    };
    let mut random = SplitMix64::new(exchange.seed);
    let mut as_extreme = vec![0_u32; changes.len()];
    let (mut first, mut second) = (vec![0.0; rows * 2], vec![0.0; rows * 2]);
    for _ in 0..replicates {
        for (row, &weight) in base.iter().enumerate() {
            let (from, to) = if random.next_flip() { (rows + row, row) } else { (row, rows + row) };
            (first[from], first[to]) = (weight, 0.0);
            (second[from], second[to]) = (0.0, weight);
        }
        let drawn = minus(&table.measure(&second), &table.measure(&first));
        for ((count, drawn), observed) in as_extreme.iter_mut().zip(drawn).zip(changes) {
            let size = observed.abs();
            // What is undefined after an exchange counts as extreme: the p-value is never too small for it.
            if drawn.is_nan() || drawn.abs() >= size - 1e-12 * size.max(1.0) {
                *count += 1;
            }
        }
    }
    changes
        .iter()
        .zip(as_extreme)
        .map(|(change, count)| {
            change.is_finite().then(|| (1.0 + f64::from(count)) / (f64::from(replicates) + 1.0))
        })
        .collect()
}

/// A's rows, then B's.
fn pooled(a: &Answers, b: &Answers) -> Option<Answers> {
    match (a, b) {
        (
            Answers::Classification { classes, truth, probabilities },
            Answers::Classification { probabilities: others, .. },
        ) => Some(Answers::Classification {
            classes: classes.clone(),
            truth: [truth.as_slice(), truth].concat(),
            probabilities: [probabilities.as_slice(), others].concat(),
        }),
        (Answers::Regression { truth, predicted }, Answers::Regression { predicted: others, .. }) => {
            Some(Answers::Regression {
                truth: [truth.as_slice(), truth].concat(),
                predicted: [predicted.as_slice(), others].concat(),
            })
        }
        _ => None,
    }
}
