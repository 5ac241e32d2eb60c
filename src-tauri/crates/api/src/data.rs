//! `data`: which files a model reads, and whether they are what model.lock pins.

use std::path::Path;

use keelmark_data::{DataSource, RootedDir, Source, Stores};
use keelmark_manifest::{FILE_NAME, LOCK_NAME, Lock, Manifest, Pin, Split};
use keelmark_types::Sha256;
use serde::Serialize;
use ts_rs::TS;

use crate::tracked::{DvcStatus, dvc_status};
use crate::{Code, DvcStage, Problem, Session, TrackedData};

/// The data files of the work tree's models.
#[derive(Debug, Clone, Serialize, TS)]
pub struct DataFiles {
    /// Each file.
    pub files: Vec<DataFile>,
    /// The stages and pointers of DVC, fresh and stale.
    pub stages: Vec<DvcStage>,
    /// What DVC tracks, and what of it is here.
    pub tracked: Vec<TrackedData>,
    /// What of DVC's files could not be read.
    pub problems: Vec<String>,
}

/// One data file.
#[derive(Debug, Clone, Serialize, TS)]
pub struct DataFile {
    /// Path from the repository's root.
    pub path: String,
    /// How it stands.
    pub state: DataState,
    /// Its digest as pinned.
    pub pinned_sha256: Option<Sha256>,
    /// Its digest as it is.
    pub sha256: Option<Sha256>,
    /// Its size as it is.
    pub size_bytes: Option<u64>,
    /// Whether Git has it.
    pub versioned: bool,
}

/// How a data file stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum DataState {
    /// As model.lock pins it.
    Pinned,
    /// Not what model.lock pins.
    Altered,
    /// In no model.lock.
    NotPinned,
    /// Not there.
    Missing,
}

impl Session {
    /// How each data file of the work tree stands.
    pub fn data_status(&self) -> Result<DataFiles, Problem> {
        let root = self.work_tree()?;
        let stores = self.stores()?;
        let source = self.work_tree_source(&stores)?;
        let DvcStatus { stages, tracked: by_dvc, problems } = dvc_status(&source)?;
        let models = match self.work_tree_models(&root) {
            Err(problem) if problem.code == Code::NoManifest && !(stages.is_empty() && by_dvc.is_empty()) => {
                Vec::new()
            }
            models => models?,
        };
        let tracked = self.tracked()?;
        let mut files = Vec::new();
        for (folder, manifest, lock) in models {
            for path in data_paths(&manifest) {
                let full = join(&folder, &path);
                let bytes = match source.read(&full) {
                    Err(keelmark_data::Error::Elsewhere { .. }) => None,
                    read => read?,
                };
                let pinned = lock.files.get(&path);
                let sha256 = bytes.as_deref().map(crate::digest);
                let state = match (&sha256, pinned) {
                    (None, _) => DataState::Missing,
                    (Some(_), None) => DataState::NotPinned,
                    (Some(found), Some(pin)) if *found == pin.sha256 => DataState::Pinned,
                    _ => DataState::Altered,
                };
                files.push(DataFile {
                    versioned: tracked.contains(&full) || source.is_versioned(&full),
                    path: full,
                    state,
                    pinned_sha256: pinned.map(|pin| pin.sha256.clone()),
                    sha256,
                    size_bytes: bytes.map(|bytes| bytes.len() as u64),
                });
            }
        }
        Ok(DataFiles { files, stages, tracked: by_dvc, problems })
    }

    /// Pins a data file's digest and size in the model.lock of its model, and gives its state.
    pub fn data_add(&self, path: &Path) -> Result<DataFile, Problem> {
        let root = self.work_tree()?;
        let stores = self.stores()?;
        let source = self.work_tree_source(&stores)?;
        let wanted = self.relative(path)?;
        for (folder, manifest, mut lock) in self.work_tree_models(&root)? {
            let Some(name) = data_paths(&manifest).into_iter().find(|name| join(&folder, name) == wanted)
            else {
                continue;
            };
            let bytes = source.read(&wanted)?.ok_or_else(|| {
                Problem::new(Code::MissingData, format!("{wanted} is not there"))
                    .detail("model.lock was not changed.")
                    .hint("Put the file there first.")
            })?;
            let (sha256, size_bytes) = (crate::digest(&bytes), bytes.len() as u64);
            lock.files.insert(name, Pin { sha256: sha256.clone(), size_bytes });
            root.write(&join(&folder, LOCK_NAME), lock.render().as_bytes())?;
            return Ok(DataFile {
                versioned: self.tracked()?.contains(&wanted) || source.is_versioned(&wanted),
                path: wanted,
                state: DataState::Pinned,
                pinned_sha256: Some(sha256.clone()),
                sha256: Some(sha256),
                size_bytes: Some(size_bytes),
            });
        }
        Err(Problem::new(Code::InvalidRequest, format!("No model.yaml names {wanted} as data"))
            .detail("model.lock was not changed.")
            .hint("Name it under `data:` in model.yaml first."))
    }

    fn work_tree_source<'a>(&self, stores: &'a Stores) -> Result<DataSource<'a>, Problem> {
        DataSource::of_work_tree(&self.repository, stores)?.ok_or_else(no_work_tree)
    }

    fn work_tree(&self) -> Result<RootedDir, Problem> {
        let folder = self.repository.work_dir().ok_or_else(no_work_tree)?;
        Ok(RootedDir::open(folder)?)
    }

    fn work_tree_models(&self, root: &RootedDir) -> Result<Vec<(String, Manifest, Lock)>, Problem> {
        let mut models = Vec::new();
        for path in self.work_tree_manifests()? {
            let folder = path.strip_suffix(FILE_NAME).unwrap_or_default().trim_end_matches('/').to_owned();
            let text = text_of(root, &path)?.unwrap_or_default();
            let manifest = keelmark_manifest::parse(&path, &text)
                .map_err(|mistakes| Problem::from_mistakes(Code::InvalidManifest, &mistakes))?;
            let lock_path = join(&folder, LOCK_NAME);
            let lock = match text_of(root, &lock_path)? {
                None => Lock::default(),
                Some(text) => Lock::parse(&lock_path, &text)
                    .map_err(|mistakes| Problem::from_mistakes(Code::InvalidManifest, &mistakes))?,
            };
            models.push((folder, manifest, lock));
        }
        if models.is_empty() {
            return Err(Problem::new(Code::NoManifest, "There is no model.yaml in the work tree")
                .detail("Nothing was changed.")
                .hint("Add one, or go into a folder that has one."));
        }
        Ok(models)
    }

    /// Every model.yaml of the work tree, tracked or new.
    pub(crate) fn work_tree_manifests(&self) -> Result<Vec<String>, Problem> {
        let mut paths = self.repository.tracked_paths()?;
        paths.extend(self.repository.status()?);
        paths.retain(|path| path.rsplit('/').next() == Some(FILE_NAME));
        paths.sort();
        paths.dedup();
        Ok(paths)
    }

    fn tracked(&self) -> Result<std::collections::BTreeSet<String>, Problem> {
        Ok(self.repository.tracked_paths()?.into_iter().collect())
    }

    /// A path as typed, relative to the repository's root with `/`.
    pub(crate) fn relative(&self, path: &Path) -> Result<String, Problem> {
        let outside = || {
            Problem::new(Code::InvalidRequest, format!("{} is outside the repository", path.display()))
                .detail("Nothing was changed.")
        };
        let absolute = std::path::absolute(path).map_err(|_| outside())?;
        let inside = match absolute.canonicalize() {
            Ok(real) => real.strip_prefix(self.path()).map(Path::to_owned),
            Err(_) => absolute.strip_prefix(self.path()).map(Path::to_owned),
        };
        let parts: Option<Vec<String>> = inside
            .map_err(|_| outside())?
            .components()
            .map(|part| part.as_os_str().to_str().map(str::to_owned))
            .collect();
        parts.map(|parts| parts.join("/")).ok_or_else(outside)
    }
}

fn no_work_tree() -> Problem {
    Problem::new(Code::InvalidRequest, "A bare repository has no work tree")
        .detail("Nothing was changed.")
        .hint("Clone it first.")
}

fn text_of(root: &RootedDir, path: &str) -> Result<Option<String>, Problem> {
    let Some(bytes) = root.read(path)? else { return Ok(None) };
    String::from_utf8(bytes).map(Some).map_err(|_| {
        Problem::new(Code::InvalidManifest, format!("{path} is not UTF-8 text"))
            .detail("Nothing was changed.")
    })
}

fn data_paths(manifest: &Manifest) -> Vec<String> {
    let data = &manifest.data;
    let mut paths: Vec<String> = [&data.train, &data.validation, &data.test]
        .into_iter()
        .filter_map(|split| match split {
            Some(Split::File { path, .. }) => Some(path.clone()),
            _ => None,
        })
        .collect();
    paths.dedup();
    paths
}

fn join(folder: &str, name: &str) -> String {
    if folder.is_empty() { name.to_owned() } else { format!("{folder}/{name}") }
}
