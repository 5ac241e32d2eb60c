//! What the index answers.

mod support;

use keelmark_index::{Error, Index, RunContent, RunFilter, StoredRun, SyncedRef};
use keelmark_types::RunStatus;
use support::{commit, digest, model, promotion, run, run_id, unreadable};

#[test]
fn runs_come_newest_first_by_version_status_and_limit() {
    let index = Index::in_memory().expect("memory");
    let mut failed = run(3, 1, 0.7);
    failed.record.status = RunStatus::Failed;
    let mut other = run(4, 1, 0.6);
    other.record.model = "churn".parse().expect("a name");
    index.put_runs(&[run(1, 1, 0.9), run(2, 2, 0.8), failed, other]).expect("kept");

    let ids = |filter: RunFilter| -> Vec<_> {
        index.runs(&filter).expect("answers").into_iter().map(|run| run.record.run).collect()
    };
    assert_eq!(ids(RunFilter::default()), [run_id(4), run_id(3), run_id(2), run_id(1)]);
    let digits = RunFilter { model: Some(model()), ..RunFilter::default() };
    assert_eq!(ids(RunFilter { limit: Some(2), ..digits.clone() }), [run_id(3), run_id(2)]);
    assert_eq!(ids(RunFilter { version: Some(commit(1)), ..digits.clone() }), [run_id(3), run_id(1)]);
    assert_eq!(ids(RunFilter { status: Some(RunStatus::Failed), ..digits }), [run_id(3)]);
    let one = index.runs(&RunFilter { limit: Some(1), ..RunFilter::default() }).expect("answers");
    assert_eq!(one[0].record.metrics["roc_auc"].why.as_deref(), Some("one class only"), "a reason is kept");
}

#[test]
fn a_run_is_found_by_its_id_or_a_prefix_of_its_own() {
    let index = Index::in_memory().expect("memory");
    index.put_runs(&[run(1, 1, 0.9), run(100_000, 1, 0.8)]).expect("kept");
    let id = run_id(1);
    let found = |text: &str| index.find_run(text).map(|found| found.map(|(run, _)| run.run));
    assert_eq!(found(id.as_str()).expect("answers"), Some(id.clone()));
    assert_eq!(
        found(&id.as_str()[..12].to_lowercase()).expect("answers"),
        Some(id.clone()),
        "case does not matter"
    );
    assert!(matches!(found(&id.as_str()[..2]), Err(Error::Ambiguous { .. })), "both begin so");
    for nothing in ["", "zzzz", "%", "_", "'; DROP TABLE runs; --"] {
        assert_eq!(found(nothing).expect("answers"), None, "{nothing:?} is no prefix of a run");
    }
}

#[test]
fn our_own_copy_answers_and_a_rewritten_run_is_an_alarm() {
    let index = Index::in_memory().expect("memory");
    let own = run(1, 1, 0.9);
    let mut theirs = own.clone();
    theirs.remote = Some("origin".to_owned());
    index.put_runs(&[theirs.clone(), own.clone()]).expect("kept");
    assert_eq!(
        index.runs(&RunFilter::default()).expect("answers"),
        std::slice::from_ref(&own),
        "one answer a run"
    );
    assert_eq!(index.contested_runs().expect("answers"), [], "the same commit twice is no alarm");

    theirs.commit = commit(5);
    index.put_runs(std::slice::from_ref(&theirs)).expect("kept");
    let contested = index.contested_runs().expect("answers");
    assert_eq!((contested.len(), contested[0].refs.len()), (1, 2), "two commits under one id");
    index.remove_refs(&[contested[0].refs[1].0.clone()]).expect("removed");
    assert_eq!(
        index.runs(&RunFilter::default()).expect("answers"),
        [theirs],
        "the remote's answers when ours is gone"
    );
}

#[test]
fn what_cannot_be_read_stands_beside_the_rest() {
    let index = Index::in_memory().expect("memory");
    let (id, at) = (run_id(3), commit(9));
    let text = "{\"schema\": \"keelmark.run/2\"}".to_owned();
    let content = RunContent::Newer { schema: "keelmark.run/2".to_owned(), text };
    let newer = SyncedRef {
        name: format!("refs/keelmark/runs/2026-03/{id}"),
        target: at.clone(),
        remote: None,
        runs: vec![StoredRun { run: id, commit: at, content }],
    };
    index.put_refs(&[newer.clone(), unreadable(2, "no run.json")]).expect("kept");
    index.put_runs(&[run(1, 1, 0.9)]).expect("kept");
    assert_eq!(index.runs(&RunFilter::default()).expect("answers").len(), 1);
    let unread = index.unread_runs().expect("answers");
    assert_eq!(unread.iter().map(|(_, run)| run.run.clone()).collect::<Vec<_>>(), [run_id(2), run_id(3)]);
    assert_eq!(unread[1].1, newer.runs[0], "a newer record is kept as it stands");

    let mut readable_elsewhere = run(2, 1, 0.5);
    readable_elsewhere.remote = Some("origin".to_owned());
    index.put_runs(&[readable_elsewhere]).expect("kept");
    assert_eq!(
        index.runs(&RunFilter::default()).expect("answers").len(),
        2,
        "a damaged copy hides no sound one"
    );
}

#[test]
fn the_promoted_run_speaks_else_the_newest_clean_one() {
    let index = Index::in_memory().expect("memory");
    let mut dirty = run(5, 1, 0.99);
    dirty.record.dirty = true;
    let mut seed_8 = run(3, 1, 0.92);
    seed_8.record.seed = 8;
    let mut tuned = run(2, 1, 0.5);
    tuned.record.overrides.insert("train.epochs".to_owned(), "1".to_owned());
    index.put_runs(&[run(1, 1, 0.90), tuned, seed_8, dirty, run(4, 2, 0.7)]).expect("kept");

    let all = index.headlines(&model(), None).expect("answers");
    let accuracy = &all[&commit(1)][0].metrics["accuracy"];
    assert_eq!(
        (accuracy.run.clone(), accuracy.value.value),
        (run_id(3), Some(0.92)),
        "newest succeeded clean run"
    );
    assert_eq!(accuracy.seeds, 2, "two seeds; a run with other overrides is another experiment");
    let spread = accuracy.spread.expect("two values spread");
    assert!((spread - 0.02 / 2_f64.sqrt()).abs() < 1e-12, "sample deviation of 0.90 and 0.92, got {spread}");

    index.put_deployments(None, Some(&commit(3_000_001)), &[promotion(1, 1, 1)]).expect("kept");
    let only_one = index.headlines(&model(), Some(&[commit(1)])).expect("answers");
    assert_eq!(only_one.len(), 1, "only the versions asked for");
    let headline = &only_one[&commit(1)][0];
    assert!(headline.promoted);
    assert_eq!(headline.metrics["accuracy"].run, run_id(1), "what was promoted speaks before what is newer");
}

#[test]
fn other_test_sets_are_another_headline() {
    let index = Index::in_memory().expect("memory");
    let mut elsewhere = run(2, 1, 0.4);
    elsewhere.record.test_digest = Some(digest(200));
    elsewhere.record.metrics.remove("roc_auc");
    index.put_runs(&[run(1, 1, 0.9), elsewhere]).expect("kept");
    let headlines = &index.headlines(&model(), None).expect("answers")[&commit(1)];
    assert_eq!(headlines.len(), 2);
    assert_eq!(headlines[0].test_digest, Some(digest(200)), "the newest run's test set comes first");
    assert!(!headlines[0].metrics.contains_key("roc_auc"), "numbers of two test sets are never mixed");
}

#[test]
fn deployments_grow_from_the_tip_that_is_known() {
    let index = Index::in_memory().expect("memory");
    let (first, second) = (promotion(1, 1, 1), promotion(2, 2, 4));
    index.put_deployments(None, Some(&first.commit), std::slice::from_ref(&first)).expect("kept");
    index
        .put_deployments(Some(&first.commit), Some(&second.commit), std::slice::from_ref(&second))
        .expect("goes on from the tip");
    let late =
        index.put_deployments(Some(&first.commit), Some(&second.commit), std::slice::from_ref(&second));
    assert!(matches!(late, Err(Error::Conflict { .. })), "the tip moved on meanwhile: {late:?}");
    let production = "production".parse().expect("a name");
    assert_eq!(index.deployments(Some(&production), None).expect("answers"), [second.clone(), first]);
    assert_eq!(index.deploy_tip().expect("answers"), Some(second.commit));
    let staging = "staging".parse().expect("a name");
    assert_eq!(index.deployments(Some(&staging), None).expect("answers"), []);
}
