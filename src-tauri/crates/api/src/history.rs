//! `history`, `env`: versions with their metrics, and what environments desire.

pub use keelmark_history::{
    DeploymentAction, DeploymentEntry, Desired, EnvironmentState, Environments, History, HistoryCommit,
    HistoryMetric, HistoryQuery, MetricSource, Promoted, StageState,
};
use keelmark_index::RunFilter;
use keelmark_types::{EnvironmentName, ModelName};

use crate::{Code, Problem, Session};

impl Session {
    /// Versions with their metrics, newest first in topological order.
    pub fn history(&self, query: &HistoryQuery) -> Result<History, Problem> {
        self.check_model(query.model.as_ref())?;
        Ok(keelmark_history::with_recovery(&self.repository, &self.index, || {
            keelmark_history::history_with(&self.repository, &self.index, query, &self.foreign)
        })?)
    }

    /// Every environment, with what it desires and its timeline.
    pub fn environments(&self, model: Option<&str>) -> Result<Environments, Problem> {
        let model = parse_model(model)?;
        Ok(keelmark_history::with_recovery(&self.repository, &self.index, || {
            keelmark_history::environments(&self.repository, &self.index, model.as_ref())
        })?)
    }

    /// Says so where no model of that name is declared at HEAD and no run has it.
    pub(crate) fn check_model(&self, model: Option<&ModelName>) -> Result<(), Problem> {
        let Some(model) = model else { return Ok(()) };
        let Some(head) = self.repository.head()? else { return Ok(()) };
        let declared = keelmark_history::models(&self.repository.version(&head)?)?;
        let names: Vec<String> =
            declared.iter().filter_map(|entry| entry.name().map(ToString::to_string)).collect();
        let filter = RunFilter { model: Some(model.clone()), limit: Some(1), ..RunFilter::default() };
        if names.iter().any(|name| name == model.as_str()) || !self.index.runs(&filter)?.is_empty() {
            return Ok(());
        }
        let hint = if names.is_empty() {
            "No model is declared at HEAD.".to_owned()
        } else {
            format!("There are: {}.", names.join(", "))
        };
        Err(Problem::new(Code::UnknownModel, format!("There is no model `{model}`"))
            .detail("Nothing was changed.")
            .hint(hint))
    }

    /// One environment.
    pub fn environment(&self, name: &str, model: Option<&str>) -> Result<EnvironmentState, Problem> {
        let all = self.environments(model)?;
        let known: Vec<String> = all.environments.iter().map(|state| state.environment.to_string()).collect();
        let wanted = parse_environment(name, &known)?;
        let mut found: Vec<EnvironmentState> =
            all.environments.into_iter().filter(|state| state.environment == wanted).collect();
        match (found.pop(), found.is_empty()) {
            (Some(state), true) => Ok(state),
            (Some(_), false) => {
                Err(Problem::new(Code::UnknownModel, format!("Several models have an environment {name}"))
                    .detail("Nothing was changed.")
                    .hint("Name one with --model."))
            }
            (None, _) => Err(unknown_environment(name, &known)),
        }
    }
}

pub(crate) fn parse_model(name: Option<&str>) -> Result<Option<ModelName>, Problem> {
    name.map(ModelName::new)
        .transpose()
        .map_err(|error| Problem::new(Code::UnknownModel, error.to_string()).detail("Nothing was changed."))
}

pub(crate) fn parse_environment(name: &str, known: &[String]) -> Result<EnvironmentName, Problem> {
    EnvironmentName::new(name).map_err(|_| unknown_environment(name, known))
}

pub(crate) fn unknown_environment(name: &str, known: &[String]) -> Problem {
    let mut known = known.to_vec();
    known.dedup();
    let hint = if known.is_empty() {
        "No environment is declared; add `environments` to model.yaml on the default branch.".to_owned()
    } else {
        format!("There are: {}.", known.join(", "))
    };
    Problem::new(Code::UnknownEnvironment, format!("There is no environment `{name}`"))
        .detail("Nothing was changed.")
        .hint(hint)
}
