//! The HTTP library, set up as this library wants it.

use std::sync::Arc;
use std::time::Duration;

use ureq::Agent;

use super::addresses::{Addresses, AskedLater};
use super::connect::Connect;
use super::tls::Tls;
use crate::config::Config;

/// Connections kept for reuse, some 38 KiB each; more callers at once than this open and close their
/// own.
pub(super) const IDLE_CONNECTIONS: usize = 64;

/// Shorter than the idle limits of usual servers and firewalls.
const IDLE_AGE: Duration = Duration::from_secs(15);

/// Buffers are for input and output, in bytes.
pub(super) fn new(
    config: &Config,
    (tls, addresses): (&Arc<Tls>, &Arc<Addresses>),
    (input_buffer, output_buffer): (usize, usize),
) -> Agent {
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
        .timeout_per_read(Some(config.io_timeout))
        .timeout_per_write(Some(config.io_timeout))
        // Ends a peer that only ever says "100 Continue".
        .timeout_recv_response(Some(config.io_timeout))
        .input_buffer_size(input_buffer)
        .output_buffer_size(output_buffer)
        .max_idle_connections(IDLE_CONNECTIONS)
        .max_idle_connections_per_host(IDLE_CONNECTIONS)
        .max_idle_age(IDLE_AGE)
        .build();
    let connect = Connect {
        tls: tls.clone(),
        addresses: addresses.clone(),
    };
    Agent::with_parts(agent_config, connect, AskedLater)
}
