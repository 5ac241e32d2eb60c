//! Rows in, answers out, batch by batch.

use std::ops::Range;
use std::sync::atomic::{AtomicU64, Ordering};

use keelmark_types::{Outcome, Progress, Stop};

use crate::answers::{Answers, Piece, gather};
use crate::bind::Binding;
use crate::model::contained;
use crate::plan::{Ended, Plan};
use crate::{Error, Features, Model};

/// How a model is run. Answers do not depend on the number of threads.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RunOptions {
    /// Rows at once, fewer where memory asks for it or the graph takes only so many.
    pub batch_rows: usize,
    /// Threads that take batches.
    pub threads: usize,
    /// The output to take numbers from; else that with as many columns as there are classes, or the first.
    pub output: Option<String>,
}

impl Default for RunOptions {
    fn default() -> Self {
        Self { batch_rows: 256, threads: 1, output: None }
    }
}

/// The outputs of one batch.
type Pieces = Vec<Option<Piece>>;

impl Model {
    /// What the graph answers to each row of `features`.
    pub fn run(
        &self,
        features: &Features<'_>,
        options: &RunOptions,
        progress: &dyn Progress,
        stop: &Stop,
    ) -> Result<Outcome<Answers>, Error> {
        let binding = Binding::new(&self.description.inputs, features)?;
        let rows = features.rows();
        let batches = match contained("running", || {
            self.batches(&binding, rows, options, progress, stop).or_else(ended)
        })? {
            Outcome::Done(batches) => batches,
            Outcome::Stopped { kept } => return Ok(Outcome::Stopped { kept }),
        };
        gather(&self.description, batches, rows, options.output.as_deref()).map(Outcome::Done)
    }

    fn batches(
        &self,
        binding: &Binding<'_>,
        rows: usize,
        options: &RunOptions,
        progress: &dyn Progress,
        stop: &Stop,
    ) -> Result<Outcome<Vec<Pieces>>, Ended> {
        if rows == 0 {
            return Ok(Outcome::Done(Vec::new()));
        }
        let (first, size) = Plan::new(self, binding, binding.fixed_rows.unwrap_or(1))?;
        let at_once = binding
            .fixed_rows
            .unwrap_or_else(|| options.batch_rows.clamp(1, size.rows(&self.limits)).min(rows));
        let ranges: Vec<Range<usize>> =
            (0..rows).step_by(at_once).map(|start| start..rows.min(start + at_once)).collect();
        let mut plans = vec![first];
        for range in [ranges.first(), ranges.last()].into_iter().flatten() {
            if binding.fixed_rows.is_none() && plans.iter().all(|plan| plan.rows != range.len()) {
                plans.push(Plan::new(self, binding, range.len())?.0);
            }
        }
        let work = Work { binding, plans, progress, stop, done: AtomicU64::new(0), rows: rows as u64 };
        let threads = options.threads.clamp(1, ranges.len());
        let pieces = if threads == 1 { work.all(&ranges) } else { work.shared(&ranges, threads) };
        pieces.map(Outcome::Done)
    }
}

fn ended<T>(ended: Ended) -> Result<Outcome<T>, Error> {
    match ended {
        Ended::Stopped => Ok(Outcome::Stopped { kept: "no answers of this model are kept".to_owned() }),
        Ended::Failed(error) => Err(error),
    }
}

struct Work<'a> {
    binding: &'a Binding<'a>,
    plans: Vec<Plan>,
    progress: &'a dyn Progress,
    stop: &'a Stop,
    done: AtomicU64,
    rows: u64,
}

impl Work<'_> {
    fn all(&self, ranges: &[Range<usize>]) -> Result<Vec<Pieces>, Ended> {
        ranges.iter().map(|range| self.one(range.clone())).collect()
    }

    /// The same on several threads, each with a run of batches of its own.
    fn shared(&self, ranges: &[Range<usize>], threads: usize) -> Result<Vec<Pieces>, Ended> {
        let parts = ranges.chunks(ranges.len().div_ceil(threads));
        std::thread::scope(|scope| {
            let mut working = Vec::new();
            for part in parts {
                let work = move || {
                    let mut answer = None;
                    let contained = contained("running", || {
                        answer = Some(self.all(part));
                        Ok(())
                    });
                    answer.unwrap_or_else(|| Err(Ended::Failed(contained.err().unwrap_or_else(vanished))))
                };
                let thread = std::thread::Builder::new().name("onnx".to_owned()).spawn_scoped(scope, work);
                working.push(
                    thread.map_err(|error| Error::Failed(format!("no thread could be started: {error}")))?,
                );
            }
            let mut all = Vec::with_capacity(ranges.len());
            for thread in working {
                all.extend(thread.join().unwrap_or_else(|_| Err(Ended::Failed(vanished())))?);
            }
            Ok(all)
        })
    }

    fn one(&self, range: Range<usize>) -> Result<Pieces, Ended> {
        if self.stop.is_raised() {
            return Err(Ended::Stopped);
        }
        let rows = range.len();
        let plan = self.plans.iter().find(|plan| plan.rows == rows).or_else(|| self.plans.first());
        let plan = plan.ok_or_else(vanished)?;
        let inputs = self.binding.tensors(range, plan.rows)?;
        let outputs = plan.run(inputs, self.stop)?;
        let pieces =
            outputs.iter().map(|output| Piece::of(output, plan.rows, rows)).collect::<Result<_, Error>>()?;
        let done = self.done.fetch_add(rows as u64, Ordering::Relaxed) + rows as u64;
        self.progress.update("running the ONNX model", done, Some(self.rows), "rows");
        Ok(pieces)
    }
}

fn vanished() -> Error {
    Error::Failed("a part of the work vanished".to_owned())
}
