//! The deploy branch's first-parent line, oldest at position 0.

use sqlx::SqliteConnection;

use keelmark_types::{CommitId, EnvironmentName, ModelName};

use crate::entry::DeploymentEntry;
use crate::index::Failure;
use crate::runs::{commit_id, from_json, json_text};
use crate::{Error, Index, checksum};

/// The key of `meta` that holds the commit the table stands at.
const TIP: &str = "deploy_tip";

impl Index {
    /// The commit of the deploy branch that the entries end at.
    pub fn deploy_tip(&self) -> Result<Option<CommitId>, Error> {
        self.read(async |connection| tip(connection).await)
    }

    /// Puts `entries` (oldest first, ending at `new_tip`) after those that end at `known_tip`; with `None` in place
    /// of all there are. A [`Error::Conflict`] says that another process was there first.
    pub fn put_deployments(
        &self,
        known_tip: Option<&CommitId>,
        new_tip: Option<&CommitId>,
        entries: &[DeploymentEntry],
    ) -> Result<(), Error> {
        self.write(async |connection| {
            let first = match known_tip {
                None => {
                    sqlx::query("DELETE FROM deployments").execute(&mut *connection).await?;
                    0
                }
                Some(expected) => {
                    let known = tip(connection).await?;
                    if known.as_ref() != Some(expected) {
                        let known = known.map_or_else(|| "nothing".to_owned(), |tip| tip.to_string());
                        return Err(Failure::Refused(Error::Conflict {
                            known,
                            expected: expected.to_string(),
                        }));
                    }
                    sqlx::query_scalar("SELECT COALESCE(MAX(position) + 1, 0) FROM deployments")
                        .fetch_one(&mut *connection)
                        .await?
                }
            };
            for (position, entry) in (first..).zip(entries) {
                insert(connection, position, entry).await?;
            }
            let query = match new_tip {
                Some(new_tip) => sqlx::query("INSERT OR REPLACE INTO meta (key, value) VALUES (?1, ?2)")
                    .bind(TIP)
                    .bind(new_tip.as_str()),
                None => sqlx::query("DELETE FROM meta WHERE key = ?1").bind(TIP),
            };
            query.execute(&mut *connection).await?;
            Ok(())
        })
    }

    /// The entries, newest first: all of them, or those of one environment, of one model, or both.
    pub fn deployments(
        &self,
        environment: Option<&EnvironmentName>,
        model: Option<&ModelName>,
    ) -> Result<Vec<DeploymentEntry>, Error> {
        self.read(async |connection| {
            let rows: Vec<(i64, String, i64, String)> = sqlx::query_as(
                "SELECT position, commit_id, checksum, content FROM deployments
                 WHERE (?1 IS NULL OR environment = ?1) AND (?2 IS NULL OR model = ?2) ORDER BY position DESC",
            )
            .bind(environment.map(EnvironmentName::as_str))
            .bind(model.map(ModelName::as_str))
            .fetch_all(&mut *connection)
            .await?;
            rows.into_iter()
                .map(|(position, commit, kept, content)| {
                    if checksum::of(&[&position.to_string(), &commit, &content]) == kept {
                        from_json(&content)
                    } else {
                        Err(Failure::Damaged(format!("the row of deployment {commit:?} is not what was written")))
                    }
                })
                .collect()
        })
    }
}

async fn tip(connection: &mut SqliteConnection) -> Result<Option<CommitId>, Failure> {
    let value: Option<String> = sqlx::query_scalar("SELECT value FROM meta WHERE key = ?1")
        .bind(TIP)
        .fetch_optional(&mut *connection)
        .await?;
    value.map(commit_id).transpose()
}

async fn insert(
    connection: &mut SqliteConnection,
    position: i64,
    entry: &DeploymentEntry,
) -> Result<(), Failure> {
    let content = json_text(entry);
    let promoted = entry.promoted.as_ref();
    sqlx::query(
        "INSERT INTO deployments (position, commit_id, environment, model, version, run, checksum, content)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
    )
    .bind(position)
    .bind(entry.commit.as_str())
    .bind(promoted.map_or("", |promoted| promoted.environment.as_str()))
    .bind(promoted.map_or("", |promoted| promoted.model.as_str()))
    .bind(promoted.map_or("", |promoted| promoted.version.as_str()))
    .bind(promoted.map_or("", |promoted| promoted.run.as_str()))
    .bind(checksum::of(&[&position.to_string(), entry.commit.as_str(), &content]))
    .bind(&content)
    .execute(&mut *connection)
    .await?;
    Ok(())
}
