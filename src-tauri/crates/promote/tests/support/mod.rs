//! A model repository with runs, made by the git program and keelmark-git.
#![allow(dead_code, reason = "each test file uses a part of it")]

use std::collections::BTreeMap;
use std::path::Path;
use std::process::Command;

use keelmark_compare::{
    Comparison, Curve, Flip, FlipKind, Flips, MetricChange, Options, Side, Verdict, compare,
};
use keelmark_git::{Identity, Repository, RunFiles, Signature, Tag};
use keelmark_promote::{
    Baseline, Candidate, Destination, Judgement, Policy, Promotion, PromotionRequest, Proposal, Published,
    Standing, judge, plan_promotion, publish,
};
use keelmark_types::{
    CommitId, DataPin, Direction, EnvironmentName, Evaluation, Grade, JobKind, MetricValue, ModelName,
    RUN_SCHEMA, RunId, RunRecord, RunStatus, SemanticVersion, Stop, TaskKind, Timestamp,
};
use tempfile::TempDir;

pub fn git_in(folder: &Path, arguments: &[&str]) -> String {
    let output = Command::new("git")
        .current_dir(folder)
        .env("GIT_CONFIG_NOSYSTEM", "1")
        .env("GIT_CONFIG_GLOBAL", "/dev/null")
        .args(arguments)
        .output()
        .expect("git runs");
    assert!(output.status.success(), "git {arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8_lossy(&output.stdout).into_owned()
}

pub fn at(second: i64) -> Signature {
    let who = Identity { name: "Ada Example".into(), email: "ada@example.org".into() };
    Signature::new(who, Timestamp::from_second(1_780_000_000 + second).expect("a time"))
}

pub fn model() -> ModelName {
    ModelName::new("digits").expect("a name")
}

pub fn environment(name: &str) -> EnvironmentName {
    EnvironmentName::new(name).expect("a name")
}

pub fn release(text: &str) -> SemanticVersion {
    text.parse().expect("a version")
}

/// A run that is recorded: what a candidate is.
pub struct RecordedRun {
    pub record: RunRecord,
    pub commit: CommitId,
    pub files: Vec<(String, Vec<u8>)>,
    pub evaluation: Evaluation,
}

pub struct World {
    pub folder: TempDir,
    clock: std::cell::Cell<i64>,
}

impl World {
    pub fn new() -> Self {
        let folder =
            tempfile::Builder::new().prefix("keelmark-promote-").tempdir().expect("a temporary folder");
        let world = Self { folder, clock: std::cell::Cell::new(0) };
        world.git(&["init", "-q", "-b", "main"]);
        world.git(&["config", "user.name", "Ada Example"]);
        world.git(&["config", "user.email", "ada@example.org"]);
        world.commit("model.yaml", "keelmark: 1\nname: digits\n");
        world
    }

    /// A clone of a remote, with the same people.
    pub fn cloned(remote: &Path) -> Self {
        let folder =
            tempfile::Builder::new().prefix("keelmark-promote-").tempdir().expect("a temporary folder");
        git_in(folder.path(), &["clone", "-q", remote.to_str().expect("UTF-8"), "."]);
        git_in(folder.path(), &["config", "user.name", "Ada Example"]);
        git_in(folder.path(), &["config", "user.email", "ada@example.org"]);
        Self { folder, clock: std::cell::Cell::new(0) }
    }

    pub fn path(&self) -> &Path {
        self.folder.path()
    }

    pub fn git(&self, arguments: &[&str]) -> String {
        git_in(self.path(), arguments)
    }

    pub fn open(&self) -> Repository {
        Repository::open(self.path()).expect("the repository opens")
    }

    pub fn next(&self) -> Signature {
        self.clock.set(self.clock.get() + 1);
        at(self.clock.get())
    }

    /// The next signature is of the same second as the last one.
    pub fn hold_clock(&self) {
        self.clock.set(self.clock.get() - 1);
    }

    pub fn commit(&self, path: &str, text: &str) -> CommitId {
        let full = self.path().join(path);
        std::fs::create_dir_all(full.parent().expect("a folder")).expect("folders are made");
        std::fs::write(full, text).expect("a file is written");
        self.git(&["add", "-A"]);
        self.git(&["commit", "-q", "--allow-empty", "-m", "Change the model"]);
        CommitId::new(self.git(&["rev-parse", "HEAD"]).trim()).expect("a commit id")
    }

    /// A run of `version`, recorded; `chance` tells runs apart.
    pub fn run(&self, version: &CommitId, chance: u8) -> RecordedRun {
        let id = RunId::from_parts(at(i64::from(chance)).at, [chance; 10]);
        let files: Vec<(String, Vec<u8>)> = [
            ("model.safetensors", vec![0, 159, chance, 10, 255]),
            ("config.json", format!("{{\"layers\": {chance}}}\n").into_bytes()),
            ("preprocess.json", b"{}\n".to_vec()),
            ("signature.json", b"{\"inputs\": []}\n".to_vec()),
        ]
        .into_iter()
        .map(|(name, bytes)| (name.to_owned(), bytes))
        .collect();
        let evaluation = evaluation(0.95 + f64::from(chance) / 1000.0);
        let record = run_record(&id, version, &evaluation);
        let stored = RunFiles {
            run_json: serde_json::to_vec(&record).expect("JSON"),
            evaluation_json: Some(serde_json::to_vec(&evaluation).expect("JSON")),
            model: files.iter().cloned().collect(),
            ..RunFiles::default()
        };
        let commit = self.open().record_run(&id, version, &stored, &at(0)).expect("a run is recorded");
        RecordedRun { record, commit, files, evaluation }
    }

    pub fn tip(&self) -> Option<CommitId> {
        self.open().find_ref(keelmark_promote::DEPLOY_REF).expect("refs").map(keelmark_git::Oid::to_commit_id)
    }

    pub fn standing(&self, to: &str) -> Standing {
        Standing::read(&self.open(), self.tip().as_ref(), &environment(to), &model())
            .expect("the branch is read")
    }

    /// Plans with everything passed.
    pub fn plan(&self, run: &RecordedRun, to: &str) -> Proposal {
        let first = self.standing(to).desired.is_none();
        self.plan_with(run, to, &judgement(run, first), None).expect("a plan")
    }

    pub fn plan_with(
        &self,
        run: &RecordedRun,
        to: &str,
        judgement: &Judgement,
        reason: Option<&str>,
    ) -> keelmark_promote::Result<Proposal> {
        let tip = self.tip();
        self.plan_at(tip.as_ref(), run, to, judgement, reason)
    }

    pub fn plan_at(
        &self,
        tip: Option<&CommitId>,
        run: &RecordedRun,
        to: &str,
        judgement: &Judgement,
        reason: Option<&str>,
    ) -> keelmark_promote::Result<Proposal> {
        let repository = self.open();
        let standing = Standing::read(&repository, tip, &environment(to), &model())?;
        let tags: Vec<Tag> = repository.tags()?;
        let comparison = comparison();
        plan_promotion(&PromotionRequest {
            repository: &repository,
            standing: &standing,
            run: &run.record,
            run_commit: &run.commit,
            files: &run.files,
            evaluation: &run.evaluation,
            release: standing.next_release(&tags, &run.record.version).expect("a release"),
            judgement,
            comparison: (!judgement.first_deployment).then_some(&comparison),
            headline: &[],
            policy: None,
            override_reason: reason,
            share_predictions: false,
            tags: &tags,
            author: &self.next(),
        })
    }

    pub fn planned(&self, run: &RecordedRun, to: &str) -> Promotion {
        change(self.plan(run, to))
    }

    /// Plans and publishes here.
    pub fn promote(&self, run: &RecordedRun, to: &str) -> Promotion {
        let promotion = self.planned(run, to);
        assert_eq!(self.publish(&promotion), Published::Published { pushed: false }, "nobody else is here");
        promotion
    }

    /// Publishes on top of the promotion's base, locally.
    pub fn publish(&self, promotion: &Promotion) -> Published {
        let destination = Destination { local_tip: promotion.base.as_ref(), remote: None };
        publish(&self.open(), promotion, destination, &Stop::new()).expect("publishing answers")
    }

    /// Commits a change to the deploy branch by hand, with git itself. `message` of `None` keeps the last one.
    pub fn by_hand(&self, amend: bool, message: Option<&str>, edit: impl FnOnce(&Path)) {
        let copy = self.path().join("by-hand");
        self.git(&["worktree", "add", "-q", "by-hand", "keelmark/deploy"]);
        edit(&copy);
        git_in(&copy, &["add", "-A"]);
        let mut arguments = vec!["commit", "-q", "--allow-empty"];
        if amend {
            arguments.push("--amend");
        }
        match message {
            Some(message) => arguments.extend(["-m", message]),
            None => arguments.push("--no-edit"),
        }
        git_in(&copy, &arguments);
        self.git(&["worktree", "remove", "--force", "by-hand"]);
    }

    pub fn fsck(&self) {
        self.git(&["fsck", "--strict", "--full"]);
    }
}

pub fn change(proposal: Proposal) -> Promotion {
    match proposal {
        Proposal::Change(promotion) => *promotion,
        Proposal::Unchanged(same) => panic!("expected a change, {} desires it already", same.commit),
    }
}

pub fn judgement(run: &RecordedRun, first: bool) -> Judgement {
    let comparisons = [comparison()];
    let gates = [
        keelmark_manifest::Gate::AtLeast {
            metric: "accuracy".into(),
            at_least: 0.9,
            class: None,
            each_class: false,
        },
        keelmark_manifest::Gate::SizeMib { size_mib: 20.0 },
    ];
    let candidate =
        Candidate { run: &run.record, evaluation: &run.evaluation, served_bytes: 1000, missing: &[] };
    let baseline = if first { Baseline::None } else { Baseline::Compared(&comparisons) };
    judge(candidate, baseline, Policy { gates: &gates, target: None })
}

/// A judgement that blocks: accuracy is too low.
pub fn blocked(run: &RecordedRun) -> Judgement {
    let gates = [keelmark_manifest::Gate::AtLeast {
        metric: "accuracy".into(),
        at_least: 0.999,
        class: None,
        each_class: false,
    }];
    let candidate =
        Candidate { run: &run.record, evaluation: &run.evaluation, served_bytes: 1000, missing: &[] };
    judge(candidate, Baseline::None, Policy { gates: &gates, target: None })
}

pub fn evaluation(accuracy: f64) -> Evaluation {
    let metric = |value: f64| MetricValue {
        value: Some(value),
        low: Some(value - 0.01),
        high: Some(value + 0.01),
        why: None,
    };
    Evaluation {
        schema: keelmark_types::EVALUATION_SCHEMA.into(),
        task: TaskKind::Classification,
        examples: 300,
        grade: Grade::Repeated,
        metrics: BTreeMap::from([
            ("accuracy".to_owned(), metric(accuracy)),
            ("log_loss".to_owned(), metric(0.2)),
            (
                "roc_auc".to_owned(),
                MetricValue { why: Some("three classes".into()), ..MetricValue::default() },
            ),
        ]),
        classes: Vec::new(),
        slices: vec![keelmark_types::Slice {
            column: "ink".into(),
            value: "low | <b>".into(),
            examples: 40,
            metrics: BTreeMap::from([("accuracy".to_owned(), metric(0.8))]),
        }],
        confusion: None,
        calibration: Vec::new(),
        roc_curve: Vec::new(),
    }
}

pub fn run_record(id: &RunId, version: &CommitId, evaluation: &Evaluation) -> RunRecord {
    RunRecord {
        schema: RUN_SCHEMA.into(),
        run: id.clone(),
        model: model(),
        folder: String::new(),
        version: version.clone(),
        dirty: false,
        job: JobKind::Train,
        status: RunStatus::Succeeded,
        cause: None,
        started_at: at(0).at,
        finished_at: at(1).at,
        duration_millis: 1000,
        seed: 7,
        overrides: BTreeMap::new(),
        config_sha256: None,
        data: vec![DataPin {
            path: "data/test.csv".into(),
            sha256: keelmark_promote::sha256(b"data"),
            size_bytes: 4,
            versioned: true,
        }],
        test_digest: Some(keelmark_promote::sha256(b"test")),
        examples: BTreeMap::new(),
        environment: keelmark_types::Environment {
            app_version: "0.1.0".into(),
            candle_version: "0.11.1".into(),
            ..Default::default()
        },
        model_sha256: None,
        artifact: None,
        model_size_bytes: None,
        parameters: Some(4810),
        metrics: evaluation.metrics.clone(),
        validation: BTreeMap::new(),
        best_epoch: None,
        predictions_sha256: None,
        private: None,
        evaluated: None,
        resumed_from: None,
    }
}

/// A comparison in which accuracy changed by `change`, between `low` and `high`.
pub fn compared(change: f64, low: f64, high: f64) -> Comparison {
    let mut comparison = compare(
        &Side::new("production", evaluation(0.95)),
        &Side::new("candidate", evaluation(0.95 + change)),
        &Options::default(),
    );
    comparison.comparable = true;
    comparison.verdict = Verdict::Better;
    comparison.why = "Accuracy is better.".into();
    comparison.headline = Some("accuracy".into());
    comparison.examples.paired = 300;
    comparison.metrics = vec![MetricChange {
        name: "accuracy".into(),
        class: None,
        direction: Some(Direction::HigherIsBetter),
        a: Some(0.95),
        b: Some(0.95 + change),
        change: Some(change),
        low: Some(low),
        high: Some(high),
        verdict: Verdict::Better,
        p: Some(0.01),
        p_holm: Some(0.02),
        why: None,
    }];
    comparison.tests.bootstrap = Some(Options::default().bootstrap);
    comparison
}

/// A comparison with a flipped example that must not be named.
pub fn comparison() -> Comparison {
    let mut comparison = compared(0.02, 0.01, 0.03);
    comparison.flips = Flips {
        fixed: 1,
        broken: 0,
        changed: 0,
        total: 1,
        examples: vec![Flip {
            id: "patient-4711".into(),
            kind: FlipKind::Fixed,
            truth: "3".into(),
            a: "8".into(),
            b: "3".into(),
            confidence_a: 0.6,
            confidence_b: 0.9,
        }],
    };
    comparison.curves = vec![Curve {
        metric: "validation/loss".into(),
        steps: vec![10, 20, 30],
        a: vec![Some(0.9), Some(0.5), Some(0.4)],
        b: vec![Some(0.8), None, Some(0.3)],
    }];
    comparison
}
