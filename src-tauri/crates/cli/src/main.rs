//! The command line.

mod arguments;
mod commands;
mod failure;
mod interrupt;
mod output;
mod progress;

use std::process::ExitCode;

use clap::Parser;
use keelmark_api::{Code, Problem};

use crate::arguments::Arguments;
use crate::failure::Failure;
use crate::output::Output;

fn main() -> ExitCode {
    let arguments = match Arguments::try_parse() {
        Ok(arguments) => arguments,
        Err(error) => return ExitCode::from(usage(&error)),
    };
    let output = Output::new(&arguments.common);
    let code = match commands::run(arguments, output) {
        Ok(code) => code,
        Err(failure) => failure::tell(&failure, output.is_json()),
    };
    ExitCode::from(code)
}

/// Help and the version are answers; all else clap says is wrong usage.
fn usage(error: &clap::Error) -> u8 {
    let wants_json = std::env::args_os().any(|word| word == "--json" || word == "--json-lines");
    if error.use_stderr() && wants_json {
        let text = error.render().to_string();
        let (summary, detail) = text.split_once('\n').unwrap_or((&text, ""));
        let problem = Problem::new(Code::WrongUsage, summary.trim_start_matches("error: ").trim())
            .detail(detail.trim())
            .hint("`keelmark --help` shows the commands.");
        return failure::tell(&Failure::from(problem), true);
    }
    // A closed terminal leaves nobody to tell.
    error.print().ok();
    if error.use_stderr() { Code::WrongUsage.exit_code() } else { 0 }
}
