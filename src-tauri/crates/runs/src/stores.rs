//! Where data behind pointers lies on this machine, by the user's own DVC configuration too.

use std::path::PathBuf;

use keelmark_data::Stores;
use keelmark_git::Repository;

use crate::Error;

/// The stores of a repository: its work tree, its caches, and those the user's DVC configuration names.
pub fn stores(repository: &Repository) -> Result<Stores, Error> {
    Ok(Stores::of(repository, user_config()?.as_deref())?)
}

/// The text of the user's DVC configuration for all repositories.
fn user_config() -> Result<Option<String>, Error> {
    let folder = |name: &str| std::env::var_os(name).map(PathBuf::from).filter(|path| path.is_absolute());
    let home = || std::env::home_dir().filter(|home| home.is_absolute());
    let shared = || Some(folder("XDG_CONFIG_HOME").or_else(|| Some(home()?.join(".config")))?.join("dvc"));
    let Some(folder) = folder("DVC_GLOBAL_CONFIG_DIR").or_else(shared) else { return Ok(None) };
    let path = folder.join("config");
    match std::fs::read_to_string(&path) {
        Ok(text) => Ok(Some(text)),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(Error::storage("read", &path, error)),
    }
}
