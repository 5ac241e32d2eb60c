//! Rules on the crates: the table of layers, and who owns what.

use crate::workspace::Member;

/// Crate, and what of ours it sees beside `types`.
const TABLE: [(&str, &[&str]); 21] = [
    ("types", &[]),
    ("manifest", &[]),
    ("formats", &[]),
    ("metrics", &[]),
    ("http", &[]),
    ("git", &[]),
    ("compute", &["manifest", "metrics"]),
    ("onnx", &[]),
    ("index", &[]),
    ("charts", &[]),
    ("data", &["formats", "git", "http", "manifest", "metrics"]),
    ("runs", &["data", "git", "compute", "onnx", "index", "charts", "manifest", "metrics"]),
    ("history", &["formats", "git", "index", "manifest"]),
    ("compare", &["metrics"]),
    ("promote", &["compare", "runs", "charts", "git", "manifest"]),
    ("agent", &["data", "compute", "git", "metrics", "manifest"]),
    (
        "api",
        &[
            "manifest", "formats", "metrics", "http", "git", "compute", "onnx", "index", "charts", "data",
            "runs", "history", "compare", "promote", "agent",
        ],
    ),
    ("cli", &["api"]),
    ("desktop", &["api"]),
    ("journeys", &["api"]),
    ("xtask", &["api"]),
];

/// A heavy library (and all whose name goes on from it with `-`), and its owner.
const OWNERS: [(&str, &str); 8] = [
    ("gix", "git"),
    ("curl", "http"),
    ("candle", "compute"),
    ("tract", "onnx"),
    ("sqlx", "index"),
    ("plotters", "charts"),
    ("keyring", "git"),
    ("tauri", "desktop"),
];

/// The name in the table of a crate of ours.
fn short(name: &str) -> Option<&str> {
    match name {
        "keelmark" => Some("cli"),
        "xtask" => Some("xtask"),
        other => other.strip_prefix("keelmark-"),
    }
}

/// Members that are not in the table, and arrows that are not.
pub fn sees_too_much(members: &[Member]) -> Vec<String> {
    let mut complaints = Vec::new();
    for member in members {
        let row = short(&member.name).and_then(|name| TABLE.iter().find(|row| row.0 == name));
        let Some((own, sees)) = row else {
            complaints.push(format!("{} is not in the table of crates", member.name));
            continue;
        };
        for seen in member.dependencies.iter().filter_map(|name| short(name)) {
            let types = seen == "types" && *own != "types";
            if !types && !sees.contains(&seen) {
                complaints.push(format!("{} must not see {seen}", member.name));
            }
        }
    }
    complaints
}

/// Uses of a heavy library by a crate that does not own it.
pub fn not_the_owner(members: &[Member]) -> Vec<String> {
    let mut complaints = Vec::new();
    for member in members {
        for dependency in &member.dependencies {
            let is = |library: &str| {
                let rest = dependency.strip_prefix(library);
                rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('-'))
            };
            let owner = OWNERS.iter().find(|(library, _)| is(library)).map(|(_, owner)| *owner);
            if owner.is_some() && owner != short(&member.name) {
                complaints.push(format!("{} must not use {dependency}", member.name));
            }
        }
    }
    complaints
}

/// Members whose description is missing or is not one sentence.
pub fn without_sentence(members: &[Member]) -> Vec<String> {
    let is_sentence = |text: &str| text.ends_with('.') && text.contains(' ') && !text.contains(". ");
    let missing = members.iter().filter(|member| !is_sentence(&member.description));
    missing.map(|member| format!("{} is described as {:?}", member.name, member.description)).collect()
}
