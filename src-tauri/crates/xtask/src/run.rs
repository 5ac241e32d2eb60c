//! `cargo xtask run`: opens the window; without one, does the main job of the product on its sample.

use std::env::consts::EXE_SUFFIX;
use std::fs;
use std::path::{Path, PathBuf, absolute};
use std::process::{Command, Stdio};

use anyhow::{Context, Result, bail, ensure};
use serde_json::Value;

use crate::shell::{cargo, ending, show_and_run, shown, target_folder};
use crate::{bundle, interface, packages};

/// The newest versions among which the weakest is looked for.
const NEWEST: &str = "6";

/// Opens the window where there is a display, and walks the headless road where there is none or it is asked for.
pub fn run(install: bool, headless: bool, folder: Option<PathBuf>) -> Result<()> {
    if headless {
        return walk(install, folder);
    }
    if !has_display() {
        println!(
            "There is no display to open the window on, so its main job is done here, on the terminal.\n"
        );
        return walk(install, folder);
    }
    open_window(install, folder)
}

fn has_display() -> bool {
    let is_set = |name| std::env::var_os(name).is_some_and(|value| !value.is_empty());
    !cfg!(target_os = "linux") || is_set("DISPLAY") || is_set("WAYLAND_DISPLAY")
}

fn open_window(install: bool, folder: Option<PathBuf>) -> Result<()> {
    packages::for_window(install)?;
    interface::build(install)?;
    bundle::build_release()?;
    let mut window =
        Command::new(target_folder()?.join("release").join(format!("keelmark-desktop{EXE_SUFFIX}")));
    if let Some(folder) = folder {
        window.env("KEELMARK_HOME", absolute(folder)?);
    }
    show_and_run(&mut window)
}

/// Builds the program, makes and clones the sample, trains, charts, compares, judges and promotes.
fn walk(install: bool, folder: Option<PathBuf>) -> Result<()> {
    packages::for_terminal(install)?;
    show_and_run(&mut cargo(&["build", "--release", "--locked", "--package", "keelmark"])?)?;
    let target = target_folder()?;
    let program = target.join("release").join(format!("keelmark{EXE_SUFFIX}"));
    let desk = Desk::make(program, folder, &target)?;

    desk.say("A sample model repository with real history; every version is trained.");
    desk.call(&["init", "digits", "--sample", "digits"])?;
    desk.say("A clone of it, as a colleague would make one. Runs come along.");
    desk.call(&["clone", &desk.path("digits"), "clone"])?;
    desk.identify("clone")?;
    desk.in_clone(&["history", "--metrics", "accuracy,log_loss"])?;
    let weakest = desk.weakest_version()?;

    desk.say("Two versions trained again, with another seed.");
    desk.in_clone(&["train", "HEAD", "--seed", "2"])?;
    desk.in_clone(&["train", &weakest, "--seed", "2"])?;

    desk.say("Charts: a metric across commits, and a training curve.");
    desk.in_clone(&["chart", "accuracy", "--by", "commit", "-o", "../files/history.svg"])?;
    desk.in_clone(&["chart", "accuracy", "--by", "commit", "-o", "../files/history.png"])?;
    let curves = ["chart", "train/loss", "validation/loss", "--by", "epoch", "-o", "../files/training.svg"];
    desk.in_clone(&curves)?;

    desk.say("The weakest of the newest versions against the newest.");
    desk.in_clone(&["compare", &weakest, "HEAD", "--html", "../files/comparison.html"])?;
    desk.promote_the_better(&weakest)?;

    desk.say("What is desired where, and how it came about.");
    desk.in_clone(&["env"])?;
    desk.in_clone(&["audit", "--verify"])?;
    desk.list_files()
}

/// The program and the folder it works in.
struct Desk {
    program: PathBuf,
    folder: PathBuf,
}

impl Desk {
    /// A given folder must be new or empty; the one below `target/` is ours, and made anew.
    fn make(program: PathBuf, given: Option<PathBuf>, target: &Path) -> Result<Self> {
        let folder = if let Some(given) = given {
            let is_empty = fs::read_dir(&given).map_or(true, |mut entries| entries.next().is_none());
            ensure!(is_empty, "{} holds something already; give a new or empty folder", given.display());
            absolute(given)?
        } else {
            let ours = target.join("sample");
            if ours.exists() {
                fs::remove_dir_all(&ours).with_context(|| format!("cannot clear {}", ours.display()))?;
            }
            ours
        };
        fs::create_dir_all(folder.join("files"))
            .with_context(|| format!("cannot write in {}", folder.display()))?;
        println!("\nWorking in {}; settings and index stay there too (KEELMARK_HOME).", folder.display());
        Ok(Self { program, folder })
    }

    fn path(&self, name: &str) -> String {
        self.folder.join(name).to_string_lossy().into_owned()
    }

    #[expect(clippy::unused_self, reason = "reads as one story with the calls around it")]
    fn say(&self, what: &str) {
        println!("\n# {what}");
    }

    fn command(&self, place: &Path, args: &[&str]) -> Command {
        let mut command = Command::new(&self.program);
        command.args(args).current_dir(place).stdin(Stdio::null());
        command.env("KEELMARK_HOME", self.folder.join("home"));
        command
    }

    fn call(&self, args: &[&str]) -> Result<()> {
        show_and_run(&mut self.command(&self.folder, args))
    }

    fn in_clone(&self, args: &[&str]) -> Result<()> {
        show_and_run(&mut self.command(&self.folder.join("clone"), args))
    }

    /// Shows and runs a question whose answer may be no.
    fn answers_yes(&self, args: &[&str]) -> Result<bool> {
        let mut command = self.command(&self.folder.join("clone"), args);
        println!("\n$ {}", shown(&command));
        let status = command.status().with_context(|| format!("cannot run `{}`", shown(&command)))?;
        match status.code() {
            Some(0) => Ok(true),
            Some(1) => Ok(false),
            _ => bail!("`{}` ended with {}", shown(&command), ending(status)),
        }
    }

    /// Asks without showing.
    fn ask(&self, args: &[&str]) -> Result<Value> {
        let mut command = self.command(&self.folder.join("clone"), args);
        let answer = command.args(["--json", "--quiet"]).output()?;
        ensure!(answer.status.success(), "`{}` ended with {}", shown(&command), ending(answer.status));
        serde_json::from_slice(&answer.stdout).with_context(|| format!("`{}` wrote no JSON", shown(&command)))
    }

    /// A promotion is a commit, and a commit has an author: where Git knows none, the clone gets one.
    fn identify(&self, clone: &str) -> Result<()> {
        let git = |args: &[&str]| {
            let mut command = Command::new("git");
            command.args(args).current_dir(self.folder.join(clone));
            command
        };
        let is_known = |key: &str| git(&["config", key]).output().is_ok_and(|answer| answer.status.success());
        if !is_known("user.name") || !is_known("user.email") {
            println!("\nGit knows no author here, so the clone gets one.");
            show_and_run(&mut git(&["config", "user.name", "Sam Ple"]))?;
            show_and_run(&mut git(&["config", "user.email", "sam@example.org"]))?;
        }
        Ok(())
    }

    /// The version before the newest one that has the lowest accuracy, by its short id.
    fn weakest_version(&self) -> Result<String> {
        let history = self.ask(&["history", "--metrics", "accuracy", "--limit", NEWEST])?;
        let commits = history["commits"].as_array().context("`history` lists no commits")?;
        let weakest = weakest(commits).context("no version of the sample has an accuracy")?;
        Ok(weakest.chars().take(10).collect())
    }

    /// Promotes the newest version, or the other where the comparison finds it worse or its gates block it.
    fn promote_the_better(&self, other: &str) -> Result<()> {
        let comparison = self.ask(&["compare", other, "HEAD"])?;
        let order = if comparison["verdict"] == "worse" { [other, "HEAD"] } else { ["HEAD", other] };
        self.say("The gates judge, and the better version is promoted to staging.");
        for version in order {
            if self.answers_yes(&["gates", version])? {
                return self.in_clone(&["promote", version, "--to", "staging"]);
            }
            println!("The gates block {version}.");
        }
        bail!("the gates block both versions, so there is nothing to promote")
    }

    fn list_files(&self) -> Result<()> {
        println!("\nMade in {}:", self.folder.display());
        let mut files = vec![("digits".into(), "the sample".into()), ("clone".into(), "its clone".into())];
        for entry in fs::read_dir(self.folder.join("files"))? {
            let entry = entry?;
            let size = entry.metadata()?.len();
            files.push((format!("files/{}", entry.file_name().to_string_lossy()), format!("{size} bytes")));
        }
        files.sort();
        for (name, what) in files {
            println!("  {name:<24} {what}");
        }
        Ok(())
    }
}

fn weakest(commits: &[Value]) -> Option<&str> {
    let accuracy = |commit: &Value| commit["metrics"]["accuracy"]["value"].as_f64();
    let rated = commits.iter().skip(1).filter_map(|commit| Some((accuracy(commit)?, commit)));
    let (_, weakest) = rated.min_by(|a, b| a.0.total_cmp(&b.0))?;
    weakest["commit"].as_str()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_weakest_is_an_older_version_with_an_accuracy() {
        let commit = |id: &str, accuracy: Value| {
            let metrics = serde_json::json!({"accuracy": {"value": accuracy}});
            serde_json::json!({"commit": id, "metrics": metrics})
        };
        let newest = commit("a", 0.1.into());
        assert_eq!(weakest(std::slice::from_ref(&newest)), None, "the newest is what it is compared with");
        let commits = [newest, commit("b", 0.9.into()), commit("c", Value::Null), commit("d", 0.8.into())];
        assert_eq!(weakest(&commits), Some("d"));
    }

    #[test]
    fn a_folder_that_holds_something_is_left_alone() {
        let full = env!("CARGO_MANIFEST_DIR");
        let refused = Desk::make(PathBuf::new(), Some(full.into()), Path::new(""));
        assert!(refused.is_err(), "somebody's files must not be mixed with the sample");
    }
}
