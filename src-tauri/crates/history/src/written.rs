//! What a version's files say was measured and set: `metrics.json`, `params.yaml`, `DVCLive`'s, and those that the
//! pipelines name.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use keelmark_formats::dvc::ParamsFile;
use keelmark_formats::{leaves, numbers, read_values, value_at};
use keelmark_git::{Entry, Oid, Version};
use serde_json::{Map, Value};

use crate::Problem;
use crate::pipelines::{MAX_FILE_BYTES, Pipelines, file_at, file_name, join};

/// The most files of a kind of one version.
const MAX_FILES: usize = 200;
/// Where metrics are that no pipeline names; the first is the main one.
const USUAL_METRICS: [&str; 2] = ["metrics.json", "dvclive/metrics.json"];
/// Where parameters are that no pipeline names; the first is the main one.
const USUAL_PARAMS: [&str; 2] = ["params.yaml", "dvclive/params.yaml"];

/// Numbers of one file by dotted name.
pub(crate) type Numbers = BTreeMap<String, f64>;

/// What one file says.
#[derive(Debug)]
pub(crate) struct FileOf<T> {
    pub path: Arc<str>,
    /// `metrics.json` or `params.yaml` of the folder itself: its names stay as they are.
    pub is_main: bool,
    pub content: Arc<Content<T>>,
}

/// What is said, by name, and which set of names that is: the same number for the same names.
#[derive(Debug)]
pub(crate) struct Content<T> {
    pub by_name: BTreeMap<String, T>,
    names: usize,
}

/// Everything that one version's files say, the usual files first, then in the order in which pipelines name them.
#[derive(Debug, Default)]
pub(crate) struct Written {
    pub metrics: Vec<FileOf<f64>>,
    pub params: Vec<FileOf<Value>>,
}

/// Names that two files of one version have: they go by their file there, as in `dvc exp show`.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Shared {
    pub metrics: BTreeSet<String>,
    pub params: BTreeSet<String>,
}

impl Shared {
    pub(crate) fn extend(&mut self, more: Self) {
        self.metrics.extend(more.metrics);
        self.params.extend(more.params);
    }
}

impl<T> FileOf<T> {
    /// What it says, with the names that these have among those of all files.
    pub(crate) fn named<'a>(
        &'a self,
        shared: &'a BTreeSet<String>,
    ) -> impl Iterator<Item = (&'a str, Cow<'a, str>, &'a T)> {
        self.content.by_name.iter().map(|(name, value)| {
            let is_own = self.is_main || !shared.contains(name);
            let shown = if is_own { name.into() } else { format!("{}:{name}", self.path).into() };
            (name.as_str(), shown, value)
        })
    }
}

/// Reads what many versions' files say; each blob and each folder is read once.
#[derive(Debug, Default)]
pub(crate) struct WrittenFiles {
    with_params: bool,
    pipelines: Pipelines,
    metrics: Kept<f64>,
    params: Kept<Value>,
    by_tree: BTreeMap<Oid, Arc<Written>>,
}

/// A file's name, the names that were chosen of it, and what it says of them.
type Chosen<T> = (String, Vec<String>, Arc<Content<T>>);

/// Contents by blob, with the file's name and the names that were chosen of it.
#[derive(Debug)]
struct Kept<T> {
    by_blob: BTreeMap<Oid, Vec<Chosen<T>>>,
    name_sets: BTreeMap<Vec<String>, usize>,
    checked: BTreeSet<Vec<usize>>,
    shared: BTreeSet<String>,
}

impl<T> Default for Kept<T> {
    fn default() -> Self {
        Self {
            by_blob: BTreeMap::new(),
            name_sets: BTreeMap::new(),
            checked: BTreeSet::new(),
            shared: BTreeSet::new(),
        }
    }
}

impl<T> Kept<T> {
    fn find(&self, entry: &Entry, keys: &[String]) -> Option<Arc<Content<T>>> {
        let name = file_name(&entry.path);
        let of_blob = self.by_blob.get(&entry.oid)?;
        let found = of_blob.iter().find(|(known, chosen, _)| known == name && chosen == keys)?;
        Some(Arc::clone(&found.2))
    }

    fn keep(&mut self, entry: &Entry, keys: &[String], by_name: BTreeMap<String, T>) -> Arc<Content<T>> {
        let next = self.name_sets.len();
        let names = *self.name_sets.entry(by_name.keys().cloned().collect()).or_insert(next);
        let content = Arc::new(Content { by_name, names });
        let kept = (file_name(&entry.path).to_owned(), keys.to_vec(), Arc::clone(&content));
        self.by_blob.entry(entry.oid).or_default().push(kept);
        content
    }

    /// Notes the names that several of one version's files have.
    fn compare(&mut self, files: &[FileOf<T>]) {
        if files.len() < 2 {
            return;
        }
        let sets: Vec<usize> = files.iter().map(|file| file.content.names).collect();
        if self.checked.contains(&sets) {
            return;
        }
        let mut seen = BTreeSet::new();
        for name in files.iter().flat_map(|file| file.content.by_name.keys()) {
            if !seen.insert(name) {
                self.shared.insert(name.clone());
            }
        }
        self.checked.insert(sets);
    }
}

impl WrittenFiles {
    /// One that reads metrics, and parameters too where they are wanted.
    pub(crate) fn new(with_params: bool) -> Self {
        Self { with_params, ..Self::default() }
    }

    /// What the files below `folder` say in `version`.
    pub(crate) fn read(&mut self, version: &Version, folder: &str) -> Arc<Written> {
        let tree = match version.subtree(folder) {
            Ok(Some(tree)) => tree,
            Ok(None) => return Arc::default(),
            Err(error) => {
                self.pipelines.problem(version, folder, error.to_string());
                return Arc::default();
            }
        };
        if let Some(known) = self.by_tree.get(&tree) {
            return Arc::clone(known);
        }
        let pipelines = self.pipelines.read(version, folder, tree);
        // What lies outside may change without this folder.
        let is_inside = |path: &str| folder.is_empty() || path.starts_with(&format!("{folder}/"));

        let mut paths: Vec<String> = USUAL_METRICS.iter().map(|name| join(folder, name)).collect();
        for path in pipelines.iter().flat_map(|(_, declared)| &declared.metrics) {
            if is_inside(path) && !paths.contains(path) && paths.len() < MAX_FILES {
                paths.push(path.clone());
            }
        }
        let mut written = Written::default();
        for path in paths {
            let Some(entry) = self.file(version, &path) else { continue };
            let content = self.numbers(version, &entry);
            let is_main = path == join(folder, USUAL_METRICS[0]);
            written.metrics.push(FileOf { path: path.into(), is_main, content });
        }
        self.metrics.compare(&written.metrics);

        if self.with_params {
            let named = pipelines.iter().flat_map(|(_, declared)| &declared.params);
            let files = params_files(folder, named.filter(|file| is_inside(&file.path)));
            for ParamsFile { path, keys } in files {
                let Some(entry) = self.file(version, &path) else { continue };
                let content = self.leaves(version, &entry, &keys);
                let is_main = path == join(folder, USUAL_PARAMS[0]);
                written.params.push(FileOf { path: path.into(), is_main, content });
            }
            self.params.compare(&written.params);
        }
        let written = Arc::new(written);
        self.by_tree.insert(tree, Arc::clone(&written));
        written
    }

    /// What could not be read, each file once, and the names that files share.
    pub(crate) fn finish(self) -> (BTreeSet<Problem>, Shared) {
        (self.pipelines.problems, Shared { metrics: self.metrics.shared, params: self.params.shared })
    }

    fn file(&mut self, version: &Version, path: &str) -> Option<Entry> {
        file_at(version, path).unwrap_or_else(|error| {
            self.pipelines.problem(version, path, error.to_string());
            None
        })
    }

    fn numbers(&mut self, version: &Version, entry: &Entry) -> Arc<Content<f64>> {
        if let Some(known) = self.metrics.find(entry, &[]) {
            return known;
        }
        let found = value_of(version, entry).and_then(|value| numbers_of(&entry.path, &value));
        let found = self.or_problem(version, entry, found);
        self.metrics.keep(entry, &[], found)
    }

    fn leaves(&mut self, version: &Version, entry: &Entry, keys: &[String]) -> Arc<Content<Value>> {
        if let Some(known) = self.params.find(entry, keys) {
            return known;
        }
        let found = value_of(version, entry)
            .and_then(|value| leaves(&chosen(value, keys)).map_err(|error| error.to_string()));
        let found = self.or_problem(version, entry, found);
        self.params.keep(entry, keys, found)
    }

    /// Says once what is wrong with a file.
    fn or_problem<T: Default>(&mut self, version: &Version, entry: &Entry, found: Result<T, String>) -> T {
        found.unwrap_or_else(|why| {
            self.pipelines.problem(version, &entry.path, why);
            T::default()
        })
    }
}

fn value_of(version: &Version, entry: &Entry) -> Result<Value, String> {
    let bytes = version.read_entry(entry, MAX_FILE_BYTES).map_err(|error| error.to_string())?;
    read_values(&entry.path, &bytes).map_err(|error| error.to_string())
}

/// The usual files of parameters, and those that pipelines name, with the names that are read of each.
fn params_files<'a>(folder: &str, named: impl Iterator<Item = &'a ParamsFile>) -> Vec<ParamsFile> {
    let all = |name: &&str| ParamsFile { path: join(folder, name), keys: Vec::new() };
    let mut files: Vec<ParamsFile> = USUAL_PARAMS.iter().map(all).collect();
    for file in named {
        if let Some(known) = files.iter_mut().find(|known| known.path == file.path) {
            known.add(&file.keys);
        } else if files.len() < MAX_FILES {
            files.push(file.clone());
        }
    }
    files
}

/// Every number of a file, nested names joined by dots; texts, lists and nulls are no metrics.
fn numbers_of(path: &str, value: &Value) -> Result<Numbers, String> {
    let mut found = numbers(&leaves(value).map_err(|error| error.to_string())?);
    // A file that is nothing but a number is named by itself.
    if let Some(number) = found.remove("") {
        let name = file_name(path);
        found.insert(name.rsplit_once('.').map_or(name, |(stem, _)| stem).to_owned(), number);
    }
    Ok(found)
}

/// The values at the dotted names; all of them where none is named.
fn chosen(all: Value, keys: &[String]) -> Value {
    if keys.is_empty() {
        return all;
    }
    let at = |key: &String| Some((key.clone(), value_at(&all, key.split('.'))?.clone()));
    keys.iter().filter_map(at).collect::<Map<_, _>>().into()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(path: &str, bytes: &[u8]) -> Result<Numbers, String> {
        numbers_of(path, &read_values(path, bytes).map_err(|error| error.to_string())?)
    }

    #[test]
    fn nested_numbers_get_dotted_names() {
        let text = br#"{"accuracy": 0.9, "test": {"f1": 1, "by": {"a": -2.5}}, "note": "x", "l": [1]}"#;
        let expected = [("accuracy", 0.9), ("test.by.a", -2.5), ("test.f1", 1.0)];
        let expected: Numbers =
            expected.into_iter().map(|(name, number)| (name.to_owned(), number)).collect();
        assert_eq!(parse("metrics.json", text), Ok(expected));
        assert_eq!(parse("m.yaml", b"test:\n  f1: 0.50\n"), Ok([("test.f1".to_owned(), 0.5)].into()));
        assert!(parse("metrics.json", b"[0.9]").is_err());
        assert_eq!(parse("out/auc.json", b"0.7"), Ok([("auc".to_owned(), 0.7)].into()), "a single number");
        let nan = parse("metrics.json", b"{\"accuracy\": NaN}");
        assert_eq!(nan, Ok(Numbers::new()), "Python's NaN is no number; it is not taken as 0");
    }

    #[test]
    fn chosen_names_may_go_through_lists() {
        let all = serde_json::json!({"a": {"b": [1, {"c": 2}]}, "d": 3});
        let keys = ["a.b.1.c", "d", "none"].map(str::to_owned);
        assert_eq!(chosen(all.clone(), &keys), serde_json::json!({"a.b.1.c": 2, "d": 3}));
        assert_eq!(chosen(all.clone(), &[]), all);
    }
}
