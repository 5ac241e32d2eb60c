//! GTO: releases and stages of artifacts, told by Git tags.
//!
//! [`TagName`] reads one name as GTO's own pattern does. [`State`] is what all annotated tags of a repository say
//! together; it agrees with `gto show` and `gto history`, but for what its documentation lists.

mod name;
mod semver;
mod state;

pub use name::{Action, Artifact, NotATag, TagName, next_count};
pub use semver::Semver;
pub use state::{
    Act, ArtifactState, Assignment, Event, MAX_TAGS, Misnamed, Misplaced, State, TagObject, Version,
};
