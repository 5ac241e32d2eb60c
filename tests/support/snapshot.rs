//! What a folder holds, to prove that nothing was written.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use sha2::{Digest, Sha256};

/// Every path below a folder (work tree and `.git` alike) with the digest of its kind, mode and content.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Snapshot {
    folder: PathBuf,
    entries: BTreeMap<String, String>,
}

impl Snapshot {
    /// Reads the whole folder.
    #[track_caller]
    pub fn of(folder: &Path) -> Self {
        let mut entries = BTreeMap::new();
        note(folder, folder, &mut entries);
        Self { folder: folder.to_path_buf(), entries }
    }

    /// One digest of everything.
    pub fn digest(&self) -> String {
        let mut digest = Sha256::new();
        for (path, of_path) in &self.entries {
            digest.update(format!("{path}\0{of_path}\n"));
        }
        hex(&digest.finalize())
    }

    /// What came (`+`), went (`-`) or changed (`~`) since, as lines.
    #[track_caller]
    pub fn changes(&self) -> Vec<String> {
        let now = Self::of(&self.folder).entries;
        let gone =
            self.entries.keys().filter(|path| !now.contains_key(*path)).map(|path| format!("- {path}"));
        let new = now.iter().filter_map(|(path, digest)| match self.entries.get(path) {
            None => Some(format!("+ {path}")),
            Some(before) if before != digest => Some(format!("~ {path}")),
            Some(_) => None,
        });
        gone.chain(new).collect()
    }

    /// Demands that the folder is as it was, byte for byte.
    #[track_caller]
    pub fn assert_unchanged(&self, why: &str) {
        let changes = self.changes();
        assert!(changes.is_empty(), "{why}, but {} changed: {changes:#?}", self.folder.display());
    }
}

#[track_caller]
fn note(root: &Path, path: &Path, entries: &mut BTreeMap<String, String>) {
    let metadata = match fs::symlink_metadata(path) {
        Ok(metadata) => metadata,
        Err(error) => panic!("cannot look at {}: {error}", path.display()),
    };
    let content = if metadata.is_symlink() {
        let target = fs::read_link(path).expect("a link can be read");
        format!("link {}", target.display())
    } else if metadata.is_dir() {
        let listing = fs::read_dir(path).expect("a folder of ours can be listed");
        listing.flatten().for_each(|entry| note(root, &entry.path(), entries));
        "folder".to_owned()
    } else {
        let bytes = fs::read(path).expect("a file of ours can be read");
        format!("file {} {}", mode(&metadata), hex(&Sha256::digest(bytes)))
    };
    let relative = path.strip_prefix(root).expect("paths are listed below the root");
    entries.insert(relative.to_string_lossy().into_owned(), content);
}

fn mode(metadata: &fs::Metadata) -> u32 {
    use std::os::unix::fs::PermissionsExt;
    metadata.permissions().mode() & 0o777
}

pub fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::with_capacity(bytes.len() * 2), |text, byte| text + &format!("{byte:02x}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_of_change_is_seen() {
        let folder = tempfile::tempdir().expect("a folder");
        let at = |name: &str| folder.path().join(name);
        for name in ["same", "gone", "other"] {
            fs::write(at(name), name).expect("a file");
        }
        let before = Snapshot::of(folder.path());
        before.assert_unchanged("nothing was done");
        fs::remove_file(at("gone")).expect("a file to remove");
        fs::write(at("other"), "xther").expect("a file");
        fs::create_dir(at("new")).expect("a folder");
        assert_eq!(before.changes(), ["- gone", "+ new", "~ other"], "each is told once");
        assert_ne!(before.digest(), Snapshot::of(folder.path()).digest(), "the digest tells them apart");
    }
}
