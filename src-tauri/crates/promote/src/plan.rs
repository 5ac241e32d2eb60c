//! A promotion as objects in memory: what is shown is what is committed.

use std::collections::BTreeMap;

use keelmark_compare::Comparison;
use keelmark_git::{Oid, Plan, Repository, Signature, Tag, TreeEdit};
use keelmark_types::{
    CommitId, DEPLOYMENT_SCHEMA, Decision, DeployedFile, DeployedRun, Deployment, EnvironmentName,
    Evaluation, Override, RunRecord, SemanticVersion, TaskKind,
};

use crate::commit::{Change, assemble};
use crate::digest::{release_digest, sha256};
use crate::judge::Judgement;
use crate::layout::{DEPLOYMENT_FILE, evidence_folder};
use crate::message::{Claim, CommitVerdict, clean_reason, folded};
use crate::promotion::{Action, Promotion, Proposal, Unchanged};
use crate::standing::Standing;
use crate::{Error, Result, evidence, yaml};

/// Everything a promotion is made of. The author's signature holds the time, so that nothing is left to chance.
#[derive(Debug, Clone, Copy)]
pub struct PromotionRequest<'a> {
    /// Where it is to be written.
    pub repository: &'a Repository,
    /// Where the environment stands, read at the tip the commit is to have as its parent.
    pub standing: &'a Standing,
    /// The run promoted.
    pub run: &'a RunRecord,
    /// Its commit.
    pub run_commit: &'a CommitId,
    /// The files to serve, by their path below `model/`.
    pub files: &'a [(String, Vec<u8>)],
    /// What was measured on the test set.
    pub evaluation: &'a Evaluation,
    /// The semantic version, from [`Standing::next_release`].
    pub release: SemanticVersion,
    /// The judgement.
    pub judgement: &'a Judgement,
    /// The comparison with what the environment desires, where there is one.
    pub comparison: Option<&'a Comparison>,
    /// The metrics people look at first; empty: the usual ones of the task.
    pub headline: &'a [String],
    /// The protected base the rules were read from.
    pub policy: Option<&'a CommitId>,
    /// A typed reason to promote against the judgement.
    pub override_reason: Option<&'a str>,
    /// Whether single examples may be named in what is committed.
    pub share_predictions: bool,
    /// Every tag known, those of the remote included.
    pub tags: &'a [Tag],
    /// Who promotes, and when.
    pub author: &'a Signature,
}

/// Plans a promotion. Nothing is written.
///
/// Refused: a blocked judgement without a reason, obstacles whatever the reason, a release that names another run.
pub fn plan_promotion(request: &PromotionRequest<'_>) -> Result<Proposal> {
    let deployment = deployment(request)?;
    let standing = request.standing;
    if let Some(desired) = &standing.desired
        && desired.deployment.release_digest == deployment.release_digest
        && let Some(commit) = &desired.commit
    {
        let unchanged = Unchanged { commit: commit.clone(), deployment: desired.deployment.clone() };
        return Ok(Proposal::Unchanged(Box::new(unchanged)));
    }
    check_release(request, &deployment)?;

    let mut plan = Plan::new(request.repository);
    let yaml = yaml::write_deployment(&deployment);
    let mut release = vec![TreeEdit::file(DEPLOYMENT_FILE, plan.blob(yaml.clone())?)];
    for (name, bytes) in request.files {
        release.push(TreeEdit::file(served_path(name), plan.blob(bytes.clone())?));
    }
    let release_tree = plan.tree(None, &release)?;
    let mut evidence_edits = Vec::new();
    let mut evidence_paths = Vec::new();
    let folder = evidence_folder(&deployment.release_digest);
    for (name, bytes) in evidence::files(request, &deployment, yaml.as_bytes()) {
        evidence_edits.push(TreeEdit::file(name, plan.blob(bytes)?));
        evidence_paths.push(format!("{folder}/{name}"));
    }
    let evidence_tree = plan.tree(None, &evidence_edits)?;

    let (subject, body, verdict) = words(request, &deployment);
    let mut claim = Claim::of(&deployment, verdict, standing.sequence().saturating_add(1));
    claim.previous = standing.history.last().map(|last| last.claim.release_digest.clone());
    let change = Change {
        action: Action::Promote,
        standing,
        edits: vec![
            TreeEdit::folder(standing.folder(), release_tree),
            TreeEdit::folder(folder, evidence_tree),
        ],
        release_tree,
        deployment,
        claim,
        subject,
        body,
        evidence: evidence_paths,
    };
    assemble(plan, change, request.tags, request.author)
        .map(|promotion: Promotion| Proposal::Change(Box::new(promotion)))
}

/// The path of a served file below `release/`.
fn served_path(name: &str) -> String {
    format!("model/{name}")
}

fn deployment(request: &PromotionRequest<'_>) -> Result<Deployment> {
    let PromotionRequest { run, standing, judgement, .. } = request;
    if run.model != standing.model {
        let why = format!("it is of model {}, not {}", run.model, standing.model);
        return Err(Error::invalid(format!("run {}", run.run), why));
    }
    let files = deployed_files(request.files)?;
    let test_digest = run.test_digest.clone();
    let digest = release_digest(&run.model, &run.version, request.run_commit, test_digest.as_ref(), &files);
    Ok(Deployment {
        schema: DEPLOYMENT_SCHEMA.to_owned(),
        model: run.model.clone(),
        environment: standing.environment.clone(),
        version: run.version.clone(),
        run: DeployedRun { id: run.run.clone(), commit: request.run_commit.clone() },
        release: request.release,
        release_digest: digest,
        test_digest,
        metrics: headline(request.evaluation, request.headline),
        gates: judgement.gates.clone(),
        decision: judgement.decision,
        overridden: overridden(judgement, request.override_reason, &standing.environment)?,
        files,
    })
}

fn deployed_files(files: &[(String, Vec<u8>)]) -> Result<Vec<DeployedFile>> {
    if files.is_empty() {
        return Err(Error::invalid("the files to serve", "there are none"));
    }
    let mut deployed: Vec<DeployedFile> = Vec::with_capacity(files.len());
    for (name, bytes) in files {
        if name.chars().any(char::is_control) || name.split('/').any(|part| matches!(part, "" | "." | "..")) {
            let what = format!("the file to serve `{}`", name.escape_debug());
            return Err(Error::invalid(what, "its name cannot be a path in the release"));
        }
        deployed.push(DeployedFile {
            path: served_path(name),
            sha256: sha256(bytes),
            size_bytes: bytes.len() as u64,
        });
    }
    deployed.sort_by(|a, b| a.path.cmp(&b.path));
    if let Some(twice) = deployed.windows(2).find(|pair| matches!(pair, [a, b] if a.path == b.path)) {
        let path = twice.first().map_or("", |file| file.path.as_str());
        return Err(Error::invalid(format!("the file to serve `{path}`"), "it is there twice"));
    }
    Ok(deployed)
}

fn headline(evaluation: &Evaluation, wanted: &[String]) -> BTreeMap<String, f64> {
    let usual: &[&str] = match evaluation.task {
        TaskKind::Classification => &["accuracy", "f1_macro", "log_loss"],
        TaskKind::Regression => &["rmse", "mae", "r2"],
    };
    let wanted: Vec<&str> =
        if wanted.is_empty() { usual.to_vec() } else { wanted.iter().map(String::as_str).collect() };
    let value = |name: &str| evaluation.metrics.get(name)?.value.filter(|value| value.is_finite());
    wanted.into_iter().filter_map(|name| Some((name.to_owned(), value(name)?))).collect()
}

fn overridden(
    judgement: &Judgement,
    reason: Option<&str>,
    environment: &EnvironmentName,
) -> Result<Option<Override>> {
    let blocked = judgement.decision == Decision::Blocked;
    let what = || format!("the promotion to {environment}");
    if !judgement.can_be_overridden() {
        let why = judgement.obstacles.join("; ");
        return Err(Error::Denied { what: what(), why: format!("{why}; no override lifts that") });
    }
    match reason.map(clean_reason) {
        Some(None) => Err(Error::invalid("the reason of the override", "it is empty; say why in a sentence")),
        Some(Some(reason)) => Ok(Some(Override { reason, needed: blocked })),
        None if blocked => {
            Err(Error::Denied { what: what(), why: judgement.why.trim_end_matches('.').to_owned() })
        }
        None => Ok(None),
    }
}

/// One version has one release, and one release one digest.
fn check_release(request: &PromotionRequest<'_>, deployment: &Deployment) -> Result<()> {
    let (model, release) = (&deployment.model, deployment.release);
    let other = request.standing.released.iter().map(|promoted| &promoted.claim).find(|claim| {
        let same_name = claim.release == release || claim.version == deployment.version;
        same_name && (claim.release != release || claim.release_digest != deployment.release_digest)
    });
    let Some(other) = other else { return Ok(()) };
    let what = format!("releasing run {} as {model} {release}", deployment.run.id);
    let why = if other.version == deployment.version {
        format!(
            "version {} was released as {} with run {}, and a version has one release; promote that run, or make a \
             new commit (an empty one will do), train there and promote that",
            deployment.version.short(),
            other.release,
            other.run
        )
    } else {
        format!(
            "{} is the release of version {} already; fetch the tags and plan again",
            other.release,
            other.version.short()
        )
    };
    Err(Error::Conflict { what, why })
}

fn words(request: &PromotionRequest<'_>, deployment: &Deployment) -> (String, String, CommitVerdict) {
    let judgement = request.judgement;
    let Deployment { model, environment, release, .. } = deployment;
    let subject = format!("Promote {model} {release} to {environment}");
    let needed = deployment.overridden.as_ref().map(|given| given.needed);
    let verdict = if needed == Some(true) || judgement.first_deployment {
        CommitVerdict::Warned
    } else {
        CommitVerdict::Passed
    };
    let mut sentences = vec![judgement.why.clone()];
    match needed {
        Some(true) => sentences.push("It was promoted by an override.".to_owned()),
        Some(false) => sentences.push("An override was given that was not needed.".to_owned()),
        None => {}
    }
    if let Some(comparison) = request.comparison.filter(|comparison| comparison.comparable) {
        sentences.push(comparison.why.clone());
    }
    let body: String =
        sentences.join(" ").chars().map(|letter| if letter.is_control() { ' ' } else { letter }).collect();
    (subject, folded(&body), verdict)
}

/// Whether the tree at an oid is what the plan expects at its place: the environment's own entry is unchanged since
/// the plan was made, or equal to what it wants already. Then a race that was lost is run again from a fresh plan;
/// else it is a conflict people have to look at.
pub fn can_retry(planned_on: Option<Oid>, now: Option<Oid>, wanted: Oid) -> bool {
    now == planned_on || now == Some(wanted)
}
