//! What people say about recorded facts: changed predictions that somebody accepts.

use std::collections::BTreeSet;

use keelmark_git::Signature;
use keelmark_promote::{AuditNote, clean_reason};
use keelmark_types::{NOTE_SCHEMA, Note, NoteId, NoteKind, NoteSubject, RunId, Timestamp};
use serde::Serialize;
use ts_rs::TS;

use crate::{Code, Problem, Session};

/// The longest reason of a note, in characters.
const LONGEST_REASON: usize = 2000;

/// Changed predictions to accept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AcceptQuery {
    /// The baseline's run.
    pub baseline: String,
    /// The candidate's run.
    pub candidate: String,
    /// The examples, by id.
    pub examples: Vec<String>,
    /// Why.
    pub reason: String,
}

/// Changed predictions that somebody accepted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
pub struct AcceptedFlips {
    /// The note that says so.
    pub note: NoteId,
    /// Who said it.
    pub author: String,
    /// When.
    pub time: Timestamp,
    /// Why.
    pub reason: String,
    /// The examples, by id.
    pub examples: Vec<String>,
}

impl Session {
    /// Records that changed predictions of a candidate against a baseline are acceptable, and why. The comparison, the
    /// gates and their verdict stay what they are; the audit names who said it.
    pub fn accept_flips(&self, query: &AcceptQuery) -> Result<AcceptedFlips, Problem> {
        let nothing = "Nothing was recorded.";
        let reason = clean_reason(&query.reason)
            .filter(|reason| reason.chars().count() <= LONGEST_REASON)
            .ok_or_else(|| {
                Problem::new(Code::InvalidRequest, "A note needs a reason, of at most 2,000 characters")
                    .detail(nothing)
                    .hint("Say why in a sentence.")
            })?;
        let (a, b) = (self.load_word(&query.baseline, None)?, self.load_word(&query.candidate, None)?);
        let (Some(baseline), Some(candidate)) = (&a.run, &b.run) else {
            return Err(Problem::new(Code::NoRun, "Only predictions of recorded runs can be accepted")
                .detail(nothing)
                .hint("Compare two versions that have a run."));
        };
        let flips = self.compared(&a, &b, Some(usize::MAX))?.comparison.flips;
        let known: BTreeSet<&str> = flips.examples.iter().map(|flip| flip.id.as_str()).collect();
        if let Some(other) = query.examples.iter().find(|id| !known.contains(id.as_str())) {
            let what = format!("Example `{other}` did not change between these runs");
            return Err(Problem::new(Code::InvalidRequest, what).detail(nothing));
        }
        let examples: BTreeSet<&String> = query.examples.iter().collect();
        if examples.is_empty() {
            return Err(Problem::new(Code::InvalidRequest, "No example was named").detail(nothing));
        }
        let note = Note {
            schema: NOTE_SCHEMA.to_owned(),
            kind: NoteKind::AcceptedFlips,
            subject: NoteSubject {
                model: candidate.record.model.clone(),
                baseline: baseline.record.run.clone(),
                candidate: candidate.record.run.clone(),
                examples: examples.into_iter().cloned().collect(),
            },
            reason,
        };
        let by = Signature::new(self.repository.identity()?, self.keelmark.now());
        let json = serde_json::to_vec_pretty(&note)
            .map_err(|error| Problem::new(Code::InvalidRequest, error.to_string()).detail(nothing))?;
        let id = NoteId::from_parts(self.keelmark.now(), crate::chance()?);
        self.repository.record_note(&id, &json, &by)?;
        Ok(AcceptedFlips {
            note: id,
            author: by.who.name.clone(),
            time: self.keelmark.now(),
            reason: note.reason,
            examples: note.subject.examples,
        })
    }

    /// What was accepted of a candidate's run against a baseline's, oldest first.
    pub(crate) fn accepted(
        &self,
        a: Option<&RunId>,
        b: Option<&RunId>,
    ) -> Result<Vec<AcceptedFlips>, Problem> {
        let (Some(a), Some(b)) = (a, b) else { return Ok(Vec::new()) };
        let mut accepted: Vec<AcceptedFlips> = keelmark_promote::notes(&self.repository)?
            .into_iter()
            .filter_map(|note| of(note, a, b))
            .collect();
        accepted.reverse();
        Ok(accepted)
    }
}

fn of(found: AuditNote, a: &RunId, b: &RunId) -> Option<AcceptedFlips> {
    let note = found.note?;
    let is_it =
        note.kind == NoteKind::AcceptedFlips && note.subject.baseline == *a && note.subject.candidate == *b;
    is_it.then_some(AcceptedFlips {
        note: found.id,
        author: found.author,
        time: found.time,
        reason: note.reason,
        examples: note.subject.examples,
    })
}
