//! Named long work: it shows progress, stops when asked, and stopping is an outcome, not an error.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

/// Told how far a named piece of work is. Calls are cheap and may come often; the receiver thins them out.
pub trait Progress: Send + Sync {
    /// `done` of `total` units; a total that is not known is `None`, never a guess.
    fn update(&self, step: &str, done: u64, total: Option<u64>, unit: &str);
}

/// Progress nobody watches.
#[derive(Debug, Clone, Copy, Default)]
pub struct NoProgress;

impl Progress for NoProgress {
    fn update(&self, _step: &str, _done: u64, _total: Option<u64>, _unit: &str) {}
}

/// A flag that asks long work to stop. Clones share it.
#[derive(Debug, Clone, Default)]
pub struct Stop(Arc<AtomicBool>);

impl Stop {
    /// A flag that is not raised.
    pub fn new() -> Self {
        Self::default()
    }

    /// Asks the work to stop at its next safe point.
    pub fn raise(&self) {
        self.0.store(true, Ordering::SeqCst);
    }

    /// Whether stopping was asked for.
    pub fn is_raised(&self) -> bool {
        self.0.load(Ordering::SeqCst)
    }

    /// The flag itself, for libraries that poll an atomic.
    pub fn as_atomic(&self) -> &AtomicBool {
        &self.0
    }
}

/// How long work ended when nothing went wrong.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome<T> {
    /// It ran to its end.
    Done(T),
    /// It was asked to stop; the sentence says what was kept.
    Stopped {
        /// What is still there, for the user.
        kept: String,
    },
}
