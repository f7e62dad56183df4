//! Fits a `TimedConnection` and its buffers to the HTTP library.

use std::fmt;

use ureq::Error;
use ureq::config::Config;
use ureq::unversioned::transport::{Buffers, NextTimeout, Transport};

use super::buffers::ConnectionBuffers;
use super::lent;
use super::proxy::Relay;
use super::timed_connection::TimedConnection;

/// Requests up to this size go out in one write, head and body together.
const GATHERED_MAX_BYTES: usize = 16 << 10;

pub(super) struct Socket {
    sending: Sending,
    buffers: ConnectionBuffers,
    /// A proxy hands the requests on.
    relay: Option<Relay>,
    /// Nothing was written of the next request.
    is_between: bool,
}

/// A connection, and what the HTTP library has written that is not yet sent.
struct Sending {
    connection: TimedConnection,
    gathered: Vec<u8>,
}

impl Sending {
    fn send(&mut self, bytes: &[u8], timeout: NextTimeout) -> Result<(), Error> {
        if self.gathered.len() + bytes.len() <= GATHERED_MAX_BYTES {
            self.gathered.extend_from_slice(bytes);
            return Ok(());
        }
        self.flush(timeout)?;
        self.connection.look_for_an_early_answer();
        self.connection.send(bytes, timeout)
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

impl Socket {
    pub(super) fn new(
        connection: TimedConnection,
        relay: Option<Relay>,
        config: &Config,
    ) -> Socket {
        Socket {
            sending: Sending {
                connection,
                gathered: Vec::new(),
            },
            buffers: ConnectionBuffers::new(
                config.input_buffer_size(),
                config.output_buffer_size(),
            ),
            relay,
            is_between: true,
        }
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
            self.sending.gathered = relay.rewrite(&self.buffers.output()[..amount]);
            return Ok(());
        }
        match lent::take(amount)? {
            Some(lent) => self.sending.send(lent.bytes(), timeout),
            None => self.sending.send(&self.buffers.output()[..amount], timeout),
        }
    }

    fn await_input(&mut self, timeout: NextTimeout) -> Result<bool, Error> {
        self.sending.flush(timeout)?;
        let amount = self
            .sending
            .connection
            .receive(self.buffers.input_append_buf(), timeout)?;
        self.buffers.input_appended(amount);
        Ok(amount > 0)
    }

    /// Asked before a connection is used again: nothing may be left of the request before.
    fn is_open(&mut self) -> bool {
        self.is_between = true;
        self.sending.gathered.is_empty() && self.sending.connection.is_idle()
    }

    fn is_tls(&self) -> bool {
        self.sending.connection.is_tls()
    }
}

impl fmt::Debug for Socket {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Socket")
    }
}
