//! Every state of a gate, and that judgement is monotone in the good direction.

mod support;

use keelmark_compare::{Comparison, Verdict};
use keelmark_manifest::{EnvironmentSpec, Gate, Requirement};
use keelmark_promote::{Baseline, Candidate, Judgement, Policy, Target, judge};
use keelmark_types::{
    ClassScores, CommitId, Decision, Direction, Evaluation, GateState, MetricValue, RunId, RunRecord,
    RunStatus,
};
use proptest::prelude::*;
use support::{at, compared, environment, evaluation, run_record};

fn run() -> RunRecord {
    let version = CommitId::new("1".repeat(40)).expect("an id");
    run_record(&RunId::from_parts(at(0).at, [1; 10]), &version, &evaluation(0.95))
}

fn judged(gates: &[Gate], evaluation: &Evaluation, baseline: Baseline<'_>) -> Judgement {
    let run = run();
    let candidate = Candidate { run: &run, evaluation, served_bytes: 3 << 20, missing: &[] };
    judge(candidate, baseline, Policy { gates, target: None })
}

fn state(gate: Gate, evaluation: &Evaluation, baseline: Baseline<'_>) -> (GateState, String) {
    let judgement = judged(&[gate], evaluation, baseline);
    let gate = judgement.gates.into_iter().next().expect("one gate");
    (gate.state, gate.why)
}

fn at_least(metric: &str, at_least: f64) -> Gate {
    Gate::AtLeast { metric: metric.into(), at_least, class: None, each_class: false }
}

fn at_most(metric: &str, at_most: f64) -> Gate {
    Gate::AtMost { metric: metric.into(), at_most, class: None, each_class: false }
}

fn not_worse(max_worsening: f64) -> Gate {
    Gate::MaxWorsening {
        metric: "accuracy".into(),
        max_worsening,
        confidence: 0.95,
        class: None,
        each_class: false,
    }
}

#[test]
fn thresholds_are_inclusive_and_what_is_unknown_stays_open() {
    let measured = evaluation(0.95);
    assert_eq!(
        state(at_least("accuracy", 0.95), &measured, Baseline::None).0,
        GateState::Passed,
        "≥ includes"
    );
    assert_eq!(state(at_least("accuracy", 0.951), &measured, Baseline::None).0, GateState::Failed);
    assert_eq!(state(at_most("log_loss", 0.2), &measured, Baseline::None).0, GateState::Passed, "≤ includes");
    assert_eq!(state(at_most("log_loss", 0.19), &measured, Baseline::None).0, GateState::Failed);
    assert_eq!(
        state(at_least("roc_auc", 0.5), &measured, Baseline::None),
        (GateState::Inconclusive, "three classes".into()),
        "an undefined value says why"
    );
    assert_eq!(
        state(at_least("mcc", 0.5), &measured, Baseline::None).0,
        GateState::Inconclusive,
        "fails closed"
    );
    assert_eq!(state(Gate::SizeMib { size_mib: 3.0 }, &measured, Baseline::None).0, GateState::Passed);
    assert_eq!(state(Gate::SizeMib { size_mib: 2.9 }, &measured, Baseline::None).0, GateState::Failed);
    let mut broken = measured;
    broken.metrics.insert("accuracy".into(), MetricValue { value: Some(f64::NAN), ..MetricValue::default() });
    assert_eq!(
        state(at_least("accuracy", 0.5), &broken, Baseline::None).0,
        GateState::Inconclusive,
        "NaN is no value"
    );
}

#[test]
fn a_reason_never_contradicts_its_gate() {
    let (state, why) = state(at_least("accuracy", 0.95), &evaluation(0.949_96), Baseline::None);
    assert_eq!((state, why.as_str()), (GateState::Failed, "it is 0.94996"), "0.9500 would read as passed");
}

#[test]
fn classes_are_asked_one_by_one() {
    let scores = |class: &str, recall: f64, roc_auc| ClassScores {
        class: class.into(),
        support: 10.0,
        precision: 0.9,
        recall,
        f1: 0.9,
        roc_auc,
    };
    let mut measured = evaluation(0.95);
    measured.classes = vec![scores("3", 0.9, None), scores("8", 0.7, Some(0.6))];
    let gate = |metric: &str, at_least: f64, class: Option<&str>| Gate::AtLeast {
        metric: metric.into(),
        at_least,
        class: class.map(str::to_owned),
        each_class: class.is_none(),
    };
    assert_eq!(
        state(gate("recall", 0.8, None), &measured, Baseline::None),
        (GateState::Failed, "class 8 is 0.7000".into()),
        "the worst class speaks"
    );
    assert_eq!(state(gate("recall", 0.8, Some("3")), &measured, Baseline::None).0, GateState::Passed);
    assert_eq!(state(gate("recall", 0.8, Some("x")), &measured, Baseline::None).0, GateState::Inconclusive);
    assert_eq!(
        state(gate("roc_auc", 0.8, None), &measured, Baseline::None).0,
        GateState::Failed,
        "a class that fails is not hidden by one that is unknown"
    );
    assert_eq!(state(gate("roc_auc", 0.5, None), &measured, Baseline::None).0, GateState::Inconclusive);
}

#[test]
fn non_inferiority_holds_the_bad_end_of_the_interval() {
    let measured = evaluation(0.95);
    let against = |change, low, high, margin| {
        let comparisons = [compared(change, low, high)];
        state(not_worse(margin), &measured, Baseline::Compared(&comparisons)).0
    };
    assert_eq!(against(0.01, -0.02, 0.04, 0.03), GateState::Passed);
    assert_eq!(against(-0.01, -0.03, 0.01, 0.03), GateState::Passed, "exactly the margin passes");
    assert_eq!(against(-0.01, -0.04, 0.02, 0.03), GateState::Inconclusive, "too few examples to tell");
    assert_eq!(against(-0.05, -0.08, -0.02, 0.03), GateState::Failed);
    let mut lower = compared(0.05, 0.02, 0.08);
    lower.metrics[0].direction = Some(Direction::LowerIsBetter);
    assert_eq!(
        state(not_worse(0.03), &measured, Baseline::Compared(&[lower])).0,
        GateState::Failed,
        "of a loss, more is worse"
    );
}

#[test]
fn what_cannot_be_compared_is_inconclusive() {
    let measured = evaluation(0.95);
    let why = |change: &dyn Fn(&mut Comparison)| {
        let mut comparison = compared(0.01, 0.0, 0.02);
        change(&mut comparison);
        let (state, why) = state(not_worse(0.03), &measured, Baseline::Compared(&[comparison]));
        assert_eq!(state, GateState::Inconclusive, "{why}");
        why
    };
    assert!(why(&|c| c.comparable = false).contains("not comparable"), "it says so");
    assert!(why(&|c| c.metrics.clear()).contains("not measured on both"), "it says so");
    assert!(why(&|c| c.metrics[0].low = None).contains("no interval"), "it says so");
    assert!(
        why(&|c| c.metrics[0].low = Some(f64::NAN)).contains("no interval"),
        "NaN is no end of an interval"
    );
    let other = |c: &mut Comparison| c.tests.bootstrap.iter_mut().for_each(|b| b.confidence = 0.9);
    assert!(
        why(&other).contains("confidence 0.95"),
        "an interval of another confidence answers another question"
    );
    let (unusable, said) = state(not_worse(0.03), &measured, Baseline::Unusable("other test set"));
    assert_eq!((unusable, said.as_str()), (GateState::Inconclusive, "other test set"));
    assert_eq!(judged(&[not_worse(0.03)], &measured, Baseline::Unusable("x")).decision, Decision::Blocked);
}

#[test]
fn a_first_deployment_does_not_block_but_is_said() {
    let judgement = judged(&[at_least("accuracy", 0.9), not_worse(0.03)], &evaluation(0.95), Baseline::None);
    assert_eq!(judgement.decision, Decision::Ready);
    assert!(judgement.first_deployment && judgement.why.contains("first deployment"), "{}", judgement.why);
    assert_eq!(judgement.gates[1].state, GateState::Inconclusive, "never silently green");
    let failing = judged(&[not_worse(0.03), at_least("accuracy", 0.99)], &evaluation(0.95), Baseline::None);
    assert_eq!(failing.decision, Decision::Blocked, "other gates still block");
    assert!(failing.why.starts_with("1 of 2 gates blocks it: accuracy at least 0.99"), "{}", failing.why);
}

#[test]
fn the_reason_names_every_gate_that_blocks() {
    let gates = [not_worse(0.03), at_least("accuracy", 0.99), at_least("f1_macro", 0.5)];
    let judgement = judged(&gates, &evaluation(0.95), Baseline::Unusable("another test set"));
    let why = judgement.why;
    assert!(
        why.contains(" gates block it: accuracy at least 0.99 (it is 0.9500); "),
        "those that failed first: {why}"
    );
    assert!(why.contains("(another test set)"), "{why}");
}

#[test]
fn the_reason_names_a_gate_that_blocks_not_one_that_is_excused() {
    let run = run();
    let measured = evaluation(0.95);
    let rules = EnvironmentSpec { auto_promote: false, after: None, requires: vec![Requirement::Signature] };
    let name = environment("production");
    let target = Some(Target { name: &name, rules: &rules, before: None });
    let candidate = Candidate { run: &run, evaluation: &measured, served_bytes: 1, missing: &[] };
    let judgement = judge(candidate, Baseline::None, Policy { gates: &[not_worse(0.03)], target });
    assert_eq!(judgement.decision, Decision::Blocked);
    assert!(judgement.why.contains("requires a signature"), "{}", judgement.why);
}

#[test]
fn an_environment_after_another_wants_the_same_run_there() {
    let run = run();
    let measured = evaluation(0.95);
    let rules =
        EnvironmentSpec { auto_promote: false, after: Some(environment("staging")), requires: Vec::new() };
    let name = environment("production");
    let candidate = Candidate { run: &run, evaluation: &measured, served_bytes: 1, missing: &[] };
    let with = |before: Option<&keelmark_types::Deployment>| {
        let target = Some(Target { name: &name, rules: &rules, before });
        judge(candidate, Baseline::None, Policy { gates: &[], target }).decision
    };
    assert_eq!(with(None), Decision::Blocked, "staging desires nothing");
    let world = support::World::new();
    let version = world.commit("a", "1");
    let mut staged = world.planned(&world.run(&version, 1), "staging").deployment;
    assert_eq!(with(Some(&staged)), Decision::Blocked, "staging desires another run");
    staged.version = run.version.clone();
    staged.run.id = run.run.clone();
    assert_eq!(with(Some(&staged)), Decision::Ready);
}

#[test]
fn no_override_lifts_an_obstacle() {
    let measured = evaluation(0.95);
    let judge_run = |change: &dyn Fn(&mut RunRecord), missing: &[String]| {
        let mut run = run();
        change(&mut run);
        let candidate = Candidate { run: &run, evaluation: &measured, served_bytes: 1, missing };
        judge(candidate, Baseline::None, Policy { gates: &[], target: None })
    };
    assert!(judge_run(&|_| (), &[]).can_be_overridden(), "a sound run has no obstacle");
    for (name, judgement) in [
        ("dirty", judge_run(&|run| run.dirty = true, &[])),
        ("unversioned", judge_run(&|run| run.data[0].versioned = false, &[])),
        ("failed", judge_run(&|run| run.status = RunStatus::Failed, &[])),
        ("missing", judge_run(&|_| (), &["model.safetensors".to_owned()])),
    ] {
        assert_eq!(judgement.decision, Decision::Blocked, "{name}");
        assert!(!judgement.can_be_overridden(), "{name} is an obstacle");
        assert!(judgement.why.starts_with("Cannot be promoted: "), "{name}: {}", judgement.why);
    }
}

fn rank(state: GateState) -> u8 {
    match state {
        GateState::Failed => 0,
        GateState::Inconclusive => 1,
        GateState::Passed => 2,
    }
}

proptest! {
    #[test]
    fn a_better_value_never_does_worse(value in 0.0..1.0_f64, gain in 0.0..1.0_f64, threshold in 0.0..1.0_f64) {
        let up = |value| rank(state(at_least("accuracy", threshold), &evaluation(value), Baseline::None).0);
        prop_assert!(up(value + gain) >= up(value), "accuracy rose");
        let down = |value: f64| {
            let mut measured = evaluation(0.9);
            measured.metrics.insert("log_loss".into(), MetricValue { value: Some(value), ..MetricValue::default() });
            rank(state(at_most("log_loss", threshold), &measured, Baseline::None).0)
        };
        prop_assert!(down(value - gain) >= down(value), "the loss fell");
    }

    #[test]
    fn a_better_interval_never_does_worse(
        change in -0.2..0.2_f64, below in 0.0..0.2_f64, above in 0.0..0.2_f64,
        gain in 0.0..0.2_f64, narrower in 0.0..1.0_f64, margin in 0.0..0.2_f64, falls in any::<bool>(),
    ) {
        let direction = if falls { Direction::LowerIsBetter } else { Direction::HigherIsBetter };
        let judged = |change: f64, low: f64, high: f64| {
            let mut comparison = compared(change, low, high);
            comparison.verdict = Verdict::NoClearChange;
            comparison.metrics[0].direction = Some(direction);
            rank(state(not_worse(margin), &evaluation(0.9), Baseline::Compared(&[comparison])).0)
        };
        let before = judged(change, change - below, change + above);
        let gained = direction.improvement(gain);
        prop_assert!(
            judged(change + gained, change + gained - below, change + gained + above) >= before,
            "everything moved the good way"
        );
        let (below, above) = (below * narrower, above * narrower);
        let after = judged(change, change - below, change + above);
        prop_assert!(before < 2 || after == 2, "a narrower interval around the same change keeps what passed");
    }

    #[test]
    fn the_decision_is_ready_only_without_a_failed_gate(values in prop::collection::vec(0.0..1.0_f64, 0..6)) {
        let gates: Vec<Gate> = values.iter().map(|value| at_least("accuracy", *value)).collect();
        let judgement = judged(&gates, &evaluation(0.5), Baseline::None);
        let failed = judgement.gates.iter().any(|gate| gate.state != GateState::Passed);
        prop_assert_eq!(judgement.decision == Decision::Ready, !failed);
    }
}
