//! Versions of a model in order, with their metrics, badges and environments.
//!
//! Place in the river: Git's refs are read into the index ([`sync`]); commits come out with what their runs measured
//! ([`history`]), what each environment desires ([`environments`]), and which candidate a word names ([`select`]).
//! What other tools recorded stands beside it: files that DVC's pipelines name ([`recorded()`]), experiments
//! ([`experiments()`]), GTO's tags, `MLflow`'s runs ([`foreign_runs`]); all of that is of the grade `asserted`.
//!
//! Never here: a write to Git or the work tree, a judgement, a fact that is in the index and not in Git. A record that cannot be read
//! is listed as a [`Problem`] beside the others and hides none of them.

mod commits;
mod deploy;
mod deploy_sync;
mod desired;
mod environments;
mod error;
mod experiments;
mod foreign;
mod foreign_kept;
mod gto;
mod metric;
mod mlflow_files;
mod models;
mod pipelines;
mod plots;
mod record;
mod recorded;
mod recover;
mod select;
mod side_by_side;
mod sync;
mod written;
mod yaml;

pub use commits::{History, HistoryCommit, HistoryQuery, history, history_with};
pub use deploy::{DEPLOY_BRANCH, DeployTip, deploy_tip};
pub use desired::{Desired, desired};
pub use environments::{EnvironmentState, Environments, environments};
pub use error::{Error, Problem};
pub use experiments::{Experiment, Experiments, experiments};
pub use foreign::{
    ForeignCurve, ForeignRun, ForeignRuns, ForeignSource, ForeignStatus, ForeignValue, Orphan, foreign_curve,
    foreign_runs,
};
pub use foreign_kept::KeptForeignRuns;
pub use gto::{StageAction, StageBadge, StageEvent, StageSource, StageState, TaggedRelease};
pub use metric::{HistoryMetric, MetricSource};
pub use models::{ModelEntry, model_at, models};
pub use plots::{PlotCurve, PlotImage, Plots, plots};
pub use recorded::{Recorded, recorded};
pub use recover::with_recovery;
pub use select::{Candidate, Selected, Selection, select};
pub use sync::{Synced, sync};

/// The rows of other crates that answers are made of.
pub use keelmark_index::{DeploymentAction, DeploymentEntry, Promoted};
