//! A real Git server over HTTP: `git http-backend` behind lighttpd on a loopback port.

use std::fs::{self, File};
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread::sleep;
use std::time::Duration;

use crate::{BareRemote, TestWorld};

/// What the server demands.
#[derive(Debug, Clone, Copy, Default)]
pub struct HttpOptions<'a> {
    /// User and password; nobody else may read or write.
    pub auth: Option<(&'a str, &'a str)>,
    /// A `pre-receive` hook for every repository made on the server, an executable script.
    pub pre_receive: Option<&'a str>,
}

/// The server; ends when it goes out of scope.
#[derive(Debug)]
pub struct HttpGit<'w> {
    world: &'w TestWorld,
    folder: PathBuf,
    port: u16,
    auth: Option<(String, String)>,
    pre_receive: Option<String>,
    server: Child,
}

impl<'w> HttpGit<'w> {
    /// Starts a server. `None`, with a line on standard error, where lighttpd is not installed; with `CI=true` that
    /// fails instead, so that a check is never skipped in silence.
    #[track_caller]
    pub fn start(world: &'w TestWorld, options: HttpOptions<'_>) -> Option<Self> {
        let Some(lighttpd) = find_lighttpd() else {
            missing_lighttpd();
            return None;
        };
        let made = tempfile::Builder::new().prefix("http-").disable_cleanup(true).tempdir_in(world.path());
        let folder = made.expect("the world's folder can be written").path().to_path_buf();
        for name in ["repos", "uploads"] {
            fs::create_dir_all(folder.join(name)).expect("the world's folder can be written");
        }
        for _ in 0..5 {
            let port = free_port();
            configure(world, &folder, port, options.auth);
            let mut server = serve(world, &lighttpd, &folder);
            if answers(&mut server, port) {
                let auth = options.auth.map(|(user, password)| (user.to_owned(), password.to_owned()));
                let pre_receive = options.pre_receive.map(str::to_owned);
                return Some(Self { world, folder, port, auth, pre_receive, server });
            }
            end(&mut server);
        }
        panic!("lighttpd does not answer: {}", log(&folder));
    }

    /// A new bare repository on the server, which takes pushes.
    #[track_caller]
    pub fn create(&self, name: &str) -> BareRemote<'w> {
        let remote = BareRemote::init(self.world, &self.folder.join("repos").join(format!("{name}.git")));
        remote.git(&["config", "http.receivepack", "true"]);
        if let Some(script) = &self.pre_receive {
            remote.hook("pre-receive", script);
        }
        remote
    }

    /// The address of a repository, without credentials.
    pub fn url(&self, name: &str) -> String {
        format!("http://127.0.0.1:{}/git/{name}.git", self.port)
    }

    /// The address with the user and password in it, as careless people write it.
    pub fn url_with_credentials(&self, name: &str) -> String {
        let given =
            self.auth.as_ref().map(|(user, password)| format!("{user}:{password}@")).unwrap_or_default();
        self.url(name).replacen("http://", &format!("http://{given}"), 1)
    }

    /// The port on the loopback address.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// What the server and the hooks had to say.
    pub fn log(&self) -> String {
        log(&self.folder)
    }
}

impl Drop for HttpGit<'_> {
    fn drop(&mut self) {
        end(&mut self.server);
    }
}

fn find_lighttpd() -> Option<PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let system = ["/usr/sbin", "/usr/local/sbin"].map(PathBuf::from);
    let folders = std::env::split_paths(&path).chain(system);
    folders.map(|folder| folder.join("lighttpd")).find(|program| program.is_file())
}

#[expect(clippy::print_stderr, reason = "a skipped check must be seen")]
fn missing_lighttpd() {
    let message = "lighttpd is missing, so nothing is checked over HTTP; `cargo xtask test` installs it";
    assert!(std::env::var_os("CI").is_none_or(|value| value != "true"), "{message}");
    eprintln!("skipped: {message}");
}

fn free_port() -> u16 {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("the loopback address has a free port");
    listener.local_addr().expect("a bound socket has an address").port()
}

fn configure(world: &TestWorld, folder: &Path, port: u16, auth: Option<(&str, &str)>) {
    let git = world.git(folder, &["--exec-path"]).ok();
    let (root, backend, home) = (folder.display(), format!("{}/git-http-backend", git.text()), world.home());
    let demanded = auth.map_or_else(String::new, |(user, password)| {
        fs::write(folder.join("users"), format!("{user}:{password}\n")).expect("a folder of ours");
        format!(
            "server.modules += (\"mod_auth\", \"mod_authn_file\")
auth.backend = \"plain\"
auth.backend.plain.userfile = \"{root}/users\"
auth.require = (\"\" => (\"method\" => \"basic\", \"realm\" => \"git\", \"require\" => \"valid-user\"))
"
        )
    });
    let text = format!(
        "server.document-root = \"{root}/repos\"
server.bind = \"127.0.0.1\"
server.port = {port}
server.errorlog = \"{root}/server.log\"
server.breakagelog = \"{root}/hooks.log\"
server.upload-dirs = (\"{root}/uploads\")
server.max-request-size = 0
server.modules = ()
{demanded}server.modules += (\"mod_setenv\", \"mod_alias\", \"mod_cgi\")
alias.url = (\"/git\" => \"{backend}\")
cgi.assign = (\"\" => \"\")
setenv.set-environment = (
  \"GIT_PROJECT_ROOT\" => \"{root}/repos\",
  \"GIT_HTTP_EXPORT_ALL\" => \"1\",
  \"GIT_CONFIG_NOSYSTEM\" => \"1\",
  \"HOME\" => \"{}\"
)
",
        home.display()
    );
    fs::write(folder.join("server.conf"), text).expect("a folder of ours can be written");
}

fn serve(world: &TestWorld, lighttpd: &Path, folder: &Path) -> Child {
    let output = File::create(folder.join("output.log")).expect("a folder of ours can be written");
    let mut command: Command = world.command(lighttpd, folder);
    command.arg("-D").arg("-f").arg(folder.join("server.conf")).stdout(Stdio::null()).stderr(output);
    match command.spawn() {
        Ok(child) => child,
        Err(error) => panic!("cannot start {}: {error}", lighttpd.display()),
    }
}

fn answers(server: &mut Child, port: u16) -> bool {
    for _ in 0..500 {
        if TcpStream::connect((Ipv4Addr::LOCALHOST, port)).is_ok() {
            return matches!(server.try_wait(), Ok(None));
        }
        if !matches!(server.try_wait(), Ok(None)) {
            return false;
        }
        sleep(Duration::from_millis(10));
    }
    false
}

fn end(server: &mut Child) {
    // It may have ended by itself: then both have nothing to do.
    server.kill().ok();
    server.wait().ok();
}

fn log(folder: &Path) -> String {
    let read = |name: &str| fs::read_to_string(folder.join(name)).unwrap_or_default();
    ["output.log", "server.log", "hooks.log"].map(read).concat()
}

#[cfg(test)]
mod tests {
    use super::*;

    const REFUSES: &str = "#!/bin/sh\nwhile read -r old new name; do\n  [ \"$name\" = refs/heads/protected ] && \
        { echo 'refused: protected branch' >&2; exit 1; }\ndone\nexit 0\n";

    #[test]
    fn clones_and_pushes_with_the_right_password_only() {
        let world = TestWorld::new();
        let options = HttpOptions { auth: Some(("ada", "secret")), pre_receive: Some(REFUSES) };
        let Some(server) = HttpGit::start(&world, options) else { return };
        let remote = server.create("model");
        let repo = world.repo("work");
        repo.write("a", "text");
        let head = repo.commit("First");

        let refused = world.git(repo.path(), &["push", &server.url("model"), "main"]);
        assert_ne!(refused.code, Some(0), "nobody may push without a password: {}", refused.told());
        let url = server.url_with_credentials("model");
        world.git(repo.path(), &["push", &url, "main"]).ok();
        assert_eq!(remote.tip("refs/heads/main"), Some(head.clone()), "the push arrived: {}", server.log());

        let refused = world.git(repo.path(), &["push", &url, "main:protected"]);
        assert!(refused.stderr.contains("refused: protected branch"), "the hook speaks: {}", refused.told());
        assert_eq!(remote.tip("refs/heads/protected"), None, "what the hook refuses is not there");

        world.git(world.path(), &["clone", "--quiet", &url, "copy"]).ok();
        assert_eq!(world.open(&world.path().join("copy")).head(), head, "the clone is the same commit");
        remote.fsck();
    }

    #[test]
    fn a_server_without_a_password_takes_anybody_and_ends_with_its_scope() {
        let world = TestWorld::new();
        let Some(server) = HttpGit::start(&world, HttpOptions::default()) else { return };
        let port = server.port();
        let remote = server.create("model");
        let repo = world.repo("work");
        let head = repo.commit("First");
        world.git(repo.path(), &["push", &server.url("model"), "main"]).ok();
        assert_eq!(remote.tip("refs/heads/main"), Some(head), "the push arrived: {}", server.log());
        drop(server);
        assert!(TcpStream::connect((Ipv4Addr::LOCALHOST, port)).is_err(), "the port is closed again");
    }
}
