//! Reads the HTTP library's errors: which kind of ours each one is, and whether the request can
//! have reached the service.

use std::io::{self, ErrorKind};

use ureq::Timeout;
use ureq::http::Uri;

use super::connect::NotConnected;
use super::line::Stale;
use crate::error::{Error, Kind, Sent};

/// The request failed before a status line came. Names the host, never the rest of the URL.
pub(super) fn before_reply(error: &ureq::Error, url: &str) -> Error {
    let uri: Option<Uri> = url.parse().ok();
    let host = uri
        .as_ref()
        .and_then(Uri::authority)
        .map_or("the service", |authority| authority.as_str());
    let (kind, sent, message) = classify(error, host);
    let mut failure = Error::new(kind, message);
    failure.sent = sent;
    failure
}

/// The reply broke off after its head, with `got` bytes of its body read.
pub(super) fn within_reply(error: io::Error, got: u64) -> Error {
    match ureq::Error::from(error) {
        ureq::Error::Timeout(_) => Error::new(
            Kind::Timeout,
            format!("the reply stopped after {got} bytes of its body"),
        ),
        error => Error::new(
            Kind::BadReply,
            format!("the reply broke off after {got} bytes of its body: {error}"),
        ),
    }
}

/// The request met a connection that was closed already.
pub(super) fn is_stale(error: &ureq::Error) -> bool {
    match error {
        ureq::Error::Io(e) => e.get_ref().is_some_and(|e| e.is::<Stale>()),
        _ => false,
    }
}

fn classify(error: &ureq::Error, host: &str) -> (Kind, Sent, String) {
    match error {
        ureq::Error::Io(e) => classify_io(e, host),
        ureq::Error::Timeout(Timeout::Global) => (
            Kind::Timeout,
            Sent::Unknown,
            format!("{host} did not answer before the call's time was over"),
        ),
        ureq::Error::Timeout(Timeout::PerWrite) => (
            Kind::Timeout,
            Sent::Unknown,
            format!("{host} stopped taking the request"),
        ),
        ureq::Error::Timeout(_) => (
            Kind::Timeout,
            Sent::Unknown,
            format!("{host} did not answer in time"),
        ),
        _ => (
            Kind::BadReply,
            Sent::Unknown,
            format!("{host} did not answer in HTTP: {error}"),
        ),
    }
}

fn classify_io(error: &io::Error, host: &str) -> (Kind, Sent, String) {
    if let Some(NotConnected { kind, why }) = error.get_ref().and_then(|e| e.downcast_ref()) {
        return (*kind, Sent::No, format!("connect to {host} failed: {why}"));
    }
    match error.kind() {
        // rustls' verdict on a broken record.
        ErrorKind::InvalidData => (
            Kind::Tls,
            Sent::Unknown,
            format!("TLS with {host} failed: {error}"),
        ),
        _ => (
            Kind::Reset,
            Sent::Unknown,
            format!("{host} closed the connection: {error}"),
        ),
    }
}
