//! Whether predictions can be measured at all.

use std::collections::BTreeSet;

use keelmark_types::{Answers, Predictions};

use crate::Error;

/// How far the probabilities of a row may sum from 1.
pub const SUM_TOLERANCE: f64 = 1e-6;

/// How many classes can be measured: confusion is held as a dense square.
pub const MAX_CLASSES: usize = 2048;

/// Checks that every value is finite and in its range, rows sum to 1 ± 1e-6, columns are equally long, ids are unique,
/// truths are classes, the total weight is above 0 and there is at least one row. Errors name the first bad row and
/// its column.
pub fn check(predictions: &Predictions) -> Result<(), Error> {
    let rows = predictions.ids.len();
    if rows == 0 {
        return Err(Error::Empty);
    }
    match &predictions.answers {
        Answers::Classification { classes, truth, probabilities } => {
            same_length("truth", truth.len(), rows)?;
            check_classes(classes.len(), truth, probabilities, rows)?;
        }
        Answers::Regression { truth, predicted } => {
            same_length("truth", truth.len(), rows)?;
            same_length("predicted", predicted.len(), rows)?;
            for (row, (&truth, &predicted)) in truth.iter().zip(predicted).enumerate() {
                finite(row, "truth", truth)?;
                finite(row, "predicted", predicted)?;
            }
        }
    }
    if let Some(weights) = &predictions.weights {
        same_length("weight", weights.len(), rows)?;
        for (row, &weight) in weights.iter().enumerate() {
            finite(row, "weight", weight)?;
            if weight < 0.0 {
                return Err(invalid(row, "weight", format!("{weight} is below 0")));
            }
        }
        if weights.iter().all(|weight| *weight == 0.0) {
            return Err(Error::NoWeight);
        }
    }
    for (column, values) in &predictions.slices {
        same_length(column, values.len(), rows)?;
    }
    let mut seen = BTreeSet::new();
    for (row, id) in predictions.ids.iter().enumerate() {
        if !seen.insert(id) {
            return Err(invalid(row, "id", format!("`{id}` is there twice; ids must be unique")));
        }
    }
    Ok(())
}

fn check_classes(classes: usize, truth: &[u32], probabilities: &[f64], rows: usize) -> Result<(), Error> {
    if classes == 0 {
        return Err(Error::Mismatch { message: "there are no classes".to_owned() });
    }
    if classes > MAX_CLASSES {
        let message = format!("{classes} classes are more than the {MAX_CLASSES} that can be measured");
        return Err(Error::TooLarge { message });
    }
    if rows.checked_mul(classes) != Some(probabilities.len()) {
        let message =
            format!("{} probabilities do not make {rows} rows of {classes} classes", probabilities.len());
        return Err(Error::Mismatch { message });
    }
    for (row, (&truth, values)) in truth.iter().zip(probabilities.chunks_exact(classes)).enumerate() {
        if truth as usize >= classes {
            return Err(invalid(row, "truth", format!("class {truth} is not one of the {classes} classes")));
        }
        for (class, &value) in values.iter().enumerate() {
            finite(row, &format!("p{class}"), value)?;
            if !(0.0..=1.0).contains(&value) {
                return Err(invalid(row, &format!("p{class}"), format!("{value} is not within [0, 1]")));
            }
        }
        let sum: f64 = values.iter().sum();
        if (sum - 1.0).abs() > SUM_TOLERANCE {
            let column = format!("p0…p{}", classes - 1);
            return Err(invalid(row, &column, format!("the probabilities sum to {sum}, not 1 ± 1e-6")));
        }
    }
    Ok(())
}

fn same_length(column: &str, length: usize, rows: usize) -> Result<(), Error> {
    if length == rows {
        return Ok(());
    }
    Err(Error::Mismatch { message: format!("column {column} has {length} values for {rows} examples") })
}

fn finite(row: usize, column: &str, value: f64) -> Result<(), Error> {
    if value.is_finite() {
        return Ok(());
    }
    Err(invalid(row, column, format!("{value} is not a finite number")))
}

fn invalid(row: usize, column: &str, message: String) -> Error {
    Error::Invalid { row: row + 1, column: column.to_owned(), message }
}

/// Turns the f32 probabilities of a model into f64 rows that sum to 1. A row that sums to nothing, or is not finite,
/// stays as it is, so that [`check`] names it.
pub fn normalised_rows(probabilities: &[f32], classes: usize) -> Vec<f64> {
    let mut rows: Vec<f64> = probabilities.iter().map(|&value| f64::from(value)).collect();
    if classes > 0 {
        for row in rows.chunks_mut(classes) {
            let sum: f64 = row.iter().sum();
            if sum > 0.0 && sum.is_finite() {
                for value in row {
                    *value /= sum;
                }
            }
        }
    }
    rows
}
