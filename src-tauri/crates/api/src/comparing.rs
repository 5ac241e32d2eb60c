//! `compare`, `metrics`: candidates and prediction files, loaded and held against each other.

use std::collections::BTreeMap;
use std::path::Path;

use keelmark_compare::{Comparison, ConfigDiff, LayerWeights, Options, Side};
use keelmark_data::ColumnMapping;
use keelmark_git::Version;
use keelmark_history::{Candidate, ForeignRun, PlotImage, Selection, select};
use keelmark_index::IndexedRun;
use keelmark_manifest::Manifest;
use keelmark_promote::{Judgement, Report, report_html};
use keelmark_types::{Decision, Evaluation, GateOutcome, Grade, Predictions, TaskKind};
use serde::Serialize;
use serde_json::{Map, Value};
use ts_rs::TS;

use crate::history::parse_model;
use crate::recording::{ImagePair, NumberOrigin, image_pairs, settings, source_files};
use crate::{Code, Problem, Session};

/// The largest prediction file that is read.
pub(crate) const MAX_PREDICTIONS_BYTES: u64 = 512 << 20;

/// A comparison with what the gates say of B against A.
#[derive(Debug, Clone, Serialize, TS)]
pub struct Compared {
    /// How they differ.
    #[serde(flatten)]
    pub comparison: Comparison,
    /// What the gates say; empty where none apply.
    pub gates: Vec<GateOutcome>,
    /// Their sum; none where no gate applies.
    pub decision: Option<Decision>,
    /// Parameters that differ, as other tools wrote them down; none where neither side has any beside its settings.
    pub params: Option<ConfigDiff>,
    /// Where A's numbers come from that are not its run's.
    pub a_origins: BTreeMap<String, NumberOrigin>,
    /// Where B's come from.
    pub b_origins: BTreeMap<String, NumberOrigin>,
    /// Images among the plots of either side, by path.
    pub images: Vec<ImagePair>,
}

impl Compared {
    /// A comparison that no gate judges and nobody's parameters belong to.
    pub fn ungated(comparison: Comparison) -> Self {
        Self {
            comparison,
            gates: Vec::new(),
            decision: None,
            params: None,
            a_origins: BTreeMap::new(),
            b_origins: BTreeMap::new(),
            images: Vec::new(),
        }
    }
}

/// A candidate, loaded.
pub(crate) struct Loaded {
    pub side: Side,
    pub manifest: Option<Manifest>,
    pub run: Option<IndexedRun>,
    pub model_files: Vec<(String, Vec<u8>)>,
    /// Where numbers come from that are not the run's.
    pub origins: BTreeMap<String, NumberOrigin>,
    /// Parameters that other tools wrote down.
    pub params: Map<String, Value>,
    /// The run of another tool, where it is one.
    pub foreign: Option<ForeignRun>,
    /// Images among its version's plots.
    pub images: Vec<PlotImage>,
}

impl Loaded {
    /// A side without a run of ours.
    pub(crate) fn of(side: Side) -> Self {
        Self {
            side,
            manifest: None,
            run: None,
            model_files: Vec::new(),
            origins: BTreeMap::new(),
            params: Map::new(),
            foreign: None,
            images: Vec::new(),
        }
    }
}

/// Every metric of a prediction file.
pub fn measure_file(file: &Path, task: Option<TaskKind>) -> Result<Evaluation, Problem> {
    let predictions = read_predictions(file, task)?;
    Ok(keelmark_metrics::evaluate(&predictions, &keelmark_metrics::Options::new(Grade::Recomputed))?)
}

/// Compares two prediction files. Needs no repository.
pub fn compare_files(a: &Path, b: &Path) -> Result<Comparison, Problem> {
    let (a, b) = (file_side(a)?, file_side(b)?);
    Ok(keelmark_compare::compare(&a.side, &b.side, &Options::default()))
}

/// The comparison of two prediction files as a page that stands alone.
pub fn report_files_html(a: &Path, b: &Path) -> Result<String, Problem> {
    let (a, b) = (file_side(a)?, file_side(b)?);
    let comparison = keelmark_compare::compare(&a.side, &b.side, &Options::default());
    Ok(page(&comparison, None))
}

fn page(comparison: &Comparison, judgement: Option<&Judgement>) -> String {
    let title = format!("{} against {}", comparison.b.label, comparison.a.label);
    report_html(&Report {
        title: &title,
        comparison: Some(comparison),
        evaluation: None,
        judgement,
        overridden: None,
        aggregate_only: false,
    })
}

/// Whether a word names a prediction file rather than something in the repository.
pub fn is_prediction_file(word: &str) -> bool {
    let path = Path::new(word);
    let ending = path.extension().and_then(|ending| ending.to_str()).unwrap_or_default();
    matches!(ending.to_ascii_lowercase().as_str(), "csv" | "tsv" | "parquet")
}

fn read_predictions(file: &Path, task: Option<TaskKind>) -> Result<Predictions, Problem> {
    let problem = |error: std::io::Error| crate::failures::file_problem(file, &error);
    let length = std::fs::metadata(file).map_err(problem)?.len();
    if length > MAX_PREDICTIONS_BYTES {
        return Err(Problem::new(Code::InvalidData, format!("{} is larger than 512 MiB", file.display()))
            .detail("It was not read.")
            .hint("Divide it, or keep only the columns y_true and p0…pK."));
    }
    let bytes = std::fs::read(file).map_err(problem)?;
    predictions_of(&file.display().to_string(), &bytes, task)
}

/// The answers in the bytes of a file, by its name's ending.
pub(crate) fn predictions_of(
    name: &str,
    bytes: &[u8],
    task: Option<TaskKind>,
) -> Result<Predictions, Problem> {
    if Path::new(name).extension().is_some_and(|ending| ending.eq_ignore_ascii_case("parquet")) {
        return Ok(keelmark_data::predictions_from_parquet(bytes)?);
    }
    Ok(keelmark_data::read_predictions_csv(name, bytes, &ColumnMapping::default(), task)?)
}

fn file_side(file: &Path) -> Result<Loaded, Problem> {
    let predictions = read_predictions(file, None)?;
    let evaluation =
        keelmark_metrics::evaluate(&predictions, &keelmark_metrics::Options::new(Grade::Recomputed))?;
    let mut side = Side::new(file.display().to_string(), evaluation);
    side.predictions = Some(predictions);
    Ok(Loaded::of(side))
}

impl Session {
    /// Compares two revisions, runs, environments, tags or prediction files, and judges B against A.
    pub fn compare(&self, a: &str, b: &str, model: Option<&str>) -> Result<Compared, Problem> {
        let (a, b) = self.load_pair(a, b, model)?;
        self.compared(&a, &b, None)
    }

    /// Compares two loaded sides, with at most so many flips listed.
    pub(crate) fn compared(&self, a: &Loaded, b: &Loaded, flips: Option<usize>) -> Result<Compared, Problem> {
        let mut options = options_of(a, b);
        options.max_examples = flips.unwrap_or(options.max_examples);
        let mut comparison = keelmark_compare::compare(&a.side, &b.side, &options);
        let judgement = self.judge_against(a, b)?;
        let (gates, decision) =
            judgement.map_or((Vec::new(), None), |found| (found.gates, Some(found.decision)));
        let mut params = (!a.params.is_empty() || !b.params.is_empty())
            .then(|| keelmark_compare::settings_diff(&settings(&a.params), &settings(&b.params)));
        if a.run.is_none() && b.run.is_none() {
            // Nothing else set them: these are the settings.
            comparison.config = params.take();
        }
        let (a_origins, b_origins) = (a.origins.clone(), b.origins.clone());
        let images = image_pairs(&a.images, &b.images);
        Ok(Compared { comparison, gates, decision, params, a_origins, b_origins, images })
    }

    /// The comparison of two words as a page that stands alone.
    pub fn report_html(&self, a: &str, b: &str, model: Option<&str>) -> Result<String, Problem> {
        let (a, b) = self.load_pair(a, b, model)?;
        let options = options_of(&a, &b);
        let comparison = keelmark_compare::compare(&a.side, &b.side, &options);
        Ok(page(&comparison, self.judge_against(&a, &b)?.as_ref()))
    }

    pub(crate) fn load_word(&self, word: &str, model: Option<&str>) -> Result<Loaded, Problem> {
        if is_prediction_file(word) && Path::new(word).exists() {
            return file_side(Path::new(word));
        }
        if let Some(foreign) = self.foreign_run(word)? {
            return self.foreign_side(word, &foreign);
        }
        let candidate = self.candidate(word, None, model)?;
        if candidate.run.is_none()
            && let Some(recorded) = self.recorded_side(word, &candidate)?
        {
            return Ok(recorded);
        }
        self.load_candidate(word, candidate)
    }

    /// The version and run a word means.
    pub(crate) fn candidate(
        &self,
        word: &str,
        run: Option<&str>,
        model: Option<&str>,
    ) -> Result<Candidate, Problem> {
        let selection =
            Selection { name: word.to_owned(), run: run.map(str::to_owned), model: parse_model(model)? };
        self.check_model(selection.model.as_ref())?;
        Ok(select(&self.repository, &self.index, &selection)?)
    }

    /// Everything a comparison looks at of a candidate.
    pub(crate) fn load_candidate(&self, label: &str, candidate: Candidate) -> Result<Loaded, Problem> {
        if candidate.run.is_none() && candidate.model.is_none() {
            // Says that nothing is declared, rather than that nothing was trained.
            self.model_of(&candidate.version, None)?;
        }
        let run = candidate.run.ok_or_else(|| self.no_run(&candidate.version, candidate.model.as_ref()))?;
        self.load_run(label, run)
    }

    /// Everything a comparison looks at of a run.
    pub(crate) fn load_run(&self, label: &str, run: IndexedRun) -> Result<Loaded, Problem> {
        let detail = self.run(run.record.run.as_str())?;
        let evaluation = detail.evaluation.ok_or_else(|| {
            Problem::new(Code::NoRun, format!("Run {} measured nothing", run.record.run))
                .detail("It has no evaluation.json. Nothing was changed.")
                .hint("Name a run that succeeded.")
        })?;
        let version = self.repository.version(&run.record.version)?;
        let manifest = keelmark_runs::read_manifest(&version, &run.record.folder, &run.record.overrides).ok();
        let model_files =
            keelmark_runs::read_model_files(&self.repository, &run.record.run).unwrap_or_default();
        let mut side = Side::new(label, evaluation);
        side.version = Some(run.record.version.clone());
        side.test_digest.clone_from(&run.record.test_digest);
        side.data.clone_from(&run.record.data);
        side.log = detail.log;
        side.config =
            manifest.as_ref().and_then(|manifest| serde_json::from_str(&manifest.to_canonical_json()).ok());
        side.predictions = self.predictions(&run, &version, manifest.as_ref(), &model_files)?;
        side.weights = layer_weights(&model_files);
        side.files = source_files(&version)?;
        side.run = Some(run.record.clone());
        let params = keelmark_history::recorded(&version, &run.record.folder).params;
        Ok(Loaded { manifest, params, run: Some(run), model_files, ..Loaded::of(side) })
    }

    /// A run's predictions: as recorded, else made again from its model and the pinned data. None where neither is
    /// possible: then paired answers say why they are missing.
    fn predictions(
        &self,
        run: &IndexedRun,
        version: &Version,
        manifest: Option<&Manifest>,
        model_files: &[(String, Vec<u8>)],
    ) -> Result<Option<Predictions>, Problem> {
        let record = &run.record;
        if let Some(bytes) =
            self.repository.read_private(&record.run)?.and_then(|files| files.predictions_parquet)
            && let Ok(predictions) = keelmark_data::predictions_from_parquet(&bytes)
            && record.predictions_sha256.as_ref() == Some(&keelmark_data::predictions_digest(&predictions))
        {
            return Ok(Some(predictions));
        }
        let Some(manifest) = manifest else { return Ok(None) };
        Ok(keelmark_runs::predict_again(&self.repository, version, record, manifest, model_files).ok())
    }
}

/// What is to be seen of a comparison. Where nobody declared metrics, the first that both have decides.
fn options_of(a: &Loaded, b: &Loaded) -> Options {
    let mut options = options(b.manifest.as_ref().or(a.manifest.as_ref()));
    let metrics = &b.side.evaluation.metrics;
    if options.metrics.is_empty()
        && b.side.evaluation.grade == Grade::Asserted
        && !metrics.contains_key("accuracy")
    {
        let first = metrics.keys().find(|name| a.side.evaluation.metrics.contains_key(*name));
        options.metrics.extend(first.or_else(|| metrics.keys().next()).cloned());
    }
    options
}

/// What a manifest wants to see of a comparison.
pub(crate) fn options(manifest: Option<&Manifest>) -> Options {
    let mut options = Options::default();
    if let Some(manifest) = manifest {
        options.metrics.clone_from(&manifest.evaluate.metrics);
        let slices = keelmark_runs::slices(manifest);
        if !slices.is_empty() {
            options.slices = slices;
        }
    }
    options
}

fn layer_weights(model_files: &[(String, Vec<u8>)]) -> Vec<LayerWeights> {
    let Some((_, bytes)) = model_files.iter().find(|(name, _)| name == "model.safetensors") else {
        return Vec::new();
    };
    keelmark_compute::layer_weights(bytes)
        .unwrap_or_default()
        .into_iter()
        .map(|(name, shape, values)| LayerWeights { name, shape, values })
        .collect()
}
