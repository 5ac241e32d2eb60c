//! A smart HTTP server: lighttpd in front of `git http-backend`, anonymous, pushes allowed.

use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use tempfile::TempDir;

use super::{git_in, has_program};

pub struct HttpServer {
    root: TempDir,
    port: u16,
    child: Child,
}

impl HttpServer {
    /// `None`, with a line saying so, where lighttpd is not installed.
    pub fn start() -> Option<Self> {
        Self::start_with("\"mod_setenv\", \"mod_alias\", \"mod_cgi\"", |_| String::new())
    }

    /// The same for nobody but `ada` with the password `secret`.
    pub fn start_private() -> Option<Self> {
        let modules = "\"mod_auth\", \"mod_authn_file\", \"mod_setenv\", \"mod_alias\", \"mod_cgi\"";
        Self::start_with(modules, |root| {
            let users = root.join("users");
            std::fs::write(&users, "ada:secret\n").expect("users are written");
            format!(
                "auth.backend = \"plain\"\nauth.backend.plain.userfile = \"{}\"\nauth.require = (\"\" => \
                 (\"method\" => \"basic\", \"realm\" => \"git\", \"require\" => \"valid-user\"))\n",
                users.display()
            )
        })
    }

    fn start_with(modules: &str, more: impl FnOnce(&Path) -> String) -> Option<Self> {
        if !has_program("lighttpd") {
            return None;
        }
        let root = tempfile::Builder::new().prefix("keelmark-http-").tempdir().expect("a temporary folder");
        std::fs::create_dir(root.path().join("repos")).expect("a folder");
        let port =
            TcpListener::bind("127.0.0.1:0").and_then(|free| free.local_addr()).expect("a free port").port();
        let backend = git_in(root.path(), &["--exec-path"]).trim().to_owned() + "/git-http-backend";
        let settings = format!(
            "server.document-root = \"{0}/repos\"\nserver.port = {port}\nserver.bind = \"127.0.0.1\"\n\
             server.errorlog = \"{0}/errors\"\nserver.max-request-size = 0\n\
             server.modules = ({modules})\n\
             alias.url = (\"/git\" => \"{backend}\")\ncgi.assign = (\"\" => \"\")\n\
             setenv.set-environment = (\"GIT_PROJECT_ROOT\" => \"{0}/repos\", \"GIT_HTTP_EXPORT_ALL\" => \"1\")\n",
            root.path().display()
        ) + &more(root.path());
        let file = root.path().join("settings");
        std::fs::write(&file, settings).expect("settings are written");
        let child = Command::new("lighttpd")
            .env("PATH", format!("{}:/usr/sbin", std::env::var("PATH").unwrap_or_default()))
            .arg("-D")
            .arg("-f")
            .arg(&file)
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect("lighttpd starts");
        let server = Self { root, port, child };
        for _ in 0..100 {
            if TcpStream::connect(("127.0.0.1", port)).is_ok() {
                return Some(server);
            }
            std::thread::sleep(Duration::from_millis(50));
        }
        panic!("lighttpd does not answer on port {port}");
    }

    /// Serves a bare copy of a repository, all refs included, as `name`.
    pub fn serve(&self, name: &str, source: &Path) -> String {
        let target = self.path(name);
        let target_text = target.to_str().expect("UTF-8");
        git_in(source, &["clone", "-q", "--mirror", source.to_str().expect("UTF-8"), target_text]);
        git_in(&target, &["config", "http.receivepack", "true"]);
        format!("http://127.0.0.1:{}/git/{name}", self.port)
    }

    pub fn path(&self, name: &str) -> std::path::PathBuf {
        self.root.path().join("repos").join(name)
    }
}

impl Drop for HttpServer {
    fn drop(&mut self) {
        if self.child.kill().and_then(|()| self.child.wait()).is_err() {
            println!("lighttpd had ended already");
        }
    }
}
