//! Why a request was not done, as the XML API says it (xml-api.md §3.11).

use std::borrow::Cow;

use axum::body::Body;
use axum::http::StatusCode;
use axum::http::header::CONTENT_TYPE;
use axum::response::{IntoResponse, Response};
use tokio::task::JoinError;

use super::reply::put_header;
use super::xml::Xml;
use crate::store;

/// A code, its HTTP status and what it says when nothing better is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Code(pub u16, pub &'static str, pub &'static str);

pub mod code {
    use super::Code;

    pub const ACCESS_DENIED: Code = Code(403, "AccessDenied", "Access Denied.");
    pub const BAD_DIGEST: Code = Code(
        400,
        "BadDigest",
        "The Content-MD5 you specified did not match what we received.",
    );
    pub const BUCKET_ALREADY_OWNED_BY_YOU: Code = Code(
        409,
        "BucketAlreadyOwnedByYou",
        "The bucket you tried to create already exists, and you own it.",
    );
    pub const BUCKET_NOT_EMPTY: Code = Code(
        409,
        "BucketNotEmpty",
        "The bucket you tried to delete is not empty.",
    );
    pub const ENTITY_TOO_LARGE: Code = Code(
        400,
        "EntityTooLarge",
        "Your proposed upload exceeds the maximum allowed object size.",
    );
    pub const ENTITY_TOO_SMALL: Code = Code(
        400,
        "EntityTooSmall",
        "A part that is not the last is smaller than 1 MB.",
    );
    pub const EXPIRED_TOKEN: Code = Code(400, "ExpiredToken", "The security token has expired.");
    pub const FILE_ALREADY_EXISTS: Code = Code(
        409,
        "FileAlreadyExists",
        "The object exists, and x-cos-forbid-overwrite is true.",
    );
    pub const INCOMPLETE_BODY: Code = Code(
        400,
        "IncompleteBody",
        "The body ended before the length that was announced.",
    );
    pub const INTERNAL_ERROR: Code = Code(500, "InternalError", "The emulator failed.");
    pub const INVALID_ACCESS_KEY_ID: Code = Code(
        403,
        "InvalidAccessKeyId",
        "The Access Key Id you provided does not exist in our records.",
    );
    pub const INVALID_ARGUMENT: Code = Code(400, "InvalidArgument", "Invalid argument.");
    pub const INVALID_BUCKET_NAME: Code = Code(
        400,
        "InvalidBucketName",
        "The specified bucket is not valid.",
    );
    pub const INVALID_COPY_SOURCE: Code = Code(
        400,
        "InvalidCopySource",
        "x-cos-copy-source names no object.",
    );
    pub const INVALID_DIGEST: Code = Code(
        400,
        "InvalidDigest",
        "The Content-MD5 you specified is not valid.",
    );
    pub const INVALID_OBJECT_NAME: Code = Code(
        400,
        "InvalidObjectName",
        "The specified object name is not valid.",
    );
    pub const INVALID_OBJECT_STATE: Code = Code(
        403,
        "InvalidObjectState",
        "The object is archived and was not restored.",
    );
    pub const INVALID_PART: Code = Code(
        400,
        "InvalidPart",
        "One or more of the specified parts could not be found.",
    );
    pub const INVALID_PART_ORDER: Code = Code(
        400,
        "InvalidPartOrder",
        "The list of parts was not in ascending order.",
    );
    pub const INVALID_RANGE: Code = Code(
        416,
        "InvalidRange",
        "The requested range cannot be satisfied.",
    );
    pub const INVALID_REQUEST: Code = Code(400, "InvalidRequest", "Invalid request.");
    pub const INVALID_URI: Code = Code(400, "InvalidURI", "The URL is not UTF-8.");
    pub const KEY_TOO_LONG: Code = Code(400, "KeyTooLong", "Your key is too long.");
    pub const MALFORMED_POLICY: Code = Code(
        400,
        "MalformedPolicy",
        "The policy is not a JSON document of the service's form.",
    );
    pub const MALFORMED_POST: Code = Code(
        400,
        "MalformedPOSTRequest",
        "The body of your POST request is not well-formed multipart/form-data.",
    );
    pub const MALFORMED_XML: Code = Code(
        400,
        "MalformedXML",
        "The XML you provided was not well-formed or did not validate.",
    );
    pub const METHOD_NOT_ALLOWED: Code = Code(
        405,
        "MethodNotAllowed",
        "The specified method is not allowed against this resource.",
    );
    pub const MISSING_CONTENT_LENGTH: Code = Code(
        411,
        "MissingContentLength",
        "You must provide the Content-Length HTTP header.",
    );
    pub const MISSING_CONTENT_MD5: Code = Code(
        400,
        "MissingContentMD5",
        "You must provide the Content-MD5 HTTP header.",
    );
    pub const NO_SUCH_BUCKET: Code =
        Code(404, "NoSuchBucket", "The specified bucket does not exist.");
    pub const NO_SUCH_KEY: Code = Code(404, "NoSuchKey", "The specified key does not exist.");
    pub const NO_SUCH_UPLOAD: Code = Code(
        404,
        "NoSuchUpload",
        "The specified multipart upload does not exist.",
    );
    pub const NO_SUCH_VERSION: Code = Code(
        404,
        "NoSuchVersion",
        "The specified version does not exist.",
    );
    pub const NO_SUCH_CORS: Code = Code(
        404,
        "NoSuchCORSConfiguration",
        "The CORS configuration does not exist.",
    );
    pub const NO_SUCH_DOMAIN: Code = Code(
        404,
        "DomainConfigNotFoundError",
        "The domain configuration does not exist.",
    );
    pub const NO_SUCH_ENCRYPTION: Code = Code(
        404,
        "NoSuchEncryptionConfiguration",
        "The encryption configuration does not exist.",
    );
    pub const NO_SUCH_INVENTORY: Code = Code(
        404,
        "InventoryConfigurationNotFoundError",
        "The inventory configuration does not exist.",
    );
    pub const NO_SUCH_LIFECYCLE: Code = Code(
        404,
        "NoSuchLifecycleConfiguration",
        "The lifecycle configuration does not exist.",
    );
    pub const NO_SUCH_OBJECT_LOCK: Code = Code(
        404,
        "NoSuchObjectLockConfiguration",
        "The object lock configuration does not exist.",
    );
    pub const NO_SUCH_ORIGIN: Code = Code(
        404,
        "OriginConfigurationNotFoundError",
        "The origin configuration does not exist.",
    );
    pub const NO_SUCH_POLICY: Code = Code(
        404,
        "NoSuchBucketPolicy",
        "The bucket policy does not exist.",
    );
    pub const NO_SUCH_REPLICATION: Code = Code(
        404,
        "ReplicationConfigurationNotFoundError",
        "The replication configuration does not exist.",
    );
    pub const NO_SUCH_TAG_SET: Code = Code(404, "NoSuchTagSet", "The tag set does not exist.");
    pub const NO_SUCH_WEBSITE: Code = Code(
        404,
        "NoSuchWebsiteConfiguration",
        "The website configuration does not exist.",
    );
    pub const NOT_SUPPORTED_STORAGE_CLASS: Code = Code(
        400,
        "NotSupportedStorageClass",
        "The storage class is not supported.",
    );
    pub const PATH_STYLE_DOMAIN_FORBIDDEN: Code = Code(
        403,
        "PathStyleDomainForbidden",
        "The bucket you are attempting to access must be addressed using COS virtual-styled domain.",
    );
    pub const PRECONDITION_FAILED: Code =
        Code(412, "PreconditionFailed", "Precondition not match.");
    pub const REQUEST_TIMEOUT: Code = Code(400, "RequestTimeout", "The body did not come in time.");
    pub const SIGNATURE_DOES_NOT_MATCH: Code = Code(
        403,
        "SignatureDoesNotMatch",
        "The Signature you specified is invalid.",
    );
    pub const XML_SIZE_LIMIT: Code = Code(400, "XMLSizeLimit", "The XML body is too large.");
}

#[derive(Debug)]
pub struct Refusal {
    pub code: Code,
    message: Cow<'static, str>,
    /// More nodes of the error body.
    nodes: Vec<(&'static str, String)>,
    headers: Vec<(&'static str, &'static str)>,
}

/// What an error body tells of its request.
pub struct About<'a> {
    pub resource: &'a str,
    pub request_id: &'a str,
    pub trace_id: &'a str,
    pub is_head: bool,
}

impl From<Code> for Refusal {
    fn from(code: Code) -> Self {
        Refusal {
            code,
            message: Cow::Borrowed(code.2),
            nodes: Vec::new(),
            headers: Vec::new(),
        }
    }
}

impl Refusal {
    pub fn new(code: Code, message: impl Into<Cow<'static, str>>) -> Self {
        Refusal {
            message: message.into(),
            ..Refusal::from(code)
        }
    }

    pub fn with(mut self, node: &'static str, text: String) -> Self {
        self.nodes.push((node, text));
        self
    }

    pub fn with_header(mut self, name: &'static str, value: &'static str) -> Self {
        self.headers.push((name, value));
        self
    }

    /// The emulator's own trouble (disk full, data folder gone): said on stderr too, since the
    /// person who can mend it reads that.
    pub fn fault(cause: impl std::fmt::Display) -> Self {
        eprintln!("qcos-emulator: {cause}");
        Refusal::new(
            code::INTERNAL_ERROR,
            format!("the emulator failed: {cause}"),
        )
    }

    pub fn code_and_message(&self) -> (&'static str, &str) {
        (self.code.1, &self.message)
    }

    /// An answer to HEAD has no body, so its code is lost (xml-api.md §3.3).
    pub fn into_answer(self, about: &About) -> Response {
        let body = match about.is_head {
            true => String::new(),
            false => error_body(self.code.1, &self.message, &self.nodes, about),
        };
        let status = StatusCode::from_u16(self.code.0);
        let status = status.unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let length = body.len().to_string();
        let mut response = (status, Body::from(body)).into_response();
        let headers = response.headers_mut();
        put_header(headers, CONTENT_TYPE.as_str(), "application/xml");
        put_header(headers, "content-length", &length);
        put_header(headers, "x-cos-trace-id", about.trace_id);
        for (name, value) in self.headers {
            put_header(headers, name, value);
        }
        response
    }
}

/// Five nodes, none of them empty: some clients insist.
pub fn error_body(code: &str, message: &str, nodes: &[(&str, String)], about: &About) -> String {
    let mut xml = Xml::document();
    xml.open("Error");
    xml.text("Code", code);
    xml.text("Message", if message.is_empty() { code } else { message });
    for (node, text) in nodes {
        xml.text(node, text);
    }
    xml.text("Resource", about.resource);
    xml.text("RequestId", about.request_id);
    xml.text("TraceId", about.trace_id);
    xml.close("Error");
    xml.finish()
}

impl From<store::Error> for Refusal {
    fn from(error: store::Error) -> Self {
        Refusal::fault(error)
    }
}

impl From<JoinError> for Refusal {
    fn from(panic: JoinError) -> Self {
        Refusal::fault(panic)
    }
}
