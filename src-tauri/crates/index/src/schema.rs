//! The tables. Any change raises [`VERSION`]: a file of another version is deleted and filled again.

/// Kept in `PRAGMA user_version`.
pub(crate) const VERSION: i64 = 1;

/// Creates everything in an empty file.
///
/// `runs.shown` is 1 for the row that answers for a run id where several refs carry it: one that can be read before
/// one that cannot, our own before a remote's, remotes in order of their names. It depends on the rows alone, never on the order they came in.
pub(crate) const CREATE: &str = "
CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;

CREATE TABLE refs (
    name   TEXT PRIMARY KEY,
    target TEXT NOT NULL
) WITHOUT ROWID;

CREATE TABLE runs (
    ref_name    TEXT NOT NULL REFERENCES refs (name) ON DELETE CASCADE,
    run         TEXT NOT NULL,
    commit_id   TEXT NOT NULL,
    remote      TEXT NOT NULL,
    kind        TEXT NOT NULL CHECK (kind IN ('record', 'newer', 'unreadable')),
    model       TEXT NOT NULL,
    version     TEXT NOT NULL,
    job         TEXT NOT NULL,
    status      TEXT NOT NULL,
    dirty       INTEGER NOT NULL,
    shown       INTEGER NOT NULL DEFAULT 1,
    checksum    INTEGER NOT NULL,
    content     TEXT NOT NULL,
    PRIMARY KEY (ref_name, run)
);
CREATE INDEX runs_by_id ON runs (run, shown);
CREATE INDEX runs_by_version ON runs (model, version, shown);

CREATE TABLE deployments (
    position    INTEGER PRIMARY KEY,
    commit_id   TEXT NOT NULL UNIQUE,
    environment TEXT NOT NULL,
    model       TEXT NOT NULL,
    version     TEXT NOT NULL,
    run         TEXT NOT NULL,
    checksum    INTEGER NOT NULL,
    content     TEXT NOT NULL
);
CREATE INDEX deployments_by_environment ON deployments (environment, model, position);
CREATE INDEX deployments_by_version ON deployments (model, version, position);
";

/// Puts the tables of a connection into those of the file attached to it as `target`.
pub(crate) const REPLACE_TARGET: &str = "
DELETE FROM target.runs;
DELETE FROM target.refs;
DELETE FROM target.deployments;
DELETE FROM target.meta;
INSERT INTO target.refs SELECT * FROM main.refs;
INSERT INTO target.runs SELECT * FROM main.runs;
INSERT INTO target.deployments SELECT * FROM main.deployments;
INSERT INTO target.meta SELECT * FROM main.meta;
";

/// Every table by name, for counting what is there.
pub(crate) const TABLES: [&str; 4] = ["deployments", "meta", "refs", "runs"];
