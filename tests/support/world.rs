//! A world of its own for one test: home, settings, clock and scratch folder.

use std::ffi::OsStr;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use keelmark_types::{Clock, FixedClock, Timestamp};
use tempfile::TempDir;

use crate::guard::HomeGuard;
use crate::{Answer, BareRemote, Running, TestRepo, keelmark_path};

/// When every world begins.
const BEGINNING: &str = "2026-03-02T09:30:00Z";
/// A call that takes longer has hung; it is killed and its output shown.
const LIMIT: Duration = Duration::from_mins(2);
/// What of the real environment the programs under test may see.
const PASSED_ON: [&str; 8] = [
    "PATH",
    "LD_LIBRARY_PATH",
    "DYLD_FALLBACK_LIBRARY_PATH",
    "LLVM_PROFILE_FILE",
    "RUST_BACKTRACE",
    "SSL_CERT_FILE",
    "CI",
    "KEELMARK_DEEP",
];
const GIT_CONFIG: &str = "[user]\n\tname = Ada Lovelace\n\temail = ada@example.org\n[init]\n\tdefaultBranch = main\n\
    [commit]\n\tgpgSign = false\n[gc]\n\tauto = 0\n[maintenance]\n\tauto = false\n[advice]\n\tdetachedHead = false\n";

/// A folder with a home, settings and a clock that moves a minute a call, so that order is the order of calls.
/// Going out of scope it ends the `keelmark` programs it started and checks that the real home is untouched.
#[derive(Debug)]
pub struct TestWorld {
    folder: TempDir,
    path: PathBuf,
    clock: FixedClock,
    calls: AtomicU64,
    guard: HomeGuard,
}

impl TestWorld {
    /// A world that begins on 2 March 2026.
    pub fn new() -> Self {
        let folder = tempfile::Builder::new().prefix("keelmark-test-").tempdir().expect("a scratch folder");
        let path = folder.path().canonicalize().expect("a folder that exists");
        for name in ["home", "keelmark", "temporary", "answers"] {
            fs::create_dir(path.join(name)).expect("an empty scratch folder");
        }
        fs::write(path.join("home/.gitconfig"), GIT_CONFIG).expect("a fresh home");
        let beginning = BEGINNING.parse().expect("a time in RFC 3339");
        Self {
            folder,
            path,
            clock: FixedClock::new(beginning),
            calls: AtomicU64::new(0),
            guard: HomeGuard::of_this_process(),
        }
    }

    /// The world's folder; everything a test makes lies below it.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The home folder the programs see, with a Git identity and nothing else.
    pub fn home(&self) -> PathBuf {
        self.path.join("home")
    }

    /// What `KEELMARK_HOME` is.
    pub fn keelmark_home(&self) -> PathBuf {
        self.path.join("keelmark")
    }

    /// The temporary folder the programs see: what they leave there is litter.
    pub fn temporary(&self) -> PathBuf {
        self.path.join("temporary")
    }

    /// What the clock shows.
    pub fn now(&self) -> Timestamp {
        self.clock.now()
    }

    /// Moves the clock, then tells it.
    pub fn advance(&self, seconds: i64) -> Timestamp {
        self.clock.advance(seconds);
        self.clock.now()
    }

    /// A program with this world's environment and nothing of the real one.
    pub fn command(&self, program: impl AsRef<OsStr>, folder: &Path) -> Command {
        let mut command = Command::new(program);
        command.env_clear().current_dir(folder).stdin(Stdio::null());
        for name in PASSED_ON {
            if let Some(value) = std::env::var_os(name) {
                command.env(name, value);
            }
        }
        let now = self.now().to_string();
        command
            .env("HOME", self.home())
            .env("TMPDIR", self.temporary())
            .env("TZ", "UTC")
            .env("LC_ALL", "C.UTF-8")
            .env("KEELMARK_HOME", self.keelmark_home())
            .env("KEELMARK_NOW", &now)
            .env("GIT_CONFIG_NOSYSTEM", "1")
            .env("GIT_TERMINAL_PROMPT", "0")
            .env("GIT_CEILING_DIRECTORIES", &self.path)
            .env("GIT_AUTHOR_DATE", &now)
            .env("GIT_COMMITTER_DATE", &now);
        command
    }

    /// `keelmark` with `args` in `folder`, a minute after the call before; for tests that change the call first.
    pub fn keelmark_command(&self, folder: &Path, args: &[&str]) -> Command {
        self.advance(60);
        let mut command = self.command(keelmark_path(), folder);
        command.env_remove("GIT_AUTHOR_DATE").env_remove("GIT_COMMITTER_DATE").args(args);
        command
    }

    /// Runs `keelmark` with `args` in `folder` to its end.
    #[track_caller]
    pub fn keelmark_in(&self, folder: &Path, args: &[&str]) -> Answer {
        self.finish(self.keelmark_command(folder, args))
    }

    /// Runs `keelmark` with `args` in the world's folder to its end.
    #[track_caller]
    pub fn keelmark(&self, args: &[&str]) -> Answer {
        self.keelmark_in(&self.path, args)
    }

    /// Runs `git` with `args` in `folder` to its end.
    #[track_caller]
    pub fn git(&self, folder: &Path, args: &[&str]) -> Answer {
        let mut command = self.command("git", folder);
        command.args(args);
        self.finish(command)
    }

    /// Runs a command to its end; one that hangs is killed after two minutes.
    #[track_caller]
    pub fn finish(&self, command: Command) -> Answer {
        self.start(command).wait(LIMIT)
    }

    /// Starts a command in a process group of its own.
    #[track_caller]
    pub fn start(&self, command: Command) -> Running {
        let number = self.calls.fetch_add(1, Ordering::SeqCst);
        Running::start(command, &self.path.join("answers"), number)
    }

    /// A new, empty repository in the folder `name`.
    #[track_caller]
    pub fn repo(&self, name: &str) -> TestRepo<'_> {
        TestRepo::init(self, name)
    }

    /// A repository that is there already, e.g. a clone.
    #[track_caller]
    pub fn open(&self, path: &Path) -> TestRepo<'_> {
        TestRepo::open(self, path)
    }

    /// A new bare repository, to be reached by its path.
    #[track_caller]
    pub fn bare(&self, name: &str) -> BareRemote<'_> {
        BareRemote::init(self, &self.path.join(name))
    }

    /// The `keelmark` programs of this world that still run, detached workers included. Linux only; elsewhere none.
    pub fn programs(&self) -> Vec<u32> {
        let ours = format!("KEELMARK_HOME={}", self.keelmark_home().display());
        let is_ours = |pid: &u32| {
            let program = fs::read_link(format!("/proc/{pid}/exe")).is_ok_and(|path| {
                path.file_name().is_some_and(|name| name.to_string_lossy().starts_with("keelmark"))
            });
            program
                && fs::read(format!("/proc/{pid}/environ"))
                    .is_ok_and(|all| all.split(|&byte| byte == 0).any(|entry| entry == ours.as_bytes()))
        };
        let entries = fs::read_dir("/proc").into_iter().flatten().flatten();
        entries.filter_map(|entry| entry.file_name().to_str()?.parse().ok()).filter(is_ours).collect()
    }

    /// Kills (SIGKILL) the `keelmark` programs of this world, detached workers included; says how many there were.
    pub fn kill_programs(&self) -> usize {
        let programs = self.programs();
        for &pid in &programs {
            crate::running::kill(pid);
        }
        programs.len()
    }
}

impl Default for TestWorld {
    fn default() -> Self {
        Self::new()
    }
}

impl Drop for TestWorld {
    fn drop(&mut self) {
        self.kill_programs();
        if std::env::var_os("KEELMARK_KEEP_WORLDS").is_some() {
            self.folder.disable_cleanup(true);
        }
        let changed = self.guard.changed();
        if !std::thread::panicking() {
            assert!(changed.is_empty(), "the real home was touched during the test: {changed:?}");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn programs_see_the_world_and_not_the_machine() {
        let world = TestWorld::new();
        let mut command = world.command("env", world.path());
        command.arg("-0");
        let seen = world.finish(command).ok().stdout;
        let has = |entry: &str| seen.split('\0').any(|line| line == entry);
        assert!(has(&format!("HOME={}", world.home().display())), "HOME is the world's: {seen}");
        assert!(has("KEELMARK_NOW=2026-03-02T09:30:00Z"), "the clock is the world's: {seen}");
        assert!(!seen.contains("CARGO_"), "nothing else of the real environment comes through: {seen}");
    }

    #[test]
    fn a_failing_program_is_told_with_its_output() {
        let world = TestWorld::new();
        let answer = world.git(world.path(), &["rev-parse", "HEAD"]);
        assert_eq!(answer.code, Some(128), "there is no repository here: {}", answer.told());
        assert!(answer.told().contains("not a git repository"), "the output is shown: {}", answer.told());
    }

    #[test]
    #[cfg(target_os = "linux")]
    fn a_worker_left_behind_is_found_and_killed() {
        let world = TestWorld::new();
        let worker = world.path().join("keelmark-worker");
        fs::copy("/bin/sleep", &worker).expect("a program to copy");
        let mut command = world.command("sh", world.path());
        command.args(["-c", "setsid ./keelmark-worker 60 &"]);
        world.finish(command).ok();
        let began = std::time::Instant::now();
        while world.programs().is_empty() && began.elapsed().as_secs() < 10 {
            std::thread::yield_now();
        }
        assert_eq!(world.kill_programs(), 1, "the worker outlives its parent and its group");
        while !world.programs().is_empty() && began.elapsed().as_secs() < 10 {
            std::thread::yield_now();
        }
        assert!(world.programs().is_empty(), "it is gone");
    }
}
