//! The index is made to agree with Git, reading only what is new.

mod support;

use std::sync::atomic::{AtomicU64, Ordering};

use keelmark_history::{HistoryQuery, history, sync, with_recovery};
use keelmark_index::{Index, RunFilter};
use keelmark_types::{NoProgress, Outcome, Progress, Stop};
use support::{Promotion, World, git_in, record, run_id};

#[test]
fn only_what_is_new_or_gone_is_looked_at() {
    let world = World::new();
    let version = world.declare();
    let index = world.index();
    let first = world.run(1, &version, 0.9, |_| {});
    world.run(2, &version, 0.8, |_| {});
    let synced = world.sync(&index);
    assert_eq!((synced.runs_read, synced.problems), (2, vec![]));
    assert_eq!(world.sync(&index).runs_read, 0, "nothing new");
    world.run(3, &version, 0.7, |_| {});
    assert_eq!(world.sync(&index).runs_read, 1);

    world.git(&["update-ref", "-d", &format!("refs/keelmark/runs/{}/{first}", first.month())]);
    assert_eq!(world.sync(&index).runs_removed, 1);
    let left: Vec<_> =
        index.runs(&RunFilter::default()).expect("answers").into_iter().map(|run| run.record.run).collect();
    assert_eq!(left, [run_id(3), run_id(2)]);
}

#[test]
fn one_bad_record_hides_no_other() {
    let world = World::new();
    let version = world.declare();
    let later = world.commit("Later");
    world.run(1, &version, 0.9, |_| {});
    world.record(&run_id(2), &version, b"{\"schema\": \"keelmark.run/1\", \"run\":");
    world.record(&run_id(3), &version, br#"{"schema": "keelmark.run/9", "whatever": true}"#);
    world.record(&run_id(4), &version, record(&run_id(5), &version, 0.9).to_string().as_bytes());
    world.record(&run_id(6), &version, record(&run_id(6), &later, 0.9).to_string().as_bytes());
    let index = world.index();
    for look in ["the first", "a later"] {
        let problems = world.sync(&index).problems;
        let why: Vec<&str> = problems.iter().map(|problem| problem.why.as_str()).collect();
        assert_eq!(why.len(), 4, "{look} look: {why:?}");
        assert!(why[0].contains("run.json"), "cut short: {}", why[0]);
        assert!(why[1].contains("newer Keelmark"), "{}", why[1]);
        assert!(why[2].contains("is of run"), "another run's record: {}", why[2]);
        assert!(why[3].contains("not the run's parent"), "moved to another version: {}", why[3]);
    }
    assert_eq!(index.runs(&RunFilter::default()).expect("answers").len(), 1);
}

#[test]
fn a_rebuilt_index_answers_as_the_grown_one() {
    let world = World::new();
    let version = world.declare();
    let grown = world.index();
    let mut last = None;
    for number in 1..=6_u64 {
        let run = world.run(number, &version, 0.5 + number as f64 / 100.0, |_| {});
        world.sync(&grown);
        let environment = if number % 2 == 0 { "production" } else { "staging" };
        let promotion =
            Promotion { environment, version: &version, run: &run, release: "v1.0.0", sequence: number };
        world.promote(&promotion, &[]);
        if number == 4 {
            world.deploy("staging", None, None, "A note of the platform team", &[]);
        }
        if number % 3 == 0 {
            world.sync(&grown);
        }
        last = Some(run);
    }
    let last = last.expect("six runs");
    world.git(&["update-ref", "-d", &format!("refs/keelmark/runs/{}/{last}", last.month())]);
    world.sync(&grown);

    let rebuilt = Index::in_memory().expect("memory");
    let synced = world.sync(&rebuilt);
    assert_eq!((synced.runs_read, synced.deployments_read), (5, 7));
    assert_eq!(grown.dump().expect("answers"), rebuilt.dump().expect("answers"));
}

#[test]
fn a_damaged_index_is_filled_again_and_answers_the_same() {
    let world = World::new();
    let version = world.declare();
    for number in 1..=40 {
        world.run(number, &version, 0.9, |_| {});
    }
    let index = world.index();
    world.sync(&index);
    let repository = world.repository();
    let ask = |index: &Index| {
        with_recovery(&repository, index, || history(&repository, index, &HistoryQuery::default()))
            .expect("answers")
    };
    let before = (ask(&index), index.dump().expect("answers"));
    drop(index);
    let mut bytes = std::fs::read(world.index_path()).expect("the file");
    for at in 0..bytes.len() - 8 {
        // In every record a letter that SQLite itself would not miss.
        if bytes[at..].starts_with(b"avx2") {
            bytes[at + 3] = b'9';
        }
    }
    std::fs::write(world.index_path(), bytes).expect("scribbled");
    let index = world.index();
    assert_eq!((ask(&index), index.dump().expect("answers")), before);
}

struct StopAfter(AtomicU64, Stop);

impl Progress for StopAfter {
    fn update(&self, _step: &str, done: u64, total: Option<u64>, _unit: &str) {
        assert!(total.is_some_and(|total| done <= total), "an honest total");
        if done == self.0.load(Ordering::SeqCst) {
            self.1.raise();
        }
    }
}

#[test]
fn stopping_keeps_what_is_indexed() {
    let world = World::new();
    let version = world.declare();
    for number in 1..=5 {
        world.run(number, &version, 0.9, |_| {});
    }
    let (index, stop) = (world.index(), Stop::new());
    let progress = StopAfter(AtomicU64::new(2), stop.clone());
    let outcome = sync(&world.repository(), &index, &progress, &stop).expect("reads");
    assert!(matches!(outcome, Outcome::Stopped { ref kept } if kept.starts_with("2 of 5")), "{outcome:?}");
    assert_eq!(index.known_refs().expect("answers").len(), 2);
    let Outcome::Done(rest) = sync(&world.repository(), &index, &NoProgress, &Stop::new()).expect("reads")
    else {
        panic!("nobody asked to stop");
    };
    assert_eq!(rest.runs_read, 3, "only the rest");
}

#[test]
fn fetched_runs_count_and_a_rewritten_one_is_an_alarm() {
    let world = World::new();
    let version = world.declare();
    let run = world.run(1, &version, 0.9, |_| {});
    let own = format!("refs/keelmark/runs/{}/{run}", run.month());
    let fetched = format!("refs/keelmark/remotes/origin/runs/{}/{run}", run.month());
    world.git(&["update-ref", &fetched, &own]);
    let index = world.index();
    assert_eq!(world.sync(&index).problems, []);
    assert_eq!(
        index.runs(&RunFilter::default()).expect("answers").len(),
        1,
        "one run, though two refs carry it"
    );

    let tree = world.git(&["rev-parse", &format!("{own}^{{tree}}")]);
    let other =
        git_in(&world.path(), 1_800_000_000, &["commit-tree", &tree, "-p", version.as_str(), "-m", "again"]);
    world.git(&["update-ref", &fetched, &other]);
    let problems = world.sync(&index).problems;
    assert_eq!(problems.len(), 1);
    assert!(problems[0].why.contains("a run never changes"), "{problems:?}");
}
