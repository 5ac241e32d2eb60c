//! The files of a work tree as they lie on disk, read by paths that cannot leave it.

use std::hash::{DefaultHasher, Hash, Hasher};
use std::io::Read;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use cap_std::ambient_authority;
use cap_std::fs::Dir;

use crate::{EntryKind, Error, Repository, Result};

/// A work tree's folder, to be read: no `..`, no absolute path, no link leads out of it.
#[derive(Debug)]
pub struct WorkFiles {
    root: PathBuf,
    folder: Dir,
}

/// A file's size and when it changed last.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FileStamp {
    /// Its size.
    pub size_bytes: u64,
    /// When it changed last, where the system says it.
    pub modified: Option<SystemTime>,
}

/// All files below a folder with their sizes and times, as one number: another number means that something changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FolderStamp(u64);

/// The deepest folder that a stamp looks into.
const MAX_STAMP_DEPTH: usize = 32;

impl Repository {
    /// The files of the work tree, ignored ones too; `None` for a bare repository.
    pub fn work_files(&self) -> Result<Option<WorkFiles>> {
        let Some(root) = self.work_dir() else { return Ok(None) };
        let folder = Dir::open_ambient_dir(root, ambient_authority())
            .map_err(|error| Error::storage("opening", root, error))?;
        Ok(Some(WorkFiles { root: root.to_owned(), folder }))
    }
}

impl WorkFiles {
    /// What stands directly in a folder, by name, at most `most` of it, and whether that was all. Links are told as
    /// such, other things than files and folders are left out; nothing is there where there is no folder.
    pub fn children(&self, folder: &str, most: usize) -> Result<(Vec<(String, EntryKind)>, bool)> {
        let opened = if folder.is_empty() { self.folder.entries() } else { self.folder.read_dir(folder) };
        let entries = match opened {
            Ok(entries) => entries,
            Err(error) if is_missing(&error) => return Ok((Vec::new(), true)),
            Err(error) => return Err(self.failed(folder, error)),
        };
        let mut found = Vec::new();
        for entry in entries {
            if found.len() >= most {
                return Ok((found, false));
            }
            let entry = entry.map_err(|error| self.failed(folder, error))?;
            let kind = match entry.file_type() {
                Ok(kind) if kind.is_dir() => EntryKind::Folder,
                Ok(kind) if kind.is_file() => EntryKind::File,
                Ok(kind) if kind.is_symlink() => EntryKind::Link,
                _ => continue,
            };
            if let Ok(name) = entry.file_name().into_string() {
                found.push((name, kind));
            }
        }
        found.sort();
        Ok((found, true))
    }

    /// The bytes of the file at `path`; `None` where there is none. One over `max_bytes` is an error.
    pub fn read(&self, path: &str, max_bytes: u64) -> Result<Option<Vec<u8>>> {
        let Some(stamp) = self.stamp(path)? else { return Ok(None) };
        let too_large = || Error::Unsupported {
            what: format!("`{path}`"),
            why: format!("it is larger than {max_bytes} bytes"),
        };
        if stamp.size_bytes > max_bytes {
            return Err(too_large());
        }
        let mut bytes = Vec::new();
        let file = self.folder.open(path).map_err(|error| self.failed(path, error))?;
        file.take(max_bytes + 1).read_to_end(&mut bytes).map_err(|error| self.failed(path, error))?;
        if bytes.len() as u64 > max_bytes { Err(too_large()) } else { Ok(Some(bytes)) }
    }

    /// The stamp of the file at `path`; `None` where there is none, or a folder or link.
    pub fn stamp(&self, path: &str) -> Result<Option<FileStamp>> {
        // Asked before opening: opening a named pipe would wait for its writer.
        match self.folder.symlink_metadata(path) {
            Ok(found) if found.is_file() => Ok(Some(FileStamp {
                size_bytes: found.len(),
                modified: found.modified().ok().map(cap_std::time::SystemTime::into_std),
            })),
            Ok(_) => Ok(None),
            Err(error) if is_missing(&error) => Ok(None),
            Err(error) => Err(self.failed(path, error)),
        }
    }

    /// The stamp of everything below `folder`, of at most `most` entries, without the folders called one of `skipped`;
    /// `None` where there is no folder. Nothing is read but names, sizes and times.
    pub fn folder_stamp(&self, folder: &str, most: usize, skipped: &[&str]) -> Result<Option<FolderStamp>> {
        let opened = match self.folder.symlink_metadata(folder) {
            Ok(found) if found.is_dir() => self.folder.open_dir(folder),
            Ok(_) => return Ok(None),
            Err(error) => Err(error),
        };
        match opened {
            Ok(opened) => {
                let mut look = StampLook { sum: 0, left: most, skipped };
                look.folder(&opened, 0, 0).map_err(|error| self.failed(folder, error))?;
                Ok(Some(FolderStamp(look.sum)))
            }
            Err(error) if is_missing(&error) => Ok(None),
            Err(error) => Err(self.failed(folder, error)),
        }
    }

    /// Where the file at `path` lies, for a library that opens files by itself; `None` where there is no file, or a
    /// link on the way to it.
    pub fn place(&self, path: &str) -> Result<Option<PathBuf>> {
        if self.stamp(path)?.is_none() {
            return Ok(None);
        }
        let place = self.root.join(path);
        let real = std::fs::canonicalize(&place).map_err(|error| self.failed(path, error))?;
        Ok((real == place).then_some(place))
    }

    fn failed(&self, path: &str, error: std::io::Error) -> Error {
        Error::storage("reading", &self.root.join(Path::new(path)), error)
    }
}

/// A look through a folder for its stamp.
struct StampLook<'a> {
    sum: u64,
    left: usize,
    skipped: &'a [&'a str],
}

impl StampLook<'_> {
    /// Adds what is in a folder whose path has the hash `within`. A sum, as entries come in any order.
    fn folder(&mut self, folder: &Dir, within: u64, depth: usize) -> std::io::Result<()> {
        for entry in folder.entries()? {
            if self.left == 0 {
                return Ok(());
            }
            self.left -= 1;
            let entry = entry?;
            let (name, about) = match entry.metadata() {
                Ok(about) => (entry.file_name(), about),
                // Gone since its name was read.
                Err(error) if is_missing(&error) => continue,
                Err(error) => return Err(error),
            };
            let mut hasher = DefaultHasher::new();
            (within, &name).hash(&mut hasher);
            let path = hasher.finish();
            if about.is_dir() {
                self.sum = self.sum.wrapping_add(path);
                let is_skipped = self.skipped.iter().any(|skipped| name == *skipped);
                if depth < MAX_STAMP_DEPTH && !is_skipped {
                    self.folder(&entry.open_dir()?, path, depth + 1)?;
                }
            } else {
                let modified = about.modified().ok().map(cap_std::time::SystemTime::into_std);
                (about.len(), modified).hash(&mut hasher);
                self.sum = self.sum.wrapping_add(hasher.finish());
            }
        }
        Ok(())
    }
}

fn is_missing(error: &std::io::Error) -> bool {
    matches!(error.kind(), std::io::ErrorKind::NotFound | std::io::ErrorKind::NotADirectory)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn work_files(root: &Path) -> WorkFiles {
        let root = std::fs::canonicalize(root).expect("there");
        let folder = Dir::open_ambient_dir(&root, ambient_authority()).expect("opened");
        WorkFiles { root, folder }
    }

    #[test]
    fn a_folders_stamp_tells_of_every_change_in_it() {
        let root = tempfile::tempdir().expect("a folder");
        let write = |path: &str, text: &str| {
            let path = root.path().join(path);
            std::fs::create_dir_all(path.parent().expect("a folder")).expect("made");
            std::fs::write(path, text).expect("written");
        };
        write("runs/a/metrics/loss", "1");
        write("runs/a/artifacts/model", "1");
        write("runs/b/meta", "1");
        let files = work_files(root.path());
        let stamp = || files.folder_stamp("runs", 100, &["artifacts"]).expect("looked").expect("there");
        let mut seen = stamp();
        assert_eq!(seen, stamp(), "nothing changed");
        let mut changes = |what: &str| {
            let now = stamp();
            assert_ne!(now, std::mem::replace(&mut seen, now), "{what}");
        };
        write("runs/a/metrics/loss", "1\n2");
        changes("a file grew");
        write("runs/a/metrics/accuracy", "");
        changes("an empty file came");
        std::fs::rename(root.path().join("runs/b"), root.path().join("runs/c")).expect("moved");
        changes("a folder has another name");
        std::fs::create_dir(root.path().join("runs/d")).expect("made");
        changes("an empty folder came");
        write("runs/a/artifacts/model", "12");
        assert_eq!(seen, stamp(), "what is in a skipped folder does not count");
        assert_eq!(files.folder_stamp("none", 9, &[]).expect("looked"), None);
        assert_eq!(files.folder_stamp("runs/a/metrics/loss", 9, &[]).expect("looked"), None, "a file");
    }

    #[test]
    fn nothing_leads_out() {
        let outside = tempfile::tempdir().expect("a folder");
        std::fs::write(outside.path().join("secret"), "a").expect("written");
        let root = outside.path().join("repo");
        std::fs::create_dir_all(root.join("a/b")).expect("a folder");
        std::fs::write(root.join("a/c"), "1234").expect("written");
        let files = work_files(&root);
        assert_eq!(files.read("a/c", 4).expect("read").as_deref(), Some(b"1234".as_slice()));
        assert!(files.read("a/c", 3).is_err(), "too large");
        assert_eq!(files.read("a/none", 3).expect("asked"), None);
        assert_eq!(files.read("a/c/d", 3).expect("asked"), None, "a file is no folder");
        assert_eq!(files.read("a", 3).expect("asked"), None, "a folder is no file");
        assert!(files.read("../secret", 9).is_err(), "`..` must not leave the folder");
        assert!(files.read("/etc/passwd", 9).is_err(), "an absolute path must be refused");
        std::os::unix::fs::symlink("../secret", root.join("link")).expect("linked");
        std::os::unix::fs::symlink("..", root.join("up")).expect("linked");
        std::os::unix::fs::symlink("a", root.join("alias")).expect("linked");
        assert_eq!(files.read("link", 9).expect("asked"), None, "a link is no file");
        assert!(files.read("up/secret", 9).is_err() && files.children("up", 9).is_err());
        assert_eq!(files.place("alias/c").expect("asked"), None, "a link is on the way");
        assert!(files.place("a/c").expect("asked").is_some());
        let all = files.children("", 9).expect("listed");
        let names: Vec<&str> = all.0.iter().map(|(name, _)| name.as_str()).collect();
        assert_eq!((names, all.1), (vec!["a", "alias", "link", "up"], true));
        assert_eq!(files.children("a", 1).expect("listed").0.len(), 1);
        assert!(!files.children("a", 1).expect("listed").1, "that was not all");
        assert_eq!(files.children("none", 1).expect("listed"), (Vec::new(), true));
    }
}
