//! A read-only view of one version's files.

use std::collections::BTreeMap;
use std::rc::Rc;

use gix::bstr::ByteSlice;
use gix::objs::tree::EntryKind as GixKind;
use keelmark_types::CommitId;

use crate::{Error, Oid, Result};

/// The most entries one listing may visit: a tree can name itself into billions of paths.
const LISTED_ENTRIES: usize = 500_000;
/// The deepest folder a listing goes into.
const LISTED_DEPTH: usize = 64;

/// How many trees one listing remembers: a tree that names the same ones over and over costs its entries, no more.
const KNOWN_TREES: usize = 256;

/// Name, kind and object of one entry.
type Named = (String, EntryKind, Oid);

/// What an entry of a tree is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum EntryKind {
    /// An ordinary file.
    File,
    /// A file with the executable bit.
    Executable,
    /// A symbolic link; its bytes are its target, and it is never followed.
    Link,
    /// A folder.
    Folder,
    /// A commit of another repository.
    Submodule,
}

/// One entry of a version.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// Path from the version's root, with `/`; bytes that are not UTF-8 are shown as `�`.
    pub path: String,
    /// What it is.
    pub kind: EntryKind,
    /// Its object.
    pub oid: Oid,
    /// Size of its bytes; 0 for folders and submodules.
    pub size_bytes: u64,
}

/// Reads many versions on one thread.
pub struct Reader(gix::Repository);

impl std::fmt::Debug for Reader {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("Reader").field(&self.0.git_dir()).finish()
    }
}

impl Reader {
    pub(crate) fn new(repository: gix::Repository) -> Self {
        Self(repository)
    }

    /// A view of one version.
    pub fn version(&self, commit: &CommitId) -> Result<Version> {
        let id = Oid::from(commit);
        let found = self
            .0
            .try_find_object(id.0)
            .map_err(|error| Error::from_gix(format!("commit {commit}"), &error))?
            .ok_or_else(|| Error::not_found(format!("commit {commit}")))?;
        let tree = found
            .try_to_commit_ref()
            .map_err(|error| Error::from_gix(format!("commit {commit}"), &error))?
            .tree();
        drop(found);
        Ok(Version { repository: self.0.clone(), commit: commit.clone(), tree })
    }
}

/// The files of one version, as committed: no filter, no work tree.
pub struct Version {
    repository: gix::Repository,
    commit: CommitId,
    tree: gix::ObjectId,
}

impl std::fmt::Debug for Version {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Version").field("commit", &self.commit).finish_non_exhaustive()
    }
}

impl Version {
    /// Its commit.
    pub fn commit(&self) -> &CommitId {
        &self.commit
    }

    /// Its root tree.
    pub fn tree_id(&self) -> Oid {
        Oid(self.tree)
    }

    /// What is at `path`; the empty path is the root folder.
    pub fn entry(&self, path: &str) -> Result<Option<Entry>> {
        let parts: Vec<&str> = path.split('/').filter(|part| !part.is_empty()).collect();
        if parts.is_empty() {
            return Ok(Some(Entry {
                path: String::new(),
                kind: EntryKind::Folder,
                oid: Oid(self.tree),
                size_bytes: 0,
            }));
        }
        let root = self.repository.find_tree(self.tree).map_err(|error| self.failed("", &error))?;
        let found = root
            .lookup_entry(parts.iter().map(|part| part.as_bytes()))
            .map_err(|error| self.failed(path, &error))?;
        let Some(found) = found else { return Ok(None) };
        let (kind, oid) = (kind_of(found.mode()), Oid(found.object_id()));
        Ok(Some(Entry { path: parts.join("/"), kind, oid, size_bytes: self.size(kind, oid, path)? }))
    }

    /// The tree of the folder at `path`.
    pub fn subtree(&self, path: &str) -> Result<Option<Oid>> {
        Ok(self.entry(path)?.filter(|entry| entry.kind == EntryKind::Folder).map(|entry| entry.oid))
    }

    /// The bytes of the file at `path`, or `None` where there is no file (folders, links and submodules are none).
    /// A file over `max_bytes` is an error before any of its bytes is read.
    pub fn read(&self, path: &str, max_bytes: u64) -> Result<Option<Vec<u8>>> {
        match self.entry(path)? {
            Some(entry) if matches!(entry.kind, EntryKind::File | EntryKind::Executable) => {
                self.read_entry(&entry, max_bytes).map(Some)
            }
            _ => Ok(None),
        }
    }

    /// The bytes of an entry found before; of a link, its target.
    pub fn read_entry(&self, entry: &Entry, max_bytes: u64) -> Result<Vec<u8>> {
        if matches!(entry.kind, EntryKind::Folder | EntryKind::Submodule) {
            return Err(Error::invalid(format!("`{}`", entry.path), "it is not a file"));
        }
        if entry.size_bytes > max_bytes {
            return Err(Error::Unsupported {
                what: format!("`{}` in {}", entry.path, self.commit.short()),
                why: format!("it has {} bytes, at most {max_bytes} are read", entry.size_bytes),
            });
        }
        let mut object =
            self.repository.find_object(entry.oid.0).map_err(|error| self.failed(&entry.path, &error))?;
        if object.kind != gix::objs::Kind::Blob {
            return Err(Error::corrupt(format!("`{}` in {}", entry.path, self.commit), "it is not a blob"));
        }
        Ok(std::mem::take(&mut object.data))
    }

    /// All files below the folder `prefix` (empty for all), links and submodules included, folders not.
    pub fn list(&self, prefix: &str) -> Result<Vec<Entry>> {
        let mut entries = Vec::new();
        self.walk(prefix, &mut |path, kind, oid| {
            if kind != EntryKind::Folder {
                entries.push(Entry { path, kind, oid, size_bytes: 0 });
            }
        })?;
        for entry in &mut entries {
            entry.size_bytes = self.size(entry.kind, entry.oid, &entry.path)?;
        }
        Ok(entries)
    }

    /// The paths of all files with exactly this name, in tree order.
    pub fn find_named(&self, name: &str) -> Result<Vec<String>> {
        self.find_files("", &|path| path.rsplit('/').next() == Some(name))
    }

    /// The paths of all files below the folder `prefix` (empty for all) that are wanted, in tree order; no file is
    /// looked at.
    pub fn find_files(&self, prefix: &str, is_wanted: &dyn Fn(&str) -> bool) -> Result<Vec<String>> {
        let mut paths = Vec::new();
        self.walk(prefix, &mut |path, kind, _oid| {
            if matches!(kind, EntryKind::File | EntryKind::Executable) && is_wanted(&path) {
                paths.push(path);
            }
        })?;
        Ok(paths)
    }

    /// What stands directly in a folder, found by its tree: name, kind and object.
    pub fn children(&self, tree: Oid) -> Result<Rc<[(String, EntryKind, Oid)]>> {
        self.entries_of(tree, "")
    }

    fn walk(&self, prefix: &str, visit: &mut dyn FnMut(String, EntryKind, Oid)) -> Result<()> {
        let Some(root) = self.subtree(prefix)? else { return Ok(()) };
        let prefix = prefix.trim_matches('/').to_owned();
        let mut pending = vec![(prefix, root, 0_usize)];
        let mut visited = 0_usize;
        let mut known: BTreeMap<Oid, Rc<[Named]>> = BTreeMap::new();
        while let Some((folder, tree, depth)) = pending.pop() {
            let entries = match known.get(&tree) {
                Some(entries) => Rc::clone(entries),
                None => self.entries_of(tree, &folder)?,
            };
            if known.len() < KNOWN_TREES {
                known.insert(tree, Rc::clone(&entries));
            }
            let mut folders = Vec::new();
            for (name, kind, oid) in entries.iter() {
                visited += 1;
                if visited > LISTED_ENTRIES || depth > LISTED_DEPTH {
                    return Err(Error::Unsupported {
                        what: format!("version {}", self.commit.short()),
                        why: format!("it has over {LISTED_ENTRIES} entries or {LISTED_DEPTH} nested folders"),
                    });
                }
                let path = if folder.is_empty() { name.clone() } else { format!("{folder}/{name}") };
                if *kind == EntryKind::Folder {
                    folders.push((path.clone(), *oid, depth + 1));
                }
                visit(path, *kind, *oid);
            }
            pending.extend(folders.into_iter().rev());
        }
        Ok(())
    }

    fn entries_of(&self, tree: Oid, folder: &str) -> Result<Rc<[Named]>> {
        let tree = self.repository.find_tree(tree.0).map_err(|error| self.failed(folder, &error))?;
        let decoded = tree.decode().map_err(|error| self.failed(folder, &error))?;
        let named = decoded.entries.iter().map(|entry| {
            (entry.filename.to_str_lossy().into_owned(), kind_of(entry.mode), Oid(entry.oid.to_owned()))
        });
        Ok(named.collect())
    }

    fn size(&self, kind: EntryKind, oid: Oid, path: &str) -> Result<u64> {
        if matches!(kind, EntryKind::Folder | EntryKind::Submodule) {
            return Ok(0);
        }
        Ok(self.repository.find_header(oid.0).map_err(|error| self.failed(path, &error))?.size())
    }

    fn failed(&self, path: &str, error: &gix::Error) -> Error {
        // What a commit names and the store lacks is damage (or a shallow or partial clone), not a wrong question.
        match Error::from_gix(format!("`{path}` in version {}", self.commit), error) {
            Error::NotFound { what, .. } => Error::corrupt(what, "an object it is made of is missing here"),
            other => other,
        }
    }
}

fn kind_of(mode: gix::objs::tree::EntryMode) -> EntryKind {
    match mode.kind() {
        GixKind::Tree => EntryKind::Folder,
        GixKind::Blob => EntryKind::File,
        GixKind::BlobExecutable => EntryKind::Executable,
        GixKind::Link => EntryKind::Link,
        GixKind::Commit => EntryKind::Submodule,
    }
}
