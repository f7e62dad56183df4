//! What the service keeps: metadata in SQLite, content in blobs.
//!
//! Everything that a request does to the metadata happens in one transaction, so a crash at any
//! moment leaves it done or not done. The order makes content follow: a blob is written before the
//! transaction that names it commits, and removed after the one that lets it go.
//!
//! This is blocking code behind one lock. Requests run it on the blocking threads of the runtime;
//! SQLite has a single writer anyway, and its statements are short.

mod blobs;
mod buckets;
mod configurations;
mod digest;
mod entries;
mod listing;
mod more_of_objects;
mod objects;
mod schema;
mod sessions;
mod uploads;
mod versions;

use std::fmt;
use std::fs;
use std::io;
use std::path::Path;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use rusqlite::{Connection, ErrorCode, OptionalExtension, Transaction};

pub use blobs::{Blobs, NewBlob, random_id};
pub use buckets::{Bucket, Versioning};
pub use digest::{Digests, Writer, Written, hex};
pub use entries::{Attributes, Entry, FileState, NO_GRANTS, NULL_VERSION, STANDARD, VersionId};
pub use listing::{Kinds, PageRequest, Position};
pub use objects::{From as ScanFrom, Object, behind};
pub use sessions::Session;
pub use uploads::{Part, Upload};
pub use versions::{Version, place_of};

pub struct Store {
    database: Mutex<Connection>,
    pub blobs: Blobs,
    /// Blobs that stay although no row names them, once for each hold.
    held: Mutex<Vec<String>>,
}

/// One transaction, with the blobs that its rows let go.
pub struct Tx<'a> {
    sql: Transaction<'a>,
    released: Vec<String>,
}

impl Store {
    /// Opens a data folder for this process alone, and makes it if it is not there.
    pub fn open(folder: &Path) -> Result<Self, Error> {
        fs::create_dir_all(folder)?;
        let database = Connection::open(folder.join("emulator.sqlite"))?;
        lock(&database)?;
        prepare(&database)?;
        let blobs = Blobs::open(folder.join("blobs"))?;
        blobs.sweep(|id| is_used(&database, id))?;
        Ok(Store {
            database: Mutex::new(database),
            blobs,
            held: Mutex::default(),
        })
    }

    /// Keeps a blob until it is let go, whatever becomes of its rows.
    pub fn hold(&self, blob: &str) {
        self.held().push(blob.to_owned());
    }

    pub fn let_go(&self, blob: &str) -> Result<(), Error> {
        let mut held = self.held();
        if let Some(index) = held.iter().position(|held| held == blob) {
            held.swap_remove(index);
        }
        drop(held);
        self.transaction(|tx| {
            tx.release(blob.to_owned());
            Ok(())
        })
    }

    fn held(&self) -> MutexGuard<'_, Vec<String>> {
        self.held.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Does `work` wholly, or not at all when it returns an error.
    pub fn transaction<T, E: From<Error>>(
        &self,
        work: impl FnOnce(&mut Tx) -> Result<T, E>,
    ) -> Result<T, E> {
        // A panic elsewhere rolled its transaction back: the connection is still sound.
        let mut database = self.database.lock().unwrap_or_else(PoisonError::into_inner);
        let mut tx = Tx {
            sql: database.transaction().map_err(Error::from)?,
            released: Vec::new(),
        };
        let done = work(&mut tx)?;
        let unused = tx.commit()?;
        let held = self.held();
        for id in unused.iter().filter(|id| !held.contains(id)) {
            self.blobs.remove(id);
        }
        Ok(done)
    }
}

impl Tx<'_> {
    /// Says that a row no longer names this blob. Other rows may: content is shared.
    fn release(&mut self, blob: String) {
        self.released.push(blob);
    }

    fn commit(self) -> Result<Vec<String>, Error> {
        let mut unused = self.released;
        unused.sort();
        unused.dedup();
        let mut failed = None;
        unused.retain(|id| match is_used(&self.sql, id) {
            Ok(used) => !used,
            Err(error) => {
                failed = Some(error);
                false
            }
        });
        match failed {
            Some(error) => Err(error),
            None => {
                self.sql.commit()?;
                Ok(unused)
            }
        }
    }
}

/// SQLite's own lock on the database file keeps a second emulator out, and the system drops it
/// when this process ends, however it ends.
fn lock(database: &Connection) -> Result<(), Error> {
    database.busy_timeout(Duration::ZERO)?;
    database.pragma_update(None, "locking_mode", "EXCLUSIVE")?;
    let locked = database
        .pragma_update(None, "journal_mode", "WAL")
        .and_then(|()| database.execute_batch("BEGIN EXCLUSIVE; COMMIT"));
    match locked {
        Err(error) if error.sqlite_error_code() == Some(ErrorCode::DatabaseBusy) => {
            Err(Error::InUse)
        }
        other => Ok(other?),
    }
}

fn prepare(database: &Connection) -> Result<(), Error> {
    // A commit reaches the operating system: a killed process loses nothing, a power cut may.
    database.pragma_update(None, "synchronous", "NORMAL")?;
    use schema::{CONFIGURATIONS, MORE_OF_OBJECTS, REGIONS, TABLES, VERSIONS};
    let version: i64 = database.pragma_query_value(None, "user_version", |row| row.get(0))?;
    match version {
        schema::VERSION => Ok(()),
        0 => upgrade(
            database,
            &[TABLES, CONFIGURATIONS, VERSIONS, MORE_OF_OBJECTS, REGIONS],
        ),
        3 => upgrade(
            database,
            &[CONFIGURATIONS, VERSIONS, MORE_OF_OBJECTS, REGIONS],
        ),
        4 => upgrade(database, &[VERSIONS, MORE_OF_OBJECTS, REGIONS]),
        5 => upgrade(database, &[MORE_OF_OBJECTS, REGIONS]),
        6 => upgrade(database, &[REGIONS]),
        other => Err(Error::OtherVersion(other)),
    }
}

fn upgrade(database: &Connection, steps: &[&str]) -> Result<(), Error> {
    database.execute_batch(&format!(
        "BEGIN; {} PRAGMA user_version = {}; COMMIT;",
        steps.concat(),
        schema::VERSION
    ))?;
    Ok(())
}

fn is_used(database: &Connection, blob: &str) -> Result<bool, Error> {
    let row = database
        .prepare_cached(
            "SELECT 1 FROM entries WHERE blob = ?1
             UNION ALL SELECT 1 FROM versions WHERE blob = ?1
             UNION ALL SELECT 1 FROM sessions WHERE blob = ?1
             UNION ALL SELECT 1 FROM parts WHERE blob = ?1",
        )?
        .query_row([blob], |_| Ok(()))
        .optional()?;
    Ok(row.is_some())
}

#[derive(Debug)]
pub enum Error {
    InUse,
    OtherVersion(i64),
    Sqlite(rusqlite::Error),
    Io(io::Error),
}

impl fmt::Display for Error {
    fn fmt(&self, out: &mut fmt::Formatter) -> fmt::Result {
        match self {
            Error::InUse => write!(out, "another emulator is using this data folder"),
            Error::OtherVersion(version) => write!(
                out,
                "the data folder has format {version}, this emulator reads {}",
                schema::VERSION
            ),
            Error::Sqlite(error) => write!(out, "{error}"),
            Error::Io(error) => write!(out, "{error}"),
        }
    }
}

impl From<rusqlite::Error> for Error {
    fn from(error: rusqlite::Error) -> Self {
        Error::Sqlite(error)
    }
}

impl From<io::Error> for Error {
    fn from(error: io::Error) -> Self {
        Error::Io(error)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What the version before had is all there, and what is new has its first values.
    #[test]
    fn a_folder_of_the_version_before_is_carried_over() {
        let folder = tempfile::TempDir::new().unwrap();
        let store = Store::open(folder.path()).unwrap();
        let entry = Entry::folder("a/", 1);
        let put = store.transaction(|tx| tx.put_entry("b", &entry));
        put.unwrap();
        drop(store);
        let database = Connection::open(folder.path().join("emulator.sqlite")).unwrap();
        let dropped = database.execute_batch(
            "DROP TABLE configurations; DROP TABLE versions; DROP TABLE places;
             ALTER TABLE buckets DROP COLUMN versioning; ALTER TABLE buckets DROP COLUMN region;
             ALTER TABLE entries DROP COLUMN version; ALTER TABLE entries DROP COLUMN place;
             ALTER TABLE entries DROP COLUMN tags; ALTER TABLE entries DROP COLUMN appendable;
             ALTER TABLE entries DROP COLUMN restore; ALTER TABLE uploads DROP COLUMN tags;",
        );
        dropped.unwrap();
        database.pragma_update(None, "user_version", 3).unwrap();
        drop(database);
        for _ in 0..2 {
            let store = Store::open(folder.path()).unwrap();
            let kept = store.transaction(|tx| tx.entry("b", "a/")).unwrap();
            let kept = kept.unwrap();
            assert_eq!(kept.attributes, Attributes::default());
            assert_eq!(kept.version, VersionId::default());
            let none = store.transaction(|tx| tx.configuration("b", "cors"));
            assert_eq!(none.unwrap(), None);
            let none = store.transaction(|tx| tx.versioning("b"));
            assert_eq!(none.unwrap(), None);
        }
    }
}
