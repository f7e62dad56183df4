//! `/_emulator/`: where tests set faults and read what came of them. It takes no signature.

use std::sync::Arc;

use axum::Json;
use axum::body::to_bytes;
use axum::extract::Request;
use axum::http::{Method, StatusCode};
use axum::response::{IntoResponse, Response};
use serde_json::{Value, json};

use super::state::Faults;
use super::{parse, stale};
use crate::service::Service;

const MOST: usize = 1 << 20;

pub async fn answer(
    service: &Arc<Service>,
    faults: &Faults,
    path: &str,
    request: Request,
) -> Response {
    if !faults.is_allowed {
        let message = "without --faults this is for an emulator on a loopback address";
        return refusal(StatusCode::FORBIDDEN, message);
    }
    let (parts, body) = request.into_parts();
    match (path, &parts.method) {
        ("faults", &Method::GET) => Json(faults.show()).into_response(),
        ("faults", &Method::DELETE) => {
            stale::show_all(&faults.hidden, service).await;
            faults.set(Vec::new(), 0);
            Json(faults.show()).into_response()
        }
        ("faults", &Method::POST) => {
            let Ok(text) = to_bytes(body, MOST).await else {
                return refusal(StatusCode::PAYLOAD_TOO_LARGE, "the rules are too long");
            };
            match parse::rules(&text) {
                Ok((rules, seed)) => {
                    stale::show_all(&faults.hidden, service).await;
                    faults.set(rules, seed);
                    Json(faults.show()).into_response()
                }
                Err(wrong) => (StatusCode::BAD_REQUEST, Json(wrong.show())).into_response(),
            }
        }
        ("requests", &Method::GET) => Json(faults.log.show()).into_response(),
        ("requests", &Method::DELETE) => {
            faults.log.clear();
            Json(faults.log.show()).into_response()
        }
        ("archives", &Method::GET) => Json(archives(service)).into_response(),
        ("archives", &Method::POST) => {
            let text = to_bytes(body, MOST).await.unwrap_or_default();
            let asked: Option<Value> = serde_json::from_slice(&text).ok();
            let seconds = asked.and_then(|asked| asked["pass_s"].as_u64());
            let Some(seconds) = seconds.and_then(|seconds| u32::try_from(seconds).ok()) else {
                return refusal(
                    StatusCode::BAD_REQUEST,
                    "pass_s must be a number of seconds",
                );
            };
            service.clock.pass_in_archives(seconds);
            Json(archives(service)).into_response()
        }
        ("archives" | "faults" | "requests", _) => refusal(
            StatusCode::METHOD_NOT_ALLOWED,
            "GET, DELETE, or POST of faults and archives",
        ),
        _ => refusal(
            StatusCode::NOT_FOUND,
            "faults, requests and archives are all there is",
        ),
    }
}

/// How far archives are ahead of the service's clock.
fn archives(service: &Service) -> Value {
    json!({"ahead_s": service.clock.archives_ahead()})
}

fn refusal(status: StatusCode, message: &str) -> Response {
    (status, Json(json!({"message": message}))).into_response()
}
