//! What moved at a remote, brought here.

use std::collections::BTreeMap;

use gix::bstr::ByteSlice;
use gix::progress::tree;
use gix::remote::Direction;
use keelmark_types::{Outcome, Progress, Stop};

use crate::transfer::{self, remote_error};
use crate::{Error, Oid, RemoteUrl, Repository, Result, clone, credentials, loose};

/// From this many refs on they are written at once into the packed file, under one lock.
const PACKED_UPDATES: usize = 32;

/// A ref here that moved.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Moved {
    /// Its full name here.
    pub reference: String,
    /// Where it was; `None` if it is new.
    pub from: Option<Oid>,
    /// Where it is now.
    pub to: Oid,
}

/// What a fetch brought.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Fetched {
    /// Refs that moved or are new.
    pub moved: Vec<Moved>,
    /// Tags and runs that stand for something else at the remote than here. Neither is ever replaced: somebody
    /// rewrote what must not change.
    pub differing: Vec<Moved>,
}

impl Repository {
    /// Fetches a remote's branches, new tags and new runs. Nothing here is removed and no tag or run replaced.
    pub fn fetch(&self, remote: &str, progress: &dyn Progress, stop: &Stop) -> Result<Outcome<Fetched>> {
        let url = transfer::effective(&self.remote_url(remote)?)?;
        let (repository, remote) = (self.clone(), remote.to_owned());
        let done = transfer::supervise("fetch", progress, stop, move |item, stop| {
            repository.fetch_from(&remote, &url, item, stop)
        })?;
        Ok(match done {
            Some(fetched) => Outcome::Done(fetched),
            None => Outcome::Stopped { kept: "everything is as it was before the fetch".to_owned() },
        })
    }

    fn fetch_from(
        &self,
        remote: &str,
        url: &RemoteUrl,
        mut item: tree::Item,
        stop: &Stop,
    ) -> Result<Option<Fetched>> {
        let failed =
            |error: gix::Error| if stop.is_raised() { None } else { Some(remote_error(url, &error)) };
        let listed = match self.list_remote(remote, url, &mut item) {
            Ok(listed) => listed,
            Err(error) => return failed(error).map_or(Ok(None), Err),
        };
        let here: BTreeMap<String, Oid> =
            self.refs("refs/")?.into_iter().map(|reference| (reference.name, reference.oid)).collect();
        let mut fetched = Fetched::default();
        let mut wanted = Vec::new();
        for (source, to) in listed {
            let Some(reference) = local_name(remote, &source) else { continue };
            let from = here.get(&reference).copied();
            if from == Some(to) {
                continue;
            }
            let is_branch = source.starts_with("refs/heads/");
            let change = Moved { reference, from, to };
            if from.is_some() && !is_branch {
                fetched.differing.push(change);
            } else {
                wanted.push(format!("{}{source}:{}", if is_branch { "+" } else { "" }, change.reference));
                fetched.moved.push(change);
            }
        }
        if wanted.is_empty() || stop.is_raised() {
            return Ok((!stop.is_raised()).then_some(fetched));
        }
        match self.receive(url, &wanted, &mut item, stop) {
            Ok(files) => {
                for file in files {
                    loose::sync(&file)?;
                }
            }
            Err(error) => return failed(error).map_or(Ok(None), Err),
        }
        self.sync_fetched(&fetched)?;
        // What was asked for and what arrived may differ by a push in between: what is here now is what moved.
        for change in &mut fetched.moved {
            if let Some(now) = self.find_ref(&change.reference)? {
                change.to = now;
            }
        }
        fetched.moved.retain(|change| Some(change.to) != change.from);
        fetched.moved.sort_by(|a, b| a.reference.cmp(&b.reference));
        Ok(Some(fetched))
    }

    /// The remote's branches, tags and records, as it lists them.
    fn list_remote(
        &self,
        remote: &str,
        url: &RemoteUrl,
        item: &mut tree::Item,
    ) -> gix::Result<BTreeMap<String, Oid>> {
        let local = self.local();
        let at = local.remote_at(url.exposed())?.with_fetch_tags(gix::remote::fetch::Tags::None);
        let mut extra_refspecs = clone::record_refspecs(remote).unwrap_or_default();
        for text in ["refs/heads/*:refs/remotes/x/*", "refs/tags/*:refs/tags/*"] {
            extra_refspecs.extend(clone::refspec(text).ok());
        }
        let options = gix::remote::ref_map::Options { extra_refspecs, ..Default::default() };
        let connection = at.connect(Direction::Fetch)?.with_credentials(credentials::answer);
        let (map, _handshake) = connection.ref_map(item, options)?;
        let mut listed = BTreeMap::new();
        for mapping in &map.mappings {
            if let (Some(name), Some(id)) = (mapping.remote.as_name(), mapping.remote.as_id())
                && let Ok(name) = name.to_str()
            {
                listed.insert(name.to_owned(), Oid(id.to_owned()));
            }
        }
        Ok(listed)
    }

    /// Receives exactly these refs; the pack's files are returned, not flushed yet.
    fn receive(
        &self,
        url: &RemoteUrl,
        wanted: &[String],
        item: &mut tree::Item,
        stop: &Stop,
    ) -> gix::Result<Vec<std::path::PathBuf>> {
        let mut local = self.local();
        local.committer_or_set_generic_fallback()?;
        let mut at = local.remote_at(url.exposed())?.with_fetch_tags(gix::remote::fetch::Tags::None);
        at.replace_refspecs(wanted.iter().map(String::as_str), Direction::Fetch)?;
        let connection = at.connect(Direction::Fetch)?.with_credentials(credentials::answer);
        let outcome = connection
            .prepare_fetch(&mut *item, gix::remote::ref_map::Options::default())?
            .with_write_packed_refs_only(wanted.len() >= PACKED_UPDATES)
            .receive(&mut *item, stop.as_atomic())?;
        Ok(match outcome.status {
            gix::remote::fetch::Status::Change { write_pack_bundle: pack, .. } => {
                [pack.data_path, pack.index_path].into_iter().flatten().collect()
            }
            gix::remote::fetch::Status::NoPackReceived { .. } => Vec::new(),
        })
    }

    fn sync_fetched(&self, fetched: &Fetched) -> Result<()> {
        let common = self.common_dir();
        let mut paths = std::collections::BTreeSet::from([common.join("objects/pack"), common.to_owned()]);
        paths.insert(common.join("packed-refs"));
        for change in &fetched.moved {
            let mut path = common.join(&change.reference);
            while path.starts_with(common.join("refs")) {
                paths.insert(path.clone());
                path.pop();
            }
        }
        paths.iter().filter(|path| path.exists()).try_for_each(|path| loose::sync(path))
    }

    /// Asks git for a commit-graph, which makes walks some 25 times faster; without one they are only slower.
    pub fn write_commit_graph(&self) {
        let made =
            crate::command::Git::new(self.place(), "commit-graph").args(["write", "--reachable"]).output();
        match made {
            Ok(output) if output.success => {}
            Ok(output) => tracing::warn!(said = %output.stderr.trim(), "no commit-graph"),
            Err(error) => tracing::warn!(%error, "no commit-graph"),
        }
    }

    /// How many commits the history of `from` has here.
    pub fn count_commits(&self, from: &keelmark_types::CommitId) -> Result<u64> {
        let local = self.local();
        let failed = |error: gix::Error| Error::from_gix(format!("the history of {from}"), &error);
        let mut count = 0;
        for step in local.rev_walk([Oid::from(from).0]).all().map_err(failed)? {
            step.map_err(failed)?;
            count += 1;
        }
        Ok(count)
    }
}

/// Where a remote's ref stands here.
pub(crate) fn local_name(remote: &str, source: &str) -> Option<String> {
    if let Some(branch) = source.strip_prefix("refs/heads/") {
        return Some(format!("refs/remotes/{remote}/{branch}"));
    }
    if source.starts_with("refs/tags/") {
        return Some(source.to_owned());
    }
    let record = source.strip_prefix("refs/keelmark/")?;
    let is_record = ["runs/", "private/", "notes/"].iter().any(|kind| record.starts_with(kind));
    is_record.then(|| format!("refs/keelmark/remotes/{remote}/{record}"))
}
