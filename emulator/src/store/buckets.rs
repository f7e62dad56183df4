//! Buckets, and the account-wide memory of used signatures.

use rusqlite::{OptionalExtension, Row};

use super::{Error, Tx};

#[derive(Debug, Clone)]
pub struct Bucket {
    pub name: String,
    pub ctime: i64,
    /// On purpose, and not by its first use.
    pub is_made: bool,
    /// The XML API's word; None if none was ever set.
    pub acl: Option<String>,
    /// To accounts: a JSON list.
    pub grants: String,
    /// None if it never had versions.
    pub versioning: Option<Versioning>,
    /// None: in all.
    pub region: Option<String>,
}

impl Bucket {
    /// Whether it is in this region; None stands for any.
    pub fn is_in(&self, region: Option<&str>) -> bool {
        let both = self.region.as_deref().zip(region);
        both.is_none_or(|(own, asked)| own == asked)
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Versioning {
    Enabled,
    Suspended,
}

impl Versioning {
    /// As the XML API has it.
    pub fn name(self) -> &'static str {
        match self {
            Versioning::Enabled => "Enabled",
            Versioning::Suspended => "Suspended",
        }
    }

    pub fn named(name: &str) -> Option<Versioning> {
        let all = [Versioning::Enabled, Versioning::Suspended];
        all.into_iter().find(|versioning| versioning.name() == name)
    }
}

const COLUMNS: &str = "name, ctime, is_made, acl, grants, versioning, region";

fn bucket_of_row(row: &Row) -> rusqlite::Result<Bucket> {
    Ok(Bucket {
        name: row.get(0)?,
        ctime: row.get(1)?,
        is_made: row.get(2)?,
        acl: row.get(3)?,
        grants: row.get(4)?,
        versioning: versioning_of(row.get(5)?),
        region: row.get(6)?,
    })
}

fn versioning_of(name: Option<String>) -> Option<Versioning> {
    name.and_then(|name| Versioning::named(&name))
}

impl Tx<'_> {
    pub fn bucket(&self, name: &str) -> Result<Option<Bucket>, Error> {
        let bucket = self
            .sql
            .prepare_cached(&format!("SELECT {COLUMNS} FROM buckets WHERE name = ?1"))?
            .query_row([name], bucket_of_row)
            .optional()?;
        Ok(bucket)
    }

    /// By name.
    pub fn buckets(&self) -> Result<Vec<Bucket>, Error> {
        let mut statement = self
            .sql
            .prepare_cached(&format!("SELECT {COLUMNS} FROM buckets ORDER BY name"))?;
        let buckets = statement.query_map([], bucket_of_row)?;
        Ok(buckets.collect::<Result<_, _>>()?)
    }

    /// Writes a bucket in place of one of its name.
    pub fn put_bucket(&mut self, bucket: &Bucket) -> Result<(), Error> {
        self.sql
            .prepare_cached(&format!(
                "INSERT OR REPLACE INTO buckets ({COLUMNS}) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)"
            ))?
            .execute((
                &bucket.name,
                bucket.ctime,
                bucket.is_made,
                &bucket.acl,
                &bucket.grants,
                bucket.versioning.map(Versioning::name),
                &bucket.region,
            ))?;
        Ok(())
    }

    /// None also where there is no such bucket.
    pub fn versioning(&self, bucket: &str) -> Result<Option<Versioning>, Error> {
        let found = self
            .sql
            .prepare_cached("SELECT versioning FROM buckets WHERE name = ?1")?
            .query_row([bucket], |row| row.get(0))
            .optional()?;
        Ok(versioning_of(found.flatten()))
    }

    /// Of all buckets that never had versions.
    pub fn begin_versioning(&mut self, versioning: Versioning) -> Result<(), Error> {
        self.sql
            .prepare_cached("UPDATE buckets SET versioning = ?1 WHERE versioning IS NULL")?
            .execute([versioning.name()])?;
        Ok(())
    }

    /// Only for an empty one; the folders that are implied in it go too, and its configurations.
    pub fn remove_bucket(&mut self, name: &str) -> Result<(), Error> {
        for table in [
            "DELETE FROM entries WHERE bucket = ?1",
            "DELETE FROM configurations WHERE bucket = ?1",
            "DELETE FROM buckets WHERE name = ?1",
        ] {
            self.sql.prepare_cached(table)?.execute([name])?;
        }
        Ok(())
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
