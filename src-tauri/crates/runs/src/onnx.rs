//! From the test set to what an ONNX model answers.

use keelmark_data::{CellKind, GivenTest, GivenValues};
use keelmark_manifest::{Manifest, ScoreKind};
use keelmark_onnx::{Column, ColumnValues, Dimension, Element, Features, Model, Port, Reading, RunOptions};
use keelmark_types::{Answers, NoProgress, Outcome, Predictions, Stop, Target, TaskKind};

use crate::Error;
use crate::version_data::VersionData;

/// The test set, with the columns the model takes.
pub(crate) fn load(
    data: &VersionData<'_>,
    manifest: &Manifest,
    model: &Model,
    is_pinned: bool,
) -> Result<GivenTest, Error> {
    let classes = model.classes().filter(|_| manifest.task == TaskKind::Classification);
    let inputs = &model.description().inputs;
    data.load_given(manifest, is_pinned, classes, &|offered| choose(inputs, offered))
}

/// Which columns go to the model, and how they are read: those its inputs are named after, else all on offer.
fn choose(inputs: &[Port], offered: &[String]) -> Vec<(String, CellKind)> {
    let kind = |port: &Port| if port.element == Element::Text { CellKind::Text } else { CellKind::Number };
    let is_named = !inputs.is_empty() && inputs.iter().all(|port| offered.contains(&port.name));
    if is_named && !is_wide(inputs) {
        return inputs.iter().map(|port| (port.name.clone(), kind(port))).collect();
    }
    let mut kinds = Vec::new();
    for port in inputs {
        let width = if inputs.len() == 1 { offered.len() } else { width(port).unwrap_or(1) };
        kinds.extend(std::iter::repeat_n(kind(port), width.min(offered.len())));
    }
    kinds.resize(offered.len(), CellKind::Number);
    offered.iter().cloned().zip(kinds).collect()
}

/// Whether there is one input that takes several columns: then its name is no column's.
fn is_wide(inputs: &[Port]) -> bool {
    matches!(inputs, [only] if width(only).is_some_and(|width| width != 1))
}

/// How many values of a row an input takes, where its shape says so.
fn width(port: &Port) -> Option<usize> {
    let axes = port.shape.as_ref()?.get(1..)?;
    axes.iter().try_fold(1_usize, |product, axis| match axis {
        Dimension::Fixed(length) => product.checked_mul(*length),
        _ => None,
    })
}

/// What the model answers to the test set; none where it was asked to stop.
pub(crate) fn predict(
    model: &Model,
    given: &GivenTest,
    manifest: &Manifest,
    threads: usize,
    stop: &Stop,
) -> Result<Option<Predictions>, Error> {
    let inputs = &model.description().inputs;
    let columns: Vec<Column> = given
        .columns
        .iter()
        .map(|column| Column {
            // One input of many columns is not the column that happens to have its name.
            name: if is_wide(inputs) { String::new() } else { column.name.clone() },
            values: match &column.values {
                GivenValues::Numbers(values) => ColumnValues::Numbers(values.clone()),
                GivenValues::Texts(values) => ColumnValues::Texts(values.clone()),
            },
        })
        .collect();
    let features = Features::Columns { rows: given.ids.len(), columns: &columns };
    let options = RunOptions { threads, ..RunOptions::default() };
    let answers = match model.run(&features, &options, &NoProgress, stop)? {
        Outcome::Done(answers) => answers,
        Outcome::Stopped { .. } => return Ok(None),
    };
    let answers = match &given.target {
        Target::Values(truth) => {
            Answers::Regression { truth: truth.clone(), predicted: predicted_values(answers)? }
        }
        Target::Classes { names, labels } => Answers::Classification {
            probabilities: probabilities(answers, names, manifest.evaluate.scores)?,
            classes: names.clone(),
            truth: labels.clone(),
        },
    };
    let slices = given.slices.clone();
    Ok(Some(Predictions { ids: given.ids.clone(), answers, weights: None, slices }))
}

fn predicted_values(answers: keelmark_onnx::Answers) -> Result<Vec<f64>, Error> {
    let scores = answers.scores.filter(|scores| scores.width == 1);
    let scores = scores.ok_or_else(|| Error::Unsupported {
        message: "the ONNX model does not give one number an example, as regression needs it".to_owned(),
        hint: "Correct `task` in model.yaml, or export the model with one output.".to_owned(),
    })?;
    Ok(scores.values)
}

/// `[examples, classes]`, in the order of `classes`, each row with the sum 1.
fn probabilities(
    answers: keelmark_onnx::Answers,
    classes: &[String],
    kind: Option<ScoreKind>,
) -> Result<Vec<f64>, Error> {
    let unfit = |message: String, hint: &str| Error::Unsupported { message, hint: hint.to_owned() };
    let Some(scores) = answers.scores else {
        let message = "the ONNX model gives labels without probabilities".to_owned();
        return Err(unfit(
            message,
            "Export it with probabilities (skl2onnx: keep the output `probabilities`).",
        ));
    };
    let width = if scores.width == 1 { 2 } else { scores.width };
    if width != classes.len() {
        let message = format!(
            "the ONNX model's output `{}` has {} numbers an example, and there are {} classes: {}",
            scores.output,
            scores.width,
            classes.len(),
            shortened(classes)
        );
        return Err(unfit(
            message,
            "Every class has to be in the data that data.train names, or in the model.",
        ));
    }
    let reading = match kind {
        Some(ScoreKind::Logits) => Reading::Logits,
        Some(ScoreKind::Probabilities) | None => Reading::Probabilities,
    };
    let Some(mut rows) = scores.probabilities(reading) else {
        let message =
            format!("the numbers of the ONNX model's output `{}` are no probabilities", scores.output);
        return Err(unfit(
            message,
            "If softmax makes probabilities of them, say `evaluate: {scores: logits}` in model.yaml.",
        ));
    };
    for row in rows.chunks_exact_mut(width) {
        let sum: f64 = row.iter().sum();
        row.iter_mut().for_each(|value| *value /= sum);
    }
    Ok(rows)
}

fn shortened(classes: &[String]) -> String {
    const SHOWN: usize = 12;
    let names: Vec<&str> = classes.iter().map(String::as_str).take(SHOWN).collect();
    let more = if classes.len() > SHOWN { ", …" } else { "" };
    format!("{}{more}", names.join(", "))
}
