//! Writes the TypeScript bindings to standard output, for `cargo xtask generate`.

use std::io::Write;

fn main() -> std::io::Result<()> {
    std::io::stdout().write_all(keelmark_api::typescript().as_bytes())
}
