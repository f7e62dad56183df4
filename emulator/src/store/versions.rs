//! Versions of objects (xml-api.md §3.14): what a bucket that keeps them does when an object is written,
//! deleted, or one of its versions is removed. The newest version is an entry like any other, unless it is
//! a delete marker; the rest are kept aside.

use base64::Engine;
use base64::engine::general_purpose::STANDARD_NO_PAD;
use rusqlite::{OptionalExtension, Row, named_params};

use super::entries::{COLUMNS, NULL_VERSION, VersionId, entry_of_row};
use super::objects::{From, VISIBLE, behind};
use super::{Attributes, Entry, Error, Object, Tx, Versioning};

/// One of an object's versions.
#[derive(Debug, Clone)]
pub struct Version {
    pub key: String,
    pub version: VersionId,
    pub mtime: i64,
    pub is_latest: bool,
    /// None for a delete marker.
    pub object: Option<Object>,
}

/// Those of an entry, of a version that is kept aside.
const ASIDE: &str = "
    key, 0, biz_attr, authority, custom_headers, ctime, mtime, size, sha, blob, NULL,
    md5, crc64, etag, storage_class, size, grants, encryption, version, place, tags, appendable, restore";

/// Whether a version that is kept aside is its object's newest.
fn is_newest() -> String {
    format!(
        "(NOT EXISTS (SELECT 1 FROM entries AS shown WHERE shown.bucket = versions.bucket
                      AND shown.key = versions.key AND {VISIBLE})
          AND NOT EXISTS (SELECT 1 FROM versions AS newer WHERE newer.bucket = versions.bucket
                      AND newer.key = versions.key AND newer.place > versions.place))"
    )
}

fn version_of_row(row: &Row) -> rusqlite::Result<Version> {
    let entry = entry_of_row(row)?;
    let is_marker: bool = row.get(23)?;
    Ok(Version {
        key: entry.key.clone(),
        version: entry.version.clone(),
        mtime: entry.mtime,
        is_latest: row.get(24)?,
        object: entry.into_object().filter(|_| !is_marker),
    })
}

/// As the service's ids look, and like them in order: the newer, the smaller.
fn id_of(place: i64) -> String {
    STANDARD_NO_PAD.encode((u64::MAX - place.unsigned_abs()).to_string())
}

/// The place that an id stands for; None if it is no id, or `null`.
pub fn place_of(id: &str) -> Option<i64> {
    let digits = String::from_utf8(STANDARD_NO_PAD.decode(id).ok()?).ok()?;
    let number: u64 = digits.parse().ok()?;
    i64::try_from(u64::MAX - number).ok()
}

impl Tx<'_> {
    /// Writes an object as the newest version of its key. Its id; None in a bucket that never had versions.
    pub fn write_object(&mut self, bucket: &str, entry: Entry) -> Result<Option<String>, Error> {
        let Some(versioning) = self.versioning(bucket)? else {
            self.put_entry(bucket, &entry)?;
            return Ok(None);
        };
        // What is appended to takes no part in versions (xml-api.md §3.19).
        let versioning = match entry.attributes.is_appendable {
            true => Versioning::Suspended,
            false => versioning,
        };
        self.set_aside(bucket, &entry.key, versioning)?;
        let version = self.next_version(versioning, entry.mtime)?;
        let id = version.id.clone();
        self.put_entry(bucket, &Entry { version, ..entry })?;
        Ok(Some(id))
    }

    /// Lays a delete marker where the bucket has versions, and gives its id.
    pub fn delete_object(
        &mut self,
        bucket: &str,
        key: &str,
        now: i64,
    ) -> Result<Option<String>, Error> {
        let marker = self.lay_marker(bucket, key, now)?;
        self.remove_object(bucket, key)?;
        Ok(marker)
    }

    /// The same, but what is shown at the key stays; it is for the caller to remove.
    pub fn lay_marker(
        &mut self,
        bucket: &str,
        key: &str,
        now: i64,
    ) -> Result<Option<String>, Error> {
        let Some(versioning) = self.versioning(bucket)? else {
            return Ok(None);
        };
        self.set_aside(bucket, key, versioning)?;
        let VersionId { id, place } = self.next_version(versioning, now)?;
        let none = Attributes::default();
        self.sql
            .prepare_cached(
                "INSERT INTO versions (bucket, key, place, version, is_marker, biz_attr, authority,
                     custom_headers, storage_class, ctime, mtime, grants, encryption)
                 VALUES (?1, ?2, ?3, ?4, TRUE, '', ?5, ?6, ?7, ?8, ?8, ?9, ?10)",
            )?
            .execute(rusqlite::params![
                bucket,
                key,
                place,
                id,
                none.authority,
                none.headers,
                none.storage_class,
                now,
                none.grants,
                none.encryption,
            ])?;
        Ok(Some(id))
    }

    /// Removes one version for good; whether it was a delete marker, None if there is none of that id. What
    /// is the newest then is shown again.
    pub fn remove_version(
        &mut self,
        bucket: &str,
        key: &str,
        id: &str,
    ) -> Result<Option<bool>, Error> {
        let shown = self.object(bucket, key)?;
        let is_marker = match shown {
            Some(object) if object.version.id == id => {
                self.remove_object(bucket, key)?;
                false
            }
            _ => match self.forget(bucket, key, id)? {
                Some(is_marker) => is_marker,
                None => return Ok(None),
            },
        };
        self.show_newest(bucket, key)?;
        Ok(Some(is_marker))
    }

    pub fn version(&self, bucket: &str, key: &str, id: &str) -> Result<Option<Version>, Error> {
        if let Some(object) = self.object(bucket, key)?.filter(|o| o.version.id == id) {
            return Ok(Some(Version {
                key: object.key.clone(),
                version: object.version.clone(),
                mtime: object.mtime,
                is_latest: true,
                object: Some(object),
            }));
        }
        let found = self
            .sql
            .prepare_cached(&format!(
                "SELECT {ASIDE}, is_marker, {} FROM versions
                 WHERE bucket = ?1 AND key = ?2 AND version = ?3",
                is_newest()
            ))?
            .query_row((bucket, key, id), version_of_row)
            .optional()?;
        Ok(found)
    }

    /// Whether a delete marker is the newest version.
    pub fn is_deleted(&self, bucket: &str, key: &str) -> Result<bool, Error> {
        Ok(self
            .sql
            .prepare_cached(&format!(
                "SELECT 1 FROM versions
                 WHERE bucket = ?1 AND key = ?2 AND is_marker AND {}",
                is_newest()
            ))?
            .exists((bucket, key))?)
    }

    /// By key, then the newest first; those whose keys begin with `prefix` alone.
    pub fn versions(
        &self,
        bucket: &str,
        prefix: &str,
        from: &From,
        limit: usize,
    ) -> Result<Vec<Version>, Error> {
        let below = match from {
            From::At(_) => i64::MAX,
            From::After(_) => i64::MIN,
            From::Below(_, place) => *place,
        };
        let wanted = "bucket = :bucket AND key >= :key AND (key > :key OR place < :below)
                      AND key >= :prefix AND (:end IS NULL OR key < :end)";
        // A change that reads have yet to see may have left what it replaced, or a marker, aside.
        let mut statement = self.sql.prepare_cached(&format!(
            "SELECT {COLUMNS}, FALSE, TRUE FROM entries WHERE {wanted} AND {VISIBLE}
             UNION ALL
             SELECT {ASIDE}, is_marker, {} FROM versions WHERE {wanted}
                AND NOT EXISTS (SELECT 1 FROM entries AS shown WHERE shown.bucket = versions.bucket
                    AND shown.key = versions.key AND shown.place <= versions.place AND {VISIBLE})
             ORDER BY 1, 20 DESC LIMIT :limit",
            is_newest()
        ))?;
        let rows = statement.query_map(
            named_params! {
                ":bucket": bucket,
                ":key": from.key(),
                ":below": below,
                ":prefix": prefix,
                ":end": behind(prefix),
                ":limit": limit,
            },
            version_of_row,
        )?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// Who may do what with one version.
    pub fn set_access(
        &mut self,
        bucket: &str,
        key: &str,
        id: &str,
        attributes: &Attributes,
    ) -> Result<(), Error> {
        for (table, condition) in [("entries", VISIBLE), ("versions", "NOT is_marker")] {
            self.sql
                .prepare_cached(&format!(
                    "UPDATE {table} SET authority = ?4, grants = ?5
                     WHERE bucket = ?1 AND key = ?2 AND version = ?3 AND {condition}"
                ))?
                .execute((bucket, key, id, &attributes.authority, &attributes.grants))?;
        }
        Ok(())
    }

    /// Keeps the version that is shown, and makes way for another with the id null.
    fn set_aside(&mut self, bucket: &str, key: &str, versioning: Versioning) -> Result<(), Error> {
        if versioning == Versioning::Suspended {
            self.forget(bucket, key, NULL_VERSION)?;
        }
        self.sql
            .prepare_cached(&format!(
                "INSERT OR REPLACE INTO versions (bucket, key, place, version, is_marker, biz_attr,
                     authority, custom_headers, storage_class, ctime, mtime, size, sha, md5, crc64,
                     etag, blob, grants, encryption, tags, appendable, restore)
                 SELECT bucket, key, place, version, FALSE, biz_attr,
                     authority, custom_headers, storage_class, ctime, mtime, size, sha, md5, crc64,
                     etag, blob, grants, encryption, tags, appendable, restore
                 FROM entries WHERE bucket = ?1 AND key = ?2 AND {VISIBLE}
                     AND (?3 OR version <> 'null')"
            ))?
            .execute((bucket, key, versioning == Versioning::Enabled))?;
        Ok(())
    }

    /// Never the same again, even if the clock goes back.
    fn next_version(&mut self, versioning: Versioning, now: i64) -> Result<VersionId, Error> {
        let place = self
            .sql
            .prepare_cached("UPDATE places SET last = max(last + 1, ?1) RETURNING last")?
            .query_row([now.max(0).saturating_mul(1_000_000)], |row| row.get(0))?;
        Ok(VersionId {
            id: match versioning {
                Versioning::Enabled => id_of(place),
                Versioning::Suspended => NULL_VERSION.to_owned(),
            },
            place,
        })
    }

    /// Removes a version that is kept aside; whether it was a delete marker.
    fn forget(&mut self, bucket: &str, key: &str, id: &str) -> Result<Option<bool>, Error> {
        let found: Option<(bool, Option<String>)> = self
            .sql
            .prepare_cached(
                "DELETE FROM versions WHERE bucket = ?1 AND key = ?2 AND version = ?3
                 RETURNING is_marker, blob",
            )?
            .query_row((bucket, key, id), |row| Ok((row.get(0)?, row.get(1)?)))
            .optional()?;
        let Some((is_marker, blob)) = found else {
            return Ok(None);
        };
        if let Some(blob) = blob {
            self.release(blob);
        }
        Ok(Some(is_marker))
    }

    fn show_newest(&mut self, bucket: &str, key: &str) -> Result<(), Error> {
        if self.object(bucket, key)?.is_some() {
            return Ok(());
        }
        let newest: Option<(Entry, bool)> = self
            .sql
            .prepare_cached(&format!(
                "SELECT {ASIDE}, is_marker FROM versions
                 WHERE bucket = ?1 AND key = ?2 ORDER BY place DESC LIMIT 1"
            ))?
            .query_row((bucket, key), |row| Ok((entry_of_row(row)?, row.get(23)?)))
            .optional()?;
        let Some((entry, false)) = newest else {
            return Ok(());
        };
        self.sql
            .prepare_cached("DELETE FROM versions WHERE bucket = ?1 AND key = ?2 AND place = ?3")?
            .execute((bucket, key, entry.version.place))?;
        self.put_entry(bucket, &entry)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_and_places() {
        // One of the service's own (document 436/35521), of a time in microseconds.
        let place = place_of("MTg0NDUxMzY2NDIxNTAwOTk4NzA").unwrap();
        assert_eq!(place / 1_000_000, 1_607_431_559);
        assert_eq!(id_of(place), "MTg0NDUxMzY2NDIxNTAwOTk4NzA");
        for other in ["null", "", "x", "MTg0", "MTIz", "!"] {
            assert_eq!(place_of(other), None, "{other}");
        }
    }
}
