//! A version's data and artifacts as a model's folder names them, pointers resolved.

use keelmark_data::{Choice, DataSource, GivenTest, Loaded, Splits, Stores, load, load_given, read_pinned};
use keelmark_git::Version;
use keelmark_manifest::Manifest;
use keelmark_types::DataPin;

use crate::Error;
use crate::execute::read_lock;

/// The files of a version, seen from a model's folder.
#[derive(Debug)]
pub struct VersionData<'a> {
    version: &'a Version,
    source: DataSource<'a>,
    folder: &'a str,
}

impl<'a> VersionData<'a> {
    /// The files of `version`; the bytes that pointers stand for come from `stores`.
    pub fn new(version: &'a Version, stores: &'a Stores, folder: &'a str) -> Self {
        Self { version, source: DataSource::of_version(version, stores), folder }
    }

    /// The examples a manifest names, checked against model.lock.
    pub fn load(&self, manifest: &Manifest, splits: Splits) -> Result<Loaded, Error> {
        let lock = read_lock(self.version, self.folder)?;
        Ok(load(&self.source, self.folder, manifest, lock.as_ref(), splits)?)
    }

    /// The same of files that are in no lock.
    pub(crate) fn load_unpinned(&self, manifest: &Manifest, splits: Splits) -> Result<Loaded, Error> {
        Ok(load(&self.source, self.folder, manifest, None, splits)?)
    }

    /// The test set with its columns as filed.
    pub(crate) fn load_given(
        &self,
        manifest: &Manifest,
        is_pinned: bool,
        classes: Option<&[String]>,
        choose: &Choice<'_>,
    ) -> Result<GivenTest, Error> {
        let lock = if is_pinned { read_lock(self.version, self.folder)? } else { None };
        Ok(load_given(&self.source, self.folder, manifest, lock.as_ref(), classes, choose)?)
    }

    /// The bytes of one file, with its digest.
    pub(crate) fn read(&self, path: &str) -> Result<(Vec<u8>, DataPin), Error> {
        Ok(read_pinned(&self.source, self.folder, path)?)
    }
}
