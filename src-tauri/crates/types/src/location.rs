//! Where in a file something is, and what is wrong there.

use std::fmt;

use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// A place in a text file. Lines and columns count from 1.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, TS)]
pub struct Location {
    /// The file, relative to the repository's root, with `/`.
    pub file: String,
    /// The line, where known.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    #[ts(optional)]
    pub line: Option<u64>,
    /// The column in characters, where known.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    #[ts(optional)]
    pub column: Option<u64>,
}

impl Location {
    /// A whole file.
    pub fn file(file: impl Into<String>) -> Self {
        Self { file: file.into(), line: None, column: None }
    }

    /// A line and a column of a file.
    pub fn at(file: impl Into<String>, line: u64, column: u64) -> Self {
        Self { file: file.into(), line: Some(line), column: Some(column) }
    }
}

impl fmt::Display for Location {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.file)?;
        if let Some(line) = self.line {
            write!(f, ":{line}")?;
            if let Some(column) = self.column {
                write!(f, ":{column}")?;
            }
        }
        Ok(())
    }
}

/// Something a person wrote that cannot be accepted: where, what, and what was expected.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct Mistake {
    /// Where it stands.
    pub location: Location,
    /// What is wrong, in one sentence without a final full stop.
    pub message: String,
    /// What would be accepted: allowed keys, a range, an example. Empty where nothing helps.
    #[serde(skip_serializing_if = "String::is_empty", default)]
    pub expected: String,
}

impl fmt::Display for Mistake {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.location, self.message)?;
        if self.expected.is_empty() { Ok(()) } else { write!(f, " (expected {})", self.expected) }
    }
}
