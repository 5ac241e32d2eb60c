//! Repositories that other tools made, and what those say of them (`tests/fixtures/others`).

use std::path::{Path, PathBuf};

use keelmark_git::Repository;
use serde_json::Value;

use super::git_in;

pub fn fixture(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../tests/fixtures/others").join(name)
}

/// What a tool said.
pub fn answer(name: &str) -> Value {
    let bytes = std::fs::read(fixture(name)).expect("an answer");
    serde_json::from_slice(&bytes).expect("JSON")
}

/// A clone of a bundle with all its refs, and its folder.
pub fn unbundled(name: &str) -> (tempfile::TempDir, Repository) {
    let folder = tempfile::tempdir().expect("a folder");
    let bundle = fixture(name);
    git_in(folder.path(), 1_772_000_000, &["init", "--quiet", "--initial-branch=main"]);
    let bundle = bundle.to_str().expect("a text");
    git_in(folder.path(), 1_772_000_000, &["fetch", "--quiet", "--update-head-ok", bundle, "refs/*:refs/*"]);
    git_in(folder.path(), 1_772_000_000, &["reset", "--quiet", "--hard", "main"]);
    let repository = Repository::open(folder.path()).expect("a repository");
    (folder, repository)
}
