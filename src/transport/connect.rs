//! From a URL to a connection that a request can be written to: address, TCP, the way through a proxy
//! where one is asked for, TLS. What fails here has sent nothing of the request.

use std::fmt;
use std::net::TcpStream;
use std::sync::Arc;

use rustls::ClientConnection;
use ureq::unversioned::transport::{ConnectionDetails, Connector};

use super::addresses::Addresses;
use super::deadline::Deadline;
use super::dial::dial;
use super::failure::NotConnected;
use super::maybe_tls_stream::MaybeTlsStream;
use super::proxy;
use super::socket::Socket;
use super::steps;
use super::throttle::Throttles;
use super::timed_connection::TimedConnection;
use super::tls::Tls;
use super::verdict::verdict;
use crate::base::concurrency;
use crate::error::Kind;

/// Makes connections for one agent.
pub(super) struct Connect {
    pub(super) tls: Arc<Tls>,
    pub(super) addresses: Arc<Addresses>,
    pub(super) throttles: Option<Arc<Throttles>>,
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
        concurrency::connecting(|| self.connected(details)).map(Some)
    }
}

impl Connect {
    fn connected(&self, details: &ConnectionDetails) -> Result<Socket, ureq::Error> {
        let deadline = Deadline::after(*details.timeout.after);
        let host = details.uri.host().unwrap_or_default();
        let port = match (details.uri.port_u16(), details.needs_tls()) {
            (Some(port), _) => port,
            (None, true) => 443,
            (None, false) => 80,
        };
        let proxy = details
            .config
            .proxy()
            .filter(|proxy| !proxy.is_no_proxy(details.uri));
        let (tcp, relay) = match proxy {
            None => (dial(&self.addresses, (host, port), &deadline)?, None),
            Some(proxy) => {
                let tcp = proxy::reach(proxy, &self.addresses, &deadline)?;
                match details.needs_tls() {
                    true => {
                        let tunnel = || proxy::tunnel(&tcp, proxy, (host, port), &deadline);
                        steps::timed(|steps| &mut steps.tunnel, tunnel)?;
                        (tcp, None)
                    }
                    // Proxies allow tunnels to the port of TLS only.
                    false => (tcp, Some(proxy::Relay::new(proxy, details.uri))),
                }
            }
        };
        let tls = match details.needs_tls() {
            true => {
                let handshake = || self.handshake(&tcp, host, &deadline);
                Some(steps::timed(|steps| &mut steps.tls, handshake)?)
            }
            false => None,
        };
        Ok(Socket::new(
            TimedConnection::new(MaybeTlsStream::new(tcp, tls), self.throttles.clone()),
            relay,
            details.config,
        ))
    }

    /// Never inlined: without TLS a thread needs none of the stack that this takes.
    #[inline(never)]
    pub(super) fn handshake(
        &self,
        mut tcp: &TcpStream,
        host: &str,
        deadline: &Deadline,
    ) -> Result<Box<ClientConnection>, ureq::Error> {
        // An IPv6 address stands in brackets in a URL, and without them in a certificate.
        let host = host.trim_matches(['[', ']']);
        let failed = |e: rustls::Error| NotConnected::error(Kind::Tls, verdict(&e));
        let mut tls = Box::new(self.tls.connection(host).map_err(failed)?);
        while tls.is_handshaking() {
            if tls.wants_write() {
                deadline.bound(tcp, || tls.write_tls(&mut tcp))?;
                continue;
            }
            if deadline.bound(tcp, || tls.read_tls(&mut tcp))? == 0 {
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
