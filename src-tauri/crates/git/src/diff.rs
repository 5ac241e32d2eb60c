//! What a plan changes, in git's own words.

use crate::command::Git;
use crate::{Error, Oid, Plan, Result, loose};

impl Plan {
    /// The patch from one tree to another (`None` is the empty tree), either planned or stored, exactly as
    /// `git show` prints it under a commit without configuration of its own. Bytes that are not UTF-8 show as `�`.
    pub fn diff(&self, old_tree: Option<Oid>, new_tree: Oid) -> Result<String> {
        let scratch = tempfile::Builder::new()
            .prefix("keelmark-plan-")
            .tempdir()
            .map_err(|error| Error::storage("making a temporary folder", &std::env::temp_dir(), error))?;
        for (oid, planned) in self.objects() {
            loose::write_unsynced(scratch.path(), *oid, planned)?;
        }
        let repository = self.repository();
        let output = Git::new(repository.place(), "diff-tree")
            .env("GIT_OBJECT_DIRECTORY", scratch.path())
            .env(
                "GIT_ALTERNATE_OBJECT_DIRECTORIES",
                loose::quoted_alternate(&repository.common_dir().join("objects")),
            )
            .args(["-p", "-M", "--no-ext-diff", "--no-textconv", "--no-color", "--end-of-options"])
            .arg(old_tree.unwrap_or_else(Oid::empty_tree).to_string())
            .arg(new_tree.to_string())
            .arg("--")
            .output()?;
        if !output.success {
            return Err(Error::corrupt("a planned change", output.stderr.trim()));
        }
        Ok(String::from_utf8_lossy(&output.stdout).into_owned())
    }
}
