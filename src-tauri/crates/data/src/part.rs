//! One table read into examples.

use std::collections::{BTreeMap, HashMap};

use keelmark_types::{Dataset, Target, TaskKind};

use crate::example_ids::ExampleIds;
use crate::features::Chosen;
use crate::labels::Met;
use crate::load::Divisible;
use crate::mistakes::{Mistakes, listed, mistake, quoted};
use crate::table::{Row, Table};
use crate::{Error, MAX_CELLS, MAX_CLASSES};

/// Examples with the columns that divide them into slices.
#[derive(Debug, Clone)]
pub(crate) struct Part {
    pub dataset: Dataset,
    pub slices: BTreeMap<String, Vec<String>>,
}

/// How a table is to be read.
#[derive(Debug)]
pub(crate) struct Reading<'a> {
    pub features: &'a Chosen,
    pub target: &'a str,
    pub id: Option<&'a str>,
    pub task: TaskKind,
    /// The classes where they are already fixed by train.
    pub classes: Option<&'a [String]>,
    pub slices: &'a [String],
}

impl Divisible for Part {
    fn target(&self) -> &Target {
        &self.dataset.target
    }

    fn select(&self, indices: &[usize]) -> Self {
        let of = |values: &Vec<String>| indices.iter().map(|&i| values[i].clone()).collect();
        Self {
            dataset: self.dataset.select(indices),
            slices: self.slices.iter().map(|(name, values)| (name.clone(), of(values))).collect(),
        }
    }
}

/// Reads every row, or tells every mistake.
pub(crate) fn read(table: &Table<'_>, reading: &Reading<'_>) -> Result<Part, Error> {
    let mut gathered = Gathered::new(table, reading)?;
    let mut mistakes = Mistakes::default();
    let mut is_too_large = false;
    let rows = table.each_row(&mut mistakes, |row, mistakes| {
        if gathered.features.len() as u64 >= MAX_CELLS {
            is_too_large = true;
            return;
        }
        gathered.row(row, mistakes);
    })?;
    mistakes.finish()?;
    if is_too_large {
        let why = format!("it has more than {MAX_CELLS} numbers");
        return Err(Error::Unsupported { what: format!("`{}`", table.location()), why });
    }
    if rows == 0 {
        return Err(mistake(
            table.location(),
            "there are no rows below the header",
            "a row for each example",
        )
        .into());
    }
    gathered.finish(table)
}

struct Columns {
    features: Vec<usize>,
    target: usize,
    id: Option<usize>,
    slices: Vec<usize>,
}

struct Gathered<'a> {
    reading: &'a Reading<'a>,
    columns: Columns,
    ids: Vec<String>,
    lines_of_ids: HashMap<String, u64>,
    made_ids: ExampleIds,
    features: Vec<f32>,
    met: Met,
    fixed: HashMap<&'a str, u32>,
    labels: Vec<u32>,
    values: Vec<f64>,
    slices: Vec<Vec<String>>,
}

impl<'a> Gathered<'a> {
    fn new(table: &Table<'_>, reading: &'a Reading<'a>) -> Result<Self, Error> {
        let mut mistakes = Mistakes::default();
        let mut find = |name: &str, use_of_it: &str| {
            let found = table.column(name);
            if found.is_none() {
                mistakes.push(table.missing_column(name, use_of_it));
            }
            found.unwrap_or(0)
        };
        let columns = Columns {
            target: find(reading.target, "data.target"),
            id: reading.id.map(|id| find(id, "the id of the examples")),
            features: reading.features.columns.iter().map(|name| find(name, "a feature")).collect(),
            slices: reading.slices.iter().map(|name| find(name, "evaluate.slices")).collect(),
        };
        mistakes.finish()?;
        let classes = reading.classes.unwrap_or_default();
        Ok(Self {
            fixed: classes.iter().zip(0..).map(|(name, place)| (name.as_str(), place)).collect(),
            slices: vec![Vec::new(); columns.slices.len()],
            reading,
            columns,
            ids: Vec::new(),
            lines_of_ids: HashMap::new(),
            made_ids: ExampleIds::default(),
            features: Vec::new(),
            met: Met::default(),
            labels: Vec::new(),
            values: Vec::new(),
        })
    }

    fn row(&mut self, row: &Row<'_>, mistakes: &mut Mistakes) {
        let begin = self.features.len();
        for &column in &self.columns.features {
            match row.number(column) {
                Ok(number) if (number as f32).is_finite() => self.features.push(number as f32),
                Ok(_) => {
                    mistakes.push(row.mistake(
                        column,
                        "is too large",
                        "a number of single precision, below 3.4e38",
                    ));
                }
                Err(mistake) => mistakes.push(mistake),
            }
        }
        self.target(row, mistakes);
        self.id(row, begin, mistakes);
        for (values, &column) in self.slices.iter_mut().zip(&self.columns.slices) {
            match row.text(column) {
                Ok(value) => values.push(value.to_owned()),
                Err(mistake) => mistakes.push(mistake),
            }
        }
    }

    fn target(&mut self, row: &Row<'_>, mistakes: &mut Mistakes) {
        let column = self.columns.target;
        if self.reading.task == TaskKind::Regression {
            match row.number(column) {
                Ok(value) => self.values.push(value),
                Err(mistake) => mistakes.push(mistake),
            }
            return;
        }
        let label = match row.filled(column) {
            Ok(label) => label,
            Err(mistake) => return mistakes.push(mistake),
        };
        if self.reading.classes.is_none() {
            self.labels.push(self.met.number(label));
            if self.met.len() == MAX_CLASSES + 1 {
                let is = format!("is the {}th class", MAX_CLASSES + 1);
                mistakes.push(row.mistake(
                    column,
                    &is,
                    format!("at most {MAX_CLASSES} classes; is the task regression?"),
                ));
            }
        } else if let Some(&place) = self.fixed.get(label) {
            self.labels.push(place);
        } else {
            let classes = self.reading.classes.unwrap_or_default();
            let is = format!("is a class that train does not have: {}", quoted(label));
            let expected = format!("one of {}", listed(classes.iter().map(String::as_str)));
            mistakes.push(row.mistake(column, &is, expected));
        }
    }

    fn id(&mut self, row: &Row<'_>, begin: usize, mistakes: &mut Mistakes) {
        let Some(column) = self.columns.id else {
            self.ids.push(self.made_ids.next(self.features.get(begin..).unwrap_or_default()));
            return;
        };
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

    fn finish(mut self, table: &Table<'_>) -> Result<Part, Error> {
        let reading = self.reading;
        let target = if reading.task == TaskKind::Regression {
            Target::Values(self.values)
        } else if let Some(classes) = reading.classes {
            Target::Classes { names: classes.to_vec(), labels: self.labels }
        } else {
            let names = self.met.finish(&mut self.labels);
            if let [only] = names.as_slice() {
                let message = format!("every example is of the class {} ({})", quoted(only), reading.target);
                return Err(mistake(table.location(), message, "examples of two classes or more").into());
            }
            Target::Classes { names, labels: self.labels }
        };
        let dataset = Dataset {
            ids: self.ids,
            columns: reading.features.columns.clone(),
            features: self.features,
            shape: reading.features.shape.clone(),
            target,
        };
        Ok(Part { dataset, slices: reading.slices.iter().cloned().zip(self.slices).collect() })
    }
}
