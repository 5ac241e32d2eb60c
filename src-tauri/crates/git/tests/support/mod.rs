//! Real repositories made by the git program, in folders that go away.
#![allow(
    dead_code,
    clippy::print_stdout,
    reason = "each test file uses a part of it, and says what it skips"
)]

pub mod server;

use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use keelmark_git::{Identity, Repository, Signature};
use keelmark_types::{CommitId, Timestamp};
use tempfile::TempDir;

/// A repository in a folder of its own, with `user.name` set and one commit.
pub struct TestRepo {
    pub folder: TempDir,
}

impl TestRepo {
    /// One commit on `main` with `README.md` and `data/train.csv`.
    pub fn new() -> Self {
        let repo = Self::empty(&[]);
        repo.file("README.md", "# digits\n");
        repo.file("data/train.csv", "id,label\n1,0\n");
        repo.commit_all("Begin");
        repo
    }

    pub fn empty(arguments: &[&str]) -> Self {
        let folder = tempfile::Builder::new().prefix("keelmark-test-").tempdir().expect("a temporary folder");
        let repo = Self { folder };
        repo.git(&[&["init", "-q", "-b", "main"], arguments].concat());
        repo.git(&["config", "user.name", "Ada Example"]);
        repo.git(&["config", "user.email", "ada@example.org"]);
        repo
    }

    pub fn path(&self) -> &Path {
        self.folder.path()
    }

    pub fn open(&self) -> Repository {
        Repository::open(self.path()).expect("the test repository opens")
    }

    pub fn file(&self, path: &str, text: impl AsRef<[u8]>) {
        let full = self.path().join(path);
        std::fs::create_dir_all(full.parent().expect("a folder")).expect("folders are made");
        std::fs::write(full, text).expect("a file is written");
    }

    pub fn commit_all(&self, message: &str) -> CommitId {
        self.git(&["add", "-A"]);
        self.git(&["commit", "-q", "--allow-empty", "-m", message]);
        self.head()
    }

    pub fn head(&self) -> CommitId {
        CommitId::new(self.git(&["rev-parse", "HEAD"]).trim()).expect("a commit id")
    }

    /// What git says, which must succeed.
    pub fn git(&self, arguments: &[&str]) -> String {
        git_in(self.path(), arguments)
    }

    /// Everything under the work tree and the index, as bytes: to see that nothing changed.
    pub fn user_state(&self) -> Vec<(PathBuf, Vec<u8>)> {
        let mut state = Vec::new();
        let mut pending = vec![self.path().to_owned()];
        while let Some(folder) = pending.pop() {
            for entry in std::fs::read_dir(folder).expect("a folder is listed") {
                let path = entry.expect("an entry").path();
                if path.is_dir() && path.file_name().is_some_and(|name| name != ".git") {
                    pending.push(path);
                } else if path.is_file() {
                    state.push((path.clone(), std::fs::read(&path).expect("a file is read")));
                }
            }
        }
        let index = self.path().join(".git/index");
        state.push((index.clone(), std::fs::read(index).expect("the index is read")));
        state.sort();
        state
    }

    pub fn assert_sound(&self) {
        let said = git_output(self.path(), &["fsck", "--strict", "--no-dangling"]);
        let text = String::from_utf8_lossy(&said.stderr);
        assert!(said.status.success(), "git fsck --strict finds nothing: {text}");
    }
}

pub fn git_output(folder: &Path, arguments: &[&str]) -> Output {
    Command::new("git")
        .args(["-c", "init.defaultBranch=main", "-c", "commit.gpgSign=false"])
        .args(arguments)
        .current_dir(folder)
        .env("LC_ALL", "C")
        .env("GIT_CONFIG_NOSYSTEM", "1")
        .env("GIT_TERMINAL_PROMPT", "0")
        .stdin(Stdio::null())
        .output()
        .expect("git is there")
}

pub fn git_in(folder: &Path, arguments: &[&str]) -> String {
    let output = git_output(folder, arguments);
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "git {arguments:?} succeeds: {said}");
    String::from_utf8(output.stdout).expect("git says UTF-8")
}

pub fn ada(second: i64) -> Signature {
    let who = Identity { name: "Ada Example".to_owned(), email: "ada@example.org".to_owned() };
    Signature::new(who, at(second))
}

pub fn at(second: i64) -> Timestamp {
    Timestamp::from_second(1_767_225_600 + second).expect("a time in 2026")
}

/// This test program again, running only the ignored test `name`, which reads `KEELMARK_CHILD`.
pub fn child(name: &str, argument: &Path) -> Command {
    let mut command = Command::new(std::env::current_exe().expect("the test program"));
    command.args(["--exact", name, "--nocapture", "--test-threads=1"]).env("KEELMARK_CHILD", argument);
    command
}

/// What a child was given; `None` when an ignored test is run by hand.
pub fn child_argument() -> Option<PathBuf> {
    std::env::var_os("KEELMARK_CHILD").map(PathBuf::from)
}

pub fn has_program(name: &str) -> bool {
    let found = std::env::var_os("PATH").is_some_and(|path| {
        std::env::split_paths(&path).chain(["/usr/sbin".into()]).any(|folder| folder.join(name).is_file())
    });
    if !found {
        println!("skipped: {name} is not installed");
    }
    found
}
