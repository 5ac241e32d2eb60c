//! Starts a worker that outlives whoever asked for it, and ends one that is to end.

use std::fs::File;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process};

use crate::{Error, JobFolder};

/// How long a worker may take to show that it lives.
const BIRTH_LIMIT: Duration = Duration::from_secs(20);
/// How long the system may take to end a killed worker.
const DEATH_LIMIT: Duration = Duration::from_secs(5);

/// Starts `program worker --job FOLDER` in a process group of its own and waits until it holds the job's lock.
///
/// The kernels' thread pool takes its size from the environment, once, at the start of a process.
pub fn launch(program: &Path, folder: &JobFolder, threads: usize) -> Result<(), Error> {
    let log_path = folder.file("worker.log");
    let log = File::options()
        .create(true)
        .append(true)
        .open(&log_path)
        .map_err(|error| Error::storage("open", &log_path, error))?;
    let mut command = Command::new(program);
    command.arg("worker").arg("--job").arg(folder.path());
    command.env("RAYON_NUM_THREADS", threads.to_string());
    command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(log);
    #[cfg(unix)]
    std::os::unix::process::CommandExt::process_group(&mut command, 0);
    let mut child = command.spawn().map_err(|error| Error::Worker {
        message: format!("could not be started from {}: {error}", program.display()),
    })?;
    let begun = Instant::now();
    loop {
        if folder.has_ended() || folder.is_alive() {
            reap(child);
            return Ok(());
        }
        if let Ok(Some(status)) = child.try_wait() {
            if folder.has_ended() {
                return Ok(());
            }
            let said = std::fs::read_to_string(&log_path).unwrap_or_default();
            let last = said.lines().rev().find(|line| !line.trim().is_empty()).unwrap_or("it said nothing");
            return Err(Error::Worker { message: format!("ended before it began ({status}): {last}") });
        }
        if begun.elapsed() > BIRTH_LIMIT {
            return Err(Error::Worker { message: format!("did not begin within {BIRTH_LIMIT:?}") });
        }
        std::thread::sleep(Duration::from_millis(3));
    }
}

/// Takes note of the worker's end, for as long as this process lives: a program that starts many leaves no dead entries
/// in the system's table. A worker outlives its parent all the same.
fn reap(mut child: std::process::Child) {
    let wait = move || drop(child.wait());
    if let Err(error) = std::thread::Builder::new().name("keelmark-reap".to_owned()).spawn(wait) {
        tracing::debug!(%error, "a worker's end will not be noted");
    }
}

/// Asks a job to stop after its step, keeping a checkpoint.
pub fn ask_to_stop(folder: &JobFolder) -> Result<(), Error> {
    folder.write("stop", b"")
}

/// Ends a job's worker at once. The process is known to be the worker because it holds the job's lock.
pub fn stop_now(folder: &JobFolder) -> Result<(), Error> {
    folder.write("stop-now", b"")?;
    let Some(process_id) = folder.worker_process_id() else { return Ok(()) };
    if let Some(pid) = i32::try_from(process_id).ok().and_then(Pid::from_raw) {
        // A worker that ended by itself in this instant is what was wanted.
        kill_process(pid, Signal::KILL).ok();
    }
    let begun = Instant::now();
    while folder.is_alive() {
        if begun.elapsed() > DEATH_LIMIT {
            return Err(Error::Worker { message: format!("(process {process_id}) did not end") });
        }
        std::thread::sleep(Duration::from_millis(5));
    }
    Ok(())
}
