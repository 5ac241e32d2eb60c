//! What the windows of one running app share: opened repositories, long tasks, settings, live runs, and what changed.
//!
//! A face passes [`Desk::call`] a command's name and arguments as JSON and gets its answer as JSON, and hears of
//! changes through [`Desk::subscribe`]. Every host (the desktop shell, the loopback server of browser tests) is that thin.

mod app;
mod args;
mod asking;
pub(crate) mod commands;
mod events;
mod jobs;
mod live;
mod repositories;
mod saving;
mod settings;
mod tasks;
mod watch;

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use serde_json::Value;

pub use app::{AppInfo, AppPaths, SampleInfo};
pub use args::*;
pub use asking::{ClassProbability, ComparedSides, ExampleDetail, ForeignRunName, SideInfo, TextDiff};
pub use events::{DeskEvent, OpenTarget, Tag};
pub use jobs::{StartedRuns, TrainingForm, TrainingSetting};
pub use live::{Eta, LiveRun, LiveSamples, TrainingPlan};
pub use repositories::{
    FolderFound, Found, FoundKind, RemoteInfo, RepositoryCard, RepositoryInfo, RepositoryModel,
    RepositoryState,
};
pub use saving::{ChartAnswer, ExportedFile, Unavailable};
pub use settings::{Density, Settings, ThemeChoice};
pub use tasks::{TaskKind as DeskTask, TaskSnapshot, TaskState};

use crate::{Keelmark, Problem};
use events::Hearers;
use live::Lives;
use repositories::{Known, Opened};
use tasks::Tasks;

/// One running app. Clones are the same desk; any thread may use it. Calls block.
#[derive(Clone)]
pub struct Desk(Arc<Inner>);

pub(crate) struct Inner {
    keelmark: Keelmark,
    settings: Mutex<settings::Kept>,
    known: Mutex<Known>,
    open: Mutex<BTreeMap<String, Arc<Opened>>>,
    tasks: Tasks,
    lives: Lives,
    hearers: Hearers,
}

impl Desk {
    /// Reads the settings and the list of repositories, and begins to watch for changes. What is unreadable there never
    /// stands in the way: defaults hold, and [`AppInfo::settings_problem`] says why.
    pub fn start(keelmark: Keelmark) -> Result<Self, Problem> {
        let settings = settings::Kept::read(&keelmark.places.config);
        let known = Known::read(&keelmark.places.state);
        let desk = Self(Arc::new(Inner {
            keelmark,
            settings: Mutex::new(settings),
            known: Mutex::new(known),
            open: Mutex::new(BTreeMap::new()),
            tasks: Tasks::default(),
            lives: Lives::default(),
            hearers: Hearers::default(),
        }));
        watch::start(&desk)?;
        Ok(desk)
    }

    /// Does what a command says, and gives its answer.
    pub fn call(&self, name: &str, args: Value) -> Result<Value, Problem> {
        commands::dispatch(self, name, args)
    }

    /// Tells `hear` of every change until it answers `false`. First it hears every task as it stands.
    pub fn subscribe(&self, hear: Box<dyn Fn(&DeskEvent) -> bool + Send>) {
        self.0.hearers.add(hear, self.0.tasks.snapshots());
    }

    /// Asks the windows to open something: from the command line, a second start, or a drop.
    pub fn ask_to_open(&self, target: OpenTarget) {
        self.0.hearers.ask_to_open(target);
    }

    pub(crate) fn keelmark(&self) -> &Keelmark {
        &self.0.keelmark
    }
}

/// A lock whose holder panicked still guards whole values: each is replaced, never half written.
pub(crate) fn held<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
