//! DVC's cache, written to: an object is put in its place whole, checked, durable and read-only, or not at all.

use std::io::Write;

use super::listing::MAX_LISTING_BYTES;
use super::md5::Hasher;
use super::{Dvc, Kept, Listing};
use crate::rooted::Partial;
use crate::{Error, RootedDir, Stores};

/// No object is larger.
const MAX_OBJECT_BYTES: u64 = 1 << 40;
/// Behind the name of what is not whole yet.
const PARTIAL_ENDING: &str = ".keelmark-partial";

/// The cache of a project, open for writing.
pub(super) struct Store {
    dvc: Dvc,
}

/// Why what came is not kept.
pub(super) enum Mismatch {
    /// This machine could not keep it.
    Here(Error),
    /// It is not what was asked for.
    Other(String),
}

impl Store {
    /// The cache, made where it is not there yet.
    pub(super) fn open(dvc: &Dvc, stores: &Stores) -> Result<Self, Error> {
        Ok(Self { dvc: dvc.for_writing(stores)? })
    }

    pub(super) fn dvc(&self) -> &Dvc {
        &self.dvc
    }

    /// The files of a folder whose list came.
    pub(super) fn list(&self, object: &Kept, told_of: &str) -> Result<Option<Listing>, Error> {
        self.dvc.list(object, told_of)
    }

    /// Begins to take an object in, to be kept at `path`.
    pub(super) fn receive<'a>(&'a self, object: &'a Kept, path: &'a str) -> Result<Receiving<'a>, Error> {
        let cache = self.dvc.cache.as_ref().ok_or_else(|| Error::Unsupported {
            what: "DVC's cache".to_owned(),
            why: "there is no folder for it".to_owned(),
        })?;
        let partial = format!("{}{PARTIAL_ENDING}", object.md5);
        let file = cache.begin(&partial)?;
        let limit_bytes = match object.size_bytes {
            _ if object.is_list => MAX_LISTING_BYTES,
            // The older kind's size may be of the text with other line ends.
            Some(size) if object.kind == super::DigestKind::Plain => size,
            _ => MAX_OBJECT_BYTES,
        };
        Ok(Receiving {
            cache,
            object,
            path,
            partial,
            file: Some(file),
            hasher: Some(Hasher::new(object.kind)),
            taken_bytes: 0,
            limit_bytes,
        })
    }
}

/// An object on its way in. What is not kept is taken away again.
pub(super) struct Receiving<'a> {
    cache: &'a RootedDir,
    object: &'a Kept,
    path: &'a str,
    partial: String,
    file: Option<Partial>,
    hasher: Option<Hasher>,
    taken_bytes: u64,
    limit_bytes: u64,
}

impl Receiving<'_> {
    pub(super) fn taken_bytes(&self) -> u64 {
        self.taken_bytes
    }

    pub(super) fn limit_bytes(&self) -> u64 {
        self.limit_bytes
    }

    pub(super) fn is_too_much(&self) -> bool {
        self.taken_bytes > self.limit_bytes
    }

    pub(super) fn take(&mut self, portion: &[u8]) -> std::io::Result<()> {
        self.taken_bytes += portion.len() as u64;
        if self.is_too_much() {
            return Err(std::io::Error::other("more than was asked for"));
        }
        if let Some(hasher) = &mut self.hasher {
            hasher.update(portion);
        }
        self.file.as_mut().map_or(Ok(()), |file| file.write_all(portion))
    }

    /// Puts it in its place, where its digest is right.
    pub(super) fn keep(mut self) -> Result<(), Mismatch> {
        let (Some(file), Some(hasher)) = (self.file.take(), self.hasher.take()) else { return Ok(()) };
        let md5 = hasher.finish();
        if md5 != self.object.md5 {
            return Err(Mismatch::Other(format!("they have md5 {md5}, not {}", self.object.md5)));
        }
        self.cache.settle(&file, &self.partial, self.path).map_err(Mismatch::Here)
    }
}

impl Drop for Receiving<'_> {
    fn drop(&mut self) {
        self.file = None;
        // It is gone already where it was kept.
        self.cache.discard(&self.partial).unwrap_or_default();
    }
}
