//! Which module of the service answers a request.

use std::sync::Arc;

use axum::extract::Request;
use axum::http::header::AUTHORIZATION;
use axum::http::{HeaderMap, Method, StatusCode, Uri};
use axum::response::{IntoResponse, Response};

use crate::names::bucket_of;
use crate::refusal::{Refusal, code};
use crate::service::{Service, host};
use crate::xml_api::{self, Place};
use crate::{download, instance_role, json_api, query};

const WELCOME: &str = "\
This is qcos-emulator: Tencent COS on this machine, for developing and testing.

  /files/v1/<appid>/<bucket>/<path>   the classic JSON API
  /<bucket>-<appid>/<path>            downloads, and the XML API in path style
  Host: <bucket>-<appid>.anything     the same, the path alone
";

/// Where a request goes.
pub enum Room {
    Welcome,
    Json,
    /// The bucket, and the path inside it, still encoded.
    Download(String, String),
    Xml(Place),
    /// What is known of the instance: the path behind that of its role.
    Metadata(String),
    Nowhere,
}

/// The answer when no fault was asked for.
pub async fn dispatch(service: Arc<Service>, request: Request) -> Response {
    match Room::of(&service, request.method(), request.uri(), request.headers()) {
        Room::Welcome => WELCOME.into_response(),
        Room::Json => json_api::answer(service, request).await,
        Room::Download(bucket, path) => download::answer(service, bucket, &path, request).await,
        Room::Xml(place) => xml_api::answer(service, place, request).await,
        Room::Metadata(rest) => {
            let (parts, _) = request.into_parts();
            match &service.role {
                Some(role) => {
                    let (account, now) = (&service.account, service.clock.now());
                    instance_role::answer(role, account, now, &parts, &rest)
                }
                None => StatusCode::NOT_FOUND.into_response(),
            }
        }
        Room::Nowhere => Refusal::new(code::URL_UNKNOWN, "nothing is at this URL")
            .with_status(StatusCode::NOT_FOUND)
            .into_response(),
    }
}

impl Room {
    pub fn of(service: &Service, method: &Method, uri: &Uri, headers: &HeaderMap) -> Room {
        let appid = &service.account.appid;
        let path = uri.path().strip_prefix('/').unwrap_or(uri.path());
        let dialect = Dialect::of(method, uri, headers);
        let host = host(headers);
        let host = host.as_ref().map_or("", |host| host.host());
        let xml = |bucket: &str, path: &str, is_path_style| {
            Room::Xml(Place {
                bucket: Some(bucket.to_owned()),
                path: path.to_owned(),
                is_path_style,
            })
        };

        let label = host.split_once('.').map_or("", |(label, _)| label);
        if let Some(bucket) = bucket_of(label, appid) {
            // A bucket itself is nothing that the JSON API could download.
            let is_listing = path.is_empty() && !is_json_host(host);
            let is_xml = dialect == Dialect::Xml
                || (dialect == Dialect::Unsaid && (is_xml_host(host) || is_listing));
            return match is_xml {
                true => xml(label, path, false),
                false => Room::Download(bucket.to_owned(), path.to_owned()),
            };
        }
        if dialect == Dialect::Xml && is_full_name(label) {
            return xml(label, path, false); // of another account
        }
        let is_service_host = host.starts_with("service.cos.") || host.starts_with("cos.");
        let is_service = is_service_host && dialect != Dialect::Json;
        if path.is_empty() && is_service {
            return Room::Xml(Place::service());
        }
        let (area, rest) = path.split_once('/').unwrap_or((path, ""));
        if bucket_of(area, appid).is_some() && (is_service || dialect == Dialect::Xml) {
            return xml(area, rest, true);
        }
        Room::without_bucket(service, path, dialect)
    }

    /// For a request that names its bucket neither by host nor, as the XML API does, by path.
    fn without_bucket(service: &Service, path: &str, dialect: Dialect) -> Room {
        if let Some(rest) = metadata(path) {
            return Room::Metadata(rest.to_owned());
        }
        let appid = &service.account.appid;
        let lenient = path.trim_start_matches('/');
        let (area, rest) = lenient.split_once('/').unwrap_or((lenient, ""));
        let default = service.xml.default_bucket.as_ref();
        let default = default.map(|name| Place {
            bucket: Some(format!(
                "{}-{appid}",
                bucket_of(name, appid).unwrap_or(name)
            )),
            path: path.to_owned(),
            is_path_style: false,
        });
        match (dialect, default) {
            (Dialect::Xml, Some(default)) => Room::Xml(default),
            (Dialect::Xml, None) if path.is_empty() => Room::Xml(Place::service()),
            (Dialect::Xml, None) => Room::Xml(Place {
                bucket: Some(area.to_owned()),
                path: rest.to_owned(),
                is_path_style: true,
            }),
            (_, default) => match bucket_of(area, appid) {
                _ if path.is_empty() => Room::Welcome,
                _ if area == "files" => Room::Json,
                Some(bucket) => Room::Download(bucket.to_owned(), rest.to_owned()),
                None => match default {
                    Some(default) if dialect == Dialect::Unsaid => Room::Xml(default),
                    _ => Room::Nowhere,
                },
            },
        }
    }
}

/// What stands behind the path of an instance's role.
fn metadata(path: &str) -> Option<&str> {
    let rest = path.strip_prefix(instance_role::PATH)?;
    (rest.is_empty() || rest.starts_with('/')).then_some(rest)
}

/// What a request's form tells of the API that it is meant for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Dialect {
    Json,
    Xml,
    /// A GET or HEAD without signature and sub-resource is the same in both.
    Unsaid,
}

impl Dialect {
    fn of(method: &Method, uri: &Uri, headers: &HeaderMap) -> Dialect {
        let query_text = uri.query().unwrap_or("");
        let authorization = headers.get(AUTHORIZATION);
        let authorization = authorization.map_or(&b""[..], |value| value.as_bytes());
        let is_xml = |text: &[u8]| text.windows(17).any(|word| word == b"q-sign-algorithm=");
        let is_merged = |text: &str| text.contains("q-sign-algorithm");
        if is_xml(authorization) || is_merged(query_text) {
            return Dialect::Xml;
        }
        let has_base64 = query::signature(query_text).is_ok_and(|sign| !sign.is_empty());
        if !authorization.is_empty() || has_base64 {
            return Dialect::Json;
        }
        let is_read = method == Method::GET || method == Method::HEAD;
        if !uri.path().trim_start_matches('/').starts_with("files/")
            && (!is_read || xml_api::is_named_in(query_text))
        {
            return Dialect::Xml;
        }
        Dialect::Unsaid
    }
}

/// `<name>-<digits>`, of whatever account (xml-api.md §2).
fn is_full_name(label: &str) -> bool {
    label.rsplit_once('-').is_some_and(|(name, digits)| {
        !name.is_empty() && digits.len() > 3 && digits.bytes().all(|byte| byte.is_ascii_digit())
    })
}

/// A bucket's host of the XML API.
fn is_xml_host(host: &str) -> bool {
    host.contains(".cos.") || host.contains(".cos-internal.")
}

/// `<bucket>-<appid>.file.myqcloud.com`.
fn is_json_host(host: &str) -> bool {
    host.contains(".file.")
}
