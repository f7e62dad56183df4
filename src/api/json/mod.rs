//! The JSON API (`files/v1`): how an operation is said. json-api.md §2 is the source of every
//! field; `read` understands the answers.

mod codes;
mod fields;
mod form;
mod object;
mod read;
mod settle;
mod sign;

pub(crate) use fields::complete;
pub(crate) use object::unfinished;
pub(super) use object::{object, object_url, refusal};
pub(crate) use settle::{confirm, uploaded};
pub(crate) use sign::{Stamp, multi_use, one_time};

use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::{Map, Value};

use crate::account::Account;
use crate::api::{Extras, Operation, Target};
use crate::client::{Call, Client, Question};
use crate::config::Config;
use crate::error::{Error, Result};
use crate::path;
use crate::reply::Reply;

use crate::transport::{Body, Method, Request, Response};
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

/// One request of the JSON API.
pub(crate) enum Ask<'a> {
    Do(&'a Operation<'a>),
    /// Begins an upload in slices, or asks where to go on with one; `sha1` is the whole file's.
    StartSlices {
        filesize: u64,
        sha1: &'a str,
        biz_attr: &'a str,
        slice_size: u64,
        session: Option<&'a str>,
        overwrite: bool,
    },
    /// One slice; `sha1` is its own.
    Slice {
        session: &'a str,
        offset: u64,
        content: &'a [u8],
        sha1: &'a str,
    },
}

/// What to ask, and about what.
pub(crate) struct About<'a> {
    pub(crate) target: &'a Target,
    pub(crate) ask: Ask<'a>,
}

impl Question for About<'_> {
    type Answer = Reply;

    fn request(&self, client: &Client) -> Result<Request<'_>> {
        let (target, ask) = (self.target, &self.ask);
        let url = url(client.account(), client.config(), target)?;
        let signature = signature(client, target, ask);
        let mut request = Request {
            signature,
            ..Request::get(url, REPLY_CAP)
        };
        if let Some((query, cap)) = question(ask) {
            request.url = format!("{}?{query}", request.url);
            request.reply_cap = cap;
            return Ok(request);
        }
        let (content_type, body) = content(ask);
        request.method = Method::Post;
        request.headers.push(("content-type".into(), content_type));
        request.body = body;
        request.replayable = self.repeatable() && !is_one_time(ask);
        Ok(request)
    }

    fn read(&self, response: Response, request: &Request) -> Result<Reply> {
        read::read(&self.ask, response, &request.signature)
    }

    fn repeatable(&self) -> bool {
        match &self.ask {
            Ask::StartSlices { .. } | Ask::Slice { .. } => true,
            Ask::Do(operation) => match operation {
                Operation::Stat
                | Operation::Update { .. }
                | Operation::Dress { .. }
                | Operation::List { .. } => true,
                Operation::Upload { overwrite, .. } => *overwrite,
                Operation::CreateFolder { .. }
                | Operation::Delete
                | Operation::Move { .. }
                | Operation::Copy { .. } => false,
            },
        }
    }
}

pub(super) fn perform(
    call: &Call,
    target: &Target,
    operation: &Operation,
    sent: &mut dyn FnMut(u64) -> Result<()>,
) -> Result<Reply> {
    if matches!(operation, Operation::Copy { .. }) {
        let problem = "speaks the JSON API, which cannot copy files; the XML API can";
        return Err(Error::parameter("client", problem));
    }
    let ask = Ask::Do(operation);
    let reply = match call.send(&About { target, ask }, sent) {
        Err(error) if error.perhaps_done => {
            settle::settle(call, target, operation, &error).ok_or(error)?
        }
        outcome => outcome?,
    };
    if let Operation::Upload {
        content,
        sha1,
        extras,
        ..
    } = operation
    {
        settle::confirm(call, target, content.len() as u64, sha1)?;
        dress(call, target, extras)?;
    }
    Ok(reply)
}

/// What this API takes only once the object is there.
pub(crate) fn dress(call: &Call, target: &Target, extras: &Extras) -> Result<()> {
    if extras.is_empty() {
        return Ok(());
    }
    let ask = Ask::Do(&Operation::Dress { extras });
    match call.ask(&About { target, ask }) {
        Ok(_) => Ok(()),
        Err(mut error) => {
            let prefix = "uploaded, but its headers or access rights could not be set";
            error.message = format!("{prefix}: {}", error.message);
            Err(error)
        }
    }
}

/// The query of a GET and the longest answer that is read; `None` for what is posted.
fn question(ask: &Ask) -> Option<(String, usize)> {
    match ask {
        Ask::Do(Operation::Stat) => Some(("op=stat".to_owned(), REPLY_CAP)),
        Ask::Do(Operation::List {
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
fn content<'a>(ask: &Ask<'a>) -> (String, Body<'a>) {
    let text = match ask {
        Ask::Do(Operation::CreateFolder { biz_attr }) => json_text("create", Some(biz_attr)),
        Ask::Do(Operation::Update { biz_attr }) => json_text("update", Some(biz_attr)),
        Ask::Do(Operation::Dress { extras }) => dress_text(extras),
        Ask::Do(Operation::Move { to, overwrite }) => {
            let to = Value::from(format!("/{}", to.plain()));
            let over = u8::from(*overwrite);
            format!(r#"{{"op":"move","dest_fileid":{to},"to_over_write":{over}}}"#)
        }
        Ask::Do(Operation::Upload { .. }) | Ask::StartSlices { .. } | Ask::Slice { .. } => {
            let form = upload_form(ask);
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
fn signature(client: &Client, target: &Target, ask: &Ask) -> String {
    let (account, stamp) = (client.account(), client.stamp());
    if is_one_time(ask) {
        let fileid = path::fileid(account.appid(), &target.bucket, &target.path);
        return sign::one_time(account, &target.bucket, &fileid, stamp);
    }
    let expires = stamp.now + client.config().sign_expires_s;
    sign::multi_use(account, &target.bucket, expires, stamp)
}

fn is_one_time(ask: &Ask) -> bool {
    matches!(
        ask,
        Ask::Do(
            Operation::Update { .. }
                | Operation::Dress { .. }
                | Operation::Delete
                | Operation::Move { .. }
        )
    )
}

/// Only what is given is changed; the flags say what that is (json-api.md §2.3).
fn dress_text(extras: &Extras) -> String {
    let mut flag = 0;
    let mut text = Map::new();
    if let Some(acl) = &extras.acl {
        let authority = AUTHORITIES.iter().find(|(name, _)| name == acl);
        let authority = authority.map_or("eInvalid", |(_, authority)| authority);
        text.insert("authority".to_owned(), authority.into());
        flag |= 0x80;
    }
    if !extras.headers.is_empty() {
        let headers = extras.headers.iter();
        let headers: Map<String, Value> = headers
            .map(|(name, value)| (as_documented(name), value.as_str().into()))
            .collect();
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
fn upload_form<'a>(ask: &Ask<'a>) -> Form<'a> {
    let mut form = Form::new();
    match ask {
        Ask::Do(Operation::Upload {
            content,
            sha1,
            biz_attr,
            overwrite,
            ..
        }) => {
            form.text("op", "upload");
            form.text("sha", sha1);
            form.text("biz_attr", biz_attr);
            insert_only(&mut form, *overwrite);
            form.content(content);
        }
        Ask::StartSlices {
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
        Ask::Slice {
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
