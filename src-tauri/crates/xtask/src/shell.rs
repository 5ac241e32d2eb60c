//! Runs programs where the reader can see it.

use std::env;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitStatus, Stdio};

use anyhow::{Context, Result, ensure};
use serde_json::Value;

/// The root of the workspace.
pub fn root() -> Result<PathBuf> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).ancestors().nth(3);
    root.map(Path::to_path_buf).context("the chores do not lie in the workspace")
}

/// A call of the cargo that runs us, in the workspace, with nothing on standard input.
pub fn cargo(args: &[&str]) -> Result<Command> {
    let program = env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let mut command = Command::new(program);
    command.args(args).current_dir(root()?).stdin(Stdio::null());
    Ok(command)
}

/// Where cargo puts what it builds.
pub fn target_folder() -> Result<PathBuf> {
    let told = cargo(&["metadata", "--no-deps", "--format-version", "1"])?.output()?;
    let metadata: Value = serde_json::from_slice(&told.stdout).context("cargo metadata wrote no JSON")?;
    let folder = metadata["target_directory"].as_str().context("cargo names no target folder")?;
    Ok(PathBuf::from(folder))
}

/// Whether a command can be run here and answers well; its output is not shown.
pub fn works(mut command: Command) -> bool {
    command.stdout(Stdio::null()).stderr(Stdio::null()).status().is_ok_and(|status| status.success())
}

/// Whether a program is in one of the usual folders.
pub fn is_installed(program: &str) -> bool {
    let path = env::var_os("PATH").unwrap_or_default();
    let system = ["/usr/sbin", "/usr/local/sbin", "/sbin"].map(PathBuf::from);
    env::split_paths(&path).chain(system).any(|folder| folder.join(program).is_file())
}

/// Shows the command, runs it with its output going through, and demands success.
pub fn show_and_run(command: &mut Command) -> Result<()> {
    println!("\n$ {}", shown(command));
    let status = command.status().with_context(|| format!("cannot run `{}`", shown(command)))?;
    ensure!(status.success(), "`{}` ended with {}", shown(command), ending(status));
    Ok(())
}

/// The command as one would type it.
pub fn shown(command: &Command) -> String {
    let program = Path::new(command.get_program()).file_name().unwrap_or_default().to_string_lossy();
    command.get_args().fold(program.into_owned(), |line, arg| {
        let arg = arg.to_string_lossy();
        let plain = !arg.is_empty() && arg.chars().all(|c| c.is_alphanumeric() || "-_./=:,~@#%+".contains(c));
        if plain { format!("{line} {arg}") } else { format!("{line} '{arg}'") }
    })
}

/// How a program ended, in words.
pub fn ending(status: ExitStatus) -> String {
    status.code().map_or_else(|| "a signal".to_owned(), |code| format!("exit code {code}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn commands_are_shown_as_one_types_them() {
        let mut command = Command::new("/opt/bin/keelmark");
        command.args(["train", "HEAD~1", "--set", "a=b c"]);
        assert_eq!(shown(&command), "keelmark train HEAD~1 --set 'a=b c'");
    }

    #[test]
    fn programs_are_found_or_not() {
        assert!(is_installed("sh"), "every system has a shell");
        assert!(!is_installed("keelmark-no-such-program"), "nobody has this one");
    }
}
