//! The comparison as a whole.

use keelmark_metrics::PairedOptions;

use crate::align::{Aligned, Apart, align};
use crate::changes::{completed, headline, paired, unpaired};
use crate::sentence::{capitalised, whole};
use crate::statistics::tests;
use crate::verdict::direction_of;
use crate::{
    COMPARISON_SCHEMA, Comparison, Flips, MetricChange, Options, Pairing, Side, SideName, Tests, Verdict,
};
use crate::{confusion, cost, curves, flips, inputs, slices, weights};

pub(crate) fn compare(a: &Side, b: &Side, options: &Options) -> Comparison {
    let (pairing, aligned) = align(a, b);
    let mut comparison = inputs_compared(a, b, options, pairing);
    match aligned {
        Err(apart) => apart_compared(&mut comparison, a, b, options, &apart),
        Ok(aligned) => {
            if let Err(why) = paired_compared(&mut comparison, a, b, options, &aligned) {
                apart_compared(&mut comparison, a, b, options, &Apart { why, same_test: false });
            }
        }
    }
    comparison
}

/// One metric at another confidence, without the rest: for gates.
pub(crate) fn change_of(
    a: &Side,
    b: &Side,
    metric: &str,
    class: Option<&str>,
    options: &Options,
) -> MetricChange {
    let missing = |why: String| MetricChange {
        name: metric.to_owned(),
        class: class.map(str::to_owned),
        direction: direction_of(metric),
        a: None,
        b: None,
        change: None,
        low: None,
        high: None,
        verdict: Verdict::NotComparable,
        p: None,
        p_holm: None,
        why: Some(why),
    };
    let aligned = match align(a, b) {
        (_, Ok(aligned)) => aligned,
        (_, Err(apart)) => return missing(apart.why),
    };
    let ranked = ["auc", "average_precision"].iter().any(|part| metric.contains(part));
    let paired_options = PairedOptions {
        bootstrap: options.bootstrap,
        exchange: None,
        ranking: ranked,
        ..PairedOptions::default()
    };
    match paired(&aligned, &Tests::default(), &paired_options) {
        Err(why) => missing(why),
        Ok((whole, classes)) => whole
            .into_iter()
            .chain(classes)
            .find(|change| change.name == metric && change.class.as_deref() == class)
            .unwrap_or_else(|| missing("not measured on these predictions".to_owned())),
    }
}

/// What went in and what it costs; the answers come later.
fn inputs_compared(a: &Side, b: &Side, options: &Options, pairing: Pairing) -> Comparison {
    Comparison {
        schema: COMPARISON_SCHEMA.to_owned(),
        a: name(a),
        b: name(b),
        verdict: Verdict::NotComparable,
        comparable: false,
        why: String::new(),
        headline: Some(headline(a.evaluation.task, options)),
        task: a.evaluation.task,
        examples: pairing,
        metrics: Vec::new(),
        classes: Vec::new(),
        flips: Flips::default(),
        confusion: None,
        slices: Vec::new(),
        curves: curves::curves(&a.log, &b.log),
        data: inputs::data(&a.data, &b.data),
        config: inputs::config(a.config.as_ref(), b.config.as_ref()),
        code: inputs::code(&a.files, &b.files),
        weights: weights::weights(&a.weights, &b.weights),
        cost: cost::cost(a, b),
        tests: Tests::default(),
    }
}

fn apart_compared(comparison: &mut Comparison, a: &Side, b: &Side, options: &Options, apart: &Apart) {
    let headline = headline(a.evaluation.task, options);
    comparison.metrics = completed(unpaired(a, b, apart), a, b, &headline, options);
    comparison.confusion =
        if apart.same_test { confusion::recorded(&a.evaluation, &b.evaluation) } else { None };
    comparison.why = format!("{}.", capitalised(&apart.why));
}

fn paired_compared(
    comparison: &mut Comparison,
    a: &Side,
    b: &Side,
    options: &Options,
    aligned: &Aligned,
) -> Result<(), String> {
    let headline = headline(a.evaluation.task, options);
    let tests = tests(aligned, options);
    let paired_options = PairedOptions {
        bootstrap: options.bootstrap,
        exchange: Some(options.exchange),
        ..PairedOptions::default()
    };
    let (changes, classes) = paired(aligned, &tests, &paired_options)?;
    comparison.metrics = completed(changes, a, b, &headline, options);
    comparison.classes = classes;
    comparison.flips = flips::flips(aligned, options.max_examples);
    comparison.confusion = confusion::confusion(aligned);
    comparison.slices = slices::slices(aligned, &headline, options);
    comparison.tests = tests;
    let deciding = comparison.metric(&headline).ok_or("the headline metric is missing")?;
    let verdict = deciding.verdict;
    let why = whole(
        deciding,
        &comparison.metrics,
        &options.metrics,
        &comparison.examples,
        aligned.a.answers == aligned.b.answers,
        options.bootstrap.confidence,
    );
    comparison.comparable = true;
    comparison.verdict = verdict;
    comparison.why = why;
    Ok(())
}

fn name(side: &Side) -> SideName {
    SideName {
        label: side.label.clone(),
        version: side.version.clone(),
        run: side.run.as_ref().map(|run| run.run.clone()),
        test_digest: side.test_digest.clone(),
    }
}
