//! `cargo xtask icons`: every icon is drawn from the one picture.

use std::fs;

use anyhow::{Context, Result};

use crate::interface;
use crate::shell::{root, show_and_run};

/// Those that packages take; the tool draws many more, for telephones.
const ICONS: [&str; 6] = ["32x32.png", "128x128.png", "128x128@2x.png", "icon.png", "icon.icns", "icon.ico"];

/// Draws them anew.
pub fn draw() -> Result<()> {
    interface::provide(true)?;
    let (icons, all) = (root()?.join("icons"), root()?.join("target/icons"));
    let mut draw = interface::tauri(&["icon"])?;
    show_and_run(draw.arg(icons.join("keelmark.svg")).arg("--output").arg(&all))?;
    for name in ICONS {
        fs::copy(all.join(name), icons.join(name)).with_context(|| format!("cannot write icons/{name}"))?;
    }
    Ok(())
}
