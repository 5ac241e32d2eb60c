//! Scaling of features and of a regression target, fitted on the training examples and on nothing else.

use std::collections::BTreeMap;

use keelmark_manifest::{FeatureSpec, Scale};
use keelmark_types::{Dataset, Target};
use serde::{Deserialize, Serialize};

use crate::{Error, examples};

/// The schema name of `preprocess.json`.
pub(crate) const SCHEMA: &str = "keelmark.preprocess/1";

/// How raw numbers become what the network sees: `(x − subtract) / divide`, column by column.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Preprocess {
    schema: String,
    /// Names of the columns, in order.
    pub(crate) columns: Vec<String>,
    /// What is taken off each column.
    subtract: Vec<f64>,
    /// What each column is then divided by.
    divide: Vec<f64>,
    /// The scaling of a regression target, undone at prediction.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    target: Option<TargetScale>,
}

/// Mean and spread of a regression target.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
struct TargetScale {
    subtract: f64,
    divide: f64,
}

impl Preprocess {
    /// Fits the scaling that `features` declare to `train`.
    pub(crate) fn fit(train: &Dataset, features: &BTreeMap<String, FeatureSpec>) -> Result<Self, Error> {
        examples::check("training", train)?;
        let scales: Vec<Scale> = train.columns.iter().map(|column| scale_of(column, features)).collect();
        let (subtract, divide) = fit_columns(train, &scales);
        let preprocess = Self {
            schema: SCHEMA.to_owned(),
            columns: train.columns.clone(),
            subtract,
            divide,
            target: match &train.target {
                Target::Classes { .. } => None,
                Target::Values(values) => {
                    let (subtract, divide) = standard(values);
                    Some(TargetScale { subtract, divide })
                }
            },
        };
        preprocess.check().map_err(Error::Invalid)?;
        Ok(preprocess)
    }

    /// Checks what a file states.
    pub(crate) fn check(&self) -> Result<(), String> {
        if self.schema != SCHEMA {
            return Err(format!("its schema is `{}`, not `{SCHEMA}`", self.schema));
        }
        if self.subtract.len() != self.columns.len() || self.divide.len() != self.columns.len() {
            return Err(format!(
                "{} columns, but {} and {} scales",
                self.columns.len(),
                self.subtract.len(),
                self.divide.len()
            ));
        }
        let target = self.target.map(|scale| (scale.subtract, scale.divide));
        let columns = self.subtract.iter().copied().zip(self.divide.iter().copied());
        let wrong =
            |&(subtract, divide): &(f64, f64)| !subtract.is_finite() || !divide.is_finite() || divide <= 0.0;
        match columns.enumerate().find(|(_, scale)| wrong(scale)) {
            Some((column, (subtract, divide))) => {
                Err(format!("column `{}` cannot be scaled by {subtract} and {divide}", self.columns[column]))
            }
            None if target.as_ref().is_some_and(wrong) => Err("the target cannot be scaled".to_owned()),
            None => Ok(()),
        }
    }

    /// The scaled features of `data`, `[examples, columns]`. Its columns must be those fitted to.
    pub(crate) fn apply(&self, name: &str, data: &Dataset) -> Result<Vec<f32>, Error> {
        examples::check(name, data)?;
        if data.columns != self.columns {
            return Err(Error::invalid(differing_columns(name, &self.columns, &data.columns)));
        }
        let scaled = self.apply_rows(&data.features);
        let width = self.columns.len();
        match scaled.iter().position(|value| !value.is_finite()) {
            None => Ok(scaled),
            Some(place) => Err(Error::invalid(format!(
                "column `{}` of example `{}` of the {name} examples is {}, which is too far from the training examples",
                self.columns[place % width],
                data.ids[place / width],
                data.features[place]
            ))),
        }
    }

    /// Scales rows of features.
    pub(crate) fn apply_rows(&self, features: &[f32]) -> Vec<f32> {
        let mut scaled = Vec::with_capacity(features.len());
        for row in features.chunks_exact(self.columns.len()) {
            let by = self.subtract.iter().zip(&self.divide);
            scaled.extend(row.iter().zip(by).map(|(&x, (s, d))| ((f64::from(x) - s) / d) as f32));
        }
        scaled
    }

    /// A regression target as the network learns it.
    pub(crate) fn scale_target(&self, value: f64) -> f64 {
        self.target.map_or(value, |scale| (value - scale.subtract) / scale.divide)
    }

    /// A regression answer in the data's unit.
    pub(crate) fn unscale_target(&self, value: f64) -> f64 {
        self.target.map_or(value, |scale| value * scale.divide + scale.subtract)
    }
}

fn differing_columns(name: &str, expected: &[String], found: &[String]) -> String {
    if let Some(missing) = expected.iter().find(|column| !found.contains(column)) {
        return format!("the {name} examples lack the column `{missing}` of the training examples");
    }
    if let Some(extra) = found.iter().find(|column| !expected.contains(column)) {
        return format!("the {name} examples have a column `{extra}` that the training examples do not have");
    }
    format!("the columns of the {name} examples stand in another order than those of the training examples")
}

/// The scaling declared for a column: that of the first group, by name, whose pattern it matches; else standard.
fn scale_of(column: &str, features: &BTreeMap<String, FeatureSpec>) -> Scale {
    features
        .values()
        .find(|spec| spec.columns.iter().any(|pattern| matches(pattern, column)))
        .map_or(Scale::Standard, |spec| spec.scale)
}

/// Whether `text` is `pattern`, where `*` stands for any characters.
fn matches(pattern: &str, text: &str) -> bool {
    let Some((start, rest)) = pattern.split_once('*') else { return pattern == text };
    let Some(mut text) = text.strip_prefix(start) else { return false };
    let mut parts: Vec<&str> = rest.split('*').collect();
    let end = parts.pop().unwrap_or("");
    for part in parts {
        match text.find(part) {
            Some(place) => text = &text[place + part.len()..],
            None => return false,
        }
    }
    text.ends_with(end)
}

fn fit_columns(train: &Dataset, scales: &[Scale]) -> (Vec<f64>, Vec<f64>) {
    let width = scales.len();
    let count = train.len().max(1) as f64;
    let rows = || train.features.chunks_exact(width.max(1));
    let mut columns =
        vec![Moments { low: f64::INFINITY, high: f64::NEG_INFINITY, ..Moments::default() }; width];
    for row in rows() {
        for (column, &x) in columns.iter_mut().zip(row) {
            let x = f64::from(x);
            column.mean += x;
            column.low = column.low.min(x);
            column.high = column.high.max(x);
        }
    }
    for column in &mut columns {
        column.mean /= count;
    }
    for row in rows() {
        for (column, &x) in columns.iter_mut().zip(row) {
            column.variance += (f64::from(x) - column.mean).powi(2) / count;
        }
    }
    let scale = |(column, scale): (&Moments, &Scale)| match scale {
        Scale::None => (0.0, 1.0),
        Scale::Standard if column.is_constant() => (column.mean, 1.0),
        Scale::Standard => (column.mean, column.variance.sqrt()),
        Scale::MinMax if column.is_constant() => (column.low, 1.0),
        Scale::MinMax => (column.low, column.high - column.low),
    };
    columns.iter().zip(scales).map(scale).unzip()
}

/// What is known of a column.
#[derive(Debug, Clone, Copy, Default)]
struct Moments {
    mean: f64,
    variance: f64,
    low: f64,
    high: f64,
}

impl Moments {
    /// Whether there is nothing to divide by.
    fn is_constant(&self) -> bool {
        self.low >= self.high || self.variance.sqrt() == 0.0
    }
}

/// Mean and standard deviation of a target; 1 where its values are all the same.
fn standard(values: &[f64]) -> (f64, f64) {
    let count = values.len().max(1) as f64;
    let mean = values.iter().sum::<f64>() / count;
    let deviation = (values.iter().map(|x| (x - mean).powi(2)).sum::<f64>() / count).sqrt();
    let low = values.iter().copied().fold(f64::INFINITY, f64::min);
    let high = values.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    let constant = low >= high || deviation == 0.0;
    (mean, if constant { 1.0 } else { deviation })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn data(features: Vec<f32>, width: usize) -> Dataset {
        let rows = features.len() / width;
        Dataset {
            ids: (0..rows).map(|row| row.to_string()).collect(),
            columns: (0..width).map(|column| format!("p{column}")).collect(),
            features,
            shape: vec![width],
            target: Target::Values((0..rows).map(|row| row as f64).collect()),
        }
    }

    fn spec(pattern: &str, scale: Scale) -> BTreeMap<String, FeatureSpec> {
        let spec = FeatureSpec { columns: vec![pattern.to_owned()], shape: None, scale };
        BTreeMap::from([("group".to_owned(), spec)])
    }

    #[test]
    fn each_kind_of_scaling_does_what_it_says() {
        let train = data(vec![1.0, 5.0, 3.0, 5.0, 8.0, 5.0], 2);
        let fitted = Preprocess::fit(&train, &BTreeMap::new()).expect("fits");
        let scaled = fitted.apply("train", &train).expect("applies");
        // numpy: (x - mean) / std with ddof 0 of [1, 3, 8].
        for (got, expected) in scaled.iter().step_by(2).zip([-1.019_049_3, -0.339_683_1, 1.358_732_5_f32]) {
            assert!((got - expected).abs() < 1e-6, "standard scaling gives {expected}, not {got}");
        }
        assert!(scaled.iter().skip(1).step_by(2).all(|&x| x == 0.0), "a constant column becomes 0, not NaN");
        let fitted = Preprocess::fit(&train, &spec("p*", Scale::MinMax)).expect("fits");
        let scaled = fitted.apply("train", &train).expect("applies");
        assert_eq!(scaled, [0.0, 0.0, 2.0 / 7.0, 0.0, 1.0, 0.0]);
        let fitted = Preprocess::fit(&train, &spec("p*", Scale::None)).expect("fits");
        assert_eq!(fitted.apply("train", &train).expect("applies"), train.features);
    }

    #[test]
    fn other_sets_are_scaled_as_train_was() {
        let fitted = Preprocess::fit(&data(vec![0.0, 10.0], 1), &BTreeMap::new()).expect("fits");
        let scaled = fitted.apply("test", &data(vec![1_000.0], 1)).expect("applies");
        assert_eq!(scaled, [199.0], "mean 5 and deviation 5 are those of train");
    }

    #[test]
    fn what_cannot_be_computed_with_is_named() {
        let fitted = Preprocess::fit(&data(vec![0.0, 10.0], 1), &BTreeMap::new()).expect("fits");
        let error = fitted.apply("test", &data(vec![1.0, f32::NAN], 1)).expect_err("NaN is refused");
        assert!(error.to_string().contains("`p0` of example `1`"), "the place is named: {error}");
        let error = fitted.apply("test", &data(vec![1.0, 2.0], 2)).expect_err("another column");
        assert!(error.to_string().contains("`p1`"), "the extra column is named: {error}");
    }

    #[test]
    fn patterns_match_as_globs_do() {
        for (pattern, text, expected) in [
            ("p*", "p12", true),
            ("p*", "q", false),
            ("*", "", true),
            ("a*b*c", "a-b-b-c", true),
            ("a*b*c", "acb", false),
            ("ab*ba", "aba", false),
            ("exact", "exact", true),
            ("exact", "exactly", false),
        ] {
            assert_eq!(matches(pattern, text), expected, "{pattern} against {text}");
        }
    }
}
