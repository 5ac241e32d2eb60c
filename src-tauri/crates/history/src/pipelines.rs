//! Every dvc.yaml below a version's folder, each resolved once for all that ask.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use keelmark_formats::dvc::{self, Artifact, ParamsFile, Pipeline, Plot};
use keelmark_formats::{Unreadable, read_values};
use keelmark_git::{Entry, EntryKind, Oid, Version};
use keelmark_manifest::FILE_NAME as MODEL_FILE;
use serde_json::Value;

use crate::Problem;

/// The largest file that is read of those that say what was measured and set.
pub(crate) const MAX_FILE_BYTES: u64 = 1 << 20;
/// The most pipelines of one version.
const MAX_PIPELINES: usize = 200;
/// The most entries that are looked at for them in one version.
const MAX_ENTRIES: usize = 500_000;
/// The deepest folder that is looked into.
const MAX_DEPTH: usize = 64;
/// Where nothing of a repository's own is, or what is a repository of its own.
const NEVER: [&str; 4] = [".git", ".hg", ".dvc", "mlruns"];

/// What the dvc.yaml of one folder names.
#[derive(Debug, Default)]
pub(crate) struct Declared {
    pub metrics: Vec<String>,
    pub params: Vec<ParamsFile>,
    pub plots: Vec<Plot>,
    pub artifacts: BTreeMap<String, Artifact>,
}

/// Finds and resolves pipelines of many versions; each folder is looked through once, each pipeline resolved once for
/// the same files beside it.
#[derive(Debug, Default)]
pub(crate) struct Pipelines {
    /// Folders with a pipeline, seen from the folder with this tree.
    below: BTreeMap<Oid, Arc<[String]>>,
    /// By its bytes and its folder: as it was resolved last.
    resolved: BTreeMap<Oid, Vec<(String, Known)>>,
    inputs: Inputs,
    pub problems: BTreeSet<Problem>,
}

#[derive(Debug)]
struct Known {
    pipeline: Pipeline,
    /// The files that were read for it, by path, and what they were.
    read: Vec<(String, Option<Oid>)>,
    declared: Arc<Declared>,
}

impl Pipelines {
    pub(crate) fn problem(&mut self, version: &Version, path: &str, why: impl Into<String>) {
        self.problems.insert(Problem::new(format!("{path} in {}", version.commit().short()), why));
    }

    /// The pipelines of `folder`, whose tree this is, and of the folders below it, its own first; each with its folder.
    /// A folder with a model.yaml of its own is another model's, one with a `.dvc` of its own another repository's.
    pub(crate) fn read(
        &mut self,
        version: &Version,
        folder: &str,
        tree: Oid,
    ) -> Vec<(String, Arc<Declared>)> {
        let mut search = Search { below: &mut self.below, version, entries: 0, cut: false };
        let places = search.top(tree);
        let cut = search.cut;
        let places = places.unwrap_or_else(|error| {
            self.problem(version, if folder.is_empty() { "the root" } else { folder }, error.to_string());
            Vec::new()
        });
        if cut {
            let why =
                format!("it has more than {MAX_PIPELINES} pipelines or {MAX_ENTRIES} entries to look at");
            self.problem(version, dvc::FILE_NAME, format!("{why}; the others are left out"));
        }
        let mut all = Vec::with_capacity(places.len());
        for place in places {
            let place = if place.is_empty() { folder.to_owned() } else { join(folder, &place) };
            if let Some(declared) = self.declared(version, &place) {
                all.push((place, declared));
            }
        }
        all
    }

    fn declared(&mut self, version: &Version, folder: &str) -> Option<Arc<Declared>> {
        let path = join(folder, dvc::FILE_NAME);
        let entry = match file_at(version, &path) {
            Ok(entry) => entry?,
            Err(error) => {
                self.problem(version, &path, error.to_string());
                return None;
            }
        };
        let known = self.resolved.entry(entry.oid).or_default();
        if let Some((_, known)) = known.iter_mut().find(|(place, _)| place == folder) {
            if known.read.iter().all(|(path, oid)| oid_at(version, path) == *oid) {
                return Some(Arc::clone(&known.declared));
            }
            let (declared, read, problems) = resolve(&known.pipeline, version, &mut self.inputs);
            known.declared = Arc::new(declared);
            known.read = read;
            let declared = Arc::clone(&known.declared);
            for why in problems {
                self.problem(version, &path, why);
            }
            return Some(declared);
        }
        let bytes = version.read_entry(&entry, MAX_FILE_BYTES).map_err(|error| error.to_string());
        let pipeline = bytes
            .and_then(|bytes| Pipeline::read(folder, &bytes).map_err(|error| error.to_string()))
            .unwrap_or_else(|why| {
                self.problem(version, &path, why);
                Pipeline::empty(folder)
            });
        let (declared, read, problems) = resolve(&pipeline, version, &mut self.inputs);
        for why in problems {
            self.problem(version, &path, why);
        }
        let declared = Arc::new(declared);
        let known = Known { pipeline, read, declared: Arc::clone(&declared) };
        self.resolved.entry(entry.oid).or_default().push((folder.to_owned(), known));
        Some(declared)
    }
}

type Answer = (Declared, Vec<(String, Option<Oid>)>, Vec<String>);

fn resolve(pipeline: &Pipeline, version: &Version, inputs: &mut Inputs) -> Answer {
    let mut read = Vec::new();
    let resolved = pipeline.resolve(|path| {
        let (oid, value) = inputs.read(version, path);
        if read.iter().all(|(known, _)| known != path) {
            read.push((path.to_owned(), oid));
        }
        value
    });
    let metrics = resolved.metric_files().into_iter().map(str::to_owned).collect();
    let params = resolved.params_files();
    let plots = resolved.all_plots();
    (Declared { metrics, params, plots, artifacts: resolved.artifacts }, read, resolved.problems)
}

/// A file's name, and what a blob says under it.
type InputOf = (String, Result<Value, Unreadable>);

/// The values of files beside pipelines, each read once.
#[derive(Debug, Default)]
struct Inputs(BTreeMap<Oid, Vec<InputOf>>);

impl Inputs {
    fn read(&mut self, version: &Version, path: &str) -> (Option<Oid>, Result<Option<Value>, Unreadable>) {
        let failed = |error: keelmark_git::Error| Unreadable { line: None, why: error.to_string() };
        let entry = match file_at(version, path) {
            Ok(Some(entry)) => entry,
            Ok(None) => return (None, Ok(None)),
            Err(error) => return (None, Err(failed(error))),
        };
        let name = file_name(path);
        let known = self.0.entry(entry.oid).or_default();
        if let Some((_, value)) = known.iter().find(|(known, _)| known == name) {
            return (Some(entry.oid), value.clone().map(Some));
        }
        let bytes = version.read_entry(&entry, MAX_FILE_BYTES).map_err(failed);
        let value = bytes.and_then(|bytes| read_values(path, &bytes));
        known.push((name.to_owned(), value.clone()));
        (Some(entry.oid), value.map(Some))
    }
}

/// A look through one version's folders.
struct Search<'a> {
    below: &'a mut BTreeMap<Oid, Arc<[String]>>,
    version: &'a Version,
    entries: usize,
    cut: bool,
}

impl Search<'_> {
    fn top(&mut self, tree: Oid) -> Result<Vec<String>, keelmark_git::Error> {
        let children = self.version.children(tree)?;
        self.within(&children, 0)
    }

    fn folder(&mut self, tree: Oid, depth: usize) -> Result<Arc<[String]>, keelmark_git::Error> {
        if let Some(known) = self.below.get(&tree) {
            return Ok(Arc::clone(known));
        }
        let children = self.version.children(tree)?;
        let is_own = |(name, kind, _): &(String, EntryKind, Oid)| match kind {
            EntryKind::Folder => name == ".dvc",
            _ => name == MODEL_FILE,
        };
        let found: Arc<[String]> =
            if children.iter().any(is_own) { Arc::default() } else { self.within(&children, depth)?.into() };
        // What was cut short is no answer for another version.
        if !self.cut {
            self.below.insert(tree, Arc::clone(&found));
        }
        Ok(found)
    }

    fn within(
        &mut self,
        children: &[(String, EntryKind, Oid)],
        depth: usize,
    ) -> Result<Vec<String>, keelmark_git::Error> {
        self.entries += children.len();
        let mut found = Vec::new();
        if children.iter().any(|(name, kind, _)| name == dvc::FILE_NAME && *kind != EntryKind::Folder) {
            found.push(String::new());
        }
        for (name, kind, tree) in children {
            if *kind != EntryKind::Folder || NEVER.contains(&name.as_str()) {
                continue;
            }
            if self.entries > MAX_ENTRIES || depth >= MAX_DEPTH || found.len() >= MAX_PIPELINES {
                self.cut = true;
                break;
            }
            let deeper = self.folder(*tree, depth + 1)?;
            found.extend(deeper.iter().map(|place| join(name, place)));
        }
        if found.len() > MAX_PIPELINES {
            self.cut = true;
            found.truncate(MAX_PIPELINES);
        }
        Ok(found)
    }
}

/// The file at `path`; folders, links and submodules are none.
pub(crate) fn file_at(version: &Version, path: &str) -> Result<Option<Entry>, keelmark_git::Error> {
    let entry = version.entry(path)?;
    Ok(entry.filter(|entry| matches!(entry.kind, EntryKind::File | EntryKind::Executable)))
}

fn oid_at(version: &Version, path: &str) -> Option<Oid> {
    file_at(version, path).ok().flatten().map(|entry| entry.oid)
}

/// A path's last part.
pub(crate) fn file_name(path: &str) -> &str {
    path.rsplit('/').next().unwrap_or(path)
}

/// `name` seen from `folder`.
pub(crate) fn join(folder: &str, name: &str) -> String {
    match (folder, name) {
        ("", name) => name.to_owned(),
        (folder, "") => folder.to_owned(),
        (folder, name) => format!("{folder}/{name}"),
    }
}
