//! Metric by metric: both values, the paired interval of their difference, a p-value, a verdict.

use std::collections::BTreeSet;

use keelmark_metrics::{Difference, PairedOptions, holm, paired_differences};
use keelmark_types::{METRICS, TaskKind};

use crate::align::{Aligned, Apart};
use crate::verdict::{direction_of, judge};
use crate::{MetricChange, Options, Side, Tests, Verdict};

/// A p above this does not call a change by itself.
const USUAL_LEVEL: f64 = 0.05;

/// The metric that decides: the first declared one, else accuracy or rmse.
pub(crate) fn headline(task: TaskKind, options: &Options) -> String {
    let usual = match task {
        TaskKind::Classification => "accuracy",
        TaskKind::Regression => "rmse",
    };
    options.metrics.first().map_or(usual, String::as_str).to_owned()
}

/// Changes of paired examples: of the whole, and of each class.
pub(crate) fn paired(
    aligned: &Aligned,
    tests: &Tests,
    options: &PairedOptions,
) -> Result<(Vec<MetricChange>, Vec<MetricChange>), String> {
    let differences =
        paired_differences(&aligned.a, &aligned.b, options).map_err(|error| error.to_string())?;
    let examples = aligned.a.len() as u64;
    let changes = differences.into_iter().map(|difference| change(difference, tests, examples));
    let (classes, mut whole): (Vec<_>, Vec<_>) = changes.partition(|change| change.class.is_some());
    let p_values: Vec<Option<f64>> = whole.iter().map(|change| change.p).collect();
    for (change, adjusted) in whole.iter_mut().zip(holm(&p_values)) {
        change.p_holm = adjusted;
    }
    Ok((whole, classes))
}

fn change(difference: Difference, tests: &Tests, examples: u64) -> MetricChange {
    let direction = direction_of(&difference.name);
    let interval = difference.low.zip(difference.high);
    let (verdict, note) = judge(direction, interval, examples);
    let p = match difference.name.as_str() {
        "accuracy" | "precision_micro" | "recall_micro" | "f1_micro" => {
            tests.mcnemar.map(|table| table.p_exact).or(difference.p)
        }
        "roc_auc" if difference.class.is_none() => tests.delong.map_or(difference.p, |test| test.p),
        _ => difference.p,
    };
    // No resample exceeds the largest error seen, so an interval alone says too much of it.
    let extreme = difference.name == "max_error" && p.is_none_or(|p| p > USUAL_LEVEL);
    let (verdict, note) = match verdict {
        Verdict::Better | Verdict::Worse if extreme => {
            let why = "the interval of an extreme is not trusted where its p is above 0.05";
            (Verdict::NoClearChange, Some(why.to_owned()))
        }
        told => (told, note),
    };
    let doubt = p.and_then(|p| match verdict {
        Verdict::Better | Verdict::Worse if p > USUAL_LEVEL => {
            Some(format!("borderline: the interval excludes zero, but p is {p:.3}"))
        }
        Verdict::NoClearChange if p <= USUAL_LEVEL && note.is_none() => {
            Some(format!("borderline: p is {p:.3}, but the interval holds zero"))
        }
        _ => None,
    });
    MetricChange {
        name: difference.name,
        class: difference.class,
        direction,
        a: difference.a,
        b: difference.b,
        change: difference.change,
        low: difference.low,
        high: difference.high,
        verdict,
        p,
        p_holm: None,
        why: note.or(doubt).or(difference.why),
    }
}

/// Metrics side by side where no example can be paired.
pub(crate) fn unpaired(a: &Side, b: &Side, apart: &Apart) -> Vec<MetricChange> {
    let names: BTreeSet<&String> = a.evaluation.metrics.keys().chain(b.evaluation.metrics.keys()).collect();
    names.into_iter().map(|name| side_by_side(a, b, name, &apart.why, apart.same_test)).collect()
}

fn side_by_side(a: &Side, b: &Side, name: &str, why: &str, same_test: bool) -> MetricChange {
    let of = |side: &Side| side.evaluation.metrics.get(name).and_then(|m| m.value).filter(|v| v.is_finite());
    let (value_a, value_b) = (of(a), of(b));
    MetricChange {
        name: name.to_owned(),
        class: None,
        direction: direction_of(name),
        a: value_a,
        b: value_b,
        change: value_a.zip(value_b).filter(|_| same_test).map(|(a, b)| b - a).filter(|c| c.is_finite()),
        low: None,
        high: None,
        verdict: Verdict::NotComparable,
        p: None,
        p_holm: None,
        why: Some(why.to_owned()),
    }
}

/// Adds metrics that only the evaluations know, and declared ones nobody measured; then the declared ones in their
/// order, the others as the catalogue has them.
pub(crate) fn completed(
    mut changes: Vec<MetricChange>,
    a: &Side,
    b: &Side,
    headline: &str,
    options: &Options,
) -> Vec<MetricChange> {
    let known: BTreeSet<String> = changes.iter().map(|change| change.name.clone()).collect();
    let mut names: BTreeSet<&str> =
        a.evaluation.metrics.keys().chain(b.evaluation.metrics.keys()).map(String::as_str).collect();
    names.extend(options.metrics.iter().map(String::as_str));
    names.insert(headline);
    for name in names.into_iter().filter(|name| !known.contains(*name)) {
        changes.push(side_by_side(
            a,
            b,
            name,
            "not measured on the shared examples: no paired interval",
            false,
        ));
    }
    let place = |change: &MetricChange| {
        let declared = options.metrics.iter().position(|name| *name == change.name);
        let listed = METRICS.iter().position(|info| info.name == change.name);
        (change.name != headline, declared.unwrap_or(usize::MAX), listed.unwrap_or(usize::MAX))
    };
    changes.sort_by_cached_key(|change| (place(change), change.name.clone()));
    changes
}
