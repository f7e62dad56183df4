//! Buckets, and the account-wide memory of used signatures.

use rusqlite::OptionalExtension;

use super::{Error, Tx};

pub struct Bucket {
    pub ctime: i64,
}

impl Tx<'_> {
    pub fn bucket(&self, name: &str) -> Result<Option<Bucket>, Error> {
        let bucket = self
            .sql
            .prepare_cached("SELECT ctime FROM buckets WHERE name = ?1")?
            .query_row([name], |row| Ok(Bucket { ctime: row.get(0)? }))
            .optional()?;
        Ok(bucket)
    }

    pub fn create_bucket(&mut self, name: &str, now: i64) -> Result<Bucket, Error> {
        self.sql
            .prepare_cached("INSERT INTO buckets (name, ctime) VALUES (?1, ?2)")?
            .execute((name, now))?;
        Ok(Bucket { ctime: now })
    }

    /// Remembers a one-time signature; false if it was used before.
    pub fn use_signature(&mut self, mac: &[u8]) -> Result<bool, Error> {
        let added = self
            .sql
            .prepare_cached("INSERT OR IGNORE INTO used_signatures (mac) VALUES (?1)")?
            .execute([mac])?;
        Ok(added == 1)
    }
}
