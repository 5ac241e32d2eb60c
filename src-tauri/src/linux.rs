//! What `WebKitGTK` wants to be told.

use std::cell::Cell;

use tauri::WebviewWindow;
use webkit2gtk::{CacheModel, HardwareAccelerationPolicy, SettingsExt, WebContextExt, WebViewExt};

/// A page whose process ends is loaded again, so many times.
const MOST_RELOADS: u32 = 3;

/// Whether a display is named on which anything could be shown.
pub fn has_display() -> bool {
    let is_named = |name| std::env::var_os(name).is_some_and(|value| !value.is_empty());
    is_named("DISPLAY") || is_named("WAYLAND_DISPLAY")
}

/// A graphics card as Linux names the first one.
const FIRST_CARD: &str = "/dev/dri/renderD128";

/// What must be said before the first page: pages are drawn without buffers shared with a graphics card, which opens
/// sooner, holds less memory, and is never blank with some drivers. So it matters to nobody which card there is; being
/// told one, `WebKitGTK` does not load the drivers into this process to find out. Whoever set a variable is obeyed.
pub fn prepare() {
    for (name, value) in
        [("WEBKIT_DISABLE_DMABUF_RENDERER", "1"), ("WEBKIT_WEB_RENDER_DEVICE_FILE", FIRST_CARD)]
    {
        if let Err(error) = webkit2gtk::glib::setenv(name, value, false) {
            tracing::warn!(%error, name, "pages are drawn as WebKitGTK does by itself");
        }
    }
}

/// Settings of a page, and what becomes of it when its process ends.
pub fn tend(window: &WebviewWindow) {
    let closing = window.clone();
    let done = window.with_webview(move |webview| {
        let page = webview.inner();
        if let Some(settings) = page.settings() {
            // Tables and SVG gain nothing from a graphics card, and its buffers are a quarter of the memory.
            settings.set_hardware_acceleration_policy(HardwareAccelerationPolicy::Never);
            // What the interface has no use for: less memory, and less for hostile content to aim at.
            settings.set_enable_media(false);
            settings.set_enable_webaudio(false);
            settings.set_enable_webgl(false);
            settings.set_enable_html5_database(false);
            settings.set_enable_page_cache(false);
            settings.set_enable_dns_prefetching(false);
            settings.set_javascript_can_open_windows_automatically(false);
            // In builds for developers and tests, what a page complains of is seen on the terminal.
            settings.set_enable_write_console_messages_to_stdout(cfg!(debug_assertions));
        }
        // Pages are never revisited: each is one for as long as its window is there.
        if let Some(context) = page.context() {
            context.set_cache_model(CacheModel::DocumentViewer);
        }
        // Whoever drives the page closes the window as its user would.
        page.connect_close(move |_| {
            if let Err(error) = closing.close() {
                tracing::warn!(%error, "the window stays open");
            }
        });
        // For want of memory, say. What it showed is with the desk.
        let reloads = Cell::new(0);
        page.connect_web_process_terminated(move |page, reason| {
            tracing::error!(?reason, "the page's process ended");
            if reloads.replace(reloads.get() + 1) < MOST_RELOADS {
                page.reload();
            }
        });
    });
    if let Err(error) = done {
        tracing::warn!(%error, "the page's process is not watched");
    }
}
