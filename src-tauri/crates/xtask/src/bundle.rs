//! `cargo xtask bundle`: the Debian package, with the window and the command line beside it.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use serde_json::json;

use crate::shell::{cargo, show_and_run, target_folder};
use crate::{interface, packages};

/// Makes the package and says where it is.
pub fn bundle(install: bool, debug: bool) -> Result<()> {
    packages::for_window(install)?;
    interface::build(install)?;
    if debug {
        // As the tests build, so that nothing is built twice.
        show_and_run(&mut cargo(&["build", "--workspace", "--all-targets", "--locked"])?)?;
    } else {
        build_release()?;
    }
    pack(debug)
}

/// Builds what a user gets.
pub fn build_release() -> Result<()> {
    let programs =
        ["build", "--release", "--locked", "--package", "keelmark", "--package", "keelmark-desktop"];
    show_and_run(&mut cargo(&programs)?)
}

/// Packs programs that are built already.
pub fn pack(debug: bool) -> Result<()> {
    let folder = target_folder()?.join(if debug { "debug" } else { "release" });
    let packed = folder.join("bundle/deb");
    // What an older version left there is not what was made now.
    for old in packages_in(&packed) {
        fs::remove_file(&old).with_context(|| format!("cannot remove {}", old.display()))?;
    }
    // Jobs run in the command line's program, so it goes along.
    let files = json!({ "/usr/bin/keelmark": folder.join("keelmark") });
    let config = json!({ "bundle": { "linux": { "deb": { "files": files } } } }).to_string();
    let mut args = vec!["bundle", "--ci", "--bundles", "deb", "--config", config.as_str()];
    if debug {
        args.push("--debug");
    }
    show_and_run(&mut interface::tauri(&args)?)?;
    let package = packages_in(&packed).pop().context("the package is not where it should be")?;
    let bytes = fs::metadata(&package)?.len();
    println!("\n{}: {:.1} MB", package.display(), bytes as f64 / 1e6);
    Ok(())
}

fn packages_in(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten().map(|entry| entry.path());
    entries.filter(|path| path.extension().is_some_and(|ending| ending == "deb")).collect()
}
