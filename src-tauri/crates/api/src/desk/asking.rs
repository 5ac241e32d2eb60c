//! Questions about two sides: who they are, a file in both, an example in both.

use std::collections::BTreeMap;

use keelmark_compare::{Comparison, ConfigDiff};
use keelmark_history::{ForeignRun, Orphan};
use keelmark_index::RunFilter;
use keelmark_runs::VersionData;
use keelmark_types::{
    Answers, CommitId, Decision, GateOutcome, Grade, Predictions, RunId, Target, Timestamp,
};
use serde::Serialize;
use ts_rs::TS;

use crate::comparing::Loaded;
use crate::{AcceptedFlips, Compared, ImagePair, NumberOrigin, Problem, Session};

/// One side of a comparison, for people.
#[derive(Debug, Clone, Serialize, TS)]
pub struct SideInfo {
    /// What the user called it.
    pub word: String,
    /// Its version.
    pub version: Option<CommitId>,
    /// Its run.
    pub run: Option<RunId>,
    /// Its run of another tool.
    pub foreign_run: Option<ForeignRunName>,
    /// The version's subject.
    pub subject: Option<String>,
    /// Who wrote it.
    pub author: Option<String>,
    /// When.
    #[ts(type = "string | null")]
    pub time: Option<Timestamp>,
    /// The run's seed.
    pub seed: Option<u64>,
    /// Environments that desire this version.
    pub environments: Vec<String>,
    /// What its numbers rest on.
    pub grade: Grade,
    /// Examples it was evaluated on.
    pub examples: u64,
    /// How many runs of this model have looked at the same test set.
    pub looks: Option<u64>,
    /// Whether uncommitted changes are part of it.
    pub dirty: bool,
}

/// A run of another tool, by its names.
#[derive(Debug, Clone, Serialize, TS)]
pub struct ForeignRunName {
    /// Its id.
    pub id: String,
    /// Its name.
    pub name: Option<String>,
    /// Why it belongs to no version here.
    pub orphan: Option<Orphan>,
}

impl ForeignRunName {
    fn of(run: &ForeignRun) -> Self {
        Self { id: run.id.clone(), name: run.name.clone(), orphan: run.orphan }
    }
}

/// A comparison with what a window shows around it.
#[derive(Debug, Clone, Serialize, TS)]
pub struct ComparedSides {
    /// How they differ.
    #[serde(flatten)]
    pub comparison: Comparison,
    /// What the gates say; empty where none apply.
    pub gates: Vec<GateOutcome>,
    /// Their sum; none where no gate applies.
    pub decision: Option<Decision>,
    /// What somebody accepted of the changed predictions, oldest first.
    pub accepted: Vec<AcceptedFlips>,
    /// Parameters that differ, as other tools wrote them down; none where neither side has any beside its settings.
    pub params: Option<ConfigDiff>,
    /// Where A's numbers come from that are not its run's.
    pub a_origins: BTreeMap<String, NumberOrigin>,
    /// Where B's come from.
    pub b_origins: BTreeMap<String, NumberOrigin>,
    /// Images among the plots of either side, by path.
    pub images: Vec<ImagePair>,
    /// The baseline.
    pub a_info: SideInfo,
    /// The candidate.
    pub b_info: SideInfo,
}

/// A file in two versions.
#[derive(Debug, Clone, Serialize, TS)]
pub struct TextDiff {
    /// The file.
    pub path: String,
    /// A's text; none where it has none, or it is no text.
    pub a: Option<String>,
    /// B's text.
    pub b: Option<String>,
    /// Whether either side is no text.
    pub binary: bool,
    /// Whether either side is too large to show.
    pub truncated: bool,
}

/// A class and its probability.
#[derive(Debug, Clone, PartialEq, Serialize, TS)]
pub struct ClassProbability {
    /// The class.
    pub class: String,
    /// Its probability.
    pub probability: f64,
}

/// One example, with what both sides answered.
#[derive(Debug, Clone, Serialize, TS)]
pub struct ExampleDetail {
    /// The example.
    pub id: String,
    /// The shape of its features: `[1, 8, 8]` is an image of 8 by 8.
    pub shape: Vec<usize>,
    /// Its features, row by row; none where the data is not here.
    pub values: Option<Vec<f32>>,
    /// Names of the features.
    pub columns: Vec<String>,
    /// The truth.
    pub truth: Option<String>,
    /// A's probabilities by class, the highest first; empty for numbers.
    pub a: Vec<ClassProbability>,
    /// B's.
    pub b: Vec<ClassProbability>,
    /// A's predicted number.
    pub a_value: Option<f64>,
    /// B's.
    pub b_value: Option<f64>,
    /// Why something is missing.
    pub why: Option<String>,
}

/// Flips a window lists: whoever looks for the fixed ones finds them behind many broken ones.
const MOST_FLIPS: usize = 5000;
/// The largest file shown side by side.
const LARGEST_TEXT_BYTES: u64 = 1 << 20;

impl Session {
    /// Compares two words and says who they are.
    pub fn compare_sides(&self, a: &str, b: &str, model: Option<&str>) -> Result<ComparedSides, Problem> {
        let (loaded_a, loaded_b) = self.load_pair(a, b, model)?;
        let Compared { comparison, gates, decision, params, a_origins, b_origins, images } =
            self.compared(&loaded_a, &loaded_b, Some(MOST_FLIPS))?;
        let accepted = self.accepted(comparison.a.run.as_ref(), comparison.b.run.as_ref())?;
        Ok(ComparedSides {
            accepted,
            comparison,
            gates,
            decision,
            params,
            a_origins,
            b_origins,
            images,
            a_info: self.side_info(a, &loaded_a)?,
            b_info: self.side_info(b, &loaded_b)?,
        })
    }

    fn side_info(&self, word: &str, loaded: &Loaded) -> Result<SideInfo, Problem> {
        let record = loaded.run.as_ref().map(|run| &run.record);
        let commit =
            loaded.side.version.as_ref().and_then(|version| self.repository.commit_info(version).ok());
        let environments = match (&loaded.side.version, record) {
            (Some(version), Some(record)) => self
                .environments(Some(record.model.as_str()))?
                .environments
                .into_iter()
                .filter(|state| {
                    state.desired.as_ref().is_some_and(|desired| desired.deployment.version == *version)
                })
                .map(|state| state.environment.to_string())
                .collect(),
            _ => Vec::new(),
        };
        let looks = match record {
            Some(record) if record.test_digest.is_some() => {
                let filter = RunFilter { model: Some(record.model.clone()), ..RunFilter::default() };
                let runs = self.index.runs(&filter)?;
                Some(runs.iter().filter(|run| run.record.test_digest == record.test_digest).count() as u64)
            }
            _ => None,
        };
        Ok(SideInfo {
            word: word.to_owned(),
            version: loaded.side.version.clone(),
            run: record.map(|record| record.run.clone()),
            foreign_run: loaded.foreign.as_ref().map(ForeignRunName::of),
            subject: commit.as_ref().map(|commit| commit.subject.clone()),
            author: commit.as_ref().map(|commit| commit.author_name.clone()),
            time: commit.as_ref().map(|commit| commit.time),
            seed: record.map(|record| record.seed),
            environments,
            grade: loaded.side.evaluation.grade,
            examples: loaded.side.evaluation.examples,
            looks,
            dirty: record.is_some_and(|record| record.dirty),
        })
    }

    /// A file of the repository in two versions.
    pub fn text_diff(&self, a: &CommitId, b: &CommitId, path: &str) -> Result<TextDiff, Problem> {
        let mut diff = TextDiff { path: path.to_owned(), a: None, b: None, binary: false, truncated: false };
        for (version, is_a) in [(a, true), (b, false)] {
            let view = self.repository.version(version)?;
            let Some(entry) = view.entry(path)? else { continue };
            if entry.size_bytes > LARGEST_TEXT_BYTES {
                diff.truncated = true;
                continue;
            }
            let Some(bytes) = view.read(path, LARGEST_TEXT_BYTES)? else { continue };
            match String::from_utf8(bytes) {
                Ok(text) if !text.contains('\0') => {
                    *(if is_a { &mut diff.a } else { &mut diff.b }) = Some(text);
                }
                _ => diff.binary = true,
            }
        }
        Ok(diff)
    }

    /// One example of the test set, with what up to two runs answered.
    pub fn example(
        &self,
        a_run: Option<&str>,
        b_run: Option<&str>,
        id: &str,
    ) -> Result<ExampleDetail, Problem> {
        let mut detail = ExampleDetail {
            id: id.to_owned(),
            shape: Vec::new(),
            values: None,
            columns: Vec::new(),
            truth: None,
            a: Vec::new(),
            b: Vec::new(),
            a_value: None,
            b_value: None,
            why: None,
        };
        for (run, is_a) in [(a_run, true), (b_run, false)] {
            let Some(run) = run else { continue };
            let loaded = self.load_run(run, self.stored_run(run)?)?;
            let Some(predictions) = &loaded.side.predictions else {
                detail.why = Some("The predictions are not on this machine.".to_owned());
                continue;
            };
            let Some(place) = predictions.ids.iter().position(|found| found == id) else { continue };
            let (probabilities, value) = answer_at(predictions, place);
            if is_a {
                (detail.a, detail.a_value) = (probabilities, value);
            } else {
                (detail.b, detail.b_value) = (probabilities, value);
            }
            if detail.values.is_none()
                && let Err(problem) = self.features(&loaded, id, &mut detail)
            {
                detail.why = Some(problem.summary);
            }
        }
        Ok(detail)
    }

    fn features(&self, loaded: &Loaded, id: &str, detail: &mut ExampleDetail) -> Result<(), Problem> {
        let (Some(manifest), Some(run)) = (&loaded.manifest, &loaded.run) else { return Ok(()) };
        let version = self.repository.version(&run.record.version)?;
        let stores = self.stores()?;
        let files = VersionData::new(&version, &stores, &run.record.folder);
        let data = files.load(manifest, keelmark_data::Splits::Test)?;
        let Some(place) = data.test.ids.iter().position(|found| found == id) else { return Ok(()) };
        detail.values = Some(data.test.row(place).to_vec());
        detail.shape.clone_from(&data.test.shape);
        detail.columns.clone_from(&data.test.columns);
        detail.truth = match &data.test.target {
            Target::Classes { names, labels } => {
                labels.get(place).and_then(|label| names.get(*label as usize)).cloned()
            }
            Target::Values(values) => values.get(place).map(ToString::to_string),
        };
        Ok(())
    }
}

fn answer_at(predictions: &Predictions, place: usize) -> (Vec<ClassProbability>, Option<f64>) {
    match &predictions.answers {
        Answers::Classification { classes, probabilities, .. } => {
            let row = probabilities.chunks_exact(classes.len().max(1)).nth(place).unwrap_or_default();
            let mut answers: Vec<ClassProbability> = classes
                .iter()
                .zip(row)
                .map(|(class, probability)| ClassProbability {
                    class: class.clone(),
                    probability: *probability,
                })
                .collect();
            answers.sort_by(|a, b| b.probability.total_cmp(&a.probability));
            (answers, None)
        }
        Answers::Regression { predicted, .. } => (Vec::new(), predicted.get(place).copied()),
    }
}
