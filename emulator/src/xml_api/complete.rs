//! Complete Multipart Upload (xml-api.md §3.7).

use std::io::ErrorKind;
use std::sync::Arc;

use axum::response::Response;
use md5::{Digest, Md5};

use super::Call;
use super::conditions::names;
use super::content::Content;
use super::encryption::put_encryption;
use super::refusal::{Refusal, code};
use super::reply::{late_xml, put_header, quoted};
use super::versioning::VERSION_ID;
use super::xml::{Node, Xml};
use crate::service::host;
use crate::store::{FileState, Part, Upload, Writer, Written, hex};

/// xml-api.md §3.10.
const MIN_PART: u64 = 1 << 20;
const NAMESPACE: &str = "http://www.qcloud.com/document/product/436/7751";

/// A part as the request lists it.
struct Listed {
    number: u32,
    etag: String,
}

pub async fn complete(call: Arc<Call>, content: &mut Content) -> Result<Response, Refusal> {
    let root = "CompleteMultipartUpload";
    let document = content.read_xml(&call.parts.headers, root).await?;
    let listed = listed(&document)?;
    call.blocking(move |call| finish(call, &listed)).await
}

fn listed(document: &Node) -> Result<Vec<Listed>, Refusal> {
    let part = |node: &Node| {
        Some(Listed {
            number: node.child_text("PartNumber")?.trim().parse().ok()?,
            etag: node.child_text("ETag")?.trim().to_owned(),
        })
    };
    let listed: Option<Vec<Listed>> = document.all("Part").map(part).collect();
    let listed = listed.filter(|listed| !listed.is_empty());
    let listed = listed.ok_or(code::MALFORMED_XML)?;
    if listed.windows(2).any(|two| two[0].number >= two[1].number) {
        return Err(code::INVALID_PART_ORDER.into());
    }
    if listed
        .windows(2)
        .any(|two| two[0].number + 1 != two[1].number)
    {
        let message = "the parts' numbers are not contiguous";
        return Err(Refusal::new(code::INVALID_PART, message));
    }
    Ok(listed)
}

fn finish(call: &Call, listed: &[Listed]) -> Result<Response, Refusal> {
    let (upload, parts) = call.transaction(|tx| {
        let upload = call.upload(tx)?;
        call.check_overwrite(tx)?;
        let parts = chosen(&tx.parts(&upload)?, listed)?;
        Ok((upload, parts))
    })?;
    // The parts may go meanwhile, when another request ends the upload.
    let written = join(call, &parts).map_err(|error| match error.kind() {
        ErrorKind::NotFound => code::NO_SUCH_UPLOAD.into(),
        _ => Refusal::fault(error),
    })?;
    let etag = etag(&upload, &parts);
    let (size, digests) = (written.size, written.digests.clone());
    let file = FileState {
        etag: etag.clone(),
        ..FileState::complete(size, digests.clone(), &written.blob.id)
    };
    let (stored, attributes) = call.transaction(|tx| {
        let upload = call.upload(tx)?;
        call.check_overwrite(tx)?;
        if chosen(&tx.parts(&upload)?, listed)? != parts {
            let message = "a part was replaced while the upload was completed";
            return Err(Refusal::new(code::INVALID_PART, message));
        }
        let stored = call.put(tx, file, upload.attributes.clone())?;
        tx.end_upload(&upload)?;
        Ok((stored, upload.attributes))
    })?;
    if stored.has_blob {
        written.blob.keep();
    }

    let host = host(&call.parts.headers).map_or_else(String::new, |host| host.to_string());
    // A declaration may not come after blanks.
    let mut xml = Xml::fragment();
    let root = "CompleteMultipartUploadResult";
    xml.open(&format!("{root} xmlns=\"{NAMESPACE}\""));
    let path = call.parts.uri.path();
    xml.text("Location", &format!("http://{host}{path}"));
    xml.text("Bucket", &call.full_bucket());
    xml.text("Key", &call.key);
    xml.text("ETag", &quoted(&etag));
    xml.close(root);
    let mut response = late_xml(b"  \n", xml);
    put_encryption(response.headers_mut(), &attributes);
    call.put_digests(&mut response, &etag, digests.crc64);
    response.headers_mut().remove("etag"); // the body has it
    if let Some(id) = &stored.version {
        put_header(response.headers_mut(), VERSION_ID, id);
    }
    Ok(response)
}

/// The parts that the request lists, if all of them are there. `parts` are by number.
fn chosen(parts: &[Part], listed: &[Listed]) -> Result<Vec<Part>, Refusal> {
    let find = |wanted: &Listed| {
        let index = parts.binary_search_by_key(&wanted.number, |part| part.number);
        let part = index.ok().and_then(|index| parts.get(index)).cloned();
        let is_it = |p: &Part| wanted.etag != "*" && names(&wanted.etag, &p.md5);
        part.filter(is_it).ok_or_else(|| {
            let message = format!("there is no part {} with that ETag", wanted.number);
            Refusal::new(code::INVALID_PART, message)
        })
    };
    let chosen = listed.iter().map(find).collect::<Result<Vec<Part>, _>>()?;
    let mut all_but_last = chosen.iter().rev().skip(1);
    if all_but_last.any(|part| part.size < MIN_PART) {
        return Err(code::ENTITY_TOO_SMALL.into());
    }
    Ok(chosen)
}

fn join(call: &Call, parts: &[Part]) -> std::io::Result<Written> {
    let blobs = &call.service.store.blobs;
    let mut writer = Writer::new(blobs.create()?);
    for part in parts {
        writer.copy(blobs.read(&part.blob)?)?;
    }
    Ok(writer.finish())
}

/// Opaque but for the number of parts: no client may count on how it is made.
fn etag(upload: &Upload, parts: &[Part]) -> String {
    let mut md5 = Md5::new();
    md5.update(&upload.id);
    for part in parts {
        md5.update(&part.md5);
    }
    format!("{}-{}", hex(md5.finalize().as_slice()), parts.len())
}
