//! Runs: kept by the ref that carries them, asked for by id, version, model and status.

use std::collections::BTreeMap;

use sqlx::sqlite::SqliteRow;
use sqlx::{Row as _, SqliteConnection};

use keelmark_types::{CommitId, ModelName, RunId, RunRecord, RunStatus};

use crate::entry::{RunContent, StoredRun, SyncedRef};
use crate::index::Failure;
use crate::{Error, Index, checksum};

/// A run that was just recorded or fetched one by one.
#[derive(Debug, Clone, PartialEq)]
pub struct IndexedRun {
    /// Its record.
    pub record: RunRecord,
    /// Its commit.
    pub commit: CommitId,
    /// The remote it came from; `None` for our own.
    pub remote: Option<String>,
}

/// Which runs to answer with. The default is all that can be read.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct RunFilter {
    /// Of this model only.
    pub model: Option<ModelName>,
    /// On this version only.
    pub version: Option<CommitId>,
    /// That ended so only.
    pub status: Option<RunStatus>,
    /// Not made from a dirty tree.
    pub clean_only: bool,
    /// At most so many.
    pub limit: Option<u64>,
}

/// A run id that refs disagree about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ContestedRun {
    /// The id.
    pub run: RunId,
    /// Each ref that carries it and the commit it has there.
    pub refs: Vec<(String, CommitId)>,
}

impl IndexedRun {
    fn into_ref(self) -> SyncedRef {
        let Self { record, commit, remote } = self;
        let (month, run) = (record.run.month(), record.run.clone());
        let name = match &remote {
            None => format!("refs/keelmark/runs/{month}/{run}"),
            Some(remote) => format!("refs/keelmark/remotes/{remote}/runs/{month}/{run}"),
        };
        let stored = StoredRun { run, commit: commit.clone(), content: RunContent::Record(Box::new(record)) };
        SyncedRef { name, target: commit, remote, runs: vec![stored] }
    }
}

impl Index {
    /// Every ref that was read, and the commit it named then: what need not be read again.
    pub fn known_refs(&self) -> Result<BTreeMap<String, CommitId>, Error> {
        self.read(async |connection| {
            let rows: Vec<(String, String)> =
                sqlx::query_as("SELECT name, target FROM refs").fetch_all(&mut *connection).await?;
            rows.into_iter().map(|(name, target)| Ok((name, commit_id(target)?))).collect()
        })
    }

    /// Keeps runs that were just recorded.
    pub fn put_runs(&self, runs: &[IndexedRun]) -> Result<(), Error> {
        let refs: Vec<SyncedRef> = runs.iter().cloned().map(IndexedRun::into_ref).collect();
        self.put_refs(&refs)
    }

    /// Keeps what was read of `refs`, in one transaction, in place of what was known of them.
    pub fn put_refs(&self, refs: &[SyncedRef]) -> Result<(), Error> {
        self.change_refs(refs, &[])
    }

    /// Forgets refs that are gone, with their runs.
    pub fn remove_refs(&self, names: &[String]) -> Result<(), Error> {
        self.change_refs(&[], names)
    }

    /// Keeps `put` and forgets `removed`, in one transaction.
    pub fn change_refs(&self, put: &[SyncedRef], removed: &[String]) -> Result<(), Error> {
        if put.is_empty() && removed.is_empty() {
            return Ok(());
        }
        self.write(async |connection| {
            for name in removed.iter().chain(put.iter().map(|entry| &entry.name)) {
                // Their runs go by the foreign key.
                let shown: Vec<String> = sqlx::query_scalar("SELECT run FROM runs WHERE ref_name = ?1")
                    .bind(name)
                    .fetch_all(&mut *connection)
                    .await?;
                sqlx::query("DELETE FROM refs WHERE name = ?1").bind(name).execute(&mut *connection).await?;
                for run in shown {
                    choose_shown(connection, &run).await?;
                }
            }
            for entry in put {
                insert(connection, entry).await?;
            }
            Ok(())
        })
    }

    /// The runs that `filter` lets through, newest first.
    pub fn runs(&self, filter: &RunFilter) -> Result<Vec<IndexedRun>, Error> {
        let limit = filter.limit.map_or(-1, |limit| i64::try_from(limit).unwrap_or(i64::MAX));
        self.read(async |connection| {
            let rows = sqlx::query(
                "SELECT ref_name, run, commit_id, remote, kind, model, version, job, status, dirty, checksum, content
                 FROM runs
                 WHERE shown = 1 AND kind = 'record' AND (?1 IS NULL OR model = ?1) AND (?2 IS NULL OR version = ?2)
                   AND (?3 IS NULL OR status = ?3) AND (?4 = 0 OR dirty = 0)
                 ORDER BY run DESC LIMIT ?5",
            )
            .bind(filter.model.as_ref().map(ModelName::as_str))
            .bind(filter.version.as_ref().map(CommitId::as_str))
            .bind(filter.status.map(|status| word(&status)))
            .bind(filter.clean_only)
            .bind(limit)
            .fetch_all(&mut *connection)
            .await?;
            rows.iter().map(|row| read_row(row)?.indexed()).collect()
        })
    }

    /// The run with this id, or the only one whose id begins so (in upper or lower case).
    pub fn find_run(&self, id_or_prefix: &str) -> Result<Option<(StoredRun, Option<String>)>, Error> {
        let prefix = id_or_prefix.to_ascii_uppercase();
        if prefix.is_empty() || !prefix.bytes().all(|byte| byte.is_ascii_alphanumeric()) {
            return Ok(None);
        }
        self.read(async |connection| {
            let rows = sqlx::query(
                "SELECT ref_name, run, commit_id, remote, kind, model, version, job, status, dirty, checksum, content
                 FROM runs WHERE shown = 1 AND run >= ?1 AND run < ?1 || '~' ORDER BY run DESC LIMIT 2",
            )
            .bind(&prefix)
            .fetch_all(&mut *connection)
            .await?;
            let found = rows.iter().map(read_row).collect::<Result<Vec<_>, _>>()?;
            match found.as_slice() {
                [] => Ok(None),
                [one] => Ok(Some((one.stored()?, one.remote()))),
                several => Err(Failure::Refused(Error::Ambiguous {
                    prefix: id_or_prefix.to_owned(),
                    count: several.len(),
                    examples: several.iter().map(|row| row.run.clone()).collect(),
                })),
            }
        })
    }

    /// Runs that cannot be read here, oldest first, with the ref that carries each: newer or damaged.
    pub fn unread_runs(&self) -> Result<Vec<(String, StoredRun)>, Error> {
        self.read(async |connection| {
            let rows = sqlx::query(
                "SELECT ref_name, run, commit_id, remote, kind, model, version, job, status, dirty, checksum, content
                 FROM runs WHERE kind <> 'record' ORDER BY run, ref_name",
            )
            .fetch_all(&mut *connection)
            .await?;
            rows.iter()
                .map(|row| {
                    let row = read_row(row)?;
                    let stored = row.stored()?;
                    Ok((row.ref_name, stored))
                })
                .collect()
        })
    }

    /// Run ids under which refs carry different commits: somebody rewrote a run.
    pub fn contested_runs(&self) -> Result<Vec<ContestedRun>, Error> {
        self.read(async |connection| {
            let rows: Vec<(String, String, String)> = sqlx::query_as(
                "SELECT run, ref_name, commit_id FROM runs
                 WHERE run IN (SELECT run FROM runs GROUP BY run HAVING COUNT(DISTINCT commit_id) > 1)
                 ORDER BY run, ref_name",
            )
            .fetch_all(&mut *connection)
            .await?;
            let mut contested: Vec<ContestedRun> = Vec::new();
            for (run, name, commit) in rows {
                let (run, commit) = (run_id(run)?, commit_id(commit)?);
                match contested.last_mut() {
                    Some(last) if last.run == run => last.refs.push((name, commit)),
                    _ => contested.push(ContestedRun { run, refs: vec![(name, commit)] }),
                }
            }
            Ok(contested)
        })
    }
}

async fn insert(connection: &mut SqliteConnection, entry: &SyncedRef) -> Result<(), Failure> {
    sqlx::query("INSERT INTO refs (name, target) VALUES (?1, ?2)")
        .bind(&entry.name)
        .bind(entry.target.as_str())
        .execute(&mut *connection)
        .await?;
    for stored in &entry.runs {
        let row = RunRow::new(entry, stored);
        sqlx::query(
            "INSERT OR REPLACE INTO runs
             (ref_name, run, commit_id, remote, kind, model, version, job, status, dirty, checksum, content)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12)",
        )
        .bind(&row.ref_name)
        .bind(&row.run)
        .bind(&row.commit)
        .bind(&row.remote)
        .bind(&row.kind)
        .bind(&row.model)
        .bind(&row.version)
        .bind(&row.job)
        .bind(&row.status)
        .bind(row.dirty)
        .bind(row.checksum())
        .bind(&row.content)
        .execute(&mut *connection)
        .await?;
        choose_shown(connection, &row.run).await?;
    }
    Ok(())
}

/// Marks the one row that answers for `run`.
async fn choose_shown(connection: &mut SqliteConnection, run: &str) -> Result<(), Failure> {
    sqlx::query(
        "UPDATE runs SET shown = (ref_name =
            (SELECT ref_name FROM runs WHERE run = ?1 ORDER BY kind <> 'record', remote, ref_name LIMIT 1))
         WHERE run = ?1",
    )
    .bind(run)
    .execute(&mut *connection)
    .await?;
    Ok(())
}

/// A row of the table `runs`.
pub(crate) struct RunRow {
    pub ref_name: String,
    pub run: String,
    pub commit: String,
    pub remote: String,
    pub kind: String,
    pub model: String,
    pub version: String,
    pub job: String,
    pub status: String,
    pub dirty: bool,
    pub content: String,
}

impl RunRow {
    fn new(entry: &SyncedRef, stored: &StoredRun) -> Self {
        let (kind, content) = match &stored.content {
            RunContent::Record(record) => ("record", json_text(record)),
            RunContent::Newer { schema, text } => ("newer", json_text(&(schema, text))),
            RunContent::Unreadable { why } => ("unreadable", why.clone()),
        };
        let record = stored.record();
        Self {
            ref_name: entry.name.clone(),
            run: stored.run.to_string(),
            commit: stored.commit.to_string(),
            remote: entry.remote.clone().unwrap_or_default(),
            kind: kind.to_owned(),
            model: record.map(|record| record.model.to_string()).unwrap_or_default(),
            version: record.map(|record| record.version.to_string()).unwrap_or_default(),
            job: record.map(|record| word(&record.job)).unwrap_or_default(),
            status: record.map(|record| word(&record.status)).unwrap_or_default(),
            dirty: record.is_some_and(|record| record.dirty),
            content,
        }
    }

    fn checksum(&self) -> i64 {
        checksum::of(&[
            &self.ref_name,
            &self.run,
            &self.commit,
            &self.remote,
            &self.kind,
            &self.model,
            &self.version,
            &self.job,
            &self.status,
            if self.dirty { "dirty" } else { "" },
            &self.content,
        ])
    }

    fn remote(&self) -> Option<String> {
        (!self.remote.is_empty()).then(|| self.remote.clone())
    }

    pub(crate) fn stored(&self) -> Result<StoredRun, Failure> {
        let content = match self.kind.as_str() {
            "record" => RunContent::Record(Box::new(from_json(&self.content)?)),
            "newer" => {
                let (schema, text) = from_json(&self.content)?;
                RunContent::Newer { schema, text }
            }
            _ => RunContent::Unreadable { why: self.content.clone() },
        };
        Ok(StoredRun { run: run_id(self.run.clone())?, commit: commit_id(self.commit.clone())?, content })
    }

    fn indexed(&self) -> Result<IndexedRun, Failure> {
        let record = from_json(&self.content)?;
        Ok(IndexedRun { record, commit: commit_id(self.commit.clone())?, remote: self.remote() })
    }
}

/// Reads a row of the twelve columns and checks it.
pub(crate) fn read_row(row: &SqliteRow) -> Result<RunRow, Failure> {
    let text = |column: usize| -> Result<String, Failure> { Ok(row.try_get(column)?) };
    let read = RunRow {
        ref_name: text(0)?,
        run: text(1)?,
        commit: text(2)?,
        remote: text(3)?,
        kind: text(4)?,
        model: text(5)?,
        version: text(6)?,
        job: text(7)?,
        status: text(8)?,
        dirty: row.try_get(9)?,
        content: text(11)?,
    };
    let kept: i64 = row.try_get(10)?;
    if kept == read.checksum() {
        Ok(read)
    } else {
        Err(Failure::Damaged(format!("the row of run {:?} is not what was written", read.run)))
    }
}

pub(crate) fn json_text(value: &impl serde::Serialize) -> String {
    serde_json::to_string(value).expect("our records are maps with text keys, which JSON can hold")
}

pub(crate) fn from_json<'a, T: serde::Deserialize<'a>>(text: &'a str) -> Result<T, Failure> {
    serde_json::from_str(text).map_err(|error| Failure::Damaged(format!("a row cannot be read: {error}")))
}

pub(crate) fn run_id(text: String) -> Result<RunId, Failure> {
    RunId::new(text).map_err(|error| Failure::Damaged(error.to_string()))
}

pub(crate) fn commit_id(text: String) -> Result<CommitId, Failure> {
    CommitId::new(text).map_err(|error| Failure::Damaged(error.to_string()))
}

/// The word serde writes for a unit variant.
pub(crate) fn word(value: &impl serde::Serialize) -> String {
    json_text(value).trim_matches('"').to_owned()
}
