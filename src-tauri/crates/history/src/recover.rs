//! A damaged index is no reason not to answer: it is emptied, filled from Git, and asked again.

use keelmark_git::Repository;
use keelmark_index::Index;
use keelmark_types::{NoProgress, Stop};

use crate::{Error, sync};

/// Asks `question`; where the index turns out to be damaged, fills it anew and asks once more.
pub fn with_recovery<T>(
    repository: &Repository,
    index: &Index,
    question: impl Fn() -> Result<T, Error>,
) -> Result<T, Error> {
    match question() {
        Err(Error::Index(keelmark_index::Error::Corrupt { path, why })) => {
            tracing::warn!(index = %path.display(), %why, "the index is damaged and filled again");
            index.start_over()?;
            sync(repository, index, &NoProgress, &Stop::new())?;
            question()
        }
        answer => answer,
    }
}
