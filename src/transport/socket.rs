//! Fits a `TimedConnection` and its buffers to the HTTP library.

use std::fmt;

use ureq::Error;
use ureq::config::Config;
use ureq::unversioned::transport::{Buffers, NextTimeout, Transport};

use super::buffers::ConnectionBuffers;
use super::proxy::Relay;
use super::timed_connection::TimedConnection;

/// Requests up to this size go out in one write, head and body together.
const GATHERED_MAX_BYTES: usize = 16 << 10;

pub(super) struct Socket {
    connection: TimedConnection,
    buffers: ConnectionBuffers,
    /// Written by the HTTP library, not yet sent.
    gathered: Vec<u8>,
    /// A proxy hands the requests on.
    relay: Option<Relay>,
    /// Nothing was written of the next request.
    is_between: bool,
}

impl Socket {
    pub(super) fn new(
        connection: TimedConnection,
        relay: Option<Relay>,
        config: &Config,
    ) -> Socket {
        Socket {
            connection,
            buffers: ConnectionBuffers::new(
                config.input_buffer_size(),
                config.output_buffer_size(),
            ),
            gathered: Vec::new(),
            relay,
            is_between: true,
        }
    }

    fn flush(&mut self, timeout: NextTimeout) -> Result<(), Error> {
        if self.gathered.is_empty() && !self.connection.holds_output() {
            return Ok(());
        }
        let outcome = self.connection.send(&self.gathered, timeout);
        self.gathered.clear();
        outcome
    }
}

impl Transport for Socket {
    fn buffers(&mut self) -> &mut dyn Buffers {
        &mut self.buffers
    }

    fn transmit_output(&mut self, amount: usize, timeout: NextTimeout) -> Result<(), Error> {
        let is_head = std::mem::replace(&mut self.is_between, false);
        if let (true, Some(relay)) = (is_head, &self.relay) {
            // With its first line whole: that is at most a fraction of the buffer.
            self.gathered = relay.rewrite(&self.buffers.output()[..amount]);
            return Ok(());
        }
        if self.gathered.len() + amount <= GATHERED_MAX_BYTES {
            self.gathered
                .extend_from_slice(&self.buffers.output()[..amount]);
            return Ok(());
        }
        self.flush(timeout)?;
        self.connection.look_for_an_early_answer();
        self.connection
            .send(&self.buffers.output()[..amount], timeout)
    }

    fn await_input(&mut self, timeout: NextTimeout) -> Result<bool, Error> {
        self.flush(timeout)?;
        let amount = self
            .connection
            .receive(self.buffers.input_append_buf(), timeout)?;
        self.buffers.input_appended(amount);
        Ok(amount > 0)
    }

    /// Asked before a connection is used again: nothing may be left of the request before.
    fn is_open(&mut self) -> bool {
        self.is_between = true;
        self.gathered.is_empty() && self.connection.is_idle()
    }

    fn is_tls(&self) -> bool {
        self.connection.is_tls()
    }
}

impl fmt::Debug for Socket {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Socket")
    }
}
