//! A program that runs, to be waited for or killed at a declared moment.

use std::fs::{self, File};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command};
use std::thread::sleep;
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process, kill_process_group};

use crate::Answer;

/// A started program. Its output goes to files, so that a child it leaves behind cannot hold a pipe open.
#[derive(Debug)]
pub struct Running {
    child: Child,
    command: String,
    stdout: PathBuf,
    stderr: PathBuf,
    ended: bool,
}

impl Running {
    #[track_caller]
    pub(crate) fn start(mut command: Command, folder: &Path, number: u64) -> Self {
        let stdout = folder.join(format!("{number}.out"));
        let stderr = folder.join(format!("{number}.err"));
        command.stdout(File::create(&stdout).expect("a folder for answers"));
        command.stderr(File::create(&stderr).expect("a folder for answers"));
        let shown = shown(&command);
        match command.process_group(0).spawn() {
            Ok(child) => Self { child, command: shown, stdout, stderr, ended: false },
            Err(error) => panic!("cannot start `{shown}`: {error}"),
        }
    }

    /// Its process id, which is also its group's.
    pub fn pid(&self) -> u32 {
        self.child.id()
    }

    /// What it has written to standard output so far.
    pub fn stdout_so_far(&self) -> String {
        read(&self.stdout)
    }

    /// Whether it has ended.
    pub fn has_ended(&mut self) -> bool {
        self.ended = self.ended || matches!(self.child.try_wait(), Ok(Some(_)));
        self.ended
    }

    /// Waits for its end; past `limit` it is killed and the test fails.
    #[track_caller]
    pub fn wait(mut self, limit: Duration) -> Answer {
        if self.ends_within(limit) {
            return self.answer();
        }
        self.kill_group();
        let answer = self.answer();
        panic!("still running after {limit:?}, killed: {}", answer.told());
    }

    /// Kills it and its group (SIGKILL) after `delay`, unless it ends before: look at [`Answer::was_killed`].
    pub fn kill_after(mut self, delay: Duration) -> Answer {
        if !self.ends_within(delay) {
            self.kill_group();
        }
        self.answer()
    }

    /// Kills it and its group (SIGKILL) as soon as `when` holds, unless it ends before.
    pub fn kill_when(mut self, mut when: impl FnMut() -> bool) -> Answer {
        while !self.has_ended() && !when() {
            sleep(Duration::from_millis(1));
        }
        self.kill_group();
        self.answer()
    }

    /// Asks it to stop, as Ctrl+C does.
    pub fn interrupt(&self) {
        // It may have ended by itself just now: then there is nothing to ask.
        kill_process_group(pid_of(self.child.id()), Signal::INT).ok();
    }

    fn ends_within(&mut self, limit: Duration) -> bool {
        let began = Instant::now();
        let mut pause = Duration::from_millis(1);
        while !self.has_ended() {
            let left = limit.saturating_sub(began.elapsed());
            if left.is_zero() {
                return false;
            }
            sleep(pause.min(left));
            pause = (pause * 2).min(Duration::from_millis(20));
        }
        true
    }

    fn kill_group(&mut self) {
        if !self.ended {
            kill_process_group(pid_of(self.child.id()), Signal::KILL).ok();
        }
    }

    fn answer(&mut self) -> Answer {
        let status = self.child.wait().expect("a child of ours can be waited for");
        self.ended = true;
        Answer {
            command: self.command.clone(),
            code: status.code(),
            stdout: read(&self.stdout),
            stderr: read(&self.stderr),
        }
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        if !self.has_ended() {
            self.kill_group();
            self.child.wait().ok();
        }
    }
}

/// Kills one process of ours (SIGKILL).
pub fn kill(pid: u32) {
    // One that is gone already is what was wanted.
    kill_process(pid_of(pid), Signal::KILL).ok();
}

/// The `number`th delay of a series drawn evenly from `from..=to`: as good as random, and the same every time.
pub fn delay(number: u64, from: Duration, to: Duration) -> Duration {
    let span = u64::try_from(to.saturating_sub(from).as_nanos()).unwrap_or(u64::MAX);
    from + Duration::from_nanos(crate::sample::mixed(number) % span.saturating_add(1).max(1))
}

fn pid_of(id: u32) -> Pid {
    let id = i32::try_from(id).expect("process ids are positive and small");
    Pid::from_raw(id).expect("a child's process id is not zero")
}

fn read(path: &Path) -> String {
    fs::read(path).map(|bytes| String::from_utf8_lossy(&bytes).into_owned()).unwrap_or_default()
}

fn shown(command: &Command) -> String {
    let program = Path::new(command.get_program()).file_name().unwrap_or_default().to_string_lossy();
    command.get_args().fold(program.into_owned(), |text, arg| text + " " + &arg.to_string_lossy())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::TestWorld;

    fn sleeper(world: &TestWorld) -> Running {
        let mut command = world.command("sh", world.path());
        command.args(["-c", "echo begun; sleep 30"]);
        world.start(command)
    }

    #[test]
    fn killing_leaves_what_was_written() {
        let world = TestWorld::new();
        let running = sleeper(&world);
        let seen = running.stdout.clone();
        let answer = running.kill_when(|| read(&seen) == "begun\n");
        assert!(answer.was_killed(), "a signal ended it: {}", answer.told());
        assert_eq!(answer.stdout, "begun\n", "output before the kill is kept");
    }

    #[test]
    fn a_program_that_ends_first_is_not_killed() {
        let world = TestWorld::new();
        let command = world.command("true", world.path());
        let answer = world.start(command).kill_after(Duration::from_secs(30));
        assert_eq!(answer.code, Some(0), "it ended by itself: {}", answer.told());
    }

    #[test]
    #[should_panic(expected = "still running after")]
    fn a_program_that_hangs_fails_the_test() {
        let world = TestWorld::new();
        drop(sleeper(&world).wait(Duration::from_millis(20)));
    }

    #[test]
    fn delays_stay_within_their_bounds_and_differ() {
        let (from, to) = (Duration::from_millis(5), Duration::from_millis(9));
        let all: Vec<_> = (0..50).map(|number| delay(number, from, to)).collect();
        assert!(all.iter().all(|delay| (from..=to).contains(delay)), "outside the bounds: {all:?}");
        assert!(all.windows(2).any(|pair| pair[0] != pair[1]), "all the same: {all:?}");
        assert_eq!(delay(3, to, to), to, "an empty span is its only value");
    }
}
