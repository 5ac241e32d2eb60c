//! The comparison as a whole.

use crate::{COMPARISON_SCHEMA, Comparison, Cost, Flips, Options, Pairing, Side, SideName, Tests, Verdict};

pub(crate) fn compare(a: &Side, b: &Side, options: &Options) -> Comparison {
    Comparison {
        schema: COMPARISON_SCHEMA.to_owned(),
        a: name(a),
        b: name(b),
        verdict: Verdict::NotComparable,
        comparable: false,
        why: "Nothing was compared yet.".to_owned(),
        headline: options.metrics.first().cloned(),
        task: a.evaluation.task,
        examples: Pairing::default(),
        metrics: Vec::new(),
        classes: Vec::new(),
        flips: Flips::default(),
        confusion: None,
        slices: Vec::new(),
        curves: Vec::new(),
        data: None,
        config: None,
        code: None,
        weights: None,
        cost: Cost::default(),
        tests: Tests::default(),
    }
}

fn name(side: &Side) -> SideName {
    SideName {
        label: side.label.clone(),
        version: side.version.clone(),
        run: side.run.as_ref().map(|run| run.run.clone()),
        test_digest: side.test_digest.clone(),
    }
}
