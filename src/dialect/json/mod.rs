//! The JSON API (`files/v1`): how an operation is said. json-api.md §2 is the source of every
//! field; `read` understands the answers.

mod codes;
mod delete;
mod dialect;
mod fields;
mod form;
mod object;
mod read;
mod reconcile;
mod say;
mod sign;
mod upload_session;
mod walk;

pub(super) use dialect::Json;
use sign::Stamp;

use serde_json::{Map, Value};

use crate::config::Config;
use crate::dialect::{Dialect, Missing, Operation, REPLY_CAP};
use crate::error::{Error, Result};
use crate::exchange::{ApiRequest, Call, Exchange};
use crate::model::credentials::Credentials;
use crate::model::path;
use crate::model::reply::Reply;
use crate::model::{ObjectAttributes, Target};

use crate::transport::{Content, Method, Request, Response};

/// Longest URL that the service takes (json-api.md §5.1).
const URL_MAX_BYTES: usize = 2048;

/// One request of the JSON API.
pub(crate) enum JsonOperation<'a> {
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
pub(crate) struct JsonRequest<'a> {
    pub(crate) target: &'a Target,
    pub(crate) ask: JsonOperation<'a>,
}

impl ApiRequest for JsonRequest<'_> {
    type Answer = Reply;

    fn request(&self, exchange: &Exchange) -> Result<Request<'_>> {
        let (target, ask) = (self.target, &self.ask);
        let url = url(exchange.credentials(), exchange.config(), target)?;
        let signature = signature(exchange, target, ask);
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
        request.replayable = self.is_idempotent() && !is_one_time(ask);
        Ok(request)
    }

    fn read(&self, response: Response, request: &Request) -> Result<Reply> {
        read::read(&self.ask, response, &request.signature)
            .map_err(|error| codes::hinted(error, &request.url))
    }

    fn is_idempotent(&self) -> bool {
        match &self.ask {
            JsonOperation::StartSlices { .. } | JsonOperation::Slice { .. } => true,
            JsonOperation::Do(operation) => match operation {
                Operation::Stat
                | Operation::Update { .. }
                | Operation::SetAttributes { .. }
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

fn perform(
    call: &Call,
    target: &Target,
    operation: &Operation,
    sent: &mut dyn FnMut(u64) -> Result<()>,
) -> Result<Reply> {
    if matches!(operation, Operation::Copy { .. }) {
        return Err(Json.has_no(Missing::Copy));
    }
    let question = reconcile::Careful::new(call, target, operation)?;
    let mut reply = match call.send(&question, sent) {
        Err(error) if error.maybe_applied => question.settle(call, error, &mut || sent(0))?,
        outcome => outcome?,
    };
    if let Operation::Upload {
        content,
        digests,
        attributes,
        ..
    } = operation
    {
        let (size, sha1) = (content.len(), digests.sha1());
        let verified = reconcile::confirm(call, target, size, sha1, &mut || sent(0))?;
        verified.told(&mut reply.data);
        set_attributes(call, target, attributes)?;
    }
    Ok(reply)
}

/// What this API takes only once the object is there.
pub(crate) fn set_attributes(
    call: &Call,
    target: &Target,
    attributes: &ObjectAttributes,
) -> Result<()> {
    if attributes.is_empty() {
        return Ok(());
    }
    let operation = Operation::SetAttributes { attributes };
    let ask = JsonOperation::Do(&operation);
    match call.ask(&JsonRequest { target, ask }) {
        Ok(_) => Ok(()),
        Err(error) => {
            Err(error.context("uploaded, but its headers or access rights could not be set"))
        }
    }
}

/// What the answer to an upload says about the place, for an answer that was lost.
pub(crate) fn place(exchange: &Exchange, target: &Target) -> Map<String, Value> {
    let fileid = path::fileid(exchange.credentials().appid(), &target.bucket, &target.path);
    let url = format!(
        "{}{}",
        exchange.config().endpoint.trim_end_matches('/'),
        fileid
    );
    Map::from_iter([
        ("url".to_owned(), url.into()),
        ("resource_path".to_owned(), fileid.into()),
    ])
}

fn url(credentials: &Credentials, config: &Config, target: &Target) -> Result<String> {
    let url = format!(
        "{}{}/{}/{}",
        config.endpoint,
        credentials.appid(),
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
fn signature(exchange: &Exchange, target: &Target, ask: &JsonOperation) -> String {
    let (credentials, stamp) = (exchange.credentials(), Stamp::new(exchange));
    if is_one_time(ask) {
        let fileid = path::fileid(credentials.appid(), &target.bucket, &target.path);
        return sign::one_time(credentials, &target.bucket, &fileid, stamp);
    }
    let expires = stamp.now + exchange.config().sign_expires_s;
    sign::multi_use(credentials, &target.bucket, expires, stamp)
}

fn is_one_time(ask: &JsonOperation) -> bool {
    matches!(
        ask,
        JsonOperation::Do(
            Operation::Update { .. }
                | Operation::SetAttributes { .. }
                | Operation::Delete
                | Operation::Move { .. }
        )
    )
}
