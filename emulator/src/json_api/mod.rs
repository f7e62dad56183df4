//! The classic JSON API, `/files/v1/` (json-api.md §2): one request from its headers to its reply.

mod entry;
mod list;
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
use request::Params;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Op {
    Create,
    Update,
    Stat,
    Delete,
    List,
    Move,
    Upload,
    UploadSlice,
}

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
    let claim = Claim {
        appid: &address.appid,
        location: &address.location,
        is_download: false,
    };
    let signature = service.authorize(parts, &claim).await;
    if let Err(refusal) = signature {
        let may_be_slice = parts.method == Method::POST
            && request::is_form(&parts.headers)
            && matches!(
                refusal.code,
                code::SIGNATURE_EMPTY | code::SIGNATURE_EXPIRED
            );
        if !may_be_slice {
            return Err(refusal);
        }
        request::check_length(&parts.headers)?;
        return Ok(Admission {
            location: address.location,
            signature: Err(refusal),
        });
    }
    request::check_length(&parts.headers)?;
    Ok(Admission {
        location: address.location,
        signature,
    })
}

impl Call {
    fn perform(
        &self,
        method: &Method,
        signature: Result<Signature, Refusal>,
    ) -> Result<Value, Refusal> {
        let op = Op::parse(
            self.params
                .given("op")
                .ok_or_else(|| Refusal::new(code::OP_MISSING, "the parameter op is missing"))?,
        )?;
        match signature {
            Ok(signature) => op.check_kind(&signature)?,
            Err(_) if op == Op::UploadSlice && slices::is_of_open_session(self)? => {}
            Err(refusal) => return Err(refusal),
        }
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

impl Op {
    /// Case does not matter: one SDK says `Upload` (json-api.md §2.8).
    fn parse(text: &str) -> Result<Op, Refusal> {
        Ok(match text.to_ascii_lowercase().as_str() {
            "create" => Op::Create,
            "update" => Op::Update,
            "stat" => Op::Stat,
            "delete" => Op::Delete,
            "list" => Op::List,
            "move" => Op::Move,
            "upload" => Op::Upload,
            "upload_slice" => Op::UploadSlice,
            _ => {
                let message = "the parameter op names no operation of files/v1";
                return Err(Refusal::new(code::COMMAND_UNKNOWN, message));
            }
        })
    }

    /// Delete and update want a one-time signature; the SDKs disagree about move (json-api.md §1.3).
    fn check_kind(self, signature: &Signature) -> Result<(), Refusal> {
        if matches!(self, Op::Delete | Op::Update) && !signature.is_one_time() {
            return Err(Refusal::new(
                code::ONE_TIME_WANTED,
                "this operation needs a one-time signature",
            ));
        }
        Ok(())
    }

    fn check_method(self, method: &Method) -> Result<(), Refusal> {
        let wanted = if matches!(self, Op::Stat | Op::List) {
            Method::GET
        } else {
            Method::POST
        };
        if *method == wanted {
            return Ok(());
        }
        let message = format!("this operation is a {wanted}, not a {method}");
        Err(Refusal::new(code::METHOD_WRONG, message))
    }
}
