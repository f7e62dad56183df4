//! Uploads by slices in progress, and the slices that have come.

use rusqlite::{OptionalExtension, Row};

use super::{Error, Tx};

#[derive(Debug, Clone)]
pub struct Session {
    pub id: String,
    pub bucket: String,
    pub key: String,
    pub filesize: u64,
    pub slice_size: u64,
    /// Of the whole file.
    pub sha: String,
    pub biz_attr: String,
    pub blob: String,
    pub received: u64,
}

impl Session {
    pub fn is_complete(&self) -> bool {
        self.received == self.filesize
    }
}

const COLUMNS: &str = "id, bucket, key, filesize, slice_size, sha, biz_attr, blob, received";

fn session_of_row(row: &Row) -> rusqlite::Result<Session> {
    Ok(Session {
        id: row.get(0)?,
        bucket: row.get(1)?,
        key: row.get(2)?,
        filesize: row.get(3)?,
        slice_size: row.get(4)?,
        sha: row.get(5)?,
        biz_attr: row.get(6)?,
        blob: row.get(7)?,
        received: row.get(8)?,
    })
}

impl Tx<'_> {
    pub fn session(&self, id: &str) -> Result<Option<Session>, Error> {
        let session = self
            .sql
            .prepare_cached(&format!("SELECT {COLUMNS} FROM sessions WHERE id = ?1"))?
            .query_row([id], session_of_row)
            .optional()?;
        Ok(session)
    }

    pub fn session_at(&self, bucket: &str, key: &str) -> Result<Option<Session>, Error> {
        let session = self
            .sql
            .prepare_cached(&format!(
                "SELECT {COLUMNS} FROM sessions WHERE bucket = ?1 AND key = ?2"
            ))?
            .query_row((bucket, key), session_of_row)
            .optional()?;
        Ok(session)
    }

    pub fn begin_session(&mut self, session: &Session) -> Result<(), Error> {
        self.sql
            .prepare_cached(&format!(
                "INSERT INTO sessions ({COLUMNS}) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)"
            ))?
            .execute((
                &session.id,
                &session.bucket,
                &session.key,
                session.filesize,
                session.slice_size,
                &session.sha,
                &session.biz_attr,
                &session.blob,
                session.received,
            ))?;
        Ok(())
    }

    /// Its blob goes too, unless an entry names it by now.
    pub fn end_session(&mut self, session: &Session) -> Result<(), Error> {
        self.sql
            .prepare_cached("DELETE FROM sessions WHERE id = ?1")?
            .execute([&session.id])?;
        self.sql
            .prepare_cached("DELETE FROM slices WHERE session = ?1")?
            .execute([&session.id])?;
        self.release(session.blob.clone());
        Ok(())
    }

    pub fn end_session_at(&mut self, bucket: &str, key: &str) -> Result<(), Error> {
        match self.session_at(bucket, key)? {
            Some(session) => self.end_session(&session),
            None => Ok(()),
        }
    }

    pub fn has_slice(&self, session: &Session, offset: u64) -> Result<bool, Error> {
        Ok(self
            .sql
            .prepare_cached("SELECT 1 FROM slices WHERE session = ?1 AND offset = ?2")?
            .exists((&session.id, offset))?)
    }

    pub fn record_slice(
        &mut self,
        session: &Session,
        offset: u64,
        length: u64,
    ) -> Result<(), Error> {
        self.sql
            .prepare_cached("INSERT INTO slices (session, offset, length) VALUES (?1, ?2, ?3)")?
            .execute((&session.id, offset, length))?;
        self.sql
            .prepare_cached("UPDATE sessions SET received = received + ?2 WHERE id = ?1")?
            .execute((&session.id, length))?;
        Ok(())
    }

    /// The first byte that has not come; the file's size when all have.
    pub fn first_gap(&self, session: &Session) -> Result<u64, Error> {
        let mut statement = self.sql.prepare_cached(
            "SELECT offset, length FROM slices WHERE session = ?1 ORDER BY offset",
        )?;
        let mut slices = statement.query([&session.id])?;
        let mut gap = 0;
        while let Some(slice) = slices.next()? {
            let (offset, length): (u64, u64) = (slice.get(0)?, slice.get(1)?);
            if offset != gap {
                break;
            }
            gap += length;
        }
        Ok(gap)
    }
}
