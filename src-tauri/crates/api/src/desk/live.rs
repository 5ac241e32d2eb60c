//! Running jobs, followed once for all windows: whole when a window attaches, then only what is new.

use std::collections::BTreeMap;
use std::sync::Mutex;
use std::time::{Duration, Instant};

use keelmark_runs::{EventReader, JobFolder};
use keelmark_types::{JobEvent, JobPhase, RunId, RunStatus, SeriesPoint, Timestamp};
use serde::Serialize;
use ts_rs::TS;

use super::{Desk, DeskEvent, held};
use crate::{Code, Problem, RunState, Session};

/// Points a window is given; of more, every second is left out until they fit.
const MOST_POINTS: usize = 4000;
/// Points one batch of news may hold, thinned the same way.
const MOST_NEWS: usize = 500;
/// Lines of the log that are kept at hand.
const LOG_LINES: usize = 400;
/// How long a job may say nothing before the windows are told how far the time has come.
const BEAT: Duration = Duration::from_secs(1);

/// What a training set out to do.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
pub struct TrainingPlan {
    /// Epochs.
    pub epochs: u64,
    /// Optimiser steps.
    pub steps: u64,
    /// Examples of each split.
    pub examples: BTreeMap<String, u64>,
    /// Trainable parameters.
    pub parameters: u64,
}

/// How much longer it takes, as a range.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, TS)]
pub struct Eta {
    /// At the fastest pace of late.
    pub low_millis: u64,
    /// At the slowest.
    pub high_millis: u64,
}

/// A run as it stands, whole.
#[derive(Debug, Clone, Serialize, TS)]
pub struct LiveRun {
    /// The repository.
    pub repo: String,
    /// The run.
    pub run: RunId,
    /// Batches of news so far: what comes next continues from here.
    pub number: u64,
    /// Where in its life it is.
    pub state: RunState,
    /// The part it is at; none before its first word.
    pub phase: Option<JobPhase>,
    /// What it set out to do; none for evaluations and before it is known.
    pub plan: Option<TrainingPlan>,
    /// Its curves; thinned where they are long.
    pub points: Vec<SeriesPoint>,
    /// The last lines of its log.
    pub log: Vec<String>,
    /// Whether it was asked to stop.
    pub stopping: bool,
    /// When it was accepted.
    #[ts(type = "string")]
    pub started_at: Timestamp,
    /// How long it goes on already.
    pub elapsed_millis: u64,
    /// Its pace.
    pub steps_per_second: Option<f64>,
    /// How much longer it takes.
    pub eta: Option<Eta>,
    /// Why it did not succeed.
    pub cause: Option<String>,
}

/// News of a running job.
#[derive(Debug, Clone, Serialize, TS)]
pub struct LiveSamples {
    /// The repository.
    pub repo: String,
    /// The run.
    pub run: RunId,
    /// The number this continues from: a window that holds another asks for the whole.
    pub from: u64,
    /// The number now.
    pub number: u64,
    /// The part it is at.
    pub phase: Option<JobPhase>,
    /// What it set out to do.
    pub plan: Option<TrainingPlan>,
    /// New points.
    pub points: Vec<SeriesPoint>,
    /// New lines of its log.
    pub log: Vec<String>,
    /// How long it goes on already.
    pub elapsed_millis: u64,
    /// Its pace.
    pub steps_per_second: Option<f64>,
    /// How much longer it takes.
    pub eta: Option<Eta>,
    /// Whether it was asked to stop.
    pub stopping: bool,
    /// How it ended, once it has.
    pub ended: Option<RunState>,
}

/// The jobs that are followed.
#[derive(Default)]
pub(crate) struct Lives(Mutex<BTreeMap<RunId, Followed>>);

struct Followed {
    folder: JobFolder,
    reader: EventReader,
    live: LiveRun,
    told: Instant,
    was_dead: bool,
    over: bool,
}

impl Followed {
    fn new(repo: &str, folder: JobFolder) -> Result<Self, Problem> {
        let request = folder.request()?;
        let live = LiveRun {
            repo: repo.to_owned(),
            run: request.run,
            number: 0,
            state: RunState::Running,
            phase: None,
            plan: None,
            points: Vec::new(),
            log: Vec::new(),
            stopping: false,
            started_at: request.queued_at,
            elapsed_millis: 0,
            steps_per_second: None,
            eta: None,
            cause: None,
        };
        let reader = EventReader::new(folder.clone());
        Ok(Self { folder, reader, live, told: Instant::now(), was_dead: false, over: false })
    }

    /// Reads what is new; none where there is nothing to tell.
    fn look(&mut self, now: Timestamp) -> Option<LiveSamples> {
        let from = self.live.number;
        let events = self.reader.read().unwrap_or_default();
        let (mut points, mut log) = (Vec::new(), Vec::new());
        let mut ended = None;
        let has_news = !events.is_empty();
        for event in events {
            match event {
                JobEvent::Phase { phase, .. } => self.live.phase = Some(phase),
                JobEvent::Plan { epochs, steps, examples, parameters } => {
                    self.live.plan = Some(TrainingPlan { epochs, steps, examples, parameters });
                }
                JobEvent::Metrics { point } => points.push(point),
                JobEvent::Log { message } => log.push(message),
                JobEvent::Checkpoint { .. } => {}
                JobEvent::Ended { status, cause, .. } => {
                    ended = Some(RunState::from(status));
                    self.live.cause = cause;
                }
            }
        }
        let dead = ended.is_none() && !self.folder.is_alive();
        if dead && self.was_dead {
            ended = Some(RunState::Failed);
        }
        self.was_dead = dead;
        self.live.stopping = self.folder.stop_wanted() && ended.is_none();
        let elapsed = now.as_millisecond().saturating_sub(self.live.started_at.as_millisecond());
        self.live.elapsed_millis = u64::try_from(elapsed).unwrap_or(0);
        if !has_news && ended.is_none() && self.told.elapsed() < BEAT {
            return None;
        }
        self.told = Instant::now();
        self.live.points.extend(points.iter().cloned());
        thin(&mut self.live.points, MOST_POINTS);
        thin(&mut points, MOST_NEWS);
        self.live.log.extend(log.iter().cloned());
        let spare = self.live.log.len().saturating_sub(LOG_LINES);
        self.live.log.drain(..spare);
        (self.live.steps_per_second, self.live.eta) = pace(&self.live);
        if let Some(ended) = ended {
            self.live.state = ended;
            self.live.eta = None;
            self.over = true;
        }
        self.live.number += 1;
        Some(LiveSamples {
            repo: self.live.repo.clone(),
            run: self.live.run.clone(),
            from,
            number: self.live.number,
            phase: self.live.phase,
            plan: self.live.plan.clone(),
            points,
            log,
            elapsed_millis: self.live.elapsed_millis,
            steps_per_second: self.live.steps_per_second,
            eta: self.live.eta,
            stopping: self.live.stopping,
            ended,
        })
    }
}

/// Leaves out every second point until they fit; the first and the last stay.
fn thin(points: &mut Vec<SeriesPoint>, most: usize) {
    while points.len() > most {
        let last = points.len() - 1;
        let mut index = 0;
        points.retain(|_| {
            index += 1;
            (index - 1) % 2 == 0 || index - 1 == last
        });
    }
}

/// Steps a second and the time left, from stretches of the last while that are long enough to be measured.
fn pace(live: &LiveRun) -> (Option<f64>, Option<Eta>) {
    const STRETCH_MILLIS: u64 = 300;
    const MOST: usize = 12;
    let Some(last) = live.points.last() else { return (None, None) };
    let mut paces = Vec::new();
    let mut end = last;
    for point in live.points.iter().rev() {
        let millis = end.wall_millis.saturating_sub(point.wall_millis);
        if millis >= STRETCH_MILLIS && end.step > point.step {
            paces.push((end.step - point.step) as f64 * 1000.0 / millis as f64);
            end = point;
        }
        if paces.len() == MOST {
            break;
        }
    }
    if paces.len() < 3 {
        return (None, None);
    }
    paces.sort_by(f64::total_cmp);
    let at = |share: f64| paces[((paces.len() - 1) as f64 * share).round() as usize];
    let Some(plan) = &live.plan else { return (Some(at(0.5)), None) };
    let left = plan.steps.saturating_sub(last.step) as f64 * 1000.0;
    let millis = |pace: f64| (left / pace).round() as u64;
    (Some(at(0.5)), Some(Eta { low_millis: millis(at(0.9)), high_millis: millis(at(0.1)) }))
}

impl Desk {
    /// A run as it stands: followed while it goes on, else as it is recorded.
    pub(crate) fn live_run(&self, repo: &str, run: &str) -> Result<LiveRun, Problem> {
        let opened = self.opened(repo)?;
        let session = opened.session()?;
        if let Ok(folder) = session.job_folder(run)
            && folder.is_alive()
            && session.is_of(&folder)
        {
            self.follow(repo, folder.clone())?;
            if let Some(followed) = held(&self.0.lives.0).get(folder.run()) {
                return Ok(followed.live.clone());
            }
        }
        recorded(session, repo, run)
    }

    /// Begins to follow a job; once is enough.
    pub(crate) fn follow(&self, repo: &str, folder: JobFolder) -> Result<(), Problem> {
        let mut lives = held(&self.0.lives.0);
        if !lives.contains_key(folder.run()) {
            let mut followed = Followed::new(repo, folder)?;
            followed.look(self.keelmark().now());
            lives.insert(followed.live.run.clone(), followed);
        }
        Ok(())
    }

    /// Looks at every followed job and tells what is new. Gives the repositories in which one ended.
    pub(crate) fn look_at_jobs(&self) -> Vec<String> {
        let now = self.keelmark().now();
        let mut ended = Vec::new();
        let mut news = Vec::new();
        let mut lives = held(&self.0.lives.0);
        for followed in lives.values_mut() {
            news.extend(followed.look(now));
            if followed.over {
                ended.push(followed.live.repo.clone());
            }
        }
        lives.retain(|_, followed| !followed.over);
        drop(lives);
        for samples in news {
            self.0.hearers.tell(&DeskEvent::Samples { samples });
        }
        ended
    }
}

fn recorded(session: &Session, repo: &str, run: &str) -> Result<LiveRun, Problem> {
    let detail = match session.run(run) {
        // Its worker is dead and it is not recorded yet: recovery does that.
        Err(problem) if problem.code == Code::UnknownRun && session.job_folder(run).is_ok() => {
            session.refresh()?;
            session.run(run)?
        }
        found => found?,
    };
    let mut points = detail.log;
    thin(&mut points, MOST_POINTS);
    let log = session.run_log(run).unwrap_or_default();
    let lines: Vec<&str> = log.lines().collect();
    let record = detail.record;
    Ok(LiveRun {
        repo: repo.to_owned(),
        state: record.status.into(),
        phase: None,
        plan: None,
        points,
        log: lines[lines.len().saturating_sub(LOG_LINES)..].iter().map(|line| (*line).to_owned()).collect(),
        stopping: false,
        number: 0,
        started_at: record.started_at,
        elapsed_millis: record.duration_millis,
        steps_per_second: None,
        eta: None,
        cause: record.cause.filter(|_| record.status != RunStatus::Succeeded),
        run: record.run,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn point(step: u64, wall_millis: u64) -> SeriesPoint {
        SeriesPoint { step, epoch: 0, wall_millis, metrics: BTreeMap::new() }
    }

    #[test]
    fn thinning_keeps_both_ends() {
        let mut points: Vec<SeriesPoint> = (0..10_001).map(|step| point(step, step)).collect();
        thin(&mut points, MOST_POINTS);
        assert!(points.len() <= MOST_POINTS, "{}", points.len());
        assert_eq!((points[0].step, points[points.len() - 1].step), (0, 10_000));
    }
}
