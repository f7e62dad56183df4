//! Entries as the XML API sees them: objects in the order of their keys. Folders that are only
//! implied, and files whose first upload by slices goes on, are none.

use rusqlite::named_params;

use super::entries::{COLUMNS, entry_of_row};
use super::{Attributes, Digests, Entry, Error, Tx, VersionId};
use crate::keys::{self, parent};

/// What makes an entry an object.
pub(super) const VISIBLE: &str = "(blob IS NOT NULL OR (size IS NULL AND NOT implied))";

#[derive(Debug, Clone)]
pub struct Object {
    pub key: String,
    pub attributes: Attributes,
    pub mtime: i64,
    pub size: u64,
    /// Without quotes.
    pub etag: String,
    pub digests: Digests,
    /// None for a folder, which is empty.
    pub blob: Option<String>,
    pub version: VersionId,
}

impl Entry {
    pub fn into_object(self) -> Option<Object> {
        let (size, etag, digests, blob) = match self.file {
            None if self.implied => return None,
            None => {
                let digests = Digests::of(b"");
                (0, digests.md5.clone(), digests, None)
            }
            Some(file) => (file.size, file.etag, file.digests, Some(file.blob?)),
        };
        Some(Object {
            key: self.key,
            attributes: self.attributes,
            mtime: self.mtime,
            size,
            etag,
            digests,
            blob,
            version: self.version,
        })
    }
}

/// Where a scan begins.
#[derive(Debug, Clone)]
pub enum From {
    At(String),
    After(String),
    /// The older versions of a key's object, from this place on, and whatever comes after the key.
    Below(String, i64),
}

impl From {
    pub fn key(&self) -> &str {
        match self {
            From::At(key) | From::After(key) | From::Below(key, _) => key,
        }
    }
}

impl Tx<'_> {
    pub fn object(&self, bucket: &str, key: &str) -> Result<Option<Object>, Error> {
        Ok(self.entry(bucket, key)?.and_then(Entry::into_object))
    }

    /// Objects in UTF-8 order of their keys, those that begin with `prefix` alone.
    pub fn objects(
        &self,
        bucket: &str,
        prefix: &str,
        from: &From,
        limit: usize,
    ) -> Result<Vec<Object>, Error> {
        let (beyond, key) = match from {
            From::At(key) => (">=", key),
            From::After(key) | From::Below(key, _) => (">", key),
        };
        let mut statement = self.sql.prepare_cached(&format!(
            "SELECT {COLUMNS} FROM entries
             WHERE bucket = :bucket AND key {beyond} :key AND key >= :prefix
               AND (:end IS NULL OR key < :end) AND {VISIBLE}
             ORDER BY key LIMIT :limit"
        ))?;
        let rows = statement.query_map(
            named_params! {
                ":bucket": bucket,
                ":key": key,
                ":prefix": prefix,
                ":end": behind(prefix),
                ":limit": limit,
            },
            entry_of_row,
        )?;
        let entries = rows.collect::<Result<Vec<Entry>, _>>()?;
        Ok(entries.into_iter().filter_map(Entry::into_object).collect())
    }

    /// Nothing happens when there is none. Implied folders above that hold nothing else go too.
    pub fn remove_object(&mut self, bucket: &str, key: &str) -> Result<(), Error> {
        let Some(entry) = self.entry(bucket, key)? else {
            return Ok(());
        };
        self.end_session_at(bucket, key)?;
        if key.ends_with('/') && self.has_children(bucket, key)? {
            let folder = Entry {
                implied: true,
                ctime: entry.ctime,
                ..Entry::folder(key, entry.mtime)
            };
            return self.put_entry(bucket, &folder);
        }
        self.remove_entry(bucket, key)?;
        let mut folder = parent(key);
        while !folder.is_empty() {
            let is_implied = self.entry(bucket, folder)?.is_some_and(|e| e.implied);
            if !is_implied || self.has_children(bucket, folder)? {
                break;
            }
            self.remove_entry(bucket, folder)?;
            folder = keys::parent(folder);
        }
        Ok(())
    }

    /// Whether it holds nothing but implied folders.
    pub fn is_empty_bucket(&self, bucket: &str) -> Result<bool, Error> {
        let mut statement = self.sql.prepare_cached(
            "SELECT 1 FROM entries WHERE bucket = ?1 AND NOT implied
             UNION ALL SELECT 1 FROM versions WHERE bucket = ?1
             UNION ALL SELECT 1 FROM uploads WHERE bucket = ?1
             UNION ALL SELECT 1 FROM sessions WHERE bucket = ?1",
        )?;
        Ok(!statement.exists([bucket])?)
    }
}

/// The first text behind all that begin so; None if there is none.
pub fn behind(prefix: &str) -> Option<String> {
    let mut prefix = prefix.to_owned();
    while let Some(last) = prefix.pop() {
        // Surrogates are no letters.
        let next = match last {
            '\u{D7FF}' => Some('\u{E000}'),
            other => char::from_u32(u32::from(other) + 1),
        };
        if let Some(next) = next {
            prefix.push(next);
            return Some(prefix);
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_lies_behind_a_prefix() {
        for (prefix, next) in [
            ("", None),
            ("a/", Some("a0")),
            ("a\u{10FFFF}", Some("b")),
            ("\u{D7FF}", Some("\u{E000}")),
            ("\u{10FFFF}", None),
        ] {
            assert_eq!(behind(prefix).as_deref(), next);
        }
    }
}
