//! Bytes over TCP, plain or in TLS.

use std::io::{self, ErrorKind, Read, Write};
use std::net::TcpStream;
use std::time::Duration;

use rustls::ClientConnection;

use super::tls;

pub(super) struct MaybeTlsStream {
    tcp: TcpStream,
    tls: Option<Box<ClientConnection>>,
    /// As last set, to spare a system call.
    read_limit: Option<Duration>,
    write_limit: Option<Duration>,
}

/// What became of a write: bytes taken over from the caller, and bytes that have left. In TLS these
/// are different bytes.
pub(super) struct Written {
    pub(super) taken: usize,
    pub(super) sent: usize,
}

impl MaybeTlsStream {
    /// `tls` has its handshake behind it.
    pub(super) fn new(tcp: TcpStream, tls: Option<Box<ClientConnection>>) -> MaybeTlsStream {
        MaybeTlsStream {
            tcp,
            tls,
            // Never what a caller asks for, so the first limit is set.
            read_limit: Some(Duration::MAX),
            write_limit: Some(Duration::MAX),
        }
    }

    pub(super) fn is_tls(&self) -> bool {
        self.tls.is_some()
    }

    /// Rounded up, so that the limit of one read is mostly that of the last, and is not set again.
    pub(super) fn limit_reads(&mut self, limit: Option<Duration>) -> io::Result<()> {
        const STEP_MS: u128 = 10;
        let limit = limit.map(|limit| {
            let steps = limit.as_millis() / STEP_MS + 1;
            Duration::from_millis(u64::try_from(steps * STEP_MS).unwrap_or(u64::MAX))
        });
        if self.read_limit != limit {
            self.tcp.set_read_timeout(limit)?;
            self.read_limit = limit;
        }
        Ok(())
    }

    pub(super) fn limit_writes(&mut self, limit: Duration) -> io::Result<()> {
        if self.write_limit != Some(limit) {
            self.tcp.set_write_timeout(Some(limit))?;
            self.write_limit = Some(limit);
        }
        Ok(())
    }

    /// Whether bytes that were taken over have still to leave.
    pub(super) fn holds_output(&self) -> bool {
        self.tls.as_ref().is_some_and(|tls| tls.wants_write())
    }

    pub(super) fn write(&mut self, bytes: &[u8]) -> io::Result<Written> {
        let Some(tls) = &mut self.tls else {
            let sent = self.tcp.write(bytes)?;
            return Ok(Written { taken: sent, sent });
        };
        if tls.wants_write() {
            let sent = tls.write_tls(&mut self.tcp)?;
            return Ok(Written { taken: 0, sent });
        }
        let taken = tls.writer().write(bytes)?;
        Ok(Written { taken, sent: 0 })
    }

    /// 0 at the end. In TLS an end without its closing alert is an error.
    pub(super) fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let Some(tls) = &mut self.tls else {
            return self.tcp.read(buffer);
        };
        loop {
            match tls.reader().read(buffer) {
                Err(e) if e.kind() == ErrorKind::WouldBlock => {}
                outcome => return outcome,
            }
            // At the end the reader above tells how it ended.
            tls.read_tls(&mut self.tcp)?;
            tls.process_new_packets().map_err(tls::broken)?;
            // Answers of TLS itself, or the rest of a request that the peer has cut short.
            while tls.wants_write() && tls.write_tls(&mut self.tcp).is_ok() {}
        }
    }

    /// Whether the peer has sent something, or has ended the connection. Does not wait.
    pub(super) fn has_input(&mut self) -> bool {
        if self.tcp.set_nonblocking(true).is_err() {
            return true;
        }
        let has_input = match &mut self.tls {
            None => !matches!(self.tcp.peek(&mut [0]), Err(e) if is_nothing_yet(&e)),
            Some(tls) => has_plaintext(tls, &mut self.tcp),
        };
        has_input | self.tcp.set_nonblocking(false).is_err()
    }
}

/// Session tickets and other messages of TLS itself are no input.
fn has_plaintext(tls: &mut ClientConnection, tcp: &mut TcpStream) -> bool {
    loop {
        match tls.read_tls(tcp) {
            Err(e) if is_nothing_yet(&e) => return false,
            Ok(0) | Err(_) => return true,
            Ok(_) => match tls.process_new_packets() {
                Ok(state) if state.plaintext_bytes_to_read() == 0 && !state.peer_has_closed() => {}
                _ => return true,
            },
        }
    }
}

fn is_nothing_yet(error: &io::Error) -> bool {
    matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::Interrupted)
}
