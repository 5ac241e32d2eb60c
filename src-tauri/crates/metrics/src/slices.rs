//! Parts of the examples: by true class, by the values of a column, by bins of a number.

use std::collections::{BTreeMap, BTreeSet};

use keelmark_types::{Answers, Predictions};

use crate::SliceBy;
use crate::resample::quantile;

/// Values of a column that get a part of their own.
const MOST_VALUES: usize = 50;

/// Bins of a numeric column with more values than that, where nobody declared a number.
const USUAL_BINS: usize = 4;

/// The column of parts by true class.
const CLASS: &str = "class";

/// The part that holds the values beyond the most frequent ones.
const OTHER: &str = "(other)";

/// One part of the examples.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SlicePart {
    /// The column that divides, or `class`.
    pub column: String,
    /// The value or bin.
    pub value: String,
    /// The examples in it, ascending.
    pub rows: Vec<usize>,
}

impl SlicePart {
    /// Whether it holds the examples of one true class.
    pub fn is_class(&self) -> bool {
        self.column == CLASS
    }
}

/// Divides the examples as asked, and by every slice column that was not named. What does not apply (a class of
/// numbers, a column that is not there, bins of words) is left out.
pub fn slice_parts(predictions: &Predictions, slices: &[SliceBy]) -> Vec<SlicePart> {
    let mut parts = Vec::new();
    let mut named = BTreeSet::new();
    for slice in slices {
        match slice {
            SliceBy::Class => parts.extend(by_class(predictions)),
            SliceBy::Column(column) => {
                if named.insert(column.as_str()) {
                    parts.extend(by_value(predictions, column));
                }
            }
            SliceBy::Bins { column, count } => {
                if named.insert(column.as_str()) {
                    parts.extend(
                        numbers(predictions, column)
                            .map_or_else(Vec::new, |values| by_bin(column, &values, *count)),
                    );
                }
            }
        }
    }
    for column in predictions.slices.keys() {
        if !named.contains(column.as_str()) {
            parts.extend(by_value(predictions, column));
        }
    }
    parts
}

fn by_class(predictions: &Predictions) -> Vec<SlicePart> {
    let Answers::Classification { classes, truth, .. } = &predictions.answers else { return Vec::new() };
    let mut rows = vec![Vec::new(); classes.len()];
    for (row, &class) in truth.iter().enumerate() {
        if let Some(part) = rows.get_mut(class as usize) {
            part.push(row);
        }
    }
    classes
        .iter()
        .zip(rows)
        .filter(|(_, rows)| !rows.is_empty())
        .map(|(class, rows)| SlicePart { column: CLASS.to_owned(), value: class.clone(), rows })
        .collect()
}

fn numbers(predictions: &Predictions, column: &str) -> Option<Vec<f64>> {
    let values = predictions.slices.get(column)?;
    values.iter().map(|value| value.trim().parse::<f64>().ok().filter(|number| number.is_finite())).collect()
}

fn by_value(predictions: &Predictions, column: &str) -> Vec<SlicePart> {
    let Some(values) = predictions.slices.get(column) else { return Vec::new() };
    let mut rows_of: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
    for (row, value) in values.iter().enumerate() {
        rows_of.entry(value).or_default().push(row);
    }
    let numeric = numbers(predictions, column);
    if let Some(numbers) = numeric.as_ref().filter(|_| rows_of.len() > MOST_VALUES) {
        return by_bin(column, numbers, USUAL_BINS);
    }
    let mut parts: Vec<SlicePart> = rows_of
        .into_iter()
        .map(|(value, rows)| SlicePart { column: column.to_owned(), value: value.to_owned(), rows })
        .collect();
    if let Some(numbers) = numeric {
        parts.sort_by(|x, y| numbers[x.rows[0]].total_cmp(&numbers[y.rows[0]]));
    }
    if parts.len() > MOST_VALUES {
        parts.sort_by(|x, y| y.rows.len().cmp(&x.rows.len()).then_with(|| x.value.cmp(&y.value)));
        let mut rows: Vec<usize> =
            parts.split_off(MOST_VALUES - 1).into_iter().flat_map(|part| part.rows).collect();
        rows.sort_unstable();
        parts.push(SlicePart { column: column.to_owned(), value: OTHER.to_owned(), rows });
    }
    parts
}

/// Bins between type 7 quantiles: each holds its lower edge, the last both. Equal edges make fewer bins.
fn by_bin(column: &str, values: &[f64], count: usize) -> Vec<SlicePart> {
    let mut sorted = values.to_vec();
    sorted.sort_unstable_by(f64::total_cmp);
    let count = count.clamp(1, MOST_VALUES);
    let mut edges: Vec<f64> =
        (0..=count).filter_map(|bin| quantile(&sorted, bin as f64 / count as f64)).collect();
    edges.dedup();
    let Some((&lowest, inner)) = edges.split_first() else { return Vec::new() };
    let bins = inner.len().max(1);
    let mut rows = vec![Vec::new(); bins];
    for (row, value) in values.iter().enumerate() {
        rows[inner.partition_point(|edge| edge <= value).min(bins - 1)].push(row);
    }
    rows.into_iter()
        .enumerate()
        .filter(|(_, rows)| !rows.is_empty())
        .map(|(bin, rows)| {
            let low = if bin == 0 { lowest } else { inner[bin - 1] };
            let high = inner.get(bin).copied().unwrap_or(lowest);
            SlicePart { column: column.to_owned(), value: format!("{low}…{high}"), rows }
        })
        .collect()
}

/// The examples at `rows`, in that order; rows that are not there are left out.
pub fn select(predictions: &Predictions, rows: &[usize]) -> Predictions {
    let mut answers = predictions.answers.clone();
    match (&mut answers, &predictions.answers) {
        (
            Answers::Classification { truth, probabilities, .. },
            Answers::Classification { classes, truth: all, probabilities: every },
        ) => {
            let width = classes.len();
            let present = || rows.iter().filter(|row| **row < all.len());
            *truth = present().map(|&row| all[row]).collect();
            *probabilities = present()
                .filter_map(|&row| every.get(row * width..(row + 1) * width))
                .flatten()
                .copied()
                .collect();
        }
        (Answers::Regression { truth, predicted }, Answers::Regression { truth: all, predicted: every }) => {
            *truth = pick(all, rows);
            *predicted = pick(every, rows);
        }
        _ => {}
    }
    Predictions {
        ids: pick(&predictions.ids, rows),
        answers,
        weights: predictions.weights.as_ref().map(|weights| pick(weights, rows)),
        slices: predictions
            .slices
            .iter()
            .map(|(column, values)| (column.clone(), pick(values, rows)))
            .collect(),
    }
}

fn pick<T: Clone>(values: &[T], rows: &[usize]) -> Vec<T> {
    rows.iter().filter_map(|&row| values.get(row)).cloned().collect()
}
