//! The one shape in which a failure reaches a person or a program: what happened, what it means, what to do.

use keelmark_types::{Location, Mistake};
use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// What kind of problem it is. One code each, the same in the window, on the command line and in JSON.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum Code {
    /// The command line or the call is not well formed.
    WrongUsage,
    /// The folder is in no Git repository.
    NotARepository,
    /// No commit, run, environment or tag has that name.
    UnknownRevision,
    /// No run has that id.
    UnknownRun,
    /// No environment has that name.
    UnknownEnvironment,
    /// No model has that name, or there are several and none was named.
    UnknownModel,
    /// No metric has that name, or no run has it.
    UnknownMetric,
    /// There is no such sample.
    UnknownSample,
    /// The version declares no model.
    NoManifest,
    /// A model.yaml or model.lock cannot be accepted.
    InvalidManifest,
    /// A data or prediction file cannot be read as what it should be.
    InvalidData,
    /// The data is not what model.lock pins.
    AlteredData,
    /// A data file is not there.
    MissingData,
    /// The version has no run that could be used.
    NoRun,
    /// A model cannot be built, trained or run as declared.
    InvalidModel,
    /// Training diverged or could not go on.
    TrainingFailed,
    /// What was asked cannot be done as asked.
    InvalidRequest,
    /// The place to write to is taken.
    DestinationExists,
    /// Git does not know who the user is.
    NoIdentity,
    /// There is no home folder.
    NoHome,
    /// Somebody moved what was to be moved.
    Conflict,
    /// A remote could not be reached.
    Unreachable,
    /// Something took too long.
    TimedOut,
    /// Credentials or permission are missing.
    Denied,
    /// The remote's policy said no.
    Rejected,
    /// The gates say no.
    Blocked,
    /// The disk is full, read-only or failing.
    Storage,
    /// Something of Git's or ours is damaged.
    Damaged,
    /// This build or system cannot do it.
    Unsupported,
    /// The worker ended without a word, or could not be started.
    WorkerLost,
    /// The user stopped it.
    Stopped,
}

impl Code {
    /// The command line's exit code.
    pub fn exit_code(self) -> u8 {
        match self {
            Self::Blocked => 1,
            Self::WrongUsage => 2,
            Self::NotARepository
            | Self::UnknownRevision
            | Self::UnknownRun
            | Self::UnknownEnvironment
            | Self::UnknownModel
            | Self::UnknownMetric
            | Self::UnknownSample
            | Self::NoManifest
            | Self::InvalidManifest
            | Self::InvalidData
            | Self::AlteredData
            | Self::MissingData
            | Self::NoRun
            | Self::InvalidModel
            | Self::TrainingFailed
            | Self::InvalidRequest
            | Self::DestinationExists
            | Self::NoIdentity
            | Self::NoHome
            | Self::Unsupported => 3,
            Self::Conflict => 4,
            Self::Unreachable | Self::TimedOut => 5,
            Self::Denied | Self::Rejected => 6,
            Self::Storage | Self::Damaged | Self::WorkerLost => 7,
            Self::Stopped => 130,
        }
    }

    /// Whether the same call may go through later with nothing changed by hand.
    pub fn is_retryable(self) -> bool {
        matches!(self, Self::Conflict | Self::Unreachable | Self::TimedOut | Self::Storage | Self::WorkerLost)
    }
}

/// What to do next, where a window can lead there. The hint says the same in words of the command line.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Remedy {
    /// Choose or make a repository.
    OpenRepository,
    /// Look at the versions there are.
    ShowHistory,
    /// Look at the runs there are, and how they ended.
    ShowRuns,
    /// Look at what is deployed now.
    ShowEnvironments,
    /// Train a version.
    Train {
        /// The version's commit.
        version: String,
    },
    /// Evaluate the file that is a version's model.
    Evaluate {
        /// The version's commit.
        version: String,
    },
    /// Make the index anew.
    RebuildIndex,
    /// Correct model.yaml by hand.
    MendManifest,
    /// Restore a data file, or pin it anew on purpose.
    RestoreData,
    /// Name the folder to clone into.
    NameFolder,
}

/// A failure, told for the next action.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS, thiserror::Error)]
#[error("{summary}")]
pub struct Problem {
    /// What kind.
    pub code: Code,
    /// What happened, in one sentence.
    pub summary: String,
    /// What it means for the user's data, and particulars.
    pub detail: String,
    /// What to do.
    pub hint: String,
    /// What to do, where a window can lead there.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    #[ts(optional = nullable)]
    pub remedy: Option<Remedy>,
    /// Whether trying again may help.
    pub retryable: bool,
    /// Where, if it stands in a file.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    #[ts(optional = nullable)]
    pub location: Option<Location>,
}

impl Problem {
    /// A problem of a kind, with what happened.
    pub fn new(code: Code, summary: impl Into<String>) -> Self {
        Self {
            code,
            summary: summary.into(),
            detail: String::new(),
            hint: String::new(),
            remedy: None,
            retryable: code.is_retryable(),
            location: None,
        }
    }

    /// Adds what it means.
    #[must_use]
    pub fn detail(mut self, detail: impl Into<String>) -> Self {
        self.detail = detail.into();
        self
    }

    /// Adds what to do.
    #[must_use]
    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = hint.into();
        self
    }

    /// Adds what to do, in words of the command line and as what a window can lead to.
    #[must_use]
    pub fn remedy(mut self, remedy: Remedy, hint: impl Into<String>) -> Self {
        self.remedy = Some(remedy);
        self.hint(hint)
    }

    /// Adds where.
    #[must_use]
    pub fn at(mut self, location: Location) -> Self {
        self.location = Some(location);
        self
    }

    /// A problem from the first of several mistakes in files; the rest is counted in the detail.
    pub fn from_mistakes(code: Code, mistakes: &[Mistake]) -> Self {
        let Some(first) = mistakes.first() else { return Self::new(code, "A file cannot be accepted") };
        let mut problem =
            Self::new(code, format!("{}: {}", first.location, first.message)).at(first.location.clone());
        if !first.expected.is_empty() {
            problem.hint = format!("Expected {}.", first.expected);
        }
        if mistakes.len() > 1 {
            let rest: Vec<String> = mistakes[1..].iter().map(ToString::to_string).collect();
            problem.detail = format!("{} more: {}", rest.len(), rest.join("; "));
        } else {
            "Nothing was changed.".clone_into(&mut problem.detail);
        }
        problem
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_problem_has_the_fields_scripts_rely_on() {
        let problem = Problem::new(Code::NotARepository, "There is no repository here").hint("Go into one.");
        let json = serde_json::to_value(&problem).expect("plain data");
        let keys: Vec<&str> = json.as_object().expect("an object").keys().map(String::as_str).collect();
        assert_eq!(keys, ["code", "summary", "detail", "hint", "retryable"]);
        assert_eq!(json["code"], "not_a_repository");
    }

    #[test]
    fn the_rest_of_the_mistakes_is_not_lost() {
        let mistake = |line| Mistake {
            location: Location::at("model.yaml", line, 1),
            message: "unknown key".to_owned(),
            expected: "name, task".to_owned(),
        };
        let problem = Problem::from_mistakes(Code::InvalidManifest, &[mistake(3), mistake(9)]);
        assert_eq!(problem.summary, "model.yaml:3:1: unknown key");
        assert!(problem.detail.contains("model.yaml:9:1"), "{}", problem.detail);
    }
}
