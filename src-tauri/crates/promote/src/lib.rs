//! Judges a comparison and writes the deployment commit with its evidence.
//!
//! Place in the river: from a comparison to a deployment commit that anyone can check. [`judge()`] is pure;
//! [`plan_promotion`] and [`plan_rollback`] read Git and keep every object in memory, so that what is shown is what is
//! committed; [`publish()`] writes and moves the refs; [`audit()`] holds every deployment commit against its own words.
//!
//! Never here: trust in the index, a rule read from the candidate's own version, a ref moved by force, the user's work
//! tree or index touched, an example named where the repository does not share them.

mod audit;
mod commit;
mod digest;
mod error;
mod evidence;
mod judge;
mod layout;
mod message;
mod plan;
mod promotion;
mod publish;
mod release;
mod report;
mod rollback;
mod standing;
mod yaml;

pub use audit::{Audit, AuditEntry, AuditKind, AuditNote, audit, notes};
pub use digest::{recomputed_digest, release_digest, sha256};
pub use error::{Error, Result};
pub use evidence::{GATES_SCHEMA, GateRecord};
pub use judge::{Baseline, Candidate, Judgement, Policy, Target, judge};
pub use layout::{DEPLOY_BRANCH, DEPLOY_REF, DEPLOYMENT_FILE, evidence_folder, release_folder};
pub use message::{Claim, CommitVerdict, TRAILERS, clean_reason};
pub use plan::{PromotionRequest, can_retry, plan_promotion};
pub use promotion::{Action, PlannedTag, Promotion, Proposal, Unchanged};
pub use publish::{Destination, Published, RemoteBranch, heal, publish, push_pending};
pub use release::{next_count, next_release};
pub use report::{Report, report_html};
pub use rollback::{RollbackRequest, RollbackTarget, plan_rollback};
pub use standing::{Desired, Promoted, Standing};
pub use yaml::{read_deployment, write_deployment};
