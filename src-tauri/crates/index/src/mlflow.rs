//! `MLflow`'s own SQLite store, read as plain rows. It is nobody's index: nothing is written to it or beside it.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use sqlx::sqlite::{SqliteConnectOptions, SqliteRow};
use sqlx::{ConnectOptions, Row, SqliteConnection};

use crate::disk::with_suffix;
use crate::{Error, index};

/// The largest store that is copied to be read; one that nobody is writing is read where it lies, whatever its size.
const MAX_COPIED_BYTES: u64 = 512 << 20;
/// The most runs that are read, the newest.
const MAX_RUNS: i64 = 20_000;
/// The most metrics, parameters and tags that are read, each.
const MAX_ROWS: i64 = 500_000;
/// The most points of a curve that are read.
const MAX_POINTS: i64 = 1_000_000;
/// The most letters of a text that are read.
const MAX_TEXT: i64 = 8_000;
/// The most bytes of texts that are read.
const MAX_BYTES: usize = 256 << 20;
/// Looks at a file that somebody changes meanwhile.
const ATTEMPTS: usize = 3;
/// How long one look may take.
const PATIENCE: Duration = Duration::from_secs(20);

/// What a store has.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct MlflowRows {
    /// Id and name of each experiment.
    pub experiments: Vec<(String, String)>,
    /// Runs, newest first.
    pub runs: Vec<MlflowRunRow>,
    /// Latest values.
    pub metrics: Vec<MlflowMetricRow>,
    /// Run, name, value.
    pub params: Vec<(String, String, String)>,
    /// Run, name, value.
    pub tags: Vec<(String, String, String)>,
    /// Whether there is more than is read.
    pub truncated: bool,
}

/// A run; what each column means is for whoever asked.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct MlflowRunRow {
    /// Its id.
    pub run: String,
    /// Its name.
    pub name: Option<String>,
    /// Its experiment's id.
    pub experiment: Option<String>,
    /// `FINISHED` and such.
    pub status: Option<String>,
    /// `active` or `deleted`.
    pub lifecycle: Option<String>,
    /// Milliseconds after 1970.
    pub started_millis: Option<i64>,
    /// Milliseconds after 1970.
    pub ended_millis: Option<i64>,
}

/// A value of a metric.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct MlflowMetricRow {
    /// The run's id.
    pub run: String,
    /// Its name.
    pub metric: String,
    /// The value; NaN where the store says so.
    pub value: f64,
    /// The step.
    pub step: i64,
    /// Milliseconds after 1970.
    pub at_millis: i64,
}

/// Reads the store at `path`. One that a program is writing is copied elsewhere first, with the journal beside it, so
/// that all it has said is seen and nothing is left beside it.
pub fn mlflow_rows(path: &Path) -> Result<MlflowRows, Error> {
    look(path, &async |connection: &mut SqliteConnection| {
        let mut rows = MlflowRows::default();
        let mut budget = Budget::default();
        rows.experiments = pairs(connection, &mut budget).await?;
        rows.runs = runs(connection, &mut budget).await?;
        rows.metrics = sqlx::query(
            "SELECT run_uuid, substr(key, 1, ?2), value, is_nan, step, timestamp FROM latest_metrics LIMIT ?1",
        )
        .bind(MAX_ROWS + 1)
        .bind(MAX_TEXT)
        .fetch_all(&mut *connection)
        .await?
        .iter()
        .map(|row| budget.metric(row))
        .collect::<Result<_, _>>()?;
        rows.params = triples(connection, &mut budget, "params").await?;
        rows.tags = triples(connection, &mut budget, "tags").await?;
        let most = usize::try_from(MAX_ROWS).unwrap_or(usize::MAX);
        for list in [&mut rows.params, &mut rows.tags] {
            rows.truncated |= list.len() > most;
            list.truncate(most);
        }
        rows.truncated |= rows.metrics.len() > most || budget.is_spent();
        rows.metrics.truncate(most);
        let most = usize::try_from(MAX_RUNS).unwrap_or(usize::MAX);
        rows.truncated |= rows.runs.len() > most;
        rows.runs.truncate(most);
        Ok(rows)
    })
}

/// Every value of one metric of one run, by step, then time; and whether there are more.
pub fn mlflow_curve(path: &Path, run: &str, metric: &str) -> Result<(Vec<MlflowMetricRow>, bool), Error> {
    look(path, &async |connection: &mut SqliteConnection| {
        let mut budget = Budget::default();
        let rows = sqlx::query(
            "SELECT run_uuid, substr(key, 1, ?4), value, is_nan, step, timestamp FROM metrics
             WHERE run_uuid = ?1 AND key = ?2 ORDER BY step, timestamp LIMIT ?3",
        )
        .bind(run)
        .bind(metric)
        .bind(MAX_POINTS + 1)
        .bind(MAX_TEXT)
        .fetch_all(&mut *connection)
        .await?;
        let mut points = rows.iter().map(|row| budget.metric(row)).collect::<Result<Vec<_>, _>>()?;
        let most = usize::try_from(MAX_POINTS).unwrap_or(usize::MAX);
        let is_cut = points.len() > most || budget.is_spent();
        points.truncate(most);
        Ok((points, is_cut))
    })
}

/// How much text was read.
#[derive(Default)]
struct Budget(usize);

impl Budget {
    fn is_spent(&self) -> bool {
        self.0 >= MAX_BYTES
    }

    /// A text; an empty one once the budget is spent.
    fn text(&mut self, row: &SqliteRow, column: usize) -> Result<Option<String>, sqlx::Error> {
        let text: Option<String> = row.try_get_unchecked(column)?;
        self.0 += text.as_ref().map_or(0, String::len);
        Ok(if self.is_spent() { text.map(|_| String::new()) } else { text })
    }

    fn some_text(&mut self, row: &SqliteRow, column: usize) -> Result<String, sqlx::Error> {
        self.text(row, column).map(Option::unwrap_or_default)
    }

    fn metric(&mut self, row: &SqliteRow) -> Result<MlflowMetricRow, sqlx::Error> {
        let is_nan: Option<i64> = row.try_get_unchecked(3)?;
        let value: Option<f64> = row.try_get_unchecked(2)?;
        let whole = |column: usize| row.try_get_unchecked::<Option<i64>, _>(column);
        Ok(MlflowMetricRow {
            run: self.some_text(row, 0)?,
            metric: self.some_text(row, 1)?,
            value: if is_nan == Some(1) { f64::NAN } else { value.unwrap_or(f64::NAN) },
            step: whole(4)?.unwrap_or(0),
            at_millis: whole(5)?.unwrap_or(0),
        })
    }
}

async fn pairs(
    connection: &mut SqliteConnection,
    budget: &mut Budget,
) -> Result<Vec<(String, String)>, sqlx::Error> {
    let rows =
        sqlx::query("SELECT CAST(experiment_id AS TEXT), substr(name, 1, ?2) FROM experiments LIMIT ?1")
            .bind(MAX_RUNS)
            .bind(MAX_TEXT)
            .fetch_all(connection)
            .await?;
    rows.iter().map(|row| Ok((budget.some_text(row, 0)?, budget.some_text(row, 1)?))).collect()
}

async fn runs(
    connection: &mut SqliteConnection,
    budget: &mut Budget,
) -> Result<Vec<MlflowRunRow>, sqlx::Error> {
    let rows = sqlx::query(
        "SELECT run_uuid, substr(name, 1, ?2), CAST(experiment_id AS TEXT), status, lifecycle_stage, start_time, end_time
         FROM runs ORDER BY start_time DESC, run_uuid LIMIT ?1",
    )
    .bind(MAX_RUNS + 1)
    .bind(MAX_TEXT)
    .fetch_all(connection)
    .await?;
    let mut found = Vec::with_capacity(rows.len());
    for row in &rows {
        found.push(MlflowRunRow {
            run: budget.some_text(row, 0)?,
            name: budget.text(row, 1)?,
            experiment: budget.text(row, 2)?,
            status: budget.text(row, 3)?,
            lifecycle: budget.text(row, 4)?,
            started_millis: row.try_get_unchecked(5)?,
            ended_millis: row.try_get_unchecked(6)?,
        });
    }
    Ok(found)
}

async fn triples(
    connection: &mut SqliteConnection,
    budget: &mut Budget,
    table: &'static str,
) -> Result<Vec<(String, String, String)>, sqlx::Error> {
    let query = match table {
        "params" => "SELECT run_uuid, substr(key, 1, ?2), substr(value, 1, ?2) FROM params LIMIT ?1",
        _ => "SELECT run_uuid, substr(key, 1, ?2), substr(value, 1, ?2) FROM tags LIMIT ?1",
    };
    let rows = sqlx::query(query).bind(MAX_ROWS + 1).bind(MAX_TEXT).fetch_all(connection).await?;
    let text = |row: &SqliteRow, budget: &mut Budget| {
        Ok((budget.some_text(row, 0)?, budget.some_text(row, 1)?, budget.some_text(row, 2)?))
    };
    rows.iter().map(|row| text(row, budget)).collect()
}

/// Asks `question` of the store: where it lies if nobody is writing it, else of a copy.
fn look<T>(
    path: &Path,
    question: &impl AsyncFn(&mut SqliteConnection) -> Result<T, sqlx::Error>,
) -> Result<T, Error> {
    let runtime = index::runtime(path)?;
    let mut last = Err(Error::Busy { path: path.to_owned() });
    for _ in 0..ATTEMPTS {
        let before = Files::at(path)?;
        if before.is_at_rest() {
            last =
                runtime.block_on(ask(path, true, question)).map_err(|error| Error::from_sqlx(path, &error));
        } else {
            let copy = before.copy(path)?;
            if Files::at(path)? != before {
                continue;
            }
            let place = copy.path().join(COPY);
            last = runtime
                .block_on(ask(&place, false, question))
                .map_err(|error| Error::from_sqlx(path, &error));
        }
        // An answer from a file that changed meanwhile may be a mixture of two.
        if Files::at(path)? == before {
            return last;
        }
        last = Err(Error::Busy { path: path.to_owned() });
    }
    last
}

/// Opens the file and asks. An immutable one is read without a lock, a journal or shared memory.
async fn ask<T>(
    path: &Path,
    immutable: bool,
    question: &impl AsyncFn(&mut SqliteConnection) -> Result<T, sqlx::Error>,
) -> Result<T, sqlx::Error> {
    let options = SqliteConnectOptions::new()
        .filename(path)
        .read_only(immutable)
        .immutable(immutable)
        .create_if_missing(false)
        .pragma("trusted_schema", "OFF")
        .pragma("query_only", "ON")
        .row_buffer_size(512)
        .disable_statement_logging();
    let mut connection = options.connect().await?;
    let since = Instant::now();
    connection.lock_handle().await?.set_progress_handler(100_000, move || since.elapsed() < PATIENCE);
    let answer = match only_tables(&mut connection).await {
        Ok(()) => question(&mut connection).await,
        Err(error) => Err(error),
    };
    crate::disk::close(connection).await;
    answer
}

/// Refuses a file in which a name that is asked for is no table: a view may compute for ever.
async fn only_tables(connection: &mut SqliteConnection) -> Result<(), sqlx::Error> {
    let found: i64 = sqlx::query_scalar(
        "SELECT count(*) FROM sqlite_schema WHERE type = 'table'
         AND name IN ('experiments', 'runs', 'metrics', 'latest_metrics', 'params', 'tags')",
    )
    .fetch_one(connection)
    .await?;
    if found == 6 { Ok(()) } else { Err(sqlx::Error::Protocol("it lacks MLflow's tables".to_owned())) }
}

/// The copy's name in its folder.
const COPY: &str = "mlflow.db";

/// Size and time of the file and of what SQLite keeps beside it.
#[derive(PartialEq)]
struct Files([Option<(u64, Option<std::time::SystemTime>)>; 3]);

const SUFFIXES: [&str; 3] = ["", "-wal", "-journal"];

impl Files {
    fn at(path: &Path) -> Result<Self, Error> {
        let mut found = [None; 3];
        for (place, suffix) in found.iter_mut().zip(SUFFIXES) {
            *place = match fs::symlink_metadata(with_suffix(path, suffix)) {
                Ok(file) if file.is_file() => Some((file.len(), file.modified().ok())),
                Ok(_) => None,
                Err(error) if error.kind() == std::io::ErrorKind::NotFound => None,
                Err(error) => return Err(Error::storage(path, "look for it", &error)),
            };
        }
        Ok(Self(found))
    }

    /// Whether all that was said is in the file itself.
    fn is_at_rest(&self) -> bool {
        let [_, beside @ ..] = &self.0;
        beside.iter().all(|file| file.is_none_or(|(size_bytes, _)| size_bytes == 0))
    }

    fn copy(&self, path: &Path) -> Result<tempfile::TempDir, Error> {
        let size_bytes: u64 = self.0.iter().flatten().map(|(size_bytes, _)| size_bytes).sum();
        if size_bytes > MAX_COPIED_BYTES {
            let why = format!("a program is writing it, and its {size_bytes} bytes are too many to copy");
            return Err(Error::Storage { path: path.to_owned(), why });
        }
        let folder = tempfile::Builder::new()
            .prefix("keelmark-mlflow-")
            .tempdir()
            .map_err(|error| Error::storage(path, "make a folder for a copy", &error))?;
        for (file, suffix) in self.0.iter().zip(SUFFIXES) {
            if file.is_some() {
                let to: PathBuf = with_suffix(&folder.path().join(COPY), suffix);
                fs::copy(with_suffix(path, suffix), to)
                    .map_err(|error| Error::storage(path, "copy it", &error))?;
            }
        }
        Ok(folder)
    }
}
