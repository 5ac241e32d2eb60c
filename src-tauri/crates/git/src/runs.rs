//! Runs as commits: one ref a run, examples apart from it.

use std::collections::{BTreeMap, BTreeSet};

use keelmark_types::{CommitId, RunId, Timestamp};

use crate::{Entry, Error, Oid, Plan, RefUpdate, Repository, Result, Signature, TreeEdit, Version};

/// Where this clone's own runs are.
const OWN_RUNS: &str = "refs/keelmark/runs/";
/// Where this clone's own predictions and logs are.
const OWN_PRIVATE: &str = "refs/keelmark/private/";
/// Where what was fetched from remotes is.
const REMOTES: &str = "refs/keelmark/remotes/";
/// The largest record file that is read.
const RECORD_BYTES: u64 = 256 << 20;

/// The files of a run, as its commit holds them.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct RunFiles {
    /// `run.json`.
    pub run_json: Vec<u8>,
    /// `metrics.jsonl`, where something was trained.
    pub metrics_jsonl: Option<Vec<u8>>,
    /// `evaluation.json`, where something was evaluated.
    pub evaluation_json: Option<Vec<u8>>,
    /// What is in `model/`, by file name.
    pub model: BTreeMap<String, Vec<u8>>,
}

/// What stays with its owner unless the repository opts in.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PrivateFiles {
    /// `predictions.parquet`.
    pub predictions_parquet: Option<Vec<u8>>,
    /// `log.txt`.
    pub log_txt: Option<Vec<u8>>,
}

/// A run that is recorded, not read yet.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct RunReference {
    /// Its id; ids sort by the time they were made.
    pub run: RunId,
    /// Its commit.
    pub commit: CommitId,
    /// The ref that holds it.
    pub reference: String,
    /// The remote it was fetched from; `None` for this clone's own.
    pub remote: Option<String>,
}

/// A run whose files are read when asked for.
#[derive(Debug)]
pub struct StoredRun {
    /// Where it is recorded.
    pub reference: RunReference,
    files: Version,
}

impl Repository {
    /// Records predictions and log of a run, before the run itself: `run.json` names this commit.
    pub fn record_private(&self, run: &RunId, files: &PrivateFiles, by: &Signature) -> Result<CommitId> {
        let contents = [("predictions.parquet", &files.predictions_parquet), ("log.txt", &files.log_txt)];
        let contents =
            contents.into_iter().filter_map(|(name, bytes)| Some((name.to_owned(), bytes.as_ref()?)));
        let commit = self.write_record(contents, &[], by, &format!("Private files of run {run}"))?;
        self.publish(&RefUpdate::create(format!("{OWN_PRIVATE}{run}"), &commit, "run recorded"))?;
        Ok(commit)
    }

    /// Records a run on top of the version it ran on. Once this returns, the run is durable.
    pub fn record_run(
        &self,
        run: &RunId,
        version: &CommitId,
        files: &RunFiles,
        by: &Signature,
    ) -> Result<CommitId> {
        let fixed = [
            ("run.json", Some(&files.run_json)),
            ("metrics.jsonl", files.metrics_jsonl.as_ref()),
            ("evaluation.json", files.evaluation_json.as_ref()),
        ];
        let fixed = fixed.into_iter().filter_map(|(name, bytes)| Some((name.to_owned(), bytes?)));
        let model = files.model.iter().map(|(name, bytes)| (format!("model/{name}"), bytes));
        let parents = std::slice::from_ref(version);
        let commit = self.write_record(fixed.chain(model), parents, by, &format!("Run {run}"))?;
        self.publish(&RefUpdate::create(own_reference(run), &commit, "run recorded"))?;
        Ok(commit)
    }

    pub(crate) fn write_record<'a>(
        &self,
        contents: impl Iterator<Item = (String, &'a Vec<u8>)>,
        parents: &[CommitId],
        by: &Signature,
        subject: &str,
    ) -> Result<CommitId> {
        let mut plan = Plan::new(self);
        let mut edits = Vec::new();
        for (path, bytes) in contents {
            edits.push(TreeEdit::file(path, plan.blob(bytes.clone())?));
        }
        let tree = plan.tree(None, &edits)?;
        let commit = plan.commit(tree, parents, by, (subject, ""), &[])?;
        self.write(&plan)?;
        Ok(commit)
    }

    /// Every run recorded here or fetched, by id; one that is both own and fetched is listed as both.
    pub fn runs(&self) -> Result<Vec<RunReference>> {
        let mut runs = Vec::new();
        for reference in self.refs("refs/keelmark/")? {
            if let Some((run, remote)) = parse_reference(&reference.name, "runs") {
                let commit = reference.oid.to_commit_id();
                runs.push(RunReference { run, commit, reference: reference.name, remote });
            }
        }
        runs.sort();
        Ok(runs)
    }

    /// One run by its id, this clone's own before a fetched one.
    pub fn find_run(&self, run: &RunId) -> Result<Option<StoredRun>> {
        let own = own_reference(run);
        let found = match self.find_ref(&own)? {
            Some(oid) => Some(RunReference {
                run: run.clone(),
                commit: oid.to_commit_id(),
                reference: own,
                remote: None,
            }),
            None => self.runs()?.into_iter().find(|found| found.run == *run),
        };
        found.map(|reference| self.read_run(reference)).transpose()
    }

    /// The files of a listed run, read when asked for.
    pub fn read_run(&self, reference: RunReference) -> Result<StoredRun> {
        let files = self.version(&reference.commit)?;
        Ok(StoredRun { reference, files })
    }

    /// The commit with a run's predictions and log, this clone's own before a fetched one; `None` where there is none.
    pub fn find_private(&self, run: &RunId) -> Result<Option<CommitId>> {
        if let Some(oid) = self.find_ref(&format!("{OWN_PRIVATE}{run}"))? {
            return Ok(Some(oid.to_commit_id()));
        }
        let fetched = self.refs(REMOTES)?.into_iter().find(|reference| {
            parse_reference(&reference.name, "private").is_some_and(|(found, _)| found == *run)
        });
        Ok(fetched.map(|reference| reference.oid.to_commit_id()))
    }

    /// Predictions and log of a run; `None` where they are not here.
    pub fn read_private(&self, run: &RunId) -> Result<Option<PrivateFiles>> {
        let Some(commit) = self.find_private(run)? else { return Ok(None) };
        let version = self.version(&commit)?;
        Ok(Some(PrivateFiles {
            predictions_parquet: version.read("predictions.parquet", RECORD_BYTES)?,
            log_txt: version.read("log.txt", RECORD_BYTES)?,
        }))
    }

    /// Removes this clone's private records that no run followed, made before `before`: what a crash between the two
    /// left. Returns their ids.
    pub fn sweep_private(&self, before: Timestamp) -> Result<Vec<RunId>> {
        let recorded: BTreeSet<RunId> = self.runs()?.into_iter().map(|run| run.run).collect();
        let mut swept = Vec::new();
        for reference in self.refs(OWN_PRIVATE)? {
            let Some((run, None)) = parse_reference(&reference.name, "private") else { continue };
            if run.made_at() < before && !recorded.contains(&run) {
                self.unpublish(&reference.name, reference.oid)?;
                swept.push(run);
            }
        }
        Ok(swept)
    }
}

impl StoredRun {
    /// `run.json`.
    pub fn run_json(&self) -> Result<Vec<u8>> {
        self.read("run.json")?
            .ok_or_else(|| Error::corrupt(format!("run {}", self.reference.run), "run.json is missing"))
    }

    /// `metrics.jsonl`, where something was trained.
    pub fn metrics_jsonl(&self) -> Result<Option<Vec<u8>>> {
        self.read("metrics.jsonl")
    }

    /// `evaluation.json`, where something was evaluated.
    pub fn evaluation_json(&self) -> Result<Option<Vec<u8>>> {
        self.read("evaluation.json")
    }

    /// One file of `model/`.
    pub fn model_file(&self, name: &str) -> Result<Option<Vec<u8>>> {
        self.read(&format!("model/{name}"))
    }

    /// The files of `model/`, with their sizes.
    pub fn model_entries(&self) -> Result<Vec<Entry>> {
        self.files.list("model")
    }

    /// The tree of `model/`: identical models have the same.
    pub fn model_tree(&self) -> Result<Option<Oid>> {
        self.files.subtree("model")
    }

    /// All files of its commit.
    pub fn files(&self) -> &Version {
        &self.files
    }

    fn read(&self, path: &str) -> Result<Option<Vec<u8>>> {
        self.files.read(path, RECORD_BYTES)
    }
}

fn own_reference(run: &RunId) -> String {
    format!("{OWN_RUNS}{}/{run}", run.month())
}

/// The run a ref is of, and the remote it came from.
pub(crate) fn parse_reference(name: &str, kind: &str) -> Option<(RunId, Option<String>)> {
    let (id, remote) = parse_record(name, kind)?;
    Some((RunId::new(id).ok()?, remote))
}

/// The id of a record, and the remote it came from: `refs/keelmark/[remotes/<remote>/]<kind>/…/<ulid>`.
pub(crate) fn parse_record<'a>(name: &'a str, kind: &str) -> Option<(&'a str, Option<String>)> {
    let rest = name.strip_prefix("refs/keelmark/")?;
    let (remote, rest) = match rest.strip_prefix("remotes/") {
        Some(rest) => {
            let at = rest.find(&format!("/{kind}/"))?;
            (Some(rest.get(..at)?.to_owned()), rest.get(at + 1..)?)
        }
        None => (None, rest),
    };
    let path = rest.strip_prefix(kind)?.strip_prefix('/')?;
    let (folders, id) = path.rsplit_once('/').unwrap_or(("", path));
    let is_placed =
        if kind == "runs" { !folders.is_empty() && !folders.contains('/') } else { folders.is_empty() };
    is_placed.then_some((id, remote))
}
