//! Trainings and evaluations as a window starts and stops them.

use keelmark_manifest::ModelSpec;
use keelmark_types::{CommitId, RunId};
use serde::Serialize;
use serde_json::Value;
use ts_rs::TS;

use super::{Desk, StartEvaluationArgs, StartTrainingArgs, StopRunArgs, Tag, TrainingFormArgs};
use crate::{EvaluateQuery, JobRequest, Problem, Session, TrainQuery};

/// The runs that were started.
#[derive(Debug, Clone, Serialize, TS)]
pub struct StartedRuns {
    /// Their ids.
    pub runs: Vec<RunId>,
}

/// What a training of a version would be, for a form.
#[derive(Debug, Clone, Serialize, TS)]
pub struct TrainingForm {
    /// The model.
    pub model: String,
    /// The version.
    pub version: CommitId,
    /// Its subject.
    pub subject: String,
    /// Whether uncommitted changes come with it.
    pub dirty: bool,
    /// The file that is the model, where it was made elsewhere: it is evaluated, not trained.
    pub artifact: Option<String>,
    /// The manifest's seed.
    pub seed: u64,
    /// Every setting of the training, as the manifest has it.
    pub settings: Vec<TrainingSetting>,
    /// The metrics it is evaluated by; empty for all that apply.
    pub metrics: Vec<String>,
}

/// One setting of a training.
#[derive(Debug, Clone, PartialEq, Serialize, TS)]
pub struct TrainingSetting {
    /// Its dotted key, for an override.
    pub key: String,
    /// Its value.
    pub value: String,
    /// `integer`, `number`, `boolean` or `text`.
    #[ts(type = "\"integer\" | \"number\" | \"boolean\" | \"text\"")]
    pub kind: String,
}

impl Desk {
    pub(crate) fn start_training(&self, args: StartTrainingArgs) -> Result<StartedRuns, Problem> {
        let opened = self.opened(&args.repo)?;
        let session = opened.session()?;
        let threads = args.threads.or(self.settings().threads);
        let requests = session.plan_training(&TrainQuery {
            revision: args.revision,
            model: args.model,
            seed: args.seed,
            seeds: args.seeds,
            overrides: args.overrides,
            threads: threads.map(|threads| threads as usize),
            device: String::new(),
        })?;
        self.start_all(&args.repo, session, &requests)
    }

    pub(crate) fn resume_run(&self, repo: &str, run: &str) -> Result<StartedRuns, Problem> {
        let opened = self.opened(repo)?;
        let session = opened.session()?;
        let request = session.plan_resume(run)?;
        self.start_all(repo, session, &[request])
    }

    pub(crate) fn start_evaluation(&self, args: StartEvaluationArgs) -> Result<StartedRuns, Problem> {
        let opened = self.opened(&args.repo)?;
        let session = opened.session()?;
        let request = session.plan_evaluation(&EvaluateQuery {
            revision: args.revision,
            run: args.run,
            model: args.model,
            data: None,
        })?;
        self.start_all(&args.repo, session, &[request])
    }

    fn start_all(
        &self,
        repo: &str,
        session: &Session,
        requests: &[JobRequest],
    ) -> Result<StartedRuns, Problem> {
        let mut runs = Vec::with_capacity(requests.len());
        for request in requests {
            let run = session.start(request)?;
            if let Ok(folder) = session.job_folder(run.as_str()) {
                self.follow(repo, folder)?;
            }
            runs.push(run);
        }
        self.moved(repo, &[Tag::Runs]);
        Ok(StartedRuns { runs })
    }

    pub(crate) fn stop_run(&self, args: &StopRunArgs) -> Result<(), Problem> {
        let opened = self.opened(&args.repo)?;
        opened.session()?.stop_run(&args.run, args.now)?;
        self.moved(&args.repo, &[Tag::Runs, Tag::History]);
        Ok(())
    }

    pub(crate) fn training_form(&self, args: &TrainingFormArgs) -> Result<TrainingForm, Problem> {
        self.opened(&args.repo)?.session()?.training_form(args.revision.as_deref(), args.model.as_deref())
    }
}

impl Session {
    /// What a training of a version would be; none means HEAD with what is not committed.
    pub fn training_form(
        &self,
        revision: Option<&str>,
        model: Option<&str>,
    ) -> Result<TrainingForm, Problem> {
        let version = match revision {
            Some(revision) => self.candidate(revision, None, model)?.version,
            None => self.repository.resolve("HEAD")?,
        };
        let dirty = revision.is_none() && self.repository.is_dirty()?;
        let entry = self.model_of(&version, model)?;
        let manifest = Self::manifest_of(&entry)?;
        let mut settings = Vec::new();
        let whole: Value = serde_json::from_str(&manifest.to_canonical_json()).unwrap_or_default();
        flatten("train", &whole["train"], &mut settings);
        settings.retain(|setting| setting.key != "train.seed");
        Ok(TrainingForm {
            model: manifest.name.to_string(),
            subject: self.repository.commit_info(&version)?.subject,
            version,
            dirty,
            artifact: match &manifest.model {
                ModelSpec::Artifact(path) => Some(path.clone()),
                ModelSpec::Layers(_) | ModelSpec::Preset(_) => None,
            },
            seed: manifest.train.seed,
            settings,
            metrics: manifest.evaluate.metrics.clone(),
        })
    }
}

fn flatten(key: &str, value: &Value, settings: &mut Vec<TrainingSetting>) {
    let kind = match value {
        Value::Object(entries) => {
            for (name, value) in entries {
                flatten(&format!("{key}.{name}"), value, settings);
            }
            return;
        }
        Value::Number(number) if number.is_f64() => "number",
        Value::Number(_) => "integer",
        Value::Bool(_) => "boolean",
        Value::String(_) => "text",
        Value::Null | Value::Array(_) => return,
    };
    let value = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    settings.push(TrainingSetting { key: key.to_owned(), value, kind: kind.to_owned() });
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn settings_are_told_by_dotted_keys() {
        let value = serde_json::json!({
            "epochs": 20, "optimizer": {"adamw": {"lr": 0.001}}, "schedule": null, "early": true
        });
        let mut settings = Vec::new();
        flatten("train", &value, &mut settings);
        let told: Vec<(&str, &str, &str)> = settings
            .iter()
            .map(|setting| (setting.key.as_str(), setting.value.as_str(), setting.kind.as_str()))
            .collect();
        assert_eq!(
            told,
            [
                ("train.epochs", "20", "integer"),
                ("train.optimizer.adamw.lr", "0.001", "number"),
                ("train.early", "true", "boolean")
            ]
        );
    }
}
