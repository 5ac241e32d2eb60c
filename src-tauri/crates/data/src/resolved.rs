//! The data files of a version or of the work tree, pointers resolved.

use std::cell::{OnceCell, RefCell};
use std::collections::BTreeMap;
use std::rc::Rc;

use keelmark_git::{Repository, Version};
use keelmark_types::Mistake;

use crate::dvc::{DigestKind, Dvc, Hashed, Kept, Listing, Out, Tracking, hash_path, md5};
use crate::files::Files;
use crate::{Error, PointerKind, Source, Stores, pointer};

/// The files of a version or of the work tree: where a pointer stands, the bytes it stands for.
///
/// Bytes come from this machine alone (Git, the stores of Git LFS, DVC's cache, a copy in the work tree), and only
/// where their digest is the pointer's. Nothing is written, nobody is asked over a network.
#[derive(Debug)]
pub struct DataSource<'a> {
    pub(crate) files: Files<'a>,
    pub(crate) stores: &'a Stores,
    tracking: OnceCell<Tracking>,
    projects: RefCell<BTreeMap<String, Rc<Dvc>>>,
}

/// Where the bytes of a path are kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Whereabouts {
    /// In Git itself.
    Git,
    /// In a store of Git LFS.
    Lfs {
        /// The object's digest.
        sha256: String,
        /// Its size, where the pointer says it.
        size_bytes: Option<u64>,
        /// Whether a store on this machine has it.
        is_here: bool,
    },
    /// In DVC's cache.
    Dvc {
        /// The file that says so: a `.dvc` file or a dvc.lock.
        said_in: String,
        /// The digest, with `.dir` behind that of a folder's list; `None` where only a cloud knows the file.
        md5: Option<String>,
        /// Bytes in all, where the pointer says it.
        size_bytes: Option<u64>,
        /// What of it is on this machine.
        here: DvcHere,
        /// Where `data pull` would look, without secrets: the remote's name and address.
        said_to_be: Vec<String>,
    },
    /// In the work tree alone: neither Git nor a pointer knows it.
    Unversioned,
    /// Nowhere.
    Missing,
}

/// What this machine has of a file or folder that DVC tracks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DvcHere {
    /// All of it, in DVC's cache.
    Cached,
    /// A copy in the work tree whose digest is right.
    WorkTree,
    /// So many files of a folder are missing, the others are here.
    Partly {
        /// Files that are nowhere here.
        missing: usize,
        /// Files in all.
        files: usize,
    },
    /// Nothing.
    Missing,
}

impl<'a> DataSource<'a> {
    /// The files of a version.
    pub fn of_version(version: &'a Version, stores: &'a Stores) -> Self {
        Self::new(Files::Version(version), stores)
    }

    /// The files as they stand in the work tree. A bare repository has none: `None`.
    pub fn of_work_tree(repository: &Repository, stores: &'a Stores) -> Result<Option<Self>, Error> {
        let Some((_, root)) = stores.work_tree() else { return Ok(None) };
        Ok(Some(Self::new(Files::of_work_tree(repository, root)?, stores)))
    }

    fn new(files: Files<'a>, stores: &'a Stores) -> Self {
        Self { files, stores, tracking: OnceCell::new(), projects: RefCell::default() }
    }

    /// Where the bytes of `path` are kept. A digest is taken only of copies in the work tree; what the caches have is
    /// checked when it is read.
    pub fn whereabouts(&self, path: &str) -> Result<Whereabouts, Error> {
        if let Files::Version(_) = self.files
            && let Some(bytes) = self.small(path)?
        {
            return self.in_git(&bytes);
        }
        if let Some((out, inner)) = self.tracking()?.find(path) {
            return self.in_dvc(out, inner);
        }
        if let Files::WorkTree { root, paths } = &self.files {
            let is_there = root.found(path)?.is_some();
            let below = format!("{}/", path.trim_end_matches('/'));
            let is_tracked = paths.contains(path)
                || paths.range(below.clone()..).next().is_some_and(|next| next.starts_with(&below));
            return match (is_there, is_tracked) {
                (false, _) => self.nowhere(path).map(|()| Whereabouts::Missing),
                (true, false) => Ok(Whereabouts::Unversioned),
                (true, true) => match self.small(path)? {
                    Some(bytes) => self.in_git(&bytes),
                    None => Ok(Whereabouts::Git),
                },
            };
        }
        self.nowhere(path).map(|()| Whereabouts::Missing)
    }

    /// The paths of everything that DVC keeps: what stages leave to Git is not among it.
    pub fn tracked(&self) -> Result<Vec<String>, Error> {
        let outs = self.tracking()?.outs().filter(|out| !self.is_in_git(out));
        Ok(outs.map(|out| out.tracked.path.clone()).collect())
    }

    /// What could not be read of DVC's pointers and locks: it may track more than is found.
    pub fn problems(&self) -> Result<Vec<Mistake>, Error> {
        Ok(self.tracking()?.problems())
    }

    /// A file's bytes where they may be a pointer; of a larger one none, but that it is there.
    fn small(&self, path: &str) -> Result<Option<Vec<u8>>, Error> {
        const LARGEST: u64 = 4096;
        match &self.files {
            Files::Version(version) => {
                let failed = |source| Error::Git { path: path.to_owned(), source: Box::new(source) };
                match version.entry(path).map_err(failed)? {
                    Some(entry) if entry.size_bytes > LARGEST => Ok(Some(Vec::new())),
                    _ => version.read(path, LARGEST).map_err(failed),
                }
            }
            Files::WorkTree { root, .. } => match root.found(path)? {
                Some(crate::rooted::Found::File { size_bytes, .. }) if size_bytes <= LARGEST => {
                    root.read(path)
                }
                _ => Ok(None),
            },
        }
    }

    fn in_git(&self, bytes: &[u8]) -> Result<Whereabouts, Error> {
        let Some(object) = pointer::lfs_object(bytes) else { return Ok(Whereabouts::Git) };
        Ok(Whereabouts::Lfs {
            is_here: self.stores.find_lfs(&object)?.is_some(),
            sha256: object.sha256.to_string(),
            size_bytes: object.size_bytes,
        })
    }

    fn in_dvc(&self, out: &Out, inner: Option<&str>) -> Result<Whereabouts, Error> {
        let dvc = self.project(&out.project)?;
        let whole = Kept::of(out);
        let (object, here) = match (&whole, inner) {
            (None, _) => (None, DvcHere::Missing),
            (Some(object), None) => (whole.clone(), self.here(&dvc, out, object)?),
            (Some(object), Some(inner)) => match self.list(&dvc, out, object)? {
                None => (None, DvcHere::Missing),
                Some(listing) => match listing.get(inner) {
                    None => return self.nowhere(&out.tracked.path).map(|()| Whereabouts::Missing),
                    Some(md5) => {
                        let file = object.file(md5);
                        let path = format!("{}/{inner}", out.tracked.path);
                        let here = if self.is_here(&dvc, &path, &file)? {
                            DvcHere::Cached
                        } else {
                            DvcHere::Missing
                        };
                        (Some(file), here)
                    }
                },
            },
        };
        Ok(Whereabouts::Dvc {
            said_in: out.said_in.clone(),
            md5: object
                .as_ref()
                .map(|object| format!("{}{}", object.md5, if object.is_list { ".dir" } else { "" })),
            size_bytes: out.tracked.size_bytes.filter(|_| inner.is_none()),
            said_to_be: if here == DvcHere::Cached || here == DvcHere::WorkTree {
                Vec::new()
            } else {
                dvc.said_to_be()
            },
            here,
        })
    }

    fn here(&self, dvc: &Dvc, out: &Out, object: &Kept) -> Result<DvcHere, Error> {
        let path = &out.tracked.path;
        if !object.is_list {
            return Ok(if dvc.find(object)?.is_some() {
                DvcHere::Cached
            } else if self.copy_digest(path, object.kind).as_ref().map(Hashed::digest)
                == Some((&object.md5, false))
            {
                DvcHere::WorkTree
            } else {
                DvcHere::Missing
            });
        }
        let Some(listing) = dvc.list(object, &out.said_in)? else {
            let copy = self.copy_digest(path, object.kind);
            let is_right = copy.as_ref().map(Hashed::digest) == Some((&object.md5, true));
            return Ok(if is_right { DvcHere::WorkTree } else { DvcHere::Missing });
        };
        let (mut missing, mut copies) = (0, 0);
        for (inner, md5) in &listing {
            let file = object.file(md5);
            if dvc.find(&file)?.is_some() {
                continue;
            }
            if self.is_here(dvc, &format!("{path}/{inner}"), &file)? { copies += 1 } else { missing += 1 }
        }
        Ok(match (missing, copies) {
            (0, 0) => DvcHere::Cached,
            (0, _) => DvcHere::WorkTree,
            (missing, _) => DvcHere::Partly { missing, files: listing.len() },
        })
    }

    /// Whether the cache has an object, or the work tree a copy of it at `path`.
    pub(crate) fn is_here(&self, dvc: &Dvc, path: &str, object: &Kept) -> Result<bool, Error> {
        if dvc.find(object)?.is_some() {
            return Ok(true);
        }
        let copy = self.copy_digest(path, object.kind);
        Ok(copy.as_ref().map(Hashed::digest) == Some((&object.md5, false)))
    }

    fn copy_digest(&self, path: &str, kind: DigestKind) -> Option<Hashed> {
        match self.stores.work_tree() {
            // A copy that cannot be read, or lies behind a link to the outside, is none.
            Some((_, root)) => hash_path(root, path, kind).unwrap_or_default(),
            None => None,
        }
    }

    /// The files of a tracked folder: as the cache lists them, else as they stand in the work tree with that digest.
    pub(crate) fn list(&self, dvc: &Dvc, out: &Out, object: &Kept) -> Result<Option<Listing>, Error> {
        if !object.is_list {
            return Ok(None);
        }
        if let Some(listing) = dvc.list(object, &out.said_in)? {
            return Ok(Some(listing));
        }
        Ok(match self.copy_digest(&out.tracked.path, object.kind) {
            Some(Hashed::Folder(md5, listing)) if md5 == object.md5 => Some(listing),
            _ => None,
        })
    }

    /// The bytes of a path that DVC tracks; `None` where it is no file.
    fn read_tracked(&self, path: &str, out: &Out, inner: Option<&str>) -> Result<Option<Vec<u8>>, Error> {
        let dvc = self.project(&out.project)?;
        let elsewhere = |object: Option<&Kept>| Error::Elsewhere {
            path: path.to_owned(),
            kind: PointerKind::Dvc,
            oid: object.map(|object| format!("md5:{}", object.md5)),
            size_bytes: out.tracked.size_bytes.filter(|_| inner.is_none()),
            said_to_be: dvc.said_to_be(),
        };
        let Some(whole) = Kept::of(out) else { return Err(elsewhere(None)) };
        let object = match inner {
            None if whole.is_list => return Ok(None),
            None => whole,
            Some(_) if !whole.is_list => return Ok(None),
            Some(inner) => {
                let listing = self.list(&dvc, out, &whole)?.ok_or_else(|| elsewhere(Some(&whole)))?;
                match listing.get(inner) {
                    Some(md5) => whole.file(md5),
                    None => return Ok(None),
                }
            }
        };
        let damaged = match dvc.read(&object) {
            Ok(Some(bytes)) => return Ok(Some(bytes)),
            Ok(None) => None,
            Err(error) => Some(error),
        };
        // A copy in the work tree is as good where its digest is right.
        if let Some((_, root)) = self.stores.work_tree()
            && let Ok(Some(bytes)) = root.read(path)
            && md5(object.kind, &bytes) == object.md5
        {
            return Ok(Some(bytes));
        }
        Err(damaged.unwrap_or_else(|| elsewhere(Some(&object))))
    }

    pub(crate) fn tracking(&self) -> Result<&Tracking, Error> {
        if let Some(known) = self.tracking.get() {
            return Ok(known);
        }
        let read = Tracking::read(&self.files)?;
        Ok(self.tracking.get_or_init(|| read))
    }

    /// The DVC project in a folder.
    pub(crate) fn project(&self, folder: &str) -> Result<Rc<Dvc>, Error> {
        if let Some(known) = self.projects.borrow().get(folder) {
            return Ok(Rc::clone(known));
        }
        let committed = match &self.files {
            Files::Version(_) => self.files.read(&crate::path::join(folder, ".dvc/config"))?,
            Files::WorkTree { .. } => None,
        };
        let dvc = Rc::new(Dvc::of(self.stores, folder, committed)?);
        self.projects.borrow_mut().insert(folder.to_owned(), Rc::clone(&dvc));
        Ok(dvc)
    }

    /// The error where a path may be tracked by what cannot be read.
    fn nowhere(&self, path: &str) -> Result<(), Error> {
        let mistakes = self.tracking()?.in_the_way(path);
        if mistakes.is_empty() { Ok(()) } else { Err(Error::Invalid { mistakes }) }
    }
}

impl Source for DataSource<'_> {
    fn read(&self, path: &str) -> Result<Option<Vec<u8>>, Error> {
        if let Some(bytes) = self.files.read(path)? {
            let Some(object) = pointer::lfs_object(&bytes) else { return Ok(Some(bytes)) };
            // Without its bytes the pointer is given: who reads it tells it apart.
            return Ok(Some(self.stores.lfs(&object)?.unwrap_or(bytes)));
        }
        if let Some((out, inner)) = self.tracking()?.find(path) {
            return self.read_tracked(path, out, inner);
        }
        self.nowhere(path).map(|()| None)
    }

    /// A version's files are, by a blob or a pointer; of the work tree's, those whose digest a pointer has.
    fn is_versioned(&self, path: &str) -> bool {
        let Files::WorkTree { .. } = &self.files else { return true };
        let tracked = self.tracking().ok().and_then(|tracking| tracking.find(path));
        let Some((out, inner)) = tracked else { return false };
        let right = || -> Result<bool, Error> {
            let dvc = self.project(&out.project)?;
            let Some(whole) = Kept::of(out) else { return Ok(false) };
            let object = match inner {
                None => Some(whole),
                Some(inner) => {
                    self.list(&dvc, out, &whole)?.and_then(|list| list.get(inner).map(|md5| whole.file(md5)))
                }
            };
            let Some(object) = object else { return Ok(false) };
            let copy = self.copy_digest(path, object.kind);
            // Without a copy, what is read is the cache's.
            Ok(copy.as_ref().is_none_or(|copy| copy.digest() == (object.md5.as_str(), false)))
        };
        right().unwrap_or(false)
    }
}

impl Dvc {
    /// Where what is missing is said to be: the remote that is asked by default.
    pub(crate) fn said_to_be(&self) -> Vec<String> {
        let Some(name) = self.config.default_remote() else { return Vec::new() };
        let url = self.config.of_remote(name, "url").map_or("an address that is not set", |url| &url.value);
        vec![format!("remote `{name}` at {}", without_secret(url))]
    }
}

/// An address without the user and password in it.
pub(crate) fn without_secret(url: &str) -> String {
    let Some((scheme, rest)) = url.split_once("://") else { return url.to_owned() };
    let end = rest.find('/').unwrap_or(rest.len());
    let (host, path) = rest.split_at(end);
    let host = host.rsplit_once('@').map_or(host, |(_, host)| host);
    let path = path.split(['?', '#']).next().unwrap_or_default();
    format!("{scheme}://{host}{path}")
}
