//! Which files of a commit are Keelmark's, and which of them differ between two commits.

use std::collections::{BTreeMap, BTreeSet};

use keelmark_git::{EntryKind, Oid, Version};

use crate::Result;

/// The files below release and evidence folders, by folder.
#[derive(Debug, Default, PartialEq)]
pub(crate) struct Folders(BTreeMap<String, BTreeMap<String, (EntryKind, Oid)>>);

impl Folders {
    pub(crate) fn read(version: &Version) -> Result<Self> {
        let mut folders = Self::default();
        for top in ["environments", "evidence"] {
            for entry in version.list(top)? {
                if let Some(folder) = folder_of(&entry.path) {
                    let folder = folder.to_owned();
                    folders.0.entry(folder).or_default().insert(entry.path, (entry.kind, entry.oid));
                }
            }
        }
        Ok(folders)
    }

    /// The folders in which something differs.
    pub(crate) fn changed(&self, later: &Self) -> BTreeSet<String> {
        let names: BTreeSet<&String> = self.0.keys().chain(later.0.keys()).collect();
        names.into_iter().filter(|name| self.0.get(*name) != later.0.get(*name)).cloned().collect()
    }

    /// The paths in a folder.
    pub(crate) fn paths(&self, folder: &str) -> impl Iterator<Item = &str> {
        self.0.get(folder).into_iter().flat_map(|files| files.keys().map(String::as_str))
    }
}

/// `environments/…/release` or `evidence/<digest>`; `None` for what is the platform team's.
fn folder_of(path: &str) -> Option<&str> {
    if let Some(rest) = path.strip_prefix("evidence/") {
        let end = rest.find('/').map_or(path.len(), |at| "evidence/".len() + at);
        return path.get(..end);
    }
    // environments/<env>[/<cluster>]/<model>/release/…
    let mut depth = 0;
    for (at, part) in path.match_indices('/') {
        depth += 1;
        let rest = path.get(at + part.len()..)?;
        if (3..=4).contains(&depth) && rest.starts_with("release/") {
            return path.get(..at + part.len() + "release".len());
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_is_ours_counts() {
        assert_eq!(folder_of("environments/a/m/release/deployment.yaml"), Some("environments/a/m/release"));
        assert_eq!(folder_of("environments/a/c/m/release/model/x"), Some("environments/a/c/m/release"));
        assert_eq!(folder_of("environments/a/m/overlay.yaml"), None, "the platform team's");
        assert_eq!(folder_of("environments/a/m/releases/x"), None, "another folder");
        assert_eq!(folder_of("evidence/ab/gates.json"), Some("evidence/ab"));
    }
}
