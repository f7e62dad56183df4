//! The tables.
//!
//! Keys are flat: one row for each object and each folder, whatever the API that wrote it. Folders
//! are keys that end in `/`; `parent` is what a listing asks for. A folder that came into being as
//! the parent of something else is `implied`, and no object of the XML API. Such an object may be
//! named like a folder and have content: then it has the columns of a file, and is a folder to the
//! JSON API.
//!
//! `entries` has what is there; in a bucket with versions, `versions` has what was.

/// Kept in SQLite's `user_version`; a data folder of another number is refused, but for the last four.
pub const VERSION: i64 = 7;

/// New in this version. Tables of versions before have them last.
pub const REGIONS: &str = "
ALTER TABLE buckets ADD COLUMN region TEXT; -- NULL: in all
";

/// New in the version before.
pub const MORE_OF_OBJECTS: &str = "
ALTER TABLE entries  ADD COLUMN tags       TEXT NOT NULL DEFAULT '{}';    -- a JSON object
ALTER TABLE entries  ADD COLUMN appendable INTEGER NOT NULL DEFAULT FALSE;
ALTER TABLE entries  ADD COLUMN restore    TEXT NOT NULL DEFAULT '';      -- a JSON object, if there is one
ALTER TABLE versions ADD COLUMN tags       TEXT NOT NULL DEFAULT '{}';
ALTER TABLE versions ADD COLUMN appendable INTEGER NOT NULL DEFAULT FALSE;
ALTER TABLE versions ADD COLUMN restore    TEXT NOT NULL DEFAULT '';
ALTER TABLE uploads  ADD COLUMN tags       TEXT NOT NULL DEFAULT '{}';
";

/// New in the version before that.
pub const VERSIONS: &str = "
ALTER TABLE buckets ADD COLUMN versioning TEXT;                     -- NULL: it never had versions
ALTER TABLE entries ADD COLUMN version    TEXT NOT NULL DEFAULT 'null';
ALTER TABLE entries ADD COLUMN place      INTEGER NOT NULL DEFAULT 0; -- the larger, the newer

-- Versions of objects that are not shown: older ones, and all that have a delete marker before them.
CREATE TABLE versions (
    bucket         TEXT NOT NULL,
    key            TEXT NOT NULL,
    place          INTEGER NOT NULL,
    version        TEXT NOT NULL,    -- its id
    is_marker      INTEGER NOT NULL,
    biz_attr       TEXT NOT NULL,    -- this and the rest as in entries
    authority      TEXT NOT NULL,
    custom_headers TEXT NOT NULL,
    storage_class  TEXT NOT NULL,
    ctime          INTEGER NOT NULL,
    mtime          INTEGER NOT NULL,
    size           INTEGER,
    sha            TEXT,
    md5            TEXT,
    crc64          TEXT,
    etag           TEXT,
    blob           TEXT,
    grants         TEXT NOT NULL,
    encryption     TEXT NOT NULL,
    PRIMARY KEY (bucket, key, place DESC)
) STRICT, WITHOUT ROWID;
CREATE INDEX versions_by_blob ON versions (blob);

-- The place that was given last.
CREATE TABLE places (last INTEGER NOT NULL) STRICT;
INSERT INTO places VALUES (0);
";

/// New in the first version but one that is read.
pub const CONFIGURATIONS: &str = "
CREATE TABLE configurations (
    bucket   TEXT NOT NULL,
    kind     TEXT NOT NULL,          -- such as cors
    document BLOB NOT NULL,          -- as it came
    PRIMARY KEY (bucket, kind)
) STRICT, WITHOUT ROWID;
";

pub const TABLES: &str = "
CREATE TABLE buckets (
    name    TEXT PRIMARY KEY,
    ctime   INTEGER NOT NULL,
    is_made INTEGER NOT NULL,        -- on purpose, and not by its first use
    acl     TEXT,                    -- NULL: what the service's start says
    grants  TEXT NOT NULL DEFAULT '[]' -- to accounts: a JSON list
) STRICT;

CREATE TABLE entries (
    bucket         TEXT NOT NULL,
    key            TEXT NOT NULL,
    parent         TEXT NOT NULL,
    is_file        INTEGER NOT NULL,
    name           TEXT NOT NULL,
    implied        INTEGER NOT NULL,
    biz_attr       TEXT NOT NULL,
    authority      TEXT NOT NULL,
    custom_headers TEXT NOT NULL,    -- a JSON object
    storage_class  TEXT NOT NULL,
    ctime          INTEGER NOT NULL,
    mtime          INTEGER NOT NULL,
    size           INTEGER,          -- this and the rest: files only
    sha            TEXT,
    md5            TEXT,
    crc64          TEXT,             -- decimal: SQLite's integers have a sign
    etag           TEXT,             -- of the XML API, without quotes
    blob           TEXT,             -- NULL while a first upload by slices goes on
    session        TEXT,             -- the sliced upload that makes or made it
    grants         TEXT NOT NULL DEFAULT '[]', -- to accounts: a JSON list
    encryption     TEXT NOT NULL DEFAULT '{}', -- the headers that tell it: a JSON object
    PRIMARY KEY (bucket, key)
) STRICT, WITHOUT ROWID;
CREATE INDEX entries_by_folder  ON entries (bucket, parent, is_file, name);
CREATE INDEX entries_by_content ON entries (bucket, sha, size);
CREATE INDEX entries_by_blob    ON entries (blob);

-- Uploads by slices in progress; at most one for a path.
CREATE TABLE sessions (
    id         TEXT PRIMARY KEY,
    bucket     TEXT NOT NULL,
    key        TEXT NOT NULL,
    filesize   INTEGER NOT NULL,
    slice_size INTEGER NOT NULL,
    sha        TEXT NOT NULL,
    biz_attr   TEXT NOT NULL,
    blob       TEXT NOT NULL,
    received   INTEGER NOT NULL,
    UNIQUE (bucket, key)
) STRICT;

CREATE TABLE slices (
    session TEXT NOT NULL,
    offset  INTEGER NOT NULL,
    length  INTEGER NOT NULL,
    PRIMARY KEY (session, offset)
) STRICT, WITHOUT ROWID;

-- Multipart uploads in progress; any number for a key.
CREATE TABLE uploads (
    id            TEXT PRIMARY KEY,
    bucket        TEXT NOT NULL,
    key           TEXT NOT NULL,
    headers       TEXT NOT NULL,     -- a JSON object
    authority     TEXT NOT NULL,
    storage_class TEXT NOT NULL,
    initiated     INTEGER NOT NULL,
    grants        TEXT NOT NULL DEFAULT '[]',
    encryption    TEXT NOT NULL DEFAULT '{}'
) STRICT;
CREATE INDEX uploads_by_key ON uploads (bucket, key, id);

CREATE TABLE parts (
    upload TEXT NOT NULL,
    number INTEGER NOT NULL,
    size   INTEGER NOT NULL,
    md5    TEXT NOT NULL,
    crc64  TEXT NOT NULL,
    blob   TEXT NOT NULL,
    mtime  INTEGER NOT NULL,
    PRIMARY KEY (upload, number)
) STRICT, WITHOUT ROWID;
CREATE INDEX parts_by_blob ON parts (blob);

-- One-time signatures that were used, by their HMAC.
CREATE TABLE used_signatures (
    mac BLOB PRIMARY KEY
) STRICT, WITHOUT ROWID;
";
