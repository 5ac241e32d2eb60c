//! `cargo xtask generate`: files that must agree with another source are made from it.

use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};

use anyhow::{Context, Result, ensure};

use crate::shell::{cargo, ending, root, shown};

/// The types and commands of `keelmark-api`, for the interface.
const BINDINGS: &str = "ui/src/generated/bindings.ts";

/// The colours and sizes of `assets/tokens.json`, for the interface.
const TOKENS: &str = "ui/src/generated/tokens.css";

/// Makes every generated file anew; with `check`, only says which are not what they would be.
pub fn generate(check: bool) -> Result<()> {
    let root = root()?;
    let mut stale = Vec::new();
    if !keep(&root.join(BINDINGS), &bindings()?, check)? {
        stale.push(BINDINGS);
    }
    if !tokens(&root.join("ui"), check)? {
        stale.push(TOKENS);
    }
    ensure!(stale.is_empty(), "stale: {}; `cargo xtask generate` makes them anew", stale.join(", "));
    println!("Generated files are {}.", if check { "fresh" } else { "made" });
    Ok(())
}

/// As the api crate renders them. A program of its own, so that the chores build without the product.
fn bindings() -> Result<String> {
    let mut command =
        cargo(&["run", "--quiet", "--locked", "--package", "keelmark-api", "--example", "bindings"])?;
    let answer = command.stderr(Stdio::inherit()).output()?;
    ensure!(answer.status.success(), "`{}` ended with {}", shown(&command), ending(answer.status));
    String::from_utf8(answer.stdout).with_context(|| format!("`{}` wrote no text", shown(&command)))
}

/// Writes `text`; with `check`, tells whether it is there already.
fn keep(path: &Path, text: &str, check: bool) -> Result<bool> {
    let is_fresh = fs::read_to_string(path).is_ok_and(|written| written == text);
    if check || is_fresh {
        return Ok(is_fresh);
    }
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder).with_context(|| format!("cannot make {}", folder.display()))?;
    }
    fs::write(path, text).with_context(|| format!("cannot write {}", path.display()))?;
    Ok(true)
}

/// The interface's own script makes or checks these, where its packages are installed.
fn tokens(ui: &Path, check: bool) -> Result<bool> {
    if !ui.join("node_modules").is_dir() {
        println!("{TOKENS} is left as it is: run `npm ci` in ui/ first.");
        return Ok(true);
    }
    let mut npm = Command::new(if cfg!(windows) { "npm.cmd" } else { "npm" });
    npm.args(["run", "--silent", if check { "tokens:check" } else { "tokens" }]);
    npm.current_dir(ui).stdin(Stdio::null());
    let status = npm.status().with_context(|| format!("cannot run `{}`", shown(&npm)))?;
    ensure!(check || status.success(), "`{}` ended with {}", shown(&npm), ending(status));
    Ok(status.success())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn checking_writes_nothing() {
        let folder = std::env::temp_dir().join(format!("keelmark-generate-{}", std::process::id()));
        let file = folder.join("generated.ts");
        assert!(!keep(&file, "a", true).expect("nothing is read"), "a missing file is stale");
        assert!(!folder.exists(), "a check writes nothing");
        assert!(keep(&file, "a", false).expect("the folder can be made"));
        assert!(keep(&file, "a", true).expect("it can be read"), "what was just made is fresh");
        assert!(!keep(&file, "b", true).expect("it can be read"), "another text is stale");
        fs::remove_dir_all(&folder).expect("it is ours");
    }
}
