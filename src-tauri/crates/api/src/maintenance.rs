//! `index`: the index is derived; here it is thrown away, built again, and held against itself.

use keelmark_index::Index;
use keelmark_types::{NoProgress, Outcome, Progress, Stop};
use serde::Serialize;
use ts_rs::TS;

use crate::{Code, Problem, Session};

/// An index, made anew.
#[derive(Debug, Clone, Serialize, TS)]
pub struct Rebuilt {
    /// Runs read from Git.
    pub runs: u64,
    /// Deployment commits read from Git.
    pub deployments: u64,
    /// Whether every answer is what it was before.
    pub same_answers: bool,
    /// Digest of all answers before.
    pub before: String,
    /// Digest of all answers after.
    pub after: String,
}

/// An index, held against a second one built from Git.
#[derive(Debug, Clone, Serialize, TS)]
pub struct Verified {
    /// Whether every answer is the same and the file is sound.
    pub sound: bool,
    /// What SQLite says of the file, where it is not sound.
    pub damage: Vec<String>,
    /// Digest of the index's answers.
    pub index: String,
    /// Digest of the answers of one built from Git alone.
    pub git: String,
}

impl Session {
    /// Builds an index from Git alone and puts it in the place of the one there is. Until then, and where it is
    /// stopped, that one goes on answering.
    pub fn rebuild_index(&self, progress: &dyn Progress, stop: &Stop) -> Result<Rebuilt, Problem> {
        let before = self.index.dump()?;
        let fresh = Index::in_memory()?;
        let synced = match keelmark_history::sync(&self.repository, &fresh, progress, stop)? {
            Outcome::Done(synced) => synced,
            Outcome::Stopped { .. } => {
                return Err(Problem::new(Code::Stopped, "Rebuilding was stopped")
                    .detail("The index is as it was before."));
            }
        };
        self.index.take_over(fresh)?;
        let after = self.index.dump()?;
        Ok(Rebuilt {
            runs: synced.runs_read,
            deployments: synced.deployments_read,
            same_answers: before == after,
            before: crate::digest(before.as_bytes()).to_string(),
            after: crate::digest(after.as_bytes()).to_string(),
        })
    }

    /// Builds a second index from Git in memory and compares every answer.
    pub fn verify_index(&self) -> Result<Verified, Problem> {
        let fresh = Index::in_memory()?;
        keelmark_history::sync(&self.repository, &fresh, &NoProgress, &Stop::new())?;
        let damage = self.index.integrity_check()?;
        let (index, git) = (self.index.dump()?, fresh.dump()?);
        Ok(Verified {
            sound: damage.is_empty() && index == git,
            damage,
            index: crate::digest(index.as_bytes()).to_string(),
            git: crate::digest(git.as_bytes()).to_string(),
        })
    }
}
