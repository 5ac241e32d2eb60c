//! How a command ends that could not answer.

use std::io::{self, Write};
use std::path::Path;

use keelmark_api::{Code, Problem};

use crate::output::escape;

/// The exit code of a command that could answer, or why it could not.
pub type Ending = Result<u8, Failure>;

/// Why a command could not answer.
#[derive(Debug)]
pub enum Failure {
    /// The work met a problem.
    Problem(Box<Problem>),
    /// A problem that has been told already, with its exit code.
    Told(u8),
    /// The answer could not be printed.
    Output(io::Error),
}

impl From<Problem> for Failure {
    fn from(problem: Problem) -> Self {
        Self::Problem(Box::new(problem))
    }
}

impl From<io::Error> for Failure {
    fn from(error: io::Error) -> Self {
        Self::Output(error)
    }
}

/// Tells a failure where the reader looks for it, and gives the exit code.
pub fn tell(failure: &Failure, as_json: bool) -> u8 {
    match failure {
        Failure::Told(code) => *code,
        // Whoever reads has seen enough, as `head` does.
        Failure::Output(error) if error.kind() == io::ErrorKind::BrokenPipe => 0,
        Failure::Output(error) => {
            let problem = Problem::new(Code::Storage, format!("The answer could not be written: {error}"))
                .detail("What was done is kept.");
            in_words(&problem);
            problem.code.exit_code()
        }
        Failure::Problem(problem) => {
            if as_json {
                let document = serde_json::json!({ "problem": problem });
                // A closed standard output still gets the exit code.
                writeln!(io::stdout(), "{document:#}").ok();
            } else {
                in_words(problem);
            }
            problem.code.exit_code()
        }
    }
}

/// A problem for people, on standard error.
pub fn in_words(problem: &Problem) {
    let code = serde_json::to_value(problem.code).ok();
    let code = code.as_ref().and_then(|code| code.as_str()).unwrap_or("problem");
    let mut text = format!("error[{code}]: {}\n", escape(&problem.summary));
    for line in problem.detail.lines() {
        text.push_str("  ");
        text.push_str(&escape(line));
        text.push('\n');
    }
    for line in problem.hint.lines() {
        text.push_str("hint: ");
        text.push_str(&escape(line));
        text.push('\n');
    }
    // A closed standard error still gets the exit code.
    io::stderr().write_all(text.as_bytes()).ok();
}

/// Writes a file the user named.
pub fn write_file(path: &Path, bytes: &[u8]) -> Result<(), Problem> {
    std::fs::write(path, bytes).map_err(|error| {
        let code = match error.kind() {
            io::ErrorKind::NotFound | io::ErrorKind::IsADirectory | io::ErrorKind::NotADirectory => {
                Code::InvalidRequest
            }
            io::ErrorKind::PermissionDenied => Code::Denied,
            _ => Code::Storage,
        };
        Problem::new(code, format!("{} could not be written: {error}", path.display()))
            .detail("Nothing in the repository was changed.")
            .hint("Name a file in a folder that is there and can be written to.")
    })
}
