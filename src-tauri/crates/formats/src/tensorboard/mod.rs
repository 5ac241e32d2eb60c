//! `TensorBoard`: the numbers in event files.
//!
//! An event file is a row of records, each with its length and two checksums; a record is an event. A file that is
//! still being written ends within a record, which is no mistake.

mod event;
mod record;
mod tensor;

use std::collections::BTreeMap;

use serde_json::Value;

use crate::Unreadable;
use event::Event;
use record::Records;

/// The most values that are read of one file; what comes after them is left out.
pub const MAX_POINTS: usize = 1_000_000;

/// The most curves of one file, and the most hyperparameters.
pub const MAX_TAGS: usize = 10_000;

/// The longest name of a curve.
const MAX_TAG_BYTES: usize = 1024;

/// The most problems that are told of a file.
const MAX_PROBLEMS: usize = 20;

/// A value of a curve.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Point {
    /// The step of the training.
    pub step: i64,
    /// When it was logged, in seconds since 1970.
    pub wall_secs: f64,
    /// The value, which may be infinite or not a number.
    pub value: f64,
}

/// What an event file holds, as far as it could be read.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Events {
    /// The curves by name, each in the order of logging.
    pub scalars: BTreeMap<String, Vec<Point>>,
    /// The hyperparameters of the run, where they were logged.
    pub hyperparameters: BTreeMap<String, Value>,
    /// When the first event was written, in seconds since 1970.
    pub began_secs: Option<f64>,
    /// It ends within a record: it is still being written, or its writer was stopped.
    pub truncated: bool,
    /// What could not be read, each with the byte where it begins; the first ones, where there are many.
    pub problems: Vec<Unreadable>,
    /// The lowest step at which training began anew.
    restarted_at: Option<i64>,
}

impl Events {
    /// Goes on with what a later file of the same run holds. Where training began anew at an earlier step, what was
    /// logged from that step on before is dropped, as `TensorBoard` drops it.
    pub fn go_on(&mut self, later: Self) {
        if let Some(step) = later.restarted_at {
            self.forget_from(step);
        }
        for (tag, points) in later.scalars {
            self.scalars.entry(tag).or_default().extend(points);
        }
        self.hyperparameters.extend(later.hyperparameters);
        self.began_secs = self.began_secs.or(later.began_secs);
        self.truncated = later.truncated;
        self.problems.extend(later.problems);
        self.problems.truncate(MAX_PROBLEMS);
    }

    fn forget_from(&mut self, step: i64) {
        for points in self.scalars.values_mut() {
            points.retain(|point| point.step < step);
        }
        self.restarted_at = Some(self.restarted_at.map_or(step, |earlier| earlier.min(step)));
    }
}

/// Reads a file in pieces of any size.
#[derive(Debug, Default)]
pub struct Reader {
    records: Records,
    gathered: Gathered,
}

#[derive(Debug, Default)]
struct Gathered {
    events: Events,
    /// Whether a name is that of a curve: it is said where the name first appears.
    is_scalar: BTreeMap<String, bool>,
    points: usize,
    is_full: bool,
}

impl Reader {
    /// Takes the next bytes of the file. `false` is that no more are needed: the file is broken here, or has more
    /// than is read of one.
    pub fn push(&mut self, bytes: &[u8]) -> bool {
        let Self { records, gathered } = self;
        let pushed = records.push(bytes, |at, record| gathered.record(at, record));
        if let Err(problem) = pushed {
            gathered.problem(problem);
        }
        !self.records.is_broken() && !self.gathered.is_full
    }

    /// What was read, at the end of the file.
    pub fn finish(self) -> Events {
        let mut events = self.gathered.events;
        events.truncated = self.records.is_amidst() && !self.gathered.is_full;
        // A curve that was forgotten whole is none.
        events.scalars.retain(|_, points| !points.is_empty());
        events
    }
}

/// Reads a whole file.
pub fn read_events(bytes: &[u8]) -> Events {
    let mut reader = Reader::default();
    reader.push(bytes);
    reader.finish()
}

/// Whether bytes are the beginning of an event file: the first length has its checksum.
pub(crate) fn begins(head: &[u8]) -> bool {
    record::length(head).is_some_and(|length| length.is_ok())
}

impl Gathered {
    fn record(&mut self, at: u64, record: &[u8]) {
        if self.is_full {
            return;
        }
        match Event::read(record, at) {
            Ok(event) => self.event(at, event),
            Err(problem) => self.problem(problem),
        }
    }

    fn event(&mut self, at: u64, event: Event) {
        self.events.began_secs.get_or_insert(event.wall_secs);
        if event.is_start {
            self.events.forget_from(event.step);
            self.points = self.events.scalars.values().map(Vec::len).sum();
        }
        for problem in event.problems {
            self.problem(problem);
        }
        for value in event.values {
            if value.tag.len() > MAX_TAG_BYTES {
                self.problem(Unreadable::at_byte(at, format!("a name is longer than {MAX_TAG_BYTES} bytes")));
                continue;
            }
            let left = MAX_TAGS - self.events.hyperparameters.len().min(MAX_TAGS);
            self.events.hyperparameters.extend(value.hyperparameters.into_iter().take(left));
            let is_known = self.is_scalar.contains_key(&value.tag);
            if !is_known && self.is_scalar.len() == MAX_TAGS {
                self.full(at, format!("it has more than {MAX_TAGS} names"));
                return;
            }
            let is_scalar = *self.is_scalar.entry(value.tag.clone()).or_insert(value.is_scalar);
            let number = match value.number {
                Some(number) if is_scalar => number,
                _ => continue,
            };
            if self.points == MAX_POINTS {
                self.full(at, format!("it has more than {MAX_POINTS} values"));
                return;
            }
            match number {
                Ok(number) => {
                    self.points += 1;
                    let point = Point { step: event.step, wall_secs: event.wall_secs, value: number };
                    self.events.scalars.entry(value.tag).or_default().push(point);
                }
                Err(why) => {
                    let tag = crate::shorten(&value.tag, 80);
                    self.problem(Unreadable::at_byte(at, format!("a value of `{tag}` {why}")));
                }
            }
        }
    }

    fn full(&mut self, at: u64, why: String) {
        self.is_full = true;
        self.events.problems.push(Unreadable::at_byte(at, why + "; what comes after them was left out"));
    }

    fn problem(&mut self, problem: Unreadable) {
        if self.events.problems.len() < MAX_PROBLEMS {
            self.events.problems.push(problem);
        }
    }
}
