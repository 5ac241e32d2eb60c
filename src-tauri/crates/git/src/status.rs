//! What differs from the last commit in the user's work tree.

use std::collections::BTreeSet;

use gix::bstr::ByteSlice;

use crate::{Error, Repository, Result};

impl Repository {
    /// The paths that differ from `HEAD`: staged, changed, deleted, and files that are neither tracked nor ignored.
    /// Nothing is written, not even git's cache of file times, and no filter runs. A bare repository has none.
    pub fn status(&self) -> Result<Vec<String>> {
        Ok(self.dirty_paths()?.into_iter().collect())
    }

    /// Whether anything differs from `HEAD`.
    pub fn is_dirty(&self) -> Result<bool> {
        Ok(!self.dirty_paths()?.is_empty())
    }

    pub(crate) fn dirty_paths(&self) -> Result<BTreeSet<String>> {
        let mut paths = BTreeSet::new();
        if self.work_dir().is_none() {
            return Ok(paths);
        }
        let local = self.local();
        let failed = |error: gix::Error| Error::from_gix("the state of the work tree", &error);
        let changes = local
            .status(gix::progress::Discard)
            .map_err(failed)?
            .untracked_files(gix::status::UntrackedFiles::Files)
            .index_worktree_submodules(None)
            .tree_index_track_renames(gix::status::tree_index::TrackRenames::Disabled)
            .into_iter(None)
            .map_err(failed)?;
        for change in changes {
            let change = change.map_err(failed)?;
            if let gix::status::Item::IndexWorktree(item) = &change
                && !is_change(item)
            {
                continue;
            }
            let path = change
                .location()
                .to_str()
                .map_err(|_| Error::Unsupported {
                    what: format!("`{}`", change.location()),
                    why: "its name is not UTF-8".to_owned(),
                })?
                .to_owned();
            paths.insert(path);
        }
        Ok(paths)
    }
}

/// Leaves out what only refreshes the index, ignored files and repositories within.
fn is_change(item: &gix::status::index_worktree::Item) -> bool {
    use gix::status::index_worktree::Item;
    match item {
        Item::Modification { .. } => item.summary().is_some(),
        Item::DirectoryContents { entry, .. } => {
            matches!(entry.status, gix::dir::entry::Status::Untracked)
                && matches!(
                    entry.disk_kind,
                    Some(gix::dir::entry::Kind::File | gix::dir::entry::Kind::Symlink)
                )
        }
        Item::Rewrite { .. } => true,
    }
}
