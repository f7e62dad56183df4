//! What is remembered of an unfinished upload, so that the same call after a crash goes on with
//! it: a small file in the option `checkpoint_dir`. It names a session and everything that must
//! still be the same; whatever does not fit, or cannot be read, is as good as no checkpoint.

use std::ffi::OsStr;
use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use serde_json::{Value, json};
use sha1::{Digest, Sha1};

use super::source::Source;
use crate::base::hex::hex;
use crate::dialect::EarlierSession;
use crate::error::{Error, Kind, Result};
use crate::exchange::Exchange;
use crate::local::{Draft, Place};
use crate::model::Target;
use crate::system::Folder;

/// Of the file's layout. Another version is not read.
const VERSION: u32 = 1;

/// Far more than a checkpoint has.
const MAX_BYTES: u64 = 64 << 10;

pub(super) struct Checkpoint {
    file: PathBuf,
    /// Where to, and from which file as it is now.
    upload: Value,
}

impl Checkpoint {
    /// `None` without the option.
    pub(super) fn of(
        exchange: &Exchange,
        target: &Target,
        source: &Source,
        slice_size: u64,
    ) -> Option<Checkpoint> {
        let place = place_of(exchange, target);
        let local = source.canonical_path();
        Some(Checkpoint {
            file: file_of(exchange, &place, &local, "qcos")?,
            upload: json!({
                "version": VERSION,
                "place": place,
                "file": local.to_string_lossy(),
                "stamp": source.stamp().text(),
                "slice_size": slice_size,
            }),
        })
    }

    /// What an earlier call has left.
    pub(super) fn recall(&self) -> Option<EarlierSession> {
        if fs::metadata(&self.file).ok()?.len() > MAX_BYTES {
            return None;
        }
        let text = fs::read(&self.file).ok()?;
        let kept: Value = serde_json::from_slice(&text).ok()?;
        let field = |name: &str| Some(kept.get(name)?.as_str()?.to_owned());
        let upload = kept.get("upload")?;
        let same = |name: &str| upload.get(name) == self.upload.get(name);
        if !["version", "place", "file"].into_iter().all(same) {
            return None;
        }
        Some(EarlierSession {
            id: field("session")?,
            begun_with: field("begun_with")?,
            untouched: same("stamp") && same("slice_size"),
        })
    }

    /// Replaces what was remembered, whole or not at all. `begun_with` is a digest of what the
    /// service was told of the object, and what another session must be begun for.
    pub(super) fn remember(&self, session: &str, begun_with: &str) -> Result<()> {
        let text = json!({
            "upload": self.upload,
            "session": session,
            "begun_with": begun_with,
        });
        let folder = self.file.parent().unwrap_or(Path::new(""));
        let name = self.file.file_name().unwrap_or(OsStr::new(""));
        let write = || -> io::Result<()> {
            let draft = Draft::create(Folder::open(folder)?, name, 0o666)?;
            draft.file().write_all(text.to_string().as_bytes())?;
            draft.keep(true).map(drop)
        };
        write().map_err(|e| unwritable(&self.file, &e))
    }

    /// The object is complete.
    pub(super) fn forget(&self) {
        // One that stays behind does no harm: its session is gone.
        let _ = fs::remove_file(&self.file);
    }
}

/// Where an object is, in any account and at any service.
pub(super) fn place_of(exchange: &Exchange, target: &Target) -> Value {
    let config = exchange.config();
    let endpoint = match &config.service {
        Some(service) => service.name(),
        None => config.endpoint.clone(),
    };
    let mut place = json!({
        "endpoint": endpoint,
        "appid": exchange.appid(),
        "bucket": target.bucket.as_str(),
        "path": target.path.encoded(),
    });
    if let Some(version) = target.version() {
        place["version"] = version.as_str().into();
    }
    place
}

/// One file for each pair of a local file and a place, whatever their names hold. `None` without the option.
pub(super) fn file_of(
    exchange: &Exchange,
    place: &Value,
    local: &Path,
    extension: &str,
) -> Option<PathBuf> {
    let dir = exchange.config().checkpoint_dir.as_ref()?;
    let mut name = Sha1::new();
    name.update(place.to_string());
    name.update(local.as_os_str().as_encoded_bytes());
    Some(dir.join(format!("{}.{extension}", hex(&name.finalize()))))
}

pub(super) fn unwritable(file: &Path, why: &io::Error) -> Error {
    let mut error = Place::new("checkpoint_dir", file).unwritable(why);
    if error.kind == Kind::Missing {
        // The folder is: nothing that the call was to find.
        error.kind = Kind::Unwritable;
    }
    error
}
