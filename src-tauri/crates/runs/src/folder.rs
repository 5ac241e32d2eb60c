//! A job's folder: the request, the events, the lock that says its worker lives, and what it may be told.
//!
//! ```text
//! <state>/jobs/<run>/request.json     what was asked, written before the worker starts
//!                    events.jsonl     what happened, appended by the worker alone
//!                    lock             held by the worker while it lives; its content is the worker's process id
//!                    stop             asks it to stop after the step
//!                    stop-now         says a kill was wanted, so that recovery calls it cancelled
//!                    checkpoint       where a stopped training can go on
//!                    worker.log       the worker's standard error
//!                    ended            the run is durable; nothing is left to recover
//! ```

use std::fs::{self, File, TryLockError};
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};
use std::time::Duration;

use keelmark_types::RunId;

use crate::{Error, JobRequest};

/// The largest request that is read back.
const MAX_REQUEST_BYTES: u64 = 1 << 20;
/// How often a taken lock is tried again, and after how long.
const LOCK_TRIES: u32 = 50;
const LOCK_PAUSE: Duration = Duration::from_millis(4);

/// One job's folder. Holding the value holds no lock.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct JobFolder {
    path: PathBuf,
    run: RunId,
}

/// Proof that this process is the job's worker, or its undertaker. The lock goes with it.
#[derive(Debug)]
pub struct JobLock {
    _file: File,
}

impl JobFolder {
    /// The folder of `run` under the state folder, whether or not it exists.
    pub fn of(state: &Path, run: &RunId) -> Self {
        Self { path: state.join("jobs").join(run.as_str()), run: run.clone() }
    }

    /// A job folder by its own path, as a worker is given it.
    pub fn at(path: &Path) -> Result<Self, Error> {
        let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
        let run = RunId::new(name).map_err(|error| Error::NotFound { what: error.to_string() })?;
        Ok(Self { path: path.to_owned(), run })
    }

    /// Every job folder under the state folder, oldest first.
    pub fn list(state: &Path) -> Result<Vec<Self>, Error> {
        let jobs = state.join("jobs");
        let entries = match fs::read_dir(&jobs) {
            Ok(entries) => entries,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
            Err(error) => return Err(Error::storage("list jobs in", &jobs, error)),
        };
        let mut folders: Vec<Self> =
            entries.flatten().filter_map(|entry| Self::at(&entry.path()).ok()).collect();
        folders.sort_by(|a, b| a.run.cmp(&b.run));
        Ok(folders)
    }

    /// Makes the folder with its request, durable before it returns.
    pub fn create(state: &Path, request: &JobRequest) -> Result<Self, Error> {
        let folder = Self::of(state, &request.run);
        fs::create_dir_all(&folder.path)
            .map_err(|error| Error::storage("make the job folder", &folder.path, error))?;
        let bytes = serde_json::to_vec_pretty(request)
            .map_err(|error| Error::Invalid { message: error.to_string() })?;
        folder.write("request.json", &bytes)?;
        Ok(folder)
    }

    /// The folder of another run's job beside this one.
    #[must_use]
    pub fn of_run(&self, run: &RunId) -> Self {
        Self { path: self.path.with_file_name(run.as_str()), run: run.clone() }
    }

    /// The run the job becomes.
    pub fn run(&self) -> &RunId {
        &self.run
    }

    /// The folder's path.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The path of one of its files.
    pub fn file(&self, name: &str) -> PathBuf {
        self.path.join(name)
    }

    /// What was asked.
    pub fn request(&self) -> Result<JobRequest, Error> {
        let path = self.file("request.json");
        let file = File::open(&path).map_err(|error| match error.kind() {
            io::ErrorKind::NotFound => Error::NotFound { what: format!("the job of run {}", self.run) },
            _ => Error::storage("read", &path, error),
        })?;
        let mut text = String::new();
        file.take(MAX_REQUEST_BYTES)
            .read_to_string(&mut text)
            .map_err(|error| Error::storage("read", &path, error))?;
        serde_json::from_str(&text)
            .map_err(|error| Error::Corrupt { what: format!("the request of run {}: {error}", self.run) })
    }

    /// Takes the lock, or says that a living worker has it.
    pub fn lock(&self) -> Result<Option<JobLock>, Error> {
        let path = self.file("lock");
        let storage = |error| Error::storage("lock", &path, error);
        let mut file = File::options().create(true).read(true).append(true).open(&path).map_err(storage)?;
        let mut tries = 0;
        loop {
            match file.try_lock() {
                Ok(()) => break,
                // A follower that looks whether the worker lives holds a shared lock for an instant.
                Err(TryLockError::WouldBlock) if tries < LOCK_TRIES => tries += 1,
                Err(TryLockError::WouldBlock) => return Ok(None),
                Err(TryLockError::Error(error)) => return Err(storage(error)),
            }
            std::thread::sleep(LOCK_PAUSE);
        }
        file.set_len(0).map_err(storage)?;
        write!(file, "{}", std::process::id()).map_err(storage)?;
        Ok(Some(JobLock { _file: file }))
    }

    /// The living worker's process id; none where no worker lives.
    pub fn worker_process_id(&self) -> Option<u32> {
        let mut file = File::open(self.file("lock")).ok()?;
        match file.try_lock_shared() {
            Err(TryLockError::WouldBlock) => {
                let mut text = String::new();
                file.read_to_string(&mut text).ok()?;
                text.trim().parse().ok()
            }
            _ => None,
        }
    }

    /// Whether a worker lives.
    pub fn is_alive(&self) -> bool {
        self.worker_process_id().is_some()
    }

    /// Whether the run is durable and nothing is left to do.
    pub fn has_ended(&self) -> bool {
        self.file("ended").exists()
    }

    /// How long ago it ended, as the file system has it; none where it has not.
    pub fn ended_ago(&self) -> Option<Duration> {
        let changed = fs::metadata(self.file("ended")).and_then(|file| file.modified()).ok()?;
        Some(changed.elapsed().unwrap_or_default())
    }

    /// Whether it was asked to stop after the step.
    pub fn stop_wanted(&self) -> bool {
        self.file("stop").exists() || self.kill_wanted()
    }

    /// Whether it was stopped at once.
    pub fn kill_wanted(&self) -> bool {
        self.file("stop-now").exists()
    }

    /// Writes one of its files so that it is whole or not there, and survives a power cut.
    pub fn write(&self, name: &str, bytes: &[u8]) -> Result<(), Error> {
        let (temporary, target) = (self.file(&format!(".{name}.new")), self.file(name));
        let storage = |error| Error::storage("write", &target, error);
        let mut file = File::create(&temporary).map_err(storage)?;
        file.write_all(bytes).and_then(|()| file.sync_all()).map_err(storage)?;
        fs::rename(&temporary, &target).map_err(storage)?;
        File::open(&self.path).and_then(|folder| folder.sync_all()).map_err(storage)
    }

    /// Forgets the job. Its run, in Git, stays.
    pub fn remove(&self) -> Result<(), Error> {
        fs::remove_dir_all(&self.path).map_err(|error| Error::storage("remove", &self.path, error))
    }
}
