//! From what a person types to one commit.

use gix::bstr::ByteSlice;
use keelmark_types::CommitId;

use crate::{Error, Oid, Repository, Result};

/// The longest revision that is looked at.
const LONGEST_REVISION_BYTES: usize = 1024;
/// How many near names an error offers.
const NEAR_NAMES: usize = 3;

impl Repository {
    /// The commit a revision names: an id or the beginning of one, a branch, a tag (`digits@v1.0.0`), `HEAD~2`.
    pub fn resolve(&self, revision: &str) -> Result<CommitId> {
        let quoted = || format!("revision `{revision}`");
        if revision.is_empty() || revision.len() > LONGEST_REVISION_BYTES || revision.contains(['\0', '\n']) {
            return Err(Error::invalid(format!("`{}`", revision.escape_debug()), "it is not a revision"));
        }
        let local = self.local();
        // A tag may hold `@` and `#`, which the revision syntax reads otherwise: names go first.
        let named = match gix::refs::PartialName::try_from(revision) {
            Ok(name) => local.try_find_reference(name.as_ref()).unwrap_or_else(|error| {
                tracing::debug!(%error, revision, "not a readable ref");
                None
            }),
            Err(_) => None,
        };
        let object = match named {
            Some(mut reference) => {
                reference.peel_to_id().map_err(|error| Error::from_gix(quoted(), &error))?
            }
            None => local.rev_parse_single(revision).map_err(|error| self.unresolved(revision, &error))?,
        };
        let object = object.object().map_err(|error| Error::from_gix(quoted(), &error))?;
        let commit = object
            .peel_to_kind(gix::objs::Kind::Commit)
            .map_err(|_| Error::invalid(quoted(), "it names an object that is not a commit"))?;
        Ok(Oid(commit.id).to_commit_id())
    }

    fn unresolved(&self, revision: &str, error: &gix::Error) -> Error {
        let why = crate::error::chain(error);
        let is_hex = revision.len() >= 4 && revision.bytes().all(|byte| byte.is_ascii_hexdigit());
        if is_hex && why.contains("ambiguous") {
            return Error::invalid(format!("`{revision}`"), "several objects begin so; give more digits");
        }
        tracing::debug!(%why, revision, "not resolved");
        Error::NotFound { what: format!("revision `{revision}`"), near: self.near(revision) }
    }

    /// Branch and tag names close to what was typed, best first.
    fn near(&self, typed: &str) -> Vec<String> {
        let mut names: Vec<(usize, String)> = Vec::new();
        for prefix in ["refs/heads/", "refs/tags/", "refs/remotes/"] {
            for reference in self.refs(prefix).unwrap_or_default() {
                let name = reference.name.strip_prefix(prefix).unwrap_or(&reference.name).to_owned();
                let distance = distance(&typed.to_lowercase(), &name.to_lowercase());
                let is_part = typed.len() >= 2 && name.contains(typed);
                if is_part || distance <= 1 + typed.chars().count() / 3 {
                    names.push((if is_part { distance.min(1) } else { distance }, name));
                }
            }
        }
        names.sort();
        names.dedup_by(|a, b| a.1 == b.1);
        names.into_iter().map(|(_, name)| name).take(NEAR_NAMES).collect()
    }
}

/// How many letters must be put in, left out or changed to come from one text to the other; long texts are far.
fn distance(a: &str, b: &str) -> usize {
    let (a, b): (Vec<char>, Vec<char>) = (a.chars().take(64).collect(), b.chars().take(64).collect());
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, left) in a.iter().enumerate() {
        let mut diagonal = i;
        if let Some(first) = row.first_mut() {
            *first = i + 1;
        }
        for (j, right) in b.iter().enumerate() {
            let substituted = diagonal + usize::from(left != right);
            diagonal = row[j + 1];
            row[j + 1] = substituted.min(row[j] + 1).min(diagonal + 1);
        }
    }
    row.last().copied().unwrap_or(0)
}

/// Whether a text is a full ref name that git accepts.
pub(crate) fn is_full_ref_name(name: &str) -> bool {
    name.starts_with("refs/")
        && name.split('/').count() >= 3
        && gix::validate::reference::name(name.as_bytes().as_bstr()).is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_distance_of_names_counts_letters() {
        assert_eq!(distance("main", "main"), 0);
        assert_eq!(distance("mian", "main"), 2, "a swap is two changes");
        assert_eq!(distance("", "abc"), 3);
        assert_eq!(distance("kitten", "sitting"), 3);
    }

    #[test]
    fn only_full_ref_names_are_published() {
        for good in ["refs/heads/main", "refs/tags/digits@v1.0.0", "refs/tags/digits#production#5"] {
            assert!(is_full_ref_name(good), "{good} is a ref of ours");
        }
        for bad in
            ["main", "HEAD", "refs/heads/a..b", "refs/heads/", "refs/x", "refs/heads/a b", "refs/heads/-\n"]
        {
            assert!(!is_full_ref_name(bad), "{bad:?} must not reach git");
        }
    }
}
