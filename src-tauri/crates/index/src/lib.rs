//! The disposable SQLite index over Git's records: the only user of sqlx.
