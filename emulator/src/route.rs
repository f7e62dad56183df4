//! Which room of the service a request belongs to.

use std::sync::Arc;

use axum::extract::{Request, State};
use axum::http::header::DATE;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};

use crate::refusal::{Refusal, code};
use crate::service::{Service, host};
use crate::{download, faults, http_date, json_api};

const WELCOME: &str = "\
This is qcos-emulator: Tencent COS on this machine, for developing and testing.

  /files/v1/<appid>/<bucket>/<path>   the classic JSON API
  /<bucket>-<appid>/<path>            downloads
";

pub async fn route(State(service): State<Arc<Service>>, request: Request) -> Response {
    let mut response = faults::answer(Arc::clone(&service), request).await;
    // Clients that mind the clock read it here; it may be set by --now.
    if let Ok(date) = http_date(service.clock.now()).parse() {
        response.headers_mut().insert(DATE, date);
    }
    response
}

/// The answer when no fault was asked for.
pub async fn dispatch(service: Arc<Service>, request: Request) -> Response {
    let path = request.uri().path().to_owned();
    let path = path.strip_prefix('/').unwrap_or(&path);
    let appid = &service.account.appid;
    if let Some(bucket) = bucket_of_host(request.headers(), appid) {
        return download::answer(service, bucket, path, request).await;
    }
    if path.is_empty() {
        return WELCOME.into_response();
    }
    let path = path.trim_start_matches('/');
    let (area, rest) = path.split_once('/').unwrap_or((path, ""));
    if area == "files" {
        return json_api::answer(service, request).await;
    }
    if let Some(bucket) = bucket_of(area, appid) {
        let bucket = bucket.to_owned();
        return download::answer(service, bucket, rest, request).await;
    }
    Refusal::new(code::URL_UNKNOWN, "nothing is at this URL")
        .with_status(StatusCode::NOT_FOUND)
        .into_response()
}

/// The bucket in `<bucket>-<appid>.anything`, as the service's own download hosts are.
pub fn bucket_of_host(headers: &HeaderMap, appid: &str) -> Option<String> {
    let host = host(headers)?;
    Some(bucket_of(host.host().split_once('.')?.0, appid)?.to_owned())
}

/// The bucket in `<bucket>-<appid>`.
fn bucket_of<'a>(full_name: &'a str, appid: &str) -> Option<&'a str> {
    full_name.strip_suffix(appid)?.strip_suffix('-')
}
