//! Bytes behind DVC's pointers, fetched from a remote into the cache of this machine.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;

use keelmark_http::Client;
use keelmark_types::{Outcome, Progress, Stop, Timestamp};

use super::pull_error::PullError;
use super::remote::{Fetched, Remote, RemoteAccess};
use super::store::{Mismatch, Store};
use super::tracking::LOCK_NAME;
use super::{Dvc, Kept, Out};
use crate::files::Files;
use crate::{DataSource, Error};

/// What is to be fetched, and with what.
#[derive(Clone, Copy)]
pub struct PullOptions<'a> {
    /// Files and folders; none means everything that is tracked.
    pub paths: &'a [String],
    /// The remote; none means the one that DVC asks by default.
    pub remote: Option<&'a str>,
    /// What this machine gives to whoever asks a remote.
    pub access: RemoteAccess<'a>,
    /// The time, which is signed.
    pub at: Timestamp,
}

/// What was fetched.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Pulled {
    /// The remotes that were asked, without secrets; none where all was here already.
    pub remotes: Vec<String>,
    /// Objects that came: files, and the lists of folders.
    pub fetched: u64,
    /// Bytes that came.
    pub bytes: u64,
    /// Objects that were here already.
    pub already_here: u64,
}

/// What is wanted of an out.
struct Wanted<'a> {
    out: &'a Out,
    /// Of a folder these files and what lies below them; empty is all.
    inner: Vec<&'a str>,
}

impl DataSource<'_> {
    /// Fetches what is missing here into DVC's cache, each object checked before it is put there. The work tree is not
    /// touched. Objects that came before a failure or a stop are kept: the same call goes on from there.
    pub fn pull(
        &self,
        options: &PullOptions<'_>,
        progress: &dyn Progress,
        stop: &Stop,
    ) -> Result<Outcome<Pulled>, PullError> {
        let mut projects: BTreeMap<&str, Vec<Wanted<'_>>> = BTreeMap::new();
        for wanted in self.wanted(options.paths)? {
            projects.entry(&wanted.out.project).or_default().push(wanted);
        }
        let mut pulled = Pulled::default();
        for (project, wanted) in projects {
            let dvc = self.project(project)?;
            let mut pull = Pull {
                source: self,
                dvc: &dvc,
                options,
                progress,
                stop,
                store: None,
                remote: None,
                client: Client::default(),
                pulled: &mut pulled,
                missing: Vec::new(),
            };
            if pull.all(&wanted)? {
                let kept = format!(
                    "{} objects were fetched and are kept in DVC's cache; the same command goes on from there",
                    pulled.fetched
                );
                return Ok(Outcome::Stopped { kept });
            }
        }
        Ok(Outcome::Done(pulled))
    }

    fn wanted<'a>(&'a self, paths: &'a [String]) -> Result<Vec<Wanted<'a>>, PullError> {
        let tracking = self.tracking()?;
        let mut found: BTreeMap<&str, Wanted<'_>> = BTreeMap::new();
        if paths.is_empty() {
            let whole = tracking.outs().map(|out| Wanted { out, inner: Vec::new() });
            return Ok(whole.filter(|wanted| !self.is_in_git(wanted.out)).collect());
        }
        for path in paths {
            let below = tracking.below(path).map(|(_, out)| (out, None));
            let all: Vec<_> = tracking.find(path).into_iter().chain(below).collect();
            if all.is_empty() {
                let mistakes = tracking.in_the_way(path);
                return Err(if mistakes.is_empty() {
                    Error::NotFound { path: path.clone() }.into()
                } else {
                    Error::Invalid { mistakes }.into()
                });
            }
            for (out, inner) in all.into_iter().filter(|(out, _)| !self.is_in_git(out)) {
                let known = found.entry(&out.tracked.path);
                match (inner, known) {
                    (inner, Entry::Vacant(place)) => {
                        place.insert(Wanted { out, inner: inner.into_iter().collect() });
                    }
                    (None, Entry::Occupied(mut known)) => {
                        known.get_mut().inner.clear();
                    }
                    (Some(inner), Entry::Occupied(mut known)) => {
                        if !known.get().inner.is_empty() {
                            known.get_mut().inner.push(inner);
                        }
                    }
                }
            }
        }
        Ok(found.into_values().collect())
    }

    /// A lock names what stages leave to Git, too.
    pub(crate) fn is_in_git(&self, out: &Out) -> bool {
        let path = &out.tracked.path;
        out.said_in.rsplit('/').next() == Some(LOCK_NAME)
            && match &self.files {
                Files::Version(_) => self.files.has(path).unwrap_or(false),
                Files::WorkTree { paths, .. } => paths.contains(path),
            }
    }
}

/// Objects, each once whatever names it, with a path that does.
#[derive(Default)]
struct Objects(BTreeMap<Kept, (Kept, String)>);

impl Objects {
    fn add(&mut self, object: &Kept, path: String) {
        // A size that is known of one name of it holds for all.
        let key = Kept { size_bytes: None, ..object.clone() };
        let known = self.0.entry(key).or_insert_with(|| (object.clone(), path));
        known.0.size_bytes = known.0.size_bytes.or(object.size_bytes);
    }
}

/// One project's objects on their way.
struct Pull<'a, 's> {
    source: &'a DataSource<'s>,
    dvc: &'a Dvc,
    options: &'a PullOptions<'a>,
    progress: &'a dyn Progress,
    stop: &'a Stop,
    store: Option<Store>,
    remote: Option<Remote>,
    client: Client,
    pulled: &'a mut Pulled,
    missing: Vec<String>,
}

impl Pull<'_, '_> {
    /// Everything that is wanted; `true` where it was stopped.
    fn all(&mut self, wanted: &[Wanted<'_>]) -> Result<bool, PullError> {
        // Lists come first: what is in them is not known before.
        let mut files = Objects::default();
        for wanted in wanted {
            let path = &wanted.out.tracked.path;
            let Some(object) = Kept::of(wanted.out) else {
                self.missing.push(format!("{path} (it has no md5)"));
                continue;
            };
            if !object.is_list {
                files.add(&object, path.clone());
                continue;
            }
            if self.one(&object, path)? {
                return Ok(true);
            }
            let listed = match &self.store {
                Some(store) => store.list(&object, &wanted.out.said_in)?,
                None => self.source.list(self.dvc, wanted.out, &object)?,
            };
            for (inner, md5) in listed.unwrap_or_default() {
                let is_wanted = |wanted: &&str| {
                    inner.strip_prefix(*wanted).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
                };
                if wanted.inner.is_empty() || wanted.inner.iter().any(is_wanted) {
                    files.add(&object.file(&md5), format!("{path}/{inner}"));
                }
            }
        }
        let total = files.0.len() as u64;
        for (done, (object, path)) in files.0.into_values().enumerate() {
            self.progress.update("data", done as u64, Some(total), "files");
            if self.one(&object, &path)? {
                return Ok(true);
            }
        }
        self.progress.update("data", total, Some(total), "files");
        if self.missing.is_empty() {
            return Ok(false);
        }
        let remote =
            self.remote.as_ref().map_or_else(|| "no remote".to_owned(), |remote| remote.told.clone());
        Err(PullError::NotThere { remote, missing: std::mem::take(&mut self.missing) })
    }

    /// One object, unless it is here; `true` where it was stopped.
    fn one(&mut self, object: &Kept, path: &str) -> Result<bool, PullError> {
        if self.stop.is_raised() {
            return Ok(true);
        }
        // The cache may have been made only now.
        let dvc = self.store.as_ref().map_or(self.dvc, Store::dvc);
        let is_here = if object.is_list {
            dvc.find(object)?.is_some()
        } else {
            self.source.is_here(dvc, path, object)?
        };
        if is_here {
            self.pulled.already_here += 1;
            return Ok(false);
        }
        if self.store.is_none() {
            self.store = Some(Store::open(self.dvc, self.source.stores)?);
        }
        if self.remote.is_none() {
            let PullOptions { remote, access, at, .. } = self.options;
            let remote = Remote::of(&self.dvc.config, *remote, access, *at)?;
            self.pulled.remotes.push(remote.told.clone());
            self.remote = Some(remote);
        }
        let (Some(store), Some(remote)) = (&self.store, &self.remote) else { return Ok(false) };
        let before = self.pulled.bytes;
        let [usual, other] = object.paths();
        for from in [&usual, &other] {
            let mut receiving = store.receive(object, &usual)?;
            let mut take = |portion: &[u8]| {
                receiving.take(portion)?;
                self.progress.update("received", before + receiving.taken_bytes(), None, "bytes");
                Ok(())
            };
            let fetched = remote.fetch(&self.client, from, &mut take, self.stop);
            match fetched {
                Ok(Fetched::Done) => {
                    let bytes = receiving.taken_bytes();
                    receiving.keep().map_err(|error| mismatch(remote, path, error))?;
                    self.pulled.bytes += bytes;
                    self.pulled.fetched += 1;
                    return Ok(false);
                }
                Ok(Fetched::Stopped) => return Ok(true),
                Ok(Fetched::NotThere) => {}
                // More than there should be is told as what it is.
                Err(_) if receiving.is_too_much() => {
                    let why = format!("they are more than {} bytes", receiving.limit_bytes());
                    return Err(mismatch(remote, path, Mismatch::Other(why)));
                }
                Err(error) => return Err(error),
            }
        }
        self.missing.push(format!("{path} (md5 {})", object.md5));
        Ok(false)
    }
}

fn mismatch(remote: &Remote, path: &str, error: Mismatch) -> PullError {
    match error {
        Mismatch::Here(error) => error.into(),
        Mismatch::Other(why) => {
            PullError::Mismatch { remote: remote.told.clone(), path: path.to_owned(), why }
        }
    }
}
