//! What a promotion or rollback answers, and how its refusals read.

use keelmark_git::Oid;
use keelmark_promote::{Judgement, Promotion, Published, Standing};
use keelmark_types::{
    CommitId, Decision, Deployment, EnvironmentName, GateOutcome, SemanticVersion, Timestamp,
};
use serde::Serialize;
use ts_rs::TS;

use crate::comparing::Loaded;
use crate::{Code, Problem, Remedy};

/// What became of a promotion or rollback.
#[derive(Debug, Clone, Serialize, TS)]
#[expect(clippy::struct_excessive_bools, reason = "each is a fact of its own that scripts ask for by name")]
pub struct PromotionAnswer {
    /// What the judgement is.
    pub decision: Decision,
    /// Why, in a sentence.
    pub why: String,
    /// The deployment commit; none where it was blocked.
    pub commit: Option<CommitId>,
    /// The commit it stands on; none for the first of the branch.
    pub parent: Option<CommitId>,
    /// The commit's time; a dry run's commit is published as shown only at this time.
    #[ts(type = "string | null")]
    pub at: Option<Timestamp>,
    /// Whether an override would let it through.
    pub overridable: bool,
    /// The environment.
    pub environment: EnvironmentName,
    /// The version it desires.
    pub version: Option<CommitId>,
    /// Its release.
    pub release: Option<SemanticVersion>,
    /// Tags that go with it.
    pub tags: Vec<String>,
    /// Whether the remote has it.
    pub pushed: bool,
    /// Why the remote does not have it.
    pub push_note: Option<String>,
    /// Whether the environment desired it already.
    pub unchanged: bool,
    /// Whether nothing was written because that was asked for.
    pub dry_run: bool,
    /// Each gate.
    pub gates: Vec<GateOutcome>,
    /// What no override lifts.
    pub obstacles: Vec<String>,
    /// What a person should know beside it.
    pub notes: Vec<String>,
    /// The commit's message.
    pub message: String,
    /// The commit's diff.
    pub diff: String,
    /// Paths of the evidence.
    pub evidence: Vec<String>,
}

pub(crate) fn unchanged_answer(
    standing: &Standing,
    loaded: &Loaded,
    notes: &[String],
    dry_run: bool,
) -> Option<PromotionAnswer> {
    let desired = standing.desired.as_ref()?;
    let run = loaded.run.as_ref()?;
    let same =
        desired.deployment.run.id == run.record.run && desired.deployment.version == run.record.version;
    let commit = desired.commit.as_ref()?;
    same.then(|| unchanged_of(&standing.environment, commit, &desired.deployment, notes.to_vec(), dry_run))
}

pub(crate) fn unchanged_of(
    environment: &EnvironmentName,
    commit: &CommitId,
    deployment: &Deployment,
    notes: Vec<String>,
    dry_run: bool,
) -> PromotionAnswer {
    PromotionAnswer {
        decision: deployment.decision,
        why: format!("{environment} desires {} already; nothing was written.", deployment.release),
        commit: Some(commit.clone()),
        parent: None,
        at: None,
        overridable: false,
        environment: environment.clone(),
        version: Some(deployment.version.clone()),
        release: Some(deployment.release),
        tags: Vec::new(),
        pushed: false,
        push_note: None,
        unchanged: true,
        dry_run,
        gates: deployment.gates.clone(),
        obstacles: Vec::new(),
        notes,
        message: String::new(),
        diff: String::new(),
        evidence: Vec::new(),
    }
}

pub(crate) fn blocked(
    environment: &EnvironmentName,
    loaded: &Loaded,
    judgement: Judgement,
    notes: Vec<String>,
    dry_run: bool,
) -> PromotionAnswer {
    PromotionAnswer {
        decision: Decision::Blocked,
        overridable: judgement.can_be_overridden(),
        why: judgement.why,
        commit: None,
        parent: None,
        at: None,
        environment: environment.clone(),
        version: loaded.side.version.clone(),
        release: None,
        tags: Vec::new(),
        pushed: false,
        push_note: None,
        unchanged: false,
        dry_run,
        gates: judgement.gates,
        obstacles: judgement.obstacles,
        notes,
        message: String::new(),
        diff: String::new(),
        evidence: Vec::new(),
    }
}

pub(crate) fn answer(
    promotion: &Promotion,
    judgement: Option<Judgement>,
    notes: Vec<String>,
    dry_run: bool,
    pushed: bool,
    push_note: Option<String>,
) -> PromotionAnswer {
    let deployment = &promotion.deployment;
    let (decision, why, gates) = judgement.map_or_else(
        || {
            (
                deployment.decision,
                promotion.message.lines().next().unwrap_or_default().to_owned(),
                deployment.gates.clone(),
            )
        },
        |judgement| (judgement.decision, judgement.why, judgement.gates),
    );
    PromotionAnswer {
        decision,
        why,
        commit: Some(promotion.commit.clone()),
        parent: promotion.base.clone(),
        at: Some(promotion.at),
        overridable: false,
        environment: promotion.claim.environment.clone(),
        version: Some(deployment.version.clone()),
        release: Some(deployment.release),
        tags: promotion.tags.iter().map(|tag| tag.name.clone()).collect(),
        pushed,
        push_note,
        unchanged: false,
        dry_run,
        gates,
        obstacles: Vec::new(),
        notes,
        message: promotion.message.clone(),
        diff: promotion.diff.clone(),
        evidence: promotion.evidence.clone(),
    }
}

pub(crate) fn conflict(reference: &str, now: Option<Oid>) -> Problem {
    let now = now.map_or_else(|| "it is gone now".to_owned(), |oid| format!("it is at {oid} now"));
    Problem::new(Code::Conflict, format!("{reference} was moved by somebody else: {now}"))
        .detail("Nothing was written or overwritten.")
        .remedy(Remedy::ShowEnvironments, "Look at what is deployed now (`keelmark env`), then try again.")
}

/// What would be committed now is not what a person agreed to.
pub(crate) fn no_longer_shown(environment: &EnvironmentName) -> Problem {
    Problem::new(Code::Conflict, format!("What {environment} would get is no longer what was shown"))
        .detail(
            "The deployment branch, a rule or the candidate's records moved meanwhile. Nothing was written.",
        )
        .hint("Look at the new preview, then decide again.")
}

pub(crate) fn refusal(refused: Published) -> Problem {
    match refused {
        Published::Rejected { words } => {
            Problem::new(Code::Rejected, format!("The remote refused the promotion: {words}"))
                .detail("No ref was moved, here or there.")
                .hint("The remote's own rule says no; see its words.")
        }
        Published::Denied { why } => Problem::new(Code::Denied, format!("The remote denied access: {why}"))
            .detail("No ref was moved, here or there.")
            .hint("Check your credentials and rights, or keep it here with --no-push."),
        Published::Conflict { reference, now } => conflict(&reference, now),
        _ => Problem::new(Code::Stopped, "The promotion was stopped")
            .detail("No ref was moved, here or there."),
    }
}
