//! Where DVC's objects are kept for all: a folder, a web server, a store that speaks S3.

mod access;
mod http;
mod s3;

use keelmark_http::Client;
use keelmark_types::{Stop, Timestamp};

pub use access::RemoteAccess;

use super::config::Config;
use super::pull_error::PullError;
use crate::resolved::without_secret;
use crate::{Error, RootedDir};

/// Takes an object's bytes in as they come.
pub(super) type Take<'a> = &'a mut dyn FnMut(&[u8]) -> std::io::Result<()>;

/// How asking for an object ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Fetched {
    Done,
    NotThere,
    Stopped,
}

/// A remote that can be asked.
pub(super) struct Remote {
    /// Its name and address without secrets, as it is told.
    pub told: String,
    kind: Kind,
}

enum Kind {
    Folder(RootedDir),
    Http(http::HttpRemote),
    S3(Box<s3::S3Remote>),
}

impl Remote {
    /// The remote of that name, else the one that is asked by default.
    pub(super) fn of(
        config: &Config,
        name: Option<&str>,
        access: &RemoteAccess<'_>,
        at: Timestamp,
    ) -> Result<Self, PullError> {
        let Some(name) = name.or_else(|| config.default_remote()) else {
            let why = match config.remotes()[..] {
                [] => "DVC's configuration names none; `dvc remote add -d NAME URL` does".to_owned(),
                ref several => format!("none of {} is the default; name one", several.join(", ")),
            };
            return Err(PullError::NoRemote { why });
        };
        let Some(url) = config.of_remote(name, "url").filter(|url| !url.value.is_empty()) else {
            let known = config.remotes().join(", ");
            let why = format!("`{name}` is not set up; the remotes are: {known}");
            return Err(PullError::NoRemote { why });
        };
        let told = format!("remote `{name}` at {}", without_secret(&url.value));
        let unsupported = |why: &str| PullError::Unsupported { remote: told.clone(), why: why.to_owned() };
        for option in ["version_aware", "worktree"] {
            if config.of_remote(name, option).is_some_and(|set| set.value.eq_ignore_ascii_case("true")) {
                return Err(unsupported("it keeps files by their names and versions, not by their digests"));
            }
        }
        let kind = match url.value.split_once("://") {
            None => {
                let path = config.path(url).ok_or_else(|| unsupported("its path cannot be told"))?;
                let opened = RootedDir::open(&path);
                Kind::Folder(opened.map_err(|error| match error {
                    Error::Storage { source, .. } => folder_problem(&told, &source),
                    other => other.into(),
                })?)
            }
            Some(("http" | "https", _)) => Kind::Http(http::HttpRemote::of(config, name, url, &told)?),
            Some(("s3", rest)) => {
                Kind::S3(Box::new(s3::S3Remote::of(config, name, rest, access, at, &told)?))
            }
            Some((scheme, _)) => {
                return Err(unsupported(&format!(
                    "{scheme} remotes are fetched by `dvc fetch`; here folders, http, https and s3 are"
                )));
            }
        };
        Ok(Self { told, kind })
    }

    /// Hands the bytes of an object over.
    pub(super) fn fetch(
        &self,
        client: &Client,
        path: &str,
        take: Take<'_>,
        stop: &Stop,
    ) -> Result<Fetched, PullError> {
        match &self.kind {
            Kind::Folder(folder) => folder_fetch(folder, path, take, stop).map_err(|error| match error {
                Error::Storage { source, .. } => folder_problem(&self.told, &source),
                other => other.into(),
            }),
            Kind::Http(remote) => remote.fetch(client, path, take, stop, &self.told),
            Kind::S3(remote) => remote.fetch(client, path, take, stop, &self.told),
        }
    }
}

fn folder_fetch(folder: &RootedDir, path: &str, take: Take<'_>, stop: &Stop) -> Result<Fetched, Error> {
    let mut stopped = false;
    let found = folder.portions(path, |portion| {
        stopped = stop.is_raised();
        if stopped {
            return Err(std::io::Error::other("stopped"));
        }
        take(portion)
    });
    match found {
        _ if stopped => Ok(Fetched::Stopped),
        Ok(true) => Ok(Fetched::Done),
        Ok(false) => Ok(Fetched::NotThere),
        Err(error) => Err(error),
    }
}

fn folder_problem(told: &str, error: &std::io::Error) -> PullError {
    let (remote, why) = (told.to_owned(), error.to_string());
    match error.kind() {
        std::io::ErrorKind::PermissionDenied => PullError::Denied { remote, why },
        _ => PullError::Unreachable { remote, why },
    }
}

/// What a failure of a web server means.
fn http_problem(told: &str, error: keelmark_http::Error) -> PullError {
    let remote = told.to_owned();
    match error {
        keelmark_http::Error::Storage { source, .. } => {
            Error::Storage { path: "DVC's cache".to_owned(), source }.into()
        }
        keelmark_http::Error::Invalid { why, .. } => PullError::Unsupported { remote, why },
        other => PullError::Unreachable { remote, why: other.to_string() },
    }
}
