//! What people said about recorded facts, beside the deployments.

use keelmark_git::{NoteReference, Repository};
use keelmark_types::{CommitId, NOTE_SCHEMA, Note, NoteId, Timestamp};
use serde::Serialize;
use ts_rs::TS;

use crate::Result;

/// A note, as it is recorded.
#[derive(Debug, Clone, PartialEq, Serialize, TS)]
pub struct AuditNote {
    /// Its id.
    pub id: NoteId,
    /// Its commit.
    pub commit: CommitId,
    /// Who said it.
    pub author: String,
    /// Their address.
    pub email: String,
    /// When, as the commit says.
    pub time: Timestamp,
    /// The remote it was fetched from; none for one made here.
    pub remote: Option<String>,
    /// What it says, where it can be read.
    pub note: Option<Note>,
    /// Why it cannot.
    pub problem: Option<String>,
}

/// Every note, newest first. One that cannot be read is listed with the reason.
pub fn notes(repository: &Repository) -> Result<Vec<AuditNote>> {
    let mut notes = Vec::new();
    for reference in repository.notes()?.into_iter().rev() {
        let info = repository.commit_info(&reference.commit)?;
        let (note, problem) = match read(repository, &reference) {
            Ok(note) => (Some(note), None),
            Err(why) => (None, Some(why)),
        };
        notes.push(AuditNote {
            id: reference.note,
            commit: reference.commit,
            author: info.author_name,
            email: info.author_email,
            time: info.time,
            remote: reference.remote,
            note,
            problem,
        });
    }
    Ok(notes)
}

fn read(repository: &Repository, reference: &NoteReference) -> Result<Note, String> {
    let bytes = repository.read_note(reference).map_err(|error| error.to_string())?;
    let value: serde_json::Value =
        serde_json::from_slice(&bytes).map_err(|error| format!("note.json is no JSON ({error})"))?;
    match value.get("schema").and_then(serde_json::Value::as_str) {
        Some(NOTE_SCHEMA) => {
            serde_json::from_value(value).map_err(|error| format!("note.json is no note ({error})"))
        }
        Some(other) => Err(format!("written by a newer Keelmark ({other})")),
        None => Err("note.json names no schema".to_owned()),
    }
}
