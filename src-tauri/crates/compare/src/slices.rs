//! Where it is worse: parts of the examples, worst first.

use keelmark_metrics::{Bootstrap, PairedOptions, bootstrap_mean, paired_differences, select, slice_parts};
use keelmark_types::Answers;
use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::align::{Aligned, is_weighted};
use crate::statistics::right_answers;
use crate::verdict::{direction_of, judge};
use crate::{Options, Verdict};

/// One part of the paired examples.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
pub struct SliceChange {
    /// The column that divides, or `class`.
    pub column: String,
    /// The value or bin.
    pub value: String,
    /// Paired examples in it.
    pub examples: u64,
    /// The metric measured.
    pub metric: String,
    /// Its value for A.
    pub a: Option<f64>,
    /// Its value for B.
    pub b: Option<f64>,
    /// B − A.
    pub change: Option<f64>,
    /// Lower end of the paired interval.
    pub low: Option<f64>,
    /// Upper end.
    pub high: Option<f64>,
    /// What the interval says.
    pub verdict: Verdict,
    /// Why something is missing.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    #[ts(optional)]
    pub why: Option<String>,
}

/// Resamples of a slice, at most.
const REPLICATES: u32 = 400;

/// Measures the headline on every part of the paired examples (accuracy or rmse where it does not apply there).
pub(crate) fn slices(aligned: &Aligned, headline: &str, options: &Options) -> Vec<SliceChange> {
    let bootstrap =
        Bootstrap { replicates: options.bootstrap.replicates.min(REPLICATES), ..options.bootstrap };
    let parts = slice_parts(&aligned.a, &options.slices);
    let count = parts.len() as u64;
    let mut slices: Vec<SliceChange> = parts
        .into_iter()
        .map(|part| {
            let sides = Aligned { a: select(&aligned.a, &part.rows), b: select(&aligned.b, &part.rows) };
            let wanted = if part.is_class() { "accuracy" } else { headline };
            let (metric, found) = measured(&sides, wanted, &bootstrap, count);
            let examples = part.rows.len() as u64;
            let (verdict, note) = judge(direction_of(&metric), found.low.zip(found.high), examples);
            SliceChange {
                column: part.column,
                value: part.value,
                examples,
                metric,
                a: found.a,
                b: found.b,
                change: found.change,
                low: found.low,
                high: found.high,
                verdict,
                why: note.or(found.why),
            }
        })
        .collect();
    slices.sort_by(|x, y| {
        worsening(y).total_cmp(&worsening(x)).then_with(|| (&x.column, &x.value).cmp(&(&y.column, &y.value)))
    });
    slices
}

/// How much worse B is; what is not known comes last.
fn worsening(slice: &SliceChange) -> f64 {
    match (slice.change, direction_of(&slice.metric)) {
        (Some(change), Some(direction)) => -direction.improvement(change),
        _ => f64::NEG_INFINITY,
    }
}

#[derive(Default)]
struct Found {
    a: Option<f64>,
    b: Option<f64>,
    change: Option<f64>,
    low: Option<f64>,
    high: Option<f64>,
    why: Option<String>,
}

fn measured(sides: &Aligned, wanted: &str, bootstrap: &Bootstrap, parts: u64) -> (String, Found) {
    let fallback = match sides.a.answers {
        Answers::Classification { .. } => "accuracy",
        Answers::Regression { .. } => "rmse",
    };
    if wanted == "accuracy"
        && !is_weighted(&sides.a)
        && let Some((right_a, right_b)) = right_answers(sides)
    {
        return (wanted.to_owned(), accuracy(&right_a, &right_b, bootstrap));
    }
    let options = PairedOptions { bootstrap: *bootstrap, exchange: None, ranking: false, parts };
    let differences = match paired_differences(&sides.a, &sides.b, &options) {
        Ok(differences) => differences,
        Err(error) => {
            return (fallback.to_owned(), Found { why: Some(error.to_string()), ..Found::default() });
        }
    };
    let pick =
        |name: &str| differences.iter().find(|d| d.class.is_none() && d.name == name && d.change.is_some());
    let Some(found) = pick(wanted).or_else(|| pick(fallback)) else {
        let why = Some("it is undefined on this part".to_owned());
        return (fallback.to_owned(), Found { why, ..Found::default() });
    };
    let values = Found {
        a: found.a,
        b: found.b,
        change: found.change,
        low: found.low,
        high: found.high,
        why: found.why.clone(),
    };
    (found.name.clone(), values)
}

/// The mean of right answers needs no table of all metrics.
fn accuracy(right_a: &[bool], right_b: &[bool], bootstrap: &Bootstrap) -> Found {
    let share = |right: &[bool]| {
        (!right.is_empty()).then(|| right.iter().filter(|right| **right).count() as f64 / right.len() as f64)
    };
    let differences: Vec<f64> =
        right_a.iter().zip(right_b).map(|(&a, &b)| f64::from(b) - f64::from(a)).collect();
    let resampled = if differences.len() > 1 { bootstrap_mean(&differences, bootstrap) } else { None };
    let (a, b) = (share(right_a), share(right_b));
    Found {
        a,
        b,
        change: a.zip(b).map(|(a, b)| b - a),
        low: resampled.map(|found| found.low),
        high: resampled.map(|found| found.high),
        why: resampled.is_none().then(|| "an interval needs at least two examples".to_owned()),
    }
}
