//! `config.toml`: what the user chose.

use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use super::{Desk, Tag, held};
use crate::{Code, Problem};

/// The look of the window.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum ThemeChoice {
    /// As the system has it.
    #[default]
    System,
    /// Light.
    Light,
    /// Dark.
    Dark,
    /// High contrast.
    Contrast,
}

/// How much air there is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum Density {
    /// 28-pixel rows.
    #[default]
    Comfortable,
    /// Tighter rows.
    Compact,
}

/// What the user chose.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(default)]
pub struct Settings {
    /// The look.
    pub theme: ThemeChoice,
    /// How much air there is.
    pub density: Density,
    /// Where clones and samples go; none means `Keelmark` in the home folder.
    pub clone_folder: Option<PathBuf>,
    /// Threads a training may use where it does not say; none means one.
    pub threads: Option<u32>,
    /// Whether the end of long work is shown by the system while the window is not in front.
    pub notifications: bool,
    /// Whether motion is left out whatever the system says.
    pub reduce_motion: bool,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            theme: ThemeChoice::default(),
            density: Density::default(),
            clone_folder: None,
            threads: None,
            notifications: true,
            reduce_motion: false,
        }
    }
}

/// The settings as they hold, and what is wrong with their file.
pub(crate) struct Kept {
    pub(crate) settings: Settings,
    pub(crate) problem: Option<Problem>,
}

const FILE: &str = "config.toml";
const LARGEST_BYTES: u64 = 1 << 20;

impl Kept {
    pub(crate) fn read(folder: &Path) -> Self {
        let path = folder.join(FILE);
        match text_of(&path).and_then(|text| parse(&path, &text)) {
            Ok(settings) => Self { settings, problem: None },
            Err(problem) => Self { settings: Settings::default(), problem: Some(problem) },
        }
    }
}

fn text_of(path: &Path) -> Result<String, Problem> {
    let problem = |error: std::io::Error| {
        Problem::new(Code::Storage, format!("{} cannot be read: {error}", path.display()))
            .detail("Default settings are in use; the file was not touched.")
    };
    match fs::metadata(path) {
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(String::new()),
        Err(error) => return Err(problem(error)),
        Ok(about) if about.len() > LARGEST_BYTES => return Err(problem(ErrorKind::FileTooLarge.into())),
        Ok(_) => {}
    }
    fs::read_to_string(path).map_err(problem)
}

fn parse(path: &Path, text: &str) -> Result<Settings, Problem> {
    toml::from_str(text).map_err(|error| {
        let line = error.span().map(|span| text[..span.start].matches('\n').count() as u64 + 1);
        let location = keelmark_types::Location { file: path.display().to_string(), line, column: None };
        Problem::new(Code::InvalidRequest, format!("{location} cannot be accepted: {}", error.message()))
            .detail("Default settings are in use; the file was not touched.")
            .hint("Mend that line, or choose settings anew: the old file is kept beside the new one.")
            .at(location)
    })
}

impl Desk {
    pub(crate) fn settings(&self) -> Settings {
        held(&self.0.settings).settings.clone()
    }

    pub(crate) fn settings_problem(&self) -> Option<Problem> {
        held(&self.0.settings).problem.clone()
    }

    /// Writes the settings. Keys of a newer Keelmark stay; a file that could not be read is kept beside.
    pub(crate) fn save_settings(&self, settings: Settings) -> Result<Settings, Problem> {
        if settings.threads.is_some_and(|threads| !(1..=256).contains(&threads)) {
            return Err(Problem::new(Code::InvalidRequest, "Threads are between 1 and 256")
                .detail("The settings were not changed."));
        }
        if settings.clone_folder.as_ref().is_some_and(|folder| !folder.is_absolute()) {
            return Err(Problem::new(Code::InvalidRequest, "The folder for clones needs a whole path")
                .detail("The settings were not changed.")
                .hint("Choose it with the folder button."));
        }
        let mut kept = held(&self.0.settings);
        let folder = &self.keelmark().places.config;
        let path = folder.join(FILE);
        let storage = |error: std::io::Error| crate::failures::file_problem(&path, &error);
        fs::create_dir_all(folder).map_err(storage)?;
        if kept.problem.is_some() && path.exists() {
            fs::rename(&path, folder.join("config.toml.unreadable")).map_err(storage)?;
        }
        let mut table: toml::Table =
            text_of(&path).ok().and_then(|text| toml::from_str(&text).ok()).unwrap_or_default();
        let ours = toml::Table::try_from(&settings)
            .map_err(|error| Problem::new(Code::InvalidRequest, error.to_string()))?;
        for key in ["clone_folder", "threads"] {
            table.remove(key);
        }
        table.extend(ours);
        super::repositories::write_whole(&path, table.to_string().as_bytes()).map_err(storage)?;
        *kept = Kept { settings: settings.clone(), problem: None };
        self.0.hearers.note(None, &[Tag::Settings, Tag::App]);
        Ok(settings)
    }

    /// Where clones and samples go.
    pub(crate) fn clone_folder(&self) -> PathBuf {
        if let Some(folder) = self.settings().clone_folder {
            return folder;
        }
        if std::env::var_os("KEELMARK_HOME").is_some_and(|home| !home.is_empty()) {
            return self
                .keelmark()
                .places
                .state
                .parent()
                .unwrap_or(&self.keelmark().places.state)
                .join("clones");
        }
        std::env::home_dir().unwrap_or_default().join("Keelmark")
    }
}
