//! The file: opened, checked, replaced when damaged, by one process at a time.

use std::fs::{self, File, TryLockError};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqliteSynchronous};
use sqlx::{AssertSqlSafe, ConnectOptions, Connection, SqliteConnection};

use crate::{Error, schema};

/// How long to wait for another process.
pub(crate) const PATIENCE: Duration = Duration::from_secs(5);
/// Files up to this size are checked page by page at every opening; larger ones when they are read.
const CHECKED_SIZE: u64 = 16 << 20;

/// What was found at the path.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Opened {
    /// A sound index.
    Existing,
    /// Nothing; an empty one was made.
    Created,
    /// Something unusable; it was deleted and an empty one made.
    Rebuilt {
        /// What was wrong with it.
        why: String,
    },
    /// The place cannot be written: an empty index in memory answers until the program ends.
    InMemory {
        /// What stood in the way.
        why: String,
    },
}

/// Opens the file, or replaces it with an empty one.
pub(crate) async fn open(path: &Path) -> Result<(SqliteConnection, Opened), Error> {
    let _lock = lock(path)?;
    if !path.try_exists().map_err(|error| Error::storage(path, "look for it", &error))? {
        return Ok((create(path).await?, Opened::Created));
    }
    match inspect(path).await {
        Ok(connection) => Ok((connection, Opened::Existing)),
        Err(Error::Corrupt { why, .. }) => {
            tracing::warn!(index = %path.display(), %why, "the index is unusable and starts empty");
            Ok((create(path).await?, Opened::Rebuilt { why }))
        }
        Err(error) => Err(error),
    }
}

/// Replaces the file by an empty one, unless another process has done so since it was `seen`.
pub(crate) async fn replace(path: &Path, seen: Option<FileIdentity>) -> Result<SqliteConnection, Error> {
    {
        let _lock = lock(path)?;
        if seen.is_some() && FileIdentity::of(path) == seen {
            return create(path).await;
        }
    }
    open(path).await.map(|(connection, _)| connection)
}

/// An empty index that is gone with its connection.
pub(crate) async fn in_memory(path: &Path) -> Result<SqliteConnection, Error> {
    // By name, not by flag: the flag would also hold for a file attached later.
    let options =
        SqliteConnectOptions::new().filename(":memory:").create_if_missing(true).disable_statement_logging();
    let mut connection = options.connect().await.map_err(|error| Error::from_sqlx(path, &error))?;
    create_tables(path, &mut connection).await?;
    Ok(connection)
}

/// Which file on disk this is, to notice that another has taken its name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct FileIdentity(u64, u64);

impl FileIdentity {
    #[cfg(unix)]
    pub(crate) fn of(path: &Path) -> Option<Self> {
        use std::os::unix::fs::MetadataExt as _;
        fs::metadata(path).ok().map(|file| Self(file.dev(), file.ino()))
    }

    #[cfg(not(unix))]
    pub(crate) fn of(path: &Path) -> Option<Self> {
        path.exists().then_some(Self(0, 0))
    }
}

async fn inspect(path: &Path) -> Result<SqliteConnection, Error> {
    let size_bytes = fs::metadata(path).map_err(|error| Error::storage(path, "read its size", &error))?.len();
    let mut connection = connect(path).await?;
    match check(&mut connection, size_bytes).await {
        Ok(None) => Ok(connection),
        Ok(Some(why)) => {
            close(connection).await;
            Err(Error::Corrupt { path: path.to_owned(), why })
        }
        Err(error) => {
            close(connection).await;
            Err(Error::from_sqlx(path, &error))
        }
    }
}

/// `None` where the file is sound, else what is wrong.
async fn check(connection: &mut SqliteConnection, size_bytes: u64) -> Result<Option<String>, sqlx::Error> {
    let version: i64 = sqlx::query_scalar("PRAGMA user_version").fetch_one(&mut *connection).await?;
    if version != schema::VERSION {
        return Ok(Some(format!("it has format {version}, this program writes {}", schema::VERSION)));
    }
    let tables: Vec<String> =
        sqlx::query_scalar("SELECT name FROM sqlite_schema WHERE type = 'table' ORDER BY name")
            .fetch_all(&mut *connection)
            .await?;
    if tables != schema::TABLES {
        return Ok(Some(format!("it has the tables {}", tables.join(", "))));
    }
    if size_bytes > CHECKED_SIZE {
        return Ok(None);
    }
    let found: String = sqlx::query_scalar("PRAGMA quick_check(1)").fetch_one(&mut *connection).await?;
    Ok((found != "ok").then_some(found))
}

async fn create(path: &Path) -> Result<SqliteConnection, Error> {
    for suffix in ["", "-wal", "-shm", "-journal"] {
        let file = with_suffix(path, suffix);
        match fs::remove_file(&file) {
            Ok(()) => {}
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {}
            Err(error) => return Err(Error::storage(path, "delete the old one", &error)),
        }
    }
    let mut connection = connect(path).await?;
    create_tables(path, &mut connection).await?;
    Ok(connection)
}

async fn create_tables(path: &Path, connection: &mut SqliteConnection) -> Result<(), Error> {
    let made = async {
        let mut transaction = connection.begin_with("BEGIN IMMEDIATE").await?;
        sqlx::raw_sql(schema::CREATE).execute(&mut *transaction).await?;
        sqlx::raw_sql(AssertSqlSafe(format!("PRAGMA user_version = {}", schema::VERSION)))
            .execute(&mut *transaction)
            .await?;
        transaction.commit().await
    };
    made.await.map_err(|error| Error::from_sqlx(path, &error))
}

/// Replaces the rows of the file at `path` by those of `from`, in one transaction.
pub(crate) async fn copy(from: &mut SqliteConnection, path: &Path) -> Result<(), sqlx::Error> {
    let target = path.to_str().ok_or_else(|| sqlx::Error::Configuration("its path is not Unicode".into()))?;
    sqlx::query("ATTACH DATABASE ? AS target").bind(target).execute(&mut *from).await?;
    let copied = async {
        let mut transaction = from.begin_with("BEGIN IMMEDIATE").await?;
        sqlx::raw_sql(schema::REPLACE_TARGET).execute(&mut *transaction).await?;
        transaction.commit().await
    };
    let copied = copied.await;
    sqlx::raw_sql("DETACH DATABASE target").execute(from).await?;
    copied
}

async fn connect(path: &Path) -> Result<SqliteConnection, Error> {
    let options = SqliteConnectOptions::new()
        .filename(path)
        .create_if_missing(true)
        .journal_mode(SqliteJournalMode::Wal)
        .synchronous(SqliteSynchronous::Normal)
        .foreign_keys(true)
        .busy_timeout(PATIENCE)
        .row_buffer_size(512)
        .thread_name(|number| format!("keelmark-index-{number}"))
        .disable_statement_logging();
    let since = Instant::now();
    loop {
        // Entering and recovering the write-ahead log do not wait for others by themselves.
        match options.connect().await.map_err(|error| Error::from_sqlx(path, &error)) {
            Err(Error::Busy { .. }) if since.elapsed() < PATIENCE => pause(),
            answer => return answer,
        }
    }
}

/// Closes for good: the file can be deleted afterwards.
pub(crate) async fn close(connection: SqliteConnection) {
    if let Err(error) = connection.close().await {
        tracing::debug!(%error, "the index did not close cleanly");
    }
}

/// One process at a time opens or replaces the file; the lock ends with the value.
fn lock(path: &Path) -> Result<File, Error> {
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder).map_err(|error| Error::storage(path, "make its folder", &error))?;
    }
    let file = File::options()
        .create(true)
        .truncate(false)
        .write(true)
        .open(with_suffix(path, ".lock"))
        .map_err(|error| Error::storage(path, "make its lock file", &error))?;
    let since = Instant::now();
    loop {
        match file.try_lock() {
            Ok(()) => return Ok(file),
            Err(TryLockError::WouldBlock) if since.elapsed() < PATIENCE => pause(),
            Err(TryLockError::WouldBlock) => return Err(Error::Busy { path: path.to_owned() }),
            Err(TryLockError::Error(error)) => return Err(Error::storage(path, "lock it", &error)),
        }
    }
}

fn pause() {
    std::thread::sleep(Duration::from_millis(5));
}

pub(crate) fn with_suffix(path: &Path, suffix: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(suffix);
    PathBuf::from(name)
}
