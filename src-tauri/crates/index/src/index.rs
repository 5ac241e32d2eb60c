//! The index itself: one connection, driven by a runtime of its own, usable from any blocking thread.

use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use sqlx::{Connection, SqliteConnection};
use tokio::runtime::Runtime;

use crate::disk::{self, FileIdentity, Opened};
use crate::{Error, schema};

/// The index of one repository. Calls block and take turns; several processes may have the same file open.
#[derive(Debug)]
pub struct Index {
    path: PathBuf,
    inner: Mutex<Inner>,
}

#[derive(Debug)]
struct Inner {
    runtime: Option<Runtime>,
    /// `None` only after a failed [`Index::start_over`].
    connection: Option<SqliteConnection>,
    /// `None` in memory.
    file: Option<FileIdentity>,
    in_memory: bool,
}

impl Index {
    /// Opens the index at `path`, making its folder. A file that is damaged or of another format is deleted and an
    /// empty one made; where nothing can be written the index lives in memory. [`Opened`] says which.
    pub fn open(path: &Path) -> Result<(Self, Opened), Error> {
        let runtime = runtime(path)?;
        match runtime.block_on(disk::open(path)) {
            Ok((connection, opened)) => {
                let file = FileIdentity::of(path);
                Ok((Self::assemble(path, runtime, connection, file, false), opened))
            }
            Err(Error::Storage { why, .. }) => {
                tracing::warn!(index = %path.display(), %why, "the index is kept in memory");
                let connection = runtime.block_on(disk::in_memory(path))?;
                Ok((Self::assemble(path, runtime, connection, None, true), Opened::InMemory { why }))
            }
            Err(error) => Err(error),
        }
    }

    /// An empty index that is gone with the value.
    pub fn in_memory() -> Result<Self, Error> {
        let path = Path::new(":memory:");
        let runtime = runtime(path)?;
        let connection = runtime.block_on(disk::in_memory(path))?;
        Ok(Self::assemble(path, runtime, connection, None, true))
    }

    fn assemble(
        path: &Path,
        runtime: Runtime,
        connection: SqliteConnection,
        file: Option<FileIdentity>,
        in_memory: bool,
    ) -> Self {
        let inner = Inner { runtime: Some(runtime), connection: Some(connection), file, in_memory };
        Self { path: path.to_owned(), inner: Mutex::new(inner) }
    }

    /// Where the file is, or would be.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Replaces a damaged file by an empty one; the caller fills it again from Git. Where another process has
    /// already replaced it, that one is opened.
    pub fn start_over(&self) -> Result<(), Error> {
        let mut inner = self.inner.lock().unwrap_or_else(PoisonError::into_inner);
        let Inner { runtime: Some(runtime), connection, file, in_memory } = &mut *inner else {
            return Err(self.closed());
        };
        let fresh = runtime.block_on(async {
            if let Some(old) = connection.take() {
                disk::close(old).await;
            }
            if *in_memory {
                disk::in_memory(&self.path).await
            } else {
                disk::replace(&self.path, *file).await
            }
        })?;
        *connection = Some(fresh);
        *file = if *in_memory { None } else { FileIdentity::of(&self.path) };
        Ok(())
    }

    /// Puts what `fresh`, an index in memory, holds in the place of everything here. Whoever asks meanwhile, in any
    /// process, is answered as before or as after.
    pub fn take_over(&self, mut fresh: Self) -> Result<(), Error> {
        let mut inner = self.inner.lock().unwrap_or_else(PoisonError::into_inner);
        if inner.in_memory {
            std::mem::swap(&mut *inner, fresh.inner.get_mut().unwrap_or_else(PoisonError::into_inner));
            return Ok(());
        }
        drop(inner);
        match fresh.copy_into(&self.path) {
            Err(Error::Corrupt { .. }) => {
                self.start_over()?;
                fresh.copy_into(&self.path)
            }
            copied => copied,
        }
    }

    /// Replaces the rows of the index at `path` by this one's, in one transaction.
    fn copy_into(&mut self, path: &Path) -> Result<(), Error> {
        let inner = self.inner.get_mut().unwrap_or_else(PoisonError::into_inner);
        let Inner { runtime: Some(runtime), connection: Some(connection), .. } = inner else {
            return Err(self.closed());
        };
        let copied = runtime.block_on(disk::copy(connection, path));
        copied.map_err(|error| Error::from_sqlx(path, &error))
    }

    /// What SQLite's own thorough check finds; empty where the file is sound.
    pub fn integrity_check(&self) -> Result<Vec<String>, Error> {
        let found: Vec<String> = self.read(async |connection| {
            Ok(sqlx::query_scalar("PRAGMA integrity_check(20)").fetch_all(&mut *connection).await?)
        })?;
        Ok(if found == ["ok"] { Vec::new() } else { found })
    }

    /// The format of the file, in `PRAGMA user_version`.
    pub fn format_version() -> i64 {
        schema::VERSION
    }

    /// Runs `work` in a read transaction: one state of the file for all its statements.
    pub(crate) fn read<T>(
        &self,
        work: impl AsyncFnOnce(&mut SqliteConnection) -> Result<T, Failure>,
    ) -> Result<T, Error> {
        self.transact("BEGIN", work)
    }

    /// Runs `work` in one transaction that is the only writer from its start.
    pub(crate) fn write<T>(
        &self,
        work: impl AsyncFnOnce(&mut SqliteConnection) -> Result<T, Failure>,
    ) -> Result<T, Error> {
        self.transact("BEGIN IMMEDIATE", work)
    }

    fn transact<T>(
        &self,
        begin: &'static str,
        work: impl AsyncFnOnce(&mut SqliteConnection) -> Result<T, Failure>,
    ) -> Result<T, Error> {
        let mut inner = self.inner.lock().unwrap_or_else(PoisonError::into_inner);
        let Inner { runtime: Some(runtime), connection: Some(connection), .. } = &mut *inner else {
            return Err(self.closed());
        };
        let answer: Result<T, Failure> = runtime.block_on(async {
            let mut transaction = connection.begin_with(begin).await?;
            match work(&mut transaction).await {
                Ok(answer) => {
                    transaction.commit().await?;
                    Ok(answer)
                }
                Err(failure) => {
                    if let Err(error) = transaction.rollback().await {
                        tracing::debug!(%error, "a failed transaction could not be rolled back");
                    }
                    Err(failure)
                }
            }
        });
        answer.map_err(|failure| match failure {
            Failure::Sqlx(error) => Error::from_sqlx(&self.path, &error),
            Failure::Damaged(why) => Error::Corrupt { path: self.path.clone(), why },
            Failure::Refused(error) => error,
        })
    }

    fn closed(&self) -> Error {
        Error::Storage { path: self.path.clone(), why: "it could not be opened again".to_owned() }
    }
}

/// Why a transaction was given up.
pub(crate) enum Failure {
    Sqlx(sqlx::Error),
    /// A row that cannot be what was written.
    Damaged(String),
    Refused(Error),
}

impl From<sqlx::Error> for Failure {
    fn from(error: sqlx::Error) -> Self {
        Self::Sqlx(error)
    }
}

impl Drop for Index {
    fn drop(&mut self) {
        let inner = self.inner.get_mut().unwrap_or_else(PoisonError::into_inner);
        let Some(runtime) = inner.runtime.take() else { return };
        if let Some(connection) = inner.connection.take()
            && tokio::runtime::Handle::try_current().is_err()
        {
            runtime.block_on(disk::close(connection));
        }
        runtime.shutdown_background();
    }
}

pub(crate) fn runtime(path: &Path) -> Result<Runtime, Error> {
    tokio::runtime::Builder::new_current_thread()
        .enable_time()
        .build()
        .map_err(|error| Error::storage(path, "start its runtime", &error))
}
