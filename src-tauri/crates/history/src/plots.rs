//! Curves and images that a version's files hold: DVC's plots, `DVCLive`'s files, `TensorBoard`'s event files.

use std::collections::{BTreeMap, BTreeSet};

use keelmark_formats::dvc::Plot;
use keelmark_formats::plots::{Rows, read_rows};
use keelmark_formats::tensorboard;
use keelmark_git::{Entry, EntryKind, Version};
use serde::Serialize;
use ts_rs::TS;

use crate::Problem;
use crate::pipelines::{Pipelines, file_name, join};

/// The largest file that is read for a plot.
const MAX_FILE_BYTES: u64 = 16 << 20;
/// The most bytes that are read for all plots of a version.
const MAX_BYTES: u64 = 128 << 20;
/// The most curves of a version, and the most images.
const MAX_CURVES: usize = 1_000;
/// Where `DVCLive` writes what no pipeline needs to name.
const LIVE: [&str; 2] = ["dvclive/plots/metrics", "dvclive/plots/images"];
/// What `DVCLive` calls the steps.
const STEP: &str = "step";
/// Endings of images that every window shows.
const IMAGES: [&str; 6] = ["png", "jpg", "jpeg", "gif", "svg", "webp"];
/// Endings of files with rows.
const TABLES: [&str; 5] = ["csv", "tsv", "json", "yaml", "yml"];

/// The plots of a version; all of the grade `asserted`.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Plots {
    /// Curves, by name.
    pub curves: BTreeMap<String, PlotCurve>,
    /// Images, by path.
    pub images: Vec<PlotImage>,
    /// What could not be read.
    pub problems: Vec<Problem>,
    /// Whether there is more than is read.
    pub truncated: bool,
}

/// A curve.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct PlotCurve {
    /// The file it is in; of several, the first.
    pub file: String,
    /// The column of x; none is the row's number or the step.
    pub x: Option<String>,
    /// x and y, in the order of the file; a value that is not finite is missing.
    pub points: Vec<(f64, Option<f64>)>,
}

/// An image.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, TS)]
pub struct PlotImage {
    /// Its path.
    pub path: String,
    /// Its blob.
    pub blob: String,
    /// Its size.
    pub size_bytes: u64,
}

/// Reads the plots below `folder`.
pub fn plots(version: &Version, folder: &str) -> Plots {
    let mut look =
        Look { version, found: Plots::default(), seen: BTreeSet::new(), bytes: 0, curves: Vec::new() };
    let entries = match version.list(folder) {
        Ok(entries) => entries,
        Err(error) => {
            look.problem(folder, error.to_string());
            return look.found;
        }
    };
    let mut declared = Vec::new();
    if let Ok(Some(tree)) = version.subtree(folder) {
        let mut pipelines = Pipelines::default();
        for (_, of) in pipelines.read(version, folder, tree) {
            declared.extend(of.plots.iter().cloned());
        }
        look.found.problems.extend(pipelines.problems);
    }
    declared.extend(LIVE.map(|live| Plot { x: Some(STEP.to_owned()), ..Plot::of_path(&join(folder, live)) }));
    let files: BTreeMap<&str, &Entry> = entries
        .iter()
        .filter(|entry| matches!(entry.kind, EntryKind::File | EntryKind::Executable))
        .map(|entry| (entry.path.as_str(), entry))
        .collect();
    for plot in &declared {
        look.plot(plot, &files);
    }
    look.events(&files);
    look.finish()
}

struct Look<'a> {
    version: &'a Version,
    found: Plots,
    /// Files and columns that are there already.
    seen: BTreeSet<(String, String)>,
    bytes: u64,
    /// Name, then file, then curve: names that several have are told with their files.
    curves: Vec<(String, PlotCurve)>,
}

impl Look<'_> {
    fn problem(&mut self, path: &str, why: impl Into<String>) {
        let place = format!("{path} in {}", self.version.commit().short());
        self.found.problems.push(Problem::new(place, why));
    }

    fn read(&mut self, entry: &Entry) -> Option<Vec<u8>> {
        if self.bytes.saturating_add(entry.size_bytes) > MAX_BYTES {
            self.found.truncated = true;
            return None;
        }
        match self.version.read_entry(entry, MAX_FILE_BYTES) {
            Ok(bytes) => {
                self.bytes += bytes.len() as u64;
                Some(bytes)
            }
            Err(error) => {
                self.problem(&entry.path, error.to_string());
                None
            }
        }
    }

    fn plot(&mut self, plot: &Plot, files: &BTreeMap<&str, &Entry>) {
        for (path, columns) in &plot.files {
            if let Some(entry) = files.get(path.as_str()) {
                self.file(plot, entry, None, columns);
                continue;
            }
            let below = format!("{path}/");
            let inside = files.range(below.as_str()..).take_while(|(found, _)| found.starts_with(&below));
            for (found, entry) in inside {
                let within = found.strip_prefix(&below).unwrap_or(found);
                self.file(plot, entry, Some(within), columns);
            }
        }
    }

    /// One file of a plot; `within` is its path in the folder that is the plot.
    fn file(&mut self, plot: &Plot, entry: &Entry, within: Option<&str>, columns: &[String]) {
        let ending = entry.path.rsplit('.').next().unwrap_or_default().to_ascii_lowercase();
        if IMAGES.contains(&ending.as_str()) {
            let blob = entry.oid.to_string();
            let image = PlotImage { path: entry.path.clone(), blob, size_bytes: entry.size_bytes };
            if self.found.images.len() >= MAX_CURVES {
                self.found.truncated = true;
            } else if !self.found.images.contains(&image) {
                self.found.images.push(image);
            }
            return;
        }
        if !TABLES.contains(&ending.as_str()) {
            return;
        }
        let Some(bytes) = self.read(entry) else { return };
        let rows = match read_rows(&entry.path, &bytes) {
            Ok(rows) => rows,
            Err(error) => {
                self.problem(&entry.path, error.to_string());
                return;
            }
        };
        self.found.truncated |= rows.truncated;
        let x = plot.x.as_deref().and_then(|name| Some((name, rows.column(name)?)));
        let wanted: Vec<&str> = if columns.is_empty() {
            rows.columns.last().map(String::as_str).into_iter().collect()
        } else {
            columns.iter().map(String::as_str).collect()
        };
        for column in wanted {
            let Some(place) = rows.column(column) else {
                self.problem(&entry.path, format!("it has no column `{column}`"));
                continue;
            };
            if !self.seen.insert((entry.path.clone(), column.to_owned())) {
                continue;
            }
            // A file of DVCLive's is named for its one metric, folders and all.
            let name = match within {
                Some(within) => stem(within).to_owned(),
                None => column.to_owned(),
            };
            let curve = PlotCurve {
                file: entry.path.clone(),
                x: x.map(|(name, _)| name.to_owned()),
                points: points(&rows, x.map(|(_, place)| place), place),
            };
            self.curve(name, curve);
        }
    }

    fn curve(&mut self, name: String, curve: PlotCurve) {
        if self.curves.len() >= MAX_CURVES {
            self.found.truncated = true;
        } else if curve.points.iter().any(|(_, y)| y.is_some()) {
            self.curves.push((name, curve));
        }
    }

    /// Event files, those of one folder as one run.
    fn events(&mut self, files: &BTreeMap<&str, &Entry>) {
        let mut runs: BTreeMap<&str, Vec<&Entry>> = BTreeMap::new();
        for (path, entry) in files.iter().filter(|(path, _)| file_name(path).contains("tfevents")) {
            let folder = path.rsplit_once('/').map_or("", |(folder, _)| folder);
            runs.entry(folder).or_default().push(entry);
        }
        for entries in runs.into_values() {
            let mut all = tensorboard::Events::default();
            for entry in &entries {
                let Some(bytes) = self.read(entry) else { continue };
                let mut reader = tensorboard::Reader::default();
                reader.push(&bytes);
                let events = reader.finish();
                for problem in &events.problems {
                    self.problem(&entry.path, problem.to_string());
                }
                all.go_on(events);
            }
            let file = entries.first().map(|entry| entry.path.clone()).unwrap_or_default();
            for (tag, points) in all.scalars {
                let value = |y: f64| y.is_finite().then_some(y);
                let points = points.iter().map(|point| (point.step as f64, value(point.value))).collect();
                self.curve(tag, PlotCurve { file: file.clone(), x: Some(STEP.to_owned()), points });
            }
        }
    }

    fn finish(mut self) -> Plots {
        let mut names: BTreeMap<&str, usize> = BTreeMap::new();
        for (name, _) in &self.curves {
            *names.entry(name).or_default() += 1;
        }
        let several: BTreeSet<String> =
            names.iter().filter(|(_, count)| **count > 1).map(|(name, _)| (*name).to_owned()).collect();
        for (name, curve) in self.curves {
            let name = if several.contains(&name) { format!("{}:{name}", curve.file) } else { name };
            self.found.curves.insert(name, curve);
        }
        self.found.images.sort();
        self.found
    }
}

fn stem(path: &str) -> &str {
    path.rsplit_once('.').map_or(path, |(stem, _)| stem)
}

fn points(rows: &Rows, x: Option<usize>, y: usize) -> Vec<(f64, Option<f64>)> {
    let point = |(number, row): (usize, &Vec<Option<f64>>)| {
        let at = match x {
            Some(x) => row.get(x).copied().flatten()?,
            None => number as f64,
        };
        Some((at, row.get(y).copied().flatten()))
    };
    rows.rows.iter().enumerate().filter_map(point).collect()
}
