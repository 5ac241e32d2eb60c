//! Jobs and promotions that are killed or stopped: what was acknowledged is there, and the next command works.

use std::thread::sleep;
use std::time::{Duration, Instant};

use keelmark_journeys::{TabularSample, TestRepo, TestWorld, deep, delay};
use serde_json::Value;

use crate::{json, text, two_versions};

/// How long anything may take here before it counts as hung.
const PATIENCE: Duration = Duration::from_mins(1);

fn rounds() -> u64 {
    if deep() { 25 } else { 5 }
}

/// The entry of a run in the list.
fn entry(repo: &TestRepo<'_>, run: &str) -> Option<Value> {
    let listed = json(repo, &["runs"]);
    let runs = listed["runs"].as_array().expect("a list of runs");
    runs.iter().find(|entry| entry["run"] == run).cloned()
}

/// Waits until the list of runs says of this one what `holds` wants.
#[track_caller]
fn until(repo: &TestRepo<'_>, run: &str, holds: impl Fn(&Value) -> bool) -> Value {
    let began = Instant::now();
    loop {
        let entry = entry(repo, run).expect("a run that was started is in the list at any moment");
        if holds(&entry) {
            return entry;
        }
        assert!(began.elapsed() < PATIENCE, "run {run} did not come so far: {entry:#?}");
    }
}

/// A training that goes on by itself for longer than any test waits.
#[track_caller]
fn detached(repo: &TestRepo<'_>, epochs: &str) -> String {
    let started = json(repo, &["train", "--detach", "--set", epochs]);
    let run = text(&started, "run").to_owned();
    until(repo, &run, |entry| entry["phase"] == "training");
    run
}

#[test]
fn a_worker_that_was_killed_is_a_failed_run_with_its_cause() {
    let world = TestWorld::new();
    let repo = TabularSample::default().repo(&world, "work");
    let run = detached(&repo, "train.epochs=100000");
    assert!(world.kill_programs() > 0, "the worker lives");
    let failed = until(&repo, &run, |entry| entry["status"] != "running");
    assert_eq!(failed["status"], "failed", "{failed:#}");
    assert!(!text(&failed, "cause").is_empty(), "it says why: {failed:#}");
    let shown = json(&repo, &["runs", "show", &run]);
    assert_eq!(shown["status"], "failed", "it has a record: {shown:#}");
    json(&repo, &["train"]);
    assert_eq!(json(&repo, &["index", "verify"])["sound"], true, "the index is sound");
    repo.fsck();
}

#[test]
fn a_run_is_in_the_list_from_its_start_past_its_end() {
    let world = TestWorld::new();
    let repo = TabularSample::default().repo(&world, "work");
    for _ in 0..rounds() {
        let started = json(&repo, &["train", "--detach", "--set", "train.epochs=3"]);
        let ended = until(&repo, text(&started, "run"), |entry| entry["status"] != "running");
        assert_eq!(ended["status"], "succeeded", "{ended:#}");
    }
}

#[test]
fn a_run_that_was_stopped_goes_on_to_its_end() {
    let world = TestWorld::new();
    let repo = TabularSample::default().repo(&world, "work");
    let run = detached(&repo, "train.epochs=20000");
    sleep(Duration::from_millis(300));
    json(&repo, &["runs", "stop", &run]);
    let stopped = until(&repo, &run, |entry| entry["status"] != "running");
    assert_eq!(stopped["status"], "cancelled", "{stopped:#}");
    let ended = json(&repo, &["runs", "resume", &run]);
    assert_eq!(ended["status"], "succeeded", "it works to its end: {ended:#}");
    let shown = json(&repo, &["runs", "show", text(&ended, "run")]);
    assert_eq!(shown["resumed_from"], run.as_str(), "it says what it went on from");
    let whole = json(&repo, &["train", "--set", "train.epochs=20000"]);
    assert_eq!(ended["model_sha256"], whole["model_sha256"], "the stop left no trace in the weights");
    repo.fsck();
}

#[test]
fn an_interrupted_training_ends_with_130_and_is_kept() {
    let world = TestWorld::new();
    let repo = TabularSample::default().repo(&world, "work");
    let args = ["train", "--set", "train.epochs=100000", "--json-lines"];
    let mut running = world.start(world.keelmark_command(repo.path(), &args));
    let began = Instant::now();
    while !running.has_ended() && running.stdout_so_far().lines().count() < 5 && began.elapsed() < PATIENCE {
        sleep(Duration::from_millis(10));
    }
    running.interrupt();
    let answer = running.wait(PATIENCE).expecting(130);
    let listed = json(&repo, &["runs"]);
    assert_eq!(listed["runs"][0]["status"], "cancelled", "it is kept: {listed:#} {}", answer.stderr);
    repo.fsck();
}

#[test]
fn a_promotion_killed_at_any_moment_happened_or_did_not() {
    let world = TestWorld::new();
    let (repo, first, second) = two_versions(&world, "work");
    let remote = world.bare("remote.git");
    repo.git(&["remote", "add", "origin", &remote.url()]);
    repo.git(&["push", "--quiet", "origin", "main"]);
    let mut killed = 0;
    for round in 0..rounds() {
        let version = if round % 2 == 0 { &first } else { &second };
        let promote = ["promote", version, "--to", "staging", "--json"];
        let running = world.start(world.keelmark_command(repo.path(), &promote));
        let answer = running.kill_after(delay(round, Duration::from_millis(2), Duration::from_millis(250)));
        killed += u32::from(answer.was_killed());
        if !answer.was_killed() {
            let commit = text(&answer.ok().json(), "commit").to_owned();
            repo.git(&["merge-base", "--is-ancestor", &commit, "keelmark/deploy"]);
        }
        repo.fsck();
        remote.fsck();
        json(&repo, &promote[..4]);
        let seen = json(&repo, &["env", "show", "staging"]);
        assert_eq!(seen["desired"]["deployment"]["version"], version.as_str(), "round {round}: {seen:#}");
    }
    assert!(killed > 0, "none was killed before its end, so nothing was shown");
    json(&repo, &["share"]);
    assert_eq!(remote.tip("refs/heads/keelmark/deploy"), Some(repo.resolve("keelmark/deploy")));
    assert_eq!(json(&repo, &["audit", "--verify"])["tampered"], false, "every word holds");
    assert_eq!(json(&repo, &["index", "verify"])["sound"], true, "the index is sound");
    assert_eq!(repo.git(&["status", "--porcelain"]), "", "the work tree is the user's");
    repo.fsck();
}

#[test]
fn a_training_killed_at_any_moment_loses_nothing_acknowledged() {
    let world = TestWorld::new();
    let repo = TabularSample::default().repo(&world, "work");
    let mut killed = 0;
    let mut acknowledged = vec![text(&json(&repo, &["train"]), "run").to_owned()];
    for round in 0..rounds() {
        let running = world.start(world.keelmark_command(repo.path(), &["train", "--json"]));
        let answer = running.kill_after(delay(round, Duration::from_millis(2), Duration::from_millis(400)));
        world.kill_programs();
        killed += u32::from(answer.was_killed());
        if !answer.was_killed() {
            acknowledged.push(text(&answer.ok().json(), "run").to_owned());
        }
        repo.fsck();
        let next = json(&repo, &["train"]);
        acknowledged.push(text(&next, "run").to_owned());
    }
    assert!(killed > 0, "none was killed before its end, so nothing was shown");
    for run in &acknowledged {
        let entry = entry(&repo, run).unwrap_or_else(|| panic!("run {run} was acknowledged and is lost"));
        assert_eq!(entry["status"], "succeeded", "{entry:#}");
    }
    let listed = json(&repo, &["runs"]);
    let runs = listed["runs"].as_array().expect("a list of runs");
    assert!(runs.iter().all(|run| run["status"] != "running"), "nothing hangs: {listed:#}");
    let kept = runs.iter().filter(|run| run["status"] != "succeeded");
    assert!(kept.clone().all(|run| run["cause"].is_string()), "each failure has its cause: {listed:#}");
    assert_eq!(json(&repo, &["index", "verify"])["sound"], true, "the index is sound");
    assert_eq!(repo.git(&["status", "--porcelain"]), "", "the work tree is the user's");
    repo.fsck();
}
