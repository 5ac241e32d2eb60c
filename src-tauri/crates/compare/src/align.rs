//! Which examples of the two sides can be compared, pair by pair.

use std::collections::{BTreeMap, HashMap};

use keelmark_metrics::{check, select};
use keelmark_types::{Answers, Grade, Predictions, TaskKind};

use crate::{Pairing, Side};

/// The value of a slice column on which the two sides disagree.
const DIFFERS: &str = "(differs)";

/// Both sides' answers to the shared examples, in the same order.
pub(crate) struct Aligned {
    pub(crate) a: Predictions,
    pub(crate) b: Predictions,
}

/// Why two sides cannot be paired.
pub(crate) struct Apart {
    /// A sentence without a full stop.
    pub(crate) why: String,
    /// Whether the metrics of the two sides were measured on the same test set all the same.
    pub(crate) same_test: bool,
}

/// Pairs the examples by id. The same pairs in the same order, whichever side comes first.
pub(crate) fn align(a: &Side, b: &Side) -> (Pairing, Result<Aligned, Apart>) {
    let count = |side: &Side| side.predictions.as_ref().map_or(side.evaluation.examples, |p| p.len() as u64);
    let mut pairing = Pairing { a: count(a), b: count(b), ..Pairing::default() };
    let apart = |why: String, same_test: bool| Err(Apart { why, same_test });
    if a.evaluation.task != b.evaluation.task {
        let what = |task| if task == TaskKind::Classification { "classes" } else { "numbers" };
        let (a, b) = (what(a.evaluation.task), what(b.evaluation.task));
        return (pairing, apart(format!("A predicts {a}, B predicts {b}"), false));
    }
    if let (Some(digest_a), Some(digest_b)) = (&a.test_digest, &b.test_digest)
        && digest_a != digest_b
    {
        let (a, b) = (&digest_a.as_str()[..12], &digest_b.as_str()[..12]);
        let why = format!("the two were measured on different test sets (digests {a}… and {b}…)");
        return (pairing, apart(why, false));
    }
    let (first, second) = match (&a.predictions, &b.predictions) {
        (Some(first), Some(second)) => (first, second),
        (None, None) if [a, b].iter().all(|side| side.evaluation.grade == Grade::Asserted) => {
            let why = "inconclusive: both sides are numbers that somebody wrote down; without predictions nobody can tell chance from change";
            return (pairing, apart(why.to_owned(), true));
        }
        (first, second) => {
            let whose = match (first.is_some(), second.is_some()) {
                (true, _) => "the predictions of B are",
                (_, true) => "the predictions of A are",
                _ => "the predictions of both sides are",
            };
            let why = format!("inconclusive: {whose} not here, so no paired interval can be made");
            return (pairing, apart(why, true));
        }
    };
    for (name, predictions) in [("A", first), ("B", second)] {
        if let Err(error) = check(predictions) {
            return (pairing, apart(format!("the predictions of {name} cannot be measured: {error}"), false));
        }
    }
    match pair(first, second, &mut pairing) {
        Ok(aligned) => (pairing, Ok(aligned)),
        Err(why) => (pairing, apart(why, false)),
    }
}

fn pair(a: &Predictions, b: &Predictions, pairing: &mut Pairing) -> Result<Aligned, String> {
    match (&a.answers, &b.answers) {
        (Answers::Classification { classes: a, .. }, Answers::Classification { classes: b, .. })
            if a != b =>
        {
            return Err(different_classes(a, b));
        }
        (Answers::Classification { .. }, Answers::Classification { .. })
        | (Answers::Regression { .. }, Answers::Regression { .. }) => {}
        _ => return Err("one side predicts classes, the other numbers".to_owned()),
    }
    let place_in_b: HashMap<&str, usize> =
        b.ids.iter().enumerate().map(|(row, id)| (id.as_str(), row)).collect();
    let mut pairs: Vec<(usize, usize)> = a
        .ids
        .iter()
        .enumerate()
        .filter_map(|(row, id)| place_in_b.get(id.as_str()).map(|other| (row, *other)))
        .collect();
    pairing.paired = pairs.len() as u64;
    pairing.only_a = (a.len() - pairs.len()) as u64;
    pairing.only_b = (b.len() - pairs.len()) as u64;
    if pairs.is_empty() {
        return Err("the two share no example id".to_owned());
    }
    if !pairs.is_sorted_by_key(|pair| pair.1) {
        pairs.sort_by(|x, y| a.ids[x.0].cmp(&a.ids[y.0]));
    }
    let (rows_a, rows_b): (Vec<usize>, Vec<usize>) = pairs.into_iter().unzip();
    let (mut a, mut b) = (select(a, &rows_a), select(b, &rows_b));
    same_truths(&a, &b)?;
    same_weights(&a, &b)?;
    let slices = merged_slices(&a, &b);
    a.slices.clone_from(&slices);
    b.slices = slices;
    Ok(Aligned { a, b })
}

fn different_classes(a: &[String], b: &[String]) -> String {
    let missing = |x: &[String], y: &[String]| -> Vec<String> {
        x.iter().filter(|class| !y.contains(class)).take(5).cloned().collect()
    };
    let (only_a, only_b) = (missing(a, b), missing(b, a));
    match (only_a.is_empty(), only_b.is_empty()) {
        (true, true) => "the two have the same classes in another order".to_owned(),
        (false, true) => format!("the classes differ: only A has {}", only_a.join(", ")),
        (true, false) => format!("the classes differ: only B has {}", only_b.join(", ")),
        (false, false) => {
            format!("the classes differ: only A has {}, only B has {}", only_a.join(", "), only_b.join(", "))
        }
    }
}

fn same_truths(a: &Predictions, b: &Predictions) -> Result<(), String> {
    let differing: Vec<&str> = match (&a.answers, &b.answers) {
        (Answers::Classification { truth: x, .. }, Answers::Classification { truth: y, .. }) => {
            differing_ids(&a.ids, x, y)
        }
        (Answers::Regression { truth: x, .. }, Answers::Regression { truth: y, .. }) => {
            differing_ids(&a.ids, x, y)
        }
        _ => Vec::new(),
    };
    match differing.first() {
        None => Ok(()),
        Some(id) => {
            Err(format!("the truths differ for {} shared examples, first for `{id}`", differing.len()))
        }
    }
}

fn same_weights(a: &Predictions, b: &Predictions) -> Result<(), String> {
    let of = |p: &Predictions| p.weights.clone().unwrap_or_else(|| vec![1.0; p.len()]);
    match differing_ids(&a.ids, &of(a), &of(b)).first() {
        None if of(a).iter().all(|weight| *weight == 0.0) => {
            Err("every shared example has weight 0".to_owned())
        }
        None => Ok(()),
        Some(id) => Err(format!("the weights of shared examples differ, first for `{id}`")),
    }
}

fn differing_ids<'a, T: PartialEq>(ids: &'a [String], x: &[T], y: &[T]) -> Vec<&'a str> {
    ids.iter().zip(x.iter().zip(y)).filter(|(_, (x, y))| x != y).map(|(id, _)| id.as_str()).collect()
}

/// Columns of either side; an example on which the sides disagree goes to a part of its own.
fn merged_slices(a: &Predictions, b: &Predictions) -> BTreeMap<String, Vec<String>> {
    let mut merged = a.slices.clone();
    for (column, values) in &b.slices {
        merged
            .entry(column.clone())
            .and_modify(|of_a| {
                for (value, other) in of_a.iter_mut().zip(values) {
                    if value != other {
                        DIFFERS.clone_into(value);
                    }
                }
            })
            .or_insert_with(|| values.clone());
    }
    merged
}

/// Whether the weights tell examples apart.
pub(crate) fn is_weighted(predictions: &Predictions) -> bool {
    predictions.weights.as_ref().is_some_and(|weights| weights.iter().any(|w| Some(w) != weights.first()))
}
