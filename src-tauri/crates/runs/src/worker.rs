//! The worker: one process, one job, from the lock to the recorded run.

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use keelmark_git::Repository;
use keelmark_types::{Clock, RunStatus, Stop};

use crate::execute::{Context, execute};
use crate::findings::Findings;
use crate::record::{Ending, record};
use crate::{Error, EventWriter, JobFolder};

/// How often the worker looks whether it was asked to stop.
const LOOK_EVERY: Duration = Duration::from_millis(25);

/// Does a job to its end and records it. A job that another worker has, or that has ended, is left alone.
///
/// What goes wrong with the work becomes a failed run; an error here means that the run could not be recorded, and
/// the next start tries again.
pub fn work(folder: &JobFolder, clock: &dyn Clock) -> Result<(), Error> {
    let Some(_lock) = folder.lock()? else { return Ok(()) };
    if folder.has_ended() {
        return Ok(());
    }
    let request = folder.request()?;
    let mut events = EventWriter::open(folder)?;
    let stop = Stop::new();
    let is_over = AtomicBool::new(false);
    let (started_at, begun) = (clock.now(), Instant::now());
    let mut findings = Findings { seed: request.seed.unwrap_or(0), ..Findings::default() };
    let result = std::thread::scope(|scope| {
        let watch = || {
            while !is_over.load(Ordering::SeqCst) {
                if folder.stop_wanted() {
                    stop.raise();
                }
                std::thread::sleep(LOOK_EVERY);
            }
        };
        let watcher = std::thread::Builder::new().name("stop-watch".to_owned()).spawn_scoped(scope, watch);
        let mut emit = |event| events.append(&event);
        let mut context = Context { folder, request: &request, clock, stop: &stop, emit: &mut emit };
        let result = match watcher {
            Ok(_) => execute(&mut context, &mut findings),
            Err(error) => Err(Error::Worker { message: format!("could not start a thread: {error}") }),
        };
        is_over.store(true, Ordering::SeqCst);
        result
    });
    let (status, cause) = match (&result, &findings.stopped) {
        (Err(error), _) => (RunStatus::Failed, Some(error.to_string())),
        (Ok(()), Some(kept)) => (RunStatus::Cancelled, Some(kept.clone())),
        (Ok(()), None) => (RunStatus::Succeeded, None),
    };
    let ending = Ending {
        status,
        cause,
        started_at,
        finished_at: clock.now(),
        duration_millis: u64::try_from(begun.elapsed().as_millis()).unwrap_or(u64::MAX),
    };
    let repository = Repository::open(&request.repository)?;
    record(&repository, folder, &request, &findings, &ending, &mut events)?;
    Ok(())
}
