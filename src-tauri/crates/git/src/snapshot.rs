//! The user's uncommitted state as a commit, so that a dirty tree can be run.

use std::fs::File;
use std::io::Read;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use keelmark_types::CommitId;

use crate::{EntryKind, Error, Plan, Repository, Result, Signature, TreeEdit};

/// The largest file that goes into a snapshot.
const LARGEST_FILE_BYTES: u64 = 10 << 20;

/// The user's uncommitted state, stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Snapshot {
    /// The commit, its parent `HEAD`; no ref points at it.
    pub commit: CommitId,
    /// The paths in which it differs from `HEAD`.
    pub changed: Vec<String>,
    /// Changed files that are larger than 10 MiB and therefore not in it.
    pub left_out: Vec<String>,
}

impl Repository {
    /// Stores tracked and unignored files of the work tree as a commit on top of `HEAD`. The user's index, work tree
    /// and refs stay as they are; until a ref holds it (a run does), git may prune the commit after two weeks.
    pub fn snapshot(&self, author: &Signature) -> Result<Snapshot> {
        let Some(work_dir) = self.work_dir() else {
            return Err(Error::invalid("a snapshot", "a bare repository has no files to take it of"));
        };
        let head = self.head()?;
        let base = head.as_ref().map(|head| self.version(head)).transpose()?.map(|version| version.tree_id());
        let mut plan = Plan::new(self);
        let (mut edits, mut changed, mut left_out) = (Vec::new(), Vec::new(), Vec::new());
        for path in self.dirty_paths()? {
            match read_file(work_dir, &path)? {
                OnDisk::File(kind, bytes) => {
                    let oid = plan.blob(bytes)?;
                    edits.push(TreeEdit::Put { path: path.clone(), kind, oid });
                }
                OnDisk::TooLarge => {
                    left_out.push(path.clone());
                    edits.push(TreeEdit::Remove { path: path.clone() });
                }
                OnDisk::Gone => edits.push(TreeEdit::Remove { path: path.clone() }),
                OnDisk::Other => continue,
            }
            changed.push(path);
        }
        // What goes away makes room first: a file may have become a folder.
        edits.sort_by_key(|edit| matches!(edit, TreeEdit::Put { .. }));
        let tree = plan.tree(base, &edits)?;
        let parents: Vec<CommitId> = head.into_iter().collect();
        let message = ("Snapshot of uncommitted changes", "");
        let commit = plan.commit(tree, &parents, author, message, &[])?;
        self.write(&plan)?;
        Ok(Snapshot { commit, changed, left_out })
    }
}

enum OnDisk {
    File(EntryKind, Vec<u8>),
    TooLarge,
    Gone,
    Other,
}

fn read_file(work_dir: &Path, path: &str) -> Result<OnDisk> {
    let full = work_dir.join(path);
    let failed = |error: std::io::Error| Error::storage("reading", &full, error);
    if leads_outside(work_dir, path) {
        return Ok(OnDisk::Gone);
    }
    let data = match std::fs::symlink_metadata(&full) {
        Ok(data) => data,
        Err(error)
            if matches!(error.kind(), std::io::ErrorKind::NotFound | std::io::ErrorKind::NotADirectory) =>
        {
            return Ok(OnDisk::Gone);
        }
        Err(error) => return Err(failed(error)),
    };
    if data.is_symlink() {
        let target = std::fs::read_link(&full).map_err(failed)?;
        return Ok(OnDisk::File(EntryKind::Link, target.into_os_string().into_encoded_bytes()));
    }
    if data.is_dir() {
        return Ok(OnDisk::Gone);
    }
    if !data.is_file() {
        return Ok(OnDisk::Other);
    }
    let mut bytes = Vec::new();
    File::open(&full)
        .and_then(|file| file.take(LARGEST_FILE_BYTES + 1).read_to_end(&mut bytes))
        .map_err(failed)?;
    if bytes.len() as u64 > LARGEST_FILE_BYTES {
        return Ok(OnDisk::TooLarge);
    }
    let is_executable = data.permissions().mode() & 0o100 != 0;
    Ok(OnDisk::File(if is_executable { EntryKind::Executable } else { EntryKind::File }, bytes))
}

/// Whether a folder on the way is a link: what is behind it is not part of the work tree.
fn leads_outside(work_dir: &Path, path: &str) -> bool {
    let mut folder = work_dir.to_owned();
    let mut parts: Vec<&str> = path.split('/').collect();
    parts.pop();
    parts.into_iter().any(|part| {
        folder.push(part);
        std::fs::symlink_metadata(&folder).is_ok_and(|data| data.is_symlink())
    })
}
