//! One deployment commit against its own words.

use keelmark_git::{Oid, Repository, Tag, Version};
use keelmark_types::{CommitId, Deployment, GateState, ReleaseTag, RunRecord};

use super::folders::{Claimed, changed};
use super::{AuditKind, Chains};
use crate::Result;
use crate::digest::{recomputed_digest, sha256};
use crate::evidence::{GATES_FILE, GateRecord, STATEMENT_FILE, Statement};
use crate::layout::{
    DEPLOYMENT_FILE, LARGEST_RECORD_BYTES, LARGEST_SERVED_BYTES, evidence_folder, release_folder,
};
use crate::message::{Claim, CommitVerdict};
use crate::yaml;

/// What is wrong, and what could not be told.
#[derive(Debug, Default)]
pub(crate) struct Findings {
    pub(crate) problems: Vec<String>,
    pub(crate) notes: Vec<String>,
}

impl Findings {
    fn problem(&mut self, text: impl Into<String>) {
        self.problems.push(text.into());
    }

    fn differs(
        &mut self,
        field: &str,
        one: &str,
        a: &dyn std::fmt::Display,
        other: &str,
        b: &dyn std::fmt::Display,
    ) {
        self.problem(format!("{field}: {one} says {a}, {other} says {b}"));
    }
}

pub(crate) fn commit(
    repository: &Repository,
    claim: &Result<Option<Claim>, String>,
    (before, version): (Option<&Version>, &Version),
    chains: &mut Chains,
    tags: &[Tag],
    found: &mut Findings,
) -> Result<AuditKind> {
    let claimed = claim.as_ref().ok().and_then(Option::as_ref).map(|claim| Claimed {
        release: release_folder(&claim.environment, &claim.model),
        evidence: evidence_folder(&claim.release_digest),
    });
    let changed = changed(repository, before, version, claimed.as_ref())?;
    let (claim, Claimed { release, evidence }) = match (claim, claimed) {
        (Ok(Some(claim)), Some(claimed)) => (claim, claimed),
        (Err(why), _) => {
            found.problem(why.clone());
            return Ok(AuditKind::ByHand);
        }
        _ if changed.is_empty() => return Ok(AuditKind::Other),
        _ => {
            let folders: Vec<&str> = changed.iter().map(String::as_str).collect();
            found.problem(format!("it changes {} by hand, without being a promotion", folders.join(", ")));
            return Ok(AuditKind::ByHand);
        }
    };
    for folder in changed.iter().filter(|folder| **folder != release && **folder != evidence) {
        found.problem(format!("it also changes {folder}"));
    }
    let tree = version.subtree(&release)?;
    let chain = chains.entry((claim.environment.clone(), claim.model.clone())).or_default();
    chain_rules(claim, chain.last.as_ref(), chain.highest, found);
    let earlier = tree.and_then(|tree| chain.trees.get(&tree).cloned());
    let kind = if earlier.is_some() { AuditKind::Rollback } else { AuditKind::Promotion };
    chain.highest = chain.highest.max(claim.sequence);
    chain.last = Some(claim.clone());
    if let Some(tree) = tree {
        chain.trees.entry(tree).or_insert_with(|| claim.clone());
    }
    let Some((deployment, bytes)) = read_deployment(version, &release, found)? else { return Ok(kind) };
    trailers(claim, &deployment, found);
    served_files(version, &release, &deployment, found)?;
    if recomputed_digest(&deployment) != deployment.release_digest {
        found.problem("release digest: it is not the one of what deployment.yaml lists");
    }
    let earlier = earlier.map(|earlier| earlier.verdict);
    evidence_files(version, &evidence, &deployment, &bytes, (claim.verdict, earlier), found)?;
    origins(repository, &deployment, tags, found)?;
    Ok(kind)
}

fn chain_rules(claim: &Claim, last: Option<&Claim>, highest: u64, found: &mut Findings) {
    if claim.sequence <= highest {
        found
            .problem(format!("its sequence {} is not above {highest}, which came before it", claim.sequence));
    }
    let expected = last.map(|last| &last.release_digest);
    if claim.previous.as_ref() != expected {
        let text = |digest: Option<&keelmark_types::Sha256>| {
            digest.map_or_else(|| "none".to_owned(), ToString::to_string)
        };
        let (said, is) = (text(claim.previous.as_ref()), text(expected));
        found.differs("previous release", "the trailer", &said, "the branch", &is);
    }
}

fn read_deployment(
    version: &Version,
    folder: &str,
    found: &mut Findings,
) -> Result<Option<(Deployment, Vec<u8>)>> {
    let path = format!("{folder}/{DEPLOYMENT_FILE}");
    let Some(bytes) = version.read(&path, LARGEST_RECORD_BYTES)? else {
        found.problem(format!("`{path}` is missing"));
        return Ok(None);
    };
    match yaml::read_deployment(&bytes) {
        Ok(deployment) => Ok(Some((deployment, bytes))),
        Err(why) => {
            found.problem(format!("`{path}`: {why}"));
            Ok(None)
        }
    }
}

fn trailers(claim: &Claim, deployment: &Deployment, found: &mut Findings) {
    let mut same = |field: &str, trailer: &dyn std::fmt::Display, file: &dyn std::fmt::Display| {
        let (trailer, file) = (trailer.to_string(), file.to_string());
        if trailer != file {
            found.differs(field, "the trailer", &trailer, "deployment.yaml", &file);
        }
    };
    same("model", &claim.model, &deployment.model);
    same("environment", &claim.environment, &deployment.environment);
    same("version", &claim.version, &deployment.version);
    same("run", &claim.run, &deployment.run.id);
    same("release", &claim.release, &deployment.release);
    same("release digest", &claim.release_digest, &deployment.release_digest);
    let none = || "none".to_owned();
    let said = claim.override_reason.clone().unwrap_or_else(none);
    let is = deployment.overridden.as_ref().map_or_else(none, |given| given.reason.clone());
    same("override reason", &said, &is);
    let needed = deployment.overridden.as_ref().is_some_and(|given| given.needed);
    let blocked = deployment.decision == keelmark_types::Decision::Blocked;
    if needed && claim.verdict == CommitVerdict::Passed {
        found.problem("verdict: the trailer says PASSED, but an override was needed");
    }
    if needed != blocked {
        found.problem("decision: deployment.yaml says one thing and its override another");
    }
    let failed = deployment.gates.iter().any(|gate| gate.state == GateState::Failed);
    if failed && !blocked {
        found.problem("decision: deployment.yaml says ready, but a gate failed");
    }
}

fn paths(version: &Version, folder: &str) -> Result<Vec<String>> {
    Ok(version.list(folder)?.into_iter().map(|entry| entry.path).collect())
}

fn served_files(
    version: &Version,
    release: &str,
    deployment: &Deployment,
    found: &mut Findings,
) -> Result<()> {
    for file in &deployment.files {
        let path = format!("{release}/{}", file.path);
        let Some(bytes) = version.read(&path, LARGEST_SERVED_BYTES)? else {
            found.problem(format!("`{path}` is listed and missing"));
            continue;
        };
        if bytes.len() as u64 != file.size_bytes {
            let (is, listed) = (bytes.len(), file.size_bytes);
            found.problem(format!("`{path}` has {is} bytes, deployment.yaml lists {listed}"));
        }
        let digest = sha256(&bytes);
        if digest != file.sha256 {
            found.problem(format!("`{path}` has sha256 {digest}, deployment.yaml lists {}", file.sha256));
        }
    }
    for path in paths(version, release)? {
        let inner = path.strip_prefix(release).and_then(|rest| rest.strip_prefix('/')).unwrap_or(&path);
        if inner.starts_with("model/") && !deployment.files.iter().any(|file| file.path == inner) {
            found.problem(format!("`{path}` is served, but not listed"));
        }
    }
    Ok(())
}

fn evidence_files(
    version: &Version,
    folder: &str,
    deployment: &Deployment,
    deployment_bytes: &[u8],
    (verdict, earlier): (CommitVerdict, Option<CommitVerdict>),
    found: &mut Findings,
) -> Result<()> {
    let read = |name: &str| version.read(&format!("{folder}/{name}"), LARGEST_SERVED_BYTES);
    match read(STATEMENT_FILE)? {
        None => found.problem(format!("the evidence `{folder}/{STATEMENT_FILE}` is missing")),
        Some(bytes) => match serde_json::from_slice::<Statement>(&bytes) {
            Err(error) => found.problem(format!("`{folder}/{STATEMENT_FILE}` is no statement ({error})")),
            Ok(statement) if statement.subject != crate::evidence::subjects(deployment) => {
                found.problem(format!("`{folder}/{STATEMENT_FILE}` speaks of other files than are served"));
            }
            Ok(statement) if earlier.is_none() && !statement.agrees(deployment) => {
                found.problem(format!("`{folder}/{STATEMENT_FILE}` says other gates than deployment.yaml"));
            }
            Ok(_) => {}
        },
    }
    let Some(bytes) = read(GATES_FILE)? else {
        found.problem(format!("the evidence `{folder}/{GATES_FILE}` is missing"));
        return Ok(());
    };
    let record: GateRecord = match serde_json::from_slice(&bytes) {
        Ok(record) => record,
        Err(error) => {
            found.problem(format!("`{folder}/{GATES_FILE}` is no record of gates ({error})"));
            return Ok(());
        }
    };
    for (name, listed) in &record.evidence_sha256 {
        match read(name)? {
            None => found.problem(format!("the evidence `{folder}/{name}` is missing")),
            Some(bytes) if sha256(&bytes) != *listed => {
                found.problem(format!("`{folder}/{name}` has other bytes than {GATES_FILE} lists"));
            }
            Some(_) => {}
        }
    }
    for path in paths(version, folder)? {
        let name = path.strip_prefix(folder).and_then(|rest| rest.strip_prefix('/')).unwrap_or(&path);
        if name != GATES_FILE && !record.evidence_sha256.contains_key(name) {
            found.problem(format!("`{path}` is no part of the evidence"));
        }
    }
    // A release that comes back finds the evidence as its last promotion left it, which may have been elsewhere.
    let is_own = earlier.is_none() || record.environment == deployment.environment;
    if is_own {
        gate_record(&record, deployment, deployment_bytes, folder, found);
    }
    let needed = deployment.overridden.as_ref().is_some_and(|given| given.needed);
    let judged =
        if needed || record.first_deployment { CommitVerdict::Warned } else { CommitVerdict::Passed };
    if earlier != Some(verdict) && !(is_own && judged == verdict) {
        found.differs("verdict", "the trailer", &verdict.as_str(), "the evidence", &judged.as_str());
    }
    Ok(())
}

fn gate_record(
    record: &GateRecord,
    deployment: &Deployment,
    bytes: &[u8],
    folder: &str,
    found: &mut Findings,
) {
    let path = format!("{folder}/{GATES_FILE}");
    if record.deployment_sha256 != sha256(bytes) {
        found.problem(format!("deployment.yaml has other bytes than `{path}` was made for"));
    }
    let same = record.model == deployment.model
        && record.environment == deployment.environment
        && record.version == deployment.version
        && record.run == deployment.run.id
        && record.release == deployment.release
        && record.release_digest == deployment.release_digest;
    if !same {
        found.problem(format!("`{path}` is of another release or environment"));
    }
    if record.gates != deployment.gates
        || record.decision != deployment.decision
        || record.overridden != deployment.overridden
    {
        found.problem(format!("`{path}` says other gates than deployment.yaml"));
    }
}

/// The version, the run and the release tag, as far as they are here.
fn origins(
    repository: &Repository,
    deployment: &Deployment,
    tags: &[Tag],
    found: &mut Findings,
) -> Result<()> {
    let Deployment { version, run, model, release, .. } = deployment;
    if !repository.has_object(Oid::from(version)) {
        found.notes.push(format!(
            "version {} is not here; fetch it to check where the model comes from",
            version.short()
        ));
    }
    let name = ReleaseTag { model: model.clone(), version: *release }.to_string();
    if let Some(tag) = tags.iter().find(|tag| tag.name == name && tag.commit != *version) {
        found.problem(format!(
            "tag {name} is on {}, the release is of version {}",
            tag.commit.short(),
            version.short()
        ));
    }
    if repository.has_object(Oid::from(&run.commit)) {
        run_commit(repository, &run.commit, deployment, found)
    } else {
        found.notes.push(format!("run {} is not here; fetch it to check its model", run.id));
        Ok(())
    }
}

fn run_commit(
    repository: &Repository,
    commit: &CommitId,
    deployment: &Deployment,
    found: &mut Findings,
) -> Result<()> {
    let name = format!("run {}", deployment.run.id);
    let files = repository.version(commit)?;
    let record = files.read("run.json", LARGEST_RECORD_BYTES)?;
    let record = record.and_then(|bytes| serde_json::from_slice::<RunRecord>(&bytes).ok());
    let Some(record) = record else {
        found.problem(format!("commit {} is no {name}", commit.short()));
        return Ok(());
    };
    if record.run != deployment.run.id
        || record.model != deployment.model
        || record.version != deployment.version
    {
        found.problem(format!("commit {} is another run than deployment.yaml says", commit.short()));
    }
    if record.test_digest != deployment.test_digest {
        found.problem(format!("{name} was judged on another test set than deployment.yaml says"));
    }
    for file in &deployment.files {
        let Some(bytes) = files.read(&file.path, LARGEST_SERVED_BYTES)? else {
            found.notes.push(format!("{name} does not hold {}", file.path));
            continue;
        };
        let digest = large_file_digest(&bytes).unwrap_or_else(|| sha256(&bytes).to_string());
        if digest != file.sha256.as_str() {
            found.problem(format!("{} is not the one {name} made", file.path));
        }
    }
    Ok(())
}

/// The digest a Git LFS pointer stands for.
fn large_file_digest(bytes: &[u8]) -> Option<String> {
    let text = std::str::from_utf8(bytes.get(..1024.min(bytes.len()))?).ok()?;
    let rest = text.strip_prefix("version https://git-lfs.github.com/spec/v1\n")?;
    rest.lines().find_map(|line| line.strip_prefix("oid sha256:")).map(str::to_owned)
}
