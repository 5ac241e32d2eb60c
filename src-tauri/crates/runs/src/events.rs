//! `events.jsonl`: appended by the worker, followed by every face that wants to look.

use std::fs::File;
use std::io::{Read, Seek, SeekFrom, Write};
use std::time::Duration;

use keelmark_types::{JobEvent, Stop};

use crate::{Error, JobFolder};

/// How often a follower looks.
const LOOK_EVERY: Duration = Duration::from_millis(40);
/// How much is read at a look.
const READ_BYTES: u64 = 4 << 20;

/// The worker's end.
#[derive(Debug)]
pub struct EventWriter {
    file: File,
    path: std::path::PathBuf,
}

impl EventWriter {
    /// Opens the events of a job for appending. A line cut short by a crash is closed first.
    pub fn open(folder: &JobFolder) -> Result<Self, Error> {
        let path = folder.file("events.jsonl");
        let storage = |error| Error::storage("open", &path, error);
        let mut file = File::options().create(true).read(true).append(true).open(&path).map_err(storage)?;
        let length = file.seek(SeekFrom::End(0)).map_err(storage)?;
        if length > 0 {
            let mut last = [0];
            file.seek(SeekFrom::End(-1)).and_then(|_| file.read_exact(&mut last)).map_err(storage)?;
            if last != *b"\n" {
                file.write_all(b"\n").map_err(storage)?;
            }
        }
        Ok(Self { file, path })
    }

    /// Appends one event as one line in one write.
    pub fn append(&mut self, event: &JobEvent) -> Result<(), Error> {
        let mut line =
            serde_json::to_vec(event).map_err(|error| Error::Invalid { message: error.to_string() })?;
        line.push(b'\n');
        self.file.write_all(&line).map_err(|error| Error::storage("append to", &self.path, error))
    }
}

/// A follower's end: remembers how far it has read.
#[derive(Debug)]
pub struct EventReader {
    folder: JobFolder,
    offset: u64,
    rest: Vec<u8>,
}

impl EventReader {
    /// Follows a job from its first event.
    pub fn new(folder: JobFolder) -> Self {
        Self { folder, offset: 0, rest: Vec::new() }
    }

    /// Every whole event since the last look. Lines that are no event (a newer Keelmark's, or cut by a crash) are passed over.
    pub fn read(&mut self) -> Result<Vec<JobEvent>, Error> {
        let path = self.folder.file("events.jsonl");
        let mut file = match File::open(&path) {
            Ok(file) => file,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(Vec::new()),
            Err(error) => return Err(Error::storage("read", &path, error)),
        };
        let mut fresh = Vec::new();
        file.seek(SeekFrom::Start(self.offset))
            .and_then(|_| file.take(READ_BYTES).read_to_end(&mut fresh))
            .map_err(|error| Error::storage("read", &path, error))?;
        self.offset += fresh.len() as u64;
        self.rest.extend_from_slice(&fresh);
        let Some(end) = self.rest.iter().rposition(|&byte| byte == b'\n') else { return Ok(Vec::new()) };
        let whole: Vec<u8> = self.rest.drain(..=end).collect();
        Ok(whole.split(|&byte| byte == b'\n').filter_map(|line| serde_json::from_slice(line).ok()).collect())
    }
}

/// How following ended.
#[derive(Debug, Clone, PartialEq)]
pub enum Followed {
    /// The job's last event.
    Ended(Box<JobEvent>),
    /// The worker is gone and left no ending: recovery has to write one.
    Lost,
    /// The follower was told to look away; the job goes on.
    LookedAway,
}

/// Follows a job to its end, showing every event once and in order.
pub fn follow(folder: &JobFolder, stop: &Stop, mut show: impl FnMut(&JobEvent)) -> Result<Followed, Error> {
    let mut reader = EventReader::new(folder.clone());
    let mut was_dead = false;
    loop {
        for event in reader.read()? {
            show(&event);
            if matches!(event, JobEvent::Ended { .. }) {
                return Ok(Followed::Ended(Box::new(event)));
            }
        }
        if stop.is_raised() {
            return Ok(Followed::LookedAway);
        }
        // Death is believed only on a second look, so that the last events written before it are read.
        let dead = !folder.is_alive();
        if dead && was_dead {
            return Ok(Followed::Lost);
        }
        was_dead = dead;
        std::thread::sleep(LOOK_EVERY);
    }
}
