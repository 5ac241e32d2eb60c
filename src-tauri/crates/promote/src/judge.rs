//! Judges a candidate by the gates of the protected base. Pure and total: the same inputs give the same judgement.

use keelmark_compare::{Comparison, MetricChange};
use keelmark_manifest::{EnvironmentSpec, Gate, Requirement};
use keelmark_types::{
    ClassScores, Decision, Deployment, EnvironmentName, Evaluation, GateOutcome, GateState, MetricValue,
    RunRecord, RunStatus, metric_info,
};
use serde::{Deserialize, Serialize};

/// So many gates are named in a reason; the others are counted.
const MOST_NAMED: usize = 3;

/// What is judged.
#[derive(Debug, Clone, Copy)]
pub struct Candidate<'a> {
    /// The run promoted.
    pub run: &'a RunRecord,
    /// Its evaluation on test.
    pub evaluation: &'a Evaluation,
    /// Bytes of everything that would be served.
    pub served_bytes: u64,
    /// Files of its model whose bytes are not here.
    pub missing: &'a [String],
}

/// What it is held against.
#[derive(Debug, Clone, Copy)]
pub enum Baseline<'a> {
    /// The environment desires nothing yet: a first deployment.
    None,
    /// What the environment desires, compared with the candidate; one comparison for each confidence asked for.
    Compared(&'a [Comparison]),
    /// The environment desires something that cannot be compared.
    Unusable(&'a str),
}

/// The rules, as they stand at the protected base.
#[derive(Debug, Clone, Copy)]
pub struct Policy<'a> {
    /// The conditions.
    pub gates: &'a [Gate],
    /// Where the candidate is to go: its name, its rules, and what the environment it comes `after` desires.
    pub target: Option<Target<'a>>,
}

/// The environment a candidate is to go to.
#[derive(Debug, Clone, Copy)]
pub struct Target<'a> {
    /// Its name.
    pub name: &'a EnvironmentName,
    /// Its rules.
    pub rules: &'a EnvironmentSpec,
    /// What the environment it comes `after` desires.
    pub before: Option<&'a Deployment>,
}

/// The judgement.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Judgement {
    /// The sum.
    pub decision: Decision,
    /// Why, in a sentence.
    pub why: String,
    /// Every gate's outcome, in the order declared, then the environment's own rules.
    pub gates: Vec<GateOutcome>,
    /// What no override lifts.
    pub obstacles: Vec<String>,
    /// `true` where the environment desires nothing yet.
    pub first_deployment: bool,
}

impl Judgement {
    /// Whether a typed reason would let it through.
    pub fn can_be_overridden(&self) -> bool {
        self.obstacles.is_empty()
    }
}

/// Judges a candidate.
pub fn judge(candidate: Candidate<'_>, baseline: Baseline<'_>, policy: Policy<'_>) -> Judgement {
    let mut gates = Vec::new();
    let mut blocking = Vec::new();
    for gate in policy.gates {
        let outcome = outcome(gate, candidate, baseline);
        let excused = matches!((gate, baseline), (Gate::MaxWorsening { .. }, Baseline::None));
        if outcome.state != GateState::Passed && !excused {
            blocking.push(gates.len());
        }
        gates.push(outcome);
    }
    if let Some(target) = policy.target {
        for outcome in target_rules(candidate, target) {
            if outcome.state != GateState::Passed {
                blocking.push(gates.len());
            }
            gates.push(outcome);
        }
    }
    let obstacles = obstacles(candidate);
    let blocks = !blocking.is_empty() || !obstacles.is_empty();
    let decision = if blocks { Decision::Blocked } else { Decision::Ready };
    let first_deployment = matches!(baseline, Baseline::None);
    let blocking: Vec<&GateOutcome> = blocking.into_iter().filter_map(|index| gates.get(index)).collect();
    let why = reason(&gates, &blocking, &obstacles, first_deployment);
    Judgement { decision, why, gates, obstacles, first_deployment }
}

fn reason(gates: &[GateOutcome], blocking: &[&GateOutcome], obstacles: &[String], first: bool) -> String {
    if let Some(obstacle) = obstacles.first() {
        return format!("Cannot be promoted: {obstacle}.");
    }
    let count = gates.len();
    let gate_word = if count == 1 { "gate" } else { "gates" };
    if !blocking.is_empty() {
        let verb = if blocking.len() == 1 { "blocks" } else { "block" };
        return format!("{} of {count} {gate_word} {verb} it: {}.", blocking.len(), named(blocking));
    }
    let beginning = match count {
        0 => "No gate is declared".to_owned(),
        1 => "The gate passes".to_owned(),
        _ => format!("All {count} gates pass"),
    };
    if first {
        let plain = gates.iter().all(|gate| gate.state == GateState::Passed);
        let beginning = if plain { beginning } else { "No gate blocks it".to_owned() };
        format!("{beginning}; this is a first deployment, so there is no baseline to compare with.")
    } else {
        format!("{beginning}.")
    }
}

/// Gates with their reasons, those that failed before those that nothing is known of.
fn named(blocking: &[&GateOutcome]) -> String {
    let mut gates = blocking.to_vec();
    gates.sort_by_key(|gate| gate.state != GateState::Failed);
    let named = gates.iter().take(MOST_NAMED);
    let mut words: Vec<String> = named.map(|gate| format!("{} ({})", gate.name, gate.why)).collect();
    let more = blocking.len().saturating_sub(words.len());
    if more > 0 {
        words.push(format!("{more} more"));
    }
    words.join("; ")
}

fn obstacles(candidate: Candidate<'_>) -> Vec<String> {
    let run = candidate.run;
    let mut found = Vec::new();
    if run.status != RunStatus::Succeeded {
        found.push(format!("run {} did not succeed", run.run));
    }
    if run.dirty {
        found.push(format!("run {} was made from uncommitted changes; commit them and train again", run.run));
    }
    for pin in run.data.iter().filter(|pin| !pin.versioned) {
        found.push(format!("{} is unversioned; add it to Git and train again", pin.path));
    }
    for path in candidate.missing {
        found.push(format!("the bytes of {path} are not here"));
    }
    found
}

fn outcome(gate: &Gate, candidate: Candidate<'_>, baseline: Baseline<'_>) -> GateOutcome {
    let mut outcome = GateOutcome {
        name: gate.sentence(),
        state: GateState::Inconclusive,
        value: None,
        threshold: Some(gate.threshold()),
        why: String::new(),
    };
    match gate {
        Gate::SizeMib { size_mib } => {
            let size = candidate.served_bytes as f64 / f64::from(1 << 20);
            outcome.value = Some(size);
            settle(&mut outcome, size <= *size_mib, format!("the served files are {size:.3} MiB"));
        }
        Gate::AtLeast { metric, at_least, class, each_class } => {
            let values = values(candidate.evaluation, metric, class.as_deref(), *each_class);
            hold(&mut outcome, values, |value| value >= *at_least, f64::total_cmp);
        }
        Gate::AtMost { metric, at_most, class, each_class } => {
            let values = values(candidate.evaluation, metric, class.as_deref(), *each_class);
            hold(&mut outcome, values, |value| value <= *at_most, |a, b| b.total_cmp(a));
        }
        Gate::MaxWorsening { metric, max_worsening, confidence, class, each_class } => match baseline {
            Baseline::None => "there is no baseline: a first deployment".clone_into(&mut outcome.why),
            Baseline::Unusable(why) => why.clone_into(&mut outcome.why),
            Baseline::Compared(comparisons) => {
                let fitting = comparisons.iter().find(|comparison| {
                    comparison
                        .tests
                        .bootstrap
                        .is_none_or(|bootstrap| close(bootstrap.confidence, *confidence))
                });
                match fitting {
                    None => outcome.why = format!("no comparison at confidence {confidence} was made"),
                    Some(comparison) => {
                        let changes = changes(comparison, metric, class.as_deref(), *each_class);
                        not_worse(&mut outcome, comparison, &changes, *max_worsening);
                    }
                }
            }
        },
    }
    outcome
}

fn close(a: f64, b: f64) -> bool {
    (a - b).abs() < 1e-12
}

fn settle(outcome: &mut GateOutcome, passes: bool, why: String) {
    outcome.state = if passes { GateState::Passed } else { GateState::Failed };
    outcome.why = why;
}

/// A metric's values by what they are called; the whole or one class or each class.
fn values(
    evaluation: &Evaluation,
    metric: &str,
    class: Option<&str>,
    each_class: bool,
) -> Vec<(String, Result<f64, String>)> {
    if class.is_none() && !each_class {
        let value = evaluation.metrics.get(metric).map_or_else(
            || Err("it was not measured".to_owned()),
            |MetricValue { value, why, .. }| {
                value.ok_or_else(|| why.clone().unwrap_or_else(|| "it is undefined".to_owned()))
            },
        );
        return vec![("it".to_owned(), value)];
    }
    let chosen: Vec<&ClassScores> =
        evaluation.classes.iter().filter(|scores| class.is_none_or(|class| scores.class == class)).collect();
    if chosen.is_empty() {
        let known: Vec<&str> = evaluation.classes.iter().map(|scores| scores.class.as_str()).collect();
        let why = format!("there is no such class; the classes are {}", known.join(", "));
        return vec![("it".to_owned(), Err(why))];
    }
    chosen
        .into_iter()
        .map(|scores| {
            let value = match metric {
                "precision" => Ok(scores.precision),
                "recall" => Ok(scores.recall),
                "f1" => Ok(scores.f1),
                "support" => Ok(scores.support),
                "roc_auc" => scores.roc_auc.ok_or_else(|| "its ROC AUC is undefined".to_owned()),
                other => Err(format!("{other} is not measured class by class")),
            };
            (format!("class {}", scores.class), value)
        })
        .collect()
}

/// Holds every value against the condition; the worst one speaks. A value that misses it fails the gate even where
/// another one is unknown; else what is unknown leaves it open.
fn hold(
    outcome: &mut GateOutcome,
    values: Vec<(String, Result<f64, String>)>,
    passes: impl Fn(f64) -> bool,
    order: impl Fn(&f64, &f64) -> std::cmp::Ordering,
) {
    let mut worst: Option<(String, f64)> = None;
    let mut unknown: Option<String> = None;
    for (name, value) in values {
        match value {
            Ok(value) if !value.is_finite() => {
                unknown = unknown.or_else(|| Some(format!("{name} is not a finite number")));
            }
            Ok(value) if worst.as_ref().is_none_or(|(_, known)| order(&value, known).is_lt()) => {
                worst = Some((name, value));
            }
            Ok(_) => {}
            Err(why) => {
                unknown = unknown.or_else(|| Some(if name == "it" { why } else { format!("{name}: {why}") }));
            }
        }
    }
    let failing = worst.as_ref().is_some_and(|(_, value)| !passes(*value));
    match (worst, unknown) {
        (_, Some(why)) if !failing => outcome.why = why,
        (Some((name, value)), _) => {
            outcome.value = Some(value);
            let shown = number_beside(value, outcome.threshold);
            settle(outcome, !failing, format!("{name} is {shown}"));
        }
        (None, _) => "there is nothing to measure".clone_into(&mut outcome.why),
    }
}

fn changes<'a>(
    comparison: &'a Comparison,
    metric: &str,
    class: Option<&str>,
    each_class: bool,
) -> Vec<&'a MetricChange> {
    if class.is_none() && !each_class {
        return comparison.metric(metric).into_iter().collect();
    }
    comparison
        .classes
        .iter()
        .filter(|change| {
            change.name == metric && class.is_none_or(|class| change.class.as_deref() == Some(class))
        })
        .collect()
}

/// Non-inferiority: passed where even the bad end of the interval is worse by no more than the margin; failed where the
/// change itself is worse by more; in between the examples are too few to tell.
fn not_worse(outcome: &mut GateOutcome, comparison: &Comparison, changes: &[&MetricChange], margin: f64) {
    if !comparison.comparable {
        outcome.why = format!("not comparable with the baseline: {}", comparison.why);
        return;
    }
    if changes.is_empty() {
        "it was not measured on both".clone_into(&mut outcome.why);
        return;
    }
    let mut state = None;
    for change in changes {
        let (own, why) = one_change(change, margin);
        if state.is_none_or(|known| severity(own) > severity(known)) {
            state = Some(own);
            outcome.value = change.change.filter(|value| value.is_finite());
            outcome.why = why;
        }
    }
    outcome.state = state.unwrap_or(GateState::Inconclusive);
}

fn one_change(change: &MetricChange, margin: f64) -> (GateState, String) {
    let name = change.class.as_ref().map_or_else(|| "it".to_owned(), |class| format!("class {class}"));
    let direction = change.direction.or_else(|| metric_info(&change.name).map(|info| info.direction));
    let finite = |value: Option<f64>| value.filter(|value| value.is_finite());
    let (Some(direction), Some(difference), Some(low), Some(high)) =
        (direction, finite(change.change), finite(change.low), finite(change.high))
    else {
        return (
            GateState::Inconclusive,
            change.why.clone().unwrap_or_else(|| format!("{name} has no interval")),
        );
    };
    let improvement = direction.improvement(difference);
    let worst_end = direction.improvement(low).min(direction.improvement(high));
    if worst_end >= -margin {
        let worst = if worst_end < 0.0 {
            format!("at worst worse by {}", number(-worst_end))
        } else {
            "at worst no worse".to_owned()
        };
        (GateState::Passed, format!("{name} changed by {}, {worst}", signed(difference)))
    } else if improvement < -margin {
        (GateState::Failed, format!("{name} changed by {}", signed(difference)))
    } else {
        let why = format!(
            "{name} changed by {}, but may be worse by {}: too few examples to tell",
            signed(difference),
            number_beside(-worst_end, Some(margin))
        );
        (GateState::Inconclusive, why)
    }
}

fn severity(state: GateState) -> u8 {
    match state {
        GateState::Passed => 0,
        GateState::Inconclusive => 1,
        GateState::Failed => 2,
    }
}

fn target_rules(candidate: Candidate<'_>, target: Target<'_>) -> Vec<GateOutcome> {
    let mut rules = Vec::new();
    if let Some(after) = &target.rules.after {
        let (state, why) = match target.before {
            Some(before) if before.version == candidate.run.version && before.run.id == candidate.run.run => {
                (GateState::Passed, format!("{after} desires the same run"))
            }
            Some(before) => (
                GateState::Failed,
                format!("{after} desires {} (version {})", before.release, before.version.short()),
            ),
            None => (GateState::Failed, format!("{after} desires nothing yet")),
        };
        rules.push(GateOutcome { name: format!("after {after}"), state, value: None, threshold: None, why });
    }
    for requirement in &target.rules.requires {
        let (name, what) = match requirement {
            Requirement::Signature => ("signature", "signed"),
            Requirement::SecondApproval => ("second approval", "approved by a second person"),
        };
        rules.push(GateOutcome {
            name: format!("{} requires a {name}", target.name),
            state: GateState::Inconclusive,
            value: None,
            threshold: None,
            why: format!("the release is not {what}, and this version of Keelmark cannot do it yet"),
        });
    }
    rules
}

fn number(value: f64) -> String {
    let text = format!("{value:.4}");
    text.strip_prefix('-')
        .filter(|rest| rest.chars().all(|c| c == '0' || c == '.'))
        .map_or(text.clone(), str::to_owned)
}

/// The value with as many digits as it takes to tell it from the threshold.
fn number_beside(value: f64, threshold: Option<f64>) -> String {
    let Some(threshold) = threshold.filter(|threshold| threshold.total_cmp(&value).is_ne()) else {
        return number(value);
    };
    let told = (4..17).map(|digits| (format!("{value:.digits$}"), format!("{threshold:.digits$}")));
    told.into_iter()
        .find(|(value, threshold)| value != threshold)
        .map_or_else(|| value.to_string(), |(value, _)| value)
}

fn signed(value: f64) -> String {
    let text = number(value);
    if value > 0.0 && !text.starts_with('+') { format!("+{text}") } else { text }
}
