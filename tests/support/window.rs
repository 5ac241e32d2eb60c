//! A window's side of the backend, without a window: commands by name over the loopback server, and what it is told.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpStream, ToSocketAddrs};
use std::path::Path;
use std::process::{Child, Stdio};
use std::sync::mpsc::{Receiver, RecvTimeoutError, sync_channel};
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::{TestWorld, keelmark_path};

/// What is not answered by then has hung.
const LIMIT: Duration = Duration::from_mins(2);

/// A running backend with the commands of the window. It ends with the value.
#[derive(Debug)]
pub struct Window {
    child: Child,
    address: String,
    token: String,
}

impl Window {
    /// Starts the loopback server at `program` in a world, with the real time.
    pub fn open(world: &TestWorld, program: &Path) -> Self {
        let beside = keelmark_path().with_file_name(program.file_name().expect("a program has a name"));
        assert_eq!(beside, program, "the worker lies beside the server");
        let ui = world.path().join("ui");
        std::fs::create_dir_all(&ui).expect("an empty folder instead of the built interface");
        std::fs::write(ui.join("index.html"), "<!doctype html><title>none</title>").expect("a page");
        let mut command = world.command(program, world.path());
        command.env_remove("KEELMARK_NOW").arg("--ui").arg(&ui);
        let mut child =
            command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().expect("the loopback server starts");
        let mut line = String::new();
        let output = child.stdout.take().expect("a piped output");
        BufReader::new(output).read_line(&mut line).expect("the server says where it is");
        let said: Value = serde_json::from_str(&line).expect("one JSON line");
        let url = said["url"].as_str().expect("a URL");
        let (address, token) = url
            .strip_prefix("http://")
            .and_then(|rest| rest.split_once("/?token="))
            .expect("an address with a token");
        Self { child, address: address.to_owned(), token: token.to_owned() }
    }

    /// A command's answer.
    #[track_caller]
    pub fn call(&self, name: &str, args: &Value) -> Value {
        match self.ask(name, args) {
            Ok(answer) => answer,
            Err(problem) => panic!("{name} {args} was refused: {problem:#}"),
        }
    }

    /// A command's problem.
    #[track_caller]
    pub fn refused(&self, name: &str, args: &Value) -> Value {
        match self.ask(name, args) {
            Ok(answer) => panic!("{name} {args} was not refused: {answer:#}"),
            Err(problem) => problem,
        }
    }

    /// A command's answer, or its problem.
    #[track_caller]
    pub fn ask(&self, name: &str, args: &Value) -> Result<Value, Value> {
        let (status, body) = self.exchange("POST", &format!("/call/{name}"), &args.to_string());
        let value: Value = serde_json::from_str(&body).unwrap_or(Value::Null);
        match status {
            200 => Ok(value),
            422 => Err(value["problem"].clone()),
            other => panic!("{name} was answered with status {other}: {body}"),
        }
    }

    /// Starts a task and gives its answer once it is done.
    #[track_caller]
    pub fn task(&self, name: &str, args: &Value) -> Value {
        let task = self.call(name, args);
        let ended = self.until("the task ends", || {
            let tasks = self.call("tasks", &json!({}));
            let found = tasks.as_array().into_iter().flatten().find(|found| found["task"] == task).cloned();
            found.filter(|found| found["state"] != "running")
        });
        assert_eq!(ended["state"], "done", "the task goes well: {ended:#}");
        ended["answer"].clone()
    }

    /// Asks again and again until there is an answer.
    #[track_caller]
    pub fn until<T>(&self, what: &str, ask: impl Fn() -> Option<T>) -> T {
        let begun = Instant::now();
        loop {
            if let Some(found) = ask() {
                return found;
            }
            assert!(begun.elapsed() < LIMIT, "waited in vain until {what}");
            std::thread::sleep(Duration::from_millis(50));
        }
    }

    /// Opens a repository and gives its id.
    #[track_caller]
    pub fn repo(&self, folder: &Path) -> String {
        let info = self.call("open_folder", &json!({ "path": folder }));
        info["repo"].as_str().expect("an id").to_owned()
    }

    /// Listens from now on.
    pub fn listen(&self) -> Heard {
        let stream = self.connect();
        let request = format!("GET /events?token={} HTTP/1.1\r\nHost: {}\r\n\r\n", self.token, self.address);
        (&stream).write_all(request.as_bytes()).expect("the server reads");
        let mut lines = BufReader::new(stream);
        let mut line = String::new();
        // The head comes once the server has subscribed: what happens after is heard.
        while line != "\r\n" {
            line.clear();
            lines.read_line(&mut line).expect("the head of the answer");
        }
        let (sender, receiver) = sync_channel(10_000);
        let read = move || {
            for line in lines.lines().map_while(Result::ok) {
                let event = line.strip_prefix("data:").map(|data| serde_json::from_str(data.trim()));
                if let Some(Ok(event)) = event
                    && sender.send(event).is_err()
                {
                    return;
                }
            }
        };
        std::thread::Builder::new().name("events".to_owned()).spawn(read).expect("a thread");
        Heard(receiver)
    }

    fn connect(&self) -> TcpStream {
        let address = self.address.to_socket_addrs().expect("an address").next().expect("one");
        let stream = TcpStream::connect_timeout(&address, LIMIT).expect("the server is there");
        stream.set_read_timeout(Some(LIMIT)).expect("a time limit");
        stream
    }

    fn exchange(&self, method: &str, path: &str, body: &str) -> (u16, String) {
        let mut stream = self.connect();
        let request = format!(
            "{method} {path}?token={} HTTP/1.1\r\nHost: {}\r\nContent-Type: application/json\r\n\
             Content-Length: {}\r\nConnection: close\r\n\r\n{body}",
            self.token,
            self.address,
            body.len()
        );
        stream.write_all(request.as_bytes()).expect("the server reads");
        let mut answer = String::new();
        stream.read_to_string(&mut answer).expect("the server answers");
        let (head, body) = answer.split_once("\r\n\r\n").unwrap_or((&answer, ""));
        let status = head.split(' ').nth(1).and_then(|code| code.parse().ok()).unwrap_or(0);
        (status, body.to_owned())
    }
}

impl Drop for Window {
    fn drop(&mut self) {
        drop(self.child.stdin.take());
        self.child.wait().ok();
    }
}

/// What the backend tells, in order.
#[derive(Debug)]
pub struct Heard(Receiver<Value>);

impl Heard {
    /// The next event that fits.
    #[track_caller]
    pub fn wait_for(&self, what: &str, fits: impl Fn(&Value) -> bool) -> Value {
        let begun = Instant::now();
        loop {
            match self.0.recv_timeout(LIMIT.saturating_sub(begun.elapsed())) {
                Ok(event) if fits(&event) => return event,
                Ok(_) => {}
                Err(RecvTimeoutError::Timeout) => panic!("waited in vain for {what}"),
                Err(RecvTimeoutError::Disconnected) => panic!("the server is gone; {what} never came"),
            }
        }
    }

    /// That something of a repository may be out of date.
    #[track_caller]
    pub fn wait_for_fresh(&self, repo: &str, tag: &str) {
        self.wait_for(&format!("news of {tag}"), |event| {
            event["event"] == "fresh"
                && event["repo"] == repo
                && event["tags"].as_array().into_iter().flatten().any(|found| found == tag)
        });
    }
}
