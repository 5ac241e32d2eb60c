//! A rebuilt index answers as the grown one, byte for byte.

mod support;

use keelmark_index::{Index, IndexedRun, SyncedRef};
use proptest::prelude::*;
use support::{open, promotion, run, unreadable};

#[derive(Debug, Clone)]
enum Step {
    Own(u64),
    Remote(u64, bool),
    Damaged(u64),
    Gone(u64),
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        (0_u64..12).prop_map(Step::Own),
        (0_u64..12, any::<bool>()).prop_map(|(number, second)| Step::Remote(number, second)),
        (20_u64..24).prop_map(Step::Damaged),
        (0_u64..24).prop_map(Step::Gone),
    ]
}

fn from_remote(number: u64, second: bool) -> IndexedRun {
    let mut run = run(number, number % 3, 0.5);
    run.remote = Some(if second { "upstream" } else { "origin" }.to_owned());
    run
}

fn apply(index: &Index, step: &Step) {
    match step {
        Step::Own(number) => index.put_runs(&[run(*number, *number % 3, 0.9)]),
        Step::Remote(number, second) => index.put_runs(&[from_remote(*number, *second)]),
        Step::Damaged(number) => index.put_refs(&[unreadable(*number, "run.json ends early")]),
        Step::Gone(number) => index.remove_refs(&[unreadable(*number, "").name]),
    }
    .expect("memory does not fail");
}

/// What Git would hold after the steps.
fn state(steps: &[Step]) -> Vec<Step> {
    let mut left: Vec<Step> = Vec::new();
    for step in steps {
        match step {
            Step::Gone(gone) => {
                left.retain(
                    |kept| !matches!(kept, Step::Own(number) | Step::Damaged(number) if number == gone),
                );
            }
            kept => left.push(kept.clone()),
        }
    }
    left
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, ..ProptestConfig::default() })]

    #[test]
    fn whatever_the_way_there(steps in proptest::collection::vec(step(), 0..30), backwards in any::<bool>()) {
        let grown = Index::in_memory().expect("memory");
        for step in &steps {
            apply(&grown, step);
        }
        let mut facts = state(&steps);
        if backwards {
            facts.reverse();
        }
        let rebuilt = Index::in_memory().expect("memory");
        for fact in &facts {
            apply(&rebuilt, fact);
        }
        prop_assert_eq!(grown.dump().expect("answers"), rebuilt.dump().expect("answers"));
    }
}

fn fill(index: &Index, runs: u64) -> String {
    let runs: Vec<IndexedRun> = (0..runs).map(|number| run(number, number % 4, 0.25)).collect();
    index.put_runs(&runs).expect("kept");
    let entry = promotion(1, 1, 1);
    index.put_deployments(None, Some(&entry.commit), std::slice::from_ref(&entry)).expect("kept");
    index.dump().expect("answers")
}

#[test]
fn an_index_taken_over_answers_as_the_one_it_was() {
    let folder = tempfile::tempdir().expect("a folder");
    for index in [open(&folder.path().join("index.sqlite")), Index::in_memory().expect("memory")] {
        fill(&index, 5);
        index.put_refs(&[unreadable(21, "run.json ends early")]).expect("kept");
        let fresh = Index::in_memory().expect("memory");
        let answers = fill(&fresh, 20);
        assert!(answers.lines().count() > 40, "refs, runs and deployments are all in the dump");
        index.take_over(fresh).expect("replaced");
        assert_eq!(index.dump().expect("answers"), answers);
        assert_eq!(index.integrity_check().expect("answers"), Vec::<String>::new());
    }
}

#[test]
fn another_reader_never_sees_half_of_what_is_taken_over() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("index.sqlite");
    let (index, reader) = (open(&path), open(&path));
    let before = fill(&index, 40);
    let fresh = Index::in_memory().expect("memory");
    let after = fill(&fresh, 80);
    std::thread::scope(|scope| {
        let writer = scope.spawn(move || index.take_over(fresh).expect("replaced"));
        while !writer.is_finished() {
            let seen = reader.dump().expect("answers");
            assert!(seen == before || seen == after, "neither: {} lines", seen.lines().count());
        }
    });
    assert_eq!(reader.dump().expect("answers"), after);
}

#[test]
fn known_refs_name_what_need_not_be_read_again() {
    let index = Index::in_memory().expect("memory");
    let entry: SyncedRef = unreadable(1, "not a run");
    index.put_refs(std::slice::from_ref(&entry)).expect("kept");
    let known = index.known_refs().expect("answers");
    assert_eq!(known.get(&entry.name), Some(&entry.target), "a damaged run is not read at every start");
}
