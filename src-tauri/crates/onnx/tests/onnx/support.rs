//! Models that other tools exported, and what onnxruntime answers to them.

use std::path::PathBuf;

use keelmark_onnx::{Answers, Column, ColumnValues, Description, Features, Limits, Model, RunOptions};
use keelmark_types::{NoProgress, Outcome, Stop};
use serde_json::Value;

/// The folder of the fixtures.
pub fn folder() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../../tests/fixtures/others/onnx")
}

/// The bytes of a fixture.
pub fn bytes(name: &str) -> Vec<u8> {
    std::fs::read(folder().join(name)).unwrap_or_else(|error| panic!("{name}: {error}"))
}

/// A fixture of JSON.
pub fn json(name: &str) -> Value {
    serde_json::from_slice(&bytes(name)).unwrap()
}

/// The names of all models that an exporter made.
pub fn models() -> Vec<String> {
    let files =
        std::fs::read_dir(folder()).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap());
    let mut names: Vec<String> =
        files.filter_map(|name| name.strip_suffix(".onnx").map(str::to_owned)).collect();
    names.sort();
    names
}

/// A number as the fixtures write it.
pub fn number(value: &Value) -> f64 {
    match value.as_str() {
        Some("Infinity") => f64::INFINITY,
        Some("-Infinity") => f64::NEG_INFINITY,
        Some("NaN") => f64::NAN,
        Some(other) => panic!("{other} is no number"),
        None => value.as_f64().unwrap_or_else(|| f64::from(u8::from(value.as_bool().unwrap()))),
    }
}

/// Numbers of an array.
pub fn numbers(array: &Value) -> Vec<f64> {
    array["values"].as_array().unwrap().iter().map(number).collect()
}

/// The rows of a fixture, as columns named after inputs, or after their place in a single wide one.
pub struct Asked {
    pub rows: usize,
    pub columns: Vec<Column>,
}

impl Asked {
    pub fn of(case: &Value, description: &Description) -> Self {
        let mut columns = Vec::new();
        let mut rows = 0;
        let one_each = description.inputs.iter().all(|port| {
            let shape = case["inputs"][&port.name]["shape"].as_array().unwrap();
            shape[1..].iter().all(|axis| axis == 1)
        });
        for port in &description.inputs {
            let array = &case["inputs"][&port.name];
            let shape: Vec<usize> = array["shape"]
                .as_array()
                .unwrap()
                .iter()
                .map(|axis| axis.as_u64().unwrap() as usize)
                .collect();
            rows = shape[0];
            let width: usize = shape[1..].iter().product();
            let values = array["values"].as_array().unwrap();
            for column in 0..width {
                let of_column = values.iter().skip(column).step_by(width);
                let name = if one_each { port.name.clone() } else { format!("{} {column}", port.name) };
                let values = if array["type"] == "text" {
                    ColumnValues::Texts(of_column.map(|text| text.as_str().unwrap().to_owned()).collect())
                } else {
                    ColumnValues::Numbers(of_column.map(number).collect())
                };
                columns.push(Column { name, values });
            }
        }
        Self { rows, columns }
    }

    pub fn features(&self) -> Features<'_> {
        Features::Columns { rows: self.rows, columns: &self.columns }
    }
}

/// Answers to all rows.
pub fn run(
    model: &Model,
    features: &Features<'_>,
    options: &RunOptions,
) -> Result<Answers, keelmark_onnx::Error> {
    match model.run(features, options, &NoProgress, &Stop::new())? {
        Outcome::Done(answers) => Ok(answers),
        Outcome::Stopped { kept } => panic!("stopped: {kept}"),
    }
}

/// Reads a model with the usual limits.
pub fn read(name: &str) -> Model {
    Model::read(&bytes(name), &Limits::default()).unwrap_or_else(|error| panic!("{name}: {error}"))
}

/// How far two lists are apart: absolutely near 0, relatively far from it.
pub fn distance(got: &[f64], expected: &[f64]) -> f64 {
    if got.len() != expected.len() {
        return f64::INFINITY;
    }
    let apart = |(got, expected): (&f64, &f64)| {
        if got == expected || got.is_nan() && expected.is_nan() {
            return 0.0;
        }
        let apart = (got - expected).abs() / expected.abs().max(1.0);
        if apart.is_nan() { f64::INFINITY } else { apart }
    };
    got.iter().zip(expected).map(apart).fold(0.0, f64::max)
}

/// What is wrong with answers, compared to the outputs of a fixture; nothing where they are those of onnxruntime.
pub fn complaint(answers: &Answers, case: &Value) -> Option<String> {
    let outputs = case["outputs"].as_object().unwrap();
    let mut seen = false;
    if let Some(scores) = &answers.scores {
        let expected = numbers(&outputs[&scores.output]);
        let apart = distance(&scores.values, &expected);
        if apart > 1e-5 {
            return Some(format!(
                "{} is {apart:.1e} from onnxruntime\n{:?}\n{expected:?}",
                scores.output, scores.values
            ));
        }
        seen = true;
    }
    let integers = |kind: &Value| kind.as_str().is_some_and(|kind| kind.starts_with("int"));
    let is_label = |array: &Value| {
        (array["type"] == "text" || integers(&array["type"]))
            && array["values"].as_array().unwrap().len() == answers.rows
    };
    if let Some(expected) = outputs.values().find(|array| is_label(array)) {
        let text = |value: &Value| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
        let expected: Vec<String> = expected["values"].as_array().unwrap().iter().map(text).collect();
        if answers.labels.as_ref() != Some(&expected) {
            return Some(format!("labels {:?}, onnxruntime {expected:?}", answers.labels));
        }
        seen = true;
    }
    (!seen).then(|| "nothing to compare".to_owned())
}
