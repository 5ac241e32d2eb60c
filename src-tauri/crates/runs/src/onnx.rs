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
        for value in row.iter_mut() {
            *value /= sum;
        }
    }
    Ok(rows)
}

fn shortened(classes: &[String]) -> String {
    const SHOWN: usize = 12;
    let names: Vec<&str> = classes.iter().map(String::as_str).take(SHOWN).collect();
    let more = if classes.len() > SHOWN { ", …" } else { "" };
    format!("{}{more}", names.join(", "))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn port(name: &str, element: Element, width: Option<usize>) -> Port {
        let width = width.map_or(Dimension::Unknown, Dimension::Fixed);
        Port { name: name.to_owned(), element, shape: Some(vec![Dimension::Unknown, width]) }
    }

    fn chosen(inputs: &[Port], offered: &[&str]) -> String {
        let offered: Vec<String> = offered.iter().map(|&name| name.to_owned()).collect();
        let word = |(name, kind): (String, CellKind)| format!("{name}:{kind:?}");
        choose(inputs, &offered).into_iter().map(word).collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn columns_go_to_the_inputs_of_their_names_else_all_of_them() {
        let named = [port("b", Element::Text, Some(1)), port("a", Element::Float32, Some(1))];
        assert_eq!(
            chosen(&named, &["a", "b", "comment"]),
            "b:Text a:Number",
            "what is not asked for is not read"
        );
        let matrix = [port("X", Element::Float32, Some(3))];
        assert_eq!(chosen(&matrix, &["a", "b", "X"]), "a:Number b:Number X:Number", "X is no column here");
        assert_eq!(chosen(&[port("X", Element::Text, None)], &["a", "b"]), "a:Text b:Text");
        let two = [port("first", Element::Text, Some(2)), port("second", Element::Float32, Some(1))];
        assert_eq!(chosen(&two, &["a", "b", "c"]), "a:Text b:Text c:Number", "by their place");
        assert_eq!(chosen(&two, &["a"]), "a:Text", "too few is for the model to tell");
    }

    #[test]
    fn numbers_that_are_no_probabilities_are_not_taken_for_some() {
        let answers = |width, values: &[f64]| keelmark_onnx::Answers {
            rows: values.len() / width,
            labels: None,
            classes: None,
            scores: Some(keelmark_onnx::Scores { output: "y".to_owned(), width, values: values.to_vec() }),
        };
        let two = ["a".to_owned(), "b".to_owned()];
        let told = probabilities(answers(2, &[2.0, 1.0]), &two, None).expect_err("logits").to_string();
        assert!(told.contains("no probabilities"), "{told}");
        let rows = probabilities(answers(2, &[0.0, 0.0]), &two, Some(ScoreKind::Logits)).expect("declared");
        assert_eq!(rows, [0.5, 0.5]);
        assert_eq!(probabilities(answers(1, &[0.25]), &two, None).expect("of the second"), [0.75, 0.25]);
        let told = probabilities(answers(3, &[0.2, 0.3, 0.5]), &two, None).expect_err("three").to_string();
        assert!(told.contains("3 numbers an example") && told.contains("2 classes: a, b"), "{told}");
        let none = keelmark_onnx::Answers { scores: None, ..answers(1, &[0.5]) };
        assert!(probabilities(none, &two, None).is_err(), "labels alone are not measured");
        assert_eq!(predicted_values(answers(1, &[3.0, 4.0])).expect("values"), [3.0, 4.0]);
        assert!(predicted_values(answers(2, &[3.0, 4.0])).is_err());
    }
}
