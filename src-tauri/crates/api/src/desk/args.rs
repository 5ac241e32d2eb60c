//! What each command is told.

use std::collections::BTreeMap;
use std::path::PathBuf;

use keelmark_types::{CommitId, Timestamp};
use serde::Deserialize;
use ts_rs::TS;

use super::Settings;
use crate::By;

macro_rules! arguments {
    ($( $(#[$doc:meta])* $name:ident { $( $(#[$field_doc:meta])* $field:ident: $kind:ty ),* $(,)? } )*) => {
        $(
            $(#[$doc])*
            #[derive(Debug, Clone, Deserialize, TS)]
            #[serde(deny_unknown_fields)]
            pub struct $name { $( $(#[$field_doc])* pub $field: $kind ),* }
        )*
    };
}

arguments! {
    /// Nothing.
    NoArgs {}
    /// Settings to keep.
    SaveSettingsArgs {
        /// All of them.
        settings: Settings,
    }
    /// A folder.
    FolderArgs {
        /// Where it is.
        path: PathBuf,
    }
    /// A repository.
    RepoArgs {
        /// Its id.
        repo: String,
    }
    /// A repository and a model of it.
    ModelArgs {
        /// The repository.
        repo: String,
        /// The model; none is the only one.
        model: Option<String>,
    }
    /// Who commits are made by.
    IdentityArgs {
        /// The repository.
        repo: String,
        /// The name.
        name: String,
        /// The e-mail address.
        email: String,
    }
    /// A clone.
    CloneArgs {
        /// Where from.
        url: String,
        /// Where to; none is a folder of the URL's name among the clones.
        into: Option<PathBuf>,
        /// Only the newest commits.
        depth: Option<u32>,
    }
    /// A sample.
    SampleArgs {
        /// Its name.
        name: String,
        /// Where to; none is a free name among the clones.
        into: Option<PathBuf>,
    }
    /// A repository and a remote of it.
    RemoteArgs {
        /// The repository.
        repo: String,
        /// The remote; none is `origin`.
        remote: Option<String>,
    }
    /// A task.
    TaskArgs {
        /// Its id.
        task: String,
    }
    /// A version whose manifests are checked.
    CheckArgs {
        /// The repository.
        repo: String,
        /// The version; none is the work tree.
        revision: Option<String>,
    }
    /// Which versions to list.
    HistoryArgs {
        /// The repository.
        repo: String,
        /// The model; none is the only one.
        model: Option<String>,
        /// From where; none is HEAD.
        revision: Option<String>,
        /// At most so many.
        limit: Option<usize>,
        /// Only those that change something at this path.
        path: Option<String>,
        /// These parameters, all for none of them; absent where they are not wanted.
        #[serde(default)]
        #[ts(optional)]
        params: Option<Vec<String>>,
    }
    /// A chart to draw.
    ChartArgs {
        /// The repository.
        repo: String,
        /// What to draw.
        query: ChartRequest,
    }
    /// A chart as a file.
    ExportChartArgs {
        /// The repository.
        repo: String,
        /// What to draw.
        query: ChartRequest,
        /// `svg`, `png` or `csv`.
        format: ExportFormat,
        /// Light or dark.
        theme: ExportTheme,
    }
    /// A run.
    RunArgs {
        /// The repository.
        repo: String,
        /// Its id.
        run: String,
    }
    /// What a training of a version would be.
    TrainingFormArgs {
        /// The repository.
        repo: String,
        /// The model; none is the only one.
        model: Option<String>,
        /// The version; none is HEAD with what is not committed.
        revision: Option<String>,
    }
    /// A training to start.
    StartTrainingArgs {
        /// The repository.
        repo: String,
        /// The model; none is the only one.
        model: Option<String>,
        /// The version; none is HEAD with what is not committed.
        revision: Option<String>,
        /// The seed; none is the manifest's.
        seed: Option<u64>,
        /// How many trainings, with seeds counting up.
        seeds: u32,
        /// Settings instead of the manifest's, by dotted key.
        overrides: BTreeMap<String, String>,
        /// Threads; none is as the settings say.
        threads: Option<u32>,
    }
    /// An evaluation to start.
    StartEvaluationArgs {
        /// The repository.
        repo: String,
        /// The version, run, environment or tag.
        revision: String,
        /// Which of its runs; none is its headline run.
        run: Option<String>,
        /// The model; none is the only one.
        model: Option<String>,
    }
    /// A run to stop.
    StopRunArgs {
        /// The repository.
        repo: String,
        /// The run.
        run: String,
        /// At once, without a checkpoint.
        now: bool,
    }
    /// Two candidates.
    CompareArgs {
        /// The repository.
        repo: String,
        /// The baseline: a revision, run, environment or tag.
        a: String,
        /// The candidate.
        b: String,
        /// The model; none is the only one.
        model: Option<String>,
    }
    /// Two prediction files.
    CompareFilesArgs {
        /// The baseline.
        a: PathBuf,
        /// The candidate.
        b: PathBuf,
    }
    /// A file in two versions.
    TextDiffArgs {
        /// The repository.
        repo: String,
        /// The baseline's version.
        #[ts(type = "string")]
        a: CommitId,
        /// The candidate's version.
        #[ts(type = "string")]
        b: CommitId,
        /// The file.
        path: String,
    }
    /// An image of a version.
    ImageArgs {
        /// The repository.
        repo: String,
        /// The version.
        #[ts(type = "string")]
        version: CommitId,
        /// Its path.
        path: String,
    }
    /// An example in two runs.
    ExampleArgs {
        /// The repository.
        repo: String,
        /// The baseline's run.
        a_run: Option<String>,
        /// The candidate's run.
        b_run: Option<String>,
        /// The example.
        id: String,
    }
    /// Changed predictions that are acceptable.
    AcceptFlipsArgs {
        /// The repository.
        repo: String,
        /// The baseline's run.
        baseline: String,
        /// The candidate's run.
        candidate: String,
        /// The examples, by id.
        examples: Vec<String>,
        /// Why.
        reason: String,
    }
    /// A candidate to judge.
    GatesArgs {
        /// The repository.
        repo: String,
        /// The version, run or tag.
        revision: String,
        /// The baseline; none is what the first environment desires.
        against: Option<String>,
        /// The model; none is the only one.
        model: Option<String>,
    }
    /// A promotion.
    PromotionArgs {
        /// The repository.
        repo: String,
        /// The model; none is the only one.
        model: Option<String>,
        /// The version, run or tag.
        revision: String,
        /// Which of its runs; none is its headline run.
        run: Option<String>,
        /// The environment.
        to: String,
        /// Promote although a gate blocks, for this reason.
        override_reason: Option<String>,
        /// Push to the remote, where there is one.
        push: bool,
        /// The commit that was shown: nothing else is published. None only shows.
        expected: Option<Shown>,
    }
    /// A rollback.
    RollbackArgs {
        /// The repository.
        repo: String,
        /// The model; none is the only one.
        model: Option<String>,
        /// The environment.
        environment: String,
        /// A release, version or deployment commit; none is what was desired before.
        to: Option<String>,
        /// Push to the remote, where there is one.
        push: bool,
        /// The commit that was shown: nothing else is published. None only shows.
        expected: Option<Shown>,
    }
    /// The deployment commit a person has seen and agreed to.
    Shown {
        /// Its id.
        #[ts(type = "string")]
        commit: CommitId,
        /// Its time.
        #[ts(type = "string")]
        at: Timestamp,
    }
    /// A data file to pin.
    PinDataArgs {
        /// The repository.
        repo: String,
        /// Its path from the repository's root.
        path: String,
    }
    /// What a chart shows, and how.
    ChartRequest {
        /// Metric names.
        metrics: Vec<String>,
        /// Runs whose curves are drawn; empty for metrics of versions.
        runs: Vec<String>,
        /// Names for the runs, in the same order; empty for short ids.
        labels: Vec<String>,
        /// The horizontal axis; none is commit for versions, step for curves.
        by: Option<By>,
        /// Weight of what came before, in [0, 1).
        smooth: f64,
        /// Whether x is logarithmic.
        log_x: bool,
        /// Whether y is logarithmic.
        log_y: bool,
        /// Shown places along x, after a brush.
        x_range: Option<[f64; 2]>,
        /// Shown values.
        y_range: Option<[f64; 2]>,
        /// Width in pixels.
        width: Option<u32>,
        /// Height in pixels.
        height: Option<u32>,
        /// The model; none is the only one.
        model: Option<String>,
        /// The newest version shown; none is HEAD.
        revision: Option<String>,
    }
}

/// The form of a chart's file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum ExportFormat {
    /// Scalable.
    Svg,
    /// Pixels.
    Png,
    /// The table twin.
    Csv,
}

/// The look of a chart's file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum ExportTheme {
    /// Light.
    Light,
    /// Dark.
    Dark,
}
