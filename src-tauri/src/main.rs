//! The window: opens pages of the built interface and passes what they ask on to one [`Desk`].
//!
//! Place in the river: a face, beside the command line. Never here: a decision; whatever the window can do, the
//! `keelmark` program on a terminal can do as well.
#![cfg_attr(not(debug_assertions), windows_subsystem = "windows")]

mod arguments;
mod commands;
mod event_bridge;
#[cfg(target_os = "linux")]
mod linux;
mod log;
mod notifications;
mod telling;
mod windows;

use std::env;
use std::env::consts::EXE_SUFFIX;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use keelmark_api::{Code, Desk, Keelmark, Problem};
use tauri::{AppHandle, Manager, Wry};
use tauri_plugin_window_state::StateFlags;

use crate::arguments::Wish;
use crate::event_bridge::EventBridge;
use crate::notifications::Notifications;

/// Set for a second try to open the window.
const TRIED: &str = "KEELMARK_TRIED";

/// Where the window's own things are.
pub struct Places {
    /// What pages keep between starts.
    webview: PathBuf,
    /// Where the window was.
    window: PathBuf,
    /// What went wrong.
    log: PathBuf,
}

impl Places {
    fn below(state: &Path) -> Self {
        Self {
            webview: state.join("webview"),
            window: state.join("window.json"),
            log: log::path_below(state),
        }
    }
}

fn main() -> ExitCode {
    let folder = env::current_dir().unwrap_or_default();
    let wish = arguments::read(env::args_os().skip(1), &folder);
    if let Wish::Print(text) = wish {
        // A closed terminal leaves nobody to tell.
        writeln!(std::io::stdout(), "{text}").ok();
        return ExitCode::SUCCESS;
    }
    if let Wish::Wrong(why) = wish {
        writeln!(std::io::stderr(), "{why}\n\n{}", arguments::USAGE).ok();
        return ExitCode::from(Code::WrongUsage.exit_code());
    }
    #[cfg(target_os = "linux")]
    if !linux::has_display() {
        writeln!(std::io::stderr(), "There is no display. `keelmark` does the same on a terminal.").ok();
        return ExitCode::from(Code::Unsupported.exit_code());
    }
    if let Wish::Tell(text) = wish {
        telling::show(&text);
        return ExitCode::SUCCESS;
    }
    match run(wish) {
        Ok(code) => ExitCode::from(u8::try_from(code).unwrap_or(u8::MAX)),
        Err(problem) => {
            tracing::error!(summary = %problem.summary, detail = %problem.detail, "the window could not start");
            let code = problem.code.exit_code();
            telling::tell(&problem);
            ExitCode::from(code)
        }
    }
}

/// Shows windows until the last one is closed.
fn run(wish: Wish) -> Result<i32, Problem> {
    let keelmark = Keelmark::from_environment(worker())?;
    let places = Places::below(&keelmark_api::Places::from_environment()?.state);
    if let Err(error) = log::begin(&places.log) {
        // It is no reason not to start.
        writeln!(std::io::stderr(), "{} cannot be written: {error}", places.log.display()).ok();
    }
    telling::tell_of_panics(places.log.clone());
    #[cfg(target_os = "linux")]
    linux::prepare();

    let app = tauri::Builder::default()
        .plugin(single_instance())
        .plugin(
            tauri_plugin_window_state::Builder::new()
                .with_filename(places.window.to_string_lossy())
                .with_state_flags(StateFlags::SIZE | StateFlags::POSITION | StateFlags::MAXIMIZED)
                .with_filter(|label| label == windows::MAIN)
                .build(),
        )
        .invoke_handler(tauri::generate_handler![
            commands::call,
            commands::subscribe,
            commands::pick_folder,
            commands::pick_file,
            commands::save_file,
            commands::notify,
            commands::set_theme,
            commands::new_window,
        ])
        .build(tauri::generate_context!())
        .map_err(|error| try_again(&error))?;
    telling::windows_can_be_shown();

    let desk = Desk::start(keelmark)?;
    app.manage(EventBridge::new(desk.clone()));
    app.manage(Notifications::begin().map_err(|error| no_window(&error))?);
    app.manage(places);
    app.manage(desk);
    fulfil(app.handle(), wish).map_err(|error| no_window(&error))?;
    Ok(app.run_return(|_, _| {}))
}

/// Opens what a start asked for: the first one, or a later one that was handed over.
fn fulfil(app: &AppHandle, wish: Wish) -> tauri::Result<()> {
    let Wish::Open { target, new_window } = wish else { return Ok(()) };
    if new_window || app.webview_windows().is_empty() {
        windows::open(app)?;
    } else {
        windows::bring_forward(app);
    }
    if let Some(target) = target {
        app.state::<Desk>().ask_to_open(target);
    }
    Ok(())
}

/// A second start hands its arguments to the first and ends. Another `KEELMARK_HOME` is another Keelmark.
fn single_instance() -> tauri::plugin::TauriPlugin<Wry> {
    let heard = |app: &AppHandle, words: Vec<String>, folder: String| {
        let words = words.into_iter().skip(1).map(Into::into);
        let wish = arguments::read(words, Path::new(&folder));
        // Before the desk is there, there is nobody to hand anything to.
        if app.try_state::<Desk>().is_some()
            && let Err(error) = fulfil(app, wish)
        {
            tracing::error!(%error, "what another start asked for could not be shown");
        }
    };
    let builder = tauri_plugin_single_instance::Builder::new().callback(heard);
    match env::var_os("KEELMARK_HOME").filter(|home| !home.is_empty()) {
        Some(home) => builder.dbus_id(format!("dev.keelmark.desktop.home{:016x}", mark_of(Path::new(&home)))),
        None => builder,
    }
    .build()
}

/// The same for the same folder; no more is asked of it.
fn mark_of(folder: &Path) -> u64 {
    use std::hash::{DefaultHasher, Hash, Hasher};
    let mut hasher = DefaultHasher::new();
    std::path::absolute(folder).unwrap_or(folder.to_path_buf()).hash(&mut hasher);
    hasher.finish()
}

/// The `keelmark` program beside this one.
fn worker() -> PathBuf {
    if let Some(worker) = env::var_os("KEELMARK_WORKER").filter(|worker| !worker.is_empty()) {
        return worker.into();
    }
    let beside = env::current_exe().unwrap_or_default();
    beside.with_file_name(format!("keelmark{EXE_SUFFIX}"))
}

/// One that is just closing still has the name of the single instance, but no ear for what is handed over.
fn try_again(error: &tauri::Error) -> Problem {
    #[cfg(unix)]
    if env::var_os(TRIED).is_none()
        && let Ok(program) = env::current_exe()
    {
        tracing::warn!(%error, "it is tried once more");
        std::thread::sleep(std::time::Duration::from_secs(1));
        let mut again = std::process::Command::new(program);
        again.args(env::args_os().skip(1)).env(TRIED, "1");
        let failed = std::os::unix::process::CommandExt::exec(&mut again);
        tracing::error!(error = %failed, "it could not be tried once more");
    }
    no_window(error)
}

fn no_window(error: &dyn std::error::Error) -> Problem {
    Problem::new(Code::Unsupported, "Keelmark's window could not be opened")
        .detail(format!("{error}. Nothing was changed."))
        .hint("`keelmark` does the same on a terminal.")
}
