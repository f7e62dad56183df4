//! From a URL to a connection that a request can be written to: address, TCP, the tunnel of a
//! proxy where one is asked for, TLS. What fails here has sent nothing of the request.

use std::fmt;
use std::io::{self, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::sync::Arc;
use std::time::{Duration, Instant};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use rustls::ClientConnection;
use ureq::Proxy;
use ureq::unversioned::transport::{ConnectionDetails, Connector};

use super::socket::Socket;
use super::tls::Tls;
use super::wire::Wire;
use crate::error::Kind;

/// A tunnel's answer is a line and a few headers.
const TUNNEL_REPLY_MAX_BYTES: usize = 16 << 10;

/// Carried inside an `io::Error` to `failure`, which reads it.
#[derive(Debug)]
pub(super) struct NotConnected {
    pub(super) kind: Kind,
    pub(super) why: String,
}

impl NotConnected {
    pub(super) fn error(kind: Kind, why: impl fmt::Display) -> ureq::Error {
        let why = why.to_string();
        ureq::Error::Io(io::Error::other(NotConnected { kind, why }))
    }
}

impl fmt::Display for NotConnected {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.why)
    }
}

impl std::error::Error for NotConnected {}

/// Makes connections for one agent.
pub(super) struct Connect {
    pub(super) tls: Arc<Tls>,
}

impl fmt::Debug for Connect {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Connect")
    }
}

impl Connector for Connect {
    type Out = Socket;

    fn connect(
        &self,
        details: &ConnectionDetails,
        _: Option<()>,
    ) -> Result<Option<Socket>, ureq::Error> {
        let deadline = Deadline::after(*details.timeout.after);
        let proxy = details
            .config
            .proxy()
            .filter(|proxy| !proxy.is_no_proxy(details.uri));
        let tcp = match proxy {
            None => open(&details.addrs, &deadline)?,
            Some(proxy) => tunnel(proxy, details, &deadline)?,
        };
        let host = details.uri.host().unwrap_or_default();
        let tls = match details.needs_tls() {
            true => Some(self.handshake(&tcp, host, &deadline)?),
            false => None,
        };
        Ok(Some(Socket::new(Wire::new(tcp, tls), details.config)))
    }
}

impl Connect {
    /// Never inlined: without TLS a thread needs none of the stack that this takes.
    #[inline(never)]
    fn handshake(
        &self,
        mut tcp: &TcpStream,
        host: &str,
        deadline: &Deadline,
    ) -> Result<Box<ClientConnection>, ureq::Error> {
        // An IPv6 address stands in brackets in a URL, and without them in a certificate.
        let host = host.trim_matches(['[', ']']);
        let failed = |e: rustls::Error| NotConnected::error(Kind::Tls, e);
        let mut tls = Box::new(self.tls.connection(host).map_err(failed)?);
        while tls.is_handshaking() {
            deadline.limit(tcp)?;
            if tls.wants_write() {
                uninterrupted(|| tls.write_tls(&mut tcp)).map_err(|e| deadline.name(e))?;
                continue;
            }
            if uninterrupted(|| tls.read_tls(&mut tcp)).map_err(|e| deadline.name(e))? == 0 {
                let why = "the connection was closed during the handshake";
                return Err(NotConnected::error(Kind::Tls, why));
            }
            if let Err(error) = tls.process_new_packets() {
                // The peer is told why, if it still listens.
                let _ = tls.write_tls(&mut tcp);
                return Err(failed(error));
            }
        }
        Ok(tls)
    }
}

/// The first address that answers. Each may take its share of the time that is left.
fn open(addresses: &[SocketAddr], deadline: &Deadline) -> Result<TcpStream, ureq::Error> {
    let mut failure = NotConnected::error(Kind::Dns, "the host has no address");
    for (number, address) in addresses.iter().enumerate() {
        let later = (addresses.len() - number - 1) as u32;
        // Half of what is left for this one, as long as others follow.
        let share = deadline.left()? / if later == 0 { 1 } else { 2 };
        match TcpStream::connect_timeout(address, share) {
            Ok(tcp) => {
                // Requests are written whole; waiting for more would only delay them.
                tcp.set_nodelay(true)?;
                return Ok(tcp);
            }
            Err(e) if e.kind() == io::ErrorKind::TimedOut => failure = too_late(),
            Err(e) => failure = NotConnected::error(Kind::Connect, e),
        }
    }
    Err(failure)
}

/// A connection to the target by way of a proxy's CONNECT.
fn tunnel(
    proxy: &Proxy,
    details: &ConnectionDetails,
    deadline: &Deadline,
) -> Result<TcpStream, ureq::Error> {
    let addresses = details
        .resolver
        .resolve(proxy.uri(), details.config, details.timeout)?;
    let mut tcp = open(&addresses, deadline)?;
    let port = match (details.uri.port_u16(), details.needs_tls()) {
        (Some(port), _) => port,
        (None, true) => 443,
        (None, false) => 80,
    };
    let target = format!("{}:{port}", details.uri.host().unwrap_or_default());
    let mut request = format!("CONNECT {target} HTTP/1.1\r\nHost: {target}\r\n");
    if let Some(user) = proxy.username() {
        let login = STANDARD.encode(format!("{user}:{}", proxy.password().unwrap_or_default()));
        request.push_str(&format!("Proxy-Authorization: Basic {login}\r\n"));
    }
    request.push_str("\r\n");
    deadline.limit(&tcp)?;
    tcp.write_all(request.as_bytes())
        .map_err(|e| deadline.name(e))?;

    let mut reply = Vec::new();
    let mut byte = [0];
    // Byte by byte: what follows the empty line is not the proxy's any more.
    while !reply.ends_with(b"\r\n\r\n") {
        deadline.limit(&tcp)?;
        let got = uninterrupted(|| tcp.read(&mut byte)).map_err(|e| deadline.name(e))?;
        if got == 0 || reply.len() == TUNNEL_REPLY_MAX_BYTES {
            return Err(NotConnected::error(
                Kind::Connect,
                "the proxy gave no answer",
            ));
        }
        reply.push(byte[0]);
    }
    let line = String::from_utf8_lossy(&reply);
    let status = line.split(' ').nth(1).unwrap_or_default();
    if status.len() == 3 && status.starts_with('2') {
        return Ok(tcp);
    }
    let why = format!("the proxy refused with status {}", status.escape_debug());
    Err(NotConnected::error(Kind::Connect, why))
}

/// A signal to the host is no reason to give up.
fn uninterrupted(mut attempt: impl FnMut() -> io::Result<usize>) -> io::Result<usize> {
    loop {
        match attempt() {
            Err(e) if e.kind() == io::ErrorKind::Interrupted => {}
            outcome => return outcome,
        }
    }
}

fn too_late() -> ureq::Error {
    NotConnected::error(Kind::Timeout, "it took longer than allowed")
}

/// When a connection must be there.
struct Deadline(Option<Instant>);

impl Deadline {
    fn after(limit: Duration) -> Deadline {
        Deadline(Instant::now().checked_add(limit))
    }

    fn left(&self) -> Result<Duration, ureq::Error> {
        let left = match self.0 {
            Some(at) => at.saturating_duration_since(Instant::now()),
            None => Duration::from_secs(3600),
        };
        if left.is_zero() {
            return Err(too_late());
        }
        Ok(left)
    }

    /// Lets the next read or write wait no longer than there is time.
    fn limit(&self, tcp: &TcpStream) -> Result<(), ureq::Error> {
        let left = Some(self.left()?);
        tcp.set_read_timeout(left)?;
        tcp.set_write_timeout(left)?;
        Ok(())
    }

    /// A read or write that failed while connecting.
    fn name(&self, error: io::Error) -> ureq::Error {
        match error.kind() {
            io::ErrorKind::WouldBlock | io::ErrorKind::TimedOut => too_late(),
            io::ErrorKind::InvalidData => NotConnected::error(Kind::Tls, error),
            _ => NotConnected::error(Kind::Connect, error),
        }
    }
}
