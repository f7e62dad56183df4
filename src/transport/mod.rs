//! One HTTP exchange: a finished request out, a bounded reply in. Knows sockets, TLS and time
//! limits; knows nothing of what is said.

mod body;
mod connect;
mod failure;
mod line;
mod pace;
mod resolver;
mod socket;
mod tls;
mod wire;

use std::io::Read;
use std::sync::Arc;
use std::time::{Duration, Instant};

use ureq::Agent;
use ureq::SendBody;
use ureq::http::{self, HeaderMap};

use crate::config::Config;
use crate::error::{Error, Kind, Result, Sent};

pub(crate) use body::Body;
use connect::Connect;
use tls::Tls;

/// Connections kept for reuse; more callers at once than this open and close their own.
const IDLE_CONNECTIONS: usize = 16;

/// Shorter than the idle limits of usual servers and firewalls.
const IDLE_AGE: Duration = Duration::from_secs(15);

/// A request ready to be sent, signed for this one try.
pub(crate) struct Request<'a> {
    pub(crate) method: Method,
    pub(crate) url: String,
    /// Goes out as `Authorization`; must not come back in a message.
    pub(crate) signature: String,
    /// Of the body; empty for a GET.
    pub(crate) content_type: String,
    pub(crate) body: Body<'a>,
    /// Bytes of reply that are read at most.
    pub(crate) reply_cap: usize,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Method {
    Get,
    Post,
}

/// What the service answered.
#[derive(Debug)]
pub(crate) struct Response {
    pub(crate) status: u16,
    pub(crate) body: Vec<u8>,
    /// Seconds, from `Retry-After`.
    pub(crate) retry_after: Option<u64>,
    /// Where a redirect points to; it is never followed.
    pub(crate) location: Option<String>,
}

pub(crate) struct Transport {
    agent: Agent,
}

impl Transport {
    pub(crate) fn new(config: &Config) -> Transport {
        let agent_config = Agent::config_builder()
            // A refusal's reply is wanted, and a redirect would carry the signature elsewhere.
            .http_status_as_error(false)
            .max_redirects(0)
            .max_redirects_will_error(false)
            // ureq's own default reads the environment.
            .proxy(config.proxy.clone())
            .user_agent(&config.user_agent)
            .accept("")
            .timeout_connect(Some(config.connect_timeout))
            // No byte moved for io_timeout: stalled. The limits on the reply's head and body end
            // a peer that sends a byte now and then for ever.
            .timeout_per_read(Some(config.io_timeout))
            .timeout_per_write(Some(config.io_timeout))
            .timeout_recv_response(Some(config.io_timeout))
            .timeout_recv_body(Some(config.io_timeout * 2))
            .max_idle_connections(IDLE_CONNECTIONS)
            .max_idle_connections_per_host(IDLE_CONNECTIONS)
            .max_idle_age(IDLE_AGE)
            .build();
        let connect = Connect {
            tls: Arc::new(Tls::new(config.tls_ca.clone())),
        };
        Transport {
            agent: Agent::with_parts(agent_config, connect, resolver::SystemResolver),
        }
    }

    /// Sends and reads once, until `deadline` at the latest. `sent` is told how many bytes of the
    /// body's content are on their way; its error ends the request and comes back as the result.
    pub(crate) fn send(
        &self,
        request: &Request,
        deadline: Option<Instant>,
        sent: &mut dyn FnMut(u64) -> Result<()>,
    ) -> Result<Response> {
        let mut reader = request.body.reader(sent);
        let outcome = self.exchange(request, deadline, &mut reader);
        // Our own word for why sending ended beats the transport's.
        if let Some(error) = reader.take_failure() {
            return Err(error);
        }
        let response = outcome.map_err(|e| failure::before_reply(&e, &request.url))?;
        read(response, request)
    }

    fn exchange(
        &self,
        request: &Request,
        deadline: Option<Instant>,
        body: &mut dyn Read,
    ) -> std::result::Result<http::Response<ureq::Body>, ureq::Error> {
        let method = match request.method {
            Method::Get => http::Method::GET,
            Method::Post => http::Method::POST,
        };
        let builder = http::Request::builder()
            .method(method)
            .uri(&request.url)
            .header("authorization", &request.signature);
        match request.method {
            Method::Get => self.run(builder.body(())?, deadline),
            Method::Post => {
                let length = request.body.len().to_string();
                let builder = builder
                    .header("content-type", &request.content_type)
                    .header("content-length", length);
                self.run(builder.body(SendBody::from_reader(body))?, deadline)
            }
        }
    }

    fn run(
        &self,
        request: http::Request<impl ureq::AsSendBody>,
        deadline: Option<Instant>,
    ) -> std::result::Result<http::Response<ureq::Body>, ureq::Error> {
        let Some(deadline) = deadline else {
            return self.agent.run(request);
        };
        let left = deadline.saturating_duration_since(Instant::now());
        let request = self.agent.configure_request(request);
        self.agent.run(request.timeout_global(Some(left)).build())
    }
}

/// Reads the reply to its end, or to its cap.
fn read(mut response: http::Response<ureq::Body>, request: &Request) -> Result<Response> {
    let status = response.status().as_u16();
    let header = |name: &str| text_header(response.headers(), name);
    let retry_after = header("retry-after").and_then(|v| v.parse().ok());
    let location = header("location");

    let mut body = Vec::new();
    // One byte more than the cap tells a reply that is too long from one that just fits.
    let limit = request.reply_cap as u64 + 1;
    let outcome = response
        .body_mut()
        .as_reader()
        .take(limit)
        .read_to_end(&mut body);
    let problem = match outcome {
        Ok(_) if body.len() <= request.reply_cap => {
            return Ok(Response {
                status,
                body,
                retry_after,
                location,
            });
        }
        Ok(_) => Error::new(
            Kind::BadReply,
            format!("the reply is longer than {} bytes", request.reply_cap),
        ),
        Err(e) => failure::within_reply(e, body.len()),
    };
    Err(answered(problem, status))
}

fn answered(mut error: Error, status: u16) -> Error {
    error.httpcode = status;
    error.sent = Sent::Unknown;
    error
}

fn text_header(headers: &HeaderMap, name: &str) -> Option<String> {
    Some(headers.get(name)?.to_str().ok()?.to_owned())
}
