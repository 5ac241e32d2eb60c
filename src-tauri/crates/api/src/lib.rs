//! Every action and question a client may send, with its problems and events.
//!
//! Place in the river: above everything that works, below every face. A [`Keelmark`] knows where its things are; a
//! [`Session`] is one repository opened with it. Calls block: a face with an event loop makes them on a thread of its own.
//! Never here: a window, a terminal, a decision that a crate below has taken already.

mod bindings;
mod charting;
mod check;
mod cloning;
mod comparing;
mod data;
mod desk;
mod failures;
mod history;
mod judging;
mod maintenance;
mod notes;
mod others;
mod places;
mod problem;
mod promoting;
mod promotion_answer;
mod recording;
mod registry;
mod runs;
mod sample;
mod session;
mod tracked;
mod training;

pub use bindings::typescript;
pub use charting::{By, ChartQuery, Drawn, Format};
pub use check::{Checked, CheckedModel};
pub use cloning::{CloneQuery, ClonedRepository, Moved, MovedRef};
pub use comparing::{Compared, compare_files, is_prediction_file, measure_file, report_files_html};
pub use data::{DataFile, DataFiles, DataState};
pub use desk::*;
pub use history::*;
pub use judging::GatesAnswer;
pub use maintenance::{Rebuilt, Verified};
pub use notes::{AcceptQuery, AcceptedFlips};
pub use others::{Experiment, ForeignRun, ForeignSource, ForeignStatus, ForeignValue, Orphan, OtherRuns};
pub use places::Places;
pub use problem::{Code, Problem, Remedy};
pub use promoting::{PromoteQuery, RollbackQuery, ShownCommit};
pub use promotion_answer::PromotionAnswer;
pub use recording::{ImagePair, NumberOrigin, ShownImage};
pub use registry::{RegisterQuery, Registered};
pub use runs::{RunDetail, RunState, RunSummary};
pub use sample::{SampleMade, SampleVersion};
pub use session::{Keelmark, Session};
pub use tracked::{
    DvcChange, DvcReasonKind, DvcStage, DvcStageReason, DvcStageState, Hydration, PullQuery, PulledData,
    TrackedData,
};
pub use training::{EvaluateQuery, FinishedRun, TrainQuery};

pub use keelmark_compare::{Comparison, Verdict};
pub use keelmark_promote::{Audit, AuditEntry, AuditKind, AuditNote};
pub use keelmark_runs::JobRequest;

/// Does one job, as a worker process: its folder is all it is told.
pub fn work(folder: &std::path::Path, clock: &dyn keelmark_types::Clock) -> Result<(), Problem> {
    let folder = keelmark_runs::JobFolder::at(folder)?;
    Ok(keelmark_runs::work(&folder, clock)?)
}

/// The JSON Schema of model.yaml.
pub fn manifest_schema() -> serde_json::Value {
    keelmark_manifest::json_schema()
}

/// Ten bytes of chance, for ids.
fn chance() -> Result<[u8; 10], Problem> {
    let mut chance = [0_u8; 10];
    getrandom::fill(&mut chance).map_err(|error| {
        Problem::new(Code::Unsupported, format!("The system gives no random numbers: {error}"))
    })?;
    Ok(chance)
}

fn digest(bytes: &[u8]) -> keelmark_types::Sha256 {
    use sha2::Digest;
    keelmark_types::Sha256::from_bytes(sha2::Sha256::digest(bytes).into())
}
