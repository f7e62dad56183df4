//! A service of the XML API that says no more than it must.

use std::collections::HashSet;
use std::sync::Mutex;

use super::common::crc64;
use super::common::listener::{Listener, Received};

/// Parts are of this size, but for the last.
pub const PART: usize = 1 << 20;

/// What is called `big` has so many bytes, all 0.
pub const BIG: usize = (8 << 20) + 5;

/// `first_part` is the ETag of the only part that an earlier upload has sent.
pub fn service(first_part: String) -> Listener {
    let put = Mutex::new(HashSet::new());
    Listener::answering(move |_, request| {
        let target = request.line.split(' ').nth(1).unwrap();
        let (path, query) = target.split_once('?').unwrap_or((target, ""));
        let is_put = || put.lock().unwrap().contains(path);
        let answer = match method(request) {
            // What is called new is there once it has been put.
            "HEAD" if path.contains("new") && !is_put() => answer("404 X", "", b""),
            "HEAD" => head(path),
            "GET" => get(path, query, request.header("range"), &first_part),
            "PUT" if query.is_empty() => {
                put.lock().unwrap().insert(path.to_owned());
                stored(request)
            }
            "PUT" => stored(request),
            "POST" if query.starts_with("uploadId") => {
                put.lock().unwrap().insert(path.to_owned());
                xml(
                    "<CompleteMultipartUploadResult><ETag>\"1\"</ETag></CompleteMultipartUploadResult>",
                )
            }
            "POST" => post(query, request.body.len()),
            "DELETE" if query.starts_with("versionId") => {
                answer("204 X", "x-cos-version-id: 1\r\n", b"")
            }
            _ => answer("204 X", "", b""),
        };
        encrypted(path, answer)
    })
}

/// Tells how what has such a name is encrypted.
fn encrypted(path: &str, mut answer: Vec<u8>) -> Vec<u8> {
    let told = match path {
        _ if path.contains("sse-cos") => "x-cos-server-side-encryption: AES256\r\n",
        _ if path.contains("sse-kms") => {
            "x-cos-server-side-encryption: cos/kms\r\n\
             x-cos-server-side-encryption-cos-kms-key-id: 48ba38aa-26c5\r\n"
        }
        _ if path.contains("sse-own") => &customer(super::xml_customer_keys::OWN_MD5),
        _ if path.contains("sse-another") => &customer(super::xml_customer_keys::ANOTHER_MD5),
        _ => "",
    };
    let line = answer.iter().position(|byte| *byte == b'\n').unwrap();
    answer.splice(line + 1..line + 1, told.bytes());
    answer
}

fn customer(md5: &str) -> String {
    let prefix = "x-cos-server-side-encryption-customer-";
    format!("{prefix}algorithm: AES256\r\n{prefix}key-MD5: {md5}\r\n")
}

fn method(request: &Received) -> &str {
    request.line.split(' ').next().unwrap()
}

fn head(path: &str) -> Vec<u8> {
    let length = match path.rsplit('/').next() {
        Some("big") => BIG,
        Some("huge") => (5 << 30) + 1,
        Some("with%20parts" | "sse-kms%20parts" | "sse-own%20parts") => (8 << 20) + 1,
        Some("sliced" | "resumed") => 2 * PART + 9,
        Some("") => 0,
        _ => 5,
    };
    let headers = "ETag: \"1\"\r\nLast-Modified: Wed, 21 Oct 2015 07:28:00 GMT\r\n\
                   x-cos-meta-color: blue\r\nCache-Control: max-age=60\r\n";
    // As of a GET, but without the content.
    format!("HTTP/1.1 200 X\r\n{headers}Content-Length: {length}\r\nConnection: close\r\n\r\n")
        .into_bytes()
}

fn stored(request: &Received) -> Vec<u8> {
    match request.header("x-cos-copy-source") {
        "" if request.line.contains("partNumber") => answer("200 X", "ETag: \"1\"\r\n", b""),
        "" => {
            let crc64 = crc64(&request.body);
            let headers = format!("ETag: \"1\"\r\nx-cos-hash-crc64ecma: {crc64}\r\n");
            answer("200 X", &headers, b"")
        }
        _ if request.line.contains("partNumber") => {
            xml("<CopyPartResult><ETag>\"1\"</ETag></CopyPartResult>")
        }
        _ => xml("<CopyObjectResult><ETag>\"1\"</ETag></CopyObjectResult>"),
    }
}

fn post(query: &str, length: usize) -> Vec<u8> {
    if let Some(position) = query.strip_prefix("append&position=") {
        let end = position.parse::<usize>().unwrap() + length;
        let header = format!("x-cos-next-append-position: {end}\r\n");
        return answer("200 X", &header, b"");
    }
    match query {
        "restore" => answer("202 X", "", b""),
        "uploads" => xml(
            "<InitiateMultipartUploadResult><UploadId>u/p+1&amp;</UploadId>\
             </InitiateMultipartUploadResult>",
        ),
        "delete" => xml("<DeleteResult/>"),
        other => panic!("POST ?{other}"),
    }
}

fn get(path: &str, query: &str, range: &str, first_part: &str) -> Vec<u8> {
    match query.split(['=', '&']).next().unwrap() {
        "prefix" => list(query),
        "versions" => versions(query),
        "acl" => xml("<AccessControlPolicy/>"),
        "uploads" => xml(
            "<ListMultipartUploadsResult><IsTruncated>false</IsTruncated></ListMultipartUploadsResult>",
        ),
        "uploadId" => xml(&format!(
            "<ListPartsResult><IsTruncated>false</IsTruncated><Part><PartNumber>1</PartNumber><Size>{PART}</Size>\
             <ETag>\"{first_part}\"</ETag></Part></ListPartsResult>"
        )),
        "" if path == "/" => xml(
            "<ListAllMyBucketsResult><IsTruncated>false</IsTruncated><Buckets/></ListAllMyBucketsResult>",
        ),
        "versioning" => xml("<VersioningConfiguration/>"),
        "tagging" => xml("<Tagging><TagSet/></Tagging>"),
        "" | "versionId" => object(path, range),
        other => panic!("GET {path}?{other}"),
    }
}

/// A first page with just the key that is the prefix, and a last page with nothing.
fn list(query: &str) -> Vec<u8> {
    if query.contains("marker=") {
        return xml("<ListBucketResult><IsTruncated>false</IsTruncated></ListBucketResult>");
    }
    let prefix = query.split(['=', '&']).nth(1).unwrap();
    xml(&format!(
        "<ListBucketResult><EncodingType>url</EncodingType><IsTruncated>true</IsTruncated>\
         <NextMarker>{prefix}~+</NextMarker>\
         <Contents><Key>{prefix}</Key><Size>0</Size></Contents></ListBucketResult>"
    ))
}

/// A first page that ends in the midst of a key's versions, and a last one.
fn versions(query: &str) -> Vec<u8> {
    let (next, key, id) = match query.contains("key-marker=") {
        true => ("<IsTruncated>false</IsTruncated>", "d+%2B", "old"),
        false => (
            "<IsTruncated>true</IsTruncated><NextKeyMarker>d+%2B</NextKeyMarker>\
             <NextVersionIdMarker>n=w</NextVersionIdMarker>",
            "d+%2B",
            "n=w",
        ),
    };
    xml(&format!(
        "<ListVersionsResult><EncodingType>url</EncodingType>{next}<Version><Key>{key}</Key>\
         <VersionId>{id}</VersionId><IsLatest>false</IsLatest><Size>5</Size></Version></ListVersionsResult>"
    ))
}

/// `big` is all 0, everything else "hello"; each with its CRC64.
fn object(path: &str, range: &str) -> Vec<u8> {
    let is_big = path.ends_with("/big");
    let (content, crc64) = match is_big {
        true => (vec![0; BIG], "18369106555515427937"),
        false => (b"hello".to_vec(), "11177612005948864433"),
    };
    let size = content.len();
    let headers = format!("ETag: \"1\"\r\nx-cos-hash-crc64ecma: {crc64}\r\n");
    let Some(range) = range.strip_prefix("bytes=") else {
        return answer("200 X", &headers, &content);
    };
    let (first, last) = range.split_once('-').unwrap();
    let (first, last): (usize, usize) = (first.parse().unwrap(), last.parse().unwrap());
    let last = last.min(size - 1);
    let headers = format!("{headers}Content-Range: bytes {first}-{last}/{size}\r\n");
    answer("206 X", &headers, &content[first..=last])
}

fn xml(document: &str) -> Vec<u8> {
    answer("200 X", "", document.as_bytes())
}

fn answer(status: &str, headers: &str, body: &[u8]) -> Vec<u8> {
    let length = body.len();
    let head = format!(
        "HTTP/1.1 {status}\r\n{headers}Content-Length: {length}\r\nConnection: close\r\n\r\n"
    );
    [head.as_bytes(), body].concat()
}
