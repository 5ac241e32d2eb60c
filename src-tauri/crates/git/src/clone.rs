//! A whole copy of a remote, or nothing.

use std::num::NonZeroU32;
use std::path::{Path, PathBuf};

use gix::progress::tree;
use keelmark_types::{CommitId, Outcome, Progress, Stop};

use crate::partial::Partial;
use crate::transfer::{self, remote_error};
use crate::{Error, RemoteUrl, Repository, Result, credentials, loose, repository};

/// What to clone, and where to.
#[derive(Debug, Clone)]
pub struct CloneOptions {
    /// A path, or a `file`, `http`, `https`, `ssh` or `git` address.
    pub url: String,
    /// A folder that does not exist yet or is empty.
    pub into: PathBuf,
    /// So many commits of each branch only.
    pub depth: Option<NonZeroU32>,
}

/// A finished clone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cloned {
    /// Where it is.
    pub path: PathBuf,
    /// The commit that is checked out; `None` for an empty repository.
    pub head: Option<CommitId>,
    /// Commits in the history of `head`.
    pub commits: u64,
    /// Bytes of the pack received.
    pub bytes: u64,
}

/// Clones with history, tags, the remote's runs and a work tree. No filter and no hook runs.
///
/// It is made in a sibling folder and renamed when whole: stopped, failed or killed, nothing is at the destination.
pub fn clone(options: &CloneOptions, progress: &dyn Progress, stop: &Stop) -> Result<Outcome<Cloned>> {
    let here = std::env::current_dir()
        .map_err(|error| Error::storage("finding the folder", Path::new("."), error))?;
    let url = transfer::effective(&RemoteUrl::parse(&options.url, &here)?)?;
    let partial = Partial::beside(&options.into)?;
    let depth = options.depth;
    let done = transfer::supervise("clone", progress, stop, move |item, stop| {
        fill(&url, partial, depth, item, stop)
    })?;
    Ok(match done {
        Some(cloned) => Outcome::Done(cloned),
        None => Outcome::Stopped { kept: "nothing was kept; the destination is as it was".to_owned() },
    })
}

fn fill(
    url: &RemoteUrl,
    partial: Partial,
    depth: Option<NonZeroU32>,
    mut item: tree::Item,
    stop: &Stop,
) -> Result<Option<Cloned>> {
    let ended = |error: &gix::Error| {
        if stop.is_raised() { Ok(None) } else { Err(remote_error(url, error)) }
    };
    let content = partial.content();
    let prepared = gix::clone::PrepareFetch::new(
        url.exposed(),
        &content,
        gix::create::Kind::WithWorktree,
        gix::create::Options::default(),
        repository::safe_options(),
    );
    let mut fetch = match prepared {
        Ok(fetch) => fetch
            .configure_connection(|connection| {
                connection.set_credentials(credentials::answer);
                Ok(())
            })
            .with_fetch_options(gix::remote::ref_map::Options {
                extra_refspecs: record_refspecs("origin")?,
                ..Default::default()
            }),
        Err(error) => return ended(&error),
    };
    if let Some(depth) = depth {
        fetch = fetch.with_shallow(gix::remote::fetch::Shallow::DepthAtRemote(depth));
    }
    let (mut checkout, fetched) = match fetch.fetch_then_checkout(&mut item, stop.as_atomic()) {
        Ok(done) => done,
        Err(error) => return ended(&error),
    };
    let mut bytes = 0;
    if let gix::remote::fetch::Status::Change { write_pack_bundle, .. } = &fetched.status {
        for path in [&write_pack_bundle.data_path, &write_pack_bundle.index_path].into_iter().flatten() {
            loose::sync(path)?;
        }
        let pack = write_pack_bundle.data_path.as_ref();
        bytes = pack.and_then(|path| path.metadata().ok()).map_or(0, |data| data.len());
    }
    let outcome = match checkout.main_worktree(&mut item, stop.as_atomic()) {
        Ok((_, outcome)) => outcome,
        Err(error) => return ended(&error),
    };
    // An interrupted checkout ends without an error.
    if stop.is_raised() {
        return Ok(None);
    }
    if let Some(first) = outcome.errors.first() {
        return Err(Error::corrupt(format!("`{}` of {url}", first.path), first.error.to_string()));
    }
    if let Some(first) = outcome.collisions.first() {
        let why = format!("`{}` cannot stand beside another name here", first.path);
        return Err(Error::Unsupported { what: format!("what {url} holds"), why });
    }
    finish(&content, partial, bytes).map(Some)
}

fn finish(content: &Path, partial: Partial, bytes: u64) -> Result<Cloned> {
    let repository = Repository::open_git_dir(&content.join(".git"))?;
    repository.write_commit_graph();
    let head = repository.head()?;
    let commits = head.as_ref().map_or(Ok(0), |head| repository.count_commits(head))?;
    for folder in ["objects/pack", "objects", "refs/remotes/origin", "refs/heads", "refs", ""] {
        let folder = repository.common_dir().join(folder);
        if folder.is_dir() {
            loose::sync(&folder)?;
        }
    }
    let packed = repository.common_dir().join("packed-refs");
    if packed.is_file() {
        loose::sync(&packed)?;
    }
    let path = partial.finish()?;
    Ok(Cloned { path, head, commits, bytes })
}

/// Where a remote's runs come to stand here. Never written into the user's configuration.
pub(crate) fn record_refspecs(remote: &str) -> Result<Vec<gix::refspec::RefSpec>> {
    ["runs", "private", "notes"]
        .iter()
        .map(|kind| {
            let text = format!("+refs/keelmark/{kind}/*:refs/keelmark/remotes/{remote}/{kind}/*");
            refspec(&text)
        })
        .collect()
}

pub(crate) fn refspec(text: &str) -> Result<gix::refspec::RefSpec> {
    gix::refspec::parse(text.into(), gix::refspec::parse::Operation::Fetch)
        .map(|spec| spec.to_owned())
        .map_err(|error| Error::invalid(format!("refspec `{text}`"), error.to_string()))
}
