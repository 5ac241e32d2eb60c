//! Writes one of each chart into a folder, to be looked at: `cargo run -p keelmark-charts --example gallery -- DIR`.

#[path = "../tests/support/mod.rs"]
mod support;

use std::error::Error;
use std::path::PathBuf;

use keelmark_charts::Theme;

fn main() -> Result<(), Box<dyn Error>> {
    let folder = PathBuf::from(std::env::args_os().nth(1).ok_or("name a folder to write to")?);
    std::fs::create_dir_all(&folder)?;
    for (name, chart) in support::gallery() {
        let picture = chart.picture()?;
        for (theme, suffix) in [(Theme::Auto, ""), (Theme::Dark, "-dark")] {
            std::fs::write(folder.join(format!("{name}{suffix}.svg")), picture.svg(theme))?;
            std::fs::write(folder.join(format!("{name}{suffix}.png")), picture.png(theme, 2.0)?)?;
        }
    }
    Ok(())
}
