//! A stage, resolved: what it runs, needs and makes.

use serde::Serialize;
use serde_json::{Map, Value};

use super::path::{join_folder, join_or_address};
use super::template::{Scope, text_of};

/// The parameters file of whoever names none.
pub(super) const DEFAULT_PARAMS: &str = "params.yaml";

/// A stage of a pipeline. Paths are relative to the repository's root.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct Stage {
    /// `train`, `train@mnist` of a `foreach`, `train@a-1` of a `matrix`.
    pub name: String,
    /// What it runs, one after the other.
    pub cmd: Vec<String>,
    /// Where it runs.
    pub wdir: String,
    /// What it reads.
    pub deps: Vec<String>,
    /// The parameters it reads.
    pub params: Vec<ParamsFile>,
    /// What it writes.
    pub outs: Vec<Output>,
    /// What of it are metrics.
    pub metrics: Vec<Output>,
    /// What of it are plots.
    pub plots: Vec<Output>,
    /// Never run again by itself.
    pub frozen: bool,
    /// Run again each time.
    pub always_changed: bool,
}

/// A file of parameters, and which of them.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct ParamsFile {
    /// The file.
    pub path: String,
    /// Dotted names; empty is all.
    pub keys: Vec<String>,
}

impl ParamsFile {
    /// Reads these names too; none of them is all.
    pub fn add(&mut self, keys: &[String]) {
        // Whoever reads all of it reads more than any list.
        if self.keys.is_empty() || keys.is_empty() {
            self.keys.clear();
            return;
        }
        for key in keys {
            if !self.keys.contains(key) {
                self.keys.push(key.clone());
            }
        }
    }
}

/// A file or folder that a stage writes.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Output {
    /// The file or folder.
    pub path: String,
    /// DVC keeps its bytes; else Git does.
    pub cache: bool,
}

impl Stage {
    /// Reads a stage whose templates are filled from `scope`.
    pub(super) fn read(
        name: String,
        folder: &str,
        stage: &Map<String, Value>,
        scope: &Scope,
    ) -> Result<Self, String> {
        let field = |key: &str| stage.get(key).map(|value| scope.fill(value)).transpose();
        let flag = |key: &str| -> Result<bool, String> {
            Ok(field(key)?.and_then(|flag| flag.as_bool()).unwrap_or(false))
        };
        let wdir = wdir(stage, folder, scope)?;
        Ok(Self {
            cmd: commands(stage.get("cmd"), scope)?,
            deps: items(field("deps")?)?
                .into_iter()
                .map(|(path, _)| join_or_address(&wdir, &path))
                .collect::<Result<_, _>>()?,
            params: params(field("params")?, &wdir)?,
            outs: outputs(field("outs")?, &wdir)?,
            metrics: outputs(field("metrics")?, &wdir)?,
            plots: outputs(field("plots")?, &wdir)?,
            frozen: flag("frozen")?,
            always_changed: flag("always_changed")?,
            name,
            wdir,
        })
    }
}

/// Where a stage runs: its paths are relative to that.
pub(super) fn wdir(stage: &Map<String, Value>, folder: &str, scope: &Scope) -> Result<String, String> {
    match stage.get("wdir") {
        Some(wdir) => join_folder(folder, &text_of(&scope.fill(wdir)?)?),
        None => Ok(folder.to_owned()),
    }
}

fn commands(cmd: Option<&Value>, scope: &Scope) -> Result<Vec<String>, String> {
    match cmd {
        None => Ok(Vec::new()),
        Some(Value::Array(lines)) => lines.iter().map(|line| scope.fill_command(&text_of(line)?)).collect(),
        Some(line) => Ok(vec![scope.fill_command(&text_of(line)?)?]),
    }
}

/// Paths with their options: an item is a path, or a path with a mapping.
pub(super) fn items(list: Option<Value>) -> Result<Vec<(String, Value)>, String> {
    let list = match list {
        None | Some(Value::Null) => return Ok(Vec::new()),
        Some(Value::Array(list)) => list,
        // A list may be given as a mapping of its items, as artifacts and plots are.
        Some(Value::Object(fields)) => return Ok(fields.into_iter().collect()),
        Some(single) => vec![single],
    };
    let mut found = Vec::new();
    for item in list {
        match item {
            Value::Object(fields) => found.extend(fields),
            single => found.push((text_of(&single)?, Value::Null)),
        }
    }
    Ok(found)
}

pub(super) fn outputs(list: Option<Value>, folder: &str) -> Result<Vec<Output>, String> {
    let read = |(path, options): (String, Value)| {
        let cache = options.get("cache").and_then(Value::as_bool).unwrap_or(true);
        Ok(Output { path: join_or_address(folder, &path)?, cache })
    };
    items(list)?.into_iter().map(read).collect()
}

fn params(list: Option<Value>, folder: &str) -> Result<Vec<ParamsFile>, String> {
    let mut files: Vec<ParamsFile> = Vec::new();
    let mut add = |path: &str, keys: Vec<String>| -> Result<(), String> {
        let path = join_or_address(folder, path)?;
        match files.iter_mut().find(|file| file.path == path) {
            Some(file) => file.keys.extend(keys),
            None => files.push(ParamsFile { path, keys }),
        }
        Ok(())
    };
    let list = match list {
        None | Some(Value::Null) => return Ok(Vec::new()),
        Some(Value::Array(list)) => list,
        Some(single) => vec![single],
    };
    for item in list {
        match item {
            Value::Object(fields) => {
                for (path, keys) in fields {
                    let keys = match keys {
                        Value::Array(keys) => keys.iter().map(text_of).collect::<Result<_, _>>()?,
                        Value::Null => Vec::new(),
                        single => vec![text_of(&single)?],
                    };
                    add(&path, keys)?;
                }
            }
            key => add(DEFAULT_PARAMS, vec![text_of(&key)?])?,
        }
    }
    Ok(files)
}
