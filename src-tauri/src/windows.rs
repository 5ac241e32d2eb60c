//! The windows: how they are made, shown and kept to our own pages.

use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use keelmark_api::{Desk, Settings, ThemeChoice};
use serde_json::{Value, json};
use tauri::webview::{Color, NewWindowResponse, PageLoadEvent};
use tauri::{
    AppHandle, DragDropEvent, Manager, Theme, Url, WebviewUrl, WebviewWindow, WebviewWindowBuilder,
    WindowEvent,
};

use crate::Places;
use crate::event_bridge::EventBridge;

/// The first window, whose place and size are remembered.
pub const MAIN: &str = "main";
/// A page that has not come by then is shown as it is.
const LONGEST_WAIT: Duration = Duration::from_secs(5);
const TOKENS: &str = include_str!("../../assets/tokens.json");

static NEXT: AtomicU32 = AtomicU32::new(2);

/// Opens a window: the main one where it is not there, else a further one.
pub fn open(app: &AppHandle) -> tauri::Result<WebviewWindow> {
    let is_first = app.get_webview_window(MAIN).is_none();
    let label =
        if is_first { MAIN.to_owned() } else { format!("window-{}", NEXT.fetch_add(1, Ordering::Relaxed)) };
    let bridge = app.state::<EventBridge>().inner().clone();
    let theme = chosen_theme(app);
    let pages = bridge.clone();
    let window = WebviewWindowBuilder::new(app, &label, WebviewUrl::App("index.html".into()))
        .title("Keelmark")
        .inner_size(1180.0, 780.0)
        .min_inner_size(640.0, 480.0)
        .visible(false)
        .theme(theme)
        .background_color(ground(theme.unwrap_or(Theme::Light)))
        .data_directory(app.state::<Places>().webview.clone())
        .zoom_hotkeys_enabled(true)
        .devtools(cfg!(debug_assertions))
        .on_navigation(is_ours)
        .on_new_window(|_, _| NewWindowResponse::Deny)
        .on_download(|_, _| false)
        .on_document_title_changed(|window, title| {
            log_failure(window.set_title(&title), "the window could not be named");
        })
        .on_page_load(move |window, load| match load.event() {
            PageLoadEvent::Started => pages.turn_page(window.label()),
            PageLoadEvent::Finished => show(&window),
        })
        .build()?;
    paint_ground(&window);
    hear(&window, bridge);
    show_anyway(&window);
    #[cfg(target_os = "linux")]
    crate::linux::tend(&window);
    Ok(window)
}

/// Brings forward the window that was opened last.
pub fn bring_forward(app: &AppHandle) {
    let windows = app.webview_windows();
    let newest = windows.values().max_by_key(|window| {
        window.label().rsplit('-').next().and_then(|number| number.parse::<u32>().ok()).unwrap_or(0)
    });
    if let Some(window) = newest {
        let done = window.unminimize().and_then(|()| window.show()).and_then(|()| window.set_focus());
        log_failure(done, "the window could not be brought forward");
    }
}

/// Paints what is behind the pages by the look they have now.
pub fn paint_grounds(app: &AppHandle) {
    app.webview_windows().values().for_each(paint_ground);
}

fn paint_ground(window: &WebviewWindow) {
    let theme = window.theme().unwrap_or(Theme::Light);
    log_failure(window.set_background_color(Some(ground(theme))), "the window could not be painted");
}

/// Only our own pages: a link in one leads nowhere else.
fn is_ours(url: &Url) -> bool {
    let is_local = matches!((url.scheme(), url.host_str()), ("http" | "https", Some("tauri.localhost")));
    let is_development = cfg!(not(feature = "custom-protocol")) && url.host_str() == Some("127.0.0.1");
    url.scheme() == "tauri" || is_local || is_development
}

fn hear(window: &WebviewWindow, bridge: EventBridge) {
    let label = window.label().to_owned();
    window.on_window_event(move |event| match event {
        WindowEvent::DragDrop(DragDropEvent::Drop { paths, .. }) => bridge.drop_on(&label, paths.clone()),
        WindowEvent::Destroyed => bridge.forget(&label),
        _ => {}
    });
}

/// A window is shown once its page is there, so that nobody looks at an empty one.
fn show(window: &WebviewWindow) {
    if !window.is_visible().unwrap_or(false) {
        log_failure(window.show().and_then(|()| window.set_focus()), "the window could not be shown");
    }
}

fn show_anyway(window: &WebviewWindow) {
    let window = window.clone();
    let wait = move || {
        std::thread::sleep(LONGEST_WAIT);
        if !window.is_visible().unwrap_or(true) {
            tracing::error!("the page has not come; the window is shown without it");
            show(&window);
        }
    };
    let begun = std::thread::Builder::new().name("keelmark-show".to_owned()).spawn(wait);
    if let Err(error) = begun {
        tracing::warn!(%error, "nobody looks whether the page comes");
    }
}

/// The look that the user chose; none follows the system.
fn chosen_theme(app: &AppHandle) -> Option<Theme> {
    let answer = app.state::<Desk>().call("settings", json!({})).ok()?;
    match serde_json::from_value::<Settings>(answer).ok()?.theme {
        ThemeChoice::Light => Some(Theme::Light),
        ThemeChoice::Dark => Some(Theme::Dark),
        ThemeChoice::System | ThemeChoice::Contrast => None,
    }
}

/// The colour behind the pages, as the tokens have it.
fn ground(theme: Theme) -> Color {
    let name = if theme == Theme::Dark { "dark" } else { "light" };
    let tokens: Value = serde_json::from_str(TOKENS).unwrap_or_default();
    let colour = tokens["color"]["canvas"][name].as_str().and_then(|colour| colour.parse().ok());
    colour.unwrap_or(Color(u8::MAX, u8::MAX, u8::MAX, u8::MAX))
}

fn log_failure(done: tauri::Result<()>, what: &str) {
    if let Err(error) = done {
        tracing::warn!(%error, "{what}");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_ground_is_the_canvas() {
        assert_ne!(ground(Theme::Light), ground(Theme::Dark));
        let Color(red, green, blue, alpha) = ground(Theme::Dark);
        assert!(red < 40 && green < 40 && blue < 60, "a dark canvas is dark");
        assert_eq!(alpha, u8::MAX, "nothing shines through");
    }

    #[test]
    fn only_our_own_pages_are_shown() {
        let is_shown = |url: &str| is_ours(&Url::parse(url).expect("a URL"));
        assert!(is_shown("tauri://localhost/index.html#/settings"));
        assert!(is_shown("http://tauri.localhost/"), "as Windows has it");
        for other in ["https://example.org/", "http://127.0.0.1:5173/", "file:///etc/passwd", "about:blank"] {
            assert!(!is_shown(other), "{other} is not ours");
        }
    }
}
