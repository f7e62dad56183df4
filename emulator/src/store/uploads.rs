//! Multipart uploads of the XML API in progress, and their parts. A key may have many at once.

use rusqlite::{OptionalExtension, Row};

use super::{Attributes, Error, Tx};

#[derive(Debug, Clone)]
pub struct Upload {
    pub id: String,
    pub bucket: String,
    pub key: String,
    /// Those that the object will have.
    pub attributes: Attributes,
    pub initiated: i64,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Part {
    pub number: u32,
    pub size: u64,
    /// Its ETag, mostly an MD5: 32 lower-case hexadecimal digits.
    pub md5: String,
    pub crc64: u64,
    pub blob: String,
    pub mtime: i64,
}

const COLUMNS: &str =
    "id, bucket, key, headers, authority, storage_class, initiated, grants, encryption, tags";

fn upload_of_row(row: &Row) -> rusqlite::Result<Upload> {
    Ok(Upload {
        id: row.get(0)?,
        bucket: row.get(1)?,
        key: row.get(2)?,
        attributes: Attributes {
            headers: row.get(3)?,
            authority: row.get(4)?,
            storage_class: row.get(5)?,
            grants: row.get(7)?,
            encryption: row.get(8)?,
            tags: row.get(9)?,
            ..Attributes::default()
        },
        initiated: row.get(6)?,
    })
}

impl Tx<'_> {
    pub fn begin_upload(&mut self, upload: &Upload) -> Result<(), Error> {
        self.sql
            .prepare_cached(&format!(
                "INSERT INTO uploads ({COLUMNS}) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)"
            ))?
            .execute((
                &upload.id,
                &upload.bucket,
                &upload.key,
                &upload.attributes.headers,
                &upload.attributes.authority,
                &upload.attributes.storage_class,
                upload.initiated,
                &upload.attributes.grants,
                &upload.attributes.encryption,
                &upload.attributes.tags,
            ))?;
        Ok(())
    }

    /// The upload of that id, if it is one to this key.
    pub fn upload(&self, bucket: &str, key: &str, id: &str) -> Result<Option<Upload>, Error> {
        let upload = self
            .sql
            .prepare_cached(&format!(
                "SELECT {COLUMNS} FROM uploads WHERE id = ?1 AND bucket = ?2 AND key = ?3"
            ))?
            .query_row((id, bucket, key), upload_of_row)
            .optional()?;
        Ok(upload)
    }

    /// All of a bucket, by key and age.
    pub fn uploads(&self, bucket: &str) -> Result<Vec<Upload>, Error> {
        let mut statement = self.sql.prepare_cached(&format!(
            "SELECT {COLUMNS} FROM uploads WHERE bucket = ?1 ORDER BY key, id"
        ))?;
        let uploads = statement.query_map([bucket], upload_of_row)?;
        Ok(uploads.collect::<Result<_, _>>()?)
    }

    /// Writes a part in place of one of its number.
    pub fn put_part(&mut self, upload: &Upload, part: &Part) -> Result<(), Error> {
        let old: Option<String> = self
            .sql
            .prepare_cached("SELECT blob FROM parts WHERE upload = ?1 AND number = ?2")?
            .query_row((&upload.id, part.number), |row| row.get(0))
            .optional()?;
        if let Some(blob) = old {
            self.release(blob);
        }
        self.sql
            .prepare_cached(
                "INSERT OR REPLACE INTO parts (upload, number, size, md5, crc64, blob, mtime)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
            )?
            .execute((
                &upload.id,
                part.number,
                part.size,
                &part.md5,
                part.crc64.to_string(),
                &part.blob,
                part.mtime,
            ))?;
        Ok(())
    }

    /// By number.
    pub fn parts(&self, upload: &Upload) -> Result<Vec<Part>, Error> {
        let mut statement = self.sql.prepare_cached(
            "SELECT number, size, md5, crc64, blob, mtime FROM parts
             WHERE upload = ?1 ORDER BY number",
        )?;
        let parts = statement.query_map([&upload.id], |row| {
            Ok(Part {
                number: row.get(0)?,
                size: row.get(1)?,
                md5: row.get(2)?,
                crc64: row.get::<_, String>(3)?.parse().unwrap_or(0),
                blob: row.get(4)?,
                mtime: row.get(5)?,
            })
        })?;
        Ok(parts.collect::<Result<_, _>>()?)
    }

    /// Its parts go too, but for blobs that an entry names by now.
    pub fn end_upload(&mut self, upload: &Upload) -> Result<(), Error> {
        for part in self.parts(upload)? {
            self.release(part.blob);
        }
        self.sql
            .prepare_cached("DELETE FROM parts WHERE upload = ?1")?
            .execute([&upload.id])?;
        self.sql
            .prepare_cached("DELETE FROM uploads WHERE id = ?1")?
            .execute([&upload.id])?;
        Ok(())
    }
}
