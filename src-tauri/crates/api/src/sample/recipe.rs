//! A sample's recipe: the history of a small model repository, commit by commit. Its format is described at the head of
//! each `recipe.yaml` under `assets/samples`.

use std::collections::{BTreeMap, BTreeSet};
use std::io::Read;

use keelmark_manifest::{Lock, Pin};
use keelmark_types::Timestamp;
use serde::Deserialize;

use crate::{Code, Problem};

/// The whole recipe.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Recipe {
    #[serde(rename = "sample")]
    _format: String,
    pub name: String,
    pub summary: String,
    pub model: String,
    #[serde(rename = "branch")]
    _branch: String,
    pub authors: BTreeMap<String, Author>,
    table: Table,
    pub steps: Vec<Step>,
}

/// Who made a commit.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Author {
    pub name: String,
    pub email: String,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
struct Table {
    #[serde(rename = "source")]
    _source: String,
    columns: Columns,
    #[serde(rename = "rows")]
    _rows: String,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
struct Columns {
    pattern: String,
    count: usize,
}

/// One commit.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Step {
    pub subject: String,
    pub body: String,
    pub author: String,
    pub time: Timestamp,
    #[serde(default)]
    write: BTreeMap<String, String>,
    #[serde(default)]
    replace: Vec<Replacement>,
    #[serde(default)]
    tables: Vec<TableFile>,
    #[serde(default)]
    pin: bool,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
struct Replacement {
    file: String,
    find: String,
    with: String,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
struct TableFile {
    path: String,
    set: String,
    label: String,
}

/// A sample as it is shipped.
pub(crate) struct Shipped {
    pub name: &'static str,
    recipe: &'static str,
    source: &'static [u8],
    rows: &'static str,
}

/// Every sample.
pub(crate) const SAMPLES: &[Shipped] = &[Shipped {
    name: "digits",
    recipe: include_str!("../../../../../assets/samples/digits/recipe.yaml"),
    source: include_bytes!("../../../../../assets/samples/digits/digits.csv.gz"),
    rows: include_str!("../../../../../assets/samples/digits/rows.csv"),
}];

/// The files of the tree after each step.
pub(crate) type Files = BTreeMap<String, Vec<u8>>;

impl Shipped {
    /// The recipe, read.
    pub(crate) fn recipe(&self) -> Result<Recipe, Problem> {
        serde_saphyr::from_str(self.recipe).map_err(|error| damaged(self.name, &error.to_string()))
    }

    /// Plays the recipe: the files as each step leaves them, and which paths it touched.
    pub(crate) fn play(&self, recipe: &Recipe) -> Result<Vec<(Files, BTreeSet<String>)>, Problem> {
        let wrong = |what: &str| damaged(self.name, what);
        let mut source = String::new();
        flate2::read::GzDecoder::new(self.source)
            .take(16 << 20)
            .read_to_string(&mut source)
            .map_err(|error| wrong(&error.to_string()))?;
        let source: Vec<&str> = source.lines().collect();
        let mut files = Files::new();
        let mut played = Vec::with_capacity(recipe.steps.len());
        for step in &recipe.steps {
            let mut touched = BTreeSet::new();
            for (path, text) in &step.write {
                files.insert(path.clone(), text.clone().into_bytes());
                touched.insert(path.clone());
            }
            for replacement in &step.replace {
                let text = files
                    .get(&replacement.file)
                    .and_then(|bytes| std::str::from_utf8(bytes).ok())
                    .filter(|text| text.matches(&replacement.find).count() == 1)
                    .ok_or_else(|| {
                        wrong(&format!("`{}` does not stand once in {}", replacement.find, replacement.file))
                    })?;
                let mended = text.replacen(&replacement.find, &replacement.with, 1);
                files.insert(replacement.file.clone(), mended.into_bytes());
                touched.insert(replacement.file.clone());
            }
            for table in &step.tables {
                files.insert(table.path.clone(), self.table(recipe, table, &source)?);
                touched.insert(table.path.clone());
            }
            if step.pin {
                files.insert(keelmark_manifest::LOCK_NAME.to_owned(), lock(&files).into_bytes());
                touched.insert(keelmark_manifest::LOCK_NAME.to_owned());
            }
            played.push((files.clone(), touched));
        }
        Ok(played)
    }

    fn table(&self, recipe: &Recipe, table: &TableFile, source: &[&str]) -> Result<Vec<u8>, Problem> {
        let wrong = |what: &str| damaged(self.name, what);
        let count = recipe.table.columns.count;
        let mut text = String::from("row_id");
        for column in 0..count {
            let name = recipe.table.columns.pattern.replacen("%02d", &format!("{column:02}"), 1);
            text.push(',');
            text.push_str(&name);
        }
        text.push_str(",label\n");
        let mut rows = self.rows.lines();
        let header: Vec<&str> = rows.next().unwrap_or_default().split(',').collect();
        let place = |name: &str| header.iter().position(|column| *column == name);
        let (Some(id_at), Some(set_at), Some(label_at)) =
            (place("row_id"), place("set"), place(&table.label))
        else {
            return Err(wrong("rows.csv lacks a column"));
        };
        for row in rows {
            let cells: Vec<&str> = row.split(',').collect();
            let cell = |at: usize| cells.get(at).copied().unwrap_or_default();
            if cell(set_at) != table.set {
                continue;
            }
            let pixels = cell(id_at).parse::<usize>().ok().and_then(|id| source.get(id));
            let pixels = pixels.ok_or_else(|| wrong("rows.csv names a row the source has not"))?;
            text.push_str(cell(id_at));
            for pixel in pixels.split(',').take(count) {
                text.push(',');
                text.push_str(pixel.split('.').next().unwrap_or_default());
            }
            text.push(',');
            text.push_str(cell(label_at));
            text.push('\n');
        }
        Ok(text.into_bytes())
    }
}

fn lock(files: &Files) -> String {
    let mut lock = Lock::default();
    for (path, bytes) in files.iter().filter(|(path, _)| path.starts_with("data/")) {
        let sha256 = crate::digest(bytes);
        lock.files.insert(path.clone(), Pin { sha256, size_bytes: bytes.len() as u64 });
    }
    lock.render()
}

fn damaged(name: &str, what: &str) -> Problem {
    Problem::new(Code::Damaged, format!("The recipe of the sample {name} cannot be played: {what}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_recipe_plays_and_every_manifest_on_the_way_is_sound() {
        for sample in SAMPLES {
            let recipe = sample.recipe().expect("shipped recipes are sound");
            let played = sample.play(&recipe).expect("shipped recipes play");
            assert_eq!(played.len(), recipe.steps.len());
            for ((files, touched), step) in played.iter().zip(&recipe.steps) {
                assert!(!touched.is_empty(), "`{}` changes something", step.subject);
                let manifest = std::str::from_utf8(&files["model.yaml"]).expect("text");
                let manifest = keelmark_manifest::parse("model.yaml", manifest).expect(&step.subject);
                assert_eq!(manifest.name.as_str(), recipe.model);
                let locked = std::str::from_utf8(&files["model.lock"]).expect("text");
                assert_eq!(Lock::parse("model.lock", locked).expect("a lock").files.len(), 2);
            }
        }
    }

    #[test]
    fn the_digits_are_all_there_and_the_test_set_never_changes() {
        let sample = &SAMPLES[0];
        let played = sample.play(&sample.recipe().expect("sound")).expect("plays");
        let lines = |files: &Files, path: &str| files[path].split(|byte| *byte == b'\n').count() - 2;
        let (first, last) = (&played[0].0, &played[played.len() - 1].0);
        assert_eq!(
            lines(last, "data/train.csv") + lines(last, "data/test.csv"),
            1797,
            "scikit-learn ships 1,797 digits"
        );
        assert_eq!(
            first["data/test.csv"], last["data/test.csv"],
            "versions are compared on the same test set"
        );
        assert_ne!(first["data/train.csv"], last["data/train.csv"], "the labels were mended on the way");
    }
}
