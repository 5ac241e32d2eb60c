//! The models a version declares.

use keelmark_git::Version;
use keelmark_manifest::{FILE_NAME, MAX_FILE_BYTES, Manifest};
use keelmark_types::{Location, Mistake, ModelName};

use crate::Error;

/// One `model.yaml`.
#[derive(Debug, Clone, PartialEq)]
pub struct ModelEntry {
    /// Its folder, empty for the root.
    pub folder: String,
    /// Its path.
    pub file: String,
    /// What it declares, or all that is wrong with it.
    pub manifest: Result<Manifest, Vec<Mistake>>,
}

impl ModelEntry {
    /// The model's name, where its file is sound.
    pub fn name(&self) -> Option<&ModelName> {
        self.manifest.as_ref().ok().map(|manifest| &manifest.name)
    }
}

/// Every `model.yaml` of a version, by folder, the broken ones too. The second of two with one name counts as broken.
pub fn models(version: &Version) -> Result<Vec<ModelEntry>, Error> {
    let files = version.find_named(FILE_NAME)?.into_iter();
    let mut files: Vec<(String, String)> =
        files.map(|file| (file.rsplit_once('/').map_or("", |(folder, _)| folder).to_owned(), file)).collect();
    // The root before its folders: where two share a name, the outer one keeps it.
    files.sort();
    let mut found: Vec<ModelEntry> = Vec::with_capacity(files.len());
    for (folder, file) in files {
        let mut manifest = read(version, &file);
        if let Ok(read) = &manifest
            && let Some(first) = found.iter().find(|entry| entry.name() == Some(&read.name))
        {
            manifest = Err(vec![Mistake {
                location: Location::file(&file),
                message: format!("the model `{}` is declared in {} already", read.name, first.file),
                expected: "a name of its own".to_owned(),
            }]);
        }
        found.push(ModelEntry { folder, file, manifest });
    }
    Ok(found)
}

fn read(version: &Version, file: &str) -> Result<Manifest, Vec<Mistake>> {
    let mistake =
        |message: String| vec![Mistake { location: Location::file(file), message, expected: String::new() }];
    let bytes = version
        .read(file, MAX_FILE_BYTES as u64)
        .map_err(|error| mistake(error.to_string()))?
        .ok_or_else(|| mistake("it cannot be read as a file".to_owned()))?;
    let text = String::from_utf8(bytes)
        .map_err(|error| mistake(format!("byte {} is not UTF-8", error.utf8_error().valid_up_to())))?;
    keelmark_manifest::parse(file, &text)
}

/// The model called `name`, or the only one where no name is given. `None` where the version declares no model.
pub fn model_at(version: &Version, name: Option<&ModelName>) -> Result<Option<ModelEntry>, Error> {
    choose(models(version)?, name)
}

pub(crate) fn choose(found: Vec<ModelEntry>, name: Option<&ModelName>) -> Result<Option<ModelEntry>, Error> {
    let names =
        found.iter().filter_map(ModelEntry::name).map(ToString::to_string).collect::<Vec<_>>().join(", ");
    match name {
        Some(name) => {
            if found.is_empty() {
                return Ok(None);
            }
            match found.into_iter().find(|entry| entry.name() == Some(name)) {
                Some(entry) => Ok(Some(entry)),
                None if names.is_empty() => Ok(None),
                None => {
                    Err(Error::not_found(format!("model `{name}`"), format!("the models here are {names}")))
                }
            }
        }
        None if found.len() > 1 => {
            let mut sound = found.into_iter().filter(|entry| entry.manifest.is_ok());
            match (sound.next(), sound.next()) {
                (Some(only), None) => Ok(Some(only)),
                (None, _) => Ok(None),
                _ => Err(Error::invalid("the model", format!("there are several, name one of {names}"))),
            }
        }
        None => Ok(found.into_iter().next()),
    }
}
