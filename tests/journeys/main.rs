//! Journeys over the command line, as a person or a script goes them: on real repositories, real servers and real
//! worker processes, with the small tabular sample.

mod elsewhere;
mod jobs;
mod others;
mod problems;
mod registry;
mod remotes;
mod road;
mod sample;
mod windows;

use keelmark_journeys::{TabularSample, TestRepo, TestWorld};
use serde_json::Value;

/// The answer of a call that must go well, as JSON.
#[track_caller]
fn json(repo: &TestRepo<'_>, args: &[&str]) -> Value {
    repo.keelmark(&[args, &["--json"]].concat()).ok().json()
}

/// Demands a problem with its exit code and kind; the problem.
#[track_caller]
fn problem(repo: &TestRepo<'_>, args: &[&str], exit: i32, code: &str) -> Value {
    let answer = repo.keelmark(&[args, &["--json"]].concat()).expecting(exit);
    let problem = answer.problem();
    assert_eq!(problem["code"], code, "another kind of problem was expected: {}", answer.told());
    for field in ["summary", "detail", "hint"] {
        assert!(problem[field].is_string(), "a problem has its {field}: {problem:#}");
    }
    assert_ne!(problem["summary"], "", "a problem says what happened: {problem:#}");
    problem
}

/// A field that is text.
#[track_caller]
fn text<'a>(value: &'a Value, field: &str) -> &'a str {
    value[field].as_str().unwrap_or_else(|| panic!("`{field}` is text in {value:#}"))
}

/// The test metric of a finished run.
#[track_caller]
fn metric(run: &Value, name: &str) -> f64 {
    run["metrics"][name]["value"].as_f64().unwrap_or_else(|| panic!("{name} was measured in {run:#}"))
}

/// Two versions, both trained and fit to be promoted, with no remote.
#[track_caller]
fn two_versions<'w>(world: &'w TestWorld, name: &str) -> (TestRepo<'w>, String, String) {
    let sample = TabularSample::default();
    let repo = sample.repo(world, name);
    let first = repo.head();
    TabularSample { seed: 8, epochs: 14, ..sample }.write(&repo);
    let second = repo.commit("Train a little longer");
    json(&repo, &["train", &first]);
    json(&repo, &["train", &second]);
    (repo, first, second)
}
