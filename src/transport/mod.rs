//! One HTTP exchange: a finished request out, a bounded reply in, or an object's bytes as they
//! come. Knows sockets, TLS and time limits; knows nothing of what is said.

mod addresses;
mod agent;
mod body;
mod buffers;
mod certificate;
mod connect;
mod deadline;
mod dial;
mod failure;
mod lent;
mod low_speed_limit;
mod maybe_tls_stream;
mod probe;
mod proxy;
mod response;
mod socket;
pub(crate) mod steps;
mod throttle;
mod timed_connection;
mod tls;
mod verdict;
mod witness;

use std::io::Read;
use std::sync::Arc;
use std::time::{Duration, Instant};

use ureq::Agent;
use ureq::SendBody;
use ureq::http;

use crate::base::concurrency::Parallel;
use crate::config::Config;
use crate::error::Result;
pub(crate) use crate::model::{Header, Method};

use addresses::Addresses;
pub(crate) use body::{Body, Content, Stream};
use connect::Connect;
pub(crate) use lent::{Lent, Memory};
pub(crate) use probe::Probe;
pub(crate) use response::{Fetched, Headers, Response};
use throttle::Throttles;
use tls::Tls;

const SMALL_BUFFER: usize = 16 << 10;
const UPLOAD_BUFFER: usize = 512 << 10;
/// What is received is copied once more, to whoever reads it: with those buffers, 64 connections take 30 MiB.
const DOWNLOAD_BUFFER: usize = 256 << 10;
/// Of uploads over one connection at a time: it has the processor's cache to itself (measured:
/// docs/bench).
pub(crate) const LONE_BUFFER: usize = 1 << 20;

/// A request ready to be sent, signed for this one attempt.
pub(crate) struct Request<'a> {
    pub(crate) method: Method,
    pub(crate) url: String,
    /// Goes out as `Authorization`, unless it is empty; must not come back in a message.
    pub(crate) signature: String,
    /// Beside `Authorization` and the body's length.
    pub(crate) headers: Vec<Header>,
    /// Left out of a GET, HEAD or DELETE.
    pub(crate) body: Body<'a>,
    /// Bytes of reply that are read at most.
    pub(crate) reply_cap: usize,
    /// Whether these very bytes may go out twice: nothing that is done or signed for once.
    pub(crate) replayable: bool,
    /// The service sends blanks while it works, for as long as that takes.
    pub(crate) patient: bool,
}

impl Request<'_> {
    /// A question without content that may be asked as often as wanted.
    pub(crate) fn get(url: String, reply_cap: usize) -> Request<'static> {
        Request {
            method: Method::Get,
            url,
            signature: String::new(),
            headers: Vec::new(),
            body: Body::default(),
            reply_cap,
            replayable: true,
            patient: false,
        }
    }
}

/// How long a request may take.
#[derive(Clone, Copy)]
pub(crate) struct TimeLimits {
    pub(crate) connect: Duration,
    /// Without a byte sent or received.
    pub(crate) io: Duration,
    /// When the whole call must be over.
    pub(crate) deadline: Option<Instant>,
}

impl TimeLimits {
    pub(crate) fn of(config: &Config, deadline: Option<Instant>) -> TimeLimits {
        TimeLimits {
            connect: config.connect_timeout,
            io: config.io_timeout,
            deadline,
        }
    }
}

/// Three pools of connections, so that thousands of idle ones cost little memory and those that
/// carry content take few system calls (measured).
pub(crate) struct Transport {
    calls: Agent,
    uploads: Agent,
    downloads: Agent,
    /// What all of them make connections with.
    tls: Arc<Tls>,
    addresses: Arc<Addresses>,
}

impl Transport {
    pub(crate) fn new(config: &Config) -> Transport {
        let tls = Arc::new(Tls::new(config.tls_ca.clone()));
        let addresses = Arc::new(Addresses::new(&config.network.pins));
        let throttles = config
            .network
            .max_bytes_per_s
            .map(Throttles::new)
            .map(Arc::new);
        let connect = || Connect {
            tls: tls.clone(),
            addresses: addresses.clone(),
            throttles: throttles.clone(),
        };
        let upload_buffer = match config.parallel {
            Parallel::Fixed(1) => LONE_BUFFER,
            _ => UPLOAD_BUFFER,
        };
        Transport {
            calls: agent::new(config, connect(), (SMALL_BUFFER, SMALL_BUFFER)),
            uploads: agent::new(config, connect(), (SMALL_BUFFER, upload_buffer)),
            downloads: agent::new(config, connect(), (DOWNLOAD_BUFFER, SMALL_BUFFER)),
            tls,
            addresses,
        }
    }

    /// Sends and reads once. `sent` is told how many bytes of the
    /// body's content are on their way; its error ends the request and comes back as the result.
    pub(crate) fn send(
        &self,
        request: &Request,
        limits: TimeLimits,
        sent: &mut dyn FnMut(u64) -> Result<()>,
    ) -> Result<Response> {
        let agent = match request.body.len() > SMALL_BUFFER as u64 {
            true => &self.uploads,
            false => &self.calls,
        };
        let outcome = connected(request.replayable, || {
            let mut body = request.body.reader(sent);
            let outcome = exchange(agent, request, &mut body, limits);
            // Our own word for why sending ended beats the transport's.
            body.take_failure().map_or(Ok(outcome), Err)
        })?;
        let response = outcome.map_err(|e| failure::before_reply(&e, &request.url))?;
        refuse_proxy(agent, &response, &request.url)?;
        response::read(response, request.reply_cap)
    }

    /// Asks for an object, and leaves its content to be read.
    pub(crate) fn fetch(&self, request: &Request, limits: TimeLimits) -> Result<Fetched> {
        let no_body = &mut std::io::empty();
        let outcome = connected(true, || {
            Ok(exchange(&self.downloads, request, no_body, limits))
        })?;
        let response = outcome.map_err(|e| failure::before_reply(&e, &request.url))?;
        refuse_proxy(&self.downloads, &response, &request.url)?;
        Ok(Fetched::new(response))
    }
}

/// An answer that is not the service's but that of the proxy on the way to it.
fn refuse_proxy(agent: &Agent, response: &http::Response<ureq::Body>, url: &str) -> Result<()> {
    let Some(proxy) = agent.config().proxy() else {
        return Ok(());
    };
    let passed_by = url.parse().is_ok_and(|uri| proxy.is_no_proxy(&uri));
    match response.status().as_u16() == proxy::LOGIN_REQUIRED && !passed_by {
        true => Err(proxy::login_required(proxy)),
        false => Ok(()),
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
    body: &mut dyn Read,
    limits: TimeLimits,
) -> Exchanged {
    let mut builder = http::Request::builder()
        .uri(&request.url)
        .method(request.method.name());
    if !request.signature.is_empty() {
        builder = builder.header("authorization", &request.signature);
    }
    for (name, value) in &request.headers {
        builder = builder.header(&**name, value);
    }
    match request.method {
        Method::Get | Method::Head | Method::Delete => {
            run(agent, request, builder.body(())?, limits)
        }
        Method::Post | Method::Put => {
            let builder = builder.header("content-length", request.body.len().to_string());
            let body = SendBody::from_reader(body);
            run(agent, request, builder.body(body)?, limits)
        }
    }
}

fn run(
    agent: &Agent,
    request: &Request,
    built: http::Request<impl ureq::AsSendBody>,
    limits: TimeLimits,
) -> Exchanged {
    low_speed_limit::set_blank_padded(request.patient);
    steps::begin();
    let begun = Instant::now();
    let answer = agent::run(agent, built, limits)?;
    steps::head(begun.elapsed());
    Ok(answer)
}
