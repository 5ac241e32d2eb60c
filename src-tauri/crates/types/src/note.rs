//! What people say about recorded facts.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::{ModelName, RunId};

/// The schema of `note.json`.
pub const NOTE_SCHEMA: &str = "keelmark.note/1";

/// What somebody says about recorded facts. It changes none of them, and is never changed itself.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct Note {
    /// `keelmark.note/1`.
    pub schema: String,
    /// What is said.
    pub kind: NoteKind,
    /// What it is said of.
    pub subject: NoteSubject,
    /// Why, in the author's words.
    pub reason: String,
}

/// What a note says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum NoteKind {
    /// These changed predictions are acceptable.
    AcceptedFlips,
}

/// What a note is about.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct NoteSubject {
    /// The model.
    pub model: ModelName,
    /// The baseline's run.
    pub baseline: RunId,
    /// The candidate's run.
    pub candidate: RunId,
    /// The examples, by id.
    pub examples: Vec<String>,
}
