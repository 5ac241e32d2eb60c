//! A list of mistakes that ends before it tires the reader.

use keelmark_types::{Location, Mistake};

use crate::Error;

/// So many mistakes are told at most.
const TOLD: usize = 20;

/// Mistakes as they are met.
#[derive(Debug, Default)]
pub(crate) struct Mistakes(Vec<Mistake>);

impl Mistakes {
    pub(crate) fn push(&mut self, mistake: Mistake) {
        if !self.is_full() {
            self.0.push(mistake);
        }
    }

    /// Whether looking for more is of no use.
    pub(crate) fn is_full(&self) -> bool {
        self.0.len() >= TOLD
    }

    /// The error they make, if there is one.
    pub(crate) fn finish(self) -> Result<(), Error> {
        if self.0.is_empty() { Ok(()) } else { Err(Error::Invalid { mistakes: self.0 }) }
    }
}

pub(crate) fn mistake(
    location: Location,
    message: impl Into<String>,
    expected: impl Into<String>,
) -> Mistake {
    Mistake { location, message: message.into(), expected: expected.into() }
}

/// At most so many characters of what somebody wrote are repeated to them.
const QUOTED: usize = 60;

/// What somebody wrote, in quotes, shortened, control characters escaped.
pub(crate) fn quoted(text: &str) -> String {
    let mut shown: String = text.chars().take(QUOTED).flat_map(char::escape_debug).collect();
    if text.chars().nth(QUOTED).is_some() {
        shown.push('…');
    }
    format!("`{shown}`")
}

/// Names in a row, shortened: `a, b, c and 20 more`.
pub(crate) fn listed<'a>(names: impl ExactSizeIterator<Item = &'a str>) -> String {
    const SHOWN: usize = 12;
    let count = names.len();
    let text = names.take(SHOWN).map(quoted).collect::<Vec<_>>().join(", ");
    if count > SHOWN { format!("{text} and {} more", count - SHOWN) } else { text }
}
