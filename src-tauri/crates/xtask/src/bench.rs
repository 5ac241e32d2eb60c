//! `cargo xtask bench app`: how soon the window can be used, and what memory it holds.

use anyhow::Result;

use crate::shell::{root, show_and_run};
use crate::{bundle, interface, packages};

/// Measures the release build on a display of its own.
pub fn app(install: bool) -> Result<()> {
    packages::for_testing(install)?;
    interface::build(install)?;
    bundle::build_release()?;
    let mut command = std::process::Command::new("node");
    command.args(["tests/window/run.mjs", "bench.mjs"]).current_dir(root()?);
    show_and_run(command.env("KEELMARK_PROFILE", "release"))
}
