//! The HTTP library, set up as this library wants it.

use std::time::{Duration, Instant};

use ureq::{Agent, AsSendBody, http};

use super::TimeLimits;
use super::addresses::AskedLater;
use super::connect::Connect;
use crate::config::Config;

/// Connections kept for reuse, some 38 KiB each; more callers at once than this open and close their
/// own.
pub(super) const IDLE_CONNECTIONS: usize = 64;

/// Shorter than the idle limits of usual servers and firewalls.
const IDLE_AGE: Duration = Duration::from_secs(15);

/// The limits of each wait, for a builder whose scope has no public name.
macro_rules! limited {
    ($builder:expr, $limits:expr) => {
        $builder
            .timeout_connect(Some($limits.connect))
            .timeout_per_read(Some($limits.io))
            .timeout_per_write(Some($limits.io))
            // Ends a peer that only ever says "100 Continue".
            .timeout_recv_response(Some($limits.io))
    };
}

/// Buffers are for input and output, in bytes.
pub(super) fn new(
    config: &Config,
    connect: Connect,
    (input_buffer, output_buffer): (usize, usize),
) -> Agent {
    let limits = TimeLimits::of(config, None);
    let agent_config = limited!(Agent::config_builder(), limits)
        // A refusal's reply is wanted, and a redirect would carry the signature elsewhere.
        .http_status_as_error(false)
        .max_redirects(0)
        .max_redirects_will_error(false)
        // ureq's own default reads the environment.
        .proxy(config.proxy.clone())
        .user_agent(&config.user_agent)
        .accept("")
        .input_buffer_size(input_buffer)
        .output_buffer_size(output_buffer)
        .max_idle_connections(IDLE_CONNECTIONS)
        .max_idle_connections_per_host(IDLE_CONNECTIONS)
        .max_idle_age(IDLE_AGE)
        .build();
    Agent::with_parts(agent_config, connect, AskedLater)
}

/// Sends a request within its own limits.
pub(super) fn run(
    agent: &Agent,
    request: http::Request<impl AsSendBody>,
    limits: TimeLimits,
) -> Result<http::Response<ureq::Body>, ureq::Error> {
    let own = agent.config().timeouts();
    let has_limits = own.connect == Some(limits.connect) && own.recv_response == Some(limits.io);
    if has_limits && limits.deadline.is_none() {
        return agent.run(request);
    }
    let left = |end: Instant| end.saturating_duration_since(Instant::now());
    let request = limited!(agent.configure_request(request), limits);
    let request = request.timeout_global(limits.deadline.map(left));
    agent.run(request.build())
}
