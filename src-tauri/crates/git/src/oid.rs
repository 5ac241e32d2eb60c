//! The name of any Git object.

use std::fmt;
use std::str::FromStr;

use keelmark_types::{CommitId, InvalidId};
use serde::{Deserialize, Serialize};

/// The SHA-1 name of a Git object of any kind: 40 lower-case hexadecimal digits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Oid(pub(crate) gix::ObjectId);

impl Oid {
    /// The tree without any entry.
    pub fn empty_tree() -> Self {
        Self(gix::ObjectId::empty_tree(gix::hash::Kind::Sha1))
    }

    /// The same digits as the id of a commit.
    #[expect(clippy::missing_panics_doc, reason = "an object id always prints as a commit id reads")]
    pub fn to_commit_id(self) -> CommitId {
        CommitId::new(self.to_string()).expect("an object id prints 40 lower-case hexadecimal digits")
    }
}

impl fmt::Display for Oid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0.to_string())
    }
}

impl FromStr for Oid {
    type Err = InvalidId;

    fn from_str(text: &str) -> Result<Self, InvalidId> {
        CommitId::new(text)
            .map(|id| Self::from(&id))
            .map_err(|_| InvalidId { text: text.to_owned(), kind: "an object id of 40 hexadecimal digits" })
    }
}

impl From<&CommitId> for Oid {
    fn from(id: &CommitId) -> Self {
        Self(gix::ObjectId::from_hex(id.as_str().as_bytes()).expect("a commit id is 40 hexadecimal digits"))
    }
}

impl From<CommitId> for Oid {
    fn from(id: CommitId) -> Self {
        Self::from(&id)
    }
}

impl TryFrom<String> for Oid {
    type Error = InvalidId;

    fn try_from(text: String) -> Result<Self, InvalidId> {
        text.parse()
    }
}

impl From<Oid> for String {
    fn from(oid: Oid) -> Self {
        oid.to_string()
    }
}
