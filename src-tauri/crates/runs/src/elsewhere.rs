//! Models that were made elsewhere: the file a version names as its model, run here where it is ONNX, else judged by the
//! predictions that lie beside it. No other format is ever loaded.

use keelmark_git::Version;
use keelmark_manifest::{Manifest, ModelSpec, PredictionsSpec};
use keelmark_onnx::{Limits, Model};
use keelmark_types::{DataPin, Grade, JobEvent, JobPhase, Predictions, Stop};

use crate::execute::{Context, measure, with_test_data};
use crate::findings::Findings;
use crate::model_files::part;
use crate::version_data::VersionData;
use crate::{Error, onnx, predicted};

/// No artifact is larger: it becomes part of the run.
const MAX_ARTIFACT_BYTES: u64 = 256 << 20;

/// The file a version names as its model, with those that belong to it.
struct Artifact {
    pin: DataPin,
    /// By their path below the artifact's folder; the artifact itself is the first.
    files: Vec<(String, Vec<u8>)>,
    /// As it was read; none where it is opaque.
    model: Option<Result<Box<Model>, keelmark_onnx::Error>>,
}

/// How a model made elsewhere is evaluated.
enum Way<'a> {
    /// By running it.
    Run(Box<Model>),
    /// By the predictions beside it; why it is not run, where it could have been.
    Measure(&'a PredictionsSpec, Option<String>),
}

impl Artifact {
    fn read(data: &VersionData<'_>, path: &str) -> Result<Self, Error> {
        let (folder, name) = path.rsplit_once('/').unwrap_or(("", path));
        let (bytes, pin) = data.read(path)?;
        if pin.size_bytes > MAX_ARTIFACT_BYTES {
            return Err(Error::Unsupported {
                message: format!(
                    "`{path}` has {} bytes, at most {MAX_ARTIFACT_BYTES} are taken",
                    pin.size_bytes
                ),
                hint: "Make the model smaller, for instance with weights of half precision.".to_owned(),
            });
        }
        let mut files = Vec::new();
        let model = is_onnx(name).then(|| {
            let mut beside = |file: &str| {
                let path = if folder.is_empty() { file.to_owned() } else { format!("{folder}/{file}") };
                let (bytes, _) = data.read(&path).map_err(|error| error.to_string())?;
                files.push((file.to_owned(), bytes.clone()));
                Ok(bytes)
            };
            Model::read_with(&bytes, &Limits::default(), &mut beside).map(Box::new)
        });
        files.insert(0, (name.to_owned(), bytes));
        Ok(Self { pin, files, model })
    }
}

/// Whether a file is run here, by its name.
fn is_onnx(name: &str) -> bool {
    name.rsplit_once('.').is_some_and(|(_, ending)| ending.eq_ignore_ascii_case("onnx"))
}

fn way<'a>(
    path: &str,
    model: Option<Result<Box<Model>, keelmark_onnx::Error>>,
    manifest: &'a Manifest,
) -> Result<Way<'a>, Error> {
    let predictions = manifest.evaluate.predictions.as_ref();
    match (model, predictions) {
        (Some(Ok(model)), _) => Ok(Way::Run(model)),
        (Some(Err(error @ keelmark_onnx::Error::Unsupported { .. })), Some(spec)) => {
            Ok(Way::Measure(spec, Some(format!("`{path}` is not run: {error}"))))
        }
        (Some(Err(error)), _) => Err(error.into()),
        (None, Some(spec)) => Ok(Way::Measure(spec, None)),
        (None, None) => Err(Error::Unsupported {
            message: format!(
                "`{path}` cannot be evaluated: it is not ONNX, and no predictions of it are named"
            ),
            hint: "Export it to ONNX, or write its answers on the test set to a file and name that as \
                   evaluate.predictions in model.yaml. Other formats are never loaded: a pickle runs code."
                .to_owned(),
        }),
    }
}

fn path_of(manifest: &Manifest) -> Result<&str, Error> {
    match &manifest.model {
        ModelSpec::Artifact(path) => Ok(path),
        _ => Err(Error::Invalid { message: "the version's model is trained here, it is no file".to_owned() }),
    }
}

/// What to say of a training of such a model.
pub(crate) fn not_trained(path: &str, version: &Version) -> Error {
    let short = version.commit().short();
    Error::Unsupported {
        message: format!(
            "the model of version {short} is the file `{path}`, which was made elsewhere and is not trained here"
        ),
        hint: format!("Evaluate it: keelmark evaluate {short}"),
    }
}

/// Everything an evaluation will meet, tried on one example.
pub(crate) fn check(data: &VersionData<'_>, manifest: &Manifest, other: Option<&str>) -> Result<(), Error> {
    let path = path_of(manifest)?;
    let artifact = Artifact::read(data, path)?;
    match way(path, artifact.model, manifest)? {
        Way::Run(model) => {
            let manifest = with_test_data(manifest, other);
            let given = onnx::load(data, &manifest, &model, other.is_none())?.first(1);
            onnx::predict(&model, &given, &manifest, 1, &Stop::new()).map(drop)
        }
        Way::Measure(spec, _) => {
            refuse_other(other)?;
            predicted::read_named(data, spec, manifest).map(drop)
        }
    }
}

fn refuse_other(other: Option<&str>) -> Result<(), Error> {
    match other {
        None => Ok(()),
        Some(path) => Err(Error::Unsupported {
            message: format!("`{path}` cannot be answered by a model that is not run here"),
            hint: "Leave --data out: the predictions named in model.yaml answer the test set.".to_owned(),
        }),
    }
}

/// Evaluates the file a version names as its model.
pub(crate) fn evaluate(
    context: &mut Context<'_>,
    findings: &mut Findings,
    data: &VersionData<'_>,
    manifest: &Manifest,
    other: Option<&str>,
) -> Result<(), Error> {
    let path = path_of(manifest)?;
    let artifact = Artifact::read(data, path)?;
    findings.artifact = Some(artifact.pin);
    findings.model_files = artifact.files;
    match way(path, artifact.model, manifest)? {
        Way::Run(model) => {
            let manifest = with_test_data(manifest, other);
            let given = onnx::load(data, &manifest, &model, other.is_none())?;
            findings.pins.clone_from(&given.pins);
            findings.test_digest = Some(given.test_digest.clone());
            findings.examples = [("test".to_owned(), given.ids.len() as u64)].into();
            context.phase(JobPhase::Evaluating)?;
            let threads = context.request.threads.unwrap_or(1);
            let Some(predictions) = onnx::predict(&model, &given, &manifest, threads, context.stop)? else {
                findings.stopped = Some("stopped by the user; nothing was measured".to_owned());
                return Ok(());
            };
            measure(findings, &manifest, predictions, Grade::Repeated)
        }
        Way::Measure(spec, why) => {
            refuse_other(other)?;
            if let Some(message) = why {
                (context.emit)(JobEvent::Log { message })?;
            }
            let (predictions, pin) = predicted::read_named(data, spec, manifest)?;
            findings.pins.push(pin);
            predicted::measure(context, findings, data, manifest, &spec.path, predictions)
        }
    }
}

/// Binds a run of given predictions to the file the version names as its model, unless another was said to have made
/// them.
pub(crate) fn note_artifact(
    findings: &mut Findings,
    data: &VersionData<'_>,
    manifest: &Manifest,
) -> Result<(), Error> {
    let ModelSpec::Artifact(path) = &manifest.model else { return Ok(()) };
    let artifact = Artifact::read(data, path)?;
    if findings.artifact.as_ref().is_none_or(|said| said.sha256 == artifact.pin.sha256) {
        findings.artifact = Some(artifact.pin);
        findings.model_files = artifact.files;
    }
    Ok(())
}

/// What the artifact of a run answers, again.
pub(crate) fn predict_again(
    data: &VersionData<'_>,
    manifest: &Manifest,
    path: &str,
    files: &[(String, Vec<u8>)],
) -> Result<Predictions, Error> {
    let name = path.rsplit('/').next().unwrap_or(path);
    if !is_onnx(name) {
        let message = format!("`{path}` is not run here, so its predictions cannot be made again");
        return Err(Error::Unsupported {
            message,
            hint: "Fetch the predictions of whoever measured it.".to_owned(),
        });
    }
    let mut beside = |file: &str| part(files, file).map(<[u8]>::to_vec).map_err(|error| error.to_string());
    let model = Model::read_with(part(files, name)?, &Limits::default(), &mut beside)?;
    let given = onnx::load(data, manifest, &model, true)?;
    let stopped = || Error::Invalid { message: "nobody asked to stop".to_owned() };
    onnx::predict(&model, &given, manifest, 1, &Stop::new())?.ok_or_else(stopped)
}
