//! The page: self-contained, every text only text, examples only where they may be named.

mod support;

use keelmark_compare::{
    Amount, ChangeKind, CodeChange, CodeDiff, Comparison, ConfigChange, ConfigDiff, ConfusionChange, Cost,
    Curve, DataChange, DataDiff, Flip, FlipKind, LayerChange, LayerChangeKind, MetricChange, SliceChange,
    Verdict, WeightsDiff,
};
use keelmark_promote::{Judgement, Report, report_html, sha256};
use keelmark_types::{CommitId, Decision, Direction, GateOutcome, GateState, Override};
use serde_json::json;
use support::{comparison, evaluation};

fn metric(name: &str, direction: Direction, [a, b, low, high]: [f64; 4], verdict: Verdict) -> MetricChange {
    MetricChange {
        name: name.into(),
        class: None,
        direction: Some(direction),
        a: Some(a),
        b: Some(b),
        change: Some(b - a),
        low: Some(low),
        high: Some(high),
        verdict,
        p: Some(0.0004),
        p_holm: Some(0.0031),
        why: None,
    }
}

/// Everything a comparison can say.
#[expect(clippy::too_many_lines, reason = "one value of every part")]
fn full() -> Comparison {
    use Direction::{HigherIsBetter as Up, LowerIsBetter as Down};
    use Verdict::{Better, NoClearChange, NotComparable, Worse};
    let mut all = comparison();
    all.a.label = "production".into();
    all.b.label = "feature/wider".into();
    all.a.version = CommitId::new("8f2c11d0".repeat(5)).ok();
    all.b.version = CommitId::new("51ad0e77".repeat(5)).ok();
    all.a.test_digest = Some(sha256(b"t"));
    all.b.test_digest = Some(sha256(b"t"));
    all.why = "Accuracy is better (+2.70 pts, 95 % CI 1.10 to 4.30). Calibration is worse.".into();
    all.examples.paired = 1000;
    all.metrics = vec![
        metric("accuracy", Up, [0.941, 0.968, 0.011, 0.043], Better),
        metric("f1_macro", Up, [0.938, 0.967, 0.012, 0.046], Better),
        metric("balanced_accuracy", Up, [0.940, 0.951, -0.004, 0.026], NoClearChange),
        metric("roc_auc_ovr_macro", Up, [0.9951, 0.9972, 0.0003, 0.0041], Better),
        metric("log_loss", Down, [0.212, 0.201, -0.048, 0.026], NoClearChange),
        metric("ece15", Down, [0.031, 0.048, 0.004, 0.029], Worse),
        MetricChange {
            why: Some("two classes only".into()),
            change: None,
            a: None,
            b: None,
            low: None,
            high: None,
            p: None,
            p_holm: None,
            ..metric("mcc", Up, [0.0; 4], NotComparable)
        },
    ];
    all.classes = (0..10)
        .map(|class| MetricChange {
            class: Some(class.to_string()),
            ..metric("recall", Up, [0.94, 0.95, -0.02, 0.05], NoClearChange)
        })
        .collect();
    let steps: Vec<u64> = (1..=60).map(|step| step * 10).collect();
    let curve = |metric: &str, from: f64, a: f64, b: f64| Curve {
        metric: metric.into(),
        a: steps.iter().map(|&step| Some(a + (from - a) * (-(step as f64) / 90.0).exp())).collect(),
        b: steps
            .iter()
            .map(|&step| (step < 480).then(|| b + (from - b) * (-(step as f64) / 60.0).exp()))
            .collect(),
        steps: steps.clone(),
    };
    all.curves = vec![
        curve("train/loss", 2.3, 0.16, 0.09),
        curve("validation/loss", 2.3, 0.22, 0.19),
        curve("validation/accuracy", 0.1, 0.94, 0.968),
    ];
    let classes: Vec<String> = (0..10).map(|class| class.to_string()).collect();
    let counts = |spread: usize| -> Vec<Vec<f64>> {
        (0..10)
            .map(|row| {
                (0..10)
                    .map(|column| match (row * 7 + column * spread) % 11 {
                        _ if row == column => 92.0 + ((row * spread) % 6) as f64,
                        near @ 0..=2 => near as f64,
                        _ => 0.0,
                    })
                    .collect()
            })
            .collect()
    };
    let (a, b) = (counts(3), counts(5));
    let change = b.iter().zip(&a).map(|(b, a)| b.iter().zip(a).map(|(b, a)| b - a).collect()).collect();
    all.confusion = Some(ConfusionChange { classes, a, b, change });
    all.flips.fixed = 46;
    all.flips.broken = 19;
    all.flips.changed = 12;
    all.flips.total = 77;
    let flip = |index: u64, kind| Flip {
        id: format!("test/{:04}.png", 17 + index * 31),
        kind,
        truth: (index % 10).to_string(),
        a: ((index + 3) % 10).to_string(),
        b: ((index + 5) % 10).to_string(),
        confidence_a: 0.61,
        confidence_b: 0.87,
    };
    all.flips.examples = (0..4).map(|index| flip(index, FlipKind::Broken)).collect();
    all.flips.examples.extend((4..7).map(|index| flip(index, FlipKind::Fixed)));
    all.slices = [
        ("ink", "0–12", -0.06, -0.11, -0.01, Worse),
        ("ink", "13–25", 0.01, -0.02, 0.04, NoClearChange),
        ("class", "8", 0.05, 0.02, 0.09, Better),
    ]
    .into_iter()
    .map(|(column, value, change, low, high, verdict)| SliceChange {
        column: column.into(),
        value: value.into(),
        examples: 240,
        metric: "accuracy".into(),
        a: Some(0.93),
        b: Some(0.93 + change),
        change: Some(change),
        low: Some(low),
        high: Some(high),
        verdict,
        why: None,
    })
    .collect();
    all.config = Some(ConfigDiff {
        same: 21,
        changes: vec![
            ConfigChange {
                path: "model.layers.0.conv2d.channels".into(),
                kind: ChangeKind::Changed,
                a: Some(json!(16)),
                b: Some(json!(32)),
            },
            ConfigChange {
                path: "train.label_smoothing".into(),
                kind: ChangeKind::Added,
                a: None,
                b: Some(json!(0.1)),
            },
        ],
    });
    all.data = Some(DataDiff {
        same: 1,
        changes: vec![DataChange {
            path: "data/train.csv".into(),
            kind: ChangeKind::Changed,
            a: None,
            b: None,
            size_bytes_a: Some(481_000),
            size_bytes_b: Some(530_220),
        }],
    });
    all.code = Some(CodeDiff {
        same: 9,
        changes: vec![
            CodeChange {
                path: "model.yaml".into(),
                kind: ChangeKind::Changed,
                a: Some("1".repeat(40)),
                b: Some("2".repeat(40)),
            },
            CodeChange {
                path: "notes/wider.md".into(),
                kind: ChangeKind::Added,
                a: None,
                b: Some("3".repeat(40)),
            },
        ],
    });
    let layer = |name: &str, kind, relative_change| LayerChange {
        name: name.into(),
        kind,
        shape_a: Some(vec![16, 1, 3, 3]),
        shape_b: Some(vec![if kind == LayerChangeKind::Reshaped { 32 } else { 16 }, 1, 3, 3]),
        norm_a: Some(3.214),
        norm_b: Some(4.02),
        relative_change,
    };
    all.weights = Some(WeightsDiff {
        identical: false,
        layers: vec![
            layer("layers.0.weight", LayerChangeKind::Reshaped, None),
            layer("layers.4.weight", LayerChangeKind::Changed, Some(0.73)),
            layer("layers.6.weight", LayerChangeKind::Changed, Some(0.21)),
            layer("layers.6.bias", LayerChangeKind::Same, Some(0.0)),
        ],
    });
    let amount =
        |a: u64, b: u64| Amount { a: Some(a), b: Some(b), change: Some(b.cast_signed() - a.cast_signed()) };
    all.cost = Cost {
        parameters: amount(17_354, 34_042),
        size_bytes: amount(70_312, 137_100),
        duration_millis: amount(14_200, 21_900),
        training_millis: amount(12_800, 20_300),
    };
    all
}

fn judgement(decision: Decision) -> Judgement {
    let gate = |name: &str, state, why: &str| GateOutcome {
        name: name.into(),
        state,
        value: None,
        threshold: None,
        why: why.into(),
    };
    let worst = if decision == Decision::Blocked { GateState::Failed } else { GateState::Passed };
    Judgement {
        decision,
        why: "1 of 4 gates blocks it: ece15 at most 0.04 (it is 0.0480).".into(),
        gates: vec![
            gate("accuracy at least 0.95", GateState::Passed, "it is 0.9680"),
            gate(
                "accuracy worse by at most 0.03 at confidence 0.95",
                GateState::Passed,
                "it changed by +0.0270, at worst no worse",
            ),
            gate("ece15 at most 0.04", worst, "it is 0.0480"),
            gate("production requires a signature", GateState::Inconclusive, "the release is not signed"),
        ],
        obstacles: Vec::new(),
        first_deployment: false,
    }
}

fn page(comparison: &Comparison, aggregate_only: bool) -> String {
    let (judgement, evaluation) = (judgement(Decision::Blocked), evaluation(0.968));
    report_html(&Report {
        title: "digits v1.3.0 for production",
        comparison: Some(comparison),
        evaluation: Some(&evaluation),
        judgement: Some(&judgement),
        overridden: None,
        aggregate_only,
    })
}

/// The pages to look at: `KEELMARK_REPORT_FOLDER=… cargo test -p keelmark-promote --test report`.
#[test]
fn pages_are_whole() {
    let html = page(&full(), false);
    for part in [
        "BLOCKED",
        "+2.70 pts",
        "Confusion",
        "77 of 1\u{202f}000",
        "test/0017.png",
        "Slices",
        "layers.4.weight",
        "keelmark-chart",
        "✗",
    ] {
        assert!(html.contains(part), "the page shows {part}");
    }
    assert_eq!(html, page(&full(), false), "the same comparison gives the same bytes");
    let evaluation = evaluation(0.95);
    let mut ready = judgement(Decision::Ready);
    ready.why =
        "No gate blocks it; this is a first deployment, so there is no baseline to compare with.".into();
    let first = report_html(&Report {
        title: "digits v1.0.0 for staging",
        comparison: None,
        evaluation: Some(&evaluation),
        judgement: Some(&ready),
        overridden: Some(&Override { reason: "<b>fine</b>".into(), needed: false }),
        aggregate_only: true,
    });
    assert!(
        first.contains("READY") && first.contains("no baseline") && first.contains("three classes"),
        "{first}"
    );
    if let Ok(folder) = std::env::var("KEELMARK_REPORT_FOLDER") {
        std::fs::write(format!("{folder}/full.html"), html).expect("written");
        std::fs::write(format!("{folder}/first.html"), first).expect("written");
    }
}

#[test]
fn nothing_is_loaded_and_nothing_runs() {
    let html = page(&full(), false);
    assert!(html.contains("default-src 'none'"), "a policy forbids loading");
    for bad in [
        "<script",
        "http://",
        "https://",
        "javascript:",
        " onload",
        "<link",
        "<img",
        "<iframe",
        "@import",
        "url(",
    ] {
        let found =
            html.find(bad).map(|at| html.get(at.saturating_sub(60)..at + 40).unwrap_or_default().to_owned());
        let known = found.as_deref().is_none_or(|near| near.contains("http://www.w3.org/2000/svg"));
        assert!(known, "{bad}: {found:?}");
    }
}

#[test]
fn hostile_text_is_only_text() {
    let evil = "\"><script>alert(1)</script><img src=x onerror='x'>\u{202e}";
    let mut hostile = full();
    hostile.a.label = evil.into();
    hostile.why = evil.into();
    hostile.metrics[0].name = evil.into();
    hostile.metrics[1].why = Some(evil.into());
    hostile.curves[0].metric = evil.into();
    hostile.slices[0].value = evil.into();
    hostile.flips.examples[0].id = evil.into();
    hostile.flips.examples[0].truth = evil.into();
    if let Some(confusion) = &mut hostile.confusion {
        confusion.classes[0] = evil.into();
    }
    if let Some(config) = &mut hostile.config {
        config.changes[0].path = evil.into();
        config.changes[0].a = Some(json!(evil));
    }
    if let Some(code) = &mut hostile.code {
        code.changes[0].path = evil.into();
    }
    if let Some(weights) = &mut hostile.weights {
        weights.layers[0].name = evil.into();
    }
    let html = page(&hostile, false);
    assert!(
        !html.contains("<script") && !html.contains("<img") && !html.contains('\u{202e}'),
        "markup got through"
    );
    assert!(html.contains("&lt;script&gt;"), "it is shown as text");
}

#[test]
fn without_consent_examples_are_counted_only() {
    let html = page(&full(), true);
    assert!(!html.contains("test/0017.png"), "an example is named");
    assert!(html.contains("46") && html.contains("counted only"), "they are counted");
}

#[test]
fn odd_comparisons_make_a_page_too() {
    let mut odd = full();
    odd.metrics[0].low = Some(f64::NAN);
    odd.metrics[0].change = Some(f64::INFINITY);
    odd.metrics[1].direction = None;
    odd.curves.push(Curve { metric: "x".into(), steps: vec![1], a: vec![None], b: vec![None] });
    odd.confusion = Some(ConfusionChange {
        classes: vec!["a".into()],
        a: vec![],
        b: vec![vec![f64::NAN]],
        change: vec![],
    });
    odd.flips.total = 0;
    page(&odd, false);
    let classes: Vec<String> = (0..60).map(|class| class.to_string()).collect();
    let mut change = vec![vec![0.0; 60]; 60];
    change[3][4] = 7.0;
    odd.confusion = Some(ConfusionChange { a: change.clone(), b: change.clone(), classes, change });
    assert!(page(&odd, false).contains("60 classes; the largest moves"), "a grid would be too large");
}
