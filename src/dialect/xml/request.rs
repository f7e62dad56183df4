//! One request of the XML API: how it is put together, signed and read.

use std::borrow::Cow;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use md5::{Digest, Md5};
use percent_encoding::percent_decode;

use super::signed::{Place, signed};
use super::tree::{self, Node};
use super::{codes, encryption, metadata};
use crate::dialect::REPLY_CAP;
use crate::dialect::answer::{bad, is_redirect, redirect};
use crate::error::{Error, Kind, Result};
use crate::exchange::{ApiRequest, Call, Exchange, Signer};
use crate::model::key::Key;
use crate::model::{Target, verify_crc64};
use crate::transport::{Body, Content, Header, Method, Request, Response};

/// Carries the CRC64 of an object, or of a part.
pub(super) const CRC64: &str = "x-cos-hash-crc64ecma";

/// The header that guards what is there.
pub(super) const FORBID_OVERWRITE: &str = "x-cos-forbid-overwrite";

/// A request, and how its answer is understood.
pub(super) struct RequestBuilder<'a, T> {
    method: Method,
    place: Place<'a>,
    query: Vec<(Cow<'static, str>, Vec<u8>)>,
    headers: Vec<Header>,
    /// A document of our own, or the caller's content.
    text: Vec<u8>,
    content: Content<'a>,
    reply_cap: usize,
    is_idempotent: bool,
    patient: bool,
    confirms_encryption: bool,
    crc64: Option<&'a dyn Fn() -> Result<u64>>,
    understand: fn(&Response) -> Result<T>,
}

impl<'a, T> RequestBuilder<'a, T> {
    /// About an object; about the bucket itself where the path is empty.
    pub(super) fn about(
        method: Method,
        target: &'a Target,
        understand: fn(&Response) -> Result<T>,
    ) -> RequestBuilder<'a, T> {
        RequestBuilder::at(Place::Bucket(target), method, understand)
    }

    pub(super) fn about_account(
        method: Method,
        understand: fn(&Response) -> Result<T>,
    ) -> RequestBuilder<'a, T> {
        RequestBuilder::at(Place::Account, method, understand)
    }

    pub(super) fn at(
        place: Place<'a>,
        method: Method,
        understand: fn(&Response) -> Result<T>,
    ) -> RequestBuilder<'a, T> {
        RequestBuilder {
            method,
            place,
            query: Vec::new(),
            headers: Vec::new(),
            text: Vec::new(),
            content: Content::default(),
            reply_cap: REPLY_CAP,
            is_idempotent: true,
            patient: false,
            confirms_encryption: false,
            crc64: None,
            understand,
        }
    }

    pub(super) fn query(
        mut self,
        name: impl Into<Cow<'static, str>>,
        value: impl Into<Vec<u8>>,
    ) -> Self {
        self.query.push((name.into(), value.into()));
        self
    }

    pub(super) fn header(
        mut self,
        name: impl Into<Cow<'static, str>>,
        value: impl Into<String>,
    ) -> Self {
        self.headers.push((name.into(), value.into()));
        self
    }

    pub(super) fn headers(mut self, headers: impl IntoIterator<Item = Header>) -> Self {
        self.headers.extend(headers);
        self
    }

    /// Carries the key that the object is encrypted with, where only the caller has it.
    pub(super) fn with_key(self) -> Self {
        let key = match self.place {
            Place::Bucket(target) => encryption::key_of(target.encryption()),
            Place::Account | Place::Ci(_) => Vec::new(),
        };
        self.headers(key)
    }

    pub(super) fn content(mut self, content: Content<'a>) -> Self {
        self.content = content;
        self
    }

    pub(super) fn document(self, text: String) -> Self {
        let mut request = self.header("content-type", "application/xml");
        request.text = text.into_bytes();
        request
    }

    /// The same where the service refuses what was changed on its way.
    pub(super) fn digested_document(self, text: String) -> Self {
        let md5 = STANDARD.encode(Md5::digest(&text));
        self.header("content-md5", md5).document(text)
    }

    /// Carrying it out twice is not the same as once.
    pub(super) fn non_idempotent(mut self) -> Self {
        self.is_idempotent = false;
        self
    }

    /// The service sends blanks for as long as it works (xml-api.md §3.7).
    pub(super) fn patient(mut self) -> Self {
        self.patient = true;
        self
    }

    /// What it makes must be encrypted as the target says, by its answer.
    pub(super) fn confirms_encryption(mut self) -> Self {
        self.confirms_encryption = true;
        self
    }

    /// What the service takes of the content must have this CRC64, by its answer; it is asked for then.
    pub(super) fn confirms_crc64(mut self, crc64: &'a dyn Fn() -> Result<u64>) -> Self {
        self.crc64 = Some(crc64);
        self
    }

    pub(super) fn reply_cap(mut self, bytes: usize) -> Self {
        self.reply_cap = bytes;
        self
    }

    /// What was changed on its way is sent again, unless others may have replaced it by now.
    fn confirm_crc64(&self, response: &Response) -> Result<()> {
        let (Some(held), Some(crc64)) = (crc64_of(response), self.crc64) else {
            return Ok(());
        };
        let compared = verify_crc64(Some(held), crc64()?, response.status);
        compared.map_err(|error| match self.is_idempotent {
            true => error.damaged(),
            false => error.hint("it was left there, because overwrite is false"),
        })
    }

    fn has_content(&self) -> bool {
        matches!(self.method, Method::Post | Method::Put)
    }

    /// Whether it asks the service to overwrite nothing.
    pub(super) fn is_guarded(&self) -> bool {
        let mut headers = self.headers.iter();
        headers.any(|(name, _)| name == FORBID_OVERWRITE)
    }
}

impl<T> ApiRequest for RequestBuilder<'_, T> {
    type Answer = T;

    fn request(&self, signer: &Signer) -> Result<Request<'_>> {
        metadata::check_all(&self.headers)?;
        let length = self.text.len() as u64 + self.content.len();
        let length = self.has_content().then(|| length.to_string());
        let mut headers = self.headers.clone();
        if self.content.len() > 0 {
            headers.extend(traffic_limit(signer.exchange()));
        }
        let signed = signed(
            signer,
            self.method,
            self.place,
            self.query.clone(),
            headers,
            length,
        )?;
        Ok(Request {
            body: Body {
                head: self.text.clone(),
                content: self.content,
                tail: Vec::new(),
            },
            reply_cap: self.reply_cap,
            replayable: self.is_idempotent,
            patient: self.patient,
            ..signed
        })
    }

    fn read(&self, response: Response, _: &Request) -> Result<T> {
        check(&response, self.is_guarded())?;
        self.confirm_crc64(&response)?;
        let answer = (self.understand)(&response)?;
        if let (true, Place::Bucket(target)) = (self.confirms_encryption, self.place) {
            encryption::confirm_written(target, &response.headers)?;
        }
        Ok(answer)
    }

    fn is_idempotent(&self) -> bool {
        self.is_idempotent
    }
}

/// Refusals, redirects, and failures that come with status 200.
pub(super) fn check(response: &Response, guarded: bool) -> Result<()> {
    match response.status {
        status if is_redirect(status) => Err(redirect(response)),
        200..300 if !is_error(&response.body) => Ok(()),
        _ => Err(codes::refusal(response, guarded)),
    }
}

/// `<Error>` in an answer that began before the work was done (xml-api.md §3.5, §3.7).
fn is_error(body: &[u8]) -> bool {
    let begins = body.trim_ascii_start().starts_with(b"<");
    begins && body.len() <= REPLY_CAP && tree::has_root(body, "Error") && Node::parse(body).is_ok()
}

/// An answer that must be a document of this name.
pub(super) fn document<'r>(response: &'r Response, name: &str) -> Result<Node<'r>> {
    match Node::parse(&response.body) {
        Ok(tree) if tree.name == name => Ok(tree),
        Ok(_) => Err(bad(response, &format!("no {name}"))),
        Err(problem) => Err(bad(response, &problem)),
    }
}

/// Something that an answer must have.
pub(super) fn needed<T>(response: &Response, name: &str, found: Option<T>) -> Result<T> {
    let missing = || -> Error { bad(response, &format!("without {name}")) };
    found.ok_or_else(missing)
}

/// Whether a page of a list is not its last. One that does not say so may be any.
pub(super) fn is_truncated(response: &Response, tree: &Node) -> Result<bool> {
    match tree.text_of("IsTruncated") {
        "true" => Ok(true),
        "false" => Ok(false),
        _ => Err(bad(response, "IsTruncated is neither true nor false")),
    }
}

/// A key as a list names it.
pub(super) fn key(node: &Node, name: &str, is_encoded: bool) -> Key {
    let bytes = node.bytes_of(name);
    match is_encoded {
        true => Key::new(percent_decode(bytes).collect::<Vec<u8>>()),
        false => Key::new(bytes),
    }
}

/// A refusal by this name is a success when an earlier attempt may have brought it about, whose answer
/// was lost, and it was otherwise before that.
pub(super) fn done_once(outcome: Result<()>, refusal: &str, was_otherwise: bool) -> Result<()> {
    outcome.or_else(|error| {
        match error.maybe_applied && error.service_code() == refusal && was_otherwise {
            true => Ok(()),
            false => Err(error),
        }
    })
}

/// Whether something is there, where that may have to be known after an answer was lost: `question`
/// asks about it. Nothing where the service does not say.
pub(super) fn was_there<T>(call: &Call, question: &RequestBuilder<T>) -> Result<Option<bool>> {
    if call.exchange().config().retries == 0 {
        return Ok(None);
    }
    match call.ask(question) {
        Ok(_) => Ok(Some(true)),
        Err(error) if error.httpcode == 404 => Ok(Some(false)),
        // The request itself will be refused in better words.
        Err(error) if error.kind == Kind::Service => Ok(None),
        Err(error) => Err(error),
    }
}

/// For answers that say nothing but that it is done.
pub(super) fn nothing(_: &Response) -> Result<()> {
    Ok(())
}

pub(super) fn crc64_of(response: &Response) -> Option<u64> {
    response.headers.number(CRC64)
}

pub(super) fn request_id(response: &Response) -> Option<String> {
    let id = response.headers.text("x-cos-request-id");
    id.map(str::to_owned)
}

pub(super) fn forbid_overwrite() -> Header {
    (FORBID_OVERWRITE.into(), "true".to_owned())
}

/// How fast the service is to take or send the content of one request.
pub(super) fn traffic_limit(exchange: &Exchange) -> Option<Header> {
    let limit = exchange.config().network.traffic_limit?;
    Some(("x-cos-traffic-limit".into(), limit.to_string()))
}

/// Whether an earlier attempt, whose answer was lost, may be why the service sees a conflict. By what name
/// it says so tells nothing; what is there does.
pub(crate) fn lost_then_refused(error: &Error) -> bool {
    error.maybe_applied && error.httpcode == 409
}
