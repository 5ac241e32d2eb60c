//! Serves the built UI and the real backend on a loopback port, so that tests drive both in a browser.
//!
//! Place in the river: a face like the desktop shell, for tests only and never shipped. It says one JSON line,
//! `{"url": …}`, when it is ready, and ends when its standard input closes. Never here: an answer of its own.

mod door;
mod events;
mod files;

use std::io::{Read, Write};
use std::net::Ipv4Addr;
use std::path::PathBuf;

use anyhow::{Context, Result, bail, ensure};
use axum::Router;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Json, Response};
use axum::routing::{get, post};
use keelmark_api::{Code, Desk, Keelmark, OpenTarget, Problem};
use serde_json::{Value, json};
use tokio::net::TcpListener;
use tokio::sync::oneshot;

use crate::door::Door;
use crate::files::Files;

const USAGE: &str = "keelmark-loopback --ui DIR [--port NUMBER]";

/// What every answer is made from.
#[derive(Clone)]
struct Served {
    desk: Desk,
    files: Files,
}

fn main() -> Result<()> {
    let options = Options::read(std::env::args().skip(1))?;
    let own = std::env::current_exe().context("a running program has a path")?;
    let worker = own.with_file_name(format!("keelmark{}", std::env::consts::EXE_SUFFIX));
    ensure!(worker.is_file(), "{} is missing: build the package `keelmark`", worker.display());
    let files = Files::of(options.ui)?;
    let desk = Desk::start(Keelmark::from_environment(worker)?)?;

    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let ended = runtime.block_on(serve(Served { desk, files }, options.port));
    // A call that is still under way is not waited for: what must last is durable without it.
    runtime.shutdown_background();
    ended
}

async fn serve(served: Served, port: u16) -> Result<()> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, port)).await.context("cannot listen")?;
    let door = Door::at(listener.local_addr()?.port())?;
    let url = door.url();
    let router = Router::new()
        .route("/call/{name}", post(call))
        .route("/open", post(open))
        .route("/events", get(events))
        .fallback(get(file))
        .with_state(served)
        .layer(axum::middleware::from_fn_with_state(door, door::guard));
    let closed = when_input_closes()?;
    say(&json!({ "url": url }))?;
    tokio::select! {
        ended = axum::serve(listener, router) => Ok(ended?),
        _ = closed => Ok(()),
    }
}

/// Any command of the desk: 200 with its answer, or 422 with its problem.
async fn call(State(served): State<Served>, Path(name): Path<String>, Json(args): Json<Value>) -> Response {
    let done = tokio::task::spawn_blocking(move || served.desk.call(&name, args)).await;
    match done {
        Ok(Ok(answer)) => Json(answer).into_response(),
        Ok(Err(problem)) => refused(&problem),
        Err(error) => {
            let problem = Problem::new(Code::Damaged, "The backend ended without an answer");
            refused(&problem.detail(error.to_string()))
        }
    }
}

/// What a second start of the desktop app would do: ask the windows to open something.
async fn open(State(served): State<Served>, Json(target): Json<OpenTarget>) -> StatusCode {
    served.desk.ask_to_open(target);
    StatusCode::NO_CONTENT
}

async fn events(State(served): State<Served>) -> Response {
    events::stream(&served.desk)
}

async fn file(State(served): State<Served>, uri: axum::http::Uri) -> Response {
    let path = uri.path().to_owned();
    let found = tokio::task::spawn_blocking(move || served.files.answer(&path)).await;
    found.unwrap_or_else(|_| StatusCode::INTERNAL_SERVER_ERROR.into_response())
}

fn refused(problem: &Problem) -> Response {
    (StatusCode::UNPROCESSABLE_ENTITY, Json(json!({ "problem": problem }))).into_response()
}

/// Resolves when whoever started this program is gone or has closed its standard input.
fn when_input_closes() -> Result<oneshot::Receiver<()>> {
    let (sender, receiver) = oneshot::channel();
    let wait = move || {
        let mut ignored = [0; 64];
        while matches!(std::io::stdin().read(&mut ignored), Ok(count) if count > 0) {}
        // Nobody waits any more when the server has ended by itself.
        sender.send(()).ok();
    };
    std::thread::Builder::new().name("stdin".to_owned()).spawn(wait).context("cannot start a thread")?;
    Ok(receiver)
}

fn say(line: &Value) -> Result<()> {
    let mut output = std::io::stdout().lock();
    writeln!(output, "{line}").and_then(|()| output.flush()).context("nobody listens")
}

/// The command line.
struct Options {
    ui: PathBuf,
    port: u16,
}

impl Options {
    fn read(mut args: impl Iterator<Item = String>) -> Result<Self> {
        let (mut ui, mut port) = (None, 0);
        while let Some(name) = args.next() {
            let value = args.next().with_context(|| format!("`{name}` has no value: {USAGE}"))?;
            match name.as_str() {
                "--ui" => ui = Some(PathBuf::from(value)),
                "--port" => port = value.parse().with_context(|| format!("`{value}` is no port"))?,
                _ => bail!("`{name}` is not known: {USAGE}"),
            }
        }
        Ok(Self { ui: ui.context(USAGE)?, port })
    }
}
