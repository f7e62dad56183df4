//! Upload Part, and Upload Part - Copy (xml-api.md §3.7).

use std::fs::File;
use std::io::{Read, Seek, SeekFrom};
use std::sync::Arc;

use axum::http::StatusCode;
use axum::http::header::CONTENT_LENGTH;
use axum::response::Response;

use super::Call;
use super::content::{self, Content, MAX_PUT};
use super::copy::Source;
use super::encryption::{self, KeyOf, put_encryption};
use super::refusal::{Refusal, code};
use super::reply::{empty, iso_seconds, late_xml, quoted};
use super::xml::Xml;
use crate::download::{Wanted, parse_range};
use crate::store::{Part, Tx, Upload, Writer, Written};

/// xml-api.md §3.10.
const NUMBERS: std::ops::RangeInclusive<u32> = 1..=10_000;

pub async fn upload_part(call: Arc<Call>, content: &mut Content) -> Result<Response, Refusal> {
    let number = number(&call)?;
    // A chunked body does not do for a part.
    if !call.parts.headers.contains_key(CONTENT_LENGTH) {
        return Err(code::MISSING_CONTENT_LENGTH.into());
    }
    content::length(&call.parts.headers)?;
    call.blocking(upload_with_key).await?;
    let written = content::store(&call, content).await?;
    call.blocking(move |call| {
        let (part, upload) = keep(call, number, written)?;
        let mut response = empty(StatusCode::OK);
        put_encryption(response.headers_mut(), &upload.attributes);
        call.put_digests(&mut response, &part.md5, part.crc64);
        Ok(response)
    })
    .await
}

/// A part needs the key that its upload was begun with.
fn upload_with_key(call: &Call) -> Result<(), Refusal> {
    let upload = call.transaction(|tx| call.upload(tx))?;
    encryption::check_key(&call.parts, KeyOf::Object, &upload.attributes)
}

pub async fn upload_part_copy(call: Arc<Call>) -> Result<Response, Refusal> {
    call.blocking(copy).await
}

fn copy(call: &Call) -> Result<Response, Refusal> {
    let number = number(call)?;
    upload_with_key(call)?;
    let source = Source::read(call)?;
    let (object, file) = source.open(call)?;
    let (start, length) = match call.header("x-cos-copy-source-range") {
        None => (0, object.size),
        // Unlike that of a download, it has to be one that is there.
        Some(text) => match parse_range(text, object.size) {
            Wanted::Part { first, last } if text.ends_with(&format!("{first}-{last}")) => {
                (first, last - first + 1)
            }
            Wanted::Part { .. } | Wanted::Nothing => return Err(code::INVALID_RANGE.into()),
            Wanted::All => {
                let message = "x-cos-copy-source-range is not bytes=first-last";
                return Err(Refusal::new(code::INVALID_ARGUMENT, message));
            }
        },
    };
    if length > MAX_PUT {
        return Err(code::ENTITY_TOO_LARGE.into());
    }
    let written = piece(call, file, start, length).map_err(Refusal::fault)?;
    let (part, upload) = keep(call, number, written)?;
    let mut xml = Xml::document();
    xml.open("CopyPartResult");
    xml.text("ETag", &quoted(&part.md5));
    call.put_crc64(&mut xml, part.crc64);
    xml.text("LastModified", &iso_seconds(call.now));
    xml.close("CopyPartResult");
    let mut response = late_xml(b"", xml);
    put_encryption(response.headers_mut(), &upload.attributes);
    call.put_digests(&mut response, &part.md5, part.crc64);
    response.headers_mut().remove("etag"); // the body has it
    source.put_version(response.headers_mut());
    Ok(response)
}

fn piece(call: &Call, file: Option<File>, start: u64, length: u64) -> std::io::Result<Written> {
    let mut writer = Writer::new(call.service.store.blobs.create()?);
    if let Some(mut file) = file {
        file.seek(SeekFrom::Start(start))?;
        writer.copy(file.take(length))?;
    }
    Ok(writer.finish())
}

fn keep(call: &Call, number: u32, written: Written) -> Result<(Part, Upload), Refusal> {
    let kept = call.transaction(|tx| {
        // It may have ended while its part came.
        let upload = call.upload(tx)?;
        let part = Part {
            number,
            size: written.size,
            md5: call.etag(&written.digests.md5, &upload.attributes)?,
            crc64: written.digests.crc64,
            blob: written.blob.id.clone(),
            mtime: call.now,
        };
        tx.put_part(&upload, &part)?;
        Ok((part, upload))
    })?;
    written.blob.keep();
    Ok(kept)
}

fn number(call: &Call) -> Result<u32, Refusal> {
    let number = call.param("partnumber").and_then(|text| text.parse().ok());
    number
        .filter(|number| NUMBERS.contains(number))
        .ok_or_else(|| Refusal::new(code::INVALID_ARGUMENT, "partNumber is not from 1 to 10000"))
}

impl Call {
    /// The upload that the request names.
    pub fn upload(&self, tx: &Tx) -> Result<Upload, Refusal> {
        self.find_bucket(tx)?;
        let id = self.param("uploadid").unwrap_or("");
        let upload = tx.upload(&self.bucket, &self.key, id)?;
        upload.ok_or_else(|| code::NO_SUCH_UPLOAD.into())
    }
}
