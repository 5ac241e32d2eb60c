//! From a manifest to the examples of its splits.

use std::collections::BTreeMap;

use keelmark_manifest::{DataSpec, FILE_NAME, Lock, Manifest, SliceSpec, Split, SplitName};
use keelmark_types::{DataPin, Dataset, Location, Mistake, Sha256, Target, TaskKind};

use crate::digest::{Origin, test_digest};
use crate::features::{Chosen, choose};
use crate::mistakes::mistake;
use crate::part::{Part, Reading, read};
use crate::path::join;
use crate::pin::{Pinned, check, fetch};
use crate::table::Table;
use crate::{Error, Source, split_indices, warnings};

/// The splits a caller is to see. What it does not see is read no further than its digest needs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Splits {
    /// All three.
    All,
    /// Train and validation: test stays unseen.
    Training,
    /// Test alone, with the classes and columns that train fixes.
    Test,
}

/// The examples a job asked for.
#[derive(Debug, Clone, PartialEq)]
pub struct Loaded {
    /// What weights are fitted to; empty where not asked for.
    pub train: Dataset,
    /// What early stopping looks at; empty where not asked for or not declared.
    pub validation: Dataset,
    /// What gates judge on; empty where not asked for.
    pub test: Dataset,
    /// The slice columns the manifest names, a value for each test example, as text.
    pub slices: BTreeMap<String, Vec<String>>,
    /// The files read.
    pub pins: Vec<DataPin>,
    /// What the test set is and how it is judged; different digests are not comparable.
    pub test_digest: Sha256,
    /// What somebody should look at before trusting a result, in sentences.
    pub warnings: Vec<String>,
}

const NAMES: [SplitName; 3] = [SplitName::Train, SplitName::Validation, SplitName::Test];

/// Reads the data a manifest names, checked against the lock, divided into its splits.
///
/// Splits taken from others are taken test first, then validation, each from what is then left; the classes and the
/// feature columns are those of the file train is in.
pub fn load(
    source: &dyn Source,
    folder: &str,
    manifest: &Manifest,
    lock: Option<&Lock>,
    what: Splits,
) -> Result<Loaded, Error> {
    let data = &manifest.data;
    let roots = roots(folder, data, what)?;
    let mut files: BTreeMap<&str, Pinned> = BTreeMap::new();
    let mut pins = Vec::new();
    for root in roots.values() {
        if !files.contains_key(root.path) {
            let file = fetch(source, folder, root.path)?;
            check(&file, folder, lock)?;
            pins.push(file.pin.clone());
            files.insert(root.path, file);
        }
    }
    let test_root = &roots[&SplitName::Test];
    let origin = Origin {
        sha256: &files[test_root.path].pin.sha256,
        id: test_root.id,
        divided_by: test_root.rules.clone(),
    };
    let test_digest = test_digest(data, &origin);
    let (mut parts, chosen) = read_files(folder, manifest, &roots, &files, what)?;
    divide(folder, data, &mut parts)?;
    let mut warnings = warnings::of_pins(&pins);
    if let Some(train) = parts.get(&SplitName::Train) {
        warnings.extend(warnings::of_training(&train.dataset));
        if let Some(test) = parts.get(&SplitName::Test) {
            warnings.extend(warnings::of_overlap(&train.dataset, &test.dataset));
        }
    }
    let empty = empty_like(&parts, manifest.task, &chosen);
    let mut take = |name: SplitName, is_asked_for: bool| match parts.remove(&name) {
        Some(part) if is_asked_for => part,
        _ => Part { dataset: empty.clone(), slices: BTreeMap::new() },
    };
    let train = take(SplitName::Train, what != Splits::Test).dataset;
    let validation = take(SplitName::Validation, what != Splits::Test).dataset;
    let test = take(SplitName::Test, what != Splits::Training);
    Ok(Loaded { train, validation, test: test.dataset, slices: test.slices, pins, test_digest, warnings })
}

/// The file a split's examples are in.
#[derive(Debug)]
pub(crate) struct Root<'a> {
    pub path: &'a str,
    pub id: Option<&'a str>,
    /// The names of the splits whose rules decide which of its examples are in the split.
    pub rules: Vec<&'static str>,
}

fn declared(data: &DataSpec, name: SplitName) -> Option<&Split> {
    match name {
        SplitName::Train => data.train.as_ref(),
        SplitName::Validation => data.validation.as_ref(),
        SplitName::Test => data.test.as_ref(),
    }
}

fn text(name: SplitName) -> &'static str {
    match name {
        SplitName::Train => "train",
        SplitName::Validation => "validation",
        SplitName::Test => "test",
    }
}

fn wrong(folder: &str, message: impl Into<String>, expected: impl Into<String>) -> Mistake {
    mistake(Location::file(join(folder, FILE_NAME)), message, expected)
}

pub(crate) fn roots<'a>(
    folder: &str,
    data: &'a DataSpec,
    what: Splits,
) -> Result<BTreeMap<SplitName, Root<'a>>, Error> {
    let needed: &[SplitName] =
        if what == Splits::Test { &[SplitName::Test] } else { &[SplitName::Train, SplitName::Test] };
    if let Some(&missing) = needed.iter().find(|&&name| declared(data, name).is_none()) {
        let missing = text(missing);
        let message = format!("data.{missing} is not declared");
        return Err(wrong(
            folder,
            message,
            format!("`{missing}: {{path: data/{missing}.csv}}` under `data`"),
        )
        .into());
    }
    if data.target.is_empty() {
        return Err(wrong(folder, "data.target is not declared", "the column to predict").into());
    }
    let mut roots: BTreeMap<SplitName, Root<'_>> = BTreeMap::new();
    for name in NAMES.into_iter().filter(|&name| declared(data, name).is_some()) {
        roots.insert(name, root_of(folder, data, name)?);
    }
    Ok(roots)
}

fn root_of<'a>(folder: &str, data: &'a DataSpec, name: SplitName) -> Result<Root<'a>, Error> {
    let takes_from_it = |other: &SplitName| matches!(declared(data, *other), Some(Split::From { split_from, .. }) if *split_from == name);
    let mut rules: Vec<&'static str> =
        NAMES.iter().filter(|other| takes_from_it(other)).map(|&n| text(n)).collect();
    let mut at = name;
    for _ in NAMES {
        match declared(data, at) {
            Some(Split::File { path, id }) => {
                rules.sort_unstable();
                rules.dedup();
                return Ok(Root { path, id: id.as_deref(), rules });
            }
            Some(Split::From { split_from, .. }) => {
                rules.push(text(at));
                at = *split_from;
            }
            None => {
                let message =
                    format!("data.{} is split from data.{}, which is not declared", text(name), text(at));
                return Err(wrong(folder, message, "a split with a `path` to be split from").into());
            }
        }
    }
    let message = format!("data.{} is split from itself in the end", text(name));
    Err(wrong(folder, message, "a split with a `path` to be split from").into())
}

type Parts = BTreeMap<SplitName, Part>;

fn read_files(
    folder: &str,
    manifest: &Manifest,
    roots: &BTreeMap<SplitName, Root<'_>>,
    files: &BTreeMap<&str, Pinned>,
    what: Splits,
) -> Result<(Parts, Chosen), Error> {
    let data = &manifest.data;
    let slices: Vec<String> =
        manifest.evaluate.slices.iter().filter_map(slice_column).map(str::to_owned).collect();
    let base = roots.get(&SplitName::Train).unwrap_or(&roots[&SplitName::Test]).path;
    let test = roots[&SplitName::Test].path;
    let base_table = open(&files[base])?;
    let chosen = choose(&base_table, folder, manifest)?;
    let reading = |path: &str, classes| Reading {
        features: &chosen,
        target: &data.target,
        id: roots.values().find(|root| root.path == path).and_then(|root| root.id),
        task: manifest.task,
        classes,
        slices: if path == test { &slices } else { &[] },
    };
    let base_part = read(&base_table, &reading(base, None))?;
    drop(base_table);
    let classes = match &base_part.dataset.target {
        Target::Classes { names, .. } => Some(names.clone()),
        Target::Values(_) => None,
    };
    let mut parts = Parts::new();
    for name in NAMES {
        let Some(Split::File { path, .. }) = declared(data, name) else { continue };
        if path == base {
            parts.insert(name, base_part.clone());
        } else if what != Splits::Training || path != test || name != SplitName::Test || shares(roots, path) {
            let part = read(&open(&files[path.as_str()])?, &reading(path, classes.as_deref()))?;
            parts.insert(name, part);
        }
    }
    Ok((parts, chosen))
}

/// Whether validation or train is taken from the file of test.
fn shares(roots: &BTreeMap<SplitName, Root<'_>>, test: &str) -> bool {
    roots.iter().any(|(&name, root)| name != SplitName::Test && root.path == test)
}

pub(crate) fn slice_column(slice: &SliceSpec) -> Option<&str> {
    match slice {
        SliceSpec::Class { .. } => None,
        SliceSpec::Column { column } => Some(column),
        SliceSpec::Bins { bins, .. } => Some(bins),
    }
}

pub(crate) fn open(file: &Pinned) -> Result<Table<'_>, Error> {
    let extension =
        file.path.rsplit('/').next().and_then(|name| name.rsplit_once('.')).map_or("", |(_, end)| end);
    if !["csv", "tsv", "tab", "txt"].iter().any(|known| extension.eq_ignore_ascii_case(known)) {
        return Err(Error::Unsupported {
            what: format!("`{}`", file.path),
            why: "training data is read from .csv and .tsv files".to_owned(),
        });
    }
    Table::open(&file.path, &file.bytes)
}

/// Examples that a rule can divide.
pub(crate) trait Divisible: Sized {
    /// What is to be predicted of each.
    fn target(&self) -> &Target;

    /// Those at `indices`, in that order.
    fn select(&self, indices: &[usize]) -> Self;
}

/// Takes the splits apart that are taken from others: test first, as soon as what they are taken from is there.
pub(crate) fn divide<T: Divisible>(
    folder: &str,
    data: &DataSpec,
    parts: &mut BTreeMap<SplitName, T>,
) -> Result<(), Error> {
    loop {
        let next = [SplitName::Test, SplitName::Validation, SplitName::Train].into_iter().find_map(|name| {
            match declared(data, name) {
                Some(&Split::From { split_from, ratio, seed })
                    if !parts.contains_key(&name) && parts.contains_key(&split_from) =>
                {
                    Some((name, split_from, ratio, seed))
                }
                _ => None,
            }
        });
        let Some((name, from, ratio, seed)) = next else { return Ok(()) };
        let Some(whole) = parts.remove(&from) else { return Ok(()) };
        let labels = match whole.target() {
            Target::Classes { labels, .. } => Some(labels.as_slice()),
            Target::Values(_) => None,
        };
        let count = whole.target().len();
        let (kept, taken) = split_indices(count, labels, ratio, seed);
        if kept.is_empty() || taken.is_empty() {
            let message = format!(
                "data.{} with ratio {ratio} takes {} of the {} examples of data.{}",
                text(name),
                taken.len(),
                count,
                text(from)
            );
            return Err(wrong(folder, message, "a ratio that leaves examples in both").into());
        }
        parts.insert(name, whole.select(&taken));
        parts.insert(from, whole.select(&kept));
    }
}

fn empty_like(parts: &Parts, task: TaskKind, chosen: &Chosen) -> Dataset {
    match parts.values().next() {
        Some(part) => part.dataset.select(&[]),
        None => Dataset {
            ids: Vec::new(),
            columns: chosen.columns.clone(),
            features: Vec::new(),
            shape: chosen.shape.clone(),
            target: match task {
                TaskKind::Classification => Target::Classes { names: Vec::new(), labels: Vec::new() },
                TaskKind::Regression => Target::Values(Vec::new()),
            },
        },
    }
}
