//! What a trace tells of one attempt at a request.

use std::time::Duration;

use serde_json::{Map, Value};

use super::Method;

#[derive(Debug)]
pub(crate) struct TraceEvent {
    /// When it began, in Unix milliseconds by this machine's clock.
    pub(crate) time_ms: u64,
    /// From 1, of this request.
    pub(crate) attempt: u32,
    pub(crate) method: Method,
    pub(crate) host: String,
    /// As it goes out, encoded.
    pub(crate) path: String,
    pub(crate) query: String,
    /// HTTP status; 0 without an answer.
    pub(crate) status: u16,
    pub(crate) request_id: Option<String>,
    pub(crate) failure: Option<TracedFailure>,
    /// Bytes of the answer's body that were read.
    pub(crate) received: u64,
    pub(crate) steps: Steps,
    pub(crate) whole: Duration,
}

/// Why an attempt has failed.
#[derive(Debug)]
pub(crate) struct TracedFailure {
    pub(crate) code: i64,
    pub(crate) message: String,
    /// After which another attempt is made.
    pub(crate) pause: Option<Duration>,
}

/// How long the steps of an attempt took. What a kept connection has spared, or was not come to, is
/// `None`.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Steps {
    /// The look-up of the host's addresses, or of the proxy's.
    pub(crate) dns: Option<Duration>,
    /// The TCP connection.
    pub(crate) connect: Option<Duration>,
    /// The proxy's tunnel.
    pub(crate) tunnel: Option<Duration>,
    /// The TLS handshake.
    pub(crate) tls: Option<Duration>,
    /// From the attempt's begin to the end of the answer's head.
    pub(crate) head: Option<Duration>,
    /// Bytes of the request's body that were handed to the connection.
    pub(crate) sent: u64,
}

impl Steps {
    pub(crate) const NONE: Steps = Steps {
        dns: None,
        connect: None,
        tunnel: None,
        tls: None,
        head: None,
        sent: 0,
    };
}

impl TraceEvent {
    pub(crate) fn to_json(&self) -> String {
        let mut event = Map::new();
        let mut put = |key: &str, value: Value| {
            if !value.is_null() {
                event.insert(key.to_owned(), value);
            }
        };
        put("time_ms", self.time_ms.into());
        put("attempt", self.attempt.into());
        put("method", self.method.name().into());
        put("host", self.host.as_str().into());
        put("path", self.path.as_str().into());
        put("query", self.query.as_str().into());
        put("status", self.status.into());
        put("request_id", self.request_id.as_deref().into());
        let failure = self.failure.as_ref();
        put("code", failure.map_or(0, |failure| failure.code).into());
        put("error", failure.map(|it| it.message.as_str()).into());
        let pause = failure.and_then(|failure| failure.pause);
        put("retry_in_ms", pause.map(milliseconds).into());
        put("sent", self.steps.sent.into());
        put("received", self.received.into());
        for (key, step) in [
            ("dns_ms", self.steps.dns),
            ("connect_ms", self.steps.connect),
            ("tunnel_ms", self.steps.tunnel),
            ("tls_ms", self.steps.tls),
            ("head_ms", self.steps.head),
            ("whole_ms", Some(self.whole)),
        ] {
            put(key, step.map(milliseconds).into());
        }
        Value::Object(event).to_string()
    }
}

/// With the microseconds behind the point.
fn milliseconds(time: Duration) -> f64 {
    time.as_micros() as f64 / 1000.0
}
