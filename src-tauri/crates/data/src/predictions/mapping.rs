//! Which column of a prediction file means what.

use keelmark_manifest::PredictionsSpec;
use keelmark_types::TaskKind;

use crate::columns::{select, starred};
use crate::labels::in_order;
use crate::mistakes::{Mistakes, mistake, quoted};
use crate::table::Table;
use crate::{Error, MAX_CLASSES};

/// Which column of a prediction file means what. What is left out is found by its usual name.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ColumnMapping {
    /// The id of the example; else `index`, `id`, `row_id` or `example_id` where there is one, else the row's number from 1.
    pub id: Option<String>,
    /// The true class or value; else `y_true`.
    pub truth: Option<String>,
    /// Patterns of the probability columns, `*` standing for the class; else `p0`, `p1`… or `p_cat`, `p_dog`…. For
    /// regression the column of predicted values; else `y_pred`.
    pub probabilities: Vec<String>,
    /// The weight of the example; else `weight` where there is one.
    pub weight: Option<String>,
    /// Columns kept to divide the examples into slices.
    pub slices: Vec<String>,
}

impl From<&PredictionsSpec> for ColumnMapping {
    fn from(spec: &PredictionsSpec) -> Self {
        Self {
            id: spec.id.clone(),
            truth: Some(spec.truth.clone()),
            probabilities: spec.probabilities.clone(),
            weight: spec.weight.clone(),
            slices: Vec::new(),
        }
    }
}

/// The columns of one file, found.
#[derive(Debug)]
pub(super) struct Found {
    pub id: Option<usize>,
    pub truth: usize,
    pub weight: Option<usize>,
    pub slices: Vec<(String, usize)>,
    pub answers: Answer,
}

#[derive(Debug)]
pub(super) enum Answer {
    /// The classes in their fixed order and the column of each.
    Classes(Vec<(String, usize)>),
    Value(usize),
}

const USUAL_IDS: [&str; 4] = ["index", "id", "row_id", "example_id"];

impl ColumnMapping {
    pub(super) fn find(&self, table: &Table<'_>, task: Option<TaskKind>) -> Result<Found, Error> {
        let mut mistakes = Mistakes::default();
        let mut named = |name: &str, use_of_it: &str| {
            let found = table.column(name);
            if found.is_none() {
                mistakes.push(table.missing_column(name, use_of_it));
            }
            found.unwrap_or(0)
        };
        let id = match &self.id {
            Some(id) => Some(named(id, "the id of the examples")),
            None => USUAL_IDS.iter().find_map(|usual| table.column(usual)),
        };
        let truth = named(self.truth.as_deref().unwrap_or("y_true"), "the true class or value");
        let weight = match &self.weight {
            Some(weight) => Some(named(weight, "the weight of the examples")),
            None => table.column("weight"),
        };
        let slices = self.slices.iter().map(|name| (name.clone(), named(name, "a slice"))).collect();
        mistakes.finish()?;
        let taken = [id, Some(truth), weight];
        let answers = self.answers(table, task, &taken)?;
        Ok(Found { id, truth, weight, slices, answers })
    }

    fn answers(
        &self,
        table: &Table<'_>,
        task: Option<TaskKind>,
        taken: &[Option<usize>],
    ) -> Result<Answer, Error> {
        let mut columns: Vec<usize> = if self.probabilities.is_empty() {
            (0..table.header.len()).filter(|&column| usual_class(&table.header[column]).is_some()).collect()
        } else {
            select(
                &self.probabilities,
                &table.header,
                &table.header_location(),
                "the columns of probabilities",
            )?
        };
        columns.retain(|column| !taken.contains(&Some(*column)));
        let value =
            if self.probabilities.is_empty() { table.column("y_pred") } else { columns.first().copied() };
        let is_classification = match task {
            Some(task) => task == TaskKind::Classification,
            None if self.probabilities.is_empty() => !columns.is_empty(),
            None => columns.len() > 1,
        };
        let has =
            |message: &str, expected: &str| Error::from(mistake(table.header_location(), message, expected));
        if !is_classification {
            let expected = "`y_pred` for regression, or `p0`, `p1`… for classification";
            return value
                .map(Answer::Value)
                .ok_or_else(|| has("there is no column of predicted values or probabilities", expected));
        }
        if columns.len() < 2 || columns.len() > MAX_CLASSES {
            let message = format!("there are {} columns of probabilities", columns.len());
            return Err(has(&message, "one a class and at least two, such as `p0`, `p1`"));
        }
        let by_name: Vec<(String, usize)> =
            columns.into_iter().map(|column| (self.class(&table.header[column]), column)).collect();
        let names = in_order(by_name.iter().map(|(name, _)| name.clone()).collect());
        if let Some(twice) = names.iter().zip(names.iter().skip(1)).find_map(|(a, b)| (a == b).then_some(a)) {
            let message = format!("two columns of probabilities are for the class {}", quoted(twice));
            return Err(has(&message, "one column a class"));
        }
        let column_of: std::collections::BTreeMap<String, usize> = by_name.into_iter().collect();
        let ordered = names.into_iter().map(|name| {
            let column = column_of[&name];
            (name, column)
        });
        Ok(Answer::Classes(ordered.collect()))
    }

    /// The class a column is of: what `*` stands for, else the part behind the usual beginning, else the whole name.
    fn class(&self, column: &str) -> String {
        let of_star = self
            .probabilities
            .iter()
            .filter(|pattern| pattern.contains('*'))
            .find_map(|pattern| starred(pattern, column))
            .map(|class| class.strip_prefix('_').filter(|rest| !rest.is_empty()).unwrap_or(class))
            .filter(|class| !class.is_empty());
        of_star.or_else(|| usual_class(column)).unwrap_or(column).to_owned()
    }
}

/// The class in the usual name of a column of probabilities: `p3`, `p_cat`, `prob_cat`, `proba_cat`.
fn usual_class(column: &str) -> Option<&str> {
    let class = ["proba_", "prob_", "p_"]
        .iter()
        .find_map(|beginning| column.strip_prefix(beginning))
        .or_else(|| column.strip_prefix('p').filter(|rest| rest.bytes().all(|byte| byte.is_ascii_digit())))?;
    (!class.is_empty()).then_some(class)
}
