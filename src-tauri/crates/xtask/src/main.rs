//! The chores: run the product on its sample, test it, make what is generated.
//!
//! Place in the river: beside it. Works through `cargo` and the `keelmark` program, as a person would at a terminal.
//! Never here: anything the product needs.
#![expect(clippy::print_stdout, reason = "the chores talk to a terminal")]

mod bench;
mod bundle;
mod generate;
mod icons;
mod interface;
mod packages;
mod run;
mod shell;
mod test;

use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::{Result, bail};

const USAGE: &str = "\
The chores of this repository.

cargo xtask run [--headless] [--no-install] [--dir DIR]
    Installs what is missing, builds everything and opens the window.
    --headless: does the main job on the sample instead, on the terminal, showing each command and its answer.
        It is what happens where there is no display.
    DIR: where to work; new or empty. Without it, the window keeps its things where any installed one does, and the
        headless road walks in a folder below target/ that is made anew each time.

cargo xtask bundle [--debug] [--no-install]
    Makes the Debian package of the window and the command line.

cargo xtask bench app [--no-install]
    Measures how soon the window shows something and can be used, and what memory it holds.

cargo xtask test [--deep] [--no-install]
    Formatting, lints, build, every test, the package, documentation, licences. Works from a clean clone.
    --deep: larger figures in the tests that scale, and every flow in the browser.

cargo xtask generate [--check]
    Makes the files that are generated: the interface's bindings and colours.
    --check: writes nothing; fails and names the files that are stale.

cargo xtask icons
    Draws the icons anew from icons/keelmark.svg.

--no-install: install nothing; say what is missing.";

/// What was asked for.
#[derive(Debug, PartialEq, Eq)]
enum Chore {
    Run { install: bool, headless: bool, folder: Option<PathBuf> },
    Bundle { install: bool, debug: bool },
    BenchApp { install: bool },
    Test { install: bool, deep: bool },
    Generate { check: bool },
    Icons,
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
        Chore::Run { install, headless, folder } => run::run(install, headless, folder),
        Chore::Bundle { install, debug } => bundle::bundle(install, debug),
        Chore::BenchApp { install } => bench::app(install),
        Chore::Test { install, deep } => test::test(install, deep),
        Chore::Generate { check } => generate::generate(check),
        Chore::Icons => icons::draw(),
        Chore::Help => {
            println!("{USAGE}");
            Ok(())
        }
    }
}

fn chore(args: &[String]) -> Result<Chore> {
    let Some((name, mut options)) = args.split_first() else { return Ok(Chore::Help) };
    let mut name = name.as_str();
    if name == "bench" {
        match options.split_first() {
            Some((what, rest)) if what == "app" => (name, options) = ("bench app", rest),
            _ => bail!("`bench` measures: app"),
        }
    }
    let (mut install, mut deep, mut check, mut headless, mut debug) = (true, false, false, false, false);
    let mut folder = None;
    let mut options = options.iter();
    while let Some(option) = options.next() {
        match (name, option.as_str()) {
            (_, "--help" | "-h") => return Ok(Chore::Help),
            ("run" | "test" | "bundle" | "bench app", "--no-install") => install = false,
            ("test", "--deep") => deep = true,
            ("generate", "--check") => check = true,
            ("bundle", "--debug") => debug = true,
            ("run", "--headless") => headless = true,
            ("run", "--dir") => match options.next() {
                Some(given) => folder = Some(PathBuf::from(given)),
                None => bail!("--dir needs a folder"),
            },
            _ => bail!("`{name}` has no option `{option}`"),
        }
    }
    match name {
        "run" => Ok(Chore::Run { install, headless, folder }),
        "test" => Ok(Chore::Test { install, deep }),
        "bundle" => Ok(Chore::Bundle { install, debug }),
        "bench app" => Ok(Chore::BenchApp { install }),
        "generate" => Ok(Chore::Generate { check }),
        "icons" => Ok(Chore::Icons),
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
        let run = Chore::Run { install: false, headless: false, folder: Some("there".into()) };
        assert_eq!(asked("run --dir there --no-install").expect("both are options of run"), run);
        assert_eq!(
            asked("test --deep").expect("an option of test"),
            Chore::Test { install: true, deep: true }
        );
        assert_eq!(
            asked("generate --check").expect("an option of generate"),
            Chore::Generate { check: true }
        );
        assert_eq!(
            asked("bench app --no-install").expect("an option of bench"),
            Chore::BenchApp { install: false }
        );
        assert_eq!(asked("").expect("nothing asked"), Chore::Help);
        for wrong in
            ["run --deep", "run --check", "test --dir x", "run --dir", "bench", "bench --debug", "run there"]
        {
            assert!(asked(wrong).is_err(), "`{wrong}` is wrong usage");
        }
    }
}
