//! A bare repository as a remote, reached by its path.

use std::path::{Path, PathBuf};

use crate::TestWorld;

/// A bare repository that takes pushes.
#[derive(Debug)]
pub struct BareRemote<'w> {
    world: &'w TestWorld,
    path: PathBuf,
}

impl<'w> BareRemote<'w> {
    #[track_caller]
    pub(crate) fn init(world: &'w TestWorld, path: &Path) -> Self {
        let text = path.to_string_lossy();
        world.git(world.path(), &["init", "--quiet", "--bare", "--initial-branch=main", &text]).ok();
        Self { world, path: path.to_path_buf() }
    }

    /// Its folder.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Its address: the plain path.
    pub fn url(&self) -> String {
        self.path.to_string_lossy().into_owned()
    }

    /// Runs `git` in it, demands success, and gives what it wrote.
    #[track_caller]
    #[expect(clippy::must_use_candidate, reason = "most calls are made for what they do")]
    pub fn git(&self, args: &[&str]) -> String {
        self.world.git(&self.path, args).ok().text().to_owned()
    }

    /// The oid of a ref, where it exists.
    #[track_caller]
    pub fn tip(&self, name: &str) -> Option<String> {
        let answer = self.world.git(&self.path, &["rev-parse", "--verify", "--quiet", name]);
        (answer.code == Some(0)).then(|| answer.text().to_owned())
    }

    /// Installs a hook, an executable script.
    #[track_caller]
    pub fn hook(&self, name: &str, script: &str) {
        use std::os::unix::fs::PermissionsExt;
        let path = self.path.join("hooks").join(name);
        std::fs::create_dir_all(self.path.join("hooks")).expect("a bare repository can be written");
        std::fs::write(&path, script).expect("a bare repository can be written");
        let executable = std::fs::Permissions::from_mode(0o755);
        std::fs::set_permissions(&path, executable).expect("a file of ours can be made executable");
    }

    /// Demands that Git finds it sound.
    #[track_caller]
    pub fn fsck(&self) {
        crate::repo::fsck(self.world, &self.path);
    }
}
