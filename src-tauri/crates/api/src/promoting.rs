//! `gates`, `promote`, `rollback`, `audit`: judgement by the rules of the protected base, and the deployment commit.

use keelmark_compare::{Comparison, Options, compare};
use keelmark_git::{Oid, Signature};
use keelmark_history::deploy_tip;
use keelmark_manifest::{Gate, Manifest};
use keelmark_promote::{
    Audit, Baseline, Candidate, DEPLOY_REF, Destination, Judgement, Policy, Promotion, PromotionRequest,
    Proposal, Published, RemoteBranch, RollbackRequest, RollbackTarget, Standing, Target, judge,
    plan_promotion, plan_rollback, publish,
};
use keelmark_types::{
    CommitId, Decision, Deployment, EnvironmentName, GateOutcome, ModelName, NoProgress, SemanticVersion,
    Stop,
};
use serde::Serialize;

use crate::comparing::{Loaded, options};
use crate::history::{parse_environment, unknown_environment};
use crate::{Code, MovedRef, Problem, Session};

/// The remote promotions are pushed to.
const REMOTE: &str = "origin";
/// How often a lost race is run again.
const TRIES: u32 = 30;

/// What the gates say of a candidate.
#[derive(Debug, Clone, Serialize)]
pub struct GatesAnswer {
    /// Each gate.
    pub gates: Vec<GateOutcome>,
    /// Their sum.
    pub decision: Decision,
    /// Why, in a sentence.
    pub why: String,
    /// What no override lifts.
    pub obstacles: Vec<String>,
    /// Whether there is nothing yet to compare with.
    pub first_deployment: bool,
    /// What a person should know beside it.
    pub notes: Vec<String>,
}

/// A promotion that is wanted.
#[derive(Debug, Clone, Default)]
pub struct PromoteQuery {
    /// The version, run or tag.
    pub revision: String,
    /// Which of its runs; none means its headline run.
    pub run: Option<String>,
    /// The environment.
    pub to: String,
    /// The model, where there are several.
    pub model: Option<String>,
    /// Show and write nothing.
    pub dry_run: bool,
    /// Promote although a gate blocks, for this reason.
    pub override_reason: Option<String>,
    /// Push to the remote, where there is one.
    pub push: bool,
}

/// A rollback that is wanted.
#[derive(Debug, Clone, Default)]
pub struct RollbackQuery {
    /// The environment.
    pub environment: String,
    /// A release, version or deployment commit; none means what was desired before.
    pub to: Option<String>,
    /// The model, where there are several.
    pub model: Option<String>,
    /// Show and write nothing.
    pub dry_run: bool,
    /// Push to the remote, where there is one.
    pub push: bool,
}

/// What became of a promotion or rollback.
#[derive(Debug, Clone, Serialize)]
pub struct PromotionAnswer {
    /// What the judgement is.
    pub decision: Decision,
    /// Why, in a sentence.
    pub why: String,
    /// The deployment commit; none where it was blocked.
    pub commit: Option<CommitId>,
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

/// The rules as they stand at the protected base.
struct Rules {
    base: CommitId,
    manifest: Manifest,
}

/// Where the deploy branch stands, here and at the remote.
struct Branch {
    tip: Option<CommitId>,
    local: Option<CommitId>,
    has_remote: bool,
    remote_tip: Option<CommitId>,
}

impl Branch {
    fn destination(&self) -> Destination<'_> {
        Destination {
            local_tip: self.local.as_ref(),
            remote: self.has_remote.then(|| RemoteBranch { name: REMOTE, tip: self.remote_tip.as_ref() }),
        }
    }
}

impl Session {
    /// Judges a version by the gates of the protected base.
    pub fn gates(
        &self,
        revision: &str,
        against: Option<&str>,
        model: Option<&str>,
    ) -> Result<GatesAnswer, Problem> {
        let loaded = self.load_candidate(revision, self.candidate(revision, None, model)?)?;
        let rules = self.rules(&model_of(&loaded)?)?;
        let baseline = match against {
            Some(word) => Some(self.load_candidate(word, self.candidate(word, None, model)?)?),
            None => match rules.manifest.environments_in_order().first() {
                Some((environment, _)) => self.desired_side(environment, &rules.manifest.name)?,
                None => None,
            },
        };
        let notes = notes(&loaded, &rules);
        let comparisons =
            baseline.as_ref().map(|baseline| comparisons(baseline, &loaded, &rules.manifest.gates));
        let baseline = comparisons.as_deref().map_or(Baseline::None, Baseline::Compared);
        let judgement = judged(&loaded, baseline, Policy { gates: &rules.manifest.gates, target: None })?;
        Ok(GatesAnswer {
            gates: judgement.gates,
            decision: judgement.decision,
            why: judgement.why,
            obstacles: judgement.obstacles,
            first_deployment: judgement.first_deployment,
            notes,
        })
    }

    /// What the gates say of B against A; none where B is no run or nothing is declared at the protected base.
    pub(crate) fn judge_against(&self, a: &Loaded, b: &Loaded) -> Result<Option<Judgement>, Problem> {
        let Ok(model) = model_of(b) else { return Ok(None) };
        let Ok(rules) = self.rules(&model) else { return Ok(None) };
        let comparisons = comparisons(a, b, &rules.manifest.gates);
        let policy = Policy { gates: &rules.manifest.gates, target: None };
        Ok(Some(judged(b, Baseline::Compared(&comparisons), policy)?))
    }

    /// Promotes a version, or shows what that would be.
    pub fn promote(&self, query: &PromoteQuery, stop: &Stop) -> Result<PromotionAnswer, Problem> {
        let candidate = self.candidate(&query.revision, query.run.as_deref(), query.model.as_deref())?;
        let loaded = self.load_candidate(&query.revision, candidate)?;
        let model = model_of(&loaded)?;
        let mut notes = Vec::new();
        let mut branch = self.branch(query.push, &mut notes, stop)?;
        let rules = self.rules(&model)?;
        notes.extend(self::notes(&loaded, &rules));
        let known: Vec<String> = rules.manifest.environments.keys().map(ToString::to_string).collect();
        let environment = parse_environment(&query.to, &known)?;
        if !rules.manifest.environments.contains_key(&environment) {
            return Err(unknown_environment(&query.to, &known));
        }
        let author = self.author()?;
        let mut tries = 0;
        loop {
            let standing = self.standing(&branch, &environment, &model)?;
            if let Some(answer) = unchanged_answer(&standing, &loaded, &notes, query.dry_run) {
                return Ok(answer);
            }
            let judgement = self.judge_for(&loaded, &standing, &rules, &branch)?;
            let is_let_through = query.override_reason.is_some() && judgement.can_be_overridden();
            if judgement.decision == Decision::Blocked && !is_let_through {
                return Ok(blocked(&environment, &loaded, judgement, notes, query.dry_run));
            }
            let proposal = self.propose(&loaded, &standing, &rules, &judgement, query, &author)?;
            let promotion = match proposal {
                Proposal::Change(promotion) => promotion,
                Proposal::Unchanged(unchanged) => {
                    return Ok(unchanged_of(
                        &environment,
                        &unchanged.commit,
                        &unchanged.deployment,
                        notes,
                        query.dry_run,
                    ));
                }
            };
            if query.dry_run {
                return Ok(answer(&promotion, Some(judgement), notes, true, false, None));
            }
            match publish(&self.repository, &promotion, branch.destination(), stop)? {
                Published::Published { pushed } => {
                    self.refresh()?;
                    return Ok(answer(&promotion, Some(judgement), notes, false, pushed, None));
                }
                Published::PushPending { why } => {
                    self.refresh()?;
                    return Ok(answer(&promotion, Some(judgement), notes, false, false, Some(why)));
                }
                Published::Conflict { reference, now } => {
                    tries += 1;
                    branch = self.branch(query.push, &mut notes, stop)?;
                    let standing = self.standing(&branch, &environment, &model)?;
                    if tries >= TRIES || !promotion.can_retry(standing.release_tree) {
                        return Err(conflict(&reference, now));
                    }
                }
                refused => return Err(refusal(refused)),
            }
        }
    }

    fn propose(
        &self,
        loaded: &Loaded,
        standing: &Standing,
        rules: &Rules,
        judgement: &Judgement,
        query: &PromoteQuery,
        author: &Signature,
    ) -> Result<Proposal, Problem> {
        let run = loaded.run.as_ref().ok_or_else(no_such_run)?;
        let tags = self.repository.tags()?;
        let comparison = self
            .baseline(standing)
            .ok()
            .flatten()
            .map(|baseline| compare(&baseline.side, &loaded.side, &options(loaded.manifest.as_ref())));
        Ok(plan_promotion(&PromotionRequest {
            repository: &self.repository,
            standing,
            run: &run.record,
            run_commit: &run.commit,
            files: &loaded.model_files,
            evaluation: &loaded.side.evaluation,
            release: standing.next_release(&tags, &run.record.version),
            judgement,
            comparison: comparison.as_ref(),
            headline: &rules.manifest.evaluate.metrics,
            policy: Some(&rules.base),
            override_reason: query.override_reason.as_deref(),
            share_predictions: rules.manifest.share.predictions,
            tags: &tags,
            author,
        })?)
    }

    /// Gives an environment back what it desired before, or shows what that would be.
    pub fn rollback(&self, query: &RollbackQuery, stop: &Stop) -> Result<PromotionAnswer, Problem> {
        let state = self.environment(&query.environment, query.model.as_deref())?;
        let mut notes = Vec::new();
        let mut branch = self.branch(query.push, &mut notes, stop)?;
        let target = self.rollback_target(query.to.as_deref())?;
        let author = self.author()?;
        let mut tries = 0;
        loop {
            let standing = self.standing(&branch, &state.environment, &state.model)?;
            let tags = self.repository.tags()?;
            let request = RollbackRequest {
                repository: &self.repository,
                standing: &standing,
                target: &target,
                tags: &tags,
                author: &author,
            };
            let promotion = match plan_rollback(&request)? {
                Proposal::Change(promotion) => promotion,
                Proposal::Unchanged(found) => {
                    return Ok(unchanged_of(
                        &state.environment,
                        &found.commit,
                        &found.deployment,
                        notes,
                        query.dry_run,
                    ));
                }
            };
            if query.dry_run {
                return Ok(answer(&promotion, None, notes, true, false, None));
            }
            match publish(&self.repository, &promotion, branch.destination(), stop)? {
                Published::Published { pushed } => {
                    self.refresh()?;
                    return Ok(answer(&promotion, None, notes, false, pushed, None));
                }
                Published::PushPending { why } => {
                    self.refresh()?;
                    return Ok(answer(&promotion, None, notes, false, false, Some(why)));
                }
                Published::Conflict { reference, now } => {
                    tries += 1;
                    branch = self.branch(query.push, &mut notes, stop)?;
                    let standing = self.standing(&branch, &state.environment, &state.model)?;
                    if tries >= TRIES || !promotion.can_retry(standing.release_tree) {
                        return Err(conflict(&reference, now));
                    }
                }
                refused => return Err(refusal(refused)),
            }
        }
    }

    fn rollback_target(&self, word: Option<&str>) -> Result<RollbackTarget, Problem> {
        let Some(word) = word else { return Ok(RollbackTarget::Previous) };
        let version = word.rsplit('@').next().unwrap_or(word);
        if let Ok(release) = version.parse::<SemanticVersion>() {
            return Ok(RollbackTarget::Release(release));
        }
        Ok(RollbackTarget::Commit(self.repository.resolve(word)?))
    }

    /// Every deployment commit, held against its own words.
    pub fn audit(&self) -> Result<Audit, Problem> {
        let tip = deploy_tip(&self.repository)?.map(|tip| tip.commit);
        Ok(keelmark_promote::audit(&self.repository, tip.as_ref())?)
    }

    /// Pushes promotions that wait.
    pub(crate) fn send_promotions(&self, remote: &str, stop: &Stop) -> Result<Vec<MovedRef>, Problem> {
        let Some(local) = self.repository.find_ref(DEPLOY_REF)? else { return Ok(Vec::new()) };
        let there = self.repository.remote_tips(remote, &[DEPLOY_REF])?.get(DEPLOY_REF).copied();
        if there == Some(local) {
            return Ok(Vec::new());
        }
        let tip = there.map(Oid::to_commit_id);
        match keelmark_promote::push_pending(
            &self.repository,
            RemoteBranch { name: remote, tip: tip.as_ref() },
            stop,
        )? {
            Published::Published { .. } => Ok(vec![MovedRef {
                name: DEPLOY_REF.to_owned(),
                from: tip.map(|tip| tip.to_string()),
                to: local.to_string(),
            }]),
            Published::PushPending { why } => {
                Err(Problem::new(Code::Unreachable, format!("{remote} is not reachable: {why}"))
                    .detail("The promotions are safe here.")
                    .hint("Try again later."))
            }
            Published::Conflict { reference, now } => Err(conflict(&reference, now)),
            refused => Err(refusal(refused)),
        }
    }

    fn author(&self) -> Result<Signature, Problem> {
        Ok(Signature::new(self.repository.identity()?, self.keelmark.now()))
    }

    fn rules(&self, model: &ModelName) -> Result<Rules, Problem> {
        let base = self.repository.protected_base()?;
        let entry = self.model_of(&base, Some(model.as_str()))?;
        let manifest = Self::manifest_of(&entry)?.clone();
        Ok(Rules { base, manifest })
    }

    /// Where the deploy branch stands; with a push in view the remote is asked first, and one that does not answer is
    /// noted.
    fn branch(&self, push: bool, notes: &mut Vec<String>, stop: &Stop) -> Result<Branch, Problem> {
        let has_remote = push && self.repository.remotes()?.iter().any(|remote| remote.name == REMOTE);
        if has_remote && let Err(error) = self.repository.fetch(REMOTE, &NoProgress, stop) {
            notes.push(format!("{REMOTE} could not be asked: {error}"));
        }
        let tip = deploy_tip(&self.repository)?;
        if let Some(problem) = tip.as_ref().and_then(|tip| tip.problem.as_ref()) {
            return Err(Problem::new(Code::Conflict, format!("{}: {}", problem.what, problem.why))
                .detail(
                    "Promotions that wait here and promotions of others have parted; nothing was written.",
                )
                .hint("Look at both, then reset keelmark/deploy to the remote's and promote again."));
        }
        let find = |name: &str| -> Result<Option<CommitId>, Problem> {
            Ok(self.repository.find_ref(name)?.map(Oid::to_commit_id))
        };
        let remote_tip = find(&format!("refs/remotes/{REMOTE}/{}", keelmark_promote::DEPLOY_BRANCH))?;
        Ok(Branch { tip: tip.map(|tip| tip.commit), local: find(DEPLOY_REF)?, has_remote, remote_tip })
    }

    fn standing(
        &self,
        branch: &Branch,
        environment: &EnvironmentName,
        model: &ModelName,
    ) -> Result<Standing, Problem> {
        Ok(Standing::read(&self.repository, branch.tip.as_ref(), environment, model)?)
    }

    fn desired_side(
        &self,
        environment: &EnvironmentName,
        model: &ModelName,
    ) -> Result<Option<Loaded>, Problem> {
        let tip = deploy_tip(&self.repository)?.map(|tip| tip.commit);
        let standing = Standing::read(&self.repository, tip.as_ref(), environment, model)?;
        self.baseline(&standing).map_err(|why| Problem::new(Code::NoRun, why).detail("Nothing was judged."))
    }

    /// What an environment desires, loaded; the error says why it cannot be compared with.
    fn baseline(&self, standing: &Standing) -> Result<Option<Loaded>, String> {
        if let Some(problem) = &standing.problem {
            return Err(format!("what {} desires cannot be read: {problem}", standing.environment));
        }
        let Some(deployment) = standing.deployment() else { return Ok(None) };
        let loaded = self
            .stored_run(deployment.run.id.as_str())
            .and_then(|run| self.load_run(standing.environment.as_str(), run));
        loaded.map(Some).map_err(|problem| {
            format!("the run that {} desires is not here ({})", standing.environment, problem.summary)
        })
    }

    fn judge_for(
        &self,
        loaded: &Loaded,
        standing: &Standing,
        rules: &Rules,
        branch: &Branch,
    ) -> Result<Judgement, Problem> {
        let spec = &rules.manifest.environments[&standing.environment];
        let before = match &spec.after {
            Some(after) => {
                let before = self.standing(branch, after, &standing.model)?;
                before.deployment().cloned()
            }
            None => None,
        };
        let target = Target { name: &standing.environment, rules: spec, before: before.as_ref() };
        let policy = Policy { gates: &rules.manifest.gates, target: Some(target) };
        match self.baseline(standing) {
            Err(why) => judged(loaded, Baseline::Unusable(&why), policy),
            Ok(None) => judged(loaded, Baseline::None, policy),
            Ok(Some(baseline)) => {
                let comparisons = comparisons(&baseline, loaded, &rules.manifest.gates);
                judged(loaded, Baseline::Compared(&comparisons), policy)
            }
        }
    }
}

fn model_of(loaded: &Loaded) -> Result<ModelName, Problem> {
    Ok(loaded.run.as_ref().ok_or_else(no_such_run)?.record.model.clone())
}

fn no_such_run() -> Problem {
    Problem::new(Code::NoRun, "Only a version with a run can be judged").detail("Nothing was changed.")
}

fn judged(loaded: &Loaded, baseline: Baseline<'_>, policy: Policy<'_>) -> Result<Judgement, Problem> {
    let run = loaded.run.as_ref().ok_or_else(no_such_run)?;
    let served_bytes = loaded.model_files.iter().map(|(_, bytes)| bytes.len() as u64).sum();
    let missing = if loaded.model_files.is_empty() { vec!["the model".to_owned()] } else { Vec::new() };
    let candidate =
        Candidate { run: &run.record, evaluation: &loaded.side.evaluation, served_bytes, missing: &missing };
    Ok(judge(candidate, baseline, policy))
}

/// One comparison for each confidence a gate asks for, the usual one first.
fn comparisons(a: &Loaded, b: &Loaded, gates: &[Gate]) -> Vec<Comparison> {
    let usual = options(b.manifest.as_ref());
    let mut confidences = vec![usual.bootstrap.confidence];
    for gate in gates {
        if let Gate::MaxWorsening { confidence, .. } = gate
            && !confidences.iter().any(|known| (known - confidence).abs() < 1e-12)
        {
            confidences.push(*confidence);
        }
    }
    confidences
        .into_iter()
        .map(|confidence| {
            let mut options = Options { ..usual.clone() };
            options.bootstrap.confidence = confidence;
            compare(&a.side, &b.side, &options)
        })
        .collect()
}

fn notes(loaded: &Loaded, rules: &Rules) -> Vec<String> {
    match &loaded.manifest {
        Some(own) if own.gates != rules.manifest.gates => {
            vec![
                "this version declares other gates than the default branch; those of the default branch hold"
                    .to_owned(),
            ]
        }
        _ => Vec::new(),
    }
}

fn unchanged_answer(
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

fn unchanged_of(
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

fn blocked(
    environment: &EnvironmentName,
    loaded: &Loaded,
    judgement: Judgement,
    notes: Vec<String>,
    dry_run: bool,
) -> PromotionAnswer {
    PromotionAnswer {
        decision: Decision::Blocked,
        why: judgement.why,
        commit: None,
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

fn answer(
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

fn conflict(reference: &str, now: Option<Oid>) -> Problem {
    let now = now.map_or_else(|| "it is gone now".to_owned(), |oid| format!("it is at {oid} now"));
    Problem::new(Code::Conflict, format!("{reference} was moved by somebody else: {now}"))
        .detail("Nothing was written or overwritten.")
        .hint("Look at what is deployed now (`keelmark env`), then try again.")
}

fn refusal(refused: Published) -> Problem {
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
