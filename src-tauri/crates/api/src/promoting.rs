//! `gates`, `promote`, `rollback`, `audit`: judgement by the rules of the protected base, and the deployment commit.

use keelmark_compare::compare;
use keelmark_git::{Oid, Signature};
use keelmark_history::deploy_tip;
use keelmark_promote::{
    Audit, Baseline, DEPLOY_REF, Destination, Judgement, Policy, Promotion, PromotionRequest, Proposal,
    Published, RemoteBranch, RollbackRequest, RollbackTarget, Standing, Target, plan_promotion,
    plan_rollback, publish,
};
use keelmark_types::{
    CommitId, Decision, EnvironmentName, ModelName, NoProgress, SemanticVersion, Stop, Timestamp,
};

use crate::comparing::{Loaded, options};
use crate::history::{parse_environment, unknown_environment};
use crate::judging::{Rules, comparisons, judged, model_of, no_such_run, notes as notes_of};
use crate::promotion_answer::{
    PromotionAnswer, answer, blocked, conflict, no_longer_shown, refusal, unchanged_answer, unchanged_of,
};
use crate::{Code, MovedRef, Problem, Session};

/// The remote promotions are pushed to.
const REMOTE: &str = "origin";
/// How often a lost race is run again.
const TRIES: u32 = 30;

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
    /// What a person has seen and agreed to: anything else is a conflict.
    pub shown: Option<ShownCommit>,
}

/// The deployment commit of a dry run, to be published as it was shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ShownCommit {
    /// Its id.
    pub commit: CommitId,
    /// Its time.
    pub at: Timestamp,
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
    /// What a person has seen and agreed to: anything else is a conflict.
    pub shown: Option<ShownCommit>,
}

/// Which environment a deployment commit is for, and how it is to be carried out.
struct Wish<'a> {
    environment: EnvironmentName,
    model: ModelName,
    dry_run: bool,
    push: bool,
    shown: Option<&'a ShownCommit>,
}

/// What a look at the branch gives: a commit to publish, or the answer already.
enum Planned {
    Commit(Box<Promotion>, Option<Judgement>),
    Answer(Box<PromotionAnswer>),
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
            remote: self.has_remote.then_some(RemoteBranch { name: REMOTE, tip: self.remote_tip.as_ref() }),
        }
    }
}

impl Session {
    /// Promotes a version, or shows what that would be.
    pub fn promote(&self, query: &PromoteQuery, stop: &Stop) -> Result<PromotionAnswer, Problem> {
        let candidate = self.candidate(&query.revision, query.run.as_deref(), query.model.as_deref())?;
        let loaded = self.load_candidate(&query.revision, candidate)?;
        let model = model_of(&loaded)?;
        let mut notes = Vec::new();
        let branch = self.branch(query.push, &mut notes, stop)?;
        let rules = self.rules(&model)?;
        notes.extend(notes_of(&loaded, &rules));
        let known: Vec<String> = rules.manifest.environments.keys().map(ToString::to_string).collect();
        let environment = parse_environment(&query.to, &known)?;
        if !rules.manifest.environments.contains_key(&environment) {
            return Err(unknown_environment(&query.to, &known));
        }
        let author = self.author(query.shown.as_ref())?;
        let wish = Wish {
            environment,
            model,
            dry_run: query.dry_run,
            push: query.push,
            shown: query.shown.as_ref(),
        };
        self.carry_out(&wish, branch, notes, stop, |standing, branch, notes| {
            if let Some(answer) = unchanged_answer(standing, &loaded, notes, query.dry_run) {
                return Ok(Planned::Answer(Box::new(answer)));
            }
            let judgement = self.judge_for(&loaded, standing, &rules, branch)?;
            let is_let_through = query.override_reason.is_some() && judgement.can_be_overridden();
            if judgement.decision == Decision::Blocked && !is_let_through {
                let answer =
                    blocked(&standing.environment, &loaded, judgement, notes.to_vec(), query.dry_run);
                return Ok(Planned::Answer(Box::new(answer)));
            }
            let proposal = self.propose(&loaded, standing, &rules, &judgement, query, &author)?;
            Ok(planned(proposal, Some(judgement), standing, notes, query.dry_run))
        })
    }

    /// Plans on the branch as it stands and publishes; a lost race is run again from a fresh plan for as long as nobody
    /// touched this environment's own entry, unless a person agreed to one certain commit.
    fn carry_out(
        &self,
        wish: &Wish<'_>,
        mut branch: Branch,
        mut notes: Vec<String>,
        stop: &Stop,
        plan: impl Fn(&Standing, &Branch, &[String]) -> Result<Planned, Problem>,
    ) -> Result<PromotionAnswer, Problem> {
        let mut tries = 0;
        loop {
            let standing = self.standing(&branch, &wish.environment, &wish.model)?;
            let (promotion, judgement) = match plan(&standing, &branch, &notes)? {
                Planned::Answer(answer) => return Ok(*answer),
                Planned::Commit(promotion, judgement) => (promotion, judgement),
            };
            if wish.dry_run {
                return Ok(answer(&promotion, judgement, notes, true, false, None));
            }
            if wish.shown.is_some_and(|shown| shown.commit != promotion.commit) {
                return Err(no_longer_shown(&wish.environment));
            }
            match publish(&self.repository, &promotion, branch.destination(), stop)? {
                Published::Published { pushed } => {
                    self.refresh()?;
                    return Ok(answer(&promotion, judgement, notes, false, pushed, None));
                }
                Published::PushPending { why } => {
                    self.refresh()?;
                    return Ok(answer(&promotion, judgement, notes, false, false, Some(why)));
                }
                Published::Conflict { reference, now } => {
                    tries += 1;
                    branch = self.branch(wish.push, &mut notes, stop)?;
                    let standing = self.standing(&branch, &wish.environment, &wish.model)?;
                    if wish.shown.is_some() || tries >= TRIES || !promotion.can_retry(standing.release_tree) {
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
            release: standing.next_release(&tags, &run.record.version)?,
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
        let branch = self.branch(query.push, &mut notes, stop)?;
        let target = self.rollback_target(query.to.as_deref())?;
        let author = self.author(query.shown.as_ref())?;
        let wish = Wish {
            environment: state.environment,
            model: state.model,
            dry_run: query.dry_run,
            push: query.push,
            shown: query.shown.as_ref(),
        };
        self.carry_out(&wish, branch, notes, stop, |standing, _branch, notes| {
            let tags = self.repository.tags()?;
            let request = RollbackRequest {
                repository: &self.repository,
                standing,
                target: &target,
                tags: &tags,
                author: &author,
            };
            Ok(planned(plan_rollback(&request)?, None, standing, notes, query.dry_run))
        })
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

    /// Who commits, and when: at the time that was shown, so that the same commit comes out.
    fn author(&self, shown: Option<&ShownCommit>) -> Result<Signature, Problem> {
        let at = shown.map_or_else(|| self.keelmark.now(), |shown| shown.at);
        Ok(Signature::new(self.repository.identity()?, at))
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

fn planned(
    proposal: Proposal,
    judgement: Option<Judgement>,
    standing: &Standing,
    notes: &[String],
    dry_run: bool,
) -> Planned {
    match proposal {
        Proposal::Change(promotion) => Planned::Commit(promotion, judgement),
        Proposal::Unchanged(found) => Planned::Answer(Box::new(unchanged_of(
            &standing.environment,
            &found.commit,
            &found.deployment,
            notes.to_vec(),
            dry_run,
        ))),
    }
}
