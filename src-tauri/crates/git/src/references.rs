//! Refs and tags as they stand, and which branch counts as the protected one.

use gix::bstr::ByteSlice;
use keelmark_types::CommitId;

use crate::{Error, Oid, Repository, Result, Signature};

/// A ref and the object it points at, not peeled.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Reference {
    /// Its full name, e.g. `refs/heads/main`.
    pub name: String,
    /// What it points at.
    pub oid: Oid,
}

/// A tag of a commit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tag {
    /// Its name without `refs/tags/`.
    pub name: String,
    /// The commit it stands for.
    pub commit: CommitId,
    /// What an annotated tag says.
    pub annotation: Option<Annotation>,
}

/// What an annotated tag says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Annotation {
    /// The tag object.
    pub oid: Oid,
    /// Who tagged, and when.
    pub tagger: Option<Signature>,
    /// The message.
    pub message: String,
}

impl Repository {
    /// Every ref below `prefix` (e.g. `refs/keelmark/runs/`), by name. Symbolic refs are left out.
    pub fn refs(&self, prefix: &str) -> Result<Vec<Reference>> {
        let local = self.local();
        let failed = |error: gix::Error| Error::from_gix(format!("the refs below {prefix}"), &error);
        let platform = local.references().map_err(failed)?;
        let mut found = Vec::new();
        for reference in platform.prefixed(prefix.as_bytes()).map_err(failed)? {
            let reference = match reference {
                Ok(reference) => reference,
                Err(error) => {
                    tracing::warn!(%error, "a ref that cannot be read is left out");
                    continue;
                }
            };
            if let Some(id) = reference.try_id()
                && let Ok(name) = reference.name().as_bstr().to_str()
            {
                found.push(Reference { name: name.to_owned(), oid: Oid(id.detach()) });
            }
        }
        found.sort();
        Ok(found)
    }

    /// What the ref with this full name points at, following symbolic refs, not peeling tags.
    pub fn find_ref(&self, name: &str) -> Result<Option<Oid>> {
        let local = self.local();
        let failed = |error: gix::Error| Error::from_gix(name.to_owned(), &error);
        let full: gix::refs::FullName = name
            .try_into()
            .map_err(|_| Error::invalid(format!("`{name}`"), "it is not the full name of a ref"))?;
        let Some(reference) = local.try_find_reference(full.as_ref()).map_err(failed)? else {
            return Ok(None);
        };
        let mut reference = reference;
        match reference.follow_to_object() {
            Ok(id) => Ok(Some(Oid(id.detach()))),
            Err(error) if error.is_not_found() => Ok(None),
            Err(error) => Err(failed(error)),
        }
    }

    /// The commit of `HEAD`; `None` before the first commit.
    pub fn head(&self) -> Result<Option<CommitId>> {
        let local = self.local();
        let mut head = local.head().map_err(|error| Error::from_gix("HEAD", &error))?;
        let id = head.try_peel_to_id().map_err(|error| Error::from_gix("HEAD", &error))?;
        Ok(id.map(|id| Oid(id.detach()).to_commit_id()))
    }

    /// Every tag of a commit, by name; tags of other objects are left out.
    pub fn tags(&self) -> Result<Vec<Tag>> {
        let local = self.local();
        let mut tags = Vec::new();
        for Reference { name, oid } in self.refs("refs/tags/")? {
            let read = |error: gix::Error| Error::from_gix(name.clone(), &error);
            let Some(object) = local.try_find_object(oid.0).map_err(read)? else { continue };
            let annotation = match object.kind {
                gix::objs::Kind::Tag => Some(annotation(oid, &object).map_err(read)?),
                _ => None,
            };
            let Ok(commit) = object.peel_to_kind(gix::objs::Kind::Commit) else { continue };
            let name = name.strip_prefix("refs/tags/").unwrap_or(&name).to_owned();
            tags.push(Tag { name, commit: Oid(commit.id).to_commit_id(), annotation });
        }
        Ok(tags)
    }

    /// The name of the default branch: what `origin/HEAD` says, else `origin/main` or `origin/master`, else the
    /// same of the local ones, else the branch of `HEAD`.
    pub fn default_branch(&self) -> Result<String> {
        Ok(self.protected()?.0)
    }

    /// The tip of the default branch as fetched from origin, else as it is here: what gates and environments are
    /// read from.
    pub fn protected_base(&self) -> Result<CommitId> {
        let (branch, tip) = self.protected()?;
        tip.map(Oid::to_commit_id).ok_or_else(|| Error::not_found(format!("a commit on `{branch}`")))
    }

    fn protected(&self) -> Result<(String, Option<Oid>)> {
        let origin = "refs/remotes/origin/";
        if let Some(full) = self.symbolic_target("refs/remotes/origin/HEAD")?
            && let Some(branch) = full.strip_prefix(origin)
            && let Some(tip) = self.find_ref(&full)?
        {
            return Ok((branch.to_owned(), Some(tip)));
        }
        for prefix in [origin, "refs/heads/"] {
            for branch in ["main", "master"] {
                if let Some(tip) = self.find_ref(&format!("{prefix}{branch}"))? {
                    return Ok((branch.to_owned(), Some(tip)));
                }
            }
        }
        let head = self.head()?.map(Oid::from);
        let name = self.head_branch()?.unwrap_or_else(|| "HEAD".to_owned());
        Ok((name, head))
    }

    /// The branch `HEAD` is on; `None` where it is on a commit.
    pub fn head_branch(&self) -> Result<Option<String>> {
        let name = self.local().head_name().map_err(|error| Error::from_gix("HEAD", &error))?;
        Ok(name.map(|name| name.shorten().to_str_lossy().into_owned()))
    }

    fn symbolic_target(&self, name: &str) -> Result<Option<String>> {
        let local = self.local();
        let failed = |error: gix::Error| Error::from_gix(name.to_owned(), &error);
        let Some(reference) = local.try_find_reference(name).map_err(failed)? else { return Ok(None) };
        Ok(match reference.target() {
            gix::refs::TargetRef::Symbolic(target) => target.as_bstr().to_str().ok().map(str::to_owned),
            gix::refs::TargetRef::Object(_) => None,
        })
    }
}

fn annotation(oid: Oid, object: &gix::Object<'_>) -> gix::Result<Annotation> {
    let tag = object.try_to_tag_ref()?;
    Ok(Annotation {
        oid,
        tagger: tag.tagger()?.map(Signature::from_gix),
        message: tag.message.to_str_lossy().trim_end().to_owned(),
    })
}
