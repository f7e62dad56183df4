//! The JSON API (`files/v1`): how an operation is said. json-api.md §2 is the source of every
//! field; `read` understands the answers.

mod codes;
mod fields;
mod form;
mod object;
mod read;

pub(crate) use fields::complete;
pub(crate) use object::{object, object_url, refusal, unfinished};
pub(crate) use read::read;

use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::{Map, Value};

use crate::api::{Operation, Target};
use crate::client::Client;
use crate::config::Config;
use crate::error::{Error, Result};
use crate::path;
use crate::sign::{self, Account, Stamp};
use crate::transport::{Body, Method, Request};
use form::Form;

const JSON: &str = "application/json";

/// Longest URL that the service takes (json-api.md §5.1).
const URL_MAX_BYTES: usize = 2048;

/// Largest file that `op=upload` takes (json-api.md §2.8).
pub(crate) const UPLOAD_MAX_BYTES: usize = 20 << 20;

/// A reply is an object of a few fields.
const REPLY_CAP: usize = 1 << 20;

/// A page of a list holds up to 199 entries with attributes of any length.
const LIST_REPLY_CAP: usize = 16 << 20;

/// Builds the request for one try; its signature is new each time.
pub(crate) fn request<'a>(
    account: &Account,
    config: &Config,
    target: &Target,
    operation: &Operation<'a>,
    stamp: Stamp,
) -> Result<Request<'a>> {
    let url = url(account, config, target)?;
    let signature = signature(account, config, target, operation, stamp);
    let get = |query: String, reply_cap| Request {
        method: Method::Get,
        url: format!("{url}?{query}"),
        signature: signature.clone(),
        content_type: String::new(),
        body: Body::default(),
        reply_cap,
        replayable: true,
    };
    let post = |content_type: String, body| Request {
        method: Method::Post,
        url: url.clone(),
        signature: signature.clone(),
        content_type,
        body,
        reply_cap: REPLY_CAP,
        replayable: operation.repeatable() && !is_one_time(operation),
    };
    Ok(match operation {
        Operation::Stat => get("op=stat".to_owned(), REPLY_CAP),
        Operation::List {
            num,
            pattern,
            order,
            context,
        } => {
            let context = utf8_percent_encode(context, NON_ALPHANUMERIC);
            get(
                format!("op=list&num={num}&pattern={pattern}&order={order}&context={context}"),
                LIST_REPLY_CAP,
            )
        }
        Operation::CreateFolder { biz_attr } => json_post(post, "create", Some(biz_attr)),
        Operation::Update { biz_attr } => json_post(post, "update", Some(biz_attr)),
        Operation::Delete => json_post(post, "delete", None),
        Operation::Move { to, overwrite } => {
            let to = Value::from(format!("/{}", to.plain()));
            let over = u8::from(*overwrite);
            let text = format!(r#"{{"op":"move","dest_fileid":{to},"to_over_write":{over}}}"#);
            post(JSON.to_owned(), text_body(text))
        }
        Operation::Upload { .. } | Operation::StartSlices { .. } | Operation::Slice { .. } => {
            let form = upload_form(operation);
            post(form.content_type(), form.into_body())
        }
    })
}

/// What the answer to an upload says about the place, for an answer that was lost.
pub(crate) fn place(client: &Client, target: &Target) -> Map<String, Value> {
    let fileid = path::fileid(client.account().appid(), &target.bucket, &target.path);
    let url = format!(
        "{}{}",
        client.config().endpoint.trim_end_matches('/'),
        fileid
    );
    Map::from_iter([
        ("url".to_owned(), url.into()),
        ("resource_path".to_owned(), fileid.into()),
    ])
}

fn url(account: &Account, config: &Config, target: &Target) -> Result<String> {
    let url = format!(
        "{}{}/{}/{}",
        config.endpoint,
        account.appid(),
        target.bucket.as_str(),
        target.path.encoded(),
    );
    check_url(url, target)
}

fn check_url(url: String, target: &Target) -> Result<String> {
    if url.len() > URL_MAX_BYTES {
        let problem = format!(
            "makes a URL of {} bytes, the service takes {URL_MAX_BYTES}",
            url.len()
        );
        return Err(Error::parameter(target.path.param(), problem));
    }
    Ok(url)
}

/// Update, delete and move want a signature for a single use on just this object (json-api.md
/// §1.3).
fn signature(
    account: &Account,
    config: &Config,
    target: &Target,
    operation: &Operation,
    stamp: Stamp,
) -> String {
    if is_one_time(operation) {
        let fileid = path::fileid(account.appid(), &target.bucket, &target.path);
        return sign::one_time(account, &target.bucket, &fileid, stamp);
    }
    let expires = stamp.now + config.sign_expires_s;
    sign::multi_use(account, &target.bucket, expires, stamp)
}

fn is_one_time(operation: &Operation) -> bool {
    matches!(
        operation,
        Operation::Update { .. } | Operation::Delete | Operation::Move { .. }
    )
}

fn json_post<'a>(
    post: impl FnOnce(String, Body<'a>) -> Request<'a>,
    op: &str,
    biz_attr: Option<&str>,
) -> Request<'a> {
    let text = match biz_attr {
        Some(biz_attr) => format!(r#"{{"op":"{op}","biz_attr":{}}}"#, Value::from(biz_attr)),
        None => format!(r#"{{"op":"{op}"}}"#),
    };
    post(JSON.to_owned(), text_body(text))
}

fn text_body<'a>(text: String) -> Body<'a> {
    Body {
        head: text.into_bytes(),
        ..Body::default()
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
        } => {
            form.text("op", "upload");
            form.text("sha", sha1);
            form.text("biz_attr", biz_attr);
            insert_only(&mut form, *overwrite);
            form.content(content);
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
            sha1,
        } => {
            form.text("op", "upload_slice");
            form.text("session", session);
            form.text("offset", &offset.to_string());
            form.text("sha", sha1);
            form.content(content);
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
