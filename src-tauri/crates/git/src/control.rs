//! A bare repository of our own, from which git talks to remotes: no hook and no setting of the user's repository.

use std::path::Path;
use std::time::Duration;

use tempfile::TempDir;

use crate::command::{Git, Place};
use crate::{Error, Repository, Result, loose};

/// How long one exchange with a remote may take.
pub(crate) const REMOTE_LIMIT: Duration = Duration::from_mins(5);
/// How long a question to a remote may take.
pub(crate) const QUESTION_LIMIT: Duration = Duration::from_secs(30);

/// A private bare repository that lasts as long as one exchange.
pub(crate) struct Control(TempDir);

impl Control {
    pub(crate) fn new() -> Result<Self> {
        let folder = tempfile::Builder::new()
            .prefix("keelmark-control-")
            .tempdir()
            .map_err(|error| Error::storage("making a temporary folder", &std::env::temp_dir(), error))?;
        let make = || -> std::io::Result<()> {
            std::fs::create_dir(folder.path().join("objects"))?;
            std::fs::create_dir_all(folder.path().join("refs/heads"))?;
            std::fs::write(folder.path().join("HEAD"), "ref: refs/heads/none\n")?;
            std::fs::write(
                folder.path().join("config"),
                "[core]\n\trepositoryformatversion = 0\n\tbare = true\n",
            )
        };
        make().map_err(|error| Error::storage("making a control folder", folder.path(), error))?;
        Ok(Self(folder))
    }

    /// One that can name every object of `repository`, and knows where a shallow history ends.
    pub(crate) fn over(repository: &Repository) -> Result<Self> {
        let control = Self::new()?;
        let shallow = repository.common_dir().join("shallow");
        if shallow.is_file() {
            std::fs::copy(&shallow, control.0.path().join("shallow"))
                .map_err(|error| Error::storage("copying", &shallow, error))?;
        }
        Ok(control)
    }

    pub(crate) fn git(&self, subcommand: &str) -> Git {
        Git::new(Place::Control(self.0.path()), subcommand)
            .config("http.lowSpeedLimit=1")
            .config("http.lowSpeedTime=30")
    }

    /// The same with the objects of `repository`.
    pub(crate) fn git_over(&self, repository: &Repository, subcommand: &str) -> Git {
        let objects = repository.common_dir().join("objects");
        self.git(subcommand).env("GIT_ALTERNATE_OBJECT_DIRECTORIES", loose::quoted_alternate(&objects))
    }

    pub(crate) fn path(&self) -> &Path {
        self.0.path()
    }
}
