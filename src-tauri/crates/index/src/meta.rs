//! Small facts about the index itself.

use crate::{Error, Index};

impl Index {
    /// The value kept under `key`.
    pub fn meta(&self, key: &str) -> Result<Option<String>, Error> {
        self.read(async |connection| {
            Ok(sqlx::query_scalar("SELECT value FROM meta WHERE key = ?1")
                .bind(key)
                .fetch_optional(&mut *connection)
                .await?)
        })
    }

    /// Keeps `value` under `key`, or forgets the key.
    pub fn set_meta(&self, key: &str, value: Option<&str>) -> Result<(), Error> {
        self.write(async |connection| {
            let query = match value {
                Some(value) => sqlx::query("INSERT OR REPLACE INTO meta (key, value) VALUES (?1, ?2)")
                    .bind(key)
                    .bind(value),
                None => sqlx::query("DELETE FROM meta WHERE key = ?1").bind(key),
            };
            query.execute(&mut *connection).await?;
            Ok(())
        })
    }
}
