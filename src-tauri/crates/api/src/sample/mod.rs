//! `init --sample`: a real model repository with an honest history, and a run of every version trained as it is made.

mod recipe;

use std::path::{Path, PathBuf};

use keelmark_git::{Identity, Plan, Repository, Signature, TreeEdit};
use keelmark_types::{CommitId, MetricValue, Progress, RunId, RunStatus, Stop};
use serde::Serialize;
use ts_rs::TS;

use crate::training::TrainQuery;
use crate::{Code, Keelmark, Problem, Remedy, Session};
use recipe::{Recipe, SAMPLES};

/// A sample, made.
#[derive(Debug, Clone, Serialize, TS)]
pub struct SampleMade {
    /// Where it is.
    pub path: PathBuf,
    /// The sample.
    pub sample: String,
    /// What it is, in a sentence.
    pub summary: String,
    /// The model it declares.
    pub model: String,
    /// What is checked out.
    pub head: CommitId,
    /// Its versions with their runs, oldest first.
    pub versions: Vec<SampleVersion>,
}

/// A version of a sample and the run that was trained of it.
#[derive(Debug, Clone, Serialize, TS)]
pub struct SampleVersion {
    /// The version.
    pub commit: CommitId,
    /// Its subject.
    pub subject: String,
    /// Its run.
    pub run: RunId,
    /// How it ended.
    pub status: RunStatus,
    /// Test accuracy, or whichever metric comes first.
    pub headline: Option<MetricValue>,
}

impl Keelmark {
    /// The names of the samples there are.
    pub fn samples() -> Vec<&'static str> {
        SAMPLES.iter().map(|sample| sample.name).collect()
    }

    /// The samples there are, each with what it is, in a sentence.
    pub fn sample_summaries() -> Vec<(&'static str, String)> {
        let summary = |sample: &recipe::Shipped| Some((sample.name, sample.recipe().ok()?.summary));
        SAMPLES.iter().filter_map(summary).collect()
    }

    /// Makes a sample repository in a missing or empty folder and trains a run of every version, several side by side.
    pub fn init_sample(
        &self,
        folder: &Path,
        name: &str,
        progress: &dyn Progress,
        stop: &Stop,
    ) -> Result<SampleMade, Problem> {
        let shipped = SAMPLES.iter().find(|sample| sample.name == name).ok_or_else(|| {
            Problem::new(Code::UnknownSample, format!("There is no sample `{name}`"))
                .detail("Nothing was made.")
                .hint(format!("There are: {}.", Self::samples().join(", ")))
        })?;
        if folder.exists() && std::fs::read_dir(folder).map_or(true, |mut entries| entries.next().is_some()) {
            return Err(Problem::new(
                Code::DestinationExists,
                format!("{} is there already", folder.display()),
            )
            .detail("It was not touched.")
            .hint("Name a folder that does not exist yet, or an empty one."));
        }
        let recipe = shipped.recipe()?;
        let played = shipped.play(&recipe)?;
        let repository = Repository::init(folder)?;
        // Runs name their author: who that is has to be known before anything is made.
        if let Err(error) = repository.identity() {
            std::fs::remove_dir_all(folder.join(".git")).ok();
            return Err(error.into());
        }
        let commits = commit_all(&repository, &recipe, &played)?;
        repository.fill_work_tree()?;
        let session = self.open(folder)?;
        let versions = session.train_all(&commits, &recipe, progress, stop)?;
        let head =
            commits.last().cloned().ok_or_else(|| Problem::new(Code::Damaged, "The recipe has no steps"))?;
        Ok(SampleMade {
            path: session.path().to_owned(),
            sample: recipe.name,
            summary: recipe.summary,
            model: recipe.model,
            head,
            versions,
        })
    }
}

fn commit_all(
    repository: &Repository,
    recipe: &Recipe,
    played: &[(recipe::Files, std::collections::BTreeSet<String>)],
) -> Result<Vec<CommitId>, Problem> {
    let mut plan = Plan::new(repository);
    let mut commits: Vec<CommitId> = Vec::with_capacity(played.len());
    let mut tree = None;
    for ((files, touched), step) in played.iter().zip(&recipe.steps) {
        let mut edits = Vec::new();
        for path in touched {
            edits.push(TreeEdit::file(path.clone(), plan.blob(files[path].clone())?));
        }
        let written = plan.tree(tree, &edits)?;
        tree = Some(written);
        let author = recipe.authors.get(&step.author).ok_or_else(|| {
            Problem::new(Code::Damaged, format!("The recipe names an unknown author `{}`", step.author))
        })?;
        let who = Identity { name: author.name.clone(), email: author.email.clone() };
        let by = Signature::new(who, step.time);
        let parents: Vec<CommitId> = commits.last().cloned().into_iter().collect();
        commits.push(plan.commit(written, &parents, &by, (&step.subject, &step.body), &[])?);
    }
    repository.write(&plan)?;
    if let Some(head) = commits.last() {
        repository.publish_first(head)?;
    }
    Ok(commits)
}

impl Session {
    fn train_all(
        &self,
        commits: &[CommitId],
        recipe: &Recipe,
        progress: &dyn Progress,
        stop: &Stop,
    ) -> Result<Vec<SampleVersion>, Problem> {
        let side_by_side = std::thread::available_parallelism().map_or(1, usize::from).min(4);
        let total = commits.len() as u64;
        let mut versions: Vec<SampleVersion> = Vec::with_capacity(commits.len());
        let mut started: std::collections::VecDeque<(usize, RunId)> = std::collections::VecDeque::new();
        let mut waiting = commits.iter().enumerate();
        loop {
            while started.len() < side_by_side && !stop.is_raised() {
                let Some((place, commit)) = waiting.next() else { break };
                let query = TrainQuery {
                    revision: Some(commit.to_string()),
                    model: Some(recipe.model.clone()),
                    threads: Some(1),
                    ..TrainQuery::default()
                };
                for request in self.plan_training(&query)? {
                    started.push_back((place, self.start(&request)?));
                }
            }
            let Some((place, run)) = started.pop_front() else { break };
            if stop.is_raised() {
                self.stop_run(run.as_str(), false).ok();
            }
            progress.update("training versions", versions.len() as u64, Some(total), "versions");
            let Some(finished) = self.follow(&run, &Stop::new(), |_| {})? else { continue };
            let headline =
                finished.metrics.get("accuracy").or_else(|| finished.metrics.values().next()).cloned();
            versions.push(SampleVersion {
                commit: commits[place].clone(),
                subject: recipe.steps[place].subject.clone(),
                run,
                status: finished.status,
                headline,
            });
        }
        if stop.is_raised() {
            return Err(Problem::new(Code::Stopped, "Making the sample was stopped")
                .detail(format!(
                    "The repository is whole; {} of {total} versions have a run.",
                    versions.len()
                ))
                .remedy(Remedy::ShowHistory, "`keelmark train REV` trains the others."));
        }
        progress.update("training versions", total, Some(total), "versions");
        Ok(versions)
    }
}
