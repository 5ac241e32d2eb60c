//! Notes as commits of their own: one ref a note, never moved.

use std::collections::BTreeMap;

use keelmark_types::{CommitId, NoteId};

use crate::runs::parse_record;
use crate::{Error, RefUpdate, Repository, Result, Signature};

/// Where this clone's own notes are.
const OWN_NOTES: &str = "refs/keelmark/notes/";
/// The file of a note.
const FILE: &str = "note.json";
/// The largest note that is read.
const NOTE_BYTES: u64 = 4 << 20;

/// A note that is recorded, not read yet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NoteReference {
    /// Its id; ids sort by the time they were made.
    pub note: NoteId,
    /// Its commit.
    pub commit: CommitId,
    /// The remote it was fetched from; `None` for this clone's own.
    pub remote: Option<String>,
}

impl Repository {
    /// Records a note. Once this returns, it is durable.
    pub fn record_note(&self, note: &NoteId, json: &[u8], by: &Signature) -> Result<CommitId> {
        let json = json.to_vec();
        let files = std::iter::once((FILE.to_owned(), &json));
        let commit = self.write_record(files, &[], by, &format!("Note {note}"))?;
        self.publish(&RefUpdate::create(format!("{OWN_NOTES}{note}"), &commit, "note recorded"))?;
        Ok(commit)
    }

    /// Every note recorded here or fetched, oldest first; one that is both is listed as own.
    pub fn notes(&self) -> Result<Vec<NoteReference>> {
        let mut notes: BTreeMap<NoteId, NoteReference> = BTreeMap::new();
        for reference in self.refs("refs/keelmark/")? {
            let Some((id, remote)) = parse_record(&reference.name, "notes") else { continue };
            let Ok(note) = NoteId::new(id) else { continue };
            let found = NoteReference { note: note.clone(), commit: reference.oid.to_commit_id(), remote };
            let known = notes.get(&note).is_some_and(|known| known.remote.is_none());
            if !known {
                notes.insert(note, found);
            }
        }
        Ok(notes.into_values().collect())
    }

    /// The file of a listed note.
    pub fn read_note(&self, note: &NoteReference) -> Result<Vec<u8>> {
        self.version(&note.commit)?
            .read(FILE, NOTE_BYTES)?
            .ok_or_else(|| Error::corrupt(format!("note {}", note.note), format!("{FILE} is missing")))
    }
}
