//! Ctrl-C: the first asks the work to stop at its next safe point, the next ones insist.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use keelmark_api::{Code, Problem};
use keelmark_types::Stop;

const LOOK_EVERY: Duration = Duration::from_millis(50);

/// Calls `heard` with 1, 2, … for each Ctrl-C from now until the process ends.
pub fn watch(mut heard: impl FnMut(u32) + Send + 'static) -> Result<(), Problem> {
    let problem = |error: std::io::Error| {
        Problem::new(Code::Unsupported, format!("The system lets nobody listen for Ctrl-C: {error}"))
            .detail("Nothing was started.")
    };
    let flag = Arc::new(AtomicBool::new(false));
    signal_hook::flag::register(signal_hook::consts::SIGINT, Arc::clone(&flag)).map_err(problem)?;
    let look = move || {
        let mut times = 0;
        loop {
            if flag.swap(false, Ordering::SeqCst) {
                times += 1;
                heard(times);
            }
            std::thread::sleep(LOOK_EVERY);
        }
    };
    // It lives as long as the process: nobody waits for it.
    std::thread::Builder::new().name("interrupts".to_owned()).spawn(look).map(drop).map_err(problem)
}

/// A flag that Ctrl-C raises; a third one ends the process at once.
pub fn stop() -> Result<Stop, Problem> {
    let stop = Stop::new();
    let raised = stop.clone();
    watch(move |times| {
        raised.raise();
        if times > 2 {
            std::process::exit(i32::from(Code::Stopped.exit_code()));
        }
    })?;
    Ok(stop)
}
