//! One HTTP exchange: a finished request out, a bounded reply in, or an object's bytes as they
//! come. Knows sockets, TLS and time limits; knows nothing of what is said.

mod agent;
mod body;
mod connect;
mod failure;
pub(crate) mod interrupt;

mod line;
mod pace;
mod resolver;
mod response;
mod socket;

mod tls;
mod wire;

use std::io::Read;
use std::ops::Range;
use std::sync::Arc;
use std::time::Instant;

use ureq::Agent;
use ureq::SendBody;
use ureq::http;

use crate::config::Config;
use crate::error::Result;

pub(crate) use body::Body;
pub(crate) use response::{Fetched, Response};
use tls::Tls;

const SMALL_BUFFER: usize = 16 << 10;
const LARGE_BUFFER: usize = 512 << 10;

/// A request ready to be sent, signed for this one try.
pub(crate) struct Request<'a> {
    pub(crate) method: Method,
    pub(crate) url: String,
    /// Goes out as `Authorization`, unless it is empty; must not come back in a message.
    pub(crate) signature: String,
    /// Of the body; empty for a GET.
    pub(crate) content_type: String,
    pub(crate) body: Body<'a>,
    /// Bytes of reply that are read at most.
    pub(crate) reply_cap: usize,
    /// Whether these very bytes may go out twice: nothing that is done or signed for once.
    pub(crate) replayable: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Method {
    Get,
    Post,
}

/// Three pools of connections, so that thousands of idle ones cost little memory and those that
/// carry content take few system calls (measured: quality.md §3.3, §3.6).
pub(crate) struct Transport {
    calls: Agent,
    uploads: Agent,
    downloads: Agent,
}

impl Transport {
    pub(crate) fn new(config: &Config) -> Transport {
        let tls = Arc::new(Tls::new(config.tls_ca.clone()));
        // A reply is small and soon complete; an object takes its time.
        let reply_time = Some(config.io_timeout * 2);
        Transport {
            calls: agent::new(config, &tls, (SMALL_BUFFER, SMALL_BUFFER), reply_time),
            uploads: agent::new(config, &tls, (SMALL_BUFFER, LARGE_BUFFER), reply_time),
            downloads: agent::new(config, &tls, (LARGE_BUFFER, SMALL_BUFFER), None),
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
        let agent = match request.body.len() > SMALL_BUFFER {
            true => &self.uploads,
            false => &self.calls,
        };
        let outcome = connected(request.replayable, || {
            let mut body = request.body.reader(sent);
            let outcome = exchange(agent, request, (None, None), &mut body, deadline);
            // Our own word for why sending ended beats the transport's.
            body.take_failure().map_or(Ok(outcome), Err)
        })?;
        let response = outcome.map_err(|e| failure::before_reply(&e, &request.url))?;
        response::read(response, request.reply_cap)
    }

    /// Asks for an object, or for a range of its bytes, and leaves its content to be read. With an
    /// ETag in `if_match` another object's content is refused.
    pub(crate) fn fetch(
        &self,
        request: &Request,
        range: Option<Range<u64>>,
        if_match: Option<&str>,
        deadline: Option<Instant>,
    ) -> Result<Fetched> {
        let (agent, no_body) = (&self.downloads, &mut std::io::empty());
        let outcome = connected(true, || {
            let range = range.clone();
            Ok(exchange(
                agent,
                request,
                (range, if_match),
                no_body,
                deadline,
            ))
        })?;
        outcome
            .map(Fetched::new)
            .map_err(|e| failure::before_reply(&e, &request.url))
    }
}

type Exchanged = std::result::Result<http::Response<ureq::Body>, ureq::Error>;

/// Sends again at once when the connection had been closed while it was idle: that is no failure
/// of the service's. Every connection that was kept may be such a one.
fn connected(
    replayable: bool,
    mut exchange: impl FnMut() -> Result<Exchanged>,
) -> Result<Exchanged> {
    for _ in 0..agent::IDLE_CONNECTIONS {
        match exchange()? {
            Err(error) if replayable && failure::is_stale(&error) => {}
            outcome => return Ok(outcome),
        }
    }
    exchange()
}

fn exchange(
    agent: &Agent,
    request: &Request,
    (range, if_match): (Option<Range<u64>>, Option<&str>),
    body: &mut dyn Read,
    deadline: Option<Instant>,
) -> Exchanged {
    let mut builder = http::Request::builder().uri(&request.url);
    if !request.signature.is_empty() {
        builder = builder.header("authorization", &request.signature);
    }
    if let Some(range) = range {
        let last = range.end.saturating_sub(1);
        builder = builder.header("range", format!("bytes={}-{last}", range.start));
    }
    if let Some(tag) = if_match {
        builder = builder.header("if-match", tag);
    }
    match request.method {
        Method::Get => run(agent, builder.method("GET").body(())?, deadline),
        Method::Post => {
            let builder = builder
                .method("POST")
                .header("content-type", &request.content_type)
                .header("content-length", request.body.len().to_string());
            run(agent, builder.body(SendBody::from_reader(body))?, deadline)
        }
    }
}

fn run(
    agent: &Agent,
    request: http::Request<impl ureq::AsSendBody>,
    deadline: Option<Instant>,
) -> Exchanged {
    let Some(deadline) = deadline else {
        return agent.run(request);
    };
    let left = deadline.saturating_duration_since(Instant::now());
    let request = agent.configure_request(request);
    agent.run(request.timeout_global(Some(left)).build())
}
