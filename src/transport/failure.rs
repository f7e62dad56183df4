//! Failures on their way through the HTTP library, and what each one is: which kind of ours, and
//! whether the request can have reached the service.

use std::fmt;
use std::io::{self, ErrorKind};

use ureq::Timeout;
use ureq::http::Uri;

use crate::base::cancel;
use crate::error::{Error, ErrorClass, Kind};

/// There was no connection to send a request over. Carried inside an `io::Error`, as are the others.
#[derive(Debug)]
pub(super) struct NotConnected {
    kind: Kind,
    /// Of a proxy's refusal, else 0.
    httpcode: u16,
    why: String,
}

/// A connection kept from an earlier request turned out to be closed: the peer was not there when
/// the request went out.
#[derive(Debug)]
pub(super) struct Stale;

/// The call is to end: `Cancelled`, or `Timeout` when its time is over.
#[derive(Debug)]
pub(super) struct Interrupted(Kind);

/// Bytes come or go, but fewer than anybody wants to wait for.
#[derive(Debug)]
pub(super) struct TooSlow {
    /// Of the whole request or reply so far.
    pub(super) moved: u64,
    /// Bytes a second that are the least.
    pub(super) least: u64,
    pub(super) is_sending: bool,
}

impl NotConnected {
    pub(super) fn error(kind: Kind, why: impl fmt::Display) -> ureq::Error {
        carried(NotConnected {
            kind,
            httpcode: 0,
            why: why.to_string(),
        })
    }

    /// A proxy has said so.
    pub(super) fn refused(httpcode: u16, why: String) -> ureq::Error {
        carried(NotConnected {
            kind: Kind::Proxy,
            httpcode,
            why,
        })
    }

    /// The kind of such a failure, if it is one.
    pub(super) fn kind(error: &io::Error) -> Option<Kind> {
        inner::<NotConnected>(error).map(|failure| failure.kind)
    }

    /// The same of a connection to a proxy.
    pub(super) fn by_proxy(error: io::Error, name: &str) -> ureq::Error {
        match inner::<NotConnected>(&error) {
            Some(NotConnected { kind, why, .. }) => {
                NotConnected::error(*kind, format!("the proxy {name} cannot be reached: {why}"))
            }
            None => ureq::Error::Io(error),
        }
    }
}

impl Interrupted {
    pub(super) fn error(kind: Kind) -> ureq::Error {
        carried(Interrupted(kind))
    }
}

impl Stale {
    pub(super) fn error() -> ureq::Error {
        carried(Stale)
    }
}

impl TooSlow {
    pub(super) fn error(self) -> ureq::Error {
        carried(self)
    }

    fn describe(&self, host: &str) -> String {
        let TooSlow { moved, least, .. } = self;
        match self.is_sending {
            true => format!(
                "{host} takes the request too slowly: less than {least} bytes a second after {moved}"
            ),
            false => {
                format!("{host} answers too slowly: less than {least} bytes a second after {moved}")
            }
        }
    }
}

impl fmt::Display for NotConnected {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.why)
    }
}

impl fmt::Display for Stale {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("it was closed while idle")
    }
}

impl fmt::Display for Interrupted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the call is to end")
    }
}

impl fmt::Display for TooSlow {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.describe("the service"))
    }
}

impl std::error::Error for NotConnected {}
impl std::error::Error for Stale {}
impl std::error::Error for Interrupted {}
impl std::error::Error for TooSlow {}

fn carried(failure: impl std::error::Error + Send + Sync + 'static) -> ureq::Error {
    ureq::Error::Io(io::Error::other(failure))
}

fn inner<T: std::error::Error + 'static>(error: &io::Error) -> Option<&T> {
    error.get_ref()?.downcast_ref()
}

/// The request failed before a status line came. Names the host, never the rest of the URL.
pub(super) fn before_reply(error: &ureq::Error, url: &str) -> Error {
    let uri: Option<Uri> = url.parse().ok();
    let host = uri
        .as_ref()
        .and_then(Uri::authority)
        .map_or("the service", |authority| authority.as_str());
    match error {
        ureq::Error::Io(e) => io_failure(e, host),
        ureq::Error::Timeout(limit) => {
            let problem = match limit {
                Timeout::Global => "did not answer before the call's time was over (timeout_ms)",
                Timeout::PerWrite => "stopped taking the request (io_timeout_ms)",
                _ => "did not answer in time (io_timeout_ms)",
            };
            open(Kind::Timeout, format!("{host} {problem}"))
        }
        _ => open(
            Kind::BadReply,
            format!("{host} did not answer in HTTP: {error}"),
        ),
    }
}

/// The reply broke off after its head, with `got` bytes of its body read.
pub(super) fn within_reply(error: io::Error, got: u64) -> Error {
    if let Some(Interrupted(kind)) = inner(&error) {
        return interrupted(*kind);
    }
    if let Some(slow) = inner::<TooSlow>(&error) {
        return open(Kind::Timeout, slow.describe("the service"));
    }
    match ureq::Error::from(error) {
        ureq::Error::Timeout(Timeout::Global) => open(
            Kind::Timeout,
            format!("the call's time was over (timeout_ms) after {got} bytes of the reply's body"),
        ),
        ureq::Error::Timeout(_) => open(
            Kind::Timeout,
            format!("the reply stopped after {got} bytes of its body (io_timeout_ms)"),
        ),
        error => open(
            Kind::BadReply,
            format!("the reply broke off after {got} bytes of its body: {error}"),
        )
        .classed(ErrorClass::BrokenOff),
    }
}

/// The request met a connection that was closed already.
pub(super) fn is_stale(error: &ureq::Error) -> bool {
    match error {
        ureq::Error::Io(e) => inner::<Stale>(e).is_some(),
        _ => false,
    }
}

fn io_failure(error: &io::Error, host: &str) -> Error {
    if let Some(NotConnected {
        kind,
        httpcode,
        why,
    }) = inner(error)
    {
        return Error::new(*kind, format!("connect to {host} failed: {why}")).answered(*httpcode);
    }
    if let Some(Interrupted(kind)) = inner(error) {
        return interrupted(*kind);
    }
    if let Some(slow) = inner::<TooSlow>(error) {
        return open(Kind::Timeout, slow.describe(host));
    }
    match error.kind() {
        // rustls' verdict on a broken record.
        ErrorKind::InvalidData => open(Kind::Tls, format!("TLS with {host} failed: {error}")),
        _ => open(
            Kind::Reset,
            format!("{host} closed the connection: {error}"),
        ),
    }
}

/// What became of the request is not known.
fn open(kind: Kind, message: String) -> Error {
    Error::new(kind, message).unknown_outcome()
}

fn interrupted(kind: Kind) -> Error {
    let error = match kind {
        Kind::Cancelled => cancel::cancelled(),
        _ => cancel::too_late(),
    };
    error.unknown_outcome()
}
