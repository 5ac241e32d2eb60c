//! What a window shows of the app itself.

use std::path::PathBuf;

use keelmark_git::Identity;
use serde::Serialize;
use ts_rs::TS;

use super::Desk;
use crate::{Keelmark, Problem};

/// Where the app's own things are.
#[derive(Debug, Clone, Serialize, TS)]
pub struct AppPaths {
    /// Settings.
    pub config: PathBuf,
    /// The index.
    pub cache: PathBuf,
    /// Jobs and the list of repositories.
    pub state: PathBuf,
    /// Clones and samples.
    pub clones: PathBuf,
}

/// A sample that can be made.
#[derive(Debug, Clone, Serialize, TS)]
pub struct SampleInfo {
    /// Its name.
    pub name: String,
    /// What it is, in a sentence.
    pub summary: String,
}

/// The app.
#[derive(Debug, Clone, Serialize, TS)]
pub struct AppInfo {
    /// Its version.
    pub version: String,
    /// `linux`, `macos` or `windows`.
    pub platform: String,
    /// The program that works; none where it is not there, and then nothing can be trained.
    pub worker: Option<PathBuf>,
    /// Where its things are.
    pub paths: AppPaths,
    /// Who commits are made by, where a repository does not say otherwise.
    pub identity: Option<Identity>,
    /// Why the settings are not as the user's file has them.
    pub settings_problem: Option<Problem>,
    /// Threads of this machine.
    pub threads: u32,
    /// What samples there are.
    pub samples: Vec<SampleInfo>,
}

impl Desk {
    pub(crate) fn app(&self) -> AppInfo {
        let keelmark = self.keelmark();
        let places = keelmark.places.clone();
        AppInfo {
            version: env!("CARGO_PKG_VERSION").to_owned(),
            platform: std::env::consts::OS.to_owned(),
            worker: keelmark.worker.exists().then(|| keelmark.worker.clone()),
            paths: AppPaths {
                config: places.config,
                cache: places.cache,
                state: places.state,
                clones: self.clone_folder(),
            },
            identity: keelmark_git::global_identity().ok(),
            settings_problem: self.settings_problem(),
            threads: std::thread::available_parallelism()
                .map_or(1, |threads| u32::try_from(threads.get()).unwrap_or(1)),
            samples: Keelmark::sample_summaries()
                .into_iter()
                .map(|(name, summary)| SampleInfo { name: name.to_owned(), summary })
                .collect(),
        }
    }
}
