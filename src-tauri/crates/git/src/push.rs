//! Publishing at a remote: with a lease, never forced, and the remote itself asked what happened.

use std::collections::BTreeMap;

use keelmark_types::{CommitId, Stop};

use crate::command::Ended;
use crate::control::{Control, QUESTION_LIMIT, REMOTE_LIMIT, TARGET};
use crate::revision::is_full_ref_name;
use crate::{Error, Oid, RefUpdate, RemoteUrl, Repository, Result, fetch, push_report};

/// Where a ref of the remote shall go.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PushUpdate {
    /// The object, which is here; for a branch a commit that has `expected` in its past.
    pub local: Oid,
    /// The full name of the ref at the remote.
    pub reference: String,
    /// Where the remote must have it now; `None` if it must not exist there.
    pub expected: Option<Oid>,
}

/// How a push ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PushOutcome {
    /// The remote has it, by this push or one whose answer was lost.
    Done,
    /// Somebody else moved it first.
    Conflict {
        /// The ref at the remote.
        reference: String,
        /// Where it is there; `None` if it is gone.
        now: Option<Oid>,
    },
    /// The remote's rules do not allow it.
    Rejected {
        /// The ref at the remote.
        reference: String,
        /// What the remote's hook said, else git's summary.
        words: String,
    },
    /// The credentials are missing, wrong, or not enough.
    Denied {
        /// What was said.
        why: String,
    },
    /// There is no such repository.
    NotFound {
        /// What was said.
        why: String,
    },
    /// The remote does not answer.
    Unreachable {
        /// What was said.
        why: String,
    },
    /// The remote did not answer in time, and asked again it does not have it (or does not answer at all).
    TimedOut,
    /// Stopped when asked to; the remote does not have it.
    Stopped,
}

impl Repository {
    /// Pushes refs to a configured remote, several of them all or none. Each moves only if it is where the update
    /// expects it. The repository's hooks do not run.
    pub fn push(&self, remote: &str, updates: &[PushUpdate], stop: &Stop) -> Result<PushOutcome> {
        if updates.is_empty() {
            return Ok(PushOutcome::Done);
        }
        updates.iter().try_for_each(|update| self.check_push(update))?;
        let url = self.remote_url(remote)?;
        let outcome = self.push_to(&url, updates, stop)?;
        if outcome == PushOutcome::Done {
            self.note_pushed(remote, updates);
        }
        Ok(outcome)
    }

    /// Where refs of a configured remote are now, those it does not have left out.
    pub fn remote_tips(&self, remote: &str, references: &[&str]) -> Result<BTreeMap<String, Oid>> {
        let url = self.remote_url(remote)?;
        match Self::ask_tips(&url, references)? {
            Ok(tips) => Ok(tips),
            Err(outcome) => Err(as_error(&url, outcome)),
        }
    }

    fn check_push(&self, update: &PushUpdate) -> Result<()> {
        let name = &update.reference;
        if !is_full_ref_name(name) || name.contains(['*', '?', '[']) {
            return Err(Error::invalid(
                format!("`{}`", name.escape_debug()),
                "it is not the full name of a ref",
            ));
        }
        if !self.has_object(update.local) {
            return Err(Error::not_found(format!("object {} for {name}", update.local)));
        }
        let Some(expected) = update.expected.filter(|_| name.starts_with("refs/heads/")) else {
            return Ok(());
        };
        let (old, new): (CommitId, CommitId) = (expected.to_commit_id(), update.local.to_commit_id());
        if !self.has_object(expected) || !self.is_ancestor(&old, &new)? {
            let why = format!(
                "{expected} is not in the past of {}: pushing it would take history away",
                update.local
            );
            return Err(Error::invalid(format!("pushing {name}"), why));
        }
        Ok(())
    }

    fn push_to(&self, url: &RemoteUrl, updates: &[PushUpdate], stop: &Stop) -> Result<PushOutcome> {
        let control = Control::towards(url)?;
        control.share_edge(self)?;
        let mut git = control.git_over(self, "push").args(["--porcelain", "--no-verify", "--no-signed"]);
        git = git.args(["--recurse-submodules=no", "--no-follow-tags"]);
        if updates.len() > 1 {
            git = git.arg("--atomic");
        }
        for update in updates {
            let lease = update.expected.map(|oid| oid.to_string()).unwrap_or_default();
            git = git.arg(format!("--force-with-lease={}:{lease}", update.reference));
        }
        git = git.args(["--end-of-options", TARGET]);
        git = git.args(updates.iter().map(|update| format!("{}:{}", update.local, update.reference)));
        let ended = git.limit(REMOTE_LIMIT).stop(stop).run()?;
        if let Ended::Exited(output) = &ended
            && output.success
        {
            return Ok(PushOutcome::Done);
        }
        // Whatever git says, a push whose answer was lost may have landed: the remote itself knows.
        let names: Vec<&str> = updates.iter().map(|update| update.reference.as_str()).collect();
        let tips = Self::ask_tips(url, &names)?;
        let lost = match &ended {
            Ended::Stopped => PushOutcome::Stopped,
            Ended::TimedOut => PushOutcome::TimedOut,
            Ended::Exited(output) => push_report::failure(&url.to_string(), &output.stderr),
        };
        let Ok(tips) = tips else { return Ok(lost) };
        let at = |update: &PushUpdate| tips.get(&update.reference).copied();
        if updates.iter().all(|update| at(update) == Some(update.local)) {
            return Ok(PushOutcome::Done);
        }
        if let Some(moved) = updates.iter().find(|update| at(update) != update.expected) {
            return Ok(PushOutcome::Conflict { reference: moved.reference.clone(), now: at(moved) });
        }
        let Ended::Exited(output) = &ended else { return Ok(lost) };
        let refused = push_report::refused(&String::from_utf8_lossy(&output.stdout));
        Ok(match refused.into_iter().next() {
            Some((reference, summary)) => {
                let words = push_report::remote_words(&output.stderr);
                PushOutcome::Rejected { reference, words: if words.is_empty() { summary } else { words } }
            }
            None => lost,
        })
    }

    /// The outer error is ours; the inner says how the remote failed.
    fn ask_tips(
        url: &RemoteUrl,
        references: &[&str],
    ) -> Result<std::result::Result<BTreeMap<String, Oid>, PushOutcome>> {
        let control = Control::towards(url)?;
        let git = control.git("ls-remote").args(["--quiet", "--end-of-options", TARGET]).args(references);
        let output = match git.limit(QUESTION_LIMIT).run()? {
            Ended::Exited(output) => output,
            Ended::TimedOut | Ended::Stopped => return Ok(Err(PushOutcome::TimedOut)),
        };
        if !output.success {
            return Ok(Err(push_report::failure(&url.to_string(), &output.stderr)));
        }
        let said = String::from_utf8_lossy(&output.stdout);
        let lines = said.lines().filter_map(|line| line.split_once('\t'));
        Ok(Ok(lines
            .filter(|(_, name)| references.contains(name))
            .filter_map(|(oid, name)| Some((name.to_owned(), oid.parse().ok()?)))
            .collect()))
    }

    /// Moves what stands for the remote's refs here. If that fails, the next fetch mends it.
    fn note_pushed(&self, remote: &str, updates: &[PushUpdate]) {
        for update in updates {
            let Some(name) = fetch::local_name(remote, &update.reference) else { continue };
            if name.starts_with("refs/tags/") {
                continue;
            }
            let moved = self.find_ref(&name).and_then(|old| {
                if old == Some(update.local) {
                    return Ok(());
                }
                self.publish(&RefUpdate::from_to(name.clone(), old, update.local, "update by push"))
            });
            if let Err(error) = moved {
                tracing::warn!(%error, name, "the remote has it, its copy here lags behind");
            }
        }
    }
}

fn as_error(url: &RemoteUrl, outcome: PushOutcome) -> Error {
    let what = url.to_string();
    match outcome {
        PushOutcome::Denied { why } => Error::Denied { what: format!("access to {what}"), why },
        PushOutcome::NotFound { why } => {
            Error::NotFound { what: format!("a repository at {what} ({why})"), near: Vec::new() }
        }
        PushOutcome::Unreachable { why } => Error::Unreachable { what, why },
        _ => Error::Unreachable { what, why: "it did not answer in time".to_owned() },
    }
}
