//! `gates`: the judgement of a candidate by the rules of the protected base.

use keelmark_compare::{Comparison, Options, compare};
use keelmark_history::deploy_tip;
use keelmark_manifest::{Gate, Manifest};
use keelmark_promote::{Baseline, Candidate, Judgement, Policy, Standing, judge};
use keelmark_types::{CommitId, Decision, EnvironmentName, GateOutcome, ModelName};
use serde::Serialize;
use ts_rs::TS;

use crate::comparing::{Loaded, options};
use crate::{Code, Problem, Session};

/// What the gates say of a candidate.
#[derive(Debug, Clone, Serialize, TS)]
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

/// The rules as they stand at the protected base.
pub(crate) struct Rules {
    pub base: CommitId,
    pub manifest: Manifest,
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

    pub(crate) fn rules(&self, model: &ModelName) -> Result<Rules, Problem> {
        let base = self.repository.protected_base()?;
        let entry = self.model_of(&base, Some(model.as_str()))?;
        let manifest = Self::manifest_of(&entry)?.clone();
        Ok(Rules { base, manifest })
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
    pub(crate) fn baseline(&self, standing: &Standing) -> Result<Option<Loaded>, String> {
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
}

pub(crate) fn model_of(loaded: &Loaded) -> Result<ModelName, Problem> {
    Ok(loaded.run.as_ref().ok_or_else(no_such_run)?.record.model.clone())
}

pub(crate) fn no_such_run() -> Problem {
    Problem::new(Code::NoRun, "Only a version with a run can be judged").detail("Nothing was changed.")
}

pub(crate) fn judged(
    loaded: &Loaded,
    baseline: Baseline<'_>,
    policy: Policy<'_>,
) -> Result<Judgement, Problem> {
    let run = loaded.run.as_ref().ok_or_else(no_such_run)?;
    let served_bytes = loaded.model_files.iter().map(|(_, bytes)| bytes.len() as u64).sum();
    let missing = if loaded.model_files.is_empty() { vec!["the model".to_owned()] } else { Vec::new() };
    let candidate =
        Candidate { run: &run.record, evaluation: &loaded.side.evaluation, served_bytes, missing: &missing };
    Ok(judge(candidate, baseline, policy))
}

/// One comparison for each confidence a gate asks for, the usual one first.
pub(crate) fn comparisons(a: &Loaded, b: &Loaded, gates: &[Gate]) -> Vec<Comparison> {
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

pub(crate) fn notes(loaded: &Loaded, rules: &Rules) -> Vec<String> {
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
