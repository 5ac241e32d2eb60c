//! What a version's own files say was measured and set: the metrics and parameters that other tools wrote down.

use std::collections::BTreeMap;

use keelmark_formats::Leaves;
use keelmark_git::Version;
use serde_json::{Map, Value};

use crate::Problem;
use crate::written::{Numbers, WrittenFiles};

/// The metrics and parameters written down in a version; all of the grade `asserted`.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Recorded {
    /// Numbers by dotted name; by file and name (`out/train.json:loss`) where several files have the name, but for
    /// those of the folder's own `metrics.json`.
    pub metrics: BTreeMap<String, f64>,
    /// Parameters in the same way; the folder's own `params.yaml` keeps its names.
    pub params: Map<String, Value>,
    /// The file of each of these numbers.
    pub metric_sources: BTreeMap<String, String>,
    /// Numbers by file, as `dvc metrics show` lists them.
    pub metric_files: BTreeMap<String, Numbers>,
    /// Parameters by file, as `dvc params diff` names them.
    pub param_files: BTreeMap<String, Leaves>,
    /// Files that could not be read.
    pub problems: Vec<Problem>,
}

/// Reads what is written down below `folder`.
pub fn recorded(version: &Version, folder: &str) -> Recorded {
    let mut files = WrittenFiles::new(true);
    let written = files.read(version, folder);
    let (problems, shared) = files.finish();
    let mut recorded = Recorded { problems: problems.into_iter().collect(), ..Recorded::default() };
    for file in &written.metrics {
        for (_, shown, value) in file.named(&shared.metrics) {
            recorded.metric_sources.insert(shown.to_string(), file.path.to_string());
            recorded.metrics.insert(shown.into_owned(), *value);
        }
        recorded.metric_files.insert(file.path.to_string(), file.content.by_name.clone());
    }
    for file in &written.params {
        let named = file.named(&shared.params);
        recorded.params.extend(named.map(|(_, shown, value)| (shown.into_owned(), value.clone())));
        recorded.param_files.insert(file.path.to_string(), file.content.by_name.clone());
    }
    recorded
}
