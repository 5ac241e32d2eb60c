//! Opening a repository without trusting it.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use keelmark_types::CommitId;

use crate::command::Place;
use crate::version::Reader;
use crate::{Error, Oid, Result, Version};

/// The largest object that is ever read into memory.
const LARGEST_OBJECT_BYTES: u64 = 1 << 30;

/// A repository on this machine. Clones share what is open; any thread may use them.
///
/// It is opened with reduced trust: its configuration can name no command that would run here.
#[derive(Clone)]
pub struct Repository(Arc<Inner>);

struct Inner {
    shared: gix::ThreadSafeRepository,
    git_dir: PathBuf,
    common_dir: PathBuf,
    work_dir: Option<PathBuf>,
}

impl std::fmt::Debug for Repository {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Repository").field("git_dir", &self.0.git_dir).finish_non_exhaustive()
    }
}

impl Repository {
    /// Opens the repository at `path` or around it, bare ones included.
    pub fn open(path: impl AsRef<Path>) -> Result<Self> {
        let path = path.as_ref();
        let start = std::fs::canonicalize(path).map_err(|error| match error.kind() {
            std::io::ErrorKind::NotFound => Error::NotARepository { path: path.to_owned() },
            _ => Error::storage("opening", path, error),
        })?;
        let discover = gix::discover::upwards::Options {
            trust: gix::discover::upwards::TrustPolicy::Assume(gix::sec::Trust::Reduced),
            cross_fs: true,
            ..Default::default()
        };
        let (found, _trust) = gix::discover::upwards_opts(&start, discover).map_err(|error| {
            tracing::debug!(path = %start.display(), %error, "no repository found");
            Error::NotARepository { path: path.to_owned() }
        })?;
        let (git_dir, _work_dir) = found.into_repository_and_work_tree_directories();
        Self::open_git_dir(&git_dir)
    }

    pub(crate) fn open_git_dir(git_dir: &Path) -> Result<Self> {
        let named = || format!("the repository at `{}`", git_dir.display());
        let shared = gix::ThreadSafeRepository::open_opts(git_dir, reduced_options())
            .map_err(|error| Error::from_gix(named(), &error))?;
        let local = shared.to_thread_local();
        let canonical =
            |path: &Path| std::fs::canonicalize(path).map_err(|error| Error::storage("opening", path, error));
        let inner = Inner {
            git_dir: canonical(local.git_dir())?,
            common_dir: canonical(local.common_dir())?,
            work_dir: local.workdir().map(canonical).transpose()?,
            shared,
        };
        Ok(Self(Arc::new(inner)))
    }

    /// The folder of this work tree's own Git state, canonical.
    pub fn git_dir(&self) -> &Path {
        &self.0.git_dir
    }

    /// The folder all work trees of the repository share, canonical: what the index and locks are keyed by.
    pub fn common_dir(&self) -> &Path {
        &self.0.common_dir
    }

    /// The folder with the user's files, canonical; `None` for a bare repository.
    pub fn work_dir(&self) -> Option<&Path> {
        self.0.work_dir.as_deref()
    }

    /// Whether the object is stored here.
    pub fn has_object(&self, oid: Oid) -> bool {
        matches!(self.local().try_find_header(oid.0), Ok(Some(_)))
    }

    /// A read-only view of one version.
    pub fn version(&self, commit: &CommitId) -> Result<Version> {
        self.reader().version(commit)
    }

    /// A reader for many versions on one thread: what it looked up for one helps the next.
    pub fn reader(&self) -> Reader {
        Reader::new(self.local())
    }

    /// Whether `ancestor` is `descendant` or in its past.
    pub fn is_ancestor(&self, ancestor: &CommitId, descendant: &CommitId) -> Result<bool> {
        let (ancestor, descendant) = (Oid::from(ancestor), Oid::from(descendant));
        if ancestor == descendant {
            return Ok(true);
        }
        match self.local().merge_base(ancestor.0, descendant.0) {
            Ok(base) => Ok(base.is_some_and(|base| base.detach() == ancestor.0)),
            Err(error) => Err(Error::from_gix(format!("the history of {descendant}"), &error)),
        }
    }

    pub(crate) fn local(&self) -> gix::Repository {
        self.0.shared.to_thread_local()
    }

    /// Where git runs for questions about this repository.
    pub(crate) fn place(&self) -> Place<'_> {
        Place::Repository { git_dir: &self.0.git_dir, work_dir: self.0.work_dir.as_deref() }
    }
}

/// Options under which nothing of a repository's configuration can run a command or reach outside.
pub(crate) fn reduced_options() -> gix::open::Options {
    safe_options().with(gix::sec::Trust::Reduced)
}

/// The same for a repository that was just made here and holds no configuration of anybody else.
pub(crate) fn safe_options() -> gix::open::Options {
    gix::open::Options::isolated().config_overrides([
        format!("gitoxide.objects.allocLimit={LARGEST_OBJECT_BYTES}"),
        "core.protectNTFS=true".to_owned(),
        "core.protectHFS=true".to_owned(),
        "core.useReplaceRefs=false".to_owned(),
        "protocol.ext.allow=never".to_owned(),
        "protocol.file.allow=always".to_owned(),
        "http.lowSpeedLimit=1".to_owned(),
        "http.lowSpeedTime=30".to_owned(),
        "gitoxide.http.connectTimeout=20000".to_owned(),
    ])
}
