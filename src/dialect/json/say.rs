//! How an operation is said: the query of what is asked, the text or form of what is posted
//! (json-api.md §2).

use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::{Map, Value};

use super::form::Form;
use super::operation::Operation;
use crate::dialect::{LIST_REPLY_CAP, REPLY_CAP};
use crate::model::{ObjectAttributes, PageRequest};
use crate::transport::Body;

const JSON: &str = "application/json";

/// Who may read a file, in the words of either API (json-api.md §2.3).
const AUTHORITIES: [(&str, &str); 3] = [
    ("default", "eInvalid"),
    ("private", "eWRPrivate"),
    ("public-read", "eWPrivateRPublic"),
];

/// The XML API's word for an authority.
pub(crate) fn acl(authority: &str) -> Option<&'static str> {
    let found = AUTHORITIES.iter().find(|(_, known)| *known == authority);
    found.map(|(acl, _)| *acl)
}

/// The query of a GET and the longest answer that is read; `None` for what is posted.
pub(super) fn question(operation: &Operation) -> Option<(String, usize)> {
    match operation {
        Operation::Stat => Some(("op=stat".to_owned(), REPLY_CAP)),
        Operation::List(PageRequest {
            num,
            pattern,
            order,
            context,
        }) => {
            let context = utf8_percent_encode(context, NON_ALPHANUMERIC);
            let query =
                format!("op=list&num={num}&pattern={pattern}&order={order}&context={context}");
            Some((query, LIST_REPLY_CAP))
        }
        _ => None,
    }
}

/// What is posted, with its type.
pub(super) fn content<'a>(operation: &Operation<'a>) -> (String, Body<'a>) {
    let text = match operation {
        Operation::CreateFolder { biz_attr } => json_text("create", Some(biz_attr)),
        Operation::Update { biz_attr } => json_text("update", Some(biz_attr)),
        Operation::SetAttributes {
            attributes,
            biz_attr,
        } => attributes_text(attributes, *biz_attr),
        Operation::Move { to, overwrite } => {
            let to = Value::from(format!("/{}", to.plain()));
            let over = u8::from(*overwrite);
            format!(r#"{{"op":"move","dest_fileid":{to},"to_over_write":{over}}}"#)
        }
        Operation::Upload { .. } | Operation::StartSlices { .. } | Operation::Slice { .. } => {
            let form = upload_form(operation);
            return (form.content_type(), form.into_body());
        }
        _ => json_text("delete", None),
    };
    let body = Body {
        head: text.into_bytes(),
        ..Body::default()
    };
    (JSON.to_owned(), body)
}

/// Only what is given is changed; the flags say what that is (json-api.md §2.3).
fn attributes_text(attributes: &ObjectAttributes, biz_attr: Option<&str>) -> String {
    let mut flag = 0;
    let mut text = Map::new();
    if let Some(biz_attr) = biz_attr {
        text.insert("biz_attr".to_owned(), biz_attr.into());
        flag |= 0x01;
    }
    if let Some(acl) = &attributes.acl {
        let authority = AUTHORITIES.iter().find(|(name, _)| name == acl);
        let authority = authority.map_or("eInvalid", |(_, authority)| authority);
        text.insert("authority".to_owned(), authority.into());
        flag |= 0x80;
    }
    if !attributes.headers.is_empty() {
        let mut headers = Map::new();
        for (name, value) in &attributes.headers {
            headers.insert(as_documented(name), value.as_str().into());
        }
        text.insert("custom_headers".to_owned(), headers.into());
        flag |= 0x40;
    }
    text.insert("op".to_owned(), "update".into());
    text.insert("flag".to_owned(), flag.into());
    Value::from(text).to_string()
}

/// `Content-Type`, but `x-cos-meta-a`.
fn as_documented(name: &str) -> String {
    if name.starts_with("x-cos-") {
        return name.to_owned();
    }
    let capital = |word: &str| word[..1].to_ascii_uppercase() + &word[1..];
    let words: Vec<String> = name.split('-').map(capital).collect();
    words.join("-")
}

fn json_text(op: &str, biz_attr: Option<&str>) -> String {
    match biz_attr {
        Some(biz_attr) => format!(r#"{{"op":"{op}","biz_attr":{}}}"#, Value::from(biz_attr)),
        None => format!(r#"{{"op":"{op}"}}"#),
    }
}

/// The parts in the order of the classic SDKs that are known to work, the content last.
fn upload_form<'a>(operation: &Operation<'a>) -> Form<'a> {
    let mut form = Form::new();
    match operation {
        Operation::Upload {
            content,
            sha1,
            biz_attr,
            overwrite,
            ..
        } => {
            form.text("op", "upload");
            form.text("sha", sha1);
            form.text("biz_attr", biz_attr);
            insert_only(&mut form, *overwrite);
            form.content(*content);
        }
        Operation::StartSlices {
            filesize,
            sha1,
            biz_attr,
            slice_size,
            session,
            overwrite,
        } => {
            form.text("op", "upload_slice");
            form.text("filesize", &filesize.to_string());
            form.text("sha", sha1);
            form.text("slice_size", &slice_size.to_string());
            if !biz_attr.is_empty() {
                form.text("biz_attr", biz_attr);
            }
            if let Some(session) = session {
                form.text("session", session);
            }
            insert_only(&mut form, *overwrite);
        }
        Operation::Slice {
            session,
            offset,
            content,
        } => {
            form.text("op", "upload_slice");
            form.text("session", session);
            form.text("offset", &offset.to_string());
            form.content(*content);
        }
        _ => unreachable!("only uploads are forms"),
    }
    form
}

/// Left out, the service refuses to overwrite (json-api.md §2.8); servers before v3.3 know no more.
fn insert_only(form: &mut Form, overwrite: bool) {
    if overwrite {
        form.text("insertOnly", "0");
    }
}
