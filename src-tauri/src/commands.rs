//! What a page may ask of the program. Each is passed on; nothing is decided here.
#![expect(
    clippy::let_underscore_must_use,
    reason = "tauri's macro for commands writes it into the code it makes"
)]

use std::io::{self, Write};
use std::path::{Path, PathBuf};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use keelmark_api::{Code, Desk, DeskEvent, Problem};
use rfd::{AsyncFileDialog, FileHandle};
use serde::Deserialize;
use serde_json::Value;
use tauri::ipc::Channel;
use tauri::{AppHandle, Manager, State, Theme, WebviewWindow};

use crate::event_bridge::EventBridge;
use crate::notifications::Notifications;
use crate::windows;

/// Asks the desk.
#[tauri::command]
pub async fn call(desk: State<'_, Desk>, name: String, args: Value) -> Result<Value, Problem> {
    let desk = desk.inner().clone();
    blocking(move || desk.call(&name, args)).await
}

/// Has the page told of every event from now on; first of every task as it stands.
#[tauri::command]
pub async fn subscribe(
    window: WebviewWindow,
    bridge: State<'_, EventBridge>,
    channel: Channel<DeskEvent>,
) -> Result<(), Problem> {
    bridge.carry(window.label(), channel);
    Ok(())
}

/// Lets the user choose a folder; none where they changed their mind.
#[tauri::command]
pub async fn pick_folder(window: WebviewWindow, title: String) -> Result<Option<String>, Problem> {
    let picked = dialog(&window, move |dialog| dialog.set_title(title).pick_folder()).await?;
    picked.map(|folder| text_of(folder.path())).transpose()
}

/// Lets the user choose a file whose name ends in one of `endings`; any where there are none.
#[tauri::command]
pub async fn pick_file(
    window: WebviewWindow,
    title: String,
    endings: Vec<String>,
) -> Result<Option<String>, Problem> {
    let picked = dialog(&window, move |dialog| {
        let dialog = dialog.set_title(title);
        let dialog =
            if endings.is_empty() { dialog } else { dialog.add_filter(endings.join(", "), &endings) };
        dialog.pick_file()
    })
    .await?;
    picked.map(|file| text_of(file.path())).transpose()
}

/// A file as the desk exports it.
#[derive(Deserialize)]
pub struct File {
    name: String,
    base64: String,
}

/// Lets the user say where a file goes and writes it there, whole or not at all; none where they changed their mind.
#[tauri::command]
pub async fn save_file(window: WebviewWindow, file: File) -> Result<Option<String>, Problem> {
    let bytes = STANDARD.decode(&file.base64).map_err(|error| {
        Problem::new(Code::InvalidRequest, format!("The file to save did not arrive whole: {error}"))
            .detail("Nothing was written.")
    })?;
    // Only a name: where it goes is for the user to say.
    let name = Path::new(&file.name).file_name().unwrap_or_default().to_string_lossy().into_owned();
    let picked = dialog(&window, move |dialog| dialog.set_file_name(name).save_file()).await?;
    let Some(place) = picked.map(|file| file.path().to_path_buf()) else { return Ok(None) };
    let path = text_of(&place)?;
    blocking(move || {
        write_whole(&place, &bytes).map_err(|error| {
            Problem::new(Code::Storage, format!("{} cannot be written: {error}", place.display()))
                .detail("A file that was there before is as it was.")
                .hint("Choose another place, or make room.")
        })
    })
    .await?;
    Ok(Some(path))
}

/// Shows a notification of the system, unless the user is looking at one of our windows.
#[tauri::command]
pub async fn notify(
    app: AppHandle,
    notifications: State<'_, Notifications>,
    title: String,
    body: String,
) -> Result<(), Problem> {
    let is_looking = |window: &WebviewWindow| window.is_focused().unwrap_or(false);
    if !app.webview_windows().values().any(is_looking) {
        notifications.show(&title, &body);
    }
    Ok(())
}

/// The look of the windows' frames; none follows the system.
#[tauri::command]
pub async fn set_theme(app: AppHandle, theme: Option<Theme>) -> Result<(), Problem> {
    app.set_theme(theme);
    windows::paint_grounds(&app);
    Ok(())
}

/// Opens a further window.
#[tauri::command]
pub async fn new_window(app: AppHandle) -> Result<(), Problem> {
    windows::open(&app).map(drop).map_err(|error| {
        Problem::new(Code::Unsupported, format!("No further window could be opened: {error}"))
            .detail("Nothing was changed.")
    })
}

/// Does what blocks on a thread that may be blocked.
async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, Problem> + Send + 'static,
) -> Result<T, Problem> {
    let done = tauri::async_runtime::spawn_blocking(work).await;
    done.unwrap_or_else(|error| {
        tracing::error!(%error, "a request was not answered");
        Err(Problem::new(Code::WorkerLost, "The program stumbled over this request")
            .detail("What was recorded before is whole. The log says more.")
            .hint("Try again; if it goes on, close and reopen Keelmark."))
    })
}

/// Dialogs begin on the main thread, as some systems demand, and are waited for elsewhere.
async fn dialog<F>(
    window: &WebviewWindow,
    begin: impl FnOnce(AsyncFileDialog) -> F + Send + 'static,
) -> Result<Option<FileHandle>, Problem>
where
    F: Future<Output = Option<FileHandle>> + Send + 'static,
{
    let failed = |error: String| {
        Problem::new(Code::Unsupported, format!("The system shows no dialog: {error}"))
            .detail("Nothing was changed.")
    };
    let (tell, told) = std::sync::mpsc::sync_channel(1);
    let parent = window.clone();
    let passed_on = window.run_on_main_thread(move || {
        // Where nobody waits any more, the dialog is dropped.
        tell.send(begin(AsyncFileDialog::new().set_parent(&parent))).ok();
    });
    passed_on.map_err(|error| failed(error.to_string()))?;
    let dialog = blocking(move || told.recv().map_err(|error| failed(error.to_string()))).await?;
    Ok(dialog.await)
}

fn text_of(path: &Path) -> Result<String, Problem> {
    path.to_str().map(str::to_owned).ok_or_else(|| {
        Problem::new(Code::InvalidRequest, format!("The name {} is no Unicode", path.display()))
            .detail("Nothing was changed.")
            .hint("Rename it, or open it from the command line.")
    })
}

/// Writes beside the place and moves there, so that nobody sees half a file.
fn write_whole(place: &PathBuf, bytes: &[u8]) -> io::Result<()> {
    let folder = place.parent().unwrap_or(Path::new("."));
    let mut builder = tempfile::Builder::new();
    builder.prefix(".keelmark-");
    #[cfg(unix)]
    builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o666));
    let mut file = builder.tempfile_in(folder)?;
    file.write_all(bytes)?;
    file.as_file().sync_all()?;
    file.persist(place)?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_saved_file_is_whole_and_alone() {
        let folder = tempfile::tempdir().expect("a folder");
        let place = folder.path().join("chart.svg");
        std::fs::write(&place, "a longer text that was there before").expect("a file in it");
        write_whole(&place, b"<svg/>").expect("the folder can be written to");
        assert_eq!(std::fs::read(&place).expect("it is there"), b"<svg/>");
        assert_eq!(
            std::fs::read_dir(folder.path()).expect("a folder").count(),
            1,
            "nothing is left beside it"
        );
        assert!(write_whole(&folder.path().join("none/chart.svg"), b"").is_err(), "its folder must be there");
    }

    #[test]
    fn a_saved_file_is_as_open_as_others() {
        use std::os::unix::fs::PermissionsExt;
        let folder = tempfile::tempdir().expect("a folder");
        let (ours, other) = (folder.path().join("ours"), folder.path().join("other"));
        write_whole(&ours, b"").expect("the folder can be written to");
        std::fs::write(&other, "").expect("a file in it");
        let mode = |path: &Path| std::fs::metadata(path).expect("it is there").permissions().mode();
        assert_eq!(mode(&ours), mode(&other), "a temporary file's own mode would keep colleagues out");
    }
}
