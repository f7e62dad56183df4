//! The call upload: a whole file in one request (json-api.md §2.8).

use std::io::Write;

use serde_json::Value;

use super::request::Params;
use super::{Call, reply};
use crate::refusal::{Refusal, code};
use crate::store::{Digests, Entry, FileState, Tx};

pub fn upload(call: &Call) -> Result<Value, Refusal> {
    let key = call.file_key()?;
    let biz_attr = call.biz_attr()?;
    let Some(content) = &call.params.content else {
        return Err(Refusal::new(
            code::CONTENT_MISSING,
            "the part filecontent is missing",
        ));
    };
    let digests = Digests::of(content);
    if expected_sha(&call.params)?.is_some_and(|expected| expected != digests.sha) {
        return Err(Refusal::new(
            code::SHA_MISMATCH,
            "sha is not that of filecontent",
        ));
    }
    let overwrite = may_overwrite(&call.params)?;

    let store = &call.service.store;
    let mut blob = store.blobs.create().map_err(Refusal::fault)?;
    blob.file.write_all(content).map_err(Refusal::fault)?;
    let file = FileState::complete(content.len() as u64, digests, &blob.id);
    store.transaction(|tx| {
        let bucket = &call.location.bucket;
        let old = tx.entry(bucket, key)?;
        match &old {
            Some(old) if !overwrite => return Err(exists(old, &file)),
            _ => {}
        }
        tx.end_session_at(bucket, key)?;
        call.put_file(tx, old.as_ref(), file, biz_attr)
    })?;
    blob.keep();
    Ok(reply::uploaded(call))
}

impl Call {
    /// A new file in place of an old one: the attributes are new, the time of creation stays.
    pub fn put_file(
        &self,
        tx: &mut Tx,
        old: Option<&Entry>,
        file: FileState,
        biz_attr: String,
    ) -> Result<(), Refusal> {
        let entry = Entry {
            biz_attr,
            ctime: old.map_or(self.now, |old| old.ctime),
            ..Entry::file(&self.location.key, file, self.now)
        };
        let bucket = &self.location.bucket;
        // An upload by slices is none before its end.
        match entry.clone().into_object() {
            Some(_) => tx.write_object(bucket, entry).map(drop)?,
            None => tx.put_entry(bucket, &entry)?,
        }
        Ok(())
    }
}

/// Why a file that may not be overwritten stands in the way (json-api.md §2.8).
pub fn exists(old: &Entry, new: &FileState) -> Refusal {
    match &old.file {
        Some(file)
            if file.blob.is_some()
                && file.digests.sha == new.digests.sha
                && file.size == new.size =>
        {
            Refusal::new(code::SAME_FILE, "the file exists with this content")
        }
        _ => Refusal::new(code::FILE_EXISTS, "the file exists"),
    }
}

/// `insertOnly` 0 overwrites; 1, the default, does not.
pub fn may_overwrite(params: &Params) -> Result<bool, Refusal> {
    match params.given("insertonly") {
        None | Some("1") => Ok(false),
        Some("0") => Ok(true),
        Some(_) => Err(Refusal::new(
            code::PARAMETER_INVALID,
            "insertOnly is neither 0 nor 1",
        )),
    }
}

/// The SHA-1 that the client announces, in upper case.
pub fn expected_sha(params: &Params) -> Result<Option<String>, Refusal> {
    match params.given("sha") {
        None => Ok(None),
        Some(sha) if sha.len() == 40 && sha.bytes().all(|digit| digit.is_ascii_hexdigit()) => {
            Ok(Some(sha.to_ascii_uppercase()))
        }
        Some(_) => Err(Refusal::new(
            code::SHA_INVALID,
            "sha is not made of 40 hexadecimal digits",
        )),
    }
}
