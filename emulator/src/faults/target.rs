//! What a request is about, as rules match it and the log tells it.

use axum::extract::Request;
use axum::http::Method;

use super::sniff::Sniff;
use crate::names::{bucket_of, collapse_slashes, decode};
use crate::query;
use crate::route::Room;
use crate::service::Service;
use crate::xml_api::{self, Place};

/// Those of the JSON API, and its downloads.
const JSON_OPS: [&str; 10] = [
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

/// What an instance's metadata service is asked.
const METADATA: &str = "metadata";

/// None of the above: nonsense, or no request of the service.
const OTHER: &str = "other";

/// All that a rule may name.
pub fn ops() -> impl Iterator<Item = &'static str> {
    let xml = xml_api::OPS.iter().map(|(_, name)| *name);
    JSON_OPS.into_iter().chain(xml).chain([METADATA])
}

pub struct Target {
    pub method: Method,
    /// Of the XML API.
    pub is_xml: bool,
    pub part: Option<u32>,
    pub upload: Option<String>,
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
        let (method, uri) = (request.method(), request.uri());
        let query_text = uri.query().unwrap_or("");
        let mut target = Target {
            method: method.clone(),
            is_xml: false,
            part: None,
            upload: None,
            bucket: String::new(),
            path: lenient(uri.path()),
            op: Some(OTHER),
            is_slice: false,
        };
        match Room::of(service, method, uri, request.headers()) {
            Room::Json => target.tell_json(query_text),
            Room::Download(bucket, path) => {
                target.bucket = bucket;
                target.path = lenient(&path);
                if matches!(*method, Method::GET | Method::HEAD) {
                    target.op = Some("download");
                }
            }
            Room::Xml(place) => {
                let op = place.op(method, query_text, request.headers());
                target.op = Some(op.name().unwrap_or(OTHER));
                target.tell_xml(&place, query_text, &service.account.appid);
            }
            Room::Metadata(_) => target.op = Some(METADATA),
            Room::Welcome | Room::Nowhere => {}
        }
        target
    }

    fn tell_json(&mut self, query_text: &str) {
        let rest = self.path.strip_prefix("/files/v1/");
        let rest = rest.and_then(|rest| rest.split_once('/'));
        if let Some((_appid, rest)) = rest {
            let (bucket, key) = rest.split_once('/').unwrap_or((rest, ""));
            (self.bucket, self.path) = (bucket.to_owned(), format!("/{key}"));
        }
        let pairs = query::pairs(query_text).unwrap_or_default();
        let op = pairs.into_iter().find(|(name, _)| name == "op");
        self.op = match op {
            Some((_, op)) if op.eq_ignore_ascii_case("upload_slice") => {
                self.is_slice = true;
                None
            }
            Some((_, op)) => Some(known(&op)),
            None if self.method == Method::POST => None,
            None => Some(OTHER),
        };
    }

    /// Its keys keep every slash.
    fn tell_xml(&mut self, place: &Place, query_text: &str, appid: &str) {
        let full = place.bucket.as_deref().unwrap_or("");
        bucket_of(full, appid)
            .unwrap_or(full)
            .clone_into(&mut self.bucket);
        let path = decode(&place.path).unwrap_or_else(|_| place.path.clone());
        self.path = format!("/{path}");
        self.is_xml = true;
        for (name, value) in query::pairs(query_text).unwrap_or_default() {
            match name.as_str() {
                "partnumber" => self.part = value.parse().ok(),
                "uploadid" => self.upload = Some(value),
                _ => {}
            }
        }
    }

    /// As the store names it.
    pub fn key(&self) -> &str {
        self.path.strip_prefix('/').unwrap_or(&self.path)
    }

    pub fn is_download(&self) -> bool {
        matches!(self.op, Some("download" | "get_object"))
    }

    /// Whether its content can be spoilt on its way to the disk.
    pub fn has_content(&self) -> bool {
        matches!(self.op, Some("put_object" | "post_object" | "upload_part"))
    }

    pub fn is_listing(&self) -> bool {
        matches!(self.op, Some("list" | "list_objects" | "list_versions"))
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
    let mut known = JSON_OPS.into_iter();
    let found = known.find(|known| known.eq_ignore_ascii_case(op));
    found.unwrap_or(OTHER)
}

/// As the JSON API sees a path.
fn lenient(path: &str) -> String {
    let path = decode(path).unwrap_or_else(|_| path.to_owned());
    collapse_slashes(&format!("/{path}"))
}
