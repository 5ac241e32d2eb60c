//! A dvc.yaml, with its templates, `foreach` and `matrix` resolved.

use std::collections::BTreeMap;

use serde::Serialize;
use serde_json::{Map, Value};

use super::path::join;
use super::plots::Plot;
use super::stage::{self, DEFAULT_PARAMS, Output, ParamsFile, Stage};
use super::template::{Scope, text_of};
use crate::{Unreadable, values, yaml};

/// The file that declares a pipeline.
pub const FILE_NAME: &str = "dvc.yaml";
/// The most stages that one file may resolve to.
const MAX_STAGES: usize = 2_000;
/// The most plots that one file may name.
const MAX_PLOTS: usize = 1_000;

/// A dvc.yaml as it was written.
#[derive(Debug, Clone)]
pub struct Pipeline {
    folder: String,
    fields: Map<String, Value>,
}

/// A dvc.yaml as it is meant. What cannot be resolved is a problem, and does not hide the rest.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct Resolved {
    /// Every stage, in the order of the file.
    pub stages: Vec<Stage>,
    /// Metric files that are named beside the stages.
    pub metrics: Vec<String>,
    /// Parameters that are named beside the stages.
    pub params: Vec<ParamsFile>,
    /// Plots that are named beside the stages.
    pub plots: Vec<Plot>,
    /// Models and data that are named, by name.
    pub artifacts: BTreeMap<String, Artifact>,
    /// What could not be resolved, a line each.
    pub problems: Vec<String>,
}

/// A model or data set that a dvc.yaml names.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Artifact {
    /// Its file or folder, from the repository's root.
    pub path: String,
    /// What it is, e.g. `model`, where that is said.
    pub kind: Option<String>,
}

impl Resolved {
    /// Every metric file, each once: those of stages, then those beside them.
    pub fn metric_files(&self) -> Vec<&str> {
        let of_stages =
            self.stages.iter().flat_map(|stage| stage.metrics.iter().map(|out| out.path.as_str()));
        let mut files = Vec::new();
        for path in of_stages.chain(self.metrics.iter().map(String::as_str)) {
            if !files.contains(&path) {
                files.push(path);
            }
        }
        files
    }

    /// Every plot: those beside the stages, then outputs of stages that are plots and are in none of them.
    pub fn all_plots(&self) -> Vec<Plot> {
        let mut plots = self.plots.clone();
        for output in self.stages.iter().flat_map(|stage| &stage.plots) {
            if !plots.iter().any(|plot| plot.files.iter().any(|(path, _)| *path == output.path)) {
                plots.push(Plot::of_path(&output.path));
            }
        }
        plots
    }

    /// Every file of parameters with the names that are read of it, each once.
    pub fn params_files(&self) -> Vec<ParamsFile> {
        let mut files: Vec<ParamsFile> = Vec::new();
        for file in self.stages.iter().flat_map(|stage| &stage.params).chain(&self.params) {
            match files.iter_mut().find(|known| known.path == file.path) {
                Some(known) => known.add(&file.keys),
                None => files.push(file.clone()),
            }
        }
        files
    }
}

impl Pipeline {
    /// The pipeline of a folder that names nothing.
    pub fn empty(folder: &str) -> Self {
        Self { folder: folder.to_owned(), fields: Map::new() }
    }

    /// Reads the dvc.yaml of `folder`, which is relative to the repository's root.
    pub fn read(folder: &str, bytes: &[u8]) -> Result<Self, Unreadable> {
        match yaml::read_value(bytes)? {
            Value::Object(fields) => Ok(Self { folder: folder.to_owned(), fields }),
            Value::Null => Ok(Self::empty(folder)),
            _ => Err(Unreadable::whole("a pipeline is a mapping of `stages`, `metrics`, `params` and such")),
        }
    }

    /// Resolves it. `load` gives the values of a file beside it, by its path from the repository's root; `None` where
    /// there is none.
    pub fn resolve(&self, mut load: impl FnMut(&str) -> Result<Option<Value>, Unreadable>) -> Resolved {
        let mut resolved = Resolved::default();
        let mut scope = Scope::default();
        if let Err(why) = self.global(&mut scope, &mut load) {
            resolved.problems.push(why);
        }
        if let Some(Value::Object(stages)) = self.fields.get("stages") {
            for (name, stage) in stages {
                if resolved.stages.len() >= MAX_STAGES {
                    resolved.problems.push(format!("there are more than {MAX_STAGES} stages"));
                    break;
                }
                if let Err(why) = self.stage(name, stage, &scope, &mut load, &mut resolved.stages) {
                    resolved.problems.push(format!("stage `{name}`: {why}"));
                }
            }
        }
        for path in self.beside("metrics", &scope, &mut resolved.problems) {
            resolved.metrics.push(path.path);
        }
        // Here, other than in a stage, an item is a file.
        for file in self.beside("params", &scope, &mut resolved.problems) {
            resolved.params.push(ParamsFile { path: file.path, keys: Vec::new() });
        }
        self.plots(&scope, &mut resolved);
        if let Some(Value::Object(artifacts)) = self.fields.get("artifacts") {
            for (name, artifact) in artifacts {
                match self.artifact(artifact, &scope) {
                    Ok(artifact) => {
                        resolved.artifacts.insert(name.clone(), artifact);
                    }
                    Err(why) => resolved.problems.push(format!("artifact `{name}`: {why}")),
                }
            }
        }
        resolved
    }

    fn plots(&self, scope: &Scope, resolved: &mut Resolved) {
        let Some(declared) = self.fields.get("plots") else { return };
        let items = match scope.fill(declared).and_then(|declared| stage::items(Some(declared))) {
            Ok(items) => items,
            Err(why) => {
                resolved.problems.push(format!("`plots`: {why}"));
                return;
            }
        };
        for (name, options) in items {
            if resolved.plots.len() >= MAX_PLOTS {
                resolved.problems.push(format!("there are more than {MAX_PLOTS} plots"));
                break;
            }
            match Plot::read(&name, &options, &self.folder) {
                Ok(plot) => resolved.plots.push(plot),
                Err(why) => resolved.problems.push(format!("plot `{name}`: {why}")),
            }
        }
    }

    /// The files of a list beside the stages, each resolved by itself.
    fn beside(&self, key: &str, scope: &Scope, problems: &mut Vec<String>) -> Vec<Output> {
        let mut files = Vec::new();
        let Some(Value::Array(list)) = self.fields.get(key) else { return files };
        for item in list {
            let found = scope.fill(item).and_then(|item| stage::outputs(Some(item), &self.folder));
            match found {
                Ok(found) => files.extend(found),
                Err(why) => problems.push(format!("`{key}`: {why}")),
            }
        }
        files
    }

    fn artifact(&self, artifact: &Value, scope: &Scope) -> Result<Artifact, String> {
        let path = artifact.get("path").ok_or_else(|| "it has no `path`".to_owned())?;
        let path = join(&self.folder, &text_of(&scope.fill(path)?)?)?;
        let kind = artifact.get("type").map(|kind| text_of(&scope.fill(kind)?)).transpose()?;
        Ok(Artifact { path, kind })
    }

    /// The names that hold in all stages: those of params.yaml, then those of `vars`.
    fn global(
        &self,
        scope: &mut Scope,
        load: &mut impl FnMut(&str) -> Result<Option<Value>, Unreadable>,
    ) -> Result<(), String> {
        let mut done = Ok(());
        if let Ok(path) = join(&self.folder, DEFAULT_PARAMS) {
            match load(&path) {
                Ok(Some(Value::Object(names))) => scope.merge(&names)?,
                Ok(_) => {}
                Err(error) => done = Err(format!("{path}: {error}")),
            }
        }
        vars(self.fields.get("vars"), &self.folder, scope, load)?;
        done
    }

    fn stage(
        &self,
        name: &str,
        stage: &Value,
        scope: &Scope,
        load: &mut impl FnMut(&str) -> Result<Option<Value>, Unreadable>,
        found: &mut Vec<Stage>,
    ) -> Result<(), String> {
        let Value::Object(fields) = stage else { return Err("it is no mapping".to_owned()) };
        let (items, body) = match (fields.get("foreach"), fields.get("matrix")) {
            (Some(list), _) => {
                let Some(Value::Object(body)) = fields.get("do") else {
                    return Err("`foreach` has no `do`".to_owned());
                };
                (each(&scope.fill(list)?)?, body)
            }
            (None, Some(lists)) => (combinations(&scope.fill(lists)?)?, fields),
            (None, None) => {
                let scope = self.inner(fields, scope, load)?;
                found.push(Stage::read(name.to_owned(), &self.folder, fields, &scope)?);
                return Ok(());
            }
        };
        for Item { label, value, key } in items {
            if found.len() >= MAX_STAGES {
                return Err(format!("there are more than {MAX_STAGES} stages"));
            }
            let mut scope = scope.clone();
            scope.set("item", value);
            if let Some(key) = key {
                scope.set("key", Value::String(key));
            }
            let scope = self.inner(body, &scope, load)?;
            found.push(Stage::read(format!("{name}@{label}"), &self.folder, body, &scope)?);
        }
        Ok(())
    }

    /// The scope of one stage: with its own `vars`, which stand where it runs.
    fn inner(
        &self,
        stage: &Map<String, Value>,
        scope: &Scope,
        load: &mut impl FnMut(&str) -> Result<Option<Value>, Unreadable>,
    ) -> Result<Scope, String> {
        let mut scope = scope.clone();
        if stage.contains_key("vars") {
            let wdir = stage::wdir(stage, &self.folder, &scope)?;
            vars(stage.get("vars"), &wdir, &mut scope, load)?;
        }
        Ok(scope)
    }
}

/// Takes `vars` in: mappings as they are, files with all their names or those behind a colon.
fn vars(
    list: Option<&Value>,
    folder: &str,
    scope: &mut Scope,
    load: &mut impl FnMut(&str) -> Result<Option<Value>, Unreadable>,
) -> Result<(), String> {
    let Some(Value::Array(list)) = list else { return Ok(()) };
    for item in list {
        match item {
            Value::Object(names) => scope.merge(names)?,
            Value::String(text) => {
                let (file, keys) =
                    text.split_once(':').map_or((text.as_str(), None), |(file, keys)| (file, Some(keys)));
                let path = join(folder, file)?;
                let Some(names) = load(&path).map_err(|error| format!("{path}: {error}"))? else {
                    return Err(format!("{path}, named by `vars`, is not there"));
                };
                let names = match keys {
                    None => names,
                    Some(keys) => chosen(&names, keys, &path)?,
                };
                match names {
                    Value::Object(names) => scope.merge(&names)?,
                    _ => return Err(format!("{path} is no mapping")),
                }
            }
            _ => return Err("`vars` lists files and mappings".to_owned()),
        }
    }
    Ok(())
}

fn chosen(names: &Value, keys: &str, path: &str) -> Result<Value, String> {
    let mut taken = Map::new();
    for key in keys.split(',').map(str::trim) {
        let value = values::value_at(names, [key]).ok_or_else(|| format!("{path} has no `{key}`"))?;
        taken.insert(key.to_owned(), value.clone());
    }
    Ok(Value::Object(taken))
}

/// What a stage is repeated for.
struct Item {
    /// Behind the `@` of its name.
    label: String,
    value: Value,
    key: Option<String>,
}

fn is_single(value: &Value) -> bool {
    !value.is_array() && !value.is_object()
}

fn each(list: &Value) -> Result<Vec<Item>, String> {
    match list {
        Value::Object(fields) => Ok(fields
            .iter()
            .map(|(key, value)| Item { label: key.clone(), value: value.clone(), key: Some(key.clone()) })
            .collect()),
        Value::Array(items) => {
            let plain = items.iter().all(is_single);
            let label = |(at, item): (usize, &Value)| if plain { text_of(item) } else { Ok(at.to_string()) };
            items
                .iter()
                .enumerate()
                .map(|(at, item)| Ok(Item { label: label((at, item))?, value: item.clone(), key: None }))
                .collect()
        }
        _ => Err("`foreach` goes over a list or a mapping".to_owned()),
    }
}

/// Every combination, the last list going round fastest.
fn combinations(lists: &Value) -> Result<Vec<Item>, String> {
    let Value::Object(lists) = lists else { return Err("`matrix` is a mapping of lists".to_owned()) };
    let mut all: Vec<(Vec<String>, Map<String, Value>)> = vec![(Vec::new(), Map::new())];
    for (name, list) in lists {
        let Value::Array(list) = list else { return Err(format!("`matrix`: `{name}` is no list")) };
        if all.len().saturating_mul(list.len()) > MAX_STAGES {
            return Err(format!("`matrix` has more than {MAX_STAGES} combinations"));
        }
        let mut next = Vec::with_capacity(all.len() * list.len());
        for (labels, values) in &all {
            for (at, value) in list.iter().enumerate() {
                let label = if is_single(value) { text_of(value)? } else { format!("{name}{at}") };
                let mut labels = labels.clone();
                labels.push(label);
                let mut values = values.clone();
                values.insert(name.clone(), value.clone());
                next.push((labels, values));
            }
        }
        all = next;
    }
    Ok(all
        .into_iter()
        .map(|(labels, values)| {
            let label = labels.join("-");
            Item { key: Some(label.clone()), label, value: Value::Object(values) }
        })
        .collect())
}
