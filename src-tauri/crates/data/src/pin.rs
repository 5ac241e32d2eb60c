//! Data files held against `model.lock`, and pinned.

use std::collections::BTreeMap;

use keelmark_manifest::{Lock, Manifest, Pin, Split};
use keelmark_types::{DataPin, Location, Sha256};

use crate::digest::sha256;
use crate::mistakes::mistake;
use crate::path::{join, within};
use crate::{Error, Source, pointer};

/// A data file's bytes with their digest.
#[derive(Debug)]
pub(crate) struct Pinned {
    /// Path from the repository's root.
    pub path: String,
    pub bytes: Vec<u8>,
    pub pin: DataPin,
}

/// Reads a data file.
pub(crate) fn fetch(source: &dyn Source, folder: &str, path: &str) -> Result<Pinned, Error> {
    let full = within(folder, path)?;
    let Some(bytes) = source.read(&full)? else {
        return Err(match source.read(&format!("{full}.dvc"))? {
            Some(pointer) => pointer::dvc(&full, &pointer),
            None => Error::NotFound { path: full },
        });
    };
    if let Some(error) = pointer::lfs(&full, &bytes) {
        return Err(error);
    }
    let pin = DataPin {
        path: path.to_owned(),
        sha256: sha256(&bytes),
        size_bytes: bytes.len() as u64,
        versioned: source.is_versioned(&full),
    };
    Ok(Pinned { path: full, bytes, pin })
}

/// Reads one file a manifest names, with its digest: the bytes a pointer stands for, where it is one.
pub fn read_pinned(source: &dyn Source, folder: &str, path: &str) -> Result<(Vec<u8>, DataPin), Error> {
    fetch(source, folder, path).map(|file| (file.bytes, file.pin))
}

/// Refuses data that is not what the lock pins. Without a lock there is nothing to hold it against.
pub(crate) fn check(file: &Pinned, folder: &str, lock: Option<&Lock>) -> Result<(), Error> {
    let Some(lock) = lock else { return Ok(()) };
    let Some(pinned) = lock.files.get(&file.pin.path) else {
        let location = Location::file(join(folder, keelmark_manifest::LOCK_NAME));
        let message = format!("`{}` is not pinned", file.pin.path);
        let expected = format!("an entry with its sha256, as `keelmark data add {}` writes it", file.path);
        return Err(mistake(location, message, expected).into());
    };
    if (&pinned.sha256, pinned.size_bytes) == (&file.pin.sha256, file.pin.size_bytes) {
        return Ok(());
    }
    let found: (Sha256, u64) = (file.pin.sha256.clone(), file.pin.size_bytes);
    Err(Error::Altered {
        path: file.path.clone(),
        pinned: Box::new((pinned.sha256.clone(), pinned.size_bytes)),
        found: Box::new(found),
    })
}

/// The paths of the data files a manifest names, within the model's folder.
pub(crate) fn named_paths(manifest: &Manifest) -> Vec<&str> {
    let data = &manifest.data;
    let mut paths: Vec<&str> = Vec::new();
    for split in [&data.train, &data.validation, &data.test].into_iter().flatten() {
        if let Split::File { path, .. } = split
            && !paths.contains(&path.as_str())
        {
            paths.push(path);
        }
    }
    paths
}

/// Pins every data file the manifest names as it stands in the source now.
pub fn pin(source: &dyn Source, folder: &str, manifest: &Manifest) -> Result<Lock, Error> {
    let mut files = BTreeMap::new();
    for path in named_paths(manifest) {
        let pin = fetch(source, folder, path)?.pin;
        files.insert(path.to_owned(), Pin { sha256: pin.sha256, size_bytes: pin.size_bytes });
    }
    Ok(Lock { files })
}
