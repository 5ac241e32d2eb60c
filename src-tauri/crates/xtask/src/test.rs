//! `cargo xtask test`: everything that must hold, from a clean clone.

use std::io::{BufRead, BufReader};
use std::process::{Command, Stdio};
use std::time::Instant;

use anyhow::{Context, Result, ensure};

use crate::interface::npm;
use crate::shell::{cargo, ending, root, show_and_run, shown, works};
use crate::{bundle, interface, packages};

/// The flows in Chromium that every run walks; `--deep` walks all of them, which takes a quarter of an hour.
const BROWSER_SPECS: [&str; 4] = ["audit", "broken", "rules", "others"];

/// Runs all checks in order; the first that fails ends it. One profile and one set of features throughout: another
/// would build everything a second time.
pub fn test(install: bool, deep: bool) -> Result<()> {
    let began = Instant::now();
    packages::for_testing(install)?;

    show_and_run(&mut cargo(&["fmt", "--all", "--check"])?)?;
    // The window takes in the interface when it is compiled, so the interface comes first.
    interface::provide(install)?;
    for step in ["format:check", "lint", "check", "test", "build"] {
        show_and_run(&mut npm(&["run", step])?)?;
    }
    let lints = ["clippy", "--workspace", "--all-targets", "--locked", "--", "-D", "warnings"];
    show_and_run(&mut cargo(&lints)?)?;
    // All targets, so that the journeys find the `keelmark` program beside them. Among the tests that follow is one that
    // the generated bindings are fresh.
    show_and_run(&mut cargo(&["build", "--workspace", "--all-targets", "--locked"])?)?;
    run_tests(deep)?;
    let mut browser = vec!["run", "test:browser"];
    if !deep {
        browser.push("--");
        browser.extend(BROWSER_SPECS);
    }
    show_and_run(&mut with_depth(npm(&browser)?, deep))?;
    bundle::pack(true)?;
    show_and_run(&mut npm(&["run", "test:window"])?)?;
    let mut documentation = cargo(&["doc", "--workspace", "--no-deps", "--locked"])?;
    show_and_run(documentation.env("RUSTDOCFLAGS", "-D warnings"))?;
    check_dependencies()?;

    println!("\nAll checks passed in {} s.", began.elapsed().as_secs());
    Ok(())
}

/// The command, told how deep to go.
fn with_depth(mut command: Command, deep: bool) -> Command {
    if deep {
        command.env("KEELMARK_DEEP", "1");
    }
    command
}

fn run_tests(deep: bool) -> Result<()> {
    if works(cargo(&["nextest", "--version"])?) {
        let profile = if std::env::var("CI").is_ok_and(|value| value == "true") { "ci" } else { "default" };
        let tests = ["nextest", "run", "--workspace", "--all-targets", "--locked", "--profile", profile];
        let documented = ["test", "--workspace", "--doc", "--locked", "--quiet"];
        show_and_run(&mut with_depth(cargo(&tests)?, deep))?;
        show_and_run(&mut with_depth(cargo(&documented)?, deep))
    } else {
        println!("\ncargo-nextest is not installed: using `cargo test`.");
        count_tests(with_depth(cargo(&["test", "--workspace", "--locked", "--no-fail-fast"])?, deep))
    }
}

/// Runs `cargo test`, whose summaries are one a program, and closes with their sum.
fn count_tests(mut command: Command) -> Result<()> {
    println!("\n$ {}", shown(&command));
    let mut child = command.stdout(Stdio::piped()).spawn().context("cannot run cargo")?;
    let output = child.stdout.take().context("the output of cargo is not ours")?;
    let mut sum = Counts::default();
    for line in BufReader::new(output).lines() {
        let line = line.context("the output of cargo ended early")?;
        println!("{line}");
        sum.add(&line);
    }
    let status = child.wait().context("cargo cannot be waited for")?;
    println!("\n{} passed, {} failed", sum.passed, sum.failed);
    ensure!(status.success(), "`{}` ended with {}", shown(&command), ending(status));
    Ok(())
}

/// Tests that passed and failed.
#[derive(Debug, Default, PartialEq, Eq)]
struct Counts {
    passed: u64,
    failed: u64,
}

impl Counts {
    /// Adds what a line such as `test result: ok. 3 passed; 0 failed; …` says.
    fn add(&mut self, line: &str) {
        let Some(result) = line.trim_start().strip_prefix("test result:") else { return };
        for part in result.split([';', '.']) {
            match part.trim().split_once(' ').map(|(count, what)| (count.parse::<u64>(), what)) {
                Some((Ok(count), "passed")) => self.passed += count,
                Some((Ok(count), "failed")) => self.failed += count,
                _ => {}
            }
        }
    }
}

fn check_dependencies() -> Result<()> {
    if !works(cargo(&["deny", "--version"])?) {
        println!("\nLicences and advisories of dependencies: skipped, cargo-deny is not installed.");
        return Ok(());
    }
    let config = root()?.join(".deny.toml");
    show_and_run(cargo(&["deny", "check", "--config"])?.arg(config))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn results_of_several_programs_add_up() {
        let mut sum = Counts::default();
        sum.add("running 3 tests");
        sum.add(
            "test result: ok. 3 passed; 0 failed; 0 ignored; 0 measured; 1 filtered out; finished in 0.01s",
        );
        sum.add("test result: FAILED. 4 passed; 2 failed; 0 ignored; 0 measured; 0 filtered out; finished in 1.20s");
        sum.add("test 9 passed; not a result");
        assert_eq!(sum, Counts { passed: 7, failed: 2 });
    }
}
