//! The disposable SQLite index over Git's records: the only user of sqlx.
//!
//! Place in the river: Git's run refs and deploy branch are read into it by `keelmark-history`; the window, the
//! command line and history ask it. Delete the file and it fills again with the same answers.
//!
//! Beside it, `MLflow`'s own SQLite store is read here as plain rows ([`mlflow_rows`]), for sqlx has one owner.
//!
//! Never here: a fact that is not in Git, a read of Git, a decision. Every call blocks and drives a runtime of its
//! own, so none may be made from async code.

mod checksum;
mod deployments;
mod disk;
mod dump;
mod entry;
mod error;
mod headline;
mod index;
mod meta;
mod mlflow;
mod runs;
mod schema;

pub use disk::Opened;
pub use entry::{DeploymentAction, DeploymentEntry, Promoted, RunContent, StoredRun, SyncedRef};
pub use error::Error;
pub use headline::{Headline, HeadlineMetric};
pub use index::Index;
pub use mlflow::{MlflowMetricRow, MlflowRows, MlflowRunRow, mlflow_curve, mlflow_rows};
pub use runs::{ContestedRun, IndexedRun, RunFilter};
