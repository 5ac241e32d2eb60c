//! Metric files in a version's tree: `metrics.json` and the JSON files that `dvc.yaml` names.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use keelmark_git::{Entry, EntryKind, Oid, Version};
use serde_json::Value;

use crate::{Problem, yaml};

/// The largest metric file that is read.
const MAX_FILE_BYTES: u64 = 1 << 20;
/// The most numbers taken from one file.
const MAX_METRICS: usize = 10_000;
/// The most files of one version.
const MAX_FILES: usize = 100;

/// Numbers of one file by dotted name.
pub(crate) type Numbers = BTreeMap<String, f64>;

/// Reads the metric files of many versions; each blob and each folder is read once.
#[derive(Debug, Default)]
pub(crate) struct MetricFiles {
    by_blob: BTreeMap<Oid, Arc<Numbers>>,
    by_pipeline: BTreeMap<Oid, Arc<Vec<String>>>,
    by_tree: BTreeMap<Oid, Arc<Numbers>>,
    problems: BTreeSet<Problem>,
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
        let mut paths = vec![join(folder, "metrics.json")];
        let pipeline = join(folder, "dvc.yaml");
        if let Some(entry) = self.file(version, &pipeline) {
            for named in self.named_by(version, &entry).iter() {
                let path = join(folder, named);
                if !paths.contains(&path) && paths.len() < MAX_FILES {
                    paths.push(path);
                }
            }
        }
        paths
    }

    fn named_by(&mut self, version: &Version, entry: &Entry) -> Arc<Vec<String>> {
        if let Some(known) = self.by_pipeline.get(&entry.oid) {
            return Arc::clone(known);
        }
        let read = version.read_entry(entry, MAX_FILE_BYTES).map_err(|error| error.to_string());
        let named = match read.and_then(|bytes| yaml::read::<Value>(&bytes)) {
            Ok(pipeline) => Arc::new(metric_paths(&pipeline)),
            Err(why) => {
                self.problem(version, &entry.path, &why);
                Arc::default()
            }
        };
        self.by_pipeline.insert(entry.oid, Arc::clone(&named));
        named
    }

    fn numbers(&mut self, version: &Version, entry: &Entry) -> Arc<Numbers> {
        if let Some(known) = self.by_blob.get(&entry.oid) {
            return Arc::clone(known);
        }
        let read = version.read_entry(entry, MAX_FILE_BYTES).map_err(|error| error.to_string());
        let numbers = match read.and_then(|bytes| parse(&bytes)) {
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

/// The JSON files under `metrics` of a dvc.yaml: its own list and each stage's.
fn metric_paths(pipeline: &Value) -> Vec<String> {
    let stages = pipeline.get("stages").and_then(Value::as_object);
    let lists = std::iter::once(pipeline).chain(stages.into_iter().flat_map(|stages| stages.values()));
    let mut paths = Vec::new();
    for list in lists.filter_map(|place| place.get("metrics")).filter_map(Value::as_array) {
        for item in list {
            // An item is a path, or a path with its options.
            let keys = item.as_object().into_iter().flat_map(|options| options.keys().map(String::as_str));
            for path in item.as_str().into_iter().chain(keys) {
                let inside = !path.starts_with('/') && path.split('/').all(|part| part != "..");
                let is_json = path.rsplit('.').next().is_some_and(|end| end.eq_ignore_ascii_case("json"));
                if inside && is_json {
                    paths.push(path.to_owned());
                }
            }
        }
    }
    paths
}

/// Every number in a JSON object, nested names joined by dots; texts, lists and nulls are no metrics.
fn parse(bytes: &[u8]) -> Result<Numbers, String> {
    let value: Value = serde_json::from_slice(bytes).map_err(|error| error.to_string())?;
    let Value::Object(_) = value else { return Err("it is no JSON object".to_owned()) };
    let mut numbers = Numbers::new();
    let mut pending = vec![(String::new(), &value)];
    while let Some((name, value)) = pending.pop() {
        match value {
            Value::Object(fields) => {
                for (key, field) in fields {
                    let name = if name.is_empty() { key.clone() } else { format!("{name}.{key}") };
                    pending.push((name, field));
                }
            }
            Value::Number(number) => {
                if let Some(number) = number.as_f64() {
                    numbers.insert(name, number);
                }
            }
            _ => {}
        }
        if numbers.len() > MAX_METRICS {
            return Err(format!("it has more than {MAX_METRICS} numbers"));
        }
    }
    Ok(numbers)
}

fn join(folder: &str, name: &str) -> String {
    if folder.is_empty() { name.to_owned() } else { format!("{folder}/{name}") }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn nested_numbers_get_dotted_names() {
        let numbers =
            parse(br#"{"accuracy": 0.9, "test": {"f1": 1, "by": {"a": -2.5}}, "note": "x", "l": [1]}"#);
        let expected = [("accuracy", 0.9), ("test.by.a", -2.5), ("test.f1", 1.0)];
        let expected: Numbers =
            expected.into_iter().map(|(name, number)| (name.to_owned(), number)).collect();
        assert_eq!(numbers, Ok(expected));
        assert!(parse(b"[0.9]").is_err());
        assert!(
            parse(b"{\"accuracy\": NaN}").is_err(),
            "Python's NaN is no JSON; it is said, not taken as 0"
        );
    }

    #[test]
    fn dvc_names_json_files_of_the_repository_only() {
        let pipeline: Value = yaml::read(
            b"stages:\n  train:\n    cmd: x\n    metrics:\n    - train.json\n    - eval.json: {cache: false}\n    - m.yaml\nmetrics:\n- all.json\n- ../../etc/x.json\n- /x.json\n",
        )
        .expect("a pipeline");
        assert_eq!(metric_paths(&pipeline), ["all.json", "train.json", "eval.json"]);
    }

    proptest! {
        #[test]
        fn any_bytes_are_an_answer(text in "[\\[\\]{}\":,0-9a-z. \\-]{0,80}", bytes in proptest::collection::vec(any::<u8>(), 0..80)) {
            if let Ok(numbers) = parse(text.as_bytes()) {
                prop_assert!(numbers.values().all(|number| number.is_finite()));
            }
            parse(&bytes).ok();
            yaml::read::<Value>(&bytes).ok();
        }
    }
}
