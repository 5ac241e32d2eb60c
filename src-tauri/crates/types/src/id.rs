//! Ids and names that say their kind, checked where they enter.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::Timestamp;

/// A text that is not an id or a name of the kind asked for.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{text}` is not {kind}")]
pub struct InvalidId {
    /// What was given.
    pub text: String,
    /// What was expected, with its article.
    pub kind: &'static str,
}

macro_rules! checked_text {
    ($(#[$doc:meta])* $name:ident, $kind:literal, $check:expr) => {
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, TS)]
        #[serde(try_from = "String", into = "String")]
        #[ts(type = "string")]
        pub struct $name(String);

        impl $name {
            /// Checks `text`.
            pub fn new(text: impl Into<String>) -> Result<Self, InvalidId> {
                let text = text.into();
                let check: fn(&str) -> bool = $check;
                if check(&text) { Ok(Self(text)) } else { Err(InvalidId { text, kind: $kind }) }
            }

            /// The text.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.pad(&self.0)
            }
        }

        impl FromStr for $name {
            type Err = InvalidId;

            fn from_str(text: &str) -> Result<Self, InvalidId> {
                Self::new(text)
            }
        }

        impl TryFrom<String> for $name {
            type Error = InvalidId;

            fn try_from(text: String) -> Result<Self, InvalidId> {
                Self::new(text)
            }
        }

        impl From<$name> for String {
            fn from(id: $name) -> Self {
                id.0
            }
        }
    };
}

fn is_hex(text: &str, length: usize) -> bool {
    text.len() == length && text.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
}

fn is_name(text: &str) -> bool {
    let bytes = text.as_bytes();
    let edge = |byte: u8| byte.is_ascii_alphanumeric();
    (1..=100).contains(&bytes.len())
        && edge(bytes[0])
        && edge(bytes[bytes.len() - 1])
        && bytes.iter().all(|&byte| edge(byte) || byte == b'-' || byte == b'_')
}

fn is_ulid(text: &str) -> bool {
    text.len() == 26 && text.parse::<ulid::Ulid>().is_ok_and(|id| id.to_string() == text)
}

fn ulid_text(at: Timestamp, chance: [u8; 10]) -> String {
    let millis = u64::try_from(at.as_millisecond()).unwrap_or(0);
    let mut random = [0_u8; 16];
    random[6..].copy_from_slice(&chance);
    ulid::Ulid::from_parts(millis, u128::from_be_bytes(random)).to_string()
}

checked_text!(
    /// The oid of a Git commit: 40 lower-case hexadecimal digits.
    CommitId, "a commit id of 40 hexadecimal digits", |text| is_hex(text, 40)
);
checked_text!(
    /// A SHA-256 digest: 64 lower-case hexadecimal digits.
    Sha256, "a SHA-256 digest of 64 hexadecimal digits", |text| is_hex(text, 64)
);
checked_text!(
    /// The name of a model: letters, digits, `-` and `_`, as GTO accepts them in a tag.
    ModelName, "a model name (letters, digits, - and _, beginning and ending with a letter or digit)", is_name
);
checked_text!(
    /// The name of an environment: letters, digits, `-` and `_`.
    EnvironmentName,
    "an environment name (letters, digits, - and _, beginning and ending with a letter or digit)",
    is_name
);
checked_text!(
    /// The id of a run: a ULID, so that ids sort by the time they were made.
    RunId, "a run id (a ULID of 26 characters)", is_ulid
);
checked_text!(
    /// The id of a note: a ULID, so that ids sort by the time they were made.
    NoteId, "a note id (a ULID of 26 characters)", is_ulid
);

impl CommitId {
    /// The first eight digits, for people.
    pub fn short(&self) -> &str {
        &self.0[..8]
    }
}

impl Sha256 {
    /// The digest with these bytes.
    pub fn from_bytes(bytes: [u8; 32]) -> Self {
        use fmt::Write;
        let mut text = String::with_capacity(64);
        for byte in bytes {
            // Writing to a string cannot fail.
            write!(text, "{byte:02x}").ok();
        }
        Self(text)
    }
}

impl NoteId {
    /// A new id from the time and 80 bits of chance.
    pub fn from_parts(at: Timestamp, chance: [u8; 10]) -> Self {
        Self(ulid_text(at, chance))
    }
}

impl RunId {
    /// A new id from the time and 80 bits of chance.
    pub fn from_parts(at: Timestamp, chance: [u8; 10]) -> Self {
        Self(ulid_text(at, chance))
    }

    /// When the id was made.
    pub fn made_at(&self) -> Timestamp {
        let millis = self.0.parse::<ulid::Ulid>().map_or(0, |id| id.timestamp_ms());
        i64::try_from(millis)
            .ok()
            .and_then(|millis| Timestamp::from_millisecond(millis).ok())
            .unwrap_or(Timestamp::UNIX_EPOCH)
    }

    /// The month of the ref that holds it, `yyyy-mm` in UTC.
    pub fn month(&self) -> String {
        self.made_at().to_string()[..7].to_owned()
    }
}

/// A semantic version without pre-release, written `v1.3.0`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, TS)]
#[serde(try_from = "String", into = "String")]
#[ts(type = "string")]
pub struct SemanticVersion {
    /// Changes that break users.
    pub major: u64,
    /// Changes that do not.
    pub minor: u64,
    /// Mends.
    pub patch: u64,
}

impl fmt::Display for SemanticVersion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "v{}.{}.{}", self.major, self.minor, self.patch)
    }
}

impl FromStr for SemanticVersion {
    type Err = InvalidId;

    fn from_str(text: &str) -> Result<Self, InvalidId> {
        let invalid = || InvalidId { text: text.to_owned(), kind: "a release version such as v1.3.0" };
        let mut parts = text.strip_prefix('v').ok_or_else(invalid)?.split('.').map(|part| {
            let plain = part == "0" || !part.starts_with('0');
            if plain && part.bytes().all(|byte| byte.is_ascii_digit()) { part.parse().ok() } else { None }
        });
        match (parts.next(), parts.next(), parts.next(), parts.next()) {
            (Some(Some(major)), Some(Some(minor)), Some(Some(patch)), None) => {
                Ok(Self { major, minor, patch })
            }
            _ => Err(invalid()),
        }
    }
}

impl TryFrom<String> for SemanticVersion {
    type Error = InvalidId;

    fn try_from(text: String) -> Result<Self, InvalidId> {
        text.parse()
    }
}

impl From<SemanticVersion> for String {
    fn from(version: SemanticVersion) -> Self {
        version.to_string()
    }
}

/// The tag of a release, as GTO has it: `digits@v1.3.0`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct ReleaseTag {
    /// Which model.
    pub model: ModelName,
    /// Which version of it.
    pub version: SemanticVersion,
}

impl fmt::Display for ReleaseTag {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}@{}", self.model, self.version)
    }
}

impl FromStr for ReleaseTag {
    type Err = InvalidId;

    fn from_str(text: &str) -> Result<Self, InvalidId> {
        let (model, version) = text.split_once('@').ok_or_else(|| InvalidId {
            text: text.to_owned(),
            kind: "a release tag such as digits@v1.3.0",
        })?;
        Ok(Self { model: model.parse()?, version: version.parse()? })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn run_ids_sort_by_time_and_name_their_month() {
        let early = RunId::from_parts("2026-03-31T23:59:59Z".parse().expect("a time"), [255; 10]);
        let late = RunId::from_parts("2026-04-01T00:00:00Z".parse().expect("a time"), [0; 10]);
        assert!(early < late, "later ids sort after earlier ones whatever the chance");
        assert_eq!((early.month().as_str(), late.month().as_str()), ("2026-03", "2026-04"));
        assert_eq!(RunId::new(late.as_str()), Ok(late));
    }

    #[test]
    fn names_that_would_break_a_ref_are_refused() {
        for bad in ["", "-a", "a-", "a b", "a/b", "a..b", "a@b", "a#b", "é", "a\n"] {
            assert!(ModelName::new(bad).is_err(), "{bad:?} must not become part of a ref");
        }
        assert!(ModelName::new("churn-eu_2").is_ok());
    }

    #[test]
    fn release_tags_read_back() {
        let tag: ReleaseTag = "digits@v1.12.0".parse().expect("a tag");
        assert_eq!(tag.to_string(), "digits@v1.12.0");
        for bad in ["digits@1.0.0", "digits@v1.0", "digits@v01.0.0", "digits@v1.0.0-rc1", "digits"] {
            assert!(bad.parse::<ReleaseTag>().is_err(), "{bad} is not a release tag of ours");
        }
    }
}
