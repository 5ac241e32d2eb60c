//! Prediction files any framework can write.

use std::collections::{BTreeMap, HashMap};

use keelmark_types::{Answers, Predictions, TaskKind};

use super::mapping::{Answer, ColumnMapping, Found};
use crate::Error;
use crate::mistakes::{Mistakes, listed, mistake, quoted};
use crate::table::{Row, Table};

/// So far may the probabilities of an example be from a sum of 1.
const SUM_TOLERANCE: f64 = 1e-6;

/// Reads predictions from CSV (or TSV, by the file's name).
///
/// Classification: `[index|id,]y_true,p0…pK[,weight]`, the classes named by what follows `p`; regression:
/// `[index|id,]y_true,y_pred[,weight]`. Other names by `columns`. Without a `task` the columns tell which it is. Every
/// number has to be finite, every row of probabilities in [0, 1] with the sum 1, the weights not negative and not all 0;
/// what is wrong is told by line, column and row.
pub fn read_predictions_csv(
    file: &str,
    bytes: &[u8],
    columns: &ColumnMapping,
    task: Option<TaskKind>,
) -> Result<Predictions, Error> {
    let table = Table::open(file, bytes)?;
    let found = columns.find(&table, task)?;
    let mut gathered = Gathered::new(&found);
    let mut mistakes = Mistakes::default();
    let rows = table.each_row(&mut mistakes, |row, mistakes| gathered.row(row, mistakes))?;
    mistakes.finish()?;
    if rows == 0 {
        let expected = "a row for each example";
        return Err(mistake(table.location(), "there are 0 rows below the header", expected).into());
    }
    if found.weight.is_some() && gathered.weights.iter().all(|&weight| weight == 0.0) {
        let expected = "a total weight above 0";
        return Err(mistake(table.location(), "the weights of all rows sum to 0", expected).into());
    }
    Ok(gathered.finish())
}

struct Gathered<'a> {
    found: &'a Found,
    /// Each class by its name; where all are whole numbers also found by a number that is equal (`3.0`).
    places: HashMap<&'a str, u32>,
    ids: Vec<String>,
    lines_of_ids: HashMap<String, u64>,
    classes: Vec<u32>,
    probabilities: Vec<f64>,
    truth: Vec<f64>,
    predicted: Vec<f64>,
    weights: Vec<f64>,
    slices: Vec<Vec<String>>,
}

impl<'a> Gathered<'a> {
    fn new(found: &'a Found) -> Self {
        let places = match &found.answers {
            Answer::Classes(classes) => {
                classes.iter().zip(0..).map(|((name, _), place)| (name.as_str(), place)).collect()
            }
            Answer::Value(_) => HashMap::new(),
        };
        Self {
            found,
            places,
            ids: Vec::new(),
            lines_of_ids: HashMap::new(),
            classes: Vec::new(),
            probabilities: Vec::new(),
            truth: Vec::new(),
            predicted: Vec::new(),
            weights: Vec::new(),
            slices: vec![Vec::new(); found.slices.len()],
        }
    }

    fn row(&mut self, row: &Row<'_>, mistakes: &mut Mistakes) {
        self.id(row, mistakes);
        let mut number = |column: usize, values: &mut Vec<f64>| match row.number(column) {
            Ok(value) => values.push(value),
            Err(mistake) => mistakes.push(mistake),
        };
        match &self.found.answers {
            Answer::Value(column) => {
                number(self.found.truth, &mut self.truth);
                number(*column, &mut self.predicted);
            }
            Answer::Classes(classes) => self.classes(row, classes, mistakes),
        }
        if let Some(column) = self.found.weight {
            match row.number(column) {
                Ok(weight) if weight < 0.0 => {
                    mistakes.push(row.mistake(column, "is negative", "a weight of 0 or more"));
                }
                Ok(weight) => self.weights.push(weight),
                Err(mistake) => mistakes.push(mistake),
            }
        }
        for (values, (_, column)) in self.slices.iter_mut().zip(&self.found.slices) {
            match row.text(*column) {
                Ok(value) => values.push(value.to_owned()),
                Err(mistake) => mistakes.push(mistake),
            }
        }
    }

    fn id(&mut self, row: &Row<'_>, mistakes: &mut Mistakes) {
        let Some(column) = self.found.id else { return self.ids.push(row.number.to_string()) };
        match row.filled(column) {
            Ok(id) => {
                if let Some(line) = self.lines_of_ids.insert(id.to_owned(), row.line) {
                    let is = format!("is the same as in line {line}: {}", quoted(id));
                    mistakes.push(row.mistake(column, &is, "an id of its own for each example"));
                }
                self.ids.push(id.to_owned());
            }
            Err(mistake) => mistakes.push(mistake),
        }
    }

    fn classes(&mut self, row: &Row<'_>, classes: &[(String, usize)], mistakes: &mut Mistakes) {
        match row.filled(self.found.truth) {
            Ok(label) => {
                if let Some(place) = self.place(label) {
                    self.classes.push(place);
                } else {
                    let is = format!("is a class without a column of probabilities: {}", quoted(label));
                    let names = listed(classes.iter().map(|(name, _)| name.as_str()));
                    mistakes.push(row.mistake(self.found.truth, &is, format!("one of {names}")));
                }
            }
            Err(mistake) => mistakes.push(mistake),
        }
        let (mut sum, mut is_sound) = (0.0, true);
        for &(_, column) in classes {
            let probability = row.number(column).and_then(|probability| {
                let is = format!("is outside [0, 1]: {probability}");
                let within = (0.0..=1.0).contains(&probability);
                if within { Ok(probability) } else { Err(row.mistake(column, &is, "a probability")) }
            });
            match probability {
                Ok(probability) => {
                    sum += probability;
                    self.probabilities.push(probability);
                }
                Err(mistake) => {
                    is_sound = false;
                    mistakes.push(mistake);
                }
            }
        }
        if is_sound && (sum - 1.0).abs() > SUM_TOLERANCE {
            let is = format!("has probabilities that sum to {sum}");
            mistakes.push(row.mistake_of_row(&is, format!("a sum of 1 within {SUM_TOLERANCE:e}")));
        }
    }

    fn place(&self, label: &str) -> Option<u32> {
        if let Some(&place) = self.places.get(label) {
            return Some(place);
        }
        // Tools that know missing values write whole numbers as `3.0`.
        let number =
            label.parse::<f64>().ok().filter(|number| number.fract() == 0.0 && number.abs() < 1e15)?;
        self.places.get((number as i64).to_string().as_str()).copied()
    }

    fn finish(self) -> Predictions {
        let answers = match &self.found.answers {
            Answer::Classes(classes) => Answers::Classification {
                classes: classes.iter().map(|(name, _)| name.clone()).collect(),
                truth: self.classes,
                probabilities: self.probabilities,
            },
            Answer::Value(_) => Answers::Regression { truth: self.truth, predicted: self.predicted },
        };
        let slices: BTreeMap<String, Vec<String>> =
            self.found.slices.iter().map(|(name, _)| name.clone()).zip(self.slices).collect();
        Predictions { ids: self.ids, answers, weights: self.found.weight.map(|_| self.weights), slices }
    }
}
