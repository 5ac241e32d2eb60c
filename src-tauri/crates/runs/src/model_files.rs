//! The files of a run's `model/`, and the model they are.

use keelmark_compute::Model;
use keelmark_data::Splits;
use keelmark_git::{Repository, Version};
use keelmark_manifest::Manifest;
use keelmark_types::{Predictions, RunId, RunRecord};

use crate::version_data::VersionData;
use crate::{Error, elsewhere};

/// Reads the files of a run's `model/`, by their path below it.
pub fn read_model_files(repository: &Repository, run: &RunId) -> Result<Vec<(String, Vec<u8>)>, Error> {
    let stored = repository.find_run(run)?.ok_or_else(|| Error::NotFound { what: format!("run {run}") })?;
    let mut files = Vec::new();
    for entry in stored.model_entries()? {
        let Some(name) = entry.path.strip_prefix("model/") else { continue };
        if let Some(bytes) = stored.model_file(name)? {
            files.push((name.to_owned(), bytes));
        }
    }
    if files.is_empty() {
        return Err(Error::NotFound { what: format!("a model in run {run}") });
    }
    Ok(files)
}

/// Loads a model from the files of a run's `model/`.
pub(crate) fn load_model(files: &[(String, Vec<u8>)]) -> Result<Model, Error> {
    Ok(Model::load(
        part(files, "model.safetensors")?,
        part(files, "config.json")?,
        part(files, "preprocess.json")?,
        part(files, "signature.json")?,
    )?)
}

/// One file of a run's `model/`.
pub(crate) fn part<'a>(files: &'a [(String, Vec<u8>)], name: &str) -> Result<&'a [u8], Error> {
    let found = files.iter().find(|(path, _)| path == name);
    found
        .map(|(_, bytes)| bytes.as_slice())
        .ok_or_else(|| Error::NotFound { what: format!("model/{name} of the run") })
}

/// Makes a run's predictions again, from its model and the data of its version.
pub fn predict_again(
    repository: &Repository,
    version: &Version,
    record: &RunRecord,
    manifest: &Manifest,
    model_files: &[(String, Vec<u8>)],
) -> Result<Predictions, Error> {
    let stores = crate::stores::stores(repository)?;
    let data = VersionData::new(version, &stores, &record.folder);
    if let Some(artifact) = &record.artifact {
        return elsewhere::predict_again(&data, manifest, &artifact.path, model_files);
    }
    let loaded = data.load(manifest, Splits::Test)?;
    let mut predictions = load_model(model_files)?.predict(&loaded.test)?;
    predictions.slices = loaded.slices;
    Ok(predictions)
}
