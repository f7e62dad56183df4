//! The classic JSON API, `/files/v1/` (json-api.md §2): one request from its headers to its reply.

mod entry;
mod list;
mod op;
mod reply;
mod request;
mod slices;
mod update;
mod upload;

use std::sync::Arc;

use axum::extract::Request;
use axum::http::request::Parts;
use axum::http::{Method, StatusCode};
use axum::response::{IntoResponse, Response};
use serde_json::Value;

use crate::auth::{Claim, Signature};
use crate::body::{read_away, refuse_unread};
use crate::names::Location;
use crate::refusal::{Refusal, code};
use crate::service::Service;
use crate::store::Bucket;
use op::Op;
use request::Params;

/// A request that was read and may be done.
struct Call {
    service: Arc<Service>,
    location: Location,
    params: Params,
    /// `http://` and the host that the client named.
    base_url: String,
    now: i64,
}

/// What the headers alone decide.
struct Admission {
    location: Location,
    /// A slice may come without a signature, or with an expired one; only the body tells that it is
    /// one (json-api.md §1.5, 9).
    signature: Result<Signature, Refusal>,
}

pub async fn answer(service: Arc<Service>, request: Request) -> Response {
    let (parts, body) = request.into_parts();
    let mut body = body.into_data_stream();
    let admission = match admit(&service, &parts).await {
        Ok(admission) => admission,
        Err(refusal) => {
            refuse_unread(body, &parts.headers);
            return refusal.into_response();
        }
    };
    let params = match request::params(&parts.uri, &parts.headers, &mut body).await {
        Ok(params) => params,
        Err(refusal) => {
            read_away(body);
            return refusal.into_response();
        }
    };
    let call = Call {
        base_url: service.base_url(&parts.headers),
        now: service.clock.now(),
        service: Arc::clone(&service),
        location: admission.location,
        params,
    };
    let done = service
        .blocking(move |_| call.perform(&parts.method, admission.signature))
        .await;
    match done {
        Ok(data) => reply::success(data),
        Err(refusal) => refusal.into_response(),
    }
}

async fn admit(service: &Arc<Service>, parts: &Parts) -> Result<Admission, Refusal> {
    if parts.method != Method::GET && parts.method != Method::POST {
        let message = format!("{} is neither GET nor POST", parts.method);
        return Err(
            Refusal::new(code::METHOD_WRONG, message).with_status(StatusCode::METHOD_NOT_ALLOWED)
        );
    }
    let address = request::address(&parts.uri)?;
    request::check_length(&parts.headers)?;
    let claim = Claim {
        appid: &address.appid,
        location: &address.location,
        is_download: false,
    };
    match service.authorize(parts, &claim).await {
        Err(refusal) if !may_be_slice(parts, &refusal) => Err(refusal),
        signature => Ok(Admission {
            location: address.location,
            signature,
        }),
    }
}

fn may_be_slice(parts: &Parts, refusal: &Refusal) -> bool {
    parts.method == Method::POST
        && request::is_form(&parts.headers)
        && matches!(
            refusal.code,
            code::SIGNATURE_EMPTY | code::SIGNATURE_EXPIRED
        )
}

impl Call {
    fn perform(
        &self,
        method: &Method,
        signature: Result<Signature, Refusal>,
    ) -> Result<Value, Refusal> {
        let op = Op::of(&self.params);
        let signature = match signature {
            Err(_) if matches!(op, Ok(Op::UploadSlice)) && slices::is_of_known_session(self) => {
                None
            }
            signature => Some(signature?),
        };
        let op = op?;
        op.check_kind(signature.as_ref())?;
        op.check_method(method)?;
        let bucket = self.bucket()?;
        match op {
            Op::Create => entry::create(self),
            Op::Stat => entry::stat(self, &bucket),
            Op::Delete => entry::delete(self),
            Op::Move => entry::rename(self),
            Op::Update => update::update(self),
            Op::List => list::list(self),
            Op::Upload => upload::upload(self),
            Op::UploadSlice => slices::upload_slice(self),
        }
    }

    fn bucket(&self) -> Result<Bucket, Refusal> {
        self.service
            .store
            .transaction(|tx| self.service.bucket(tx, &self.location.bucket))
    }

    /// The key of the file that a call is about.
    fn file_key(&self) -> Result<&str, Refusal> {
        if self.location.is_root() {
            return Err(Refusal::new(code::PATH_EMPTY, "the path is empty"));
        }
        if self.location.is_folder() {
            return Err(Refusal::new(
                code::FILE_WITH_SLASH,
                "a file's path ends with /",
            ));
        }
        Ok(&self.location.key)
    }

    fn not_found(&self) -> Refusal {
        let message = format!("nothing is at /{}", self.location.key);
        Refusal::new(code::NOT_FOUND, message)
    }
}
