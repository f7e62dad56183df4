//! Files and folders, one row each.

use rusqlite::{OptionalExtension, Row};

use super::{Digests, Error, Tx};
use crate::keys;

#[derive(Debug, Clone)]
pub struct Entry {
    pub key: String,
    pub implied: bool,
    pub biz_attr: String,
    pub attributes: Attributes,
    pub ctime: i64,
    pub mtime: i64,
    /// None for a folder, unless the XML API gave it content.
    pub file: Option<FileState>,
    pub version: VersionId,
}

/// Which version of its key's object an entry is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VersionId {
    pub id: String,
    /// The larger, the newer.
    pub place: i64,
}

impl Default for VersionId {
    /// Of all that is written where there are no versions.
    fn default() -> Self {
        VersionId {
            id: NULL_VERSION.to_owned(),
            place: 0,
        }
    }
}

/// What an object has beside its content.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Attributes {
    /// Who may read and write: the JSON API's word, which the XML API's ACL is translated to.
    pub authority: String,
    /// Headers of its downloads: a JSON object.
    pub headers: String,
    pub storage_class: String,
    /// To accounts, beside what `authority` says of everybody: a JSON list.
    pub grants: String,
    /// The headers that tell how it is encrypted: a JSON object.
    pub encryption: String,
    /// A JSON object.
    pub tags: String,
    pub is_appendable: bool,
    /// How it is restored from the archive: a JSON object, empty if it is not.
    pub restore: String,
}

impl Default for Attributes {
    fn default() -> Self {
        Attributes {
            authority: INHERIT.to_owned(),
            headers: "{}".to_owned(),
            storage_class: STANDARD.to_owned(),
            grants: NO_GRANTS.to_owned(),
            encryption: "{}".to_owned(),
            tags: "{}".to_owned(),
            is_appendable: false,
            restore: String::new(),
        }
    }
}

#[derive(Debug, Clone)]
pub struct FileState {
    pub size: u64,
    pub received: u64,
    pub digests: Digests,
    /// Of the XML API, without quotes.
    pub etag: String,
    /// None while a first upload by slices goes on.
    pub blob: Option<String>,
    /// The sliced upload that makes or made the file.
    pub session: Option<String>,
}

impl Entry {
    pub fn folder(key: &str, now: i64) -> Self {
        Entry {
            key: key.to_owned(),
            implied: false,
            biz_attr: String::new(),
            attributes: Attributes::default(),
            ctime: now,
            mtime: now,
            file: None,
            version: VersionId::default(),
        }
    }

    pub fn file(key: &str, file: FileState, now: i64) -> Self {
        Entry {
            file: Some(file),
            ..Entry::folder(key, now)
        }
    }

    /// What the JSON API takes for a file: an object named like a folder is one.
    pub fn as_file(&self) -> Option<&FileState> {
        self.file.as_ref().filter(|_| !self.key.ends_with('/'))
    }
}

impl FileState {
    /// Content that is all there.
    pub fn complete(size: u64, digests: Digests, blob: &str) -> Self {
        FileState {
            size,
            received: size,
            etag: digests.md5.clone(),
            digests,
            blob: Some(blob.to_owned()),
            session: None,
        }
    }
}

/// The authority of a file that has none of its own (json-api.md §2.3).
const INHERIT: &str = "eInvalid";
pub const STANDARD: &str = "STANDARD";
pub const NO_GRANTS: &str = "[]";
pub const NULL_VERSION: &str = "null";

/// What every query of entries selects, in the order that `entry_of_row` reads.
pub(super) const COLUMNS: &str = "
    key, implied, biz_attr, authority, custom_headers, ctime, mtime, size, sha, blob, session,
    md5, crc64, etag, storage_class,
    CASE WHEN blob IS NULL
         THEN (SELECT received FROM sessions WHERE id = entries.session)
         ELSE size END,
    grants, encryption, version, place, tags, appendable, restore";

pub(super) fn entry_of_row(row: &Row) -> rusqlite::Result<Entry> {
    let file = match row.get(7)? {
        None => None,
        Some(size) => Some(FileState {
            size,
            digests: Digests {
                sha: row.get(8)?,
                md5: row.get(11)?,
                crc64: row.get::<_, String>(12)?.parse().unwrap_or(0),
            },
            etag: row.get(13)?,
            blob: row.get(9)?,
            session: row.get(10)?,
            received: row.get::<_, Option<u64>>(15)?.unwrap_or(0),
        }),
    };
    Ok(Entry {
        key: row.get(0)?,
        implied: row.get(1)?,
        biz_attr: row.get(2)?,
        attributes: Attributes {
            authority: row.get(3)?,
            headers: row.get(4)?,
            storage_class: row.get(14)?,
            grants: row.get(16)?,
            encryption: row.get(17)?,
            tags: row.get(20)?,
            is_appendable: row.get(21)?,
            restore: row.get(22)?,
        },
        ctime: row.get(5)?,
        mtime: row.get(6)?,
        file,
        version: VersionId {
            id: row.get(18)?,
            place: row.get(19)?,
        },
    })
}

impl Tx<'_> {
    pub fn entry(&self, bucket: &str, key: &str) -> Result<Option<Entry>, Error> {
        let entry = self
            .sql
            .prepare_cached(&format!(
                "SELECT {COLUMNS} FROM entries WHERE bucket = ?1 AND key = ?2"
            ))?
            .query_row((bucket, key), entry_of_row)
            .optional()?;
        Ok(entry)
    }

    /// Writes an entry in place of whatever its key held, and the folders above it.
    pub fn put_entry(&mut self, bucket: &str, entry: &Entry) -> Result<(), Error> {
        self.imply_parents(bucket, &entry.key, entry.mtime)?;
        self.release_blob(bucket, &entry.key)?;
        self.insert(bucket, entry)
    }

    pub fn remove_entry(&mut self, bucket: &str, key: &str) -> Result<(), Error> {
        self.release_blob(bucket, key)?;
        self.sql
            .prepare_cached("DELETE FROM entries WHERE bucket = ?1 AND key = ?2")?
            .execute((bucket, key))?;
        Ok(())
    }

    pub fn has_children(&self, bucket: &str, folder: &str) -> Result<bool, Error> {
        Ok(self
            .sql
            .prepare_cached("SELECT 1 FROM entries WHERE bucket = ?1 AND parent = ?2")?
            .exists((bucket, folder))?)
    }

    /// The blob of any complete file of the bucket with this content, and its digests.
    pub fn find_content(
        &self,
        bucket: &str,
        sha: &str,
        size: u64,
    ) -> Result<Option<(String, Digests)>, Error> {
        let found = self
            .sql
            .prepare_cached(
                "SELECT blob, md5, crc64 FROM entries
                 WHERE bucket = ?1 AND sha = ?2 AND size = ?3 AND blob IS NOT NULL LIMIT 1",
            )?
            .query_row((bucket, sha, size), |row| {
                let digests = Digests {
                    sha: sha.to_owned(),
                    md5: row.get(1)?,
                    crc64: row.get::<_, String>(2)?.parse().unwrap_or(0),
                };
                Ok((row.get(0)?, digests))
            })
            .optional()?;
        Ok(found)
    }

    fn imply_parents(&mut self, bucket: &str, key: &str, now: i64) -> Result<(), Error> {
        let mut folder = keys::parent(key);
        while !folder.is_empty() && self.entry(bucket, folder)?.is_none() {
            let implied = Entry {
                implied: true,
                ..Entry::folder(folder, now)
            };
            self.insert(bucket, &implied)?;
            folder = keys::parent(folder);
        }
        Ok(())
    }

    fn insert(&mut self, bucket: &str, entry: &Entry) -> Result<(), Error> {
        let file = entry.file.as_ref();
        self.sql
            .prepare_cached(
                "INSERT OR REPLACE INTO entries (bucket, key, parent, is_file, name, implied,
                     biz_attr, authority, custom_headers, storage_class, ctime, mtime, size, sha,
                     md5, crc64, etag, blob, session, grants, encryption, version, place,
                     tags, appendable, restore)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16,
                     ?17, ?18, ?19, ?20, ?21, ?22, ?23, ?24, ?25, ?26)",
            )?
            .execute(rusqlite::params![
                bucket,
                entry.key,
                keys::parent(&entry.key),
                entry.as_file().is_some(),
                keys::name(&entry.key),
                entry.implied,
                entry.biz_attr,
                entry.attributes.authority,
                entry.attributes.headers,
                entry.attributes.storage_class,
                entry.ctime,
                entry.mtime,
                file.map(|file| file.size),
                file.map(|file| &file.digests.sha),
                file.map(|file| &file.digests.md5),
                file.map(|file| file.digests.crc64.to_string()),
                file.map(|file| &file.etag),
                file.and_then(|file| file.blob.as_ref()),
                file.and_then(|file| file.session.as_ref()),
                entry.attributes.grants,
                entry.attributes.encryption,
                entry.version.id,
                entry.version.place,
                entry.attributes.tags,
                entry.attributes.is_appendable,
                entry.attributes.restore,
            ])?;
        Ok(())
    }

    fn release_blob(&mut self, bucket: &str, key: &str) -> Result<(), Error> {
        let old = self.entry(bucket, key)?.and_then(|entry| entry.file);
        if let Some(blob) = old.and_then(|file| file.blob) {
            self.release(blob);
        }
        Ok(())
    }
}
