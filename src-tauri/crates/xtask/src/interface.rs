//! The interface's own tools: npm and what it brings.

use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};

use anyhow::{Context, Result, bail, ensure};

use crate::shell::{root, show_and_run};

/// The oldest node that the interface's tools run on.
const OLDEST_NODE: (u32, u32) = (20, 19);

/// A call of npm in `ui/`, with nothing on standard input.
pub fn npm(args: &[&str]) -> Result<Command> {
    let mut command = Command::new(if cfg!(windows) { "npm.cmd" } else { "npm" });
    command.args(args).current_dir(root()?.join("ui")).stdin(Stdio::null());
    Ok(command)
}

/// A call of the Tauri command line, in `src-tauri/`.
pub fn tauri(args: &[&str]) -> Result<Command> {
    let root = root()?;
    let mut command = Command::new(root.join("ui/node_modules/.bin/tauri"));
    command.args(args).current_dir(root.join("src-tauri")).stdin(Stdio::null());
    Ok(command)
}

/// Brings what the interface is built from, as its lock file says, where it is not there already.
pub fn provide(install: bool) -> Result<()> {
    check_node()?;
    let ui = root()?.join("ui");
    if is_fresh(&ui) {
        return Ok(());
    }
    if !install {
        println!(
            "\nThe packages in ui/node_modules are not those of ui/package-lock.json; what follows may fail for it."
        );
        return Ok(());
    }
    show_and_run(&mut npm(&["ci"])?)
}

/// Builds the pages that the window shows.
pub fn build(install: bool) -> Result<()> {
    provide(install)?;
    show_and_run(&mut npm(&["run", "build"])?)
}

/// Whether npm installed after the lock file was last written.
fn is_fresh(ui: &Path) -> bool {
    let written = |path: &str| fs::metadata(ui.join(path)).and_then(|about| about.modified()).ok();
    match (written("node_modules/.package-lock.json"), written("package-lock.json")) {
        (Some(installed), Some(locked)) => installed >= locked,
        _ => false,
    }
}

fn check_node() -> Result<()> {
    let told = Command::new("node").arg("--version").output().context("node is not there")?;
    let told = String::from_utf8_lossy(&told.stdout).trim().to_owned();
    let Some(version) = version_of(&told) else { bail!("node says its version is `{told}`") };
    let (major, minor) = OLDEST_NODE;
    ensure!(version >= OLDEST_NODE, "node is {told}, and the interface needs {major}.{minor} or newer");
    Ok(())
}

fn version_of(told: &str) -> Option<(u32, u32)> {
    let mut parts = told.strip_prefix('v')?.split('.').map(str::parse);
    Some((parts.next()?.ok()?, parts.next()?.ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_of_node_are_read() {
        assert_eq!(version_of("v20.20.2"), Some((20, 20)));
        assert!(version_of("v18.20.4") < Some(OLDEST_NODE), "Debian 12 has one that is too old");
        assert_eq!(version_of("20"), None);
    }
}
