//! A folder that nothing leads out of.

use std::io::{ErrorKind, Read, Write};
use std::path::Path;

use cap_std::ambient_authority;
use cap_std::fs::{Dir, Metadata, OpenOptions};

use crate::{Error, MAX_FILE_BYTES, Source};

/// A folder whose files are read by paths that cannot leave it: no `..`, no absolute path, no link to the outside.
#[derive(Debug)]
pub struct RootedDir(Dir);

impl RootedDir {
    /// Opens the folder at `path`.
    pub fn open(path: &Path) -> Result<Self, Error> {
        Dir::open_ambient_dir(path, ambient_authority())
            .map(Self)
            .map_err(|source| Error::Storage { path: path.display().to_string(), source })
    }

    /// Writes a file so that it is whole or as it was, and durable.
    pub fn write(&self, path: &str, bytes: &[u8]) -> Result<(), Error> {
        let failed = |source| Error::Storage { path: path.to_owned(), source };
        let temporary = format!("{path}.keelmark-new");
        let mut file = self.0.create(&temporary).map_err(failed)?;
        file.write_all(bytes).and_then(|()| file.sync_all()).map_err(failed)?;
        self.0.rename(&temporary, &self.0, path).map_err(failed)?;
        self.0.open(".").and_then(|folder| folder.sync_all()).map_err(failed)
    }
}

/// What is at a path.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Found {
    File {
        size_bytes: u64,
    },
    Folder,
    /// A pipe, a socket, a device.
    Other,
}

/// A file that is being written under a passing name, locked for as long as it is open.
pub(crate) type Partial = std::fs::File;

impl RootedDir {
    /// Makes a folder and those above it; none of them may be a link.
    pub(crate) fn make_folder(&self, path: &str) -> Result<Self, Error> {
        let ends = path.match_indices('/').map(|(at, _)| at).chain([path.len()]);
        for above in ends.filter_map(|at| path.get(..at)) {
            match self.found_unfollowed(above)? {
                Some(Found::Folder) => {}
                None => {
                    self.0.create_dir(above).map_err(storage(above))?;
                    self.sync(above.rsplit_once('/').map_or("", |(folder, _)| folder))?;
                }
                Some(_) => {
                    let why = "it is a link or a file, and nothing is written through it".to_owned();
                    return Err(Error::Unsupported { what: format!("`{above}`"), why });
                }
            }
        }
        self.0.open_dir(path).map(Self).map_err(storage(path))
    }

    /// Begins a file under a passing name. What a program that died left under it is begun anew; where another program
    /// writes it at this moment that is told.
    pub(crate) fn begin(&self, partial: &str) -> Result<Partial, Error> {
        let mut options = OpenOptions::new();
        options.write(true).create(true);
        let file = self.0.open_with(partial, &options).map_err(storage(partial))?.into_std();
        file.try_lock().map_err(|error| Error::Storage { path: partial.to_owned(), source: error.into() })?;
        file.set_len(0).map_err(storage(partial))?;
        Ok(file)
    }

    /// Makes a file that was begun durable and read-only, and puts it in its place.
    pub(crate) fn settle(&self, file: &Partial, partial: &str, path: &str) -> Result<(), Error> {
        let mut permissions = file.metadata().map_err(storage(partial))?.permissions();
        permissions.set_readonly(true);
        file.set_permissions(permissions).map_err(storage(partial))?;
        file.sync_all().map_err(storage(partial))?;
        let folder = path.rsplit_once('/').map_or("", |(folder, _)| folder);
        if !folder.is_empty() {
            self.make_folder(folder)?;
        }
        self.0.rename(partial, &self.0, path).map_err(storage(path))?;
        self.sync(folder)
    }

    /// Takes a file away that was begun and is not wanted.
    pub(crate) fn discard(&self, partial: &str) -> Result<(), Error> {
        match self.0.remove_file(partial) {
            Err(error) if error.kind() != ErrorKind::NotFound => Err(storage(partial)(error)),
            _ => Ok(()),
        }
    }

    fn sync(&self, folder: &str) -> Result<(), Error> {
        let asked = if folder.is_empty() { "." } else { folder };
        self.0.open(asked).and_then(|folder| folder.sync_all()).map_err(storage(folder))
    }
}

/// So many bytes of a file are in memory at once while it is only digested or copied.
const PORTION_BYTES: usize = 1 << 16;

impl RootedDir {
    /// The folder at `path` within this one; `None` where there is none.
    pub(crate) fn folder(&self, path: &str) -> Result<Option<Self>, Error> {
        match self.found(path)? {
            Some(Found::Folder) => self.0.open_dir(path).map(|dir| Some(Self(dir))).map_err(storage(path)),
            _ => Ok(None),
        }
    }

    /// What is at `path`, links followed as far as they stay within.
    pub(crate) fn found(&self, path: &str) -> Result<Option<Found>, Error> {
        // The empty path is the folder itself.
        let asked = if path.is_empty() { "." } else { path };
        present(self.0.metadata(asked)).map_err(storage(path))
    }

    /// What is at `path`; a link is something other.
    pub(crate) fn found_unfollowed(&self, path: &str) -> Result<Option<Found>, Error> {
        present(self.0.symlink_metadata(path)).map_err(storage(path))
    }

    /// Hands the bytes of a file over in portions; `false` where there is no file.
    pub(crate) fn portions(
        &self,
        path: &str,
        mut take: impl FnMut(&[u8]) -> std::io::Result<()>,
    ) -> Result<bool, Error> {
        // Asked before opening: opening a named pipe would wait for its writer.
        let Some(Found::File { .. }) = self.found(path)? else { return Ok(false) };
        let mut file = self.0.open(path).map_err(storage(path))?;
        let mut portion = vec![0; PORTION_BYTES];
        loop {
            match file.read(&mut portion).map_err(storage(path))? {
                0 => return Ok(true),
                read => take(portion.get(..read).unwrap_or_default()).map_err(storage(path))?,
            }
        }
    }

    /// The names in the folder at `path`, sorted; one that is not UTF-8 is shown with `\u{fffd}`.
    pub(crate) fn names(&self, path: &str) -> Result<Vec<String>, Error> {
        let asked = if path.is_empty() { "." } else { path };
        let mut names = Vec::new();
        for entry in self.0.read_dir(asked).map_err(storage(path))? {
            names.push(entry.map_err(storage(path))?.file_name().to_string_lossy().into_owned());
        }
        names.sort_unstable();
        Ok(names)
    }
}

fn storage(path: &str) -> impl Fn(std::io::Error) -> Error + '_ {
    move |source| Error::Storage { path: path.to_owned(), source }
}

fn present(asked: std::io::Result<Metadata>) -> std::io::Result<Option<Found>> {
    match asked {
        Ok(data) if data.is_file() => Ok(Some(Found::File { size_bytes: data.len() })),
        Ok(data) if data.is_dir() => Ok(Some(Found::Folder)),
        Ok(_) => Ok(Some(Found::Other)),
        Err(error) if matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory) => Ok(None),
        Err(error) => Err(error),
    }
}

impl Source for RootedDir {
    fn read(&self, path: &str) -> Result<Option<Vec<u8>>, Error> {
        let failed = |source| Error::Storage { path: path.to_owned(), source };
        // Asked before opening: opening a named pipe would wait for its writer.
        let Some(Found::File { size_bytes: size }) = self.found(path)? else { return Ok(None) };
        let too_large = || Error::Unsupported {
            what: format!("`{path}`"),
            why: format!("it is larger than {MAX_FILE_BYTES} bytes"),
        };
        if size > MAX_FILE_BYTES {
            return Err(too_large());
        }
        let mut bytes = Vec::new();
        let file = self.0.open(path).map_err(failed)?;
        file.take(MAX_FILE_BYTES + 1).read_to_end(&mut bytes).map_err(failed)?;
        if bytes.len() as u64 > MAX_FILE_BYTES { Err(too_large()) } else { Ok(Some(bytes)) }
    }

    /// A folder cannot know.
    fn is_versioned(&self, _path: &str) -> bool {
        false
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_leads_out() {
        let outside = tempfile::tempdir().expect("a folder");
        std::fs::write(outside.path().join("secret.csv"), "a\n1\n").expect("written");
        let inside = outside.path().join("repo");
        std::fs::create_dir(&inside).expect("a folder");
        std::fs::write(inside.join("ok.csv"), "a\n1\n").expect("written");
        let root = RootedDir::open(&inside).expect("opened");
        assert_eq!(root.read("ok.csv").expect("read").as_deref(), Some(b"a\n1\n".as_slice()));
        assert!(root.read("none.csv").expect("asked").is_none(), "a missing file is no error");
        assert!(root.read("ok.csv/x").expect("asked").is_none(), "a file is not a folder");
        assert!(root.read("../secret.csv").is_err(), "`..` must not leave the folder");
        let absolute = outside.path().join("secret.csv");
        assert!(root.read(absolute.to_str().expect("UTF-8")).is_err(), "an absolute path must be refused");
        #[cfg(unix)]
        {
            std::os::unix::fs::symlink("../secret.csv", inside.join("link.csv")).expect("linked");
            std::os::unix::fs::symlink("ok.csv", inside.join("alias.csv")).expect("linked");
            assert!(root.read("link.csv").is_err(), "a link to the outside must not be followed");
            assert!(root.read("alias.csv").expect("read").is_some(), "a link that stays inside is fine");
        }
    }
}
