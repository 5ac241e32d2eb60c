//! Long work of gix on a thread of its own: shown, stopped within a second, and its failures sorted.

use std::sync::Arc;
use std::sync::mpsc::{RecvTimeoutError, sync_channel};
use std::time::{Duration, Instant};

use gix::progress::tree;
use keelmark_types::{Progress, Stop};

use crate::control::{Control, TARGET};
use crate::{Error, RemoteUrl, Result};

/// How often progress is shown and the wish to stop looked at.
const TICK: Duration = Duration::from_millis(50);
/// How long stopped work may take to tidy up before it is left to itself.
const GRACE: Duration = Duration::from_millis(900);

/// Runs `work` on a named thread. `None` means it was stopped; a server that stalls is not waited for.
pub(crate) fn supervise<T: Send + 'static>(
    name: &str,
    progress: &dyn Progress,
    stop: &Stop,
    work: impl FnOnce(tree::Item, &Stop) -> Result<Option<T>> + Send + 'static,
) -> Result<Option<T>> {
    let root = tree::Root::new();
    let item = root.add_child(name);
    let (sender, receiver) = sync_channel(1);
    let flag = stop.clone();
    let body = move || {
        if sender.send(work(item, &flag)).is_err() {
            tracing::debug!("stopped work ended after nobody waited for it");
        }
    };
    std::thread::Builder::new()
        .name(name.to_owned())
        .spawn(body)
        .map_err(|error| Error::storage("starting a thread", std::path::Path::new(name), error))?;
    let mut stopped_at = None;
    loop {
        match receiver.recv_timeout(TICK) {
            Ok(result) => return result,
            Err(RecvTimeoutError::Disconnected) => {
                return Err(Error::corrupt(name.to_owned(), "the work ended without an answer"));
            }
            Err(RecvTimeoutError::Timeout) => {}
        }
        show(&root, progress);
        if stop.is_raised() && stopped_at.get_or_insert_with(Instant::now).elapsed() > GRACE {
            return Ok(None);
        }
    }
}

/// The step that is furthest on, with its total only where that is known.
fn show(root: &Arc<tree::Root>, progress: &dyn Progress) {
    const STEPS: [(gix::progress::Id, &str, &str); 5] = [
        (*b"CLCF", "checking out", "files"),
        (*b"IWRO", "resolving deltas", "objects"),
        (*b"IWIO", "indexing objects", "objects"),
        (*b"BWRB", "receiving", "bytes"),
        (*b"FERP", "waiting for the remote", "objects"),
    ];
    let mut tasks = Vec::new();
    root.sorted_snapshot(&mut tasks);
    for (id, step, unit) in STEPS {
        let value = tasks.iter().find(|(_, task)| task.id == id).and_then(|(_, task)| task.progress.as_ref());
        if let Some(value) = value {
            let done = value.step.load(std::sync::atomic::Ordering::Relaxed);
            let total = value.done_at.filter(|&total| id != *b"BWRB" && total >= done);
            progress.update(step, done as u64, total.map(|total| total as u64), unit);
            return;
        }
    }
}

/// Sorts a failure of gix while it talked to a remote.
pub(crate) fn remote_error(url: &RemoteUrl, error: &gix::Error) -> Error {
    let (what, why) = (url.to_string(), crate::push_report::hide_secrets(&crate::error::chain(error)));
    if error.is_permission_denied() || error.is_unauthenticated() {
        return Error::Denied { what: format!("access to {what}"), why };
    }
    if error.is_not_found() {
        return Error::NotFound { what: format!("a repository at {what} ({why})"), near: Vec::new() };
    }
    let is_unsafe = error.dominant_class() == Some(gix::error::Class::Validation);
    if is_unsafe || error.is_corrupted() {
        return Error::corrupt(format!("what {what} holds"), why);
    }
    crate::push_report::missing_repository(&what, &why).unwrap_or(Error::Unreachable { what, why })
}

/// The address after the user's own `url.*.insteadOf` rules.
pub(crate) fn effective(url: &RemoteUrl) -> Result<RemoteUrl> {
    let control = Control::naming(url)?;
    let output = control.git("ls-remote").args(["--get-url", "--end-of-options", TARGET]).output()?;
    let said = String::from_utf8_lossy(&output.stdout);
    let said = said.strip_suffix('\n').unwrap_or(&said);
    if output.success && !said.is_empty() { RemoteUrl::parse(said, control.path()) } else { Ok(url.clone()) }
}
