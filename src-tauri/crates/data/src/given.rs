//! The test set with its columns as they are filed, for a model that brings its own preprocessing.

use std::collections::{BTreeMap, BTreeSet};

use keelmark_manifest::{Lock, Manifest, Split, SplitName};
use keelmark_types::{DataPin, Sha256, Target, TaskKind};
use sha2::{Digest, Sha256 as Hasher};

use crate::digest::{Origin, test_digest};
use crate::example_ids::{ExampleIds, fingerprint};
use crate::features::offered;
use crate::labels::Met;
use crate::load::{Divisible, Root, divide, open, roots, slice_column};
use crate::mistakes::{Mistakes, listed, mistake, quoted};
use crate::pin::{Pinned, check, fetch};
use crate::table::{Row, Table};
use crate::{Error, MAX_CELLS, MAX_CLASSES, Source, Splits};

/// The most cells that are kept as texts.
const MAX_TEXTS: u64 = 20_000_000;

/// How the cells of a column are read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CellKind {
    /// As numbers; an empty cell is a missing one.
    Number,
    /// As texts; an empty cell is an empty text.
    Text,
}

/// Chooses of the columns on offer those to read, and how.
pub type Choice<'a> = dyn Fn(&[String]) -> Vec<(String, CellKind)> + 'a;

/// The values of one column.
#[derive(Debug, Clone, PartialEq)]
pub enum GivenValues {
    /// Numbers; what is missing is NaN.
    Numbers(Vec<f64>),
    /// Texts; what is missing is empty.
    Texts(Vec<String>),
}

/// One column of the test set.
#[derive(Debug, Clone, PartialEq)]
pub struct GivenColumn {
    /// Its name.
    pub name: String,
    /// Its values, one an example.
    pub values: GivenValues,
}

/// The examples of the test set, their columns as filed.
#[derive(Debug, Clone, PartialEq)]
pub struct GivenTest {
    /// A stable id an example: the same that [`crate::load`] gives where it reads the same columns.
    pub ids: Vec<String>,
    /// The columns chosen, in that order.
    pub columns: Vec<GivenColumn>,
    /// What is to be predicted; the classes are those given, else the data's.
    pub target: Target,
    /// The slice columns the manifest names, a value for each example, as text.
    pub slices: BTreeMap<String, Vec<String>>,
    /// The files read.
    pub pins: Vec<DataPin>,
    /// What the test set is and how it is judged: the same that [`crate::load`] gives.
    pub test_digest: Sha256,
}

impl GivenTest {
    /// Its first examples, at most `count` of them.
    #[must_use]
    pub fn first(self, count: usize) -> Self {
        let indices: Vec<usize> = (0..self.ids.len().min(count)).collect();
        let Self { ids, columns, target, slices, pins, test_digest } = self;
        let Given { ids, columns, target, slices } = Given { ids, columns, target, slices }.select(&indices);
        Self { ids, columns, target, slices, pins, test_digest }
    }
}

/// Reads the test set a manifest names, checked against the lock, its columns as `choose` wants them of those on offer:
/// the declared features, else every column but target and id.
///
/// `classes` are those a model knows: any other is a mistake. Without them they are those of the file train is in, else
/// of the test set's own.
pub fn load_given(
    source: &dyn Source,
    folder: &str,
    manifest: &Manifest,
    lock: Option<&Lock>,
    classes: Option<&[String]>,
    choose: &Choice<'_>,
) -> Result<GivenTest, Error> {
    let data = &manifest.data;
    let roots = roots(folder, data, Splits::Test)?;
    let root = &roots[&SplitName::Test];
    let file = fetch(source, folder, root.path)?;
    check(&file, folder, lock)?;
    let origin = Origin { sha256: &file.pin.sha256, id: root.id, divided_by: root.rules.clone() };
    let test_digest = test_digest(data, &origin);
    let mut pins = vec![file.pin.clone()];
    let of_train = match roots.get(&SplitName::Train).filter(|train| train.path != root.path) {
        Some(train) if classes.is_none() && manifest.task == TaskKind::Classification => {
            let file = fetch(source, folder, train.path)?;
            check(&file, folder, lock)?;
            pins.push(file.pin.clone());
            Some(classes_of(&file, &data.target)?)
        }
        _ => None,
    };
    let known = classes.or(of_train.as_deref());
    let whole = read(&file, folder, manifest, root, known, choose)?;
    let mut part = test_of(folder, manifest, &roots, root.path, whole)?;
    if let Some(known) = known {
        part.place_in(known);
    }
    let Given { ids, columns, target, slices } = part;
    Ok(GivenTest { ids, columns, target, slices, pins, test_digest })
}

/// The test examples of the file they are in.
fn test_of(
    folder: &str,
    manifest: &Manifest,
    roots: &BTreeMap<SplitName, Root<'_>>,
    path: &str,
    whole: Given,
) -> Result<Given, Error> {
    // What is in another file is no matter of the test set.
    let mut data = manifest.data.clone();
    let mut parts = BTreeMap::new();
    for (name, split) in [
        (SplitName::Train, &mut data.train),
        (SplitName::Validation, &mut data.validation),
        (SplitName::Test, &mut data.test),
    ] {
        if roots.get(&name).is_none_or(|root| root.path != path) {
            *split = None;
        }
        if let Some(Split::File { .. }) = split {
            parts.insert(name, whole.clone());
        }
    }
    drop(whole);
    divide(folder, &data, &mut parts)?;
    parts.remove(&SplitName::Test).ok_or_else(|| Error::NotFound { path: path.to_owned() })
}

/// Examples of one file.
#[derive(Debug, Clone)]
struct Given {
    ids: Vec<String>,
    columns: Vec<GivenColumn>,
    target: Target,
    slices: BTreeMap<String, Vec<String>>,
}

impl Given {
    /// Gives the labels their places among `classes`, which have every class of theirs.
    fn place_in(&mut self, classes: &[String]) {
        let Target::Classes { names, labels } = &mut self.target else { return };
        let places: BTreeMap<&str, u32> = classes.iter().map(String::as_str).zip(0..).collect();
        let moved: Vec<u32> =
            names.iter().map(|name| places.get(name.as_str()).copied().unwrap_or(0)).collect();
        for label in labels.iter_mut() {
            *label = moved.get(*label as usize).copied().unwrap_or(0);
        }
        *names = classes.to_vec();
    }
}

impl Divisible for Given {
    fn target(&self) -> &Target {
        &self.target
    }

    fn select(&self, indices: &[usize]) -> Self {
        fn of<T: Clone>(values: &[T], indices: &[usize]) -> Vec<T> {
            indices.iter().filter_map(|&index| values.get(index).cloned()).collect()
        }
        let column = |column: &GivenColumn| GivenColumn {
            name: column.name.clone(),
            values: match &column.values {
                GivenValues::Numbers(values) => GivenValues::Numbers(of(values, indices)),
                GivenValues::Texts(values) => GivenValues::Texts(of(values, indices)),
            },
        };
        let target = match &self.target {
            Target::Classes { names, labels } => {
                Target::Classes { names: names.clone(), labels: of(labels, indices) }
            }
            Target::Values(values) => Target::Values(of(values, indices)),
        };
        Self {
            ids: of(&self.ids, indices),
            columns: self.columns.iter().map(column).collect(),
            target,
            slices: self.slices.iter().map(|(name, values)| (name.clone(), of(values, indices))).collect(),
        }
    }
}

/// The classes in the target column of a file, in their order.
fn classes_of(file: &Pinned, target: &str) -> Result<Vec<String>, Error> {
    let table = open(file)?;
    let column = table.column(target).ok_or_else(|| table.missing_column(target, "data.target"))?;
    let mut mistakes = Mistakes::default();
    let mut met = Met::default();
    table.each_row(&mut mistakes, |row, mistakes| match row.filled(column) {
        Ok(label) => {
            met.number(label);
            too_many(&met, row, column, mistakes);
        }
        Err(mistake) => mistakes.push(mistake),
    })?;
    mistakes.finish()?;
    Ok(met.finish(&mut []))
}

fn too_many(met: &Met, row: &Row<'_>, column: usize, mistakes: &mut Mistakes) {
    if met.len() == MAX_CLASSES + 1 {
        let is = format!("is the {}th class", MAX_CLASSES + 1);
        let expected = format!("at most {MAX_CLASSES} classes; is the task regression?");
        mistakes.push(row.mistake(column, &is, expected));
    }
}

fn read(
    file: &Pinned,
    folder: &str,
    manifest: &Manifest,
    root: &Root<'_>,
    known: Option<&[String]>,
    choose: &Choice<'_>,
) -> Result<Given, Error> {
    let table = open(file)?;
    let chosen = choose(&offered(&table, folder, manifest)?);
    let slices: Vec<&str> = manifest.evaluate.slices.iter().filter_map(slice_column).collect();
    let mut gathered = Gathered::new(&table, manifest, root.id, &chosen, &slices, known)?;
    let mut mistakes = Mistakes::default();
    let rows = table.each_row(&mut mistakes, |row, mistakes| gathered.row(row, mistakes))?;
    mistakes.finish()?;
    if let Some(limit) = gathered.over {
        let why = format!("it has more than {limit} cells");
        return Err(Error::Unsupported { what: format!("`{}`", file.path), why });
    }
    if rows == 0 {
        let expected = "a row for each example";
        return Err(mistake(table.location(), "there are no rows below the header", expected).into());
    }
    Ok(gathered.finish())
}

struct Gathered<'a> {
    task: TaskKind,
    known: Option<BTreeSet<&'a str>>,
    target: usize,
    id: Option<usize>,
    features: Vec<(usize, GivenColumn)>,
    slices: Vec<(usize, String, Vec<String>)>,
    ids: Vec<String>,
    lines_of_ids: BTreeMap<String, u64>,
    made_ids: ExampleIds,
    met: Met,
    labels: Vec<u32>,
    values: Vec<f64>,
    numbers: u64,
    texts: u64,
    /// The limit that was gone over.
    over: Option<u64>,
}

impl<'a> Gathered<'a> {
    fn new(
        table: &Table<'_>,
        manifest: &Manifest,
        id: Option<&str>,
        chosen: &[(String, CellKind)],
        slices: &[&str],
        known: Option<&'a [String]>,
    ) -> Result<Self, Error> {
        let mut mistakes = Mistakes::default();
        let mut find = |name: &str, use_of_it: &str| {
            let found = table.column(name);
            if found.is_none() {
                mistakes.push(table.missing_column(name, use_of_it));
            }
            found.unwrap_or(0)
        };
        let column = |(name, kind): &(String, CellKind)| GivenColumn {
            name: name.clone(),
            values: match kind {
                CellKind::Number => GivenValues::Numbers(Vec::new()),
                CellKind::Text => GivenValues::Texts(Vec::new()),
            },
        };
        let target = find(&manifest.data.target, "data.target");
        let id = id.map(|id| find(id, "the id of the examples"));
        let features = chosen.iter().map(|chosen| (find(&chosen.0, "a feature"), column(chosen))).collect();
        let slices = slices
            .iter()
            .map(|name| (find(name, "evaluate.slices"), (*name).to_owned(), Vec::new()))
            .collect();
        mistakes.finish()?;
        Ok(Self {
            task: manifest.task,
            known: known.map(|known| known.iter().map(String::as_str).collect()),
            target,
            id,
            features,
            slices,
            ids: Vec::new(),
            lines_of_ids: BTreeMap::new(),
            made_ids: ExampleIds::default(),
            met: Met::default(),
            labels: Vec::new(),
            values: Vec::new(),
            numbers: 0,
            texts: 0,
            over: None,
        })
    }

    fn row(&mut self, row: &Row<'_>, mistakes: &mut Mistakes) {
        if self.numbers >= MAX_CELLS || self.texts >= MAX_TEXTS {
            self.over.get_or_insert(if self.texts >= MAX_TEXTS { MAX_TEXTS } else { MAX_CELLS });
            return;
        }
        let mut digest = RowDigest::default();
        for (place, column) in &mut self.features {
            match &mut column.values {
                GivenValues::Numbers(values) => match number(row, *place) {
                    Ok(number) => {
                        digest.number(number);
                        values.push(number);
                        self.numbers += 1;
                    }
                    Err(mistake) => mistakes.push(mistake),
                },
                GivenValues::Texts(values) => match row.text(*place) {
                    Ok(text) => {
                        digest.text(text);
                        values.push(text.to_owned());
                        self.texts += 1;
                    }
                    Err(mistake) => mistakes.push(mistake),
                },
            }
        }
        self.target(row, mistakes);
        match self.id.map(|column| (column, row.filled(column))) {
            None => self.ids.push(digest.id(&mut self.made_ids)),
            Some((column, Ok(id))) => {
                if let Some(line) = self.lines_of_ids.insert(id.to_owned(), row.line) {
                    let is = format!("is the same as in line {line}: {}", quoted(id));
                    mistakes.push(row.mistake(column, &is, "an id of its own for each example"));
                }
                self.ids.push(id.to_owned());
            }
            Some((_, Err(mistake))) => mistakes.push(mistake),
        }
        for (column, _, values) in &mut self.slices {
            match row.text(*column) {
                Ok(value) => values.push(value.to_owned()),
                Err(mistake) => mistakes.push(mistake),
            }
        }
    }

    fn target(&mut self, row: &Row<'_>, mistakes: &mut Mistakes) {
        let column = self.target;
        if self.task == TaskKind::Regression {
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
        let Some(known) = &self.known else {
            self.labels.push(self.met.number(label));
            return too_many(&self.met, row, column, mistakes);
        };
        let as_number = || {
            // Tools that know missing values write whole numbers as `3.0`.
            let number = label.parse::<f64>().ok();
            number
                .filter(|number| number.fract() == 0.0 && number.abs() < 1e15)
                .map(|number| (number as i64).to_string())
        };
        let found = known.get(label).copied();
        let found = found.or_else(|| known.get(as_number()?.as_str()).copied());
        if let Some(name) = found {
            self.labels.push(self.met.number(name));
        } else {
            let is = format!("is a class that the model does not know: {}", quoted(label));
            let expected = format!("one of {}", listed(known.iter().copied()));
            mistakes.push(row.mistake(column, &is, expected));
        }
    }

    fn finish(mut self) -> Given {
        let target = if self.task == TaskKind::Regression {
            Target::Values(self.values)
        } else {
            let names = self.met.finish(&mut self.labels);
            Target::Classes { names, labels: self.labels }
        };
        Given {
            ids: self.ids,
            columns: self.features.into_iter().map(|(_, column)| column).collect(),
            target,
            slices: self.slices.into_iter().map(|(_, name, values)| (name, values)).collect(),
        }
    }
}

/// A cell as a number; NaN where it is missing.
fn number(row: &Row<'_>, column: usize) -> Result<f64, keelmark_types::Mistake> {
    let text = row.text(column)?;
    if text.is_empty() {
        return Ok(f64::NAN);
    }
    match text.parse::<f64>() {
        Ok(number) if !number.is_infinite() => Ok(number),
        Ok(_) => Err(row.mistake(column, &format!("is not finite: {}", quoted(text)), "a finite number")),
        Err(_) => Err(row.mistake(
            column,
            &format!("is not a number: {}", quoted(text)),
            "a number, for that is what the model takes: preprocessing that is not in the model is not guessed",
        )),
    }
}

/// The digest of a row's features: of numbers alone what [`fingerprint`] gives.
#[derive(Default)]
struct RowDigest {
    numbers: Vec<f32>,
    texts: Vec<u8>,
}

impl RowDigest {
    fn number(&mut self, number: f64) {
        self.numbers.push(if number.is_nan() { f32::NAN } else { number as f32 });
    }

    fn text(&mut self, text: &str) {
        self.texts.extend((text.len() as u64).to_le_bytes());
        self.texts.extend(text.as_bytes());
    }

    fn id(&self, ids: &mut ExampleIds) -> String {
        if self.texts.is_empty() {
            return ids.next(&self.numbers);
        }
        let numbers = fingerprint(&self.numbers);
        ids.next_of(Hasher::new().chain_update(numbers).chain_update(&self.texts).finalize().into())
    }
}
