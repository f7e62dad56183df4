//! PUT Object (xml-api.md §3.1), and how every object is written.

use std::sync::Arc;

use axum::http::StatusCode;
use axum::response::Response;

use super::Call;
use super::attributes::{self, check_key};
use super::content::{self, Content};
use super::encryption::{self, put_encryption};
use super::refusal::{Refusal, code};
use super::reply::{empty, put_header, quoted};
use super::versioning::VERSION_ID;
use super::xml::Xml;
use crate::store::{Attributes, Entry, FileState, NULL_VERSION, Tx, Written, random_id};

pub async fn put_object(call: Arc<Call>, content: &mut Content) -> Result<Response, Refusal> {
    let attributes = expect(&call).await?;
    content::length(&call.parts.headers)?;
    let written = content::store(&call, content).await?;
    write(&call, written, attributes, StatusCode::OK).await
}

/// What an object is to have beside its content. What is refused for this need not be read.
pub async fn expect(call: &Arc<Call>) -> Result<Attributes, Refusal> {
    check_key(call)?;
    let attributes = attributes::of_request(&call.parts)?;
    call.blocking(|call| {
        call.transaction(|tx| {
            call.use_bucket(tx)?;
            call.check_overwrite(tx)
        })
    })
    .await?;
    Ok(attributes)
}

/// The content of an object has come.
pub async fn write(
    call: &Arc<Call>,
    written: Written,
    attributes: Attributes,
    status: StatusCode,
) -> Result<Response, Refusal> {
    call.blocking(move |call| {
        let etag = call.etag(&written.digests.md5, &attributes)?;
        let file = FileState {
            etag: etag.clone(),
            ..FileState::complete(written.size, written.digests.clone(), &written.blob.id)
        };
        let mut response = empty(status);
        put_encryption(response.headers_mut(), &attributes);
        let stored = call.transaction(|tx| {
            call.use_bucket(tx)?;
            call.check_overwrite(tx)?;
            call.put(tx, file, attributes)
        })?;
        if stored.has_blob {
            written.blob.keep();
        }
        call.put_digests(&mut response, &etag, written.digests.crc64);
        // In a suspended bucket a PUT is told none (xml-api.md §3.14).
        if let Some(id) = stored.own_version() {
            put_header(response.headers_mut(), VERSION_ID, id);
        }
        Ok(response)
    })
    .await
}

/// What became of an object that was written.
pub struct Stored {
    /// Whether its blob is named now.
    pub has_blob: bool,
    /// Its version's id; None in a bucket that never had versions.
    pub version: Option<String>,
}

impl Stored {
    /// The id, unless it is null.
    pub fn own_version(&self) -> Option<&str> {
        self.version.as_deref().filter(|id| *id != NULL_VERSION)
    }
}

impl Call {
    pub fn put_digests(&self, response: &mut Response, etag: &str, crc64: u64) {
        let headers = response.headers_mut();
        put_header(headers, "etag", &quoted(etag));
        if !self.traits().no_crc64 {
            put_header(headers, "x-cos-hash-crc64ecma", &crc64.to_string());
        }
    }

    /// The MD5, unless the content is encrypted with a key of KMS or a customer's (xml-api.md §3.1): then
    /// nothing that can be told from one.
    pub fn etag(&self, md5: &str, attributes: &Attributes) -> Result<String, Refusal> {
        match self.traits().opaque_etag || encryption::hides_md5(attributes) {
            true => random_id().map_err(Refusal::fault),
            false => Ok(md5.to_owned()),
        }
    }

    /// In the body of an answer to a copy.
    pub fn put_crc64(&self, body: &mut Xml, crc64: u64) {
        if !self.traits().no_crc64 {
            body.text("CRC64", &crc64.to_string());
        }
    }

    pub fn check_overwrite(&self, tx: &Tx) -> Result<(), Refusal> {
        if attributes::forbids_overwrite(&self.parts.headers)?
            && tx.versioning(&self.bucket)?.is_none()
            && tx.object(&self.bucket, &self.key)?.is_some()
        {
            return Err(code::FILE_ALREADY_EXISTS.into());
        }
        Ok(())
    }

    /// Writes the object in place of whatever its key held, or as its newest version.
    pub fn put(
        &self,
        tx: &mut Tx,
        file: FileState,
        attributes: Attributes,
    ) -> Result<Stored, Refusal> {
        let (bucket, key) = (&self.bucket, &self.key);
        let old = tx.entry(bucket, key)?;
        // An empty object that is named like a folder is one.
        let file = Some(file).filter(|file| file.size > 0 || !key.ends_with('/'));
        let has_blob = file.is_some();
        let entry = Entry {
            attributes,
            ctime: old.map_or(self.now, |old| old.ctime),
            file,
            ..Entry::folder(key, self.now)
        };
        tx.end_session_at(bucket, key)?;
        let version = tx.write_object(bucket, entry)?;
        Ok(Stored { has_blob, version })
    }
}
