//! The XML API: objects, and multipart uploads of them.

use std::fmt::Write;
use std::io::Result;
use std::sync::OnceLock;

use crate::connection::{Connection, Head};
use crate::digest::{Content, Hasher};
use crate::reply::{Reply, etag};
use crate::store::{Object, Store};

pub fn serve(connection: &mut Connection, head: &mut Head, store: &Store) -> Result<()> {
    if head.method == "GET" && head.path == "/" && !head.asks("uploads") {
        return connection.answer(&bucket(head, store).bytes());
    }
    if head.method == "GET" && !head.asks("uploads") && !head.asks("uploadid") {
        return download(connection, head, store);
    }
    if head.method == "POST" && head.asks("delete") {
        let left = head.left;
        let document = connection.text(head, left)?;
        return connection.answer(&deleted(&document, store).bytes());
    }
    // What comes with a POST is short, but for the plain one of a client that speaks no API.
    let left = head.left;
    let content = connection.swallow(head, left)?;
    let upload_id = head.value("uploadid");
    let reply = match head.method.as_str() {
        "HEAD" => return connection.answer(&about(head, store)),
        "PUT" if head.asks("partnumber") => {
            let number = head.value("partnumber").parse().unwrap_or(0);
            let kept = store.part(upload_id, number, content);
            kept.map_or_else(no_such_upload, |()| Reply::new(200).about(content))
        }
        "POST" if head.asks("uploads") => begun(head, &store.begin_multipart(&head.path)),
        "POST" if head.asks("uploadid") => {
            let whole = store.complete_multipart(upload_id);
            whole.map_or_else(no_such_upload, |whole| completed(head, whole))
        }
        "PUT" | "POST" => {
            let object = Object {
                content,
                meta_md5: head.header("x-cos-meta-md5").to_owned(),
                ..Object::default()
            };
            store.put(&head.path, object);
            Reply::new(200).about(content)
        }
        "DELETE" if head.asks("uploadid") => {
            let aborted = store.abort_multipart(upload_id);
            aborted.map_or_else(no_such_upload, |()| Reply::new(204))
        }
        "DELETE" => {
            store.delete(&head.path);
            Reply::new(204)
        }
        // Asked by those who would go on with an upload: there is none.
        "GET" if head.asks("uploads") => Reply::xml(
            200,
            "<ListMultipartUploadsResult><Bucket>sink</Bucket><IsTruncated>false</IsTruncated>\
             </ListMultipartUploadsResult>"
                .to_owned(),
        ),
        _ => store
            .parts(upload_id)
            .map_or_else(no_such_upload, |parts| listed(head, &parts)),
    };
    connection.answer(&reply.bytes())
}

/// A page of the list, which is asked for percent-encoded; or that the bucket never had versions.
fn bucket(head: &Head, store: &Store) -> Reply {
    if head.asks("versioning") {
        return Reply::xml(200, "<VersioningConfiguration/>".to_owned());
    }
    let most = head.value("max-keys").parse().unwrap_or(1000);
    // Paths are kept as they were asked for: encoded, with the slash that they begin with.
    let path = |name| {
        format!(
            "/{}",
            head.value(name).replace("%2F", "/").replace("%2f", "/")
        )
    };
    let (page, is_truncated) = store.list(&path("prefix"), &path("marker"), most);
    let mut body = format!(
        "<ListBucketResult><Name>sink</Name><EncodingType>url</EncodingType>\
         <IsTruncated>{is_truncated}</IsTruncated>"
    );
    if let Some((last, _)) = page.last().filter(|_| is_truncated) {
        let _ = write!(body, "<NextMarker>{}</NextMarker>", &last[1..]);
    }
    for (path, content) in &page {
        let _ = write!(
            body,
            "<Contents><Key>{}</Key><LastModified>2026-01-01T00:00:00.000Z</LastModified>\
             <ETag>\"{}\"</ETag><Size>{}</Size><StorageClass>STANDARD</StorageClass></Contents>",
            &path[1..],
            etag(*content),
            content.size
        );
    }
    body.push_str("</ListBucketResult>");
    Reply::xml(200, body)
}

/// Deletes many; their keys are plain enough to be named as they are.
fn deleted(document: &[u8], store: &Store) -> Reply {
    let document = String::from_utf8_lossy(document);
    for key in document.split("<Key>").skip(1) {
        store.delete(&format!("/{}", key.split('<').next().unwrap_or_default()));
    }
    Reply::xml(200, "<DeleteResult></DeleteResult>".to_owned())
}

fn about(head: &Head, store: &Store) -> Vec<u8> {
    match store.object(&head.path) {
        Some(object) => {
            let mut reply = Reply::new(200)
                .header("Content-Type", "application/octet-stream")
                .header("Accept-Ranges", "bytes")
                .about(object.content);
            if !object.meta_md5.is_empty() {
                reply = reply.header("x-cos-meta-md5", &object.meta_md5);
            }
            reply.head(object.content.size)
        }
        None => Reply::new(404).head(0),
    }
}

fn download(connection: &mut Connection, head: &Head, store: &Store) -> Result<()> {
    let Some(Object { content, .. }) = store.object(&head.path) else {
        return connection.answer(&error(404, "NoSuchKey").bytes());
    };
    let range = range(head.header("range"), content.size);
    let (first, end) = range.unwrap_or((0, content.size));
    let mut reply = Reply::new(if range.is_some() { 206 } else { 200 })
        .header("Content-Type", "application/octet-stream")
        .header("Accept-Ranges", "bytes")
        .about(content);
    if range.is_some() {
        let told = format!("bytes {first}-{}/{}", end - 1, content.size);
        reply = reply.header("Content-Range", &told);
    }
    connection.answer(&reply.head(end - first))?;
    let pattern = pattern();
    let mut at = first;
    while at < end {
        let from = (at % pattern.len() as u64) as usize;
        let amount = ((pattern.len() - from) as u64).min(end - at) as usize;
        connection.send(&pattern[from..from + amount])?;
        at += amount as u64;
    }
    Ok(())
}

/// Of an object that has bytes: `bytes=0-4` or `bytes=5-`, as first byte and end.
fn range(text: &str, size: u64) -> Option<(u64, u64)> {
    let (first, last) = text.strip_prefix("bytes=")?.split_once('-')?;
    let first: u64 = first.parse().ok()?;
    let end = last.parse().map_or(size, |last: u64| (last + 1).min(size));
    (first < end).then_some((first, end))
}

/// What generated objects are made of, again and again: a megabyte of noise (xorshift64).
fn pattern() -> &'static [u8] {
    static PATTERN: OnceLock<Vec<u8>> = OnceLock::new();
    PATTERN.get_or_init(|| {
        let mut word = 0x9e37_79b9_7f4a_7c15_u64;
        let mut next = || {
            word ^= word << 13;
            word ^= word >> 7;
            word ^= word << 17;
            word.to_le_bytes()
        };
        (0..(1 << 20) / 8).flat_map(|_| next()).collect()
    })
}

/// The content of an object that is only ever downloaded.
pub fn generated(size: u64) -> Content {
    let pattern = pattern();
    let mut hasher = Hasher::new();
    let mut left = size;
    while left > 0 {
        let amount = left.min(pattern.len() as u64);
        hasher.update(&pattern[..amount as usize]);
        left -= amount;
    }
    hasher.content()
}

fn key(head: &Head) -> &str {
    head.path.trim_start_matches('/')
}

fn begun(head: &Head, id: &str) -> Reply {
    let body = format!(
        "<InitiateMultipartUploadResult><Bucket>sink</Bucket><Key>{}</Key>\
         <UploadId>{id}</UploadId></InitiateMultipartUploadResult>",
        key(head)
    );
    Reply::xml(200, body)
}

fn completed(head: &Head, whole: Content) -> Reply {
    let body = format!(
        "<CompleteMultipartUploadResult><Location>http://sink.invalid{}</Location>\
         <Bucket>sink</Bucket><Key>{}</Key><ETag>&quot;{}-1&quot;</ETag>\
         </CompleteMultipartUploadResult>",
        head.path,
        key(head),
        etag(whole)
    );
    Reply::xml(200, body).header("x-cos-hash-crc64ecma", &whole.crc64.to_string())
}

fn listed(head: &Head, parts: &[(u32, Content)]) -> Reply {
    let mut body = format!(
        "<ListPartsResult><Bucket>sink</Bucket><Key>{}</Key><UploadId>{}</UploadId>\
         <IsTruncated>false</IsTruncated>",
        key(head),
        head.value("uploadid")
    );
    for (number, part) in parts {
        let _ = write!(
            body,
            "<Part><PartNumber>{number}</PartNumber><ETag>\"{}\"</ETag><Size>{}</Size></Part>",
            etag(*part),
            part.size
        );
    }
    body.push_str("</ListPartsResult>");
    Reply::xml(200, body)
}

fn no_such_upload() -> Reply {
    error(404, "NoSuchUpload")
}

pub fn error(status: u16, code: &str) -> Reply {
    let body = format!(
        "<Error><Code>{code}</Code><Message>{code}</Message><Resource>sink</Resource>\
         <RequestId>sink</RequestId></Error>"
    );
    Reply::xml(status, body)
}
