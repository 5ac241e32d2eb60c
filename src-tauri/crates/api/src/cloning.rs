//! `clone`, `fetch`, `share`: versions and runs come and go.

use std::num::NonZeroU32;
use std::path::{Path, PathBuf};

use keelmark_git::{CloneOptions, PushOutcome, PushUpdate};
use keelmark_types::{CommitId, Outcome, Progress, Stop};
use serde::Serialize;
use ts_rs::TS;

use crate::{Code, Keelmark, Problem, Remedy, Session};

/// A clone that is wanted.
#[derive(Debug, Clone)]
pub struct CloneQuery {
    /// Where from.
    pub url: String,
    /// Where to; none takes the URL's last part, in the current folder.
    pub into: Option<PathBuf>,
    /// Only the newest commits.
    pub depth: Option<u32>,
}

/// A clone, made.
#[derive(Debug, Clone, Serialize, TS)]
pub struct ClonedRepository {
    /// Where it is.
    pub path: PathBuf,
    /// What is checked out; none where the remote is empty.
    pub head: Option<CommitId>,
    /// Commits brought.
    pub commits: u64,
    /// Bytes of objects stored.
    pub bytes: u64,
    /// Models found in HEAD.
    pub models: Vec<String>,
    /// Runs that came along.
    pub runs: u64,
}

/// What moved between here and a remote.
#[derive(Debug, Clone, Serialize, TS)]
pub struct Moved {
    /// The remote.
    pub remote: String,
    /// Runs.
    pub runs: u64,
    /// Every ref, with where it was and where it is.
    pub refs: Vec<MovedRef>,
}

/// One ref that moved.
#[derive(Debug, Clone, Serialize, TS)]
pub struct MovedRef {
    /// Its name on the receiving side.
    pub name: String,
    /// Where it was; none where it is new.
    pub from: Option<String>,
    /// Where it is.
    pub to: String,
}

impl Keelmark {
    /// Clones a repository with its runs.
    pub fn clone_repository(
        &self,
        query: &CloneQuery,
        progress: &dyn Progress,
        stop: &Stop,
    ) -> Result<ClonedRepository, Problem> {
        let into = match &query.into {
            Some(into) => into.clone(),
            None => folder_of(&query.url)?,
        };
        if into.exists() && std::fs::read_dir(&into).map_or(true, |mut entries| entries.next().is_some()) {
            return Err(Problem::new(
                Code::DestinationExists,
                format!("{} is there already", into.display()),
            )
            .detail("It was not touched.")
            .hint("Name another folder, or move it away."));
        }
        let options =
            CloneOptions { url: query.url.clone(), into, depth: query.depth.and_then(NonZeroU32::new) };
        let cloned = match keelmark_git::clone(&options, progress, stop)? {
            Outcome::Done(cloned) => cloned,
            Outcome::Stopped { kept } => {
                return Err(Problem::new(Code::Stopped, "The clone was stopped").detail(kept));
            }
        };
        let session = self.open(&cloned.path)?;
        let mut models = Vec::new();
        if let Some(head) = &cloned.head {
            let found = keelmark_history::models(&session.repository.version(head)?)?;
            models.extend(found.iter().filter_map(|entry| entry.name().map(ToString::to_string)));
        }
        let runs = session.repository.runs()?.len() as u64;
        Ok(ClonedRepository {
            path: cloned.path,
            head: cloned.head,
            commits: cloned.commits,
            bytes: cloned.bytes,
            models,
            runs,
        })
    }
}

pub(crate) fn folder_of(url: &str) -> Result<PathBuf, Problem> {
    let last = url.trim_end_matches('/').rsplit(['/', ':']).next().unwrap_or_default();
    let name = last.strip_suffix(".git").unwrap_or(last);
    let is_plain = !name.is_empty() && name != "." && name != ".." && !name.contains('\0');
    if is_plain {
        Ok(Path::new(name).to_owned())
    } else {
        Err(Problem::new(Code::InvalidRequest, format!("`{url}` names no folder to clone into"))
            .detail("Nothing was changed.")
            .remedy(Remedy::NameFolder, "Name one: keelmark clone URL DIR"))
    }
}

impl Session {
    /// Brings versions, tags, runs and promotions from a remote.
    pub fn fetch(&self, remote: &str, progress: &dyn Progress, stop: &Stop) -> Result<Moved, Problem> {
        self.check_remote(remote)?;
        let fetched =
            self.repository.fetch(remote, progress, stop).map_err(|error| remote_problem(remote, error))?;
        let fetched = match fetched {
            Outcome::Done(fetched) => fetched,
            Outcome::Stopped { kept } => {
                return Err(Problem::new(Code::Stopped, "Fetching was stopped").detail(kept));
            }
        };
        self.refresh()?;
        let refs: Vec<MovedRef> = fetched
            .moved
            .into_iter()
            .map(|moved| MovedRef {
                name: moved.reference,
                from: moved.from.map(|oid| oid.to_string()),
                to: moved.to.to_string(),
            })
            .collect();
        let runs = refs.iter().filter(|moved| moved.name.contains("/runs/")).count() as u64;
        Ok(Moved { remote: remote.to_owned(), runs, refs })
    }

    /// Sends this clone's runs to a remote, and promotions that wait. Predictions and logs stay unless the repository
    /// shares them.
    pub fn share(&self, remote: &str, stop: &Stop) -> Result<Moved, Problem> {
        self.check_remote(remote)?;
        let mut wanted = self.repository.refs("refs/keelmark/runs/")?;
        wanted.extend(self.repository.refs("refs/keelmark/notes/")?);
        if self.shares_predictions()? {
            wanted.extend(self.repository.refs("refs/keelmark/private/")?);
        }
        let runs = self.send(remote, &wanted, stop)?;
        let promotions = self.send_promotions(remote, stop)?;
        let refs: Vec<MovedRef> = runs.into_iter().chain(promotions).collect();
        let runs = refs.iter().filter(|moved| moved.name.starts_with("refs/keelmark/runs/")).count() as u64;
        Ok(Moved { remote: remote.to_owned(), runs, refs })
    }

    fn check_remote(&self, remote: &str) -> Result<(), Problem> {
        if self.repository.remotes()?.iter().any(|known| known.name == remote) {
            return Ok(());
        }
        Err(Problem::new(Code::InvalidRequest, format!("This repository has no remote `{remote}`"))
            .detail("Nothing was sent or brought.")
            .hint(format!("Add one: git remote add {remote} URL")))
    }

    fn shares_predictions(&self) -> Result<bool, Problem> {
        let base = self.repository.protected_base()?;
        let models = keelmark_history::models(&self.repository.version(&base)?)?;
        Ok(models
            .iter()
            .any(|entry| entry.manifest.as_ref().is_ok_and(|manifest| manifest.share.predictions)))
    }

    /// Pushes refs as they are, those the remote lacks; a ref that has another content there is left alone.
    pub(crate) fn send(
        &self,
        remote: &str,
        wanted: &[keelmark_git::Reference],
        stop: &Stop,
    ) -> Result<Vec<MovedRef>, Problem> {
        const AT_ONCE: usize = 200;
        let mut sent = Vec::new();
        for part in wanted.chunks(AT_ONCE) {
            let names: Vec<&str> = part.iter().map(|reference| reference.name.as_str()).collect();
            let there =
                self.repository.remote_tips(remote, &names).map_err(|error| remote_problem(remote, error))?;
            let updates: Vec<PushUpdate> = part
                .iter()
                .filter(|reference| !there.contains_key(&reference.name))
                .map(|reference| PushUpdate {
                    local: reference.oid,
                    reference: reference.name.clone(),
                    expected: None,
                })
                .collect();
            if updates.is_empty() {
                continue;
            }
            pushed(self.repository.push(remote, &updates, stop)?, remote)?;
            sent.extend(updates.into_iter().map(|update| MovedRef {
                name: update.reference,
                from: None,
                to: update.local.to_string(),
            }));
        }
        Ok(sent)
    }
}

/// A remote that could not be asked. That there is no repository (any more) where it was is, for whoever syncs with it,
/// the same as one that does not answer.
pub(crate) fn remote_problem(remote: &str, error: keelmark_git::Error) -> Problem {
    match error {
        keelmark_git::Error::NotFound { what, .. } => {
            Problem::new(Code::Unreachable, format!("{remote} cannot be reached: {what} was not found"))
                .detail("What is on this machine is untouched.")
                .hint("Check the remote's address with `git remote -v`, then try again.")
        }
        other => other.into(),
    }
}

/// A push that did not arrive, as a problem.
pub(crate) fn pushed(outcome: PushOutcome, remote: &str) -> Result<(), Problem> {
    let kept = "What was to be sent is safe here.";
    Err(match outcome {
        PushOutcome::Done => return Ok(()),
        PushOutcome::Conflict { reference, .. } => {
            Problem::new(Code::Conflict, format!("{reference} was moved at {remote} by somebody else"))
                .detail("Nothing was overwritten, here or there.")
                .hint("Fetch, look at what is there now, then try again.")
        }
        PushOutcome::Rejected { reference, words: why } => {
            Problem::new(Code::Rejected, format!("{remote} refused {reference}: {why}"))
                .detail(kept)
                .hint("The remote's own rule says no; see its words.")
        }
        PushOutcome::Denied { why } => Problem::new(Code::Denied, format!("{remote} denied access: {why}"))
            .detail(kept)
            .hint("Check your credentials and rights for this remote."),
        PushOutcome::NotFound { why } => {
            Problem::new(Code::Unreachable, format!("{remote} has no such repository: {why}")).detail(kept)
        }
        PushOutcome::Unreachable { why } => {
            Problem::new(Code::Unreachable, format!("{remote} is not reachable: {why}"))
                .detail(kept)
                .hint("Try again later.")
        }
        PushOutcome::TimedOut => Problem::new(Code::TimedOut, format!("{remote} did not answer in time"))
            .detail(kept)
            .hint("Try again later."),
        PushOutcome::Stopped => Problem::new(Code::Stopped, "The push was stopped").detail(kept),
    })
}
