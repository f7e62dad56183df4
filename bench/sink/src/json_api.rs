//! The JSON API (files/v1): a file in one form, in slices, and what became of it.

use std::io::Result;

use crate::connection::{Connection, Head};
use crate::form::{self, Form};
use crate::reply::Reply;
use crate::store::{Object, Store};

pub fn serve(connection: &mut Connection, head: &mut Head, store: &Store) -> Result<()> {
    let reply = match (head.method.as_str(), form::boundary(head)) {
        ("GET", _) => stat(head, store),
        (_, Some(boundary)) => {
            let form = form::read(connection, head, &boundary)?;
            upload(head, store, &form)
        }
        // {"op":"delete"}, of all that come so.
        _ => {
            let left = head.left;
            connection.swallow(head, left)?;
            store.delete(&head.path);
            success(String::new())
        }
    };
    connection.answer(&reply.bytes())
}

fn upload(head: &Head, store: &Store, form: &Form) -> Reply {
    let number = |name| form.field(name).parse().unwrap_or(0);
    match (form.field("op"), form.file) {
        ("upload", Some(content)) => {
            let object = Object {
                content,
                sha1: form.field("sha").to_owned(),
                ..Object::default()
            };
            store.put(&head.path, object);
            uploaded(&head.path)
        }
        ("upload_slice", None) => {
            let session = store.begin_slices(&head.path, number("filesize"), form.field("sha"));
            let slice_size = number("slice_size");
            success(format!(
                r#"{{"session":"{session}","offset":0,"slice_size":{slice_size}}}"#
            ))
        }
        ("upload_slice", Some(content)) => {
            let (session, offset) = (form.field("session"), number("offset"));
            match store.slice(session, offset, content) {
                Some(true) => uploaded(&head.path),
                Some(false) => success(format!(r#"{{"session":"{session}","offset":{offset}}}"#)),
                None => refusal(-290, "no such session"),
            }
        }
        _ => refusal(-5980, "no such op"),
    }
}

fn stat(head: &Head, store: &Store) -> Reply {
    let Some(object) = store.object(&head.path) else {
        return refusal(-166, "not there");
    };
    let (size, sha1) = (object.content.size, object.sha1);
    let name = head.path.rsplit('/').next().unwrap_or_default();
    success(format!(
        r#"{{"name":"{name}","biz_attr":"","ctime":"1767225600","mtime":"1767225600","filesize":{size},"filelen":{size},"sha":"{sha1}","access_url":"http://sink.invalid{}"}}"#,
        head.path
    ))
}

fn uploaded(path: &str) -> Reply {
    success(format!(
        r#"{{"access_url":"http://sink.invalid{path}","url":"http://sink.invalid{path}","resource_path":"{path}"}}"#
    ))
}

fn success(data: String) -> Reply {
    let data = if data.is_empty() { "{}" } else { &data };
    let body = format!(r#"{{"code":0,"message":"SUCCESS","data":{data}}}"#);
    Reply::json(200, body)
}

fn refusal(code: i32, message: &str) -> Reply {
    Reply::json(400, format!(r#"{{"code":{code},"message":"{message}"}}"#))
}
