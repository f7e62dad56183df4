//! The JSON API (`files/v1`): how an operation is said. json-api.md §2 is the source of every
//! field; `read` understands the answers.

mod codes;
mod delete;
mod fields;
mod form;
mod object;
mod read;
mod say;
mod settle;
mod sign;
mod walk;

pub(crate) use delete::{delete_each, delete_tree};
pub(crate) use fields::complete;
pub(crate) use object::unfinished;
pub(super) use object::{object, object_url, refusal};
pub(crate) use say::acl;
pub(crate) use settle::{confirm, uploaded};
pub(crate) use sign::{Stamp, multi_use, one_time};
pub(crate) use walk::each_page;

use serde_json::{Map, Value};

use crate::account::Account;
use crate::api::{Extras, Operation, Target};
use crate::client::{Call, Client, Question};
use crate::config::Config;
use crate::error::{Error, Result};
use crate::path;
use crate::reply::Reply;

use crate::transport::{Content, Method, Request, Response};

/// Longest URL that the service takes (json-api.md §5.1).
const URL_MAX_BYTES: usize = 2048;

/// Largest file that `op=upload` takes (json-api.md §2.8).
pub(crate) const UPLOAD_MAX_BYTES: usize = 20 << 20;

/// A reply is an object of a few fields.
const REPLY_CAP: usize = 1 << 20;

/// A page of a list holds up to 199 entries with attributes of any length.
const LIST_REPLY_CAP: usize = 16 << 20;

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
    /// One slice. The service does not look at a digest of it (json-api.md §2.9), only at that of
    /// the whole.
    Slice {
        session: &'a str,
        offset: u64,
        content: Content<'a>,
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
        if let Some((query, cap)) = say::question(ask) {
            request.url = format!("{}?{query}", request.url);
            request.reply_cap = cap;
            return Ok(request);
        }
        let (content_type, body) = say::content(ask);
        request.method = Method::Post;
        request.headers.push(("content-type".into(), content_type));
        request.body = body;
        request.replayable = self.repeatable() && !is_one_time(ask);
        Ok(request)
    }

    fn read(&self, response: Response, request: &Request) -> Result<Reply> {
        read::read(&self.ask, response, &request.signature)
            .map_err(|error| codes::hinted(error, &request.url))
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
    let question = settle::Careful::new(call, target, operation)?;
    let mut reply = match call.send(&question, sent) {
        Err(error) if error.perhaps_done => question.settle(call, error, &mut || sent(0))?,
        outcome => outcome?,
    };
    if let Operation::Upload {
        content,
        digests,
        extras,
        ..
    } = operation
    {
        let (size, sha1) = (content.len(), digests.sha1());
        let verified = settle::confirm(call, target, size, sha1, &mut || sent(0))?;
        verified.told(&mut reply.data);
        dress(call, target, extras)?;
    }
    Ok(reply)
}

/// What this API takes only once the object is there.
pub(crate) fn dress(call: &Call, target: &Target, extras: &Extras) -> Result<()> {
    if extras.is_empty() {
        return Ok(());
    }
    let operation = Operation::Dress { extras };
    let ask = Ask::Do(&operation);
    match call.ask(&About { target, ask }) {
        Ok(_) => Ok(()),
        Err(mut error) => {
            let prefix = "uploaded, but its headers or access rights could not be set";
            error.message = format!("{prefix}: {}", error.message);
            Err(error)
        }
    }
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
