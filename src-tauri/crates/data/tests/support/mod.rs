//! The fixture of DVC's own making, opened as somebody's clone of it.
#![expect(dead_code, reason = "each test file uses its part")]

pub mod server;

use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::Command;

use keelmark_data::Stores;
use keelmark_git::{Repository, Version};
use keelmark_types::CommitId;
use serde::Deserialize;
use serde_json::Value;

pub type Texts = BTreeMap<String, String>;

/// What `make_status.py` wrote.
#[derive(Deserialize)]
pub struct Told {
    pub commits: BTreeMap<String, String>,
    pub files: BTreeMap<String, Texts>,
    pub scenarios: Vec<Scenario>,
}

/// What was done to a clone, and what DVC said of it.
#[derive(Deserialize)]
pub struct Scenario {
    pub name: String,
    pub at: String,
    pub write: BTreeMap<String, Option<String>>,
    pub drop: Vec<String>,
    pub status: Value,
}

fn others(name: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../../tests/fixtures/others").join(name)
}

pub fn told() -> Told {
    let text = fs::read(others("dvc_status/scenarios.json")).expect("the fixture is in the repository");
    serde_json::from_slice(&text).expect("as the script wrote it")
}

pub fn cache() -> Texts {
    let text = fs::read(others("dvc_status/cache.json")).expect("the fixture is in the repository");
    serde_json::from_slice(&text).expect("as the script wrote it")
}

/// A clone in a folder of its own.
pub struct Clone {
    pub folder: tempfile::TempDir,
}

impl Clone {
    /// At a commit, without anything that DVC keeps.
    pub fn at(commit: &str) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let clone = Self { folder };
        let bundle = others("dvc_status.bundle");
        clone.git(&["clone", "--quiet", "-b", "main", bundle.to_str().expect("UTF-8"), "repo"]);
        clone.git(&["-C", "repo", "checkout", "--quiet", commit]);
        clone
    }

    pub fn path(&self) -> PathBuf {
        self.folder.path().join("repo")
    }

    fn git(&self, arguments: &[&str]) {
        let mut command = Command::new("git");
        command.args(arguments).current_dir(self.folder.path());
        command.env("GIT_CONFIG_GLOBAL", "/dev/null").env("GIT_CONFIG_SYSTEM", "/dev/null");
        let done = command.output().expect("git is here");
        assert!(done.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&done.stderr));
    }

    /// Commits everything that is not ignored.
    pub fn commit(&self) -> CommitId {
        self.git(&["-C", "repo", "add", "--all"]);
        let person = ["-c", "user.name=Ada", "-c", "user.email=ada@example.org"];
        self.git(&[&["-C", "repo"], &person[..], &["commit", "--quiet", "-m", "More"]].concat());
        self.repository().head().expect("a head").expect("a commit")
    }

    pub fn repository(&self) -> Repository {
        Repository::open(self.path()).expect("a repository")
    }

    pub fn stores(&self) -> Stores {
        Stores::of(&self.repository(), None).expect("stores")
    }

    pub fn version(&self) -> Version {
        let repository = self.repository();
        let head = repository.head().expect("a head").expect("a commit");
        repository.version(&head).expect("a version")
    }

    /// Puts DVC's cache, or part of it, as DVC does: read-only.
    pub fn put_cache(&self, is_kept: impl Fn(&str) -> bool) {
        put_objects(&self.path().join(".dvc/cache"), is_kept);
    }

    pub fn write(&self, path: &str, text: &str) {
        let path = self.path().join(path);
        fs::create_dir_all(path.parent().expect("a folder")).expect("made");
        fs::write(path, text).expect("written");
    }

    pub fn remove(&self, path: &str) {
        fs::remove_file(self.path().join(path)).expect("it was there");
    }
}

/// Puts the objects of the fixture's cache into a folder.
pub fn put_objects(folder: &Path, is_kept: impl Fn(&str) -> bool) {
    for (path, text) in cache().into_iter().filter(|(path, _)| is_kept(path)) {
        let path = folder.join(path);
        fs::create_dir_all(path.parent().expect("a folder")).expect("made");
        fs::write(&path, text).expect("written");
        fs::set_permissions(&path, fs::Permissions::from_mode(0o444)).expect("protected");
    }
}
