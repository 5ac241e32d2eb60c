//! Everything the index would answer, as text: what `index verify` compares before and after a rebuild.

use std::fmt::Write as _;

use crate::index::Failure;
use crate::runs::read_row;
use crate::{Error, Index};

impl Index {
    /// All refs, runs and deployments, a line each, in an order that depends on Git alone.
    pub fn dump(&self) -> Result<String, Error> {
        self.read(async |connection| {
            let mut text = String::new();
            let mut line = |parts: &[&str]| {
                let parts: Vec<String> = parts.iter().map(|part| part.escape_debug().to_string()).collect();
                writeln!(text, "{}", parts.join("\t")).expect("a String takes every line");
            };
            let refs: Vec<(String, String)> =
                sqlx::query_as("SELECT name, target FROM refs ORDER BY name").fetch_all(&mut *connection).await?;
            for (name, target) in &refs {
                line(&["ref", name, target]);
            }
            let rows = sqlx::query(
                "SELECT ref_name, run, commit_id, remote, kind, model, version, job, status, dirty, checksum, content,
                        shown
                 FROM runs ORDER BY run, ref_name",
            )
            .fetch_all(&mut *connection)
            .await?;
            for row in &rows {
                let shown: bool = sqlx::Row::try_get(row, 12)?;
                let row = read_row(row)?;
                let shown = if shown { "shown" } else { "also" };
                let dirty = if row.dirty { "dirty" } else { "clean" };
                line(&[
                    "run", &row.run, shown, &row.ref_name, &row.commit, &row.remote, &row.kind, &row.model,
                    &row.version, &row.job, &row.status, dirty, &row.content,
                ]);
            }
            let tip: Option<String> = sqlx::query_scalar("SELECT value FROM meta WHERE key = 'deploy_tip'")
                .fetch_optional(&mut *connection)
                .await?;
            line(&["deploy", tip.as_deref().unwrap_or("")]);
            let deployments: Vec<(i64, String, String, String, String, String, String)> = sqlx::query_as(
                "SELECT position, commit_id, environment, model, version, run, content FROM deployments
                 ORDER BY position",
            )
            .fetch_all(&mut *connection)
            .await?;
            for (position, commit, environment, model, version, run, content) in &deployments {
                let position = position.to_string();
                line(&["deployment", &position, commit, environment, model, version, run, content]);
            }
            Ok::<_, Failure>(text)
        })
    }
}
