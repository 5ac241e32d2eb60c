//! Overrides of single keys for one run: `train.epochs=5`.

use std::collections::BTreeMap;

use keelmark_types::Mistake;

use crate::node::{self, Entry, Node, Place, Value};
use crate::{FILE_NAME, Manifest, manifest, yaml};

/// Paths whose mapping holds exactly one of several keys: another one takes the place of what is there.
const ONE_OF: &[&[&str]] =
    &[&["model"], &["model", "preset"], &["train", "optimizer"], &["train", "schedule"]];
const MAX_PARTS: usize = 16;

/// The manifest with single values replaced. Keys are dotted (`train.optimizer.adamw.lr`, `model.layers.0.conv2d.channels`),
/// list entries by their number from 0; values are YAML (`5`, `0.01`, `linear`, `[64, 32]`; nothing takes a key away).
pub fn with_overrides(
    manifest: &Manifest,
    overrides: &BTreeMap<String, String>,
) -> Result<Manifest, Vec<Mistake>> {
    if overrides.is_empty() {
        return Ok(manifest.clone());
    }
    let json = serde_json::to_value(manifest).unwrap_or_default();
    let mut root = node::from_json(&json);
    let mut mistakes = Vec::new();
    for (key, text) in overrides {
        if let Err(mistake) = apply(&mut root, key, text) {
            mistakes.push(mistake);
        }
    }
    match manifest::decode(FILE_NAME, &root) {
        Ok(manifest) if mistakes.is_empty() => Ok(manifest),
        Ok(_) => Err(mistakes),
        Err(more) => {
            mistakes.extend(more);
            Err(mistakes)
        }
    }
}

fn apply(root: &mut Node, key: &str, text: &str) -> Result<(), Mistake> {
    let place = Place::Override(key.to_owned());
    let parts: Vec<&str> = key.split('.').collect();
    if parts.len() > MAX_PARTS || parts.iter().any(|part| part.is_empty()) {
        return Err(mistake(&place, "not a dotted key".to_owned(), "a key such as train.epochs".to_owned()));
    }
    let mut value = yaml::read(FILE_NAME, text)
        .map_err(|inner| Mistake { location: place.location(FILE_NAME), ..inner })?;
    mark(&mut value, &place);
    set(root, &parts, 0, value)
}

fn mistake(place: &Place, message: String, expected: String) -> Mistake {
    Mistake { location: place.location(FILE_NAME), message, expected }
}

/// Puts `value` where `parts` from `depth` on lead; mappings are made where they are missing.
fn set(at: &mut Node, parts: &[&str], depth: usize, value: Node) -> Result<(), Mistake> {
    let (Some(part), Some(before)) = (parts.get(depth), parts.get(..depth)) else {
        *at = value;
        return Ok(());
    };
    match &mut at.value {
        Value::List(items) => {
            let count = items.len();
            if let Some(item) = part.parse().ok().and_then(|index: usize| items.get_mut(index)) {
                return set(item, parts, depth + 1, value);
            }
            let message = format!("`{}` has no entry `{}`", before.join("."), node::shorten(part));
            Err(mistake(&value.place, message, entries(count)))
        }
        Value::Map(entries) => {
            if let Some(entry) = entries.iter_mut().find(|entry| entry.key == *part) {
                return set(&mut entry.node, parts, depth + 1, value);
            }
            if ONE_OF.contains(&before) {
                entries.clear();
            }
            entries.push(made(part, parts, depth, value)?);
            Ok(())
        }
        _ => {
            let place = value.place.clone();
            let entry = made(part, parts, depth, value)?;
            *at = Node { place, value: Value::Map(vec![entry]) };
            Ok(())
        }
    }
}

/// A key that was not there, with what lies below it.
fn made(part: &str, parts: &[&str], depth: usize, value: Node) -> Result<Entry, Mistake> {
    let place = value.place.clone();
    let mut node = Node { place: place.clone(), value: Value::Null };
    set(&mut node, parts, depth + 1, value)?;
    Ok(Entry { key: part.to_owned(), place, node })
}

fn entries(count: usize) -> String {
    match count {
        0 => "no entry; the list is empty".to_owned(),
        1 => "0".to_owned(),
        _ => format!("a number from 0 to {}", count - 1),
    }
}

fn mark(node: &mut Node, place: &Place) {
    node.place = place.clone();
    match &mut node.value {
        Value::List(items) => items.iter_mut().for_each(|item| mark(item, place)),
        Value::Map(entries) => {
            for entry in entries {
                entry.place = place.clone();
                mark(&mut entry.node, place);
            }
        }
        _ => {}
    }
}
