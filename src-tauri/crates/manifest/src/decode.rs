//! The decoder: takes the tree apart, notes every mistake with its place and goes on.
//!
//! A reader that cannot give a value notes a mistake and gives a stand-in; with one mistake noted the whole result is
//! thrown away, so no stand-in ever gets out.

use std::fmt::Display;
use std::ops::RangeInclusive;

use keelmark_types::Mistake;

use crate::fields::Fields;
use crate::node::{Node, Place, Value, shorten};
use crate::suggest::nearest;

/// Collects mistakes while a tree is read.
#[derive(Debug)]
pub(crate) struct Decoder<'f> {
    file: &'f str,
    mistakes: Vec<Mistake>,
}

/// Which numbers are allowed.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Bounds {
    Any,
    /// `>= 0`
    NotNegative,
    /// `> 0`
    Positive,
    /// `0 < x < 1`
    Between0And1,
    /// `0 <= x < 1`
    From0Below1,
    /// `0 <= x <= 1`
    From0To1,
}

impl Bounds {
    fn accept(self, number: f64) -> bool {
        number.is_finite()
            && match self {
                Self::Any => true,
                Self::NotNegative => number >= 0.0,
                Self::Positive => number > 0.0,
                Self::Between0And1 => number > 0.0 && number < 1.0,
                Self::From0Below1 => (0.0..1.0).contains(&number),
                Self::From0To1 => (0.0..=1.0).contains(&number),
            }
    }

    fn describe(self) -> &'static str {
        match self {
            Self::Any => "a finite number",
            Self::NotNegative => "a number from 0",
            Self::Positive => "a number above 0",
            Self::Between0And1 => "a number above 0 and below 1",
            Self::From0Below1 => "a number from 0 and below 1",
            Self::From0To1 => "a number from 0 to 1",
        }
    }
}

/// `one of a, b, c`.
pub(crate) fn one_of(words: &[&str]) -> String {
    match words {
        [] => "no keys".to_owned(),
        [word] => (*word).to_owned(),
        _ => format!("one of {}", words.join(", ")),
    }
}

fn did_you_mean(word: &str, candidates: &[&str]) -> String {
    nearest(word, candidates).map_or(String::new(), |near| format!("; did you mean `{near}`?"))
}

impl<'f> Decoder<'f> {
    pub(crate) fn new(file: &'f str) -> Self {
        Self { file, mistakes: Vec::new() }
    }

    /// Notes a mistake.
    pub(crate) fn mistake(&mut self, place: &Place, message: impl Into<String>, expected: impl Into<String>) {
        self.mistakes.push(Mistake {
            location: place.location(self.file),
            message: message.into(),
            expected: expected.into(),
        });
    }

    pub(crate) fn is_clean(&self) -> bool {
        self.mistakes.is_empty()
    }

    /// How many mistakes were noted so far.
    pub(crate) fn count(&self) -> usize {
        self.mistakes.len()
    }

    /// `value` if nothing was wrong, else every mistake in the order of the file.
    pub(crate) fn finish<T>(mut self, value: Option<T>) -> Result<T, Vec<Mistake>> {
        match value {
            Some(value) if self.mistakes.is_empty() => Ok(value),
            _ => {
                self.mistakes.sort_by(|a, b| a.location.cmp(&b.location));
                self.mistakes.dedup();
                Err(self.mistakes)
            }
        }
    }

    /// Notes that `what` is something else than expected.
    pub(crate) fn wrong(&mut self, node: &Node, what: &str, expected: impl Into<String>) {
        self.mistake(&node.place, format!("`{what}` is {}", node.value.describe()), expected);
    }

    /// Notes a word outside a closed set, with the nearest of the set.
    pub(crate) fn unknown(&mut self, place: &Place, kind: &str, word: &str, allowed: &[&str]) {
        let hint = did_you_mean(word, allowed);
        self.mistake(place, format!("unknown {kind} `{}`{hint}", shorten(word)), one_of(allowed));
    }

    pub(crate) fn text(&mut self, node: &Node, what: &str) -> String {
        match &node.value {
            Value::Text(text) if !text.is_empty() => text.clone(),
            Value::Integer(number) => number.to_string(),
            Value::Bool(_) | Value::Float(_) => {
                self.wrong(node, what, "a text; put it in quotes");
                String::new()
            }
            Value::Text(_) => {
                self.mistake(&node.place, format!("`{what}` is empty"), "a text");
                String::new()
            }
            _ => {
                self.wrong(node, what, "a text");
                String::new()
            }
        }
    }

    /// A path within the model's folder.
    pub(crate) fn path(&mut self, node: &Node, what: &str) -> String {
        let text = self.text(node, what);
        if text.is_empty() {
            return text;
        }
        let trimmed = text.strip_suffix('/').unwrap_or(&text);
        if !is_inner_path(trimmed) {
            self.mistake(
                &node.place,
                format!("`{what}` is `{}`", shorten(&text)),
                "a path within the model's folder, with `/`, without `.` and `..`",
            );
        }
        trimmed.to_owned()
    }

    pub(crate) fn boolean(&mut self, node: &Node, what: &str) -> bool {
        if let Value::Bool(flag) = node.value {
            flag
        } else {
            self.wrong(node, what, "true or false");
            false
        }
    }

    pub(crate) fn integer(&mut self, node: &Node, what: &str, range: &RangeInclusive<u64>) -> u64 {
        if let Value::Integer(number) = node.value
            && let Ok(number) = u64::try_from(number)
            && range.contains(&number)
        {
            return number;
        }
        let expected = match (*range.start(), *range.end()) {
            (low, u64::MAX) => format!("a whole number from {low}"),
            (low, high) => format!("a whole number from {low} to {high}"),
        };
        self.wrong(node, what, expected);
        *range.start()
    }

    pub(crate) fn number(&mut self, node: &Node, what: &str, bounds: Bounds) -> f64 {
        let number = match node.value {
            Value::Integer(number) => Some(number as f64),
            Value::Float(number) => Some(number),
            _ => None,
        };
        match number {
            Some(number) if bounds.accept(number) => number,
            _ => {
                self.wrong(node, what, bounds.describe());
                0.5
            }
        }
    }

    pub(crate) fn list<'n>(&mut self, node: &'n Node, what: &str) -> &'n [Node] {
        if let Value::List(items) = &node.value {
            items
        } else {
            self.wrong(node, what, "a list");
            &[]
        }
    }

    /// A list, or one value in place of a list of one.
    pub(crate) fn one_or_many(&mut self, node: &Node, what: &str) -> Vec<String> {
        let texts = match &node.value {
            Value::List(items) => items.iter().map(|item| self.text(item, what)).collect(),
            _ => vec![self.text(node, what)],
        };
        if texts.is_empty() {
            self.mistake(&node.place, format!("`{what}` is an empty list"), "at least one");
        }
        texts
    }

    /// A word of a closed set.
    pub(crate) fn word<T: Copy>(&mut self, node: &Node, what: &str, words: &[(&str, T)]) -> Option<T> {
        let allowed: Vec<&str> = words.iter().map(|(word, _)| *word).collect();
        let Value::Text(text) = &node.value else {
            self.wrong(node, what, one_of(&allowed));
            return None;
        };
        let found = words.iter().find(|(word, _)| word == text).map(|(_, value)| *value);
        if found.is_none() {
            self.mistake(
                &node.place,
                format!("`{what}` is `{}`{}", shorten(text), did_you_mean(text, &allowed)),
                one_of(&allowed),
            );
        }
        found
    }

    /// A name checked by its own type.
    pub(crate) fn name<T: TryFrom<String, Error: Display>>(&mut self, node: &Node, what: &str) -> Option<T> {
        let text = self.text(node, what);
        if text.is_empty() {
            return None;
        }
        self.checked(&node.place, what, text)
    }

    /// Text checked by its own type.
    pub(crate) fn checked<T: TryFrom<String, Error: Display>>(
        &mut self,
        place: &Place,
        what: &str,
        text: String,
    ) -> Option<T> {
        match T::try_from(shorten_name(text)) {
            Ok(value) => Some(value),
            Err(error) => {
                self.mistake(place, format!("`{what}`: {error}"), "");
                None
            }
        }
    }

    /// A mapping; keys outside `allowed` are mistakes. `at` is where a missing key is reported.
    pub(crate) fn fields<'n>(
        &mut self,
        node: &'n Node,
        at: &'n Place,
        path: &str,
        allowed: &[&str],
    ) -> Option<Fields<'n>> {
        let Value::Map(entries) = &node.value else {
            let what = if path.is_empty() { "the document" } else { path };
            let keys = if allowed.is_empty() { "no keys".to_owned() } else { allowed.join(", ") };
            self.wrong(node, what, format!("a mapping with {keys}"));
            return None;
        };
        let mut misspelt = Vec::new();
        for entry in entries {
            if !allowed.contains(&entry.key.as_str()) {
                misspelt.extend(nearest(&entry.key, allowed).map(str::to_owned));
                let hint = did_you_mean(&entry.key, allowed);
                let inside = if path.is_empty() { String::new() } else { format!(" in `{path}`") };
                let message = format!("unknown key `{}`{inside}{hint}", shorten(&entry.key));
                self.mistake(&entry.place, message, one_of(allowed));
            }
        }
        Some(Fields::new(at, path, entries, misspelt))
    }

    /// One of several shapes, each by its key, or by its name alone where it takes nothing.
    pub(crate) fn tagged<'n>(
        &mut self,
        node: &'n Node,
        what: &str,
        kind: &str,
        tags: &[&'static str],
    ) -> Option<Tagged<'n>> {
        let (word, place, inner) = match &node.value {
            Value::Text(word) => (word, &node.place, None),
            Value::Map(entries) => match entries.as_slice() {
                [entry] => (&entry.key, &entry.place, Some(&entry.node)),
                [] => {
                    self.mistake(&node.place, format!("`{what}` is empty"), one_of(tags));
                    return None;
                }
                [_, second, ..] => {
                    let message = format!("`{}` is a second key in `{what}`", shorten(&second.key));
                    self.mistake(&second.place, message, format!("exactly one key: {}", one_of(tags)));
                    return None;
                }
            },
            _ => {
                self.wrong(node, what, one_of(tags));
                return None;
            }
        };
        let Some(tag) = tags.iter().find(|tag| *tag == word) else {
            self.unknown(place, kind, word, tags);
            return None;
        };
        let inner = inner.filter(|node| node.value != Value::Null);
        Some(Tagged { tag, place, inner })
    }
}

/// One of several shapes.
#[derive(Debug)]
pub(crate) struct Tagged<'n> {
    pub(crate) tag: &'static str,
    pub(crate) place: &'n Place,
    pub(crate) inner: Option<&'n Node>,
}

impl<'n> Tagged<'n> {
    /// What the shape takes; nothing given is an empty mapping.
    pub(crate) fn fields(
        &self,
        decoder: &mut Decoder<'_>,
        path: &str,
        allowed: &[&str],
    ) -> Option<Fields<'n>> {
        match self.inner {
            Some(node) => decoder.fields(node, self.place, path, allowed),
            None => Some(Fields::none(self.place, path)),
        }
    }
}

/// A name longer than any allowed one is cut, so that the mistake that quotes it stays short.
fn shorten_name(text: String) -> String {
    if text.chars().count() > 128 { shorten(&text) } else { text }
}

/// Whether `path` stays within its folder on every system.
pub(crate) fn is_inner_path(path: &str) -> bool {
    !path.is_empty()
        && path.len() <= 4096
        && !path.contains(['\\', ':'])
        && !path.chars().any(char::is_control)
        && path.split('/').all(|part| !part.is_empty() && part != "." && part != "..")
}
