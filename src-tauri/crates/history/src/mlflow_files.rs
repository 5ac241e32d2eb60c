//! Where `MLflow`'s files are read from: the work tree, else the version at HEAD; within a budget.

use std::collections::BTreeMap;
use std::io::Write;
use std::path::Path;

use keelmark_formats::mlflow::{Experiment, MAX_FILES, MAX_META_BYTES, RESERVED_FOLDERS, Run};
use keelmark_git::{EntryKind, Repository, Version, WorkFiles};

use crate::foreign::{ForeignRuns, of_files};
use crate::pipelines::{file_at, join};
use crate::{Error, Problem};

/// The most files and folders that are looked at below `mlruns`.
const MAX_ENTRIES: usize = 50_000;
/// The most bytes that are read below it.
const MAX_BYTES: u64 = 256 << 20;
/// The deepest key of a metric, parameter or tag.
const MAX_DEPTH: usize = 16;
/// The largest database that is taken out of a version.
const MAX_DATABASE_BYTES: u64 = 512 << 20;
/// The most problems that are told.
const MAX_PROBLEMS: usize = 100;
/// Where deleted experiments are.
const TRASH: &str = ".trash";

/// Files of other tools.
pub(crate) enum Store {
    Work(WorkFiles),
    Committed(Box<Version>),
}

impl Store {
    /// The store that has something at `path`, the work tree before HEAD.
    pub(crate) fn with(repository: &Repository, path: &str) -> Result<Option<Self>, Error> {
        if let Some(files) = repository.work_files()?
            && (files.stamp(path)?.is_some() || !files.children(path, 1)?.0.is_empty())
        {
            return Ok(Some(Self::Work(files)));
        }
        let Some(head) = repository.head()? else { return Ok(None) };
        let version = repository.version(&head)?;
        Ok(version.entry(path)?.is_some().then(|| Self::Committed(Box::new(version))))
    }

    pub(crate) fn read(&self, path: &str, max_bytes: u64) -> Result<Option<Vec<u8>>, Error> {
        Ok(match self {
            Self::Work(files) => files.read(path, max_bytes)?,
            Self::Committed(version) => version.read(path, max_bytes)?,
        })
    }

    fn children(&self, folder: &str, most: usize) -> Result<(Vec<(String, EntryKind)>, bool), Error> {
        match self {
            Self::Work(files) => Ok(files.children(folder, most)?),
            Self::Committed(version) => {
                let Some(tree) = version.subtree(folder)? else { return Ok((Vec::new(), true)) };
                let all = version.children(tree)?;
                let is_all = all.len() <= most;
                Ok((all.iter().take(most).map(|(name, kind, _)| (name.clone(), *kind)).collect(), is_all))
            }
        }
    }

    /// Asks a question of the database at `path`: where it lies, or of a committed one's copy.
    pub(crate) fn database<T>(
        &self,
        path: &str,
        question: impl FnOnce(&Path) -> Result<T, keelmark_index::Error>,
    ) -> Result<T, String> {
        let said = |error: keelmark_git::Error| error.to_string();
        let copied = |error: std::io::Error| format!("it could not be copied to be read: {error}");
        let answer = match self {
            Self::Work(files) => {
                let place = files.place(path).map_err(said)?;
                question(&place.ok_or("it is no file, or lies behind a link")?)
            }
            Self::Committed(version) => {
                let entry = file_at(version, path).map_err(said)?.ok_or("it is no file")?;
                let bytes = version.read_entry(&entry, MAX_DATABASE_BYTES).map_err(said)?;
                let mut copy = tempfile::NamedTempFile::new().map_err(copied)?;
                copy.write_all(&bytes).map_err(copied)?;
                question(copy.path())
            }
        };
        // It is no index of ours: what it says of indexes is not for the reader.
        answer.map_err(|error| match error {
            keelmark_index::Error::Corrupt { why, .. } | keelmark_index::Error::Storage { why, .. } => why,
            keelmark_index::Error::Busy { .. } => "another program keeps changing it".to_owned(),
            other => other.to_string(),
        })
    }

    /// Adds the runs below `mlruns`.
    pub(crate) fn read_runs(&self, root: &str, found: &mut ForeignRuns) {
        let mut look = Look { store: self, entries: 0, bytes: 0, spent: false, found };
        for folder in [root.to_owned(), join(root, TRASH)] {
            for experiment in look.folders(&folder) {
                look.experiment(&join(&folder, &experiment));
            }
        }
        if look.spent {
            found.truncated = true;
            let why = format!(
                "it has more than {MAX_ENTRIES} files and folders or {MAX_BYTES} bytes to read; the rest is left out"
            );
            found.problems.push(Problem::new(root, why));
        }
    }
}

/// A look through `mlruns`.
struct Look<'a> {
    store: &'a Store,
    entries: usize,
    bytes: u64,
    spent: bool,
    found: &'a mut ForeignRuns,
}

impl Look<'_> {
    fn problem(&mut self, path: &str, why: impl Into<String>) {
        if self.found.problems.len() < MAX_PROBLEMS {
            self.found.problems.push(Problem::new(path, why));
        }
    }

    fn children(&mut self, folder: &str) -> Vec<(String, EntryKind)> {
        let left = MAX_ENTRIES.saturating_sub(self.entries);
        match self.store.children(folder, left) {
            Ok((children, is_all)) => {
                self.entries += children.len();
                self.spent |= !is_all;
                children
            }
            Err(error) => {
                self.problem(folder, error.to_string());
                Vec::new()
            }
        }
    }

    fn folders(&mut self, folder: &str) -> Vec<String> {
        let children = self.children(folder).into_iter();
        let named = children.filter(|(_, kind)| *kind == EntryKind::Folder).map(|(name, _)| name);
        named.filter(|name| name != TRASH && !RESERVED_FOLDERS.contains(&name.as_str())).collect()
    }

    fn read(&mut self, path: &str, max_bytes: u64) -> Option<Vec<u8>> {
        if self.bytes >= MAX_BYTES {
            self.spent = true;
            return None;
        }
        match self.store.read(path, max_bytes.min(MAX_BYTES - self.bytes)) {
            Ok(bytes) => {
                self.bytes += bytes.as_ref().map_or(0, |bytes| bytes.len() as u64);
                bytes
            }
            Err(error) => {
                self.problem(path, error.to_string());
                None
            }
        }
    }

    fn experiment(&mut self, folder: &str) {
        let path = join(folder, "meta.yaml");
        // A folder without it is nobody's experiment.
        let Some(bytes) = self.read(&path, MAX_META_BYTES as u64) else { return };
        let name = match Experiment::read(&bytes) {
            Ok(experiment) => experiment.name,
            Err(error) => {
                self.problem(&path, error.to_string());
                folder.rsplit('/').next().unwrap_or(folder).to_owned()
            }
        };
        for run in self.folders(folder) {
            if self.spent {
                return;
            }
            self.run(&join(folder, &run), &name);
        }
    }

    fn run(&mut self, folder: &str, experiment: &str) {
        let Some(meta) = self.read(&join(folder, "meta.yaml"), MAX_META_BYTES as u64) else { return };
        let mut files = BTreeMap::from([("meta.yaml".to_owned(), meta)]);
        let mut pending: Vec<(String, usize)> =
            ["metrics", "params", "tags"].map(|name| (name.to_owned(), 0)).into();
        while let Some((within, depth)) = pending.pop() {
            for (name, kind) in self.children(&join(folder, &within)) {
                let path = join(&within, &name);
                match kind {
                    EntryKind::Folder if depth < MAX_DEPTH => pending.push((path, depth + 1)),
                    EntryKind::File | EntryKind::Executable if files.len() <= MAX_FILES => {
                        if let Some(bytes) = self.read(&join(folder, &path), MAX_BYTES) {
                            files.insert(path, bytes);
                        }
                    }
                    _ => {}
                }
            }
        }
        if self.spent {
            // Half a run would be told as a whole one.
            return;
        }
        match Run::from_files(&files) {
            Ok(run) => {
                for wrong in &run.problems {
                    self.problem(&join(folder, &wrong.path), wrong.problem.to_string());
                }
                self.found.runs.push(of_files(run, experiment, folder));
            }
            Err(error) => self.problem(&join(folder, "meta.yaml"), error.to_string()),
        }
    }
}
