//! The XML API as a test speaks it: answers of a service, and what the library itself does not send.

use hmac::{Hmac, KeyInit, Mac};
use sha1::{Digest, Sha1};

use super::emulator::{APPID, Emulator, SECRET_ID, SECRET_KEY};
use super::library::BUCKET;
use super::unix_now;

/// The document of a refusal.
pub fn error(code: &str, message: &str) -> String {
    format!(
        "<?xml version='1.0' encoding='utf-8' ?><Error><Code>{code}</Code><Message>{message}</Message>\
         <Resource>r</Resource><RequestId>i</RequestId><TraceId>t</TraceId></Error>"
    )
}

/// An answer with further headers, each with its line break. One to HEAD announces its body only.
pub fn answer(line: &str, status: u16, headers: &str, body: impl AsRef<[u8]>) -> Vec<u8> {
    let body = body.as_ref();
    // An object's length is one of the headers then.
    let length = match line.starts_with("HEAD ") {
        true => String::new(),
        false => format!("Content-Length: {}\r\n", body.len()),
    };
    let head = format!("HTTP/1.1 {status} X\r\n{headers}{length}Connection: close\r\n\r\n");
    let mut answer = head.into_bytes();
    if !line.starts_with("HEAD ") {
        answer.extend_from_slice(body);
    }
    answer
}

/// A page of a list, with the keys as they are to stand there.
pub fn list(keys: &[(&str, u64)], next: Option<&str>) -> String {
    let mut text = "<ListBucketResult><EncodingType>url</EncodingType>".to_owned();
    text += &match next {
        Some(next) => {
            format!("<IsTruncated>true</IsTruncated><NextMarker>{next}</NextMarker>")
        }
        None => "<IsTruncated>false</IsTruncated>".to_owned(),
    };
    for (key, size) in keys {
        text += &format!(
            "<Contents><Key>{key}</Key><LastModified>2020-12-10T03:37:30.000Z</LastModified>\
             <ETag>&quot;e&quot;</ETag><Size>{size}</Size></Contents>"
        );
    }
    text + "</ListBucketResult>"
}

/// Puts an object of any key, which is to need no encoding.
pub fn put(emulator: &Emulator, key: &str, content: &[u8]) {
    let path = format!("/{BUCKET}-{APPID}/{key}");
    let time = format!("{};{}", unix_now() - 60, unix_now() + 600);
    let digest = hex(&Sha1::digest(format!("put\n{path}\n\n\n")));
    let sign_key = hex(&mac(SECRET_KEY.as_bytes(), &time));
    let signature = hex(&mac(
        sign_key.as_bytes(),
        &format!("sha1\n{time}\n{digest}\n"),
    ));
    let authorization = format!(
        "q-sign-algorithm=sha1&q-ak={SECRET_ID}&q-sign-time={time}&q-key-time={time}\
         &q-header-list=&q-url-param-list=&q-signature={signature}"
    );
    let put = ureq::put(format!("{}{path}", emulator.url)).header("authorization", authorization);
    put.send(content).unwrap();
}

fn mac(key: &[u8], text: &str) -> Vec<u8> {
    let mut mac = Hmac::<Sha1>::new_from_slice(key).unwrap();
    mac.update(text.as_bytes());
    mac.finalize().into_bytes().to_vec()
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
