//! The chores: run the product on its sample, test it, make what is generated.
//!
//! Place in the river: beside it. Works through `cargo` and the `keelmark` program, as a person would at a terminal.
//! Never here: anything the product needs.
#![expect(clippy::print_stdout, reason = "the chores talk to a terminal")]

mod generate;
mod packages;
mod run;
mod shell;
mod test;

use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::{Result, bail};

const USAGE: &str = "\
The chores of this repository.

cargo xtask run [--no-install] [--dir DIR]
    Builds keelmark and does its main job on the sample, showing each command and its answer.
    DIR: where to work; new or empty. Without it, a folder below target/ that is made anew each time.

cargo xtask test [--deep] [--no-install]
    Formatting, lints, build, every test, documentation, licences. Works from a clean clone.
    --deep: larger figures in the tests that scale.

cargo xtask generate [--check]
    Makes the files that are generated: the interface's bindings and colours.
    --check: writes nothing; fails and names the files that are stale.

--no-install: install nothing; say what is missing.";

/// What was asked for.
#[derive(Debug, PartialEq, Eq)]
enum Chore {
    Run { install: bool, folder: Option<PathBuf> },
    Test { install: bool, deep: bool },
    Generate { check: bool },
    Help,
}

fn main() -> ExitCode {
    let args: Vec<_> = std::env::args().skip(1).collect();
    let done = match chore(&args) {
        Ok(chore) => perform(chore),
        Err(error) => {
            println!("{error}\n\n{USAGE}");
            return ExitCode::from(2);
        }
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            println!("\nFailed: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn perform(chore: Chore) -> Result<()> {
    match chore {
        Chore::Run { install, folder } => run::run(install, folder),
        Chore::Test { install, deep } => test::test(install, deep),
        Chore::Generate { check } => generate::generate(check),
        Chore::Help => {
            println!("{USAGE}");
            Ok(())
        }
    }
}

fn chore(args: &[String]) -> Result<Chore> {
    let Some((name, options)) = args.split_first() else { return Ok(Chore::Help) };
    let (mut install, mut deep, mut check, mut folder) = (true, false, false, None);
    let mut options = options.iter();
    while let Some(option) = options.next() {
        match (name.as_str(), option.as_str()) {
            (_, "--help" | "-h") => return Ok(Chore::Help),
            ("run" | "test", "--no-install") => install = false,
            ("test", "--deep") => deep = true,
            ("generate", "--check") => check = true,
            ("run", "--dir") => match options.next() {
                Some(given) => folder = Some(PathBuf::from(given)),
                None => bail!("--dir needs a folder"),
            },
            _ => bail!("`{name}` has no option `{option}`"),
        }
    }
    match name.as_str() {
        "run" => Ok(Chore::Run { install, folder }),
        "test" => Ok(Chore::Test { install, deep }),
        "generate" => Ok(Chore::Generate { check }),
        "help" | "--help" | "-h" => Ok(Chore::Help),
        other => bail!("there is no chore `{other}`"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asked(line: &str) -> Result<Chore> {
        chore(&line.split_whitespace().map(str::to_owned).collect::<Vec<_>>())
    }

    #[test]
    fn options_belong_to_their_chore() {
        let run = Chore::Run { install: false, folder: Some("there".into()) };
        assert_eq!(asked("run --dir there --no-install").expect("both are options of run"), run);
        assert_eq!(
            asked("test --deep").expect("an option of test"),
            Chore::Test { install: true, deep: true }
        );
        assert_eq!(
            asked("generate --check").expect("an option of generate"),
            Chore::Generate { check: true }
        );
        assert_eq!(asked("").expect("nothing asked"), Chore::Help);
        for wrong in ["run --deep", "run --check", "test --dir x", "run --dir", "bench", "run there"] {
            assert!(asked(wrong).is_err(), "`{wrong}` is wrong usage");
        }
    }
}
