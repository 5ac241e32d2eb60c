//! Predictions made elsewhere, held against the test set and measured.

use std::collections::BTreeMap;

use keelmark_data::{ColumnMapping, Splits, predictions_from_parquet, read_predictions_csv};
use keelmark_manifest::{Manifest, PredictionsSpec, Split};
use keelmark_types::{Answers, DataPin, Grade, JobPhase, Predictions, Target};

use crate::execute::{Context, note_data};
use crate::findings::Findings;
use crate::version_data::VersionData;
use crate::{Error, Work, elsewhere};

/// The prediction file as it was when the job was asked for, in the job's folder.
pub const PREDICTIONS_FILE: &str = "predictions.csv";

/// What predictions are held against.
struct Truth<'a> {
    ids: &'a [String],
    target: &'a Target,
    slices: &'a BTreeMap<String, Vec<String>>,
    has_id_column: bool,
}

/// Measures the predictions a job was given.
pub(crate) fn measure_given(
    context: &mut Context<'_>,
    findings: &mut Findings,
    data: &VersionData<'_>,
    manifest: &Manifest,
) -> Result<(), Error> {
    let Work::Predictions { file, artifact } = &context.request.work else { return Ok(()) };
    let path = context.folder.file(PREDICTIONS_FILE);
    let bytes = std::fs::read(&path).map_err(|error| Error::storage("read", &path, error))?;
    let predictions = read(file, &bytes, manifest.evaluate.predictions.as_ref(), manifest)?;
    findings.artifact.clone_from(artifact);
    elsewhere::note_artifact(findings, data, manifest)?;
    measure(context, findings, data, manifest, file, predictions)
}

/// Reads the prediction file a manifest names.
pub(crate) fn read_named(
    data: &VersionData<'_>,
    spec: &PredictionsSpec,
    manifest: &Manifest,
) -> Result<(Predictions, DataPin), Error> {
    let (bytes, pin) = data.read(&spec.path)?;
    Ok((read(&spec.path, &bytes, Some(spec), manifest)?, pin))
}

fn read(
    file: &str,
    bytes: &[u8],
    spec: Option<&PredictionsSpec>,
    manifest: &Manifest,
) -> Result<Predictions, Error> {
    if file.rsplit_once('.').is_some_and(|(_, ending)| ending.eq_ignore_ascii_case("parquet")) {
        return Ok(predictions_from_parquet(bytes)?);
    }
    let columns = spec.map_or_else(ColumnMapping::default, ColumnMapping::from);
    Ok(read_predictions_csv(file, bytes, &columns, Some(manifest.task))?)
}

/// Measures predictions, after checking that they answer this version's test set where it has one.
pub(crate) fn measure(
    context: &mut Context<'_>,
    findings: &mut Findings,
    data: &VersionData<'_>,
    manifest: &Manifest,
    file: &str,
    mut predictions: Predictions,
) -> Result<(), Error> {
    if let Some(test) = &manifest.data.test {
        let has_id_column = matches!(test, Split::File { id: Some(_), .. });
        if manifest.model.is_trained_here() {
            let loaded = data.load(manifest, Splits::Test)?;
            note_data(findings, &loaded);
            let (ids, target, slices) = (&loaded.test.ids, &loaded.test.target, &loaded.slices);
            settle(file, &mut predictions, &Truth { ids, target, slices, has_id_column })?;
        } else {
            let classes = match &predictions.answers {
                Answers::Classification { classes, .. } => Some(classes.as_slice()),
                Answers::Regression { .. } => None,
            };
            let test = data.load_given(manifest, true, classes, &|_| Vec::new())?;
            findings.pins.extend(test.pins);
            findings.test_digest = Some(test.test_digest);
            findings.examples = [("test".to_owned(), test.ids.len() as u64)].into();
            let (ids, target, slices) = (&test.ids, &test.target, &test.slices);
            settle(file, &mut predictions, &Truth { ids, target, slices, has_id_column })?;
        }
    }
    context.phase(JobPhase::Evaluating)?;
    crate::execute::measure(findings, manifest, predictions, Grade::Recomputed)
}

/// Demands that predictions answer a test set: the same ids with the same truth. Without an id column on either side,
/// row answers row.
fn settle(file: &str, predictions: &mut Predictions, test: &Truth<'_>) -> Result<(), Error> {
    let wrong = |message: String| {
        Err(Error::Invalid { message: format!("{file} does not answer this version's test set: {message}") })
    };
    let (count, wanted) = (predictions.ids.len(), test.ids.len());
    if count != wanted {
        return wrong(format!("it has {count} examples, the test set {wanted}"));
    }
    let is_row_number = |(row, id): (usize, &String)| *id == (row + 1).to_string();
    let by_row = !test.has_id_column && predictions.ids.iter().enumerate().all(is_row_number);
    let places: BTreeMap<&str, usize> =
        test.ids.iter().enumerate().map(|(row, id)| (id.as_str(), row)).collect();
    let mut rows = Vec::with_capacity(count);
    for (row, id) in predictions.ids.iter().enumerate() {
        let at = if by_row { Some(row) } else { places.get(id.as_str()).copied() };
        let Some(at) = at else {
            return wrong(format!("the test set has no example `{id}`"));
        };
        if !agrees(&predictions.answers, row, test.target, at) {
            return wrong(format!("the truth of example `{id}` differs"));
        }
        rows.push(at);
    }
    predictions.slices = test
        .slices
        .iter()
        .map(|(name, values)| {
            (name.clone(), rows.iter().map(|&at| values.get(at).cloned().unwrap_or_default()).collect())
        })
        .collect();
    Ok(())
}

fn agrees(answers: &Answers, row: usize, target: &Target, at: usize) -> bool {
    match (answers, target) {
        (Answers::Classification { classes, truth, .. }, Target::Classes { names, labels }) => {
            let named = |place: Option<&u32>, names: &[String]| -> Option<String> {
                names.get(*place? as usize).cloned()
            };
            let said = named(truth.get(row), classes);
            said.is_some() && said == named(labels.get(at), names)
        }
        (Answers::Regression { truth, .. }, Target::Values(values)) => match (truth.get(row), values.get(at))
        {
            (Some(said), Some(is)) => said.total_cmp(is).is_eq(),
            _ => false,
        },
        _ => false,
    }
}
