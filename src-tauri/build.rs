//! Writes the permissions of the window's commands, and embeds the built interface.

use std::fs;
use std::path::Path;

/// What the page may ask for. `capabilities/main.json` grants each by its name.
const COMMANDS: [&str; 8] =
    ["call", "subscribe", "pick_folder", "pick_file", "save_file", "notify", "set_theme", "new_window"];

const INTERFACE: &str = "../ui/dist";

/// What the window shows where the interface has not been built.
const NOT_BUILT: &str = "<!doctype html><title>Keelmark</title>\
<p>The interface is not built yet: <code>cargo xtask run</code> builds it, \
or <code>npm ci && npm run build</code> in the folder <code>ui</code>.</p>";

fn main() -> Result<(), String> {
    let interface = Path::new(INTERFACE);
    if !interface.join("index.html").exists() {
        fs::create_dir_all(interface)
            .and_then(|()| fs::write(interface.join("index.html"), NOT_BUILT))
            .map_err(|error| format!("cannot write to {INTERFACE}: {error}"))?;
    }
    println!("cargo:rerun-if-changed={INTERFACE}");
    let manifest = tauri_build::AppManifest::new().commands(&COMMANDS);
    let attributes = tauri_build::Attributes::new().app_manifest(manifest);
    tauri_build::try_build(attributes).map_err(|error| format!("{error:#}"))
}
