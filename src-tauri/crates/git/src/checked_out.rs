//! Which branches somebody has checked out: moving one would turn their work tree into changes they never made.

use std::path::{Path, PathBuf};

use crate::{Error, Repository, Result};

impl Repository {
    /// The work tree in which the branch with this full name is checked out or being rebased.
    pub fn checked_out_in(&self, branch: &str) -> Result<Option<PathBuf>> {
        let common = self.common_dir();
        if !self.main_is_bare() && is_on(common, branch)? {
            return Ok(Some(common.parent().unwrap_or(common).to_owned()));
        }
        let linked = common.join("worktrees");
        let entries = match std::fs::read_dir(&linked) {
            Ok(entries) => entries,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(Error::storage("reading the work trees", &linked, error)),
        };
        for entry in entries {
            let state =
                entry.map_err(|error| Error::storage("reading the work trees", &linked, error))?.path();
            if state.is_dir() && is_on(&state, branch)? {
                let folder = small_text(&state.join("gitdir"))?
                    .and_then(|text| Path::new(text.trim()).parent().map(Path::to_owned))
                    .unwrap_or(state);
                return Ok(Some(folder));
            }
        }
        Ok(None)
    }

    /// Whether the repository itself has no work tree (linked ones may still exist).
    fn main_is_bare(&self) -> bool {
        let setting = gix::config::File::from_path_no_includes(
            self.common_dir().join("config"),
            gix::config::Source::Local,
        )
        .ok()
        .and_then(|config| config.boolean("core.bare").ok().flatten());
        setting.unwrap_or_else(|| self.common_dir().file_name().is_none_or(|name| name != ".git"))
    }
}

fn is_on(state: &Path, branch: &str) -> Result<bool> {
    let head = small_text(&state.join("HEAD"))?;
    if head.as_deref().and_then(|text| text.strip_prefix("ref:")).is_some_and(|name| name.trim() == branch) {
        return Ok(true);
    }
    for rebase in ["rebase-merge/head-name", "rebase-apply/head-name"] {
        if small_text(&state.join(rebase))?.is_some_and(|name| name.trim() == branch) {
            return Ok(true);
        }
    }
    Ok(false)
}

fn small_text(path: &Path) -> Result<Option<String>> {
    use std::io::Read;
    let file = match std::fs::File::open(path) {
        Ok(file) => file,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(Error::storage("reading", path, error)),
    };
    let mut bytes = Vec::new();
    file.take(64 << 10).read_to_end(&mut bytes).map_err(|error| Error::storage("reading", path, error))?;
    Ok(Some(String::from_utf8_lossy(&bytes).into_owned()))
}
