//! Which of the folders that are Keelmark's differ between two commits.

use std::collections::{BTreeMap, BTreeSet};

use keelmark_git::{EntryKind, Oid, Plan, Repository, TreeEdit, Version};

use crate::Result;

/// The folders a promotion may change.
#[derive(Debug)]
pub(crate) struct Claimed {
    pub(crate) release: String,
    pub(crate) evidence: String,
}

/// The folders of ours in which something differs.
pub(crate) fn changed(
    repository: &Repository,
    before: Option<&Version>,
    now: &Version,
    claimed: Option<&Claimed>,
) -> Result<BTreeSet<String>> {
    // Most promotions change what they claim and nothing else: then no other folder has to be looked into.
    if let Some(Claimed { release, evidence }) = claimed
        && only_these(repository, before, now, [release, evidence])?
    {
        let differs =
            |folder: &&String| -> Result<bool> { Ok(subtree(before, folder)? != now.subtree(folder)?) };
        let mut folders = BTreeSet::new();
        for folder in [release, evidence] {
            if differs(&folder)? {
                folders.insert(folder.clone());
            }
        }
        return Ok(folders);
    }
    let mut folders = BTreeSet::new();
    for top in ["environments", "evidence"] {
        if subtree(before, top)? != now.subtree(top)? {
            let earlier = before.map(|before| files(before, top)).transpose()?.unwrap_or_default();
            let later = files(now, top)?;
            let names: BTreeSet<&String> = earlier.keys().chain(later.keys()).collect();
            let differing = names.into_iter().filter(|name| earlier.get(*name) != later.get(*name));
            folders.extend(differing.cloned());
        }
    }
    Ok(folders)
}

fn subtree(version: Option<&Version>, path: &str) -> Result<Option<Oid>> {
    Ok(version.map(|version| version.subtree(path)).transpose()?.flatten())
}

/// Whether the earlier tree with these folders put in its place is the later tree.
fn only_these(
    repository: &Repository,
    before: Option<&Version>,
    now: &Version,
    folders: [&String; 2],
) -> Result<bool> {
    let mut edits = Vec::new();
    for folder in folders {
        edits.push(match now.subtree(folder)? {
            Some(tree) => TreeEdit::folder(folder, tree),
            None => TreeEdit::Remove { path: folder.clone() },
        });
    }
    let expected = Plan::new(repository).tree(before.map(Version::tree_id), &edits)?;
    Ok(expected == now.tree_id())
}

type Files = BTreeMap<String, (EntryKind, Oid)>;

/// The files in folders of ours, by folder.
fn files(version: &Version, top: &str) -> Result<BTreeMap<String, Files>> {
    let mut folders: BTreeMap<String, Files> = BTreeMap::new();
    for entry in version.list(top)? {
        if let Some(folder) = folder_of(&entry.path) {
            let folder = folder.to_owned();
            folders.entry(folder).or_default().insert(entry.path, (entry.kind, entry.oid));
        }
    }
    Ok(folders)
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
