//! What can be asked of the service, whichever dialect says it.

mod answer;
pub(crate) mod json;
mod time;
pub(crate) mod xml;

pub(crate) use answer::date;

use std::ops::Range;

use serde_json::{Map, Value};

use crate::client::{Call, Client};
use crate::error::{Error, Result};
use crate::path::{Bucket, Path};
use crate::reply::Reply;
use crate::secrets::Secrets;
use crate::transport::{Content, Fetched, Request};

/// Which of the service's interfaces a client speaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Api {
    Json,
    Xml,
}

/// What an operation is about.
pub(crate) struct Target {
    pub(crate) bucket: Bucket,
    pub(crate) path: Path,
}

/// What a call wants done with a target, with checked parameters. The JSON API does each with one
/// request; the XML API takes several for some.
pub(crate) enum Operation<'a> {
    CreateFolder {
        biz_attr: &'a str,
    },
    Update {
        biz_attr: &'a str,
    },
    /// Says who may read a file, and which headers come with it.
    Dress {
        extras: &'a Extras,
    },
    Stat,
    Delete,
    /// Of a file, inside its bucket.
    Move {
        to: &'a Path,
        overwrite: bool,
    },
    Copy {
        to: &'a Path,
        overwrite: bool,
    },
    /// Of a folder, or of the names in it that begin with the target's last segment.
    List {
        num: i32,
        pattern: &'a str,
        order: i32,
        context: &'a str,
    },
    /// A whole file in one request. Done when the service has been found to hold just this.
    Upload {
        content: Content<'a>,
        digests: &'a Digests,
        biz_attr: &'a str,
        overwrite: bool,
        /// A success must mean that this call has put it there, not that it is there.
        claims: bool,
        extras: &'a Extras,
    },
}

/// Of an object's content, as far as they are wanted.
pub(crate) struct Digests {
    /// In hex.
    pub(crate) sha1: Option<String>,
    pub(crate) crc64: u64,
    pub(crate) md5: Option<[u8; 16]>,
}

impl Digests {
    /// The JSON API knows content by nothing else.
    pub(crate) fn sha1(&self) -> &str {
        let sha1 = self.sha1.as_deref();
        sha1.expect("it is reckoned of this API's uploads")
    }
}

/// What the content that arrived somewhere was compared by, with what the service knows of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Verified {
    Crc64,
    Sha1,
    Md5,
    /// It knows no digest.
    Length,
}

impl Verified {
    /// As `data.verified` of a reply tells it.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Verified::Crc64 => "crc64",
            Verified::Sha1 => "sha1",
            Verified::Md5 => "md5",
            Verified::Length => "length",
        }
    }

    pub(crate) fn told(self, data: &mut Map<String, Value>) {
        data.insert("verified".to_owned(), self.name().into());
    }
}

/// What may be said of an object beside its content.
#[derive(Default)]
pub(crate) struct Extras {
    /// `private`, `public-read` or `default`.
    pub(crate) acl: Option<String>,
    pub(crate) storage_class: Option<String>,
    /// In lower case, with values that a header takes.
    pub(crate) headers: Vec<(String, String)>,
}

impl Extras {
    pub(crate) fn is_empty(&self) -> bool {
        self.acl.is_none() && self.storage_class.is_none() && self.headers.is_empty()
    }
}

/// Does what is wanted. `sent` is told how many bytes of content are on their way; its error ends
/// the call.
pub(crate) fn perform(
    call: &Call,
    target: &Target,
    operation: &Operation,
    sent: &mut dyn FnMut(u64) -> Result<()>,
) -> Result<Reply> {
    check(call.client(), target)?;
    let mut reply = match call.client().config().api {
        Api::Json => json::perform(call, target, operation, sent),
        Api::Xml => xml::perform(call, target, operation, sent),
    }?;
    // One of several requests has none of its own.
    reply.request_id = reply.request_id.or_else(|| call.request_id());
    Ok(reply)
}

/// Does what carries no content to tell of.
pub(crate) fn ask(call: &Call, target: &Target, operation: &Operation) -> Result<Reply> {
    perform(call, target, operation, &mut |_| Ok(()))
}

/// Checks what only one dialect demands of a place, before anything is sent.
pub(crate) fn check(client: &Client, target: &Target) -> Result<()> {
    match client.config().api {
        Api::Json => Ok(()),
        Api::Xml => xml::check(client, target),
    }
}

/// A request for the bytes of an object, and what must not get from it into a message.
pub(crate) struct ObjectRequest {
    pub(crate) request: Request<'static>,
    pub(crate) secrets: Secrets,
}

/// Asks for an object, or for a range of its bytes, signed anew. With an ETag in `if_match` another
/// object's content is refused.
pub(crate) fn object(
    client: &Client,
    target: &Target,
    range: Option<Range<u64>>,
    if_match: Option<&str>,
) -> Result<ObjectRequest> {
    let mut headers = Vec::new();
    if let Some(range) = range {
        let last = range.end.saturating_sub(1);
        headers.push(("range".into(), format!("bytes={}-{last}", range.start)));
    }
    if let Some(tag) = if_match {
        headers.push(("if-match".into(), tag.to_owned()));
    }
    match client.config().api {
        Api::Json => json::object(client, target, headers),
        Api::Xml => xml::object(client, target, headers),
    }
}

/// What it means that something else than the object came.
pub(crate) fn refusal(client: &Client, fetched: Fetched, asked: &ObjectRequest) -> Error {
    let error = match client.config().api {
        Api::Json => json::refusal(fetched),
        Api::Xml => xml::refusal(fetched),
    };
    asked.secrets.hide_in(error)
}

/// A URL that anybody can fetch an object with for some seconds.
pub(crate) fn object_url(client: &Client, target: &Target, expires_s: u64) -> Result<String> {
    check(client, target)?;
    match client.config().api {
        Api::Json => json::object_url(client, target, expires_s),
        Api::Xml => xml::object_url(client, target, expires_s),
    }
}

/// An object that a call on many has not deleted, and why.
pub(crate) struct Kept {
    pub(crate) key: String,
    pub(crate) why: Error,
}

/// The success of a call that took several requests: it tells the number of the last.
pub(crate) fn success_of(call: &Call, data: Map<String, serde_json::Value>) -> Reply {
    Reply {
        request_id: call.request_id(),
        ..success(data)
    }
}

/// A success without an answer of its own: one that was lost, or one that took several requests.
pub(crate) fn success(data: Map<String, serde_json::Value>) -> Reply {
    Reply {
        message: "SUCCESS".to_owned(),
        httpcode: 200,
        data,
        request_id: None,
    }
}
