//! Progress on standard error: bars on a terminal, nothing elsewhere; nothing for the first quarter of a second.

use std::collections::BTreeMap;
use std::io::IsTerminal;
use std::sync::Mutex;
use std::time::{Duration, Instant};

use indicatif::{MultiProgress, ProgressBar, ProgressDrawTarget, ProgressStyle};
use keelmark_types::Progress;

use crate::output::{Output, escape};

/// Shown only once the work has taken this long.
const PATIENCE: Duration = Duration::from_millis(250);

/// One bar a step of the work.
pub struct Bars {
    group: MultiProgress,
    steps: Mutex<BTreeMap<String, ProgressBar>>,
    begun: Instant,
    is_shown: bool,
}

impl Bars {
    /// Bars where a person is looking.
    pub fn new(output: Output) -> Self {
        let is_shown = output.is_talkative() && std::io::stderr().is_terminal();
        let target =
            if is_shown { ProgressDrawTarget::stderr_with_hz(20) } else { ProgressDrawTarget::hidden() };
        Self {
            group: MultiProgress::with_draw_target(target),
            steps: Mutex::new(BTreeMap::new()),
            begun: Instant::now(),
            is_shown,
        }
    }

    /// Sets the words behind a step's bar.
    pub fn say(&self, step: &str, words: &str) {
        if let Ok(bars) = self.steps.lock()
            && let Some(bar) = bars.get(step)
        {
            bar.set_message(escape(words));
        }
    }

    /// Takes the bars away.
    pub fn finish(&self) {
        if let Ok(mut bars) = self.steps.lock() {
            for bar in bars.values() {
                bar.finish_and_clear();
            }
            bars.clear();
        }
    }
}

impl Drop for Bars {
    fn drop(&mut self) {
        self.finish();
    }
}

impl Progress for Bars {
    fn update(&self, step: &str, done: u64, total: Option<u64>, unit: &str) {
        if !self.is_shown || self.begun.elapsed() < PATIENCE {
            return;
        }
        let Ok(mut bars) = self.steps.lock() else { return };
        let bar = bars.entry(step.to_owned()).or_insert_with(|| {
            let bar = self.group.add(ProgressBar::no_length());
            bar.set_prefix(escape(step));
            bar
        });
        if bar.length() != total {
            let template = match (total, unit) {
                (Some(_), "bytes") => "{prefix:28} {bar:30} {bytes}/{total_bytes} {bytes_per_sec} {msg}",
                (Some(_), _) => "{prefix:28} {bar:30} {human_pos}/{human_len} {eta} {msg}",
                (None, "bytes") => "{prefix:28} {spinner} {bytes} {bytes_per_sec} {msg}",
                (None, _) => "{prefix:28} {spinner} {human_pos} {msg}",
            };
            match total {
                Some(total) => bar.set_length(total),
                None => bar.unset_length(),
            }
            if let Ok(style) = ProgressStyle::with_template(template) {
                bar.set_style(style.progress_chars("━━╌"));
            }
        }
        bar.set_position(done);
    }
}
