//! The nouns everybody shares, and named long work with progress, stop and outcome.
//!
//! Place in the river: everywhere. Every other crate speaks in these words; none of them is
//! redefined further down. Never here: input, output, clocks read behind one's back, decisions.

mod clock;
mod dataset;
mod deployment;
mod evaluation;
mod event;
mod id;
mod location;
mod metric;
mod note;
mod predictions;
mod run;
mod series;
mod status;
mod task;

pub use clock::{Clock, FixedClock, SystemClock, Timestamp};
pub use dataset::{Dataset, Target};
pub use deployment::{
    DEPLOYMENT_SCHEMA, Decision, DeployedFile, DeployedRun, Deployment, GateOutcome, GateState, Override,
};
pub use evaluation::{
    CalibrationBin, ClassScores, Confusion, EVALUATION_SCHEMA, Evaluation, Grade, MetricValue, Slice,
};
pub use event::{JobEvent, JobKind, JobPhase};
pub use id::{
    CommitId, EnvironmentName, InvalidId, ModelName, NoteId, ReleaseTag, RunId, SemanticVersion, Sha256,
};
pub use location::{Location, Mistake};
pub use metric::{Direction, METRICS, MetricInfo, TaskKind, metric_info};
pub use note::{NOTE_SCHEMA, Note, NoteKind, NoteSubject};
pub use predictions::{Answers, Predictions};
pub use run::{DataPin, Environment, RUN_SCHEMA, RunRecord, RunStatus};
pub use series::{Series, SeriesPoint, TrainingLog};
pub use status::{HealthStatus, SyncStatus};
pub use task::{NoProgress, Outcome, Progress, Stop};
