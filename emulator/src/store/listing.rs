//! Pages of a folder: folders first, then files, each by name (json-api.md §2.6, §5.3).

use rusqlite::named_params;

use super::entries::{COLUMNS, entry_of_row};
use super::{Entry, Error, Tx};
use crate::keys;

/// Which kinds of entries a listing shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kinds {
    Both,
    Folders,
    Files,
}

/// A place in the order of a folder. It need not be that of an entry that still exists.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Position {
    pub is_file: bool,
    pub name: String,
}

impl Position {
    pub fn of(entry: &Entry) -> Self {
        Position {
            is_file: entry.as_file().is_some(),
            name: keys::name(&entry.key).to_owned(),
        }
    }
}

pub struct PageRequest<'a> {
    pub bucket: &'a str,
    pub folder: &'a str,
    pub prefix: &'a str,
    pub kinds: Kinds,
    /// Where to go on from, exclusive; the end that lies behind when None.
    pub from: Option<&'a Position>,
    pub backward: bool,
    pub limit: usize,
}

pub struct Page {
    pub entries: Vec<Entry>,
    pub has_more: bool,
    /// Of the whole folder, whatever the page shows.
    pub folders: u64,
    pub files: u64,
}

impl Tx<'_> {
    /// Without those that no path of the JSON API could name: it knows no empty names.
    pub fn page(&self, request: &PageRequest) -> Result<Page, Error> {
        let (beyond, direction) = if request.backward {
            ("<", "DESC")
        } else {
            (">", "ASC")
        };
        let mut statement = self.sql.prepare_cached(&format!(
            "SELECT {COLUMNS} FROM entries
             WHERE bucket = :bucket AND parent = :folder AND name <> ''
               AND substr(name, 1, length(:prefix)) = :prefix
               AND (:is_file IS NULL OR is_file = :is_file)
               AND (:from_name IS NULL OR (is_file, name) {beyond} (:from_is_file, :from_name))
             ORDER BY is_file {direction}, name {direction}
             LIMIT :limit"
        ))?;
        let is_file = match request.kinds {
            Kinds::Both => None,
            Kinds::Folders => Some(false),
            Kinds::Files => Some(true),
        };
        let rows = statement.query_map(
            named_params! {
                ":bucket": request.bucket,
                ":folder": request.folder,
                ":prefix": request.prefix,
                ":is_file": is_file,
                ":from_is_file": request.from.map(|position| position.is_file),
                ":from_name": request.from.map(|position| &position.name),
                // One more than asked tells whether anything is left.
                ":limit": request.limit.saturating_add(1),
            },
            entry_of_row,
        )?;
        let mut entries = rows.collect::<Result<Vec<Entry>, _>>()?;
        let has_more = entries.len() > request.limit;
        entries.truncate(request.limit);
        let (folders, files) = self.totals(request)?;
        Ok(Page {
            entries,
            has_more,
            folders,
            files,
        })
    }

    fn totals(&self, request: &PageRequest) -> Result<(u64, u64), Error> {
        let totals = self
            .sql
            .prepare_cached(
                "SELECT count(*) FILTER (WHERE NOT is_file), count(*) FILTER (WHERE is_file)
                 FROM entries
                 WHERE bucket = ?1 AND parent = ?2 AND name <> '' AND substr(name, 1, length(?3)) = ?3",
            )?
            .query_row((request.bucket, request.folder, request.prefix), |row| {
                Ok((row.get(0)?, row.get(1)?))
            })?;
        Ok(totals)
    }
}
