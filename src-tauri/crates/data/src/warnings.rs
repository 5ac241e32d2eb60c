//! What somebody should look at before trusting a result.

use std::collections::BTreeSet;

use keelmark_types::{DataPin, Dataset, Target};

use crate::example_ids::fingerprint;

/// Fewer examples than this separate by chance.
const ENOUGH_EXAMPLES: usize = 50;
/// So many features are named at most.
const NAMED: usize = 5;

/// Data in no version.
pub(crate) fn of_pins(pins: &[DataPin]) -> Vec<String> {
    let unversioned = pins.iter().filter(|pin| !pin.versioned);
    unversioned
        .map(|pin| format!("`{}` is not versioned: a run made from it cannot be promoted", pin.path))
        .collect()
}

/// Features that give the answer away by themselves.
pub(crate) fn of_training(train: &Dataset) -> Vec<String> {
    if train.len() < ENOUGH_EXAMPLES {
        return Vec::new();
    }
    let gives_away = |column: &usize| match &train.target {
        Target::Classes { names, labels } => separates(train, *column, labels, names.len()),
        Target::Values(values) => equals(train, *column, values),
    };
    let columns = (0..train.columns.len()).filter(gives_away).take(NAMED);
    columns
        .map(|column| {
            format!(
                "the feature `{}` alone gives the target away: is it known before the answer is?",
                train.columns[column]
            )
        })
        .collect()
}

/// Whether the classes lie in ranges of one column that do not touch.
fn separates(train: &Dataset, column: usize, labels: &[u32], classes: usize) -> bool {
    let mut ranges = vec![(f32::INFINITY, f32::NEG_INFINITY); classes];
    for (example, &label) in labels.iter().enumerate() {
        let value = train.row(example)[column];
        let (low, high) = &mut ranges[label as usize];
        (*low, *high) = (low.min(value), high.max(value));
    }
    ranges.retain(|(low, high)| low <= high);
    ranges.sort_by(|a, b| a.0.total_cmp(&b.0));
    ranges.len() > 1 && ranges.windows(2).all(|pair| pair[0].1 < pair[1].0)
}

/// Whether a column is the target but for a factor and a shift, nearly exactly.
fn equals(train: &Dataset, column: usize, values: &[f64]) -> bool {
    let count = values.len() as f64;
    let feature = |example: usize| f64::from(train.row(example)[column]);
    let mean_value = values.iter().sum::<f64>() / count;
    let mean_feature = (0..values.len()).map(feature).sum::<f64>() / count;
    let (mut both, mut of_value, mut of_feature) = (0.0, 0.0, 0.0);
    for (example, value) in values.iter().enumerate() {
        let (v, f) = (value - mean_value, feature(example) - mean_feature);
        both += v * f;
        of_value += v * v;
        of_feature += f * f;
    }
    both * both > 0.999_999 * of_value * of_feature && of_value > 0.0 && of_feature > 0.0
}

/// Test examples the model has seen.
pub(crate) fn of_overlap(train: &Dataset, test: &Dataset) -> Option<String> {
    let seen: BTreeSet<[u8; 32]> = (0..train.len()).map(|example| fingerprint(train.row(example))).collect();
    let overlap = (0..test.len()).filter(|&example| seen.contains(&fingerprint(test.row(example)))).count();
    (overlap > 0)
        .then(|| format!("{overlap} of {} test examples have the same features as one in train", test.len()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn dataset(features: Vec<f32>, target: Target) -> Dataset {
        let count = target.len();
        Dataset {
            ids: (0..count).map(|id| id.to_string()).collect(),
            columns: vec!["honest".to_owned(), "leak".to_owned()],
            features,
            shape: vec![2],
            target,
        }
    }

    #[test]
    fn a_feature_that_is_the_label_is_told() {
        let labels: Vec<u32> = (0..60).map(|i| i % 3).collect();
        let features =
            labels.iter().enumerate().flat_map(|(i, &label)| [i as f32, label as f32 * 2.0]).collect();
        let names = ["a", "b", "c"].map(str::to_owned).to_vec();
        let told = of_training(&dataset(features, Target::Classes { names, labels }));
        assert_eq!(told.len(), 1, "{told:?}");
        assert!(told[0].contains("`leak`"), "{told:?}");
    }

    #[test]
    fn a_feature_that_is_the_value_is_told() {
        let values: Vec<f64> = (0..60).map(|i| f64::from((i * 37) % 60)).collect();
        let features =
            (0_u16..60).zip(&values).flat_map(|(i, &v)| [f32::from(i), v as f32 * -3.0 + 1.0]).collect();
        let told = of_training(&dataset(features, Target::Values(values)));
        assert_eq!(told.len(), 1, "{told:?}");
    }
}
