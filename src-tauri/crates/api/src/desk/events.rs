//! What a desk tells its windows.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::sync::Mutex;

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use super::{LiveSamples, TaskSnapshot, held};

/// What may have changed: reads depend on tags, writes and the watcher raise them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum Tag {
    /// The app: identity, paths.
    App,
    /// The list of repositories.
    Repositories,
    /// The settings.
    Settings,
    /// Long tasks.
    Tasks,
    /// A repository's branches, tags, models.
    Repository,
    /// Its versions and their metrics.
    History,
    /// Its runs.
    Runs,
    /// What its environments desire.
    Environments,
    /// Its uncommitted files.
    WorkTree,
}

/// Something a window is asked to open.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct OpenTarget {
    /// A folder.
    pub folder: Option<PathBuf>,
    /// A clone URL.
    pub url: Option<String>,
    /// Files, e.g. two prediction files.
    pub files: Vec<PathBuf>,
}

/// One message to the windows.
#[derive(Debug, Clone, Serialize, TS)]
#[serde(tag = "event", rename_all = "snake_case")]
pub enum DeskEvent {
    /// Answers with one of these tags may be out of date.
    Fresh {
        /// The repository; none for the app itself.
        repo: Option<String>,
        /// What changed.
        tags: Vec<Tag>,
    },
    /// How a task stands.
    Task {
        /// The whole snapshot; the one with the highest number holds.
        task: Box<TaskSnapshot>,
    },
    /// News of a running job.
    Samples {
        /// What is new.
        samples: LiveSamples,
    },
    /// Somebody asked for something to be opened.
    Open {
        /// What.
        target: OpenTarget,
    },
}

type Hear = Box<dyn Fn(&DeskEvent) -> bool + Send>;

/// Who hears, and what waits to be told.
#[derive(Default)]
pub(crate) struct Hearers {
    hearing: Mutex<Vec<Hear>>,
    fresh: Mutex<BTreeMap<Option<String>, BTreeSet<Tag>>>,
    opens: Mutex<Vec<OpenTarget>>,
}

impl Hearers {
    pub(crate) fn add(&self, hear: Hear, tasks: Vec<TaskSnapshot>) {
        let mut hearing = held(&self.hearing);
        let told = tasks.into_iter().all(|task| hear(&DeskEvent::Task { task: Box::new(task) }));
        let opens: Vec<OpenTarget> = held(&self.opens).drain(..).collect();
        if told && opens.into_iter().all(|target| hear(&DeskEvent::Open { target })) {
            hearing.push(hear);
        }
    }

    pub(crate) fn tell(&self, event: &DeskEvent) {
        held(&self.hearing).retain(|hear| hear(event));
    }

    /// Kept for the first window where none is there yet.
    pub(crate) fn ask_to_open(&self, target: OpenTarget) {
        let mut hearing = held(&self.hearing);
        let event = DeskEvent::Open { target };
        // One window is enough: the newest that still hears.
        while let Some(hear) = hearing.pop() {
            if hear(&event) {
                hearing.push(hear);
                return;
            }
        }
        if let DeskEvent::Open { target } = event {
            held(&self.opens).push(target);
        }
    }

    /// Notes what changed; the watcher tells it with whatever else comes within its beat.
    pub(crate) fn note(&self, repo: Option<&str>, tags: &[Tag]) {
        held(&self.fresh).entry(repo.map(str::to_owned)).or_default().extend(tags);
    }

    pub(crate) fn tell_fresh(&self) {
        let fresh = std::mem::take(&mut *held(&self.fresh));
        for (repo, tags) in fresh {
            self.tell(&DeskEvent::Fresh { repo, tags: tags.into_iter().collect() });
        }
    }
}
