//! `train`, `evaluate`: a job is started, followed to its end, and stopped by Ctrl-C.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use keelmark_api::{Code, EvaluateQuery, FinishedRun, JobRequest, Problem, Session, TrainQuery};
use keelmark_types::{Evaluation, JobEvent, Progress, RunId, RunStatus, Stop};
use serde::Serialize;

use super::{Context, words};
use crate::arguments::{EvaluateArguments, TrainArguments};
use crate::failure::{Ending, Failure};
use crate::interrupt;
use crate::output::{Output, Words};
use crate::progress::Bars;

/// Several trainings that differ in their seed.
#[derive(Serialize)]
struct Several<T> {
    runs: Vec<T>,
}

#[derive(Serialize)]
struct Started {
    run: RunId,
}

#[derive(Serialize)]
struct Evaluated {
    #[serde(flatten)]
    finished: FinishedRun,
    evaluation: Option<Evaluation>,
}

pub fn train(context: &Context, asked: TrainArguments) -> Ending {
    let mut overrides = BTreeMap::new();
    for text in &asked.set {
        let (key, value) = text.split_once('=').ok_or_else(|| {
            Problem::new(Code::WrongUsage, format!("`--set {text}` has no value"))
                .detail("Nothing was started.")
                .hint("Write it like --set train.epochs=5.")
        })?;
        overrides.insert(key.trim().to_owned(), value.trim().to_owned());
    }
    let session = context.open()?;
    let requests = session.plan_training(&TrainQuery {
        revision: asked.rev,
        model: context.model.clone(),
        seed: asked.seed,
        seeds: asked.seeds,
        overrides,
        threads: asked.threads.map(usize::from),
        device: asked.device,
    })?;
    if asked.detach {
        let started: Result<Vec<Started>, Problem> =
            requests.iter().map(|request| Ok(Started { run: session.start(request)? })).collect();
        return answer(context.output, started?, |words, started| words.line(started.run.as_str()));
    }
    let follower = Follower::new(context, &session)?;
    let mut finished = Vec::new();
    for request in &requests {
        finished.push(follower.to_the_end(request, |session| session.start(request))?);
    }
    answer(context.output, finished, told)
}

pub fn evaluate(context: &Context, asked: EvaluateArguments) -> Ending {
    let session = context.open()?;
    let follower = Follower::new(context, &session)?;
    let finished = if let Some(file) = &asked.predictions {
        let (request, bytes) =
            session.plan_measurement(&asked.rev, context.model(), file, asked.artifact.as_deref())?;
        follower.to_the_end(&request, |session| session.start_measurement(&request, &bytes))?
    } else {
        let request = session.plan_evaluation(&EvaluateQuery {
            revision: asked.rev,
            run: asked.run,
            model: context.model.clone(),
            data: asked.data,
        })?;
        follower.to_the_end(&request, |session| session.start(&request))?
    };
    let evaluation = session.run(finished.run.as_str())?.evaluation;
    let evaluated = Evaluated { finished, evaluation };
    context.output.answer(&evaluated, |words| told(words, &evaluated.finished))?;
    Ok(0)
}

/// Goes on from a stopped run's checkpoint.
pub fn resume(context: &Context, run: &str) -> Ending {
    let session = context.open()?;
    let request = session.plan_resume(run)?;
    let finished =
        Follower::new(context, &session)?.to_the_end(&request, |session| session.start(&request))?;
    answer(context.output, vec![finished], told)
}

/// One document: the only answer there is, or all of them as `runs`.
fn answer<T: Serialize>(output: Output, mut answers: Vec<T>, say: impl Fn(&mut Words, &T)) -> Ending {
    match answers.pop() {
        Some(only) if answers.is_empty() => output.answer(&only, |words| say(words, &only))?,
        last => {
            answers.extend(last);
            let several = Several { runs: answers };
            output.answer(&several, |words| several.runs.iter().for_each(|run| say(words, run)))?;
        }
    }
    Ok(0)
}

fn told(words: &mut Words, finished: &FinishedRun) {
    let (tone, status) = words::status(finished.status);
    let dirty = if finished.dirty { " with uncommitted changes" } else { "" };
    words.toned(
        tone,
        format!(
            "{status}: run {} of version {}{dirty}, seed {}, {}",
            finished.run,
            finished.version.short(),
            finished.seed,
            words::duration(finished.duration_millis)
        ),
    );
    words::metrics(words, &finished.metrics);
}

/// What Ctrl-C is about: the run that is followed, and how often it was heard.
#[derive(Default)]
struct Heard {
    run: Option<RunId>,
    times: u32,
}

struct Follower<'a> {
    output: Output,
    session: &'a Session,
    heard: Arc<Mutex<Heard>>,
}

impl<'a> Follower<'a> {
    fn new(context: &Context, session: &'a Session) -> Result<Self, Problem> {
        let heard = Arc::new(Mutex::new(Heard::default()));
        let (keelmark, repo) = (Context::keelmark()?, context.repo.clone());
        let (shared, output) = (Arc::clone(&heard), context.output);
        interrupt::watch(move |times| {
            let run = shared.lock().ok().and_then(|mut heard| {
                heard.times = times;
                heard.run.clone()
            });
            let Some(run) = run else { return };
            let now = times > 1;
            output.remark(if now {
                "Stopping at once."
            } else {
                "Stopping after this step; Ctrl-C again stops at once."
            });
            if let Err(problem) = keelmark.open(&repo).and_then(|session| session.stop_run(run.as_str(), now))
            {
                output.remark(&problem.summary);
            }
        })?;
        Ok(Self { output: context.output, session, heard })
    }

    /// Starts a job and follows it; anything but success is a failure.
    fn to_the_end(
        &self,
        request: &JobRequest,
        start: impl FnOnce(&Session) -> Result<RunId, Problem>,
    ) -> Result<FinishedRun, Failure> {
        let stopped = |run: &RunId, why: &str| {
            Problem::new(Code::Stopped, format!("Run {run} was stopped"))
                .detail(why)
                .hint(format!("If it reached a checkpoint, it goes on with: keelmark runs resume {run}"))
        };
        if self.times() > 0 {
            return Err(stopped(&request.run, "It was not started; the runs before it are kept.").into());
        }
        let run = start(self.session)?;
        if let Ok(mut heard) = self.heard.lock() {
            heard.run = Some(run.clone());
        }
        // Ctrl-C may have come between the look above and the start.
        if self.times() > 0 {
            self.session.stop_run(run.as_str(), false).ok();
        }
        let bars = Bars::new(self.output);
        let mut closed = None;
        let mut plan = None;
        let finished = self.session.follow(&run, &Stop::new(), |event| {
            if self.output.is_json_lines() && closed.is_none() {
                closed = Output::event(event).err();
            }
            draw(&bars, &mut plan, event);
        });
        bars.finish();
        if let Ok(mut heard) = self.heard.lock() {
            heard.run = None;
        }
        let finished = finished?;
        if let Some(error) = closed {
            return Err(error.into());
        }
        let finished = finished.ok_or_else(|| {
            Problem::new(Code::WorkerLost, format!("Run {run} was not followed to its end"))
                .hint("`keelmark runs` shows what becomes of it.")
        })?;
        let cause = finished.cause.as_deref().unwrap_or_default();
        match finished.status {
            RunStatus::Succeeded => Ok(finished),
            RunStatus::Cancelled => {
                let kept = format!("{cause}\nIts record is kept.");
                Err(stopped(&run, kept.trim()).into())
            }
            RunStatus::Failed => {
                let why = if cause.is_empty() { "it did not say why" } else { cause };
                Err(Problem::new(Code::TrainingFailed, format!("Run {run} failed: {why}"))
                    .detail("Its record is kept; nothing else was changed.")
                    .hint(format!("Its log says more: keelmark runs log {run}"))
                    .into())
            }
        }
    }

    fn times(&self) -> u32 {
        self.heard.lock().map_or(0, |heard| heard.times)
    }
}

/// Epochs and steps there will be at most.
type Ahead = Option<(u64, u64)>;

fn draw(bars: &Bars, plan: &mut Ahead, event: &JobEvent) {
    match event {
        JobEvent::Plan { epochs, steps, .. } => *plan = Some((*epochs, *steps)),
        JobEvent::Metrics { point } => {
            bars.update("training", point.step, plan.map(|(_, steps)| steps), "steps");
            let mut said = match plan {
                Some((epochs, _)) => format!("epoch {}/{epochs}", point.epoch),
                None => format!("epoch {}", point.epoch),
            };
            for (name, short) in [("train/loss", "loss"), ("validation/loss", "validation")] {
                if let Some(value) = point.metrics.get(name) {
                    said = format!("{said} {short} {}", words::number(*value));
                }
            }
            bars.say("training", &said);
        }
        _ => {}
    }
}
