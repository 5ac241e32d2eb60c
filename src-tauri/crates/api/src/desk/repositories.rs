//! The repositories a user works with: the list, one opened, and a look at a folder before it is.

use std::collections::BTreeMap;
use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};

use keelmark_git::Identity;
use keelmark_types::Timestamp;
use serde::{Deserialize, Serialize};
use ts_rs::TS;

use super::watch::{Marks, marks_of};
use super::{Desk, Tag, held};
use crate::{Code, Problem, Session};

/// A repository in the list.
#[derive(Debug, Clone, Serialize, TS)]
pub struct RepositoryCard {
    /// Its id, for every other call.
    pub repo: String,
    /// The name of its folder.
    pub name: String,
    /// Where it is.
    pub path: PathBuf,
    /// Whether it is still there.
    pub state: RepositoryState,
    /// When it was opened last.
    #[ts(type = "string")]
    pub opened_at: Timestamp,
    /// The models it declared then.
    pub models: Vec<String>,
}

/// Whether a repository of the list is still there.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum RepositoryState {
    /// It is.
    Ready,
    /// Its folder is gone.
    Missing,
    /// The folder is there and is no repository any more.
    NotARepository,
}

/// A repository, opened.
#[derive(Debug, Clone, Serialize, TS)]
pub struct RepositoryInfo {
    /// Its id, for every other call.
    pub repo: String,
    /// The name of its folder.
    pub name: String,
    /// Where it is.
    pub path: PathBuf,
    /// The branch checked out; none where HEAD is detached.
    pub branch: Option<String>,
    /// The commit checked out; none before the first.
    #[ts(type = "string | null")]
    pub head: Option<keelmark_types::CommitId>,
    /// The branch that counts as protected.
    pub default_branch: Option<String>,
    /// Local branches.
    pub branches: Vec<String>,
    /// Tags.
    pub tags: Vec<String>,
    /// Models declared at HEAD.
    pub models: Vec<RepositoryModel>,
    /// Remotes, without any secret in their address.
    pub remotes: Vec<RemoteInfo>,
    /// Who commits here are made by; none where Git does not know.
    pub identity: Option<Identity>,
    /// Whether it has no work tree.
    pub bare: bool,
    /// Files that differ from HEAD.
    pub changed_files: u64,
    /// What was found on opening that a person should know.
    pub remarks: Vec<String>,
}

/// A model declared at HEAD.
#[derive(Debug, Clone, Serialize, TS)]
pub struct RepositoryModel {
    /// Its name; none where its manifest cannot be read that far.
    pub name: Option<String>,
    /// Its folder, empty for the root.
    pub folder: String,
    /// The metrics it is evaluated by, the most telling first; empty for all that apply.
    pub metrics: Vec<String>,
    /// What is wrong with its manifest.
    pub problem: Option<Problem>,
}

/// A remote.
#[derive(Debug, Clone, Serialize, TS)]
pub struct RemoteInfo {
    /// Its name.
    pub name: String,
    /// Its address, any secret left out.
    pub url: String,
}

/// What a look at a folder found.
#[derive(Debug, Clone, Serialize, TS)]
pub struct FolderFound {
    /// The repository's folder, or the folder itself.
    pub path: PathBuf,
    /// Whether it is in a Git repository.
    pub repository: bool,
    /// Models declared at HEAD.
    pub models: Vec<String>,
    /// What is there, by kind.
    pub found: Vec<Found>,
    /// The same in a sentence.
    pub sentence: String,
    /// Why it cannot be opened.
    pub problem: Option<Problem>,
}

/// Files of one kind.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
pub struct Found {
    /// The kind.
    pub kind: FoundKind,
    /// How many.
    pub count: u64,
}

/// What a file is, by its name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum FoundKind {
    /// `model.yaml`.
    Model,
    /// Metric files.
    Metrics,
    /// DVC's files.
    Dvc,
    /// `MLflow`'s folders.
    Mlflow,
    /// Prediction files.
    Predictions,
    /// ONNX models.
    Onnx,
    /// safetensors files.
    Safetensors,
}

impl FoundKind {
    fn of(path: &str) -> Option<Self> {
        let name = path.rsplit('/').next().unwrap_or(path).to_ascii_lowercase();
        let ending = name.rsplit('.').next().unwrap_or_default();
        let is_table = matches!(ending, "csv" | "tsv" | "parquet" | "json" | "jsonl");
        Some(match name.as_str() {
            "model.yaml" => Self::Model,
            "dvc.yaml" | "dvc.lock" => Self::Dvc,
            "mlflow.db" | "mlmodel" => Self::Mlflow,
            _ if path.split('/').any(|part| part == "mlruns") => return None,
            _ if ending == "dvc" => Self::Dvc,
            _ if ending == "onnx" => Self::Onnx,
            _ if ending == "safetensors" => Self::Safetensors,
            _ if is_table && name.contains("pred") => Self::Predictions,
            _ if matches!(ending, "json" | "yaml" | "yml" | "toml") && name.contains("metric") => {
                Self::Metrics
            }
            _ => return None,
        })
    }

    fn words(self, count: u64) -> String {
        let (one, many) = match self {
            Self::Model => ("model", "models"),
            Self::Metrics => ("metric file", "metric files"),
            Self::Dvc => ("DVC file", "DVC files"),
            Self::Mlflow => ("MLflow folder", "MLflow folders"),
            Self::Predictions => ("prediction file", "prediction files"),
            Self::Onnx => ("ONNX model", "ONNX models"),
            Self::Safetensors => ("safetensors file", "safetensors files"),
        };
        format!("{count} {}", if count == 1 { one } else { many })
    }
}

/// The list, as kept in the state folder.
#[derive(Debug, Default)]
pub(crate) struct Known {
    list: Vec<Remembered>,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
struct Remembered {
    path: PathBuf,
    opened_at: Timestamp,
    #[serde(default)]
    models: Vec<String>,
}

#[derive(Serialize, Deserialize)]
struct KnownFile {
    repositories: Vec<Remembered>,
}

const FILE: &str = "repositories.json";
/// Repositories that are remembered.
const REMEMBERED: usize = 200;

impl Known {
    /// A list that cannot be read counts as empty: it is a convenience, and opening a folder makes it anew.
    pub(crate) fn read(state: &Path) -> Self {
        let text = fs::read_to_string(state.join(FILE)).unwrap_or_default();
        let list = serde_json::from_str::<KnownFile>(&text).map(|file| file.repositories).unwrap_or_default();
        Self { list }
    }

    fn write(&self, state: &Path) -> std::io::Result<()> {
        fs::create_dir_all(state)?;
        let file = KnownFile { repositories: self.list.clone() };
        write_whole(&state.join(FILE), &serde_json::to_vec_pretty(&file)?)
    }
}

/// Writes a file of ours so that it is either the old or the new one, whole.
pub(crate) fn write_whole(path: &Path, bytes: &[u8]) -> std::io::Result<()> {
    let part = path.with_extension("part");
    let mut file = fs::File::create(&part)?;
    file.write_all(bytes)?;
    file.sync_all()?;
    fs::rename(&part, path)
}

/// A repository with its session, shared by all windows.
pub(crate) struct Opened {
    pub(crate) repo: String,
    pub(crate) session: Session,
    /// Something moved in Git since the index was brought up to date.
    pub(crate) stale: AtomicBool,
    /// When what is watched was last changed before it was opened.
    pub(crate) marks: Marks,
    /// What the last look found that a person should know.
    remarks: Mutex<Vec<String>>,
}

impl Opened {
    fn new(repo: String, session: Session) -> Arc<Self> {
        let remarks = Mutex::new(session.remarks.clone());
        let marks = marks_of(&session.repository);
        Arc::new(Self { repo, session, stale: AtomicBool::new(false), marks, remarks })
    }

    /// The session, brought up to date where something moved.
    pub(crate) fn session(&self) -> Result<&Session, Problem> {
        if self.stale.swap(false, Ordering::SeqCst) {
            match self.session.refresh() {
                Ok(remarks) => *held(&self.remarks) = remarks,
                Err(problem) => {
                    self.stale.store(true, Ordering::SeqCst);
                    return Err(problem);
                }
            }
        }
        Ok(&self.session)
    }

    pub(crate) fn info(&self) -> Result<RepositoryInfo, Problem> {
        let session = self.session()?;
        let repository = &session.repository;
        let head = repository.head()?;
        let models = match &head {
            None => Vec::new(),
            Some(head) => keelmark_history::models(&repository.version(head)?)?
                .into_iter()
                .map(|entry| RepositoryModel {
                    name: entry.name().map(ToString::to_string),
                    folder: entry.folder.clone(),
                    metrics: entry
                        .manifest
                        .as_ref()
                        .map(|manifest| manifest.evaluate.metrics.clone())
                        .unwrap_or_default(),
                    problem: Session::manifest_of(&entry).err(),
                })
                .collect(),
        };
        let mut branches: Vec<String> = repository
            .refs("refs/heads/")?
            .into_iter()
            .filter_map(|found| found.name.strip_prefix("refs/heads/").map(str::to_owned))
            .collect();
        branches.retain(|name| name != keelmark_promote::DEPLOY_BRANCH);
        let default_branch = repository.default_branch().ok().filter(|name| branches.contains(name));
        Ok(RepositoryInfo {
            repo: self.repo.clone(),
            name: name_of(session.path()),
            path: session.path().to_owned(),
            branch: repository.head_branch()?,
            head,
            default_branch,
            branches,
            tags: repository.tags()?.into_iter().map(|tag| tag.name).collect(),
            models,
            remotes: repository
                .remotes()?
                .into_iter()
                .map(|remote| RemoteInfo { url: shown(&remote.url), name: remote.name })
                .collect(),
            identity: repository.identity().ok(),
            bare: repository.work_dir().is_none(),
            changed_files: repository.status().map_or(0, |paths| paths.len() as u64),
            remarks: held(&self.remarks).clone(),
        })
    }

    pub(crate) fn is_there(&self) -> bool {
        self.session.repository.git_dir().join("HEAD").exists()
    }
}

fn id_of(path: &Path) -> String {
    crate::digest(path.as_os_str().as_encoded_bytes()).as_str()[..16].to_owned()
}

fn name_of(path: &Path) -> String {
    let name = path.file_name().unwrap_or(path.as_os_str()).to_string_lossy().into_owned();
    name.strip_suffix(".git").map_or(name.clone(), str::to_owned)
}

impl Desk {
    /// Every remembered repository, the last opened first.
    pub(crate) fn repositories(&self) -> Vec<RepositoryCard> {
        let known = held(&self.0.known).list.clone();
        let card = |known: Remembered| {
            let state = match (known.path.exists(), known.path.join(".git").exists()) {
                (false, _) => RepositoryState::Missing,
                (true, true) => RepositoryState::Ready,
                (true, false) if known.path.join("HEAD").exists() => RepositoryState::Ready,
                (true, false) => RepositoryState::NotARepository,
            };
            RepositoryCard {
                repo: id_of(&known.path),
                name: name_of(&known.path),
                state,
                opened_at: known.opened_at,
                models: known.models,
                path: known.path,
            }
        };
        known.into_iter().map(card).collect()
    }

    /// The repository of an id, opened.
    pub(crate) fn opened(&self, repo: &str) -> Result<Arc<Opened>, Problem> {
        let open = held(&self.0.open).get(repo).cloned();
        if let Some(opened) = open {
            if opened.is_there() {
                return Ok(opened);
            }
            held(&self.0.open).remove(repo);
            self.0.hearers.note(None, &[Tag::Repositories]);
        }
        let known =
            held(&self.0.known).list.iter().map(|known| known.path.clone()).find(|path| id_of(path) == repo);
        let path = known.ok_or_else(|| {
            Problem::new(Code::NotARepository, "This repository is not in the list any more")
                .detail("It may have been forgotten in another window. Its files are untouched.")
                .hint("Open its folder again.")
        })?;
        self.open_at(&path)
    }

    fn open_at(&self, path: &Path) -> Result<Arc<Opened>, Problem> {
        let session = self.keelmark().open(path).map_err(|problem| match problem.code {
            Code::NotARepository => {
                Problem::new(Code::NotARepository, format!("{} is not where it was", path.display()))
                    .detail("The folder was moved, renamed or deleted. Nothing was changed.")
                    .hint("Locate it, or forget it.")
            }
            _ => problem,
        })?;
        let repo = id_of(session.path());
        let mut open = held(&self.0.open);
        // Another call may have opened it meanwhile: one session each.
        let opened = open.entry(repo.clone()).or_insert_with(|| Opened::new(repo, session));
        Ok(Arc::clone(opened))
    }

    pub(crate) fn all_opened(&self) -> Vec<Arc<Opened>> {
        held(&self.0.open).values().cloned().collect()
    }

    /// Opens the repository at or around a folder and remembers it.
    pub(crate) fn open_folder(&self, path: &Path) -> Result<RepositoryInfo, Problem> {
        let session = self.keelmark().open(path)?;
        let path = session.path().to_owned();
        let repo = id_of(&path);
        let opened = {
            let mut open = held(&self.0.open);
            let there = open.get(&repo).filter(|opened| opened.is_there()).cloned();
            there.unwrap_or_else(|| {
                let fresh = Opened::new(repo.clone(), session);
                open.insert(repo, Arc::clone(&fresh));
                fresh
            })
        };
        let info = opened.info()?;
        let models = info.models.iter().filter_map(|model| model.name.clone()).collect();
        let mut known = held(&self.0.known);
        known.list.retain(|known| known.path != path);
        known.list.insert(0, Remembered { path, opened_at: self.keelmark().now(), models });
        known.list.truncate(REMEMBERED);
        if let Err(error) = known.write(&self.keelmark().places.state) {
            tracing::warn!(%error, "the list of repositories could not be kept");
        }
        drop(known);
        self.0.hearers.note(None, &[Tag::Repositories]);
        Ok(info)
    }

    /// Takes a repository off the list. Its files stay.
    pub(crate) fn forget_repository(&self, repo: &str) -> Result<(), Problem> {
        held(&self.0.open).remove(repo);
        let mut known = held(&self.0.known);
        known.list.retain(|known| id_of(&known.path) != repo);
        let path = self.keelmark().places.state.join(FILE);
        known
            .write(&self.keelmark().places.state)
            .map_err(|error| crate::failures::file_problem(&path, &error))?;
        drop(known);
        self.0.hearers.note(None, &[Tag::Repositories]);
        Ok(())
    }

    pub(crate) fn set_identity(&self, repo: &str, identity: Identity) -> Result<Identity, Problem> {
        let opened = self.opened(repo)?;
        opened.session()?.repository.set_identity(&identity)?;
        self.0.hearers.note(Some(repo), &[Tag::Repository]);
        Ok(identity)
    }
}

impl FolderFound {
    /// What is in a folder, by names alone. Nothing is opened, written or remembered.
    pub(crate) fn at(path: &Path) -> Self {
        found_in(path).unwrap_or_else(|problem| Self {
            path: path.to_owned(),
            repository: false,
            models: Vec::new(),
            found: Vec::new(),
            sentence: problem.summary.clone(),
            problem: Some(problem),
        })
    }
}

/// A remote's address without any secret.
fn shown(url: &str) -> String {
    keelmark_git::RemoteUrl::parse(url, Path::new("/")).map_or_else(|_| "?".to_owned(), |url| url.to_string())
}

fn found_in(path: &Path) -> Result<FolderFound, Problem> {
    let repository = keelmark_git::Repository::open(path)?;
    let mut paths = repository.tracked_paths()?;
    paths.extend(repository.status().unwrap_or_default());
    paths.sort();
    paths.dedup();
    let mut counts: BTreeMap<FoundKind, u64> = BTreeMap::new();
    for path in &paths {
        if let Some(kind) = FoundKind::of(path) {
            *counts.entry(kind).or_default() += 1;
        }
    }
    let folder = repository.work_dir().unwrap_or_else(|| repository.git_dir()).to_owned();
    if folder.join("mlruns").is_dir() || paths.iter().any(|path| path.starts_with("mlruns/")) {
        *counts.entry(FoundKind::Mlflow).or_default() += 1;
    }
    let models = match repository.head()? {
        None => Vec::new(),
        Some(head) => keelmark_history::models(&repository.version(&head)?)?
            .iter()
            .filter_map(|entry| entry.name().map(ToString::to_string))
            .collect(),
    };
    let words: Vec<String> = counts.iter().map(|(kind, count)| kind.words(*count)).collect();
    let sentence = if words.is_empty() {
        "No model, metrics or predictions found by their names. Nothing will be written.".to_owned()
    } else {
        format!("Found: {}. Nothing will be written.", words.join(", "))
    };
    Ok(FolderFound {
        path: folder,
        repository: true,
        models,
        found: counts.into_iter().map(|(kind, count)| Found { kind, count }).collect(),
        sentence,
        problem: None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_are_told_by_their_names() {
        for (path, kind) in [
            ("models/a/model.yaml", Some(FoundKind::Model)),
            ("dvc.lock", Some(FoundKind::Dvc)),
            ("data/train.csv.dvc", Some(FoundKind::Dvc)),
            ("out/predictions.parquet", Some(FoundKind::Predictions)),
            ("reports/metrics.json", Some(FoundKind::Metrics)),
            ("mlruns/0/abc/metrics/accuracy", None),
            ("a/b.ONNX", Some(FoundKind::Onnx)),
            ("src/predict.py", None),
        ] {
            assert_eq!(FoundKind::of(path), kind, "{path}");
        }
    }

    #[test]
    fn a_list_that_cannot_be_read_is_empty_and_is_made_anew() {
        let folder = tempfile::tempdir().expect("a folder");
        fs::write(folder.path().join(FILE), "{\"repositories\": [").expect("written");
        let mut known = Known::read(folder.path());
        assert!(known.list.is_empty());
        known.list.push(Remembered {
            path: "a".into(),
            opened_at: Timestamp::UNIX_EPOCH,
            models: Vec::new(),
        });
        known.write(folder.path()).expect("written");
        assert_eq!(Known::read(folder.path()).list.len(), 1);
    }
}
