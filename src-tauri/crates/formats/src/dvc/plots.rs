//! Plots that a dvc.yaml declares: which files they show, and which of their columns.

use serde::Serialize;
use serde_json::Value;

use super::path::join;
use super::template::text_of;

/// The most columns that one plot names.
const MAX_COLUMNS: usize = 200;

/// A plot, resolved. Paths are relative to the repository's root.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Plot {
    /// What it is called: its own name, or its file or folder.
    pub name: String,
    /// The column of x; none is the row's number.
    pub x: Option<String>,
    /// Files or folders, each with its columns of y; none of them is the last one.
    pub files: Vec<(String, Vec<String>)>,
}

impl Plot {
    /// A file or folder that is a plot, without more said of it.
    pub fn of_path(path: &str) -> Self {
        Self { name: path.to_owned(), x: None, files: vec![(path.to_owned(), Vec::new())] }
    }

    /// Reads what is said under a name: a path, or any name where `y` says the files.
    pub(super) fn read(name: &str, options: &Value, folder: &str) -> Result<Self, String> {
        let mut files = Vec::new();
        let mut own = Vec::new();
        match options.get("y") {
            None | Some(Value::Null) => {}
            Some(Value::Object(by_file)) => {
                for (path, columns) in by_file {
                    files.push((join(folder, path)?, columns_of(columns)?));
                }
            }
            Some(columns) => own = columns_of(columns)?,
        }
        if files.is_empty() {
            files.push((join(folder, name)?, own));
        }
        let x = match options.get("x") {
            None | Some(Value::Null) => None,
            // Of each file its own; one name is what they have in common nearly always.
            Some(Value::Object(by_file)) => by_file
                .values()
                .next()
                .map(columns_of)
                .transpose()?
                .and_then(|columns| columns.into_iter().next()),
            Some(column) => Some(text_of(column)?),
        };
        Ok(Self { name: name.to_owned(), x, files })
    }
}

fn columns_of(columns: &Value) -> Result<Vec<String>, String> {
    let columns: Vec<String> = match columns {
        Value::Array(columns) => columns.iter().map(text_of).collect::<Result<_, _>>()?,
        single => vec![text_of(single)?],
    };
    if columns.len() > MAX_COLUMNS {
        return Err(format!("it names more than {MAX_COLUMNS} columns"));
    }
    Ok(columns)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_plot_is_its_path_or_the_files_of_its_y() {
        let read = |name: &str, options: Value| Plot::read(name, &options, "a");
        let files = |of: &[(&str, &[&str])]| -> Vec<(String, Vec<String>)> {
            let texts = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect();
            of.iter().map(|(path, columns)| ((*path).to_owned(), texts(columns))).collect()
        };
        let plot = read("loss.csv", json!({"x": "step", "y": "loss"})).expect("read");
        assert_eq!((plot.x.as_deref(), plot.files), (Some("step"), files(&[("a/loss.csv", &["loss"])])));
        let plot = read("Both", json!({"x": "step", "y": {"l.csv": ["loss", "acc"], "m.csv": "loss"}}))
            .expect("read");
        assert_eq!(plot.files, files(&[("a/l.csv", &["loss", "acc"]), ("a/m.csv", &["loss"])]));
        assert_eq!(read("images", Value::Null).expect("read").files, files(&[("a/images", &[])]));
        assert_eq!(
            read("b", json!({"x": {"l.csv": "fpr"}, "y": {"l.csv": "tpr"}})).expect("read").x.as_deref(),
            Some("fpr")
        );
        assert!(read("../../out", Value::Null).is_err(), "it leads out");
        assert!(read("many", json!({"y": vec!["c"; 201]})).is_err());
        assert!(read("odd", json!({"y": [{"a": 1}]})).is_err());
    }
}
