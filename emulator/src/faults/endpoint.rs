//! `/_emulator/`: where tests set faults and read what came of them. It takes no signature.

use std::sync::Arc;

use axum::Json;
use axum::body::to_bytes;
use axum::extract::Request;
use axum::http::{Method, StatusCode};
use axum::response::{IntoResponse, Response};
use serde_json::json;

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
        ("faults" | "requests", _) => refusal(
            StatusCode::METHOD_NOT_ALLOWED,
            "GET, DELETE, or POST of faults",
        ),
        _ => refusal(
            StatusCode::NOT_FOUND,
            "faults and requests are all there is",
        ),
    }
}

fn refusal(status: StatusCode, message: &str) -> Response {
    (status, Json(json!({"message": message}))).into_response()
}
