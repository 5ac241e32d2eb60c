//! Digests of what stands in the work tree, taken as DVC takes them.

use super::listing::{self, Listing, MAX_LISTED_FILES};
use super::md5::{DigestKind, Hasher};
use crate::path::join;
use crate::rooted::Found;
use crate::{Error, RootedDir};

/// Folders nested deeper are not looked into.
const MAX_DEPTH: usize = 64;
/// What DVC never looks at.
pub(super) const NEVER: [&str; 3] = [".git", ".hg", ".dvc"];

/// What a file or folder is now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Hashed {
    File(String),
    /// The digest of its list, and the list.
    Folder(String, Listing),
}

impl Hashed {
    /// Digest, and whether it is a folder's.
    pub(crate) fn digest(&self) -> (&str, bool) {
        match self {
            Self::File(md5) => (md5, false),
            Self::Folder(md5, _) => (md5, true),
        }
    }
}

/// The digest of what is at `path`; `None` where nothing is.
pub(crate) fn hash_path(root: &RootedDir, path: &str, kind: DigestKind) -> Result<Option<Hashed>, Error> {
    match root.found(path)? {
        Some(Found::File { .. }) => Ok(hash_file(root, path, kind)?.map(Hashed::File)),
        Some(Found::Folder) => {
            let mut listing = Listing::new();
            let mut pending = vec![(String::new(), 0)];
            while let Some((inner, depth)) = pending.pop() {
                let folder = if inner.is_empty() { path.to_owned() } else { join(path, &inner) };
                for name in root.names(&folder)? {
                    let full = join(&folder, &name);
                    let inner = join(&inner, &name);
                    // DVC walks into linked folders; a link that goes round would not end.
                    let found = match root.found_unfollowed(&full)? {
                        Some(Found::Other) => root.found(&full)?.filter(|found| *found != Found::Folder),
                        found => found,
                    };
                    if NEVER.contains(&name.as_str()) {
                        continue;
                    }
                    match found {
                        Some(Found::Folder) if depth < MAX_DEPTH => pending.push((inner, depth + 1)),
                        Some(Found::File { .. }) if listing.len() < MAX_LISTED_FILES => {
                            if let Some(md5) = hash_file(root, &full, kind)? {
                                listing.insert(inner, md5);
                            }
                        }
                        Some(Found::Other) | None => {}
                        Some(Found::Folder | Found::File { .. }) => {
                            return Err(Error::Unsupported {
                                what: format!("`{path}`"),
                                why: format!(
                                    "it has over {MAX_LISTED_FILES} files or {MAX_DEPTH} nested folders"
                                ),
                            });
                        }
                    }
                }
            }
            Ok(Some(Hashed::Folder(listing::digest(kind, &listing), listing)))
        }
        Some(Found::Other) | None => Ok(None),
    }
}

fn hash_file(root: &RootedDir, path: &str, kind: DigestKind) -> Result<Option<String>, Error> {
    let mut hasher = Hasher::new(kind);
    let take = |portion: &[u8]| {
        hasher.update(portion);
        Ok(())
    };
    Ok(root.portions(path, take)?.then(|| hasher.finish()))
}
