//! A real repository made with git, with runs and deployment commits made by keelmark-git's own writer.
#![allow(dead_code, reason = "each test file uses a part")]

pub mod others;

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use keelmark_git::{Identity, Oid, Plan, RefUpdate, Repository, RunFiles, Signature, Trailer, TreeEdit};
use keelmark_history::{Synced, sync};
use keelmark_index::Index;
use keelmark_types::{
    CommitId, DEPLOYMENT_SCHEMA, ModelName, NoProgress, Outcome, RUN_SCHEMA, RunId, Sha256, Stop, Timestamp,
};
use serde_json::{Value, json};

pub const MODEL_YAML: &str = "\
keelmark: 1
name: digits
task: classification
data:
  train: {path: train.csv}
  validation: {split_from: train, ratio: 0.2, seed: 1}
  test: {path: test.csv, id: row_id}
  target: label
model: {preset: linear}
train: {epochs: 1, batch_size: 8, optimizer: {adamw: {lr: 0.01}}, seed: 7}
environments:
  production: {after: staging, requires: [signature]}
  staging: {auto_promote: true}
";

pub struct World {
    folder: tempfile::TempDir,
    clock: std::cell::Cell<i64>,
}

/// What a promotion in a test says.
pub struct Promotion<'a> {
    pub environment: &'a str,
    pub version: &'a CommitId,
    pub run: &'a RunId,
    pub release: &'a str,
    pub sequence: u64,
}

impl World {
    pub fn new() -> Self {
        let world = Self {
            folder: tempfile::tempdir().expect("a folder"),
            clock: std::cell::Cell::new(1_772_000_000),
        };
        fs::create_dir_all(world.path()).expect("a folder");
        world.git(&["init", "--quiet", "--initial-branch=main"]);
        world
    }

    pub fn path(&self) -> PathBuf {
        self.folder.path().join("repo")
    }

    pub fn index_path(&self) -> PathBuf {
        self.folder.path().join("cache/index.sqlite")
    }

    pub fn repository(&self) -> Repository {
        Repository::open(self.path()).expect("a repository")
    }

    pub fn index(&self) -> Index {
        Index::open(&self.index_path()).expect("a writable folder").0
    }

    pub fn sync(&self, index: &Index) -> Synced {
        match sync(&self.repository(), index, &NoProgress, &Stop::new()).expect("reads") {
            Outcome::Done(synced) => synced,
            Outcome::Stopped { kept } => panic!("nobody asked to stop: {kept}"),
        }
    }

    /// Runs git, demands success, gives what it wrote.
    pub fn git(&self, args: &[&str]) -> String {
        git_in(&self.path(), self.clock.get(), args)
    }

    pub fn write(&self, path: &str, content: &str) {
        let path = self.path().join(path);
        fs::create_dir_all(path.parent().expect("in a folder")).expect("a folder");
        fs::write(path, content).expect("written");
    }

    /// Commits the work tree, a minute after what came before.
    pub fn commit(&self, message: &str) -> CommitId {
        self.clock.set(self.clock.get() + 60);
        self.git(&["add", "--all"]);
        self.git(&["commit", "--quiet", "--allow-empty", "--message", message]);
        CommitId::new(self.git(&["rev-parse", "HEAD"])).expect("an id")
    }

    /// A commit with `model.yaml`.
    pub fn declare(&self) -> CommitId {
        self.write("model.yaml", MODEL_YAML);
        self.commit("Declare the model")
    }

    /// Records a succeeded run of `digits`; `change` edits its record before.
    pub fn run(
        &self,
        number: u64,
        version: &CommitId,
        accuracy: f64,
        change: impl FnOnce(&mut Value),
    ) -> RunId {
        let id = run_id(number);
        let mut record = record(&id, version, accuracy);
        change(&mut record);
        self.record(&id, version, record.to_string().as_bytes());
        id
    }

    /// Records any bytes as a run.
    pub fn record(&self, id: &RunId, version: &CommitId, run_json: &[u8]) -> CommitId {
        let files = RunFiles { run_json: run_json.to_vec(), ..RunFiles::default() };
        self.repository().record_run(id, version, &files, &self.signature()).expect("recorded")
    }

    pub fn signature(&self) -> Signature {
        let who = Identity { name: "Ada".to_owned(), email: "ada@example.org".to_owned() };
        Signature::new(who, Timestamp::from_second(self.clock.get()).expect("in range"))
    }

    pub fn deploy_tip(&self) -> Option<CommitId> {
        self.repository().find_ref("refs/heads/keelmark/deploy").expect("reads").map(Oid::to_commit_id)
    }

    /// A promotion as the trailers and the tree of DESIGN have it.
    pub fn promote(&self, promotion: &Promotion<'_>, extra: &[Trailer]) -> CommitId {
        let release = deployment(promotion);
        let mut trailers = trailers(promotion);
        trailers.extend_from_slice(extra);
        self.deploy(
            promotion.environment,
            Some(release.to_string().as_bytes()),
            None,
            "Promote digits",
            &trailers,
        )
    }

    /// Any commit on the deploy branch: with new bytes for deployment.yaml, or a whole release folder, or neither.
    pub fn deploy(
        &self,
        environment: &str,
        deployment_yaml: Option<&[u8]>,
        release_tree: Option<Oid>,
        subject: &str,
        trailers: &[Trailer],
    ) -> CommitId {
        self.clock.set(self.clock.get() + 60);
        let repository = self.repository();
        let tip = self.deploy_tip();
        let base = tip.as_ref().map(|tip| repository.version(tip).expect("there").tree_id());
        let mut plan = Plan::new(&repository);
        let folder = format!("environments/{environment}/digits/release");
        let mut edits = Vec::new();
        if let Some(bytes) = deployment_yaml {
            let blob = plan.blob(bytes.to_vec()).expect("planned");
            edits.push(TreeEdit::file(format!("{folder}/deployment.yaml"), blob));
        }
        if let Some(tree) = release_tree {
            edits.push(TreeEdit::Remove { path: folder.clone() });
            edits.push(TreeEdit::folder(folder, tree));
        }
        let tree = plan.tree(base, &edits).expect("planned");
        let parents: Vec<CommitId> = tip.iter().cloned().collect();
        let commit =
            plan.commit(tree, &parents, &self.signature(), (subject, ""), trailers).expect("planned");
        repository.write(&plan).expect("written");
        let update = RefUpdate::from_to("refs/heads/keelmark/deploy", tip.map(Oid::from), &commit, "test");
        repository.publish(&update).expect("published");
        commit
    }
}

pub fn git_in(folder: &Path, at: i64, args: &[&str]) -> String {
    let date = format!("{at} +0000");
    let output = Command::new("git")
        .current_dir(folder)
        .args([
            "-c",
            "commit.gpgSign=false",
            "-c",
            "core.hooksPath=/dev/null",
            "-c",
            "protocol.file.allow=always",
        ])
        .args(args)
        .envs([("GIT_CONFIG_GLOBAL", "/dev/null"), ("GIT_CONFIG_NOSYSTEM", "1")])
        .envs([("GIT_AUTHOR_NAME", "Ada"), ("GIT_AUTHOR_EMAIL", "ada@example.org")])
        .envs([("GIT_COMMITTER_NAME", "Ada"), ("GIT_COMMITTER_EMAIL", "ada@example.org")])
        .envs([("GIT_AUTHOR_DATE", &date), ("GIT_COMMITTER_DATE", &date)])
        .output()
        .expect("git is installed");
    assert!(output.status.success(), "git {args:?}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8_lossy(&output.stdout).trim().to_owned()
}

pub fn model() -> ModelName {
    ModelName::new("digits").expect("a name")
}

pub fn digest(number: u64) -> Sha256 {
    Sha256::new(format!("{number:064x}")).expect("sixty-four digits")
}

pub fn run_id(number: u64) -> RunId {
    let at =
        Timestamp::from_second(1_772_000_000 + i64::try_from(number).expect("small") * 60).expect("in range");
    RunId::from_parts(at, [u8::try_from(number % 251).expect("small"); 10])
}

pub fn record(id: &RunId, version: &CommitId, accuracy: f64) -> Value {
    json!({
        "schema": RUN_SCHEMA, "run": id, "model": "digits", "folder": "", "version": version, "dirty": false,
        "job": "train", "status": "succeeded", "started_at": id.made_at(), "finished_at": id.made_at(),
        "duration_millis": 1500, "seed": 7, "config_sha256": digest(1), "test_digest": digest(100),
        "environment": {
            "device": "cpu", "threads": 1, "kernel_set": "avx2", "app_version": "0.1.0", "candle_version": "0.11.1",
            "platform": "linux-x86_64",
        },
        "metrics": {"accuracy": {"value": accuracy, "low": accuracy - 0.01, "high": accuracy + 0.01}},
    })
}

pub fn deployment(promotion: &Promotion<'_>) -> Value {
    json!({
        "schema": DEPLOYMENT_SCHEMA, "model": "digits", "environment": promotion.environment,
        "version": promotion.version, "run": {"id": promotion.run, "commit": promotion.version},
        "release": promotion.release, "release_digest": digest(promotion.sequence), "gates": [],
        "decision": "ready", "files": [], "a field of tomorrow": {"is": "ignored"},
    })
}

pub fn trailers(promotion: &Promotion<'_>) -> Vec<Trailer> {
    vec![
        Trailer::new("Model", "digits"),
        Trailer::new("Model-Version", promotion.version.as_str()),
        Trailer::new("Release", promotion.release),
        Trailer::new("Run", promotion.run.as_str()),
        Trailer::new("Release-Digest", format!("sha256:{}", digest(promotion.sequence))),
        Trailer::new("Environment", promotion.environment),
        Trailer::new("Sequence", promotion.sequence.to_string()),
        Trailer::new("Verdict", "PASSED"),
    ]
}

pub fn by_name<T>(map: &BTreeMap<String, T>) -> Vec<&str> {
    map.keys().map(String::as_str).collect()
}
