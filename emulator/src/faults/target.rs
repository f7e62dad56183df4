//! What a request is about, as rules match it and the log tells it.

use axum::extract::Request;
use axum::http::Method;

use super::sniff::Sniff;
use crate::names::{collapse_slashes, decode};
use crate::query;
use crate::route::bucket_of_host;
use crate::service::Service;

pub const OPS: [&str; 10] = [
    "stat",
    "list",
    "create",
    "update",
    "delete",
    "move",
    "upload",
    "slice_control",
    "slice_data",
    "download",
];

/// Neither of the above: nonsense, or no request of the service.
const OTHER: &str = "other";

pub struct Target {
    pub method: Method,
    pub bucket: String,
    /// Decoded, with a leading slash.
    pub path: String,
    /// None if only the body tells.
    op: Option<&'static str>,
    /// The query says upload_slice; the body tells which of its two requests this is.
    is_slice: bool,
}

impl Target {
    pub fn of(service: &Service, request: &Request) -> Target {
        let (appid, uri) = (&service.account.appid, request.uri());
        let path = decode(uri.path()).unwrap_or_else(|_| uri.path().to_owned());
        let path = collapse_slashes(&path);
        let (bucket, path, is_json) = place(bucket_of_host(request.headers(), appid), &path, appid);
        let mut is_slice = false;
        let op = if is_json {
            let pairs = query::pairs(uri.query().unwrap_or("")).unwrap_or_default();
            let op = pairs.into_iter().find(|(name, _)| name == "op");
            match (op, request.method()) {
                (Some((_, op)), _) if op.eq_ignore_ascii_case("upload_slice") => {
                    is_slice = true;
                    None
                }
                (Some((_, op)), _) => Some(known(&op)),
                (None, &Method::POST) => None,
                (None, _) => Some(OTHER),
            }
        } else if matches!(*request.method(), Method::GET | Method::HEAD) && !bucket.is_empty() {
            Some("download")
        } else {
            Some(OTHER)
        };
        Target {
            method: request.method().clone(),
            bucket,
            path,
            op,
            is_slice,
        }
    }

    /// As the store names it.
    pub fn key(&self) -> &str {
        self.path.strip_prefix('/').unwrap_or(&self.path)
    }

    pub fn is_download(&self) -> bool {
        self.op == Some("download")
    }

    pub fn needs_body(&self) -> bool {
        self.op.is_none()
    }

    /// As far as is known.
    pub fn op(&self, sniff: &Sniff) -> &'static str {
        let in_body = match self.is_slice {
            true => Some("upload_slice"),
            false => sniff.op.as_deref(),
        };
        match (self.op, in_body) {
            (Some(op), _) => op,
            (None, Some("upload_slice")) if sniff.is_data() => "slice_data",
            (None, Some("upload_slice")) => "slice_control",
            (None, Some(op)) => known(op),
            (None, None) => OTHER,
        }
    }
}

fn known(op: &str) -> &'static str {
    let found = OPS.iter().find(|known| known.eq_ignore_ascii_case(op));
    found.copied().unwrap_or(OTHER)
}

/// Bucket, path inside it, and whether this is the JSON API.
fn place(host_bucket: Option<String>, path: &str, appid: &str) -> (String, String, bool) {
    if let Some(bucket) = host_bucket {
        return (bucket, path.to_owned(), false);
    }
    let json = path.strip_prefix("/files/v1/");
    let (is_json, rest) = match json.and_then(|rest| rest.split_once('/')) {
        Some((_appid, rest)) => (true, rest),
        None => (false, path.strip_prefix('/').unwrap_or(path)),
    };
    let (bucket, key) = rest.split_once('/').unwrap_or((rest, ""));
    let bucket = if is_json {
        bucket
    } else {
        let named = bucket.strip_suffix(appid);
        named.and_then(|name| name.strip_suffix('-')).unwrap_or("")
    };
    (bucket.to_owned(), format!("/{key}"), is_json)
}
