//! What a version's own files say was measured and set: the metrics and parameters that other tools wrote down.

use std::collections::BTreeMap;

use keelmark_formats::dvc::{self, ParamsFile, Pipeline};
use keelmark_git::Version;
use serde_json::{Map, Value};

use crate::Problem;
use crate::metric_files::{MAX_FILE_BYTES, MetricFiles, join, values};

/// Parameters that no pipeline names.
const USUAL_PARAMS: [&str; 2] = ["params.yaml", "dvclive/params.yaml"];

/// The metrics and parameters written down in a version.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Recorded {
    /// Numbers by dotted name.
    pub metrics: BTreeMap<String, f64>,
    /// Parameters: of one file as they are, of several by the file's path.
    pub params: Map<String, Value>,
    /// Files that could not be read.
    pub problems: Vec<Problem>,
}

/// Reads what is written down below `folder`.
pub fn recorded(version: &Version, folder: &str) -> Recorded {
    let mut files = MetricFiles::default();
    let metrics = files.read(version, folder).as_ref().clone();
    let mut problems = files.into_problems();
    let mut found: Vec<(String, Value)> = Vec::new();
    for file in params_files(version, folder) {
        match values(version, &file.path) {
            Ok(Some(all)) => found.push((file.path, chosen(all, &file.keys))),
            Ok(None) => {}
            Err(error) => {
                let place = format!("{} in {}", file.path, version.commit().short());
                problems.insert(Problem::new(place, error.to_string()));
            }
        }
    }
    let params = match (found.len(), found.pop()) {
        (1, Some((_, Value::Object(names)))) => names,
        (_, last) => found.into_iter().chain(last).collect(),
    };
    Recorded { metrics, params, problems: problems.into_iter().collect() }
}

/// The files of parameters that the pipeline names, else the usual ones.
fn params_files(version: &Version, folder: &str) -> Vec<ParamsFile> {
    let all = |name: &&str| ParamsFile { path: join(folder, name), keys: Vec::new() };
    let mut files: Vec<ParamsFile> = USUAL_PARAMS.iter().map(all).collect();
    let pipeline = version.read(&join(folder, dvc::FILE_NAME), MAX_FILE_BYTES).ok().flatten();
    // A pipeline that cannot be read is said with its metrics.
    if let Some(pipeline) = pipeline.and_then(|bytes| Pipeline::read(folder, &bytes).ok()) {
        for file in pipeline.resolve(|path| values(version, path)).params_files() {
            if files.iter().all(|known| known.path != file.path) {
                files.push(file);
            }
        }
    }
    files
}

/// The values at the dotted names; all of them where none is named.
fn chosen(all: Value, keys: &[String]) -> Value {
    if keys.is_empty() {
        return all;
    }
    let at = |key: &str| key.split('.').try_fold(&all, |value, part| value.get(part)).cloned();
    keys.iter().filter_map(|key| Some((key.clone(), at(key)?))).collect::<Map<_, _>>().into()
}
