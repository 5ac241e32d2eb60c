//! `MLflow`'s store: read while others write it, and with nothing left beside it.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use keelmark_index::{mlflow_curve, mlflow_rows};
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode};
use sqlx::{ConnectOptions, Connection, SqliteConnection};

fn fixture() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../tests/fixtures/others/mlflow.db")
}

/// A copy of the fixture in a folder of its own.
fn copy() -> (tempfile::TempDir, PathBuf) {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("mlflow.db");
    std::fs::copy(fixture(), &path).expect("copied");
    (folder, path)
}

fn names(folder: &Path) -> BTreeSet<String> {
    let entries = std::fs::read_dir(folder).expect("a folder");
    entries.map(|entry| entry.expect("an entry").file_name().into_string().expect("a name")).collect()
}

fn runtime() -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_current_thread().enable_time().build().expect("a runtime")
}

async fn writer(path: &Path, mode: SqliteJournalMode) -> SqliteConnection {
    let options = SqliteConnectOptions::new().filename(path).journal_mode(mode);
    options.connect().await.expect("opened")
}

async fn execute(connection: &mut SqliteConnection, statement: &'static str) {
    sqlx::raw_sql(statement).execute(connection).await.expect("done");
}

const RENAME: &str = "UPDATE runs SET name = 'renamed' WHERE name = 'unlucky-bee'";

fn is_renamed(path: &Path) -> bool {
    let rows = mlflow_rows(path).expect("read");
    assert_eq!(rows.runs.len(), 6);
    rows.runs.iter().any(|run| run.name.as_deref() == Some("renamed"))
}

#[test]
fn a_store_at_rest_is_read_where_it_lies() {
    let (folder, path) = copy();
    let before = std::fs::read(&path).expect("read");
    assert!(!is_renamed(&path));
    let rows = mlflow_rows(&path).expect("read");
    assert!(rows.experiments.iter().any(|(_, name)| name == "digits") && !rows.truncated);
    let run = rows.runs.iter().find(|run| run.name.as_deref() == Some("unlucky-bee")).expect("listed");
    assert_eq!(mlflow_curve(&path, &run.run, "loss").expect("read").0.len(), 50);
    assert_eq!(mlflow_curve(&path, &run.run, "' OR 1=1 --").expect("read").0.len(), 0);
    assert_eq!(names(folder.path()), ["mlflow.db".to_owned()].into());
    assert_eq!(std::fs::read(&path).expect("read"), before);
}

#[test]
fn what_a_living_writer_has_said_is_seen_without_touching_its_files() {
    let (folder, path) = copy();
    runtime().block_on(async {
        let mut writing = writer(&path, SqliteJournalMode::Wal).await;
        execute(&mut writing, RENAME).await;
        let before = names(folder.path());
        assert!(before.contains("mlflow.db-wal"), "the change is in the journal yet: {before:?}");
        std::thread::scope(|scope| {
            let reader = std::thread::Builder::new().spawn_scoped(scope, || is_renamed(&path));
            assert!(reader.expect("a thread").join().expect("it reads"), "what is committed is seen");
        });
        assert_eq!(names(folder.path()), before);
        writing.close().await.expect("closed");
    });
    assert!(is_renamed(&path), "the mode stays after the writer has gone");
    assert_eq!(names(folder.path()), ["mlflow.db".to_owned()].into());
}

#[test]
fn what_is_not_committed_is_not_seen() {
    let (folder, path) = copy();
    runtime().block_on(async {
        let mut writing = writer(&path, SqliteJournalMode::Delete).await;
        // So small a memory that the change is on the disk before it is committed.
        execute(&mut writing, "PRAGMA cache_size = 1; PRAGMA cache_spill = 1; BEGIN IMMEDIATE").await;
        execute(&mut writing, RENAME).await;
        execute(
            &mut writing,
            "UPDATE params SET value = value || hex(zeroblob(2000)); UPDATE tags SET value = value || 'x'",
        )
        .await;
        let before = names(folder.path());
        assert!(before.contains("mlflow.db-journal"), "{before:?}");
        std::thread::scope(|scope| {
            let reader = std::thread::Builder::new().spawn_scoped(scope, || is_renamed(&path));
            assert!(!reader.expect("a thread").join().expect("it reads"), "the journal undoes it");
        });
        assert_eq!(names(folder.path()), before);
        execute(&mut writing, "ROLLBACK").await;
        writing.close().await.expect("closed");
    });
}

#[test]
fn what_is_no_store_is_an_error() {
    let (folder, path) = copy();
    runtime().block_on(async {
        let mut writing = writer(&path, SqliteJournalMode::Delete).await;
        execute(
            &mut writing,
            "DROP TABLE tags; CREATE VIEW tags AS WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n)
             SELECT i AS run_uuid, i AS key, i AS value FROM n ORDER BY i DESC",
        )
        .await;
        writing.close().await.expect("closed");
    });
    assert!(mlflow_rows(&path).is_err(), "a view may compute for ever");
    let other = folder.path().join("other.db");
    for bytes in [&b""[..], b"SQLite format 3\0", b"not a database at all"] {
        std::fs::write(&other, bytes).expect("written");
        assert!(mlflow_rows(&other).is_err(), "{bytes:?}");
    }
    let whole = std::fs::read(fixture()).expect("read");
    for length in [512, 4096, whole.len() / 2] {
        std::fs::write(&other, &whole[..length]).expect("written");
        mlflow_rows(&other).map(drop).ok();
    }
    assert!(mlflow_rows(&folder.path().join("none.db")).is_err());
}
