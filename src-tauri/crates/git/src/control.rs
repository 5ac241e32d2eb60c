//! A bare repository of our own, from which git talks to remotes: no hook and no setting of the user's repository.

use std::fs::OpenOptions;
use std::io::Write;
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;
use std::time::Duration;

use tempfile::TempDir;

use crate::command::{Git, Place};
use crate::{Error, RemoteUrl, Repository, Result, loose};

/// How long one exchange with a remote may take.
pub(crate) const REMOTE_LIMIT: Duration = Duration::from_mins(5);
/// How long a question to a remote may take.
pub(crate) const QUESTION_LIMIT: Duration = Duration::from_secs(30);

/// The name of the one remote of a control repository.
pub(crate) const TARGET: &str = "target";
const CONFIGURATION: &str = "[core]\n\trepositoryformatversion = 0\n\tbare = true\n";

/// A private bare repository that lasts as long as one exchange.
pub(crate) struct Control(TempDir);

impl Control {
    /// One that knows `url` as [`TARGET`], so that it is no argument that others can see.
    pub(crate) fn naming(url: &RemoteUrl) -> Result<Self> {
        let control = Self::new()?;
        control.configure(&format!("[remote \"{TARGET}\"]\n\turl = {}\n", quoted(url.exposed())))?;
        Ok(control)
    }

    /// The same for connecting: git hands the address to its transport as an argument, so a secret in it goes into a
    /// file of this private folder instead, from which git's own `credential-store` answers.
    pub(crate) fn towards(url: &RemoteUrl) -> Result<Self> {
        let Some((bare, secret)) = url.without_secret() else { return Self::naming(url) };
        let control = Self::naming(&bare)?;
        let path = control.path().join("credentials");
        let write = || {
            let mut file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(&path)?;
            file.write_all(format!("{secret}\n").as_bytes())
        };
        write().map_err(|error| Error::storage("writing", &path, error))?;
        let Some(path) = path.to_str().filter(|path| !path.contains('\'')) else {
            return Err(Error::invalid(
                "the folder for temporary files",
                "its path must be UTF-8 without a quote",
            ));
        };
        let helper = quoted(&format!("store --file='{path}'"));
        control.configure(&format!("[credential]\n\thelper =\n\thelper = {helper}\n"))?;
        Ok(control)
    }

    fn configure(&self, section: &str) -> Result<()> {
        let path = self.path().join("config");
        OpenOptions::new()
            .append(true)
            .open(&path)
            .and_then(|mut file| file.write_all(section.as_bytes()))
            .map_err(|error| Error::storage("writing", &path, error))
    }

    pub(crate) fn new() -> Result<Self> {
        let folder = tempfile::Builder::new()
            .prefix("keelmark-control-")
            .tempdir()
            .map_err(|error| Error::storage("making a temporary folder", &std::env::temp_dir(), error))?;
        let make = || -> std::io::Result<()> {
            std::fs::create_dir(folder.path().join("objects"))?;
            std::fs::create_dir_all(folder.path().join("refs/heads"))?;
            std::fs::write(folder.path().join("HEAD"), "ref: refs/heads/none\n")?;
            std::fs::write(folder.path().join("config"), CONFIGURATION)
        };
        make().map_err(|error| Error::storage("making a control folder", folder.path(), error))?;
        Ok(Self(folder))
    }

    /// Takes over where a shallow history ends, for pushes out of `repository`.
    pub(crate) fn share_edge(&self, repository: &Repository) -> Result<()> {
        let shallow = repository.common_dir().join("shallow");
        if shallow.is_file() {
            std::fs::copy(&shallow, self.path().join("shallow"))
                .map_err(|error| Error::storage("copying", &shallow, error))?;
        }
        Ok(())
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

/// A text as a value of a configuration file. Addresses hold no control characters.
fn quoted(text: &str) -> String {
    format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\""))
}
