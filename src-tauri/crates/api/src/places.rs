//! Where Keelmark keeps its own things: settings, the index, jobs. Never inside a user's repository.

use std::env;
use std::path::{Path, PathBuf};

use crate::{Code, Problem};

/// The three folders. `KEELMARK_HOME` moves all of them below one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Places {
    /// `config.toml` and what the user chose.
    pub config: PathBuf,
    /// The index: may be deleted at any time.
    pub cache: PathBuf,
    /// Jobs, consents and the operation log.
    pub state: PathBuf,
}

impl Places {
    /// All three below one folder.
    pub fn below(home: &Path) -> Self {
        Self { config: home.join("config"), cache: home.join("cache"), state: home.join("state") }
    }

    /// As the environment has them: `KEELMARK_HOME`, else the XDG folders, else those below the user's home.
    pub fn from_environment() -> Result<Self, Problem> {
        let variable = |name: &str| env::var_os(name).filter(|value| !value.is_empty()).map(PathBuf::from);
        if let Some(home) = variable("KEELMARK_HOME") {
            let home = std::path::absolute(&home).unwrap_or(home);
            return Ok(Self::below(&home));
        }
        let home = env::home_dir().filter(|home| home.is_absolute()).ok_or_else(|| {
            Problem::new(Code::NoHome, "There is no home folder to keep the index and jobs in")
                .hint("Set HOME, or KEELMARK_HOME to a folder of your own.")
        })?;
        let xdg = |name: &str, below: &str| {
            variable(name)
                .filter(|path| path.is_absolute())
                .unwrap_or_else(|| home.join(below))
                .join("keelmark")
        };
        Ok(Self {
            config: xdg("XDG_CONFIG_HOME", ".config"),
            cache: xdg("XDG_CACHE_HOME", ".cache"),
            state: xdg("XDG_STATE_HOME", ".local/state"),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_folder_moves_all_three() {
        let places = Places::below(Path::new("/somewhere"));
        assert!(
            [&places.config, &places.cache, &places.state].iter().all(|path| path.starts_with("/somewhere"))
        );
    }
}
