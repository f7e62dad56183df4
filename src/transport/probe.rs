//! The way to a service one step after the other, as every connection of a client takes it: for a diagnosis
//! that tells which of the steps fails. Nothing of a request is sent.

use std::net::{IpAddr, SocketAddr, TcpStream};
use std::sync::Arc;
use std::time::Instant;

use ureq::Proxy;
use ureq::http::Uri;

use super::certificate::Certificate;
use super::connect::Connect;
use super::deadline::Deadline;
use super::dial::dial;
use super::tls::Tls;
use super::witness::Witness;
use super::{TimeLimits, Transport, failure, proxy};
use crate::error::Error;
use crate::model::diagnosis::Step;

/// How far it came.
#[derive(Debug, Default)]
pub(crate) struct Probe {
    /// `host:port` of the service.
    pub(crate) service: String,
    /// The same of the proxy on the way to it.
    pub(crate) proxy: Option<String>,
    pub(crate) is_tls: bool,
    /// Of the service; of the proxy, where there is one.
    pub(crate) addresses: Vec<IpAddr>,
    /// The one that has answered.
    pub(crate) peer: Option<SocketAddr>,
    /// The service's, whether it was accepted or not.
    pub(crate) certificate: Option<Certificate>,
    pub(crate) failure: Option<(Step, Error)>,
}

/// Where to, and by way of what.
struct Way<'a> {
    host: &'a str,
    port: u16,
    proxy: Option<&'a Proxy>,
    is_tls: bool,
    deadline: Deadline,
}

impl Transport {
    pub(crate) fn probe(&self, url: &str, limits: TimeLimits) -> Probe {
        let uri: Uri = url.parse().unwrap_or_default();
        let is_tls = uri.scheme_str() == Some("https");
        let left = |end: Instant| end.saturating_duration_since(Instant::now());
        let time = limits.deadline.map_or(limits.connect, left);
        let way = Way {
            host: uri.host().unwrap_or_default(),
            port: uri.port_u16().unwrap_or(if is_tls { 443 } else { 80 }),
            proxy: self
                .calls
                .config()
                .proxy()
                .filter(|proxy| !proxy.is_no_proxy(&uri)),
            is_tls,
            deadline: Deadline::after(time.min(limits.connect)),
        };
        let mut probe = Probe {
            service: format!("{}:{}", way.host, way.port),
            proxy: way.proxy.map(proxy::name),
            is_tls,
            ..Probe::default()
        };
        let reported = |(step, error)| (step, failure::before_reply(&error, url));
        probe.failure = self.go(&way, &mut probe).err().map(reported);
        probe
    }

    fn go(&self, way: &Way, probe: &mut Probe) -> Result<(), (Step, ureq::Error)> {
        let (host, port) = match way.proxy {
            Some(proxy) => (proxy.host(), proxy.port()),
            None => (way.host, way.port),
        };
        let found = self.addresses.of(host, port, &way.deadline);
        let found = found.map_err(|error| (Step::Dns, error))?;
        probe.addresses = found.iter().map(SocketAddr::ip).collect();
        let tcp = self.reach(way).map_err(|error| (Step::Tcp, error))?;
        probe.peer = tcp.peer_addr().ok();
        if !way.is_tls {
            return Ok(());
        }
        tunnel(&tcp, way).map_err(|error| (Step::Proxy, error))?;
        let shaken = self
            .connect(&self.tls)
            .handshake(&tcp, way.host, &way.deadline);
        match shaken {
            Ok(tls) => {
                let shown = tls.peer_certificates().and_then(<[_]>::first);
                probe.certificate = shown.and_then(|shown| Certificate::read(shown));
                Ok(())
            }
            Err(error) => {
                probe.certificate = self.look_at_certificate(way);
                Err((Step::Tls, error))
            }
        }
    }

    fn connect(&self, tls: &Arc<Tls>) -> Connect {
        Connect {
            tls: tls.clone(),
            throttles: None,
            addresses: self.addresses.clone(),
        }
    }

    fn reach(&self, way: &Way) -> Result<TcpStream, ureq::Error> {
        match way.proxy {
            Some(proxy) => proxy::reach(proxy, &self.addresses, &way.deadline),
            None => dial(&self.addresses, (way.host, way.port), &way.deadline),
        }
    }

    /// Of a server that is not trusted, in another handshake, which fails.
    fn look_at_certificate(&self, way: &Way) -> Option<Certificate> {
        let tcp = self.reach(way).ok()?;
        tunnel(&tcp, way).ok()?;
        let (witness, tls) = Witness::new().ok()?;
        let refused = self
            .connect(&Arc::new(tls))
            .handshake(&tcp, way.host, &way.deadline)
            .map(drop);
        refused
            .err()
            .and_then(|_| Certificate::read(&witness.seen()?))
    }
}

fn tunnel(tcp: &TcpStream, way: &Way) -> Result<(), ureq::Error> {
    match way.proxy {
        Some(proxy) => proxy::tunnel(tcp, proxy, (way.host, way.port), &way.deadline),
        None => Ok(()),
    }
}
