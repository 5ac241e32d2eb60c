//! Who did something to a repository, and when.

use keelmark_types::Timestamp;

use crate::{Error, Identity, Result};

/// A person and an instant, as commits and tags carry them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Signature {
    /// Who.
    pub who: Identity,
    /// When, to the second; written in UTC.
    pub at: Timestamp,
}

impl Signature {
    /// `who` at the instant `at`.
    pub fn new(who: Identity, at: Timestamp) -> Self {
        Self { who, at }
    }

    pub(crate) fn to_gix(&self) -> Result<gix::actor::Signature> {
        for (part, text) in [("name", &self.who.name), ("e-mail address", &self.who.email)] {
            if text.contains(['<', '>', '\n', '\0']) {
                let why = format!("the {part} of an author must not contain <, > or a line break");
                return Err(Error::invalid(format!("`{}`", text.escape_debug()), why));
            }
        }
        if self.at.as_second() < 0 {
            return Err(Error::invalid(self.at.to_string(), "Git knows no time before 1970"));
        }
        Ok(gix::actor::Signature {
            name: self.who.name.trim().into(),
            email: self.who.email.trim().into(),
            time: gix::date::Time { seconds: self.at.as_second(), offset: 0 },
        })
    }

    pub(crate) fn from_gix(signature: gix::actor::SignatureRef<'_>) -> Self {
        let seconds = signature.time().map_or(0, |time| time.seconds);
        Self {
            who: Identity {
                name: signature.name.to_string().trim().to_owned(),
                email: signature.email.to_string().trim().to_owned(),
            },
            at: Timestamp::from_second(seconds).unwrap_or(Timestamp::UNIX_EPOCH),
        }
    }
}
