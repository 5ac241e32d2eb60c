//! Tells the user when there is no window to tell it in.

use std::env;
use std::io::Write;
use std::panic;
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;

use keelmark_api::Problem;
use rfd::{MessageDialog, MessageLevel};

use crate::arguments::TELL;

static CAN_SHOW: AtomicBool = AtomicBool::new(false);

/// There is a display that takes windows: what goes wrong from here on can be shown as well as written.
pub fn windows_can_be_shown() {
    CAN_SHOW.store(true, Ordering::Relaxed);
}

/// Shows a message until the user has read it.
pub fn show(text: &str) {
    MessageDialog::new().set_level(MessageLevel::Error).set_title("Keelmark").set_description(text).show();
}

/// Says why the window could not start.
pub fn tell(problem: &Problem) {
    let parts = [problem.summary.as_str(), &problem.detail, &problem.hint];
    let text = parts.into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join("\n\n");
    writeln!(std::io::stderr(), "{text}").ok();
    show_apart(&text);
}

/// From now on a panic goes to the log, and one that ends the program to the user.
pub fn tell_of_panics(log: PathBuf) {
    let usual = panic::take_hook();
    panic::set_hook(Box::new(move |panic| {
        usual(panic);
        let what = panic.payload_as_str().unwrap_or("no reason was given");
        let place = panic.location().map(ToString::to_string).unwrap_or_default();
        tracing::error!(%place, "panic: {what}");
        // On any other thread the one request fails, and its answer says so.
        if thread::current().name() == Some("main") {
            show_apart(&format!(
                "Keelmark ended unexpectedly.\n\nWhat was recorded is whole, and jobs go on. Open it again to go on \
                 where you were.\n\n{what} ({place})\n\nThe log: {}",
                log.display()
            ));
        }
    }));
}

/// In a process of its own: this one may not be able to show anything any more.
fn show_apart(text: &str) {
    if !CAN_SHOW.load(Ordering::Relaxed) {
        return;
    }
    let Ok(program) = env::current_exe() else { return };
    let mut command = Command::new(program);
    command.args([TELL, text]).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    if let Err(error) = command.spawn() {
        tracing::error!(%error, "the user could not be told");
    }
}
