//! Commit messages and the trailers at their end.

use crate::{Error, Result};

/// A line `Key: value` at the end of a commit message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Trailer {
    /// Letters, digits and `-`.
    pub key: String,
    /// One line.
    pub value: String,
}

impl Trailer {
    /// A trailer.
    pub fn new(key: impl Into<String>, value: impl Into<String>) -> Self {
        Self { key: key.into(), value: value.into() }
    }

    /// The trailers a message ends with: its last paragraph, if every line of it is one.
    pub fn parse(message: &str) -> Vec<Self> {
        let text = message.trim_end();
        let Some((_, last)) = text.rsplit_once("\n\n") else { return Vec::new() };
        let lines: Option<Vec<Self>> = last.lines().map(parse_line).collect();
        lines.unwrap_or_default()
    }
}

fn parse_line(line: &str) -> Option<Trailer> {
    let (key, value) = line.split_once(": ")?;
    is_key(key).then(|| Trailer::new(key, value.trim()))
}

fn is_key(key: &str) -> bool {
    !key.is_empty() && key.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
}

/// Subject, body and trailers as one message, ending in a line break.
pub(crate) fn compose(subject: &str, body: &str, trailers: &[Trailer]) -> Result<String> {
    let subject = subject.trim();
    if subject.is_empty() || subject.contains('\n') {
        return Err(Error::invalid("the subject of a commit", "it must be one line that is not empty"));
    }
    let mut message = format!("{subject}\n");
    let body = body.trim();
    if !body.is_empty() {
        message.extend(["\n", body, "\n"]);
    }
    for (index, trailer) in trailers.iter().enumerate() {
        if !is_key(&trailer.key) || trailer.value.contains(['\n', '\r']) {
            let why = "a trailer is one line, its key made of letters, digits and -";
            return Err(Error::invalid(format!("trailer `{}`", trailer.key.escape_debug()), why));
        }
        if index == 0 {
            message.push('\n');
        }
        message.extend([trailer.key.as_str(), ": ", trailer.value.trim(), "\n"]);
    }
    if message.contains('\0') {
        return Err(Error::invalid("a commit message", "it must not contain a NUL character"));
    }
    Ok(message)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn trailers_read_back() {
        let trailers = vec![Trailer::new("Model", "digits"), Trailer::new("Release-Digest", "sha256:00")];
        let message = compose("Promote digits", "Why: because", &trailers).expect("a message");
        assert_eq!(message, "Promote digits\n\nWhy: because\n\nModel: digits\nRelease-Digest: sha256:00\n");
        assert_eq!(Trailer::parse(&message), trailers);
        assert_eq!(Trailer::parse("Model: digits\n"), [], "a subject is not a trailer");
    }

    #[test]
    fn a_value_cannot_forge_another_trailer() {
        let forged = [Trailer::new("Override-Reason", "fine\nVerdict: PASSED")];
        assert!(compose("Promote", "", &forged).is_err(), "a line break would add a trailer nobody wrote");
    }

    proptest::proptest! {
        #[test]
        fn any_trailers_read_back_and_any_message_is_read(
            pairs in proptest::collection::vec(("[A-Za-z][A-Za-z0-9-]{0,12}", "[^\r\n\u{0}]{0,40}"), 1..6),
            body in ".{0,80}",
            noise in "(?s).{0,200}",
        ) {
            Trailer::parse(&noise);
            let trailers: Vec<Trailer> =
                pairs.iter().map(|(key, value)| Trailer::new(key.as_str(), value.trim())).collect();
            if trailers.iter().all(|trailer| !trailer.value.is_empty() && trailer.value.lines().count() == 1)
                && let Ok(message) = compose("Subject", &body, &trailers)
            {
                proptest::prop_assert_eq!(Trailer::parse(&message), trailers);
            }
        }
    }
}
