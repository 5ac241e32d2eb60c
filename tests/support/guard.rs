//! A guard that no test touches the home of the person who runs it.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

type Seen = BTreeMap<PathBuf, (u64, Option<SystemTime>)>;

/// What stood in the real home's folders that Keelmark and Git write to.
#[derive(Debug)]
pub struct HomeGuard {
    watched: Vec<PathBuf>,
    before: Seen,
}

impl HomeGuard {
    /// Notes what is there in the home of this process.
    pub fn of_this_process() -> Self {
        Self::over(watched())
    }

    fn over(watched: Vec<PathBuf>) -> Self {
        let before = look(&watched);
        Self { watched, before }
    }

    /// The paths that came, went or changed since.
    pub fn changed(&self) -> Vec<PathBuf> {
        let after = look(&self.watched);
        let paths = self.before.keys().chain(after.keys().filter(|path| !self.before.contains_key(*path)));
        paths.filter(|path| self.before.get(*path) != after.get(*path)).cloned().collect()
    }
}

fn watched() -> Vec<PathBuf> {
    let Some(home) = std::env::var_os("HOME").map(PathBuf::from) else { return Vec::new() };
    let base = |variable: &str, fallback: &str| {
        std::env::var_os(variable).map_or_else(|| home.join(fallback), PathBuf::from)
    };
    let config = base("XDG_CONFIG_HOME", ".config");
    vec![
        config.join("keelmark"),
        config.join("git"),
        base("XDG_CACHE_HOME", ".cache").join("keelmark"),
        base("XDG_STATE_HOME", ".local/state").join("keelmark"),
        base("XDG_DATA_HOME", ".local/share").join("keelmark"),
        home.join("Library/Application Support/keelmark"),
        home.join("Library/Caches/keelmark"),
        home.join(".gitconfig"),
        home.join(".git-credentials"),
    ]
}

fn look(watched: &[PathBuf]) -> Seen {
    let mut seen = Seen::new();
    for path in watched {
        note(path, &mut seen);
    }
    seen
}

fn note(path: &Path, seen: &mut Seen) {
    let Ok(metadata) = fs::symlink_metadata(path) else { return };
    seen.insert(path.to_path_buf(), (metadata.len(), metadata.modified().ok()));
    if metadata.is_dir() {
        for entry in fs::read_dir(path).into_iter().flatten().flatten() {
            note(&entry.path(), seen);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_written_into_a_watched_home_is_told() {
        let folder = tempfile::tempdir().expect("a folder");
        let watched = folder.path().join("keelmark");
        let guard = HomeGuard::over(vec![watched.clone()]);
        assert!(guard.changed().is_empty(), "nothing was written yet");
        fs::create_dir(&watched).expect("a folder");
        fs::write(watched.join("config.toml"), "x").expect("a file");
        assert_eq!(guard.changed(), [watched.clone(), watched.join("config.toml")], "both are new");
    }
}
