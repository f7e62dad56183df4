//! What a benchmark asks of the sink itself:
//!
//! - `GET /_sink/objects`: paths, sizes and CRC64s of all that has arrived;
//! - `POST /_sink/generate?path=/KEY&size=BYTES`: an object to download; with `&count=N`, N of them, `/KEY/000000` and on;
//! - `GET /_sink/requests`: how many there were, and how many were refused;
//! - `POST /_sink/forget_requests`: how many there were;
//! - `POST /_sink/clear`: forget everything.

use std::io::Result;

use crate::connection::{Connection, Head};
use crate::digest::Content;
use crate::limit::Limit;
use crate::reply::Reply;
use crate::store::{Object, Store};
use crate::xml_api;

pub fn serve(
    connection: &mut Connection,
    head: &mut Head,
    store: &Store,
    limit: &Limit,
) -> Result<()> {
    let left = head.left;
    connection.swallow(head, left)?;
    let reply = match (head.method.as_str(), head.path.as_str()) {
        ("GET", "/_sink/objects") => objects(store),
        ("GET", "/_sink/requests") => {
            let (asked, refused) = limit.counts();
            Reply::json(
                200,
                format!(r#"{{"requests":{asked},"refused":{refused}}}"#),
            )
        }
        ("POST", "/_sink/forget_requests") => {
            limit.clear();
            Reply::new(204)
        }
        ("POST", "/_sink/generate") => generate(head, store),
        ("POST", "/_sink/clear") => {
            store.clear();
            limit.clear();
            Reply::new(204)
        }
        _ => Reply::new(404),
    };
    connection.answer(&reply.bytes())
}

fn generate(head: &Head, store: &Store) -> Reply {
    let Ok(size) = head.value("size").parse() else {
        return Reply::new(400);
    };
    let content = xml_api::generated(size);
    let path = head.value("path");
    let put = |path: &str| {
        let object = Object {
            content,
            ..Object::default()
        };
        store.put(path, object);
    };
    match head.value("count").parse::<u64>() {
        Ok(count) => (0..count).for_each(|number| put(&format!("{path}/{number:06}"))),
        Err(_) => put(path),
    }
    Reply::json(200, describe(path, content))
}

fn objects(store: &Store) -> Reply {
    let objects: Vec<String> = store
        .objects()
        .iter()
        .map(|(path, object)| describe(path, object.content))
        .collect();
    Reply::json(200, format!("[{}]", objects.join(",")))
}

/// A CRC64 is a text, because many a JSON parser would round the number.
fn describe(path: &str, content: Content) -> String {
    let Content { size, crc64, .. } = content;
    format!(r#"{{"path":"{path}","size":{size},"crc64":"{crc64}"}}"#)
}
