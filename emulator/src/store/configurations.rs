//! Configurations of buckets, as documents by the names of their kinds.

use rusqlite::OptionalExtension;

use super::{Error, Tx};

impl Tx<'_> {
    pub fn configuration(&self, bucket: &str, kind: &str) -> Result<Option<Vec<u8>>, Error> {
        let document = self
            .sql
            .prepare_cached("SELECT document FROM configurations WHERE bucket = ?1 AND kind = ?2")?
            .query_row([bucket, kind], |row| row.get(0))
            .optional()?;
        Ok(document)
    }

    /// In place of one that was there.
    pub fn put_configuration(
        &mut self,
        bucket: &str,
        kind: &str,
        document: &[u8],
    ) -> Result<(), Error> {
        self.sql
            .prepare_cached(
                "INSERT OR REPLACE INTO configurations (bucket, kind, document) VALUES (?1, ?2, ?3)",
            )?
            .execute((bucket, kind, document))?;
        Ok(())
    }

    pub fn remove_configuration(&mut self, bucket: &str, kind: &str) -> Result<(), Error> {
        self.sql
            .prepare_cached("DELETE FROM configurations WHERE bucket = ?1 AND kind = ?2")?
            .execute([bucket, kind])?;
        Ok(())
    }
}
