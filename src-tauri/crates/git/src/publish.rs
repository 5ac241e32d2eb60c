//! The one way a ref moves: compare-and-swap, on the disk before it is acknowledged.

use std::path::Path;

use keelmark_types::CommitId;

use crate::command::Git;
use crate::revision::is_full_ref_name;
use crate::{Error, Oid, Repository, Result, loose};

/// Where a ref shall go.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RefUpdate {
    /// Its full name.
    pub name: String,
    /// Where it must be now; `None` if it must not exist.
    pub old: Option<Oid>,
    /// Where it shall be.
    pub new: Oid,
    /// What its reflog says, where it has one.
    pub reason: String,
}

impl RefUpdate {
    /// A ref that does not exist yet.
    pub fn create(name: impl Into<String>, new: impl Into<Oid>, reason: impl Into<String>) -> Self {
        Self { name: name.into(), old: None, new: new.into(), reason: reason.into() }
    }

    /// A ref that is at `old`, or does not exist where that is `None`.
    pub fn from_to(
        name: impl Into<String>,
        old: Option<Oid>,
        new: impl Into<Oid>,
        reason: impl Into<String>,
    ) -> Self {
        Self { name: name.into(), old, new: new.into(), reason: reason.into() }
    }
}

impl Repository {
    /// Moves one ref, if it is where the update expects it. Once this returns, the move outlives a power cut.
    ///
    /// Refused: a name that is no full ref, an object that is not stored here, and a branch that is checked out.
    /// Doing again what was done already succeeds.
    pub fn publish(&self, update: &RefUpdate) -> Result<()> {
        self.check_movable(&update.name)?;
        self.move_ref(update)
    }

    /// Makes the first commit of the branch that is checked out, in a repository that was just made here; its work tree
    /// is filled next. Anywhere else [`Repository::publish`] is the way.
    pub fn publish_first(&self, commit: &CommitId) -> Result<()> {
        let branch = self.head_branch()?.unwrap_or_else(|| "main".to_owned());
        self.move_ref(&RefUpdate::create(format!("refs/heads/{branch}"), commit, "repository made"))
    }

    fn move_ref(&self, update: &RefUpdate) -> Result<()> {
        let RefUpdate { name, old, new, reason } = update;
        if !self.has_object(*new) {
            return Err(Error::not_found(format!("object {new}, which {name} shall point at,")));
        }
        let old_text =
            old.map_or_else(|| Oid(gix::ObjectId::null(gix::hash::Kind::Sha1)), |oid| oid).to_string();
        let reason = if reason.is_empty() { "keelmark" } else { reason.as_str() };
        let output = update_ref(self)
            .arg("-m")
            .arg(reason.replace(['\n', '\r', '\0'], " "))
            .args([name.as_str(), new.to_string().as_str(), old_text.as_str()])
            .output()?;
        self.settle(name, *old, Some(*new), output.success, &output.stderr)
    }

    /// Moves several refs, one after the other in the order given, each as [`Repository::publish`] does.
    ///
    /// This is not atomic: each ref must state one fact that is true by itself, and the first must be the one that
    /// decides. Recovery: call it again with the same updates; those that were made already succeed, the rest follow.
    /// The first that fails ends it, with those before it published.
    pub fn publish_in_order(&self, updates: &[RefUpdate]) -> Result<()> {
        updates.iter().try_for_each(|update| self.publish(update))
    }

    /// Removes a ref that is at `old`. Its objects stay until git prunes them.
    pub fn unpublish(&self, name: &str, old: Oid) -> Result<()> {
        self.check_movable(name)?;
        let output = update_ref(self).args(["-d", name, old.to_string().as_str()]).output()?;
        self.settle(name, Some(old), None, output.success, &output.stderr)
    }

    fn check_movable(&self, name: &str) -> Result<()> {
        if !is_full_ref_name(name) {
            return Err(Error::invalid(
                format!("`{}`", name.escape_debug()),
                "it is not the full name of a ref",
            ));
        }
        if name.starts_with("refs/heads/")
            && let Some(folder) = self.checked_out_in(name)?
            && !self.is_unborn_without_files(name)?
        {
            return Err(Error::Denied {
                what: format!("moving {name}"),
                why: format!(
                    "it is checked out in `{}`; switch that folder to another branch",
                    folder.display()
                ),
            });
        }
        Ok(())
    }

    /// Whether a branch has no commit yet and no index stands for its files: nobody's state would change under them.
    fn is_unborn_without_files(&self, name: &str) -> Result<bool> {
        Ok(self.find_ref(name)?.is_none() && !self.git_dir().join("index").exists())
    }

    /// What git's answer means is read from where the ref is now, not from its words.
    fn settle(
        &self,
        name: &str,
        old: Option<Oid>,
        new: Option<Oid>,
        success: bool,
        said: &str,
    ) -> Result<()> {
        let now = self.find_ref(name)?;
        if success || now == new {
            return self.sync_ref(name);
        }
        if now != old {
            return Err(Error::Conflict { reference: name.to_owned(), now });
        }
        let path = self.common_dir().join(name);
        let lock = self.common_dir().join(format!("{name}.lock"));
        if lock.exists() {
            let why = format!("another program holds `{}`", lock.display());
            return Err(Error::Denied { what: format!("moving {name}"), why });
        }
        Err(Error::storage("moving a ref", &path, std::io::Error::other(said.trim().to_owned())))
    }

    /// Flushes the folders a ref's name stands in; git flushed its bytes.
    fn sync_ref(&self, name: &str) -> Result<()> {
        let top = self.common_dir();
        let mut folder = top.join(name);
        while folder.pop() && folder.starts_with(top) {
            if folder.is_dir() {
                loose::sync(&folder)?;
            }
            if folder == Path::new(top) {
                break;
            }
        }
        Ok(())
    }
}

fn update_ref(repository: &Repository) -> Git {
    Git::new(repository.place(), "update-ref")
        .config("core.filesRefLockTimeout=2000")
        .config("core.packedRefsTimeout=2000")
        .arg("--no-deref")
}
