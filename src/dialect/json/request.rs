//! One request of the JSON API: how it is put together and signed.

use super::operation::Operation;
use super::sign::{self, Account, Stamp};
use super::{codes, read, say};
use crate::dialect::REPLY_CAP;
use crate::error::{Error, Result};
use crate::exchange::{ApiRequest, Call, Exchange, Signer};
use crate::model::{Answer, Target, path};
use crate::transport::{Method, Request, Response};

/// Longest URL that the service takes (json-api.md §5.1).
const URL_MAX_BYTES: usize = 2048;

/// What to ask, and about what.
pub(super) struct JsonRequest<'a> {
    pub(super) target: &'a Target,
    pub(super) operation: &'a Operation<'a>,
}

impl ApiRequest for JsonRequest<'_> {
    type Answer = Answer;

    fn request(&self, signer: &Signer) -> Result<Request<'_>> {
        let JsonRequest { target, operation } = *self;
        let url = url(signer.exchange(), target)?;
        let signature = signature(signer, target, operation);
        let mut request = Request {
            signature,
            ..Request::get(url, REPLY_CAP)
        };
        if let Some((query, cap)) = say::question(operation) {
            request.url = format!("{}?{query}", request.url);
            request.reply_cap = cap;
            return Ok(request);
        }
        let (content_type, body) = say::content(operation);
        request.method = Method::Post;
        request.headers.push(("content-type".into(), content_type));
        request.body = body;
        request.replayable = self.is_idempotent() && !operation.is_one_time();
        Ok(request)
    }

    fn read(&self, response: Response, request: &Request) -> Result<Answer> {
        read::read(self.operation, response, &request.signature)
            .map_err(|error| codes::hinted(error, &request.url))
    }

    fn is_idempotent(&self) -> bool {
        self.operation.is_idempotent()
    }
}

/// Sends a request without content to tell of.
pub(super) fn ask(call: &Call, target: &Target, operation: &Operation) -> Result<Answer> {
    call.ask(&JsonRequest { target, operation })
}

pub(super) fn url(exchange: &Exchange, target: &Target) -> Result<String> {
    let url = format!(
        "{}{}/{}/{}",
        exchange.config().endpoint,
        exchange.appid(),
        target.bucket.as_str(),
        target.path.encoded(),
    );
    check_url(url, target)
}

pub(super) fn check_url(url: String, target: &Target) -> Result<String> {
    if url.len() > URL_MAX_BYTES {
        let problem = format!(
            "makes a URL of {} bytes, the service takes {URL_MAX_BYTES}",
            url.len()
        );
        return Err(Error::parameter(target.path.param(), problem));
    }
    Ok(url)
}

fn signature(signer: &Signer, target: &Target, operation: &Operation) -> String {
    let exchange = signer.exchange();
    let (account, stamp) = (Account::of(signer), Stamp::new(exchange));
    if operation.is_one_time() {
        let fileid = path::fileid(exchange.appid(), &target.bucket, &target.path);
        return sign::one_time(account, &target.bucket, &fileid, stamp);
    }
    let expires = stamp.now + exchange.config().sign_expires_s;
    sign::multi_use(account, &target.bucket, expires, stamp)
}
