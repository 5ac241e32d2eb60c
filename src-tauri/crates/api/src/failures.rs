//! Turns each library's errors into problems: one place, so that the same failure reads the same everywhere.

use keelmark_types::Location;

use crate::{Code, Problem, Remedy};

const KEPT: &str = "Nothing was changed.";

impl From<keelmark_git::Error> for Problem {
    fn from(error: keelmark_git::Error) -> Self {
        use keelmark_git::Error as E;
        let text = sentence(&error.to_string());
        match error {
            E::NotARepository { .. } => Self::new(Code::NotARepository, text)
                .detail(KEPT)
                .remedy(
                    Remedy::OpenRepository,
                    "Go into a repository or name one with --repo; `keelmark init DIR --sample digits` makes one.",
                ),
            E::NotFound { .. } => Self::new(Code::UnknownRevision, text).detail(KEPT).remedy(Remedy::ShowHistory, "`keelmark history` lists versions."),
            E::Invalid { .. } => Self::new(Code::InvalidRequest, text).detail(KEPT),
            E::Conflict { .. } => Self::new(Code::Conflict, text)
                .detail("Nothing was overwritten.")
                .hint("Look at what is there now, then try again."),
            E::Denied { .. } => Self::new(Code::Denied, text).detail(KEPT),
            E::Unreachable { .. } => Self::new(Code::Unreachable, text)
                .detail("What is on this machine is untouched.")
                .hint("Try again when the remote can be reached."),
            E::Corrupt { .. } => Self::new(Code::Damaged, text)
                .detail("It was not changed.")
                .hint("`git fsck` tells more; a fresh clone has the whole objects."),
            E::Unsupported { .. } => Self::new(Code::Unsupported, text).detail(KEPT),
            E::Storage { .. } => storage(text),
            E::NoIdentity { .. } => Self::new(Code::NoIdentity, "Git does not know who you are")
                .detail("Runs and promotions name their author; nothing was written.")
                .hint("Set it once: git config --global user.name \"Your Name\"; git config --global user.email you@example.org"),
            _ => Self::new(Code::Damaged, text),
        }
    }
}

impl From<keelmark_index::Error> for Problem {
    fn from(error: keelmark_index::Error) -> Self {
        use keelmark_index::Error as E;
        let text = sentence(&error.to_string());
        match error {
            E::Corrupt { .. } => Self::new(Code::Damaged, text)
                .detail("The index is derived from Git; nothing of yours is in it.")
                .remedy(Remedy::RebuildIndex, "`keelmark index rebuild` makes it anew."),
            E::Storage { .. } => storage(text),
            E::Busy { .. } => Self::new(Code::Storage, text).detail(KEPT).hint("Try again."),
            E::Conflict { .. } => Self::new(Code::Conflict, text).detail(KEPT).hint("Try again."),
            E::Ambiguous { .. } => {
                Self::new(Code::UnknownRun, text).detail(KEPT).hint("Give more of the run's id.")
            }
        }
    }
}

impl From<keelmark_compute::Error> for Problem {
    fn from(error: keelmark_compute::Error) -> Self {
        use keelmark_compute::Error as E;
        let text = sentence(&error.to_string());
        match error {
            E::Invalid(_) | E::Layer { .. } => Self::new(Code::InvalidModel, text)
                .detail("Nothing was trained.")
                .remedy(Remedy::MendManifest, "Mend model.yaml; `keelmark check` explains it."),
            E::Diverged { .. } => Self::new(Code::TrainingFailed, text).hint("Lower train.optimizer's lr."),
            E::Corrupt { .. } => Self::new(Code::Damaged, text).detail("It was not changed."),
            E::Conflict(_) => Self::new(Code::InvalidRequest, text).detail(KEPT),
            E::Unsupported(_) => Self::new(Code::Unsupported, text).detail(KEPT),
            E::Backend(_) => Self::new(Code::TrainingFailed, text),
        }
    }
}

impl From<keelmark_runs::Error> for Problem {
    fn from(error: keelmark_runs::Error) -> Self {
        use keelmark_runs::Error as E;
        let text = sentence(&error.to_string());
        match error {
            E::NotFound { .. } => Self::new(Code::UnknownRun, text).detail(KEPT),
            E::Invalid { .. } => Self::new(Code::InvalidRequest, text).detail(KEPT),
            E::Mistakes { mistakes } => Self::from_mistakes(Code::InvalidManifest, &mistakes),
            E::Corrupt { .. } => Self::new(Code::Damaged, text).detail("It was not changed."),
            E::Storage { .. } => storage(text),
            E::Worker { .. } => Self::new(Code::WorkerLost, text)
                .detail("What the job had recorded is kept.")
                .remedy(Remedy::ShowRuns, "`keelmark runs` shows what became of it."),
            E::Git(error) => error.into(),
            E::Data(error) => error.into(),
            E::Compute(error) => error.into(),
            E::Onnx(error) => error.into(),
            E::Unsupported { hint, .. } => Self::new(Code::Unsupported, text).detail(KEPT).hint(hint),
            E::Metrics(error) => error.into(),
        }
    }
}

impl From<keelmark_onnx::Error> for Problem {
    fn from(error: keelmark_onnx::Error) -> Self {
        use keelmark_onnx::Error as E;
        let text = sentence(&error.to_string());
        match error {
            E::Corrupt(_) => Self::new(Code::InvalidModel, text)
                .detail("Nothing was evaluated.")
                .hint("Export it again, or name the right file as model.artifact in model.yaml."),
            E::Unsupported { .. } => Self::new(Code::Unsupported, text).detail("Nothing was evaluated.").hint(
                "Export it for an operator set of ONNX that is known here, or name a file of its answers on the \
                 test set as evaluate.predictions in model.yaml.",
            ),
            E::Mismatch { .. } => Self::new(Code::InvalidModel, text).detail("Nothing was evaluated.").hint(
                "Name the columns it takes under data.features in model.yaml. Preprocessing that is not in the \
                 model is not guessed: export the whole pipeline.",
            ),
            E::ExternalData { .. } => Self::new(Code::MissingData, text)
                .detail("Nothing was evaluated.")
                .hint("Commit that file beside the model, or export the model as one file."),
            E::TooLarge { .. } => Self::new(Code::Unsupported, text).detail("Nothing was evaluated."),
            E::Failed(_) => Self::new(Code::InvalidModel, text)
                .detail("Nothing was evaluated.")
                .hint("Check that the columns under data.features are those the model was trained on."),
        }
    }
}

impl From<keelmark_data::Error> for Problem {
    fn from(error: keelmark_data::Error) -> Self {
        use keelmark_data::Error as E;
        let text = sentence(&error.to_string());
        match error {
            E::Invalid { mistakes } => Self::from_mistakes(Code::InvalidData, &mistakes),
            E::NotFound { path } => Self::new(Code::MissingData, text)
                .detail(KEPT)
                .hint("Add the file or correct the path.")
                .at(Location::file(path)),
            E::Altered { path, .. } => Self::new(Code::AlteredData, text)
                .detail("Nothing was run: a result would belong to data nobody pinned.")
                .remedy(
                    Remedy::RestoreData,
                    format!("Restore {path}, or pin it anew on purpose with `keelmark data add {path}`."),
                )
                .at(Location::file(path)),
            E::Elsewhere { path, .. } => Self::new(Code::MissingData, text)
                .detail(KEPT)
                .hint("Fetch the bytes it stands for.")
                .at(Location::file(path)),
            E::Unsupported { .. } => Self::new(Code::Unsupported, text).detail(KEPT),
            E::Corrupt { .. } => Self::new(Code::Damaged, text).detail("It was not changed."),
            E::Git { source, .. } => (*source).into(),
            E::Storage { .. } => storage(text),
            _ => Self::new(Code::InvalidData, text),
        }
    }
}

impl From<keelmark_history::Error> for Problem {
    fn from(error: keelmark_history::Error) -> Self {
        use keelmark_history::Error as E;
        let text = sentence(&error.to_string());
        match error {
            E::NotFound { what, hint } => {
                Self::new(Code::UnknownRevision, sentence(&format!("{what} was not found")))
                    .detail(KEPT)
                    .hint(sentence(&hint))
            }
            E::Invalid { .. } => Self::new(Code::InvalidRequest, text).detail(KEPT),
            E::Git(error) => error.into(),
            E::Index(error) => error.into(),
        }
    }
}

impl From<keelmark_promote::Error> for Problem {
    fn from(error: keelmark_promote::Error) -> Self {
        use keelmark_promote::Error as E;
        let text = sentence(&error.to_string());
        match error {
            E::NotFound { what, hint } => {
                Self::new(Code::UnknownRevision, sentence(&format!("{what} was not found")))
                    .detail(KEPT)
                    .hint(sentence(&hint))
            }
            E::Invalid { .. } => Self::new(Code::InvalidRequest, text).detail(KEPT),
            E::Conflict { .. } => Self::new(Code::Conflict, text).detail("Nothing was written."),
            E::Denied { .. } => Self::new(Code::Blocked, text).detail("Nothing was written."),
            E::Corrupt { .. } => Self::new(Code::Damaged, text).detail("It was not changed."),
            E::Git(error) => error.into(),
            _ => Self::new(Code::Damaged, text),
        }
    }
}

impl From<keelmark_charts::Error> for Problem {
    fn from(error: keelmark_charts::Error) -> Self {
        Self::new(Code::InvalidRequest, sentence(&error.to_string())).detail("Nothing was drawn.")
    }
}

impl From<keelmark_metrics::Error> for Problem {
    fn from(error: keelmark_metrics::Error) -> Self {
        Self::new(Code::InvalidData, sentence(&error.to_string())).detail(KEPT)
    }
}

/// A problem with the disk: what is safe is said.
pub(crate) fn storage(text: String) -> Problem {
    let problem = Problem::new(Code::Storage, text)
        .detail("What was recorded before is whole and safe; this was not written.");
    let summary = problem.summary.to_lowercase();
    if summary.contains("space") || summary.contains("quota") {
        problem.hint("Free some space, then do the same again.")
    } else if summary.contains("read-only") {
        problem.hint("The file system is read-only: looking and comparing works, writing does not.")
    } else {
        problem.hint("See to the folder named, then do the same again.")
    }
}

/// A problem with a file of the user's that could not be read or written.
pub(crate) fn file_problem(path: &std::path::Path, error: &std::io::Error) -> Problem {
    let name = path.display().to_string();
    match error.kind() {
        std::io::ErrorKind::NotFound => Problem::new(Code::MissingData, format!("{name} is not there"))
            .detail(KEPT)
            .at(Location::file(name)),
        std::io::ErrorKind::PermissionDenied => {
            Problem::new(Code::Denied, format!("{name} may not be used: {error}")).detail(KEPT)
        }
        _ => storage(format!("{name}: {error}")),
    }
}

pub(crate) fn sentence(text: &str) -> String {
    // An address or a path keeps its letters.
    if text.split(' ').next().is_some_and(|word| word.contains(['/', ':'])) {
        return text.to_owned();
    }
    let mut letters = text.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}
