//! Named long work with progress, stop and outcome, that goes on whatever becomes of the window that began it.

use std::collections::BTreeMap;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use keelmark_types::{Progress, Stop, Timestamp};
use serde::Serialize;
use serde_json::Value;
use ts_rs::TS;

use super::{Desk, DeskEvent, Tag, held};
use crate::{Code, Problem};

/// At most ten snapshots of a task a second.
const TELL_EVERY: Duration = Duration::from_millis(100);
/// Ended tasks that are remembered.
const REMEMBERED: usize = 50;

/// What is done.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "snake_case")]
#[ts(rename = "TaskKindName")]
pub enum TaskKind {
    /// A repository is brought here.
    Clone,
    /// A sample is made.
    Sample,
    /// News are brought from a remote.
    Fetch,
    /// Runs and promotions are sent to a remote.
    Share,
}

/// Where in its life a task is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum TaskState {
    /// It goes on.
    Running,
    /// It did what was asked.
    Done,
    /// Somebody stopped it.
    Stopped,
    /// It could not.
    Failed,
}

/// How a task stands.
#[derive(Debug, Clone, Serialize, TS)]
pub struct TaskSnapshot {
    /// Its id.
    pub task: String,
    /// What is done.
    pub kind: TaskKind,
    /// What is done, for people.
    pub title: String,
    /// The repository it works on, where it has one.
    pub repo: Option<String>,
    /// Where in its life it is.
    pub state: TaskState,
    /// The part it is at.
    pub step: String,
    /// How much of that part is done.
    pub done: u64,
    /// Out of how much; none where that is not known.
    pub total: Option<u64>,
    /// What is counted.
    pub unit: String,
    /// What a stopped task kept.
    pub kept: Option<String>,
    /// Its answer, once done.
    #[ts(type = "unknown")]
    pub answer: Option<Value>,
    /// Why it failed.
    pub problem: Option<Problem>,
    /// When it began.
    #[ts(type = "string")]
    pub started_at: Timestamp,
    /// Rises with every change.
    pub number: u64,
}

struct Task {
    snapshot: TaskSnapshot,
    stop: Stop,
    told: Option<Instant>,
}

/// All tasks of this run of the app.
#[derive(Default)]
pub(crate) struct Tasks {
    all: Mutex<BTreeMap<String, Task>>,
    next: AtomicU64,
}

impl Tasks {
    pub(crate) fn snapshots(&self) -> Vec<TaskSnapshot> {
        held(&self.all).values().map(|task| task.snapshot.clone()).collect()
    }
}

/// A task's own progress, told to the windows.
struct Told<'a> {
    desk: &'a Desk,
    task: &'a str,
}

impl Progress for Told<'_> {
    fn update(&self, step: &str, done: u64, total: Option<u64>, unit: &str) {
        self.desk.change_task(self.task, false, |snapshot| {
            step.clone_into(&mut snapshot.step);
            unit.clone_into(&mut snapshot.unit);
            snapshot.done = done;
            snapshot.total = total;
        });
    }
}

/// What a task does, on a thread of its own.
pub(crate) type Work = Box<dyn FnOnce(&Desk, &dyn Progress, &Stop) -> Result<Value, Problem> + Send>;

impl Desk {
    /// Begins a task and gives its id.
    pub(crate) fn start_task(
        &self,
        kind: TaskKind,
        title: String,
        repo: Option<String>,
        work: Work,
    ) -> Result<String, Problem> {
        let id = format!("{:04}", self.0.tasks.next.fetch_add(1, Ordering::Relaxed));
        let stop = Stop::new();
        let snapshot = TaskSnapshot {
            task: id.clone(),
            kind,
            title,
            repo,
            state: TaskState::Running,
            step: String::new(),
            done: 0,
            total: None,
            unit: String::new(),
            kept: None,
            answer: None,
            problem: None,
            started_at: self.keelmark().now(),
            number: 0,
        };
        let task = Task { snapshot, stop: stop.clone(), told: None };
        held(&self.0.tasks.all).insert(id.clone(), task);
        self.change_task(&id, true, |_| {});
        let (desk, name) = (self.clone(), id.clone());
        let begun = std::thread::Builder::new().name("keelmark-task".to_owned()).spawn(move || {
            let ended = work(&desk, &Told { desk: &desk, task: &name }, &stop);
            desk.end_task(&name, ended);
        });
        if let Err(error) = begun {
            let problem = Problem::new(Code::Unsupported, format!("No thread could be started: {error}"))
                .detail("Nothing was changed.");
            self.end_task(&id, Err(problem.clone()));
            return Err(problem);
        }
        Ok(id)
    }

    fn end_task(&self, id: &str, ended: Result<Value, Problem>) {
        self.change_task(id, true, |snapshot| match ended {
            Ok(answer) => {
                snapshot.state = TaskState::Done;
                snapshot.answer = Some(answer);
            }
            Err(problem) if problem.code == Code::Stopped => {
                snapshot.state = TaskState::Stopped;
                snapshot.kept = Some(problem.detail.clone());
                snapshot.problem = Some(problem);
            }
            Err(problem) => {
                snapshot.state = TaskState::Failed;
                snapshot.problem = Some(problem);
            }
        });
        let mut all = held(&self.0.tasks.all);
        let ended: Vec<String> = all
            .iter()
            .filter(|(_, task)| task.snapshot.state != TaskState::Running)
            .map(|(id, _)| id.clone())
            .collect();
        for id in ended.iter().take(ended.len().saturating_sub(REMEMBERED)) {
            all.remove(id);
        }
    }

    fn change_task(&self, id: &str, always_tell: bool, change: impl FnOnce(&mut TaskSnapshot)) {
        let mut all = held(&self.0.tasks.all);
        let Some(task) = all.get_mut(id) else { return };
        change(&mut task.snapshot);
        task.snapshot.number += 1;
        if always_tell || task.told.is_none_or(|told| told.elapsed() >= TELL_EVERY) {
            task.told = Some(Instant::now());
            let event = DeskEvent::Task { task: Box::new(task.snapshot.clone()) };
            drop(all);
            self.0.hearers.tell(&event);
            self.0.hearers.note(None, &[Tag::Tasks]);
        }
    }

    pub(crate) fn tasks(&self) -> Vec<TaskSnapshot> {
        self.0.tasks.snapshots()
    }

    pub(crate) fn stop_task(&self, id: &str) -> Result<(), Problem> {
        match held(&self.0.tasks.all).get(id) {
            Some(task) => task.stop.raise(),
            None => return Err(unknown_task(id)),
        }
        Ok(())
    }

    /// Forgets an ended task.
    pub(crate) fn dismiss_task(&self, id: &str) -> Result<(), Problem> {
        let mut all = held(&self.0.tasks.all);
        match all.get(id) {
            None => Ok(()),
            Some(task) if task.snapshot.state == TaskState::Running => {
                Err(Problem::new(Code::InvalidRequest, "It still goes on").hint("Stop it first."))
            }
            Some(_) => {
                all.remove(id);
                self.0.hearers.note(None, &[Tag::Tasks]);
                Ok(())
            }
        }
    }
}

fn unknown_task(id: &str) -> Problem {
    Problem::new(Code::InvalidRequest, format!("There is no task `{id}`")).detail("Nothing was changed.")
}
