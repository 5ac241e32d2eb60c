//! The one way the git program is run: fixed arguments, a clean environment, no command named by a repository.

use std::ffi::{OsStr, OsString};
use std::io::{Read, Write};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{Receiver, sync_channel};
use std::time::{Duration, Instant};

use keelmark_types::Stop;

use crate::{Error, Result};

/// The most of its output that is kept.
const KEPT_OUTPUT_BYTES: u64 = 256 << 20;
/// How long a local question may take.
const LOCAL_LIMIT: Duration = Duration::from_mins(2);
/// How long the pipes may stay open once git has ended.
const PIPE_LIMIT: Duration = Duration::from_secs(2);

/// What of our environment git may see, besides `XDG_*`, `GIT_AUTHOR_*` and `GIT_COMMITTER_*`.
const KEPT_VARIABLES: [&str; 23] = [
    "PATH",
    "HOME",
    "USER",
    "LOGNAME",
    "TMPDIR",
    "TZ",
    "SSH_AUTH_SOCK",
    "SSL_CERT_FILE",
    "SSL_CERT_DIR",
    "GIT_SSL_CAINFO",
    "GIT_CONFIG_GLOBAL",
    "GIT_CONFIG_SYSTEM",
    "GIT_CONFIG_NOSYSTEM",
    "http_proxy",
    "https_proxy",
    "HTTPS_PROXY",
    "all_proxy",
    "ALL_PROXY",
    "no_proxy",
    "NO_PROXY",
    "SystemRoot",
    "APPDATA",
    "USERPROFILE",
];

/// Which repository, if any, git works in.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Place<'a> {
    /// The user's: its configuration is read, but names no command that runs. The network is shut.
    Repository { git_dir: &'a Path, work_dir: Option<&'a Path> },
    /// A bare one of our own: only the user's global configuration counts. The network is open.
    Control(&'a Path),
}

/// A call of git that is being put together.
pub(crate) struct Git {
    command: Command,
    program_arguments: Vec<OsString>,
    stdin: Vec<u8>,
    limit: Duration,
    stop: Option<Stop>,
}

/// How a call ended.
pub(crate) enum Ended {
    /// By itself.
    Exited(Output),
    /// It was killed because it took longer than its limit.
    TimedOut,
    /// It was killed because stopping was asked for.
    Stopped,
}

/// What a call said.
#[derive(Debug)]
pub(crate) struct Output {
    pub(crate) success: bool,
    pub(crate) stdout: Vec<u8>,
    pub(crate) stderr: String,
}

impl Git {
    /// `git SUBCOMMAND` in a place.
    pub(crate) fn new(place: Place<'_>, subcommand: &str) -> Self {
        let mut command = Command::new("git");
        command.env_clear().process_group(0);
        for (name, value) in std::env::vars_os() {
            if is_kept(&name) {
                command.env(name, value);
            }
        }
        let protocols = if matches!(place, Place::Control(_)) { "file:git:http:https:ssh" } else { "none" };
        for (name, value) in [
            ("GIT_TERMINAL_PROMPT", "0"),
            ("GIT_OPTIONAL_LOCKS", "0"),
            ("GIT_NO_REPLACE_OBJECTS", "1"),
            ("GIT_NO_LAZY_FETCH", "1"),
            ("GIT_ALLOW_PROTOCOL", protocols),
            ("GIT_ASKPASS", "false"),
            ("SSH_ASKPASS", "false"),
            ("SSH_ASKPASS_REQUIRE", "force"),
            ("LC_ALL", "C"),
        ] {
            command.env(name, value);
        }
        command.args(["-c", "core.hooksPath=/dev/null", "-c", "core.fsmonitor=false"]);
        command.args(["-c", "core.fsync=all", "-c", "core.fsyncMethod=fsync"]);
        match place {
            Place::Repository { git_dir, work_dir } => {
                command.arg(joined("--git-dir=", git_dir)).current_dir(work_dir.unwrap_or(git_dir));
                if let Some(work_dir) = work_dir {
                    command.arg(joined("--work-tree=", work_dir));
                }
            }
            Place::Control(git_dir) => {
                command.arg(joined("--git-dir=", git_dir)).current_dir(git_dir);
            }
        }
        Self {
            command,
            program_arguments: vec![subcommand.into()],
            stdin: Vec::new(),
            limit: LOCAL_LIMIT,
            stop: None,
        }
    }

    /// One setting, `section.key=value`.
    pub(crate) fn config(mut self, setting: &str) -> Self {
        self.command.args(["-c", setting]);
        self
    }

    pub(crate) fn arg(mut self, argument: impl AsRef<OsStr>) -> Self {
        self.program_arguments.push(argument.as_ref().to_owned());
        self
    }

    pub(crate) fn args<A: AsRef<OsStr>>(mut self, arguments: impl IntoIterator<Item = A>) -> Self {
        self.program_arguments.extend(arguments.into_iter().map(|argument| argument.as_ref().to_owned()));
        self
    }

    pub(crate) fn env(mut self, name: &str, value: impl AsRef<OsStr>) -> Self {
        self.command.env(name, value);
        self
    }

    pub(crate) fn stdin(mut self, bytes: Vec<u8>) -> Self {
        self.stdin = bytes;
        self
    }

    pub(crate) fn limit(mut self, limit: Duration) -> Self {
        self.limit = limit;
        self
    }

    pub(crate) fn stop(mut self, stop: &Stop) -> Self {
        self.stop = Some(stop.clone());
        self
    }

    /// Runs it; one that cannot be stopped and takes too long is an error.
    pub(crate) fn output(self) -> Result<Output> {
        let name = self.name();
        match self.run()? {
            Ended::Exited(output) => Ok(output),
            Ended::TimedOut | Ended::Stopped => Err(Error::Unreachable {
                what: name,
                why: "git did not end within its time limit and was killed".to_owned(),
            }),
        }
    }

    /// Runs it with its whole process group killed at the limit or when stopping is asked for.
    pub(crate) fn run(mut self) -> Result<Ended> {
        let name = self.name();
        self.command.args(&self.program_arguments);
        self.command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = self.command.spawn().map_err(|error| match error.kind() {
            std::io::ErrorKind::NotFound => Error::Unsupported {
                what: "a machine without the git program".to_owned(),
                why: "install git and see that it is on the PATH".to_owned(),
            },
            _ => Error::storage("starting git", &PathBuf::from(&name), error),
        })?;
        let stdout = child.stdout.take().map(|pipe| drain("git-stdout", pipe));
        let stderr = child.stderr.take().map(|pipe| drain("git-stderr", pipe));
        if let Some(pipe) = child.stdin.take() {
            feed(pipe, std::mem::take(&mut self.stdin));
        }
        let ended = wait(&mut child, self.limit, self.stop.as_ref())
            .map_err(|error| Error::storage("waiting for git", &PathBuf::from(&name), error))?;
        let collect = |receiver: Option<Receiver<Vec<u8>>>, child: &Child| {
            let receiver = receiver?;
            receiver.recv_timeout(PIPE_LIMIT).ok().or_else(|| {
                kill_group(child);
                receiver.recv_timeout(PIPE_LIMIT).ok()
            })
        };
        let stdout = collect(stdout, &child).unwrap_or_default();
        let stderr = String::from_utf8_lossy(&collect(stderr, &child).unwrap_or_default()).into_owned();
        tracing::debug!(call = %name, stderr = %stderr.trim(), "git ended");
        Ok(match ended {
            Waited::Exited(success) => Ended::Exited(Output { success, stdout, stderr }),
            Waited::TimedOut => Ended::TimedOut,
            Waited::Stopped => Ended::Stopped,
        })
    }

    fn name(&self) -> String {
        format!(
            "git {}",
            self.program_arguments.first().map_or_else(String::new, |a| a.display().to_string())
        )
    }
}

fn is_kept(name: &OsStr) -> bool {
    name.to_str().is_some_and(|name| {
        KEPT_VARIABLES.contains(&name)
            || ["XDG_", "GIT_AUTHOR_", "GIT_COMMITTER_"].iter().any(|prefix| name.starts_with(prefix))
    })
}

fn joined(option: &str, path: &Path) -> OsString {
    let mut text = OsString::from(option);
    text.push(path);
    text
}

enum Waited {
    Exited(bool),
    TimedOut,
    Stopped,
}

fn wait(child: &mut Child, limit: Duration, stop: Option<&Stop>) -> std::io::Result<Waited> {
    let deadline = Instant::now() + limit;
    let mut pause = Duration::from_micros(500);
    loop {
        if let Some(status) = child.try_wait()? {
            return Ok(Waited::Exited(status.success()));
        }
        let stopped = stop.is_some_and(Stop::is_raised);
        if stopped || Instant::now() >= deadline {
            kill_group(child);
            child.wait()?;
            return Ok(if stopped { Waited::Stopped } else { Waited::TimedOut });
        }
        std::thread::sleep(pause);
        pause = (pause * 2).min(Duration::from_millis(20));
    }
}

/// Kills git and everything it started. Git was made the leader of a group of its own.
fn kill_group(child: &Child) {
    if let Some(pid) = i32::try_from(child.id()).ok().and_then(rustix::process::Pid::from_raw)
        && let Err(error) = rustix::process::kill_process_group(pid, rustix::process::Signal::KILL)
    {
        tracing::debug!(%error, "the process group had ended already");
    }
}

fn drain(name: &str, mut pipe: impl Read + Send + 'static) -> Receiver<Vec<u8>> {
    let (sender, receiver) = sync_channel(1);
    let work = move || {
        let mut kept = Vec::new();
        let read = pipe.by_ref().take(KEPT_OUTPUT_BYTES).read_to_end(&mut kept);
        let rest = std::io::copy(&mut pipe, &mut std::io::sink());
        if let Some(error) = read.err().or(rest.err()) {
            tracing::debug!(%error, "a pipe from git broke");
        }
        if sender.send(kept).is_err() {
            tracing::debug!("nobody waits for the output of git any more");
        }
    };
    if let Err(error) = std::thread::Builder::new().name(name.to_owned()).spawn(work) {
        tracing::warn!(%error, "no thread to read the output of git");
    }
    receiver
}

fn feed(mut pipe: impl Write + Send + 'static, bytes: Vec<u8>) {
    if bytes.is_empty() {
        return;
    }
    let work = move || {
        if let Err(error) = pipe.write_all(&bytes) {
            tracing::debug!(%error, "git did not read all of its input");
        }
    };
    if let Err(error) = std::thread::Builder::new().name("git-stdin".to_owned()).spawn(work) {
        tracing::warn!(%error, "no thread to feed git");
    }
}
