//! What a dependency or an out is now, as the digest DVC would take of it.

use std::cell::RefCell;
use std::collections::BTreeMap;

use super::folder::NEVER;
use super::listing::{self, Listing};
use super::md5::{DigestKind, md5};
use super::{Hashed, Kept, Out, hash_path};
use crate::files::Files;
use crate::path::join;
use crate::{DataSource, Error, Source, pointer};

/// What is at a path.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Now {
    /// Nothing.
    Nothing,
    /// A file, or a folder with the digest of its list.
    Is { md5: String, is_folder: bool },
    /// Something, but its bytes are not here or cannot be read.
    Unknown,
}

/// Looks paths up, each once.
pub(super) struct Looking<'a, 's> {
    source: &'a DataSource<'s>,
    known: RefCell<BTreeMap<(String, DigestKind), Now>>,
}

impl<'a, 's> Looking<'a, 's> {
    pub(super) fn new(source: &'a DataSource<'s>) -> Self {
        Self { source, known: RefCell::default() }
    }

    pub(super) fn at(&self, path: &str, kind: DigestKind) -> Result<Now, Error> {
        let key = (path.to_owned(), kind);
        if let Some(known) = self.known.borrow().get(&key) {
            return Ok(known.clone());
        }
        let now = match &self.source.files {
            Files::WorkTree { root, .. } => match hash_path(root, path, kind) {
                Ok(None) => Now::Nothing,
                Ok(Some(hashed)) => is(&hashed),
                // Behind a link that leads out, or too much: it is there, and what it is cannot be told.
                Err(Error::Storage { .. } | Error::Unsupported { .. }) => Now::Unknown,
                Err(error) => return Err(error),
            },
            Files::Version(_) => self.in_version(path, kind)?,
        };
        self.known.borrow_mut().insert(key, now.clone());
        Ok(now)
    }

    fn in_version(&self, path: &str, kind: DigestKind) -> Result<Now, Error> {
        if self.source.files.has(path)? {
            return Ok(self.blob(path, kind)?.map_or(Now::Unknown, |md5| Now::Is { md5, is_folder: false }));
        }
        if let Some((out, inner)) = self.source.tracking()?.find(path) {
            return self.tracked(path, out, inner, kind);
        }
        let mut listing = Listing::new();
        let inner = |full: &str| full.get(path.len() + 1..).unwrap_or_default().to_owned();
        let below = format!("{path}/");
        let is_below =
            |full: &str| full.starts_with(&below) && !full.split('/').any(|part| NEVER.contains(&part));
        for full in self.source.files.find(&is_below)? {
            let Some(md5) = self.blob(&full, kind)? else { return Ok(Now::Unknown) };
            listing.insert(inner(&full), md5);
        }
        for (full, out) in self.source.tracking()?.below(path) {
            match self.tracked(full, out, None, kind)? {
                Now::Is { md5, is_folder: false } => {
                    listing.insert(inner(full), md5);
                }
                Now::Is { is_folder: true, .. } => {
                    let Some(files) = self.list(out, kind)? else { return Ok(Now::Unknown) };
                    listing.extend(files.into_iter().map(|(name, md5)| (join(&inner(full), &name), md5)));
                }
                Now::Nothing | Now::Unknown => return Ok(Now::Unknown),
            }
        }
        Ok(folder_of(kind, &listing))
    }

    /// The digest of a blob; `None` where it only points to bytes that are not here.
    fn blob(&self, path: &str, kind: DigestKind) -> Result<Option<String>, Error> {
        let bytes = self.source.read(path)?;
        Ok(bytes.filter(|bytes| pointer::lfs_object(bytes).is_none()).map(|bytes| md5(kind, &bytes)))
    }

    fn tracked(&self, path: &str, out: &Out, inner: Option<&str>, kind: DigestKind) -> Result<Now, Error> {
        let Some(whole) = Kept::of(out) else { return Ok(Now::Unknown) };
        let Some(inner) = inner else {
            if whole.kind == kind {
                return Ok(Now::Is { md5: whole.md5, is_folder: whole.is_list });
            }
            return match (whole.is_list, self.source.read(path)) {
                (false, Ok(Some(bytes))) => Ok(Now::Is { md5: md5(kind, &bytes), is_folder: false }),
                _ => Ok(Now::Unknown),
            };
        };
        let Some(files) = self.list(out, kind)? else { return Ok(Now::Unknown) };
        if let Some(md5) = files.get(inner) {
            return Ok(Now::Is { md5: md5.clone(), is_folder: false });
        }
        let below = format!("{inner}/");
        let part: Listing = files
            .into_iter()
            .filter_map(|(name, md5)| Some((name.strip_prefix(&below)?.to_owned(), md5)))
            .collect();
        Ok(folder_of(kind, &part))
    }

    /// The files of a tracked folder, where its list is here and of that kind.
    fn list(&self, out: &Out, kind: DigestKind) -> Result<Option<Listing>, Error> {
        let Some(whole) = Kept::of(out).filter(|whole| whole.kind == kind) else { return Ok(None) };
        let dvc = self.source.project(&out.project)?;
        self.source.list(&dvc, out, &whole)
    }
}

fn is(hashed: &Hashed) -> Now {
    let (md5, is_folder) = hashed.digest();
    Now::Is { md5: md5.to_owned(), is_folder }
}

/// Git and DVC know no empty folders.
fn folder_of(kind: DigestKind, listing: &Listing) -> Now {
    if listing.is_empty() {
        return Now::Nothing;
    }
    Now::Is { md5: listing::digest(kind, listing), is_folder: true }
}
