//! Real repositories, servers and folders for the journeys.
//!
//! Place in the river: beside it. A journey makes a [`TestWorld`], puts a [`TestRepo`] in it and works through the
//! `keelmark` program and Git as a person would; [`Snapshot`] proves that nothing was written, [`Running`] kills at
//! a declared moment, [`HttpGit`] is a real Git server, [`Window`] calls the commands of the window. Never here: knowledge of how the product works inside, or
//! anything outside the world's own folder.
#![expect(clippy::missing_panics_doc, reason = "support for tests fails by panicking, everywhere")]

mod answer;
mod guard;
mod http;
mod program;
mod remote;
mod repo;
mod running;
mod sample;
mod snapshot;
mod window;
mod world;

pub use answer::Answer;
pub use http::{HttpGit, HttpOptions};
pub use program::{keelmark_path, workspace_root};
pub use remote::BareRemote;
pub use repo::TestRepo;
pub use running::{Running, delay};
pub use sample::TabularSample;
pub use snapshot::Snapshot;
pub use window::{Heard, Window};
pub use world::TestWorld;

/// Whether the tests run with larger figures: `cargo xtask test --deep`.
pub fn deep() -> bool {
    std::env::var_os("KEELMARK_DEEP").is_some_and(|value| value == "1")
}
