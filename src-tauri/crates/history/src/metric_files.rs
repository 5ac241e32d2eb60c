//! Metric files in a version's tree: `metrics.json`, `DVCLive`'s, and those that `dvc.yaml` names.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use keelmark_formats::dvc::{self, Pipeline};
use keelmark_formats::{Unreadable, leaves, numbers, read_values};
use keelmark_git::{Entry, EntryKind, Oid, Version};
use serde_json::Value;

use crate::Problem;

/// The largest metric file that is read.
pub(crate) const MAX_FILE_BYTES: u64 = 1 << 20;
/// The most files of one version.
const MAX_FILES: usize = 100;
/// Where metrics are that no pipeline names.
const USUAL: [&str; 2] = ["metrics.json", "dvclive/metrics.json"];

/// Numbers of one file by dotted name.
pub(crate) type Numbers = BTreeMap<String, f64>;

/// Reads the metric files of many versions; each blob and each folder is read once.
#[derive(Debug, Default)]
pub(crate) struct MetricFiles {
    by_blob: BTreeMap<Oid, Arc<Numbers>>,
    by_pipeline: BTreeMap<Oid, Declared>,
    by_tree: BTreeMap<Oid, Arc<Numbers>>,
    problems: BTreeSet<Problem>,
}

/// What a dvc.yaml names.
#[derive(Debug, Clone)]
enum Declared {
    /// The same whatever stands beside it.
    Fixed(Arc<Vec<String>>),
    /// It has templates: other files decide.
    Templated(Arc<Pipeline>),
}

impl MetricFiles {
    /// What the files below `folder` say in `version`. Where two files have a number of one name, `metrics.json` goes
    /// first, then the order in which dvc.yaml names them.
    pub(crate) fn read(&mut self, version: &Version, folder: &str) -> Arc<Numbers> {
        let tree = match version.subtree(folder) {
            Ok(Some(tree)) => tree,
            Ok(None) => return Arc::default(),
            Err(error) => {
                self.problem(version, folder, &error.to_string());
                return Arc::default();
            }
        };
        if let Some(known) = self.by_tree.get(&tree) {
            return Arc::clone(known);
        }
        let mut numbers = Arc::<Numbers>::default();
        for path in self.paths(version, folder) {
            let Some(entry) = self.file(version, &path) else { continue };
            let found = self.numbers(version, &entry);
            if numbers.is_empty() {
                numbers = found;
            } else {
                let merged = Arc::make_mut(&mut numbers);
                for (name, number) in found.iter() {
                    merged.entry(name.clone()).or_insert(*number);
                }
            }
        }
        self.by_tree.insert(tree, Arc::clone(&numbers));
        numbers
    }

    /// What could not be read, each file once.
    pub(crate) fn into_problems(self) -> BTreeSet<Problem> {
        self.problems
    }

    fn problem(&mut self, version: &Version, path: &str, why: &str) {
        self.problems.insert(Problem::new(format!("{path} in {}", version.commit().short()), why));
    }

    fn file(&mut self, version: &Version, path: &str) -> Option<Entry> {
        match version.entry(path) {
            Ok(entry) => entry.filter(|entry| matches!(entry.kind, EntryKind::File | EntryKind::Executable)),
            Err(error) => {
                self.problem(version, path, &error.to_string());
                None
            }
        }
    }

    fn paths(&mut self, version: &Version, folder: &str) -> Vec<String> {
        let mut paths: Vec<String> = USUAL.iter().map(|name| join(folder, name)).collect();
        let pipeline = join(folder, dvc::FILE_NAME);
        if let Some(entry) = self.file(version, &pipeline) {
            for path in self.named_by(version, &entry, folder).iter() {
                // What lies outside may change without this folder.
                let is_inside = folder.is_empty() || path.starts_with(&format!("{folder}/"));
                if is_inside && !paths.contains(path) && paths.len() < MAX_FILES {
                    paths.push(path.clone());
                }
            }
        }
        paths
    }

    fn named_by(&mut self, version: &Version, entry: &Entry, folder: &str) -> Arc<Vec<String>> {
        let declared = if let Some(known) = self.by_pipeline.get(&entry.oid) {
            known.clone()
        } else {
            let declared = self.declared(version, entry, folder);
            self.by_pipeline.insert(entry.oid, declared.clone());
            declared
        };
        match declared {
            Declared::Fixed(paths) => paths,
            Declared::Templated(pipeline) => Arc::new(self.resolved(version, &entry.path, &pipeline)),
        }
    }

    fn declared(&mut self, version: &Version, entry: &Entry, folder: &str) -> Declared {
        let read = version.read_entry(entry, MAX_FILE_BYTES).map_err(|error| error.to_string());
        let read = read.and_then(|bytes| {
            let pipeline = Pipeline::read(folder, &bytes).map_err(|error| error.to_string())?;
            Ok((pipeline, bytes.windows(2).any(|pair| pair == b"${")))
        });
        match read {
            Ok((pipeline, true)) => Declared::Templated(Arc::new(pipeline)),
            Ok((pipeline, false)) => {
                Declared::Fixed(Arc::new(self.resolved(version, &entry.path, &pipeline)))
            }
            Err(why) => {
                self.problem(version, &entry.path, &why);
                Declared::Fixed(Arc::default())
            }
        }
    }

    fn resolved(&mut self, version: &Version, path: &str, pipeline: &Pipeline) -> Vec<String> {
        let resolved = pipeline.resolve(|path| values(version, path));
        for why in &resolved.problems {
            self.problem(version, path, why);
        }
        resolved.metric_files().into_iter().map(str::to_owned).collect()
    }

    fn numbers(&mut self, version: &Version, entry: &Entry) -> Arc<Numbers> {
        if let Some(known) = self.by_blob.get(&entry.oid) {
            return Arc::clone(known);
        }
        let read = version.read_entry(entry, MAX_FILE_BYTES).map_err(|error| error.to_string());
        let numbers = match read.and_then(|bytes| parse(&entry.path, &bytes)) {
            Ok(numbers) => Arc::new(numbers),
            Err(why) => {
                self.problem(version, &entry.path, &why);
                Arc::default()
            }
        };
        self.by_blob.insert(entry.oid, Arc::clone(&numbers));
        numbers
    }
}

/// The values of a file beside a pipeline.
pub(crate) fn values(version: &Version, path: &str) -> Result<Option<Value>, Unreadable> {
    let unreadable = |error: keelmark_git::Error| Unreadable { line: None, why: error.to_string() };
    let bytes = version.read(path, MAX_FILE_BYTES).map_err(unreadable)?;
    bytes.map(|bytes| read_values(path, &bytes)).transpose()
}

/// Every number in a file, nested names joined by dots; texts, lists and nulls are no metrics.
fn parse(path: &str, bytes: &[u8]) -> Result<Numbers, String> {
    let found = read_values(path, bytes).and_then(|value| leaves(&value));
    let mut found = numbers(&found.map_err(|error| error.to_string())?);
    // A file that is nothing but a number is named by itself.
    if let Some(number) = found.remove("") {
        let name = path.rsplit('/').next().unwrap_or(path);
        found.insert(name.rsplit_once('.').map_or(name, |(stem, _)| stem).to_owned(), number);
    }
    Ok(found)
}

pub(crate) fn join(folder: &str, name: &str) -> String {
    if folder.is_empty() { name.to_owned() } else { format!("{folder}/{name}") }
}

#[cfg(test)]
mod tests {
    use super::*;

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
}
