//! What is changed of one version of an object, and leaves all else of it as it is.

use super::objects::VISIBLE;
use super::{Error, Tx};

impl Tx<'_> {
    /// A JSON object.
    pub fn set_tags(&mut self, bucket: &str, key: &str, id: &str, tags: &str) -> Result<(), Error> {
        self.set(bucket, key, id, ("tags", tags))
    }

    /// A JSON object.
    pub fn set_restore(
        &mut self,
        bucket: &str,
        key: &str,
        id: &str,
        restore: &str,
    ) -> Result<(), Error> {
        self.set(bucket, key, id, ("restore", restore))
    }

    fn set(
        &mut self,
        bucket: &str,
        key: &str,
        id: &str,
        (column, value): (&str, &str),
    ) -> Result<(), Error> {
        for (table, condition) in [("entries", VISIBLE), ("versions", "NOT is_marker")] {
            self.sql
                .prepare_cached(&format!(
                    "UPDATE {table} SET {column} = ?4
                     WHERE bucket = ?1 AND key = ?2 AND version = ?3 AND {condition}"
                ))?
                .execute((bucket, key, id, value))?;
        }
        Ok(())
    }
}
