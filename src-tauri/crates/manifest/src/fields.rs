//! A mapping in the middle of being read, key by key.

use std::ops::RangeInclusive;

use crate::decode::{Bounds, Decoder};
use crate::node::{Entry, Node, Place, Value};

/// A mapping whose keys are being read.
#[derive(Debug)]
pub(crate) struct Fields<'n> {
    at: &'n Place,
    path: String,
    entries: &'n [Entry],
    /// Keys that unknown ones were most likely meant to be: not missing as well.
    misspelt: Vec<String>,
}

impl<'n> Fields<'n> {
    pub(crate) fn new(at: &'n Place, path: &str, entries: &'n [Entry], misspelt: Vec<String>) -> Self {
        Self { at, path: path.to_owned(), entries, misspelt }
    }

    /// A mapping without keys, which says of each needed key that it is missing.
    pub(crate) fn none(at: &'n Place, path: &str) -> Self {
        Self { at, path: path.to_owned(), entries: &[], misspelt: Vec::new() }
    }

    /// The dotted path of a key.
    pub(crate) fn path(&self, key: &str) -> String {
        if self.path.is_empty() { key.to_owned() } else { format!("{}.{key}", self.path) }
    }

    /// Where the mapping stands.
    pub(crate) fn place(&self) -> &'n Place {
        self.at
    }

    /// A key's value; a value of nothing is a key left out.
    pub(crate) fn get(&self, key: &str) -> Option<&'n Node> {
        self.entry(key).map(|entry| &entry.node)
    }

    /// A key with its value and place.
    pub(crate) fn entry(&self, key: &str) -> Option<&'n Entry> {
        self.entries.iter().find(|entry| entry.key == key && entry.node.value != Value::Null)
    }

    /// Where a key stands, else where the mapping does.
    pub(crate) fn key_place(&self, key: &str) -> &'n Place {
        self.entry(key).map_or(self.at, |entry| &entry.place)
    }

    /// A key that has to be there.
    pub(crate) fn need(&self, decoder: &mut Decoder<'_>, key: &str, expected: &str) -> Option<&'n Node> {
        let node = self.get(key);
        if node.is_none() && !self.misspelt.iter().any(|meant| meant == key) {
            let inside = if self.path.is_empty() { String::new() } else { format!(" in `{}`", self.path) };
            decoder.mistake(self.at, format!("`{key}` is missing{inside}"), expected);
        }
        node
    }

    pub(crate) fn need_text(&self, decoder: &mut Decoder<'_>, key: &str, expected: &str) -> String {
        self.need(decoder, key, expected).map_or(String::new(), |node| decoder.text(node, &self.path(key)))
    }

    pub(crate) fn text(&self, decoder: &mut Decoder<'_>, key: &str) -> Option<String> {
        self.get(key).map(|node| decoder.text(node, &self.path(key)))
    }

    pub(crate) fn need_integer(
        &self,
        decoder: &mut Decoder<'_>,
        key: &str,
        range: &RangeInclusive<u64>,
    ) -> u64 {
        let expected = format!("a whole number from {}", range.start());
        self.need(decoder, key, &expected)
            .map_or(*range.start(), |node| decoder.integer(node, &self.path(key), range))
    }

    pub(crate) fn integer(
        &self,
        decoder: &mut Decoder<'_>,
        key: &str,
        range: &RangeInclusive<u64>,
        default: u64,
    ) -> u64 {
        self.get(key).map_or(default, |node| decoder.integer(node, &self.path(key), range))
    }

    pub(crate) fn number(&self, decoder: &mut Decoder<'_>, key: &str, bounds: Bounds, default: f64) -> f64 {
        self.get(key).map_or(default, |node| decoder.number(node, &self.path(key), bounds))
    }

    pub(crate) fn boolean(&self, decoder: &mut Decoder<'_>, key: &str, default: bool) -> bool {
        self.get(key).map_or(default, |node| decoder.boolean(node, &self.path(key)))
    }

    pub(crate) fn list(&self, decoder: &mut Decoder<'_>, key: &str) -> &'n [Node] {
        self.get(key).map_or(&[], |node| decoder.list(node, &self.path(key)))
    }

    /// The mapping under a key, an empty one where it is left out; `None` where there is something else.
    pub(crate) fn inner(&self, decoder: &mut Decoder<'_>, key: &str, allowed: &[&str]) -> Option<Self> {
        let path = self.path(key);
        match self.entry(key) {
            Some(entry) => decoder.fields(&entry.node, &entry.place, &path, allowed),
            None => Some(Fields::none(self.at, &path)),
        }
    }

    /// Every key with its value.
    pub(crate) fn entries(&self) -> &'n [Entry] {
        self.entries
    }
}
