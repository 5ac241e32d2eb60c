//! The commands, by family.

mod comparing;
mod deploying;
mod looking;
mod making;
mod running;
mod tending;
mod training;
mod words;

use std::path::{Path, PathBuf};

use keelmark_api::{Code, Keelmark, Problem, Session};

use crate::arguments::{Arguments, Command};
use crate::failure::Ending;
use crate::output::Output;

/// What every command works with.
pub struct Context {
    /// How to speak.
    pub output: Output,
    /// The repository's folder, or one inside it.
    pub repo: PathBuf,
    /// The model, where one was named.
    pub model: Option<String>,
}

impl Context {
    /// Keelmark on this machine, working with this very program.
    pub fn keelmark() -> Result<Keelmark, Problem> {
        let worker = std::env::current_exe().map_err(|error| {
            Problem::new(Code::Unsupported, format!("This program cannot find itself: {error}"))
                .detail("Nothing was changed.")
        })?;
        Keelmark::from_environment(worker)
    }

    /// The repository, opened; what was found on the way is said.
    pub fn open(&self) -> Result<Session, Problem> {
        let session = Self::keelmark()?.open(&self.repo)?;
        for remark in &session.remarks {
            self.output.remark(remark);
        }
        Ok(session)
    }

    /// The model, where one was named.
    pub fn model(&self) -> Option<&str> {
        self.model.as_deref()
    }
}

/// Does what the command line says and gives the exit code.
pub fn run(arguments: Arguments, output: Output) -> Ending {
    let common = arguments.common;
    let repo = common.repo.unwrap_or_else(|| Path::new(".").to_owned());
    let context = Context { output, repo, model: common.model };
    let context = &context;
    match arguments.command {
        Command::Init(asked) => making::init(context, &asked),
        Command::Clone(asked) => making::clone(context, asked),
        Command::Check(asked) => looking::check(context, &asked),
        Command::History(asked) => looking::history(context, asked),
        Command::Train(asked) => training::train(context, asked),
        Command::Evaluate(asked) => training::evaluate(context, asked),
        Command::Runs(asked) => running::runs(context, asked),
        Command::Chart(asked) => looking::chart(context, asked),
        Command::Metrics(asked) => looking::metrics(context, &asked),
        Command::Compare(asked) => comparing::compare(context, &asked),
        Command::Gates(asked) => comparing::gates(context, &asked),
        Command::Promote(asked) => deploying::promote(context, asked),
        Command::Rollback(asked) => deploying::rollback(context, asked),
        Command::Env(asked) => deploying::env(context, asked),
        Command::Audit(asked) => deploying::audit(context, &asked),
        Command::Data(asked) => tending::data(context, asked),
        Command::Share(asked) => making::share(context, &asked),
        Command::Fetch(asked) => making::fetch(context, &asked),
        Command::Index(asked) => tending::index(context, &asked),
        Command::Schema => tending::schema(context),
        Command::Completions(asked) => tending::completions(context, &asked),
        Command::Worker(asked) => tending::worker(&asked),
    }
}
