//! Runs and deployments made up for the tests.
#![allow(dead_code, reason = "each test file uses a part")]

use std::path::Path;

use keelmark_index::{
    DeploymentAction, DeploymentEntry, Index, IndexedRun, Promoted, RunContent, StoredRun, SyncedRef,
};
use keelmark_types::{CommitId, ModelName, RUN_SCHEMA, RunId, Sha256, Timestamp};
use serde_json::json;

pub fn commit(number: u64) -> CommitId {
    CommitId::new(format!("{number:040x}")).expect("forty digits")
}

pub fn digest(number: u64) -> Sha256 {
    Sha256::new(format!("{number:064x}")).expect("sixty-four digits")
}

pub fn run_id(number: u64) -> RunId {
    let start: Timestamp = "2026-03-01T00:00:00Z".parse().expect("a time");
    let at = Timestamp::from_second(start.as_second() + i64::try_from(number).expect("small") * 60)
        .expect("in range");
    RunId::from_parts(at, [u8::try_from(number % 251).expect("below 251"); 10])
}

pub fn model() -> ModelName {
    ModelName::new("digits").expect("a name")
}

/// A succeeded clean run of `digits` on version `version` with one metric.
pub fn run(number: u64, version: u64, accuracy: f64) -> IndexedRun {
    let id = run_id(number);
    // From JSON, as it is read from Git: what a record may leave out is left out.
    let record = serde_json::from_value(json!({
        "schema": RUN_SCHEMA, "run": id, "model": model(), "folder": "", "version": commit(version), "dirty": false,
        "job": "train", "status": "succeeded", "started_at": id.made_at(), "finished_at": id.made_at(),
        "duration_millis": 1500, "seed": 7, "config_sha256": digest(1), "test_digest": digest(100),
        "environment": {
            "device": "cpu", "threads": 1, "kernel_set": "avx2", "app_version": "0.1.0", "candle_version": "0.11.1",
            "platform": "linux-x86_64",
        },
        "metrics": {
            "accuracy": {"value": accuracy, "low": accuracy - 0.01, "high": accuracy + 0.01},
            "roc_auc": {"value": null, "why": "one class only"},
        },
    }))
    .expect("a record");
    IndexedRun { record, commit: commit(1_000_000 + number), remote: None }
}

pub fn unreadable(number: u64, why: &str) -> SyncedRef {
    let (run, commit) = (run_id(number), commit(2_000_000 + number));
    let content = RunContent::Unreadable { why: why.to_owned() };
    SyncedRef {
        name: format!("refs/keelmark/runs/{}/{run}", run.month()),
        target: commit.clone(),
        remote: None,
        runs: vec![StoredRun { run, commit, content }],
    }
}

pub fn promotion(number: u64, version: u64, run: u64) -> DeploymentEntry {
    DeploymentEntry {
        commit: commit(3_000_000 + number),
        author: "Ada".to_owned(),
        email: "ada@example.org".to_owned(),
        time: "2026-03-02T09:30:00Z".parse().expect("a time"),
        subject: "Promote digits".to_owned(),
        promoted: Some(Promoted {
            environment: "production".parse().expect("a name"),
            model: model(),
            action: DeploymentAction::Promote,
            sequence: number,
            version: commit(version),
            run: run_id(run),
            release: "v1.0.0".parse().expect("a version"),
            release_digest: digest(number),
            previous: None,
            verdict: Some("PASSED".to_owned()),
            override_reason: None,
            release_tree: format!("{number:040x}"),
        }),
        problem: None,
    }
}

pub fn open(path: &Path) -> Index {
    Index::open(path).expect("a writable folder").0
}
