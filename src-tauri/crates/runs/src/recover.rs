//! Finds jobs whose worker is gone and writes the ending they could not write themselves.

use std::path::Path;

use keelmark_git::Repository;
use keelmark_types::{Clock, RunId, RunStatus};

use crate::execute::read_manifest;
use crate::findings::Findings;
use crate::record::{Ending, record};
use crate::{Error, EventWriter, JobFolder, JobRequest};

/// How long the folder of an ended job is kept for its log and checkpoint.
const KEEP_ENDED_DAYS: i64 = 30;

/// How long starting a worker may take before a job that nobody holds counts as left behind.
const BIRTH_LIMIT_SECS: i64 = 30;

/// Records an ending for every job of `repository` whose worker is dead. Gives the runs it ended.
///
/// A job that cannot be recovered now (no space, say) stays as it is for the next start.
pub fn recover(state: &Path, repository: &Repository, clock: &dyn Clock) -> Result<Vec<RunId>, Error> {
    let mut recovered = Vec::new();
    for folder in JobFolder::list(state)? {
        if folder.has_ended() {
            let age = clock.now().duration_since(folder.run().made_at());
            if age.as_secs() > KEEP_ENDED_DAYS * 24 * 3600 && !folder.is_alive() {
                folder.remove()?;
            }
            continue;
        }
        if folder.is_alive() {
            continue;
        }
        let Ok(request) = folder.request() else { continue };
        if is_being_born(&folder, &request, clock) {
            continue;
        }
        let same = Repository::open(&request.repository)
            .is_ok_and(|other| other.common_dir() == repository.common_dir());
        if !same {
            continue;
        }
        if let Some(run) = recover_one(&folder, repository, clock)? {
            recovered.push(run);
        }
    }
    Ok(recovered)
}

/// Whether a face may be starting its worker this instant: nobody has held the lock yet.
fn is_being_born(folder: &JobFolder, request: &JobRequest, clock: &dyn Clock) -> bool {
    let age = clock.now().duration_since(request.queued_at);
    !folder.file("lock").exists() && age.as_secs().abs() < BIRTH_LIMIT_SECS
}

/// The seed the worker would have used, where it did not come so far as to say it.
fn planned_seed(repository: &Repository, request: &JobRequest) -> u64 {
    let of_manifest = || {
        let version = repository.version(&request.version).ok()?;
        read_manifest(&version, &request.folder, &request.overrides).ok().map(|manifest| manifest.train.seed)
    };
    request.seed.or_else(of_manifest).unwrap_or(0)
}

fn recover_one(
    folder: &JobFolder,
    repository: &Repository,
    clock: &dyn Clock,
) -> Result<Option<RunId>, Error> {
    let Some(_lock) = folder.lock()? else { return Ok(None) };
    if folder.has_ended() {
        return Ok(None);
    }
    let request = folder.request()?;
    let mut events = EventWriter::open(folder)?;
    let mut findings = Findings::from_events(folder)?;
    if findings.seed == 0 {
        findings.seed = planned_seed(repository, &request);
    }
    let (status, cause) = if folder.kill_wanted() {
        let progress = findings.progress();
        (RunStatus::Cancelled, format!("stopped at once by the user {progress}; its weights were not kept"))
    } else {
        let progress = findings.progress();
        let said = std::fs::read_to_string(folder.file("worker.log")).unwrap_or_default();
        let cause = match said.lines().find(|line| !line.trim().is_empty()) {
            Some(line) => format!("the worker ended {progress} and said: {}", line.trim()),
            None => format!(
                "the worker ended without a word {progress} (killed, out of memory, or the machine went down)"
            ),
        };
        (RunStatus::Failed, cause)
    };
    let ending = Ending {
        status,
        cause: Some(cause),
        started_at: request.queued_at,
        finished_at: clock.now(),
        duration_millis: findings.log.last().map_or(0, |point| point.wall_millis),
    };
    record(repository, folder, &request, &findings, &ending, &mut events)?;
    Ok(Some(request.run))
}
