//! A real repository with fixed dates and people.

use std::fs;
use std::path::{Path, PathBuf};

use crate::{Answer, Snapshot, TestWorld};

/// A repository with a work tree, driven by the real `git`.
#[derive(Debug)]
pub struct TestRepo<'w> {
    world: &'w TestWorld,
    path: PathBuf,
}

impl<'w> TestRepo<'w> {
    #[track_caller]
    pub(crate) fn init(world: &'w TestWorld, name: &str) -> Self {
        let path = world.path().join(name);
        fs::create_dir_all(&path).expect("the world's folder can be written");
        world.git(&path, &["init", "--quiet"]).ok();
        Self { world, path }
    }

    #[track_caller]
    pub(crate) fn open(world: &'w TestWorld, path: &Path) -> Self {
        assert!(path.starts_with(world.path()), "{} is not in this world", path.display());
        world.git(path, &["rev-parse", "--git-dir"]).ok();
        Self { world, path: path.to_path_buf() }
    }

    /// Its work tree.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The world it is in.
    pub fn world(&self) -> &'w TestWorld {
        self.world
    }

    /// Writes a file, with the folders above it.
    #[track_caller]
    pub fn write(&self, path: &str, content: impl AsRef<[u8]>) {
        let path = self.path.join(path);
        let folder = path.parent().expect("a file lies in a folder");
        fs::create_dir_all(folder).expect("the work tree can be written");
        fs::write(&path, content).expect("the work tree can be written");
    }

    /// A text file of the work tree.
    #[track_caller]
    pub fn read(&self, path: &str) -> String {
        match fs::read_to_string(self.path.join(path)) {
            Ok(text) => text,
            Err(error) => panic!("cannot read {path} in the work tree: {error}"),
        }
    }

    /// Commits all of the work tree, a minute after the commit before; its id.
    #[track_caller]
    pub fn commit(&self, message: &str) -> String {
        self.world.advance(60);
        self.git(&["add", "--all"]);
        self.git(&["commit", "--quiet", "--allow-empty", "--message", message]);
        self.head()
    }

    /// Runs `git`, demands success, and gives what it wrote.
    #[track_caller]
    #[expect(clippy::must_use_candidate, reason = "most calls are made for what they do")]
    pub fn git(&self, args: &[&str]) -> String {
        self.world.git(&self.path, args).ok().text().to_owned()
    }

    /// Runs `keelmark` in the work tree.
    #[track_caller]
    pub fn keelmark(&self, args: &[&str]) -> Answer {
        self.world.keelmark_in(&self.path, args)
    }

    /// The commit a revision names.
    #[track_caller]
    pub fn resolve(&self, revision: &str) -> String {
        self.git(&["rev-parse", "--verify", &format!("{revision}^{{commit}}")])
    }

    /// The commit checked out.
    #[track_caller]
    pub fn head(&self) -> String {
        self.resolve("HEAD")
    }

    /// Every ref below `prefix` with its oid.
    #[track_caller]
    pub fn refs(&self, prefix: &str) -> Vec<(String, String)> {
        let listed = self.git(&["for-each-ref", "--format=%(refname) %(objectname)", prefix]);
        let pair = |line: &str| line.split_once(' ').map(|(name, oid)| (name.to_owned(), oid.to_owned()));
        listed.lines().filter_map(pair).collect()
    }

    /// Demands that Git finds the repository sound and strictly formed.
    #[track_caller]
    pub fn fsck(&self) {
        fsck(self.world, &self.path);
    }

    /// Work tree and `.git` as they are now.
    #[track_caller]
    pub fn snapshot(&self) -> Snapshot {
        Snapshot::of(&self.path)
    }
}

#[track_caller]
pub(crate) fn fsck(world: &TestWorld, path: &Path) {
    let answer = world.git(path, &["fsck", "--strict", "--full", "--no-progress", "--no-dangling"]).ok();
    let complaints: Vec<_> = answer.stdout.lines().chain(answer.stderr.lines()).collect();
    let is_complaint = |line: &&&str| {
        ["error", "warning", "missing", "broken", "bad "].iter().any(|word| line.starts_with(word))
    };
    let found: Vec<_> = complaints.iter().filter(is_complaint).collect();
    assert!(found.is_empty(), "`git fsck --strict` complains about {}: {found:#?}", path.display());
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_steps_make_the_same_commits() {
        let commit = || {
            let world = TestWorld::new();
            let repo = world.repo("model");
            repo.write("data/a.csv", "x\n1\n");
            repo.commit("First");
            repo.write("data/a.csv", "x\n2\n");
            repo.commit("Second")
        };
        assert_eq!(commit(), commit(), "dates and people are fixed");
    }

    #[test]
    fn fsck_finds_a_damaged_object() {
        let world = TestWorld::new();
        let repo = world.repo("model");
        repo.write("a", "text");
        repo.commit("First");
        repo.fsck();
        let blob = repo.git(&["rev-parse", "HEAD:a"]);
        let object = repo.path().join(".git/objects").join(&blob[..2]).join(&blob[2..]);
        fs::remove_file(object).expect("a loose object");
        let found = std::panic::catch_unwind(|| repo.fsck());
        assert!(found.is_err(), "a missing blob must not pass");
    }
}
