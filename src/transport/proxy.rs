//! The way through an HTTP proxy: a tunnel for TLS (CONNECT), and for plain HTTP requests that name
//! their target whole (RFC 9112 §3.2.2).

use std::io::{Read, Write};
use std::net::TcpStream;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use ureq::Proxy;
use ureq::http::Uri;

use super::addresses::Addresses;
use super::deadline::Deadline;
use super::dial::dial;
use super::failure::NotConnected;
use crate::error::{Error, Kind, Sent};

/// A tunnel's answer is a line and a few headers.
const TUNNEL_REPLY_MAX_BYTES: usize = 16 << 10;

/// The proxy wants a user and a password (RFC 9110 §15.5.8).
pub(super) const LOGIN_REQUIRED: u16 = 407;

/// A connection to the proxy itself.
pub(super) fn reach(
    proxy: &Proxy,
    addresses: &Addresses,
    deadline: &Deadline,
) -> Result<TcpStream, ureq::Error> {
    let host = proxy.host().trim_matches(['[', ']']);
    dial(addresses, (host, proxy.port()), deadline).map_err(|error| match error {
        ureq::Error::Io(io) => NotConnected::by_proxy(io, &name(proxy)),
        other => other,
    })
}

/// A connection to the target by way of CONNECT.
pub(super) fn tunnel(
    mut tcp: &TcpStream,
    proxy: &Proxy,
    (host, port): (&str, u16),
    deadline: &Deadline,
) -> Result<(), ureq::Error> {
    let target = format!("{host}:{port}");
    let request = format!(
        "CONNECT {target} HTTP/1.1\r\nHost: {target}\r\n{}\r\n",
        login(proxy)
    );
    let mut left = request.as_bytes();
    while !left.is_empty() {
        let sent = deadline.bound(tcp, || tcp.write(left))?;
        left = &left[sent..];
    }
    let mut reply = Vec::new();
    let mut byte = [0];
    // Byte by byte: what follows the empty line is not the proxy's any more.
    while !reply.ends_with(b"\r\n\r\n") {
        let got = deadline.bound(tcp, || tcp.read(&mut byte))?;
        if got == 0 || reply.len() == TUNNEL_REPLY_MAX_BYTES {
            let why = format!("the proxy {} gave no answer", name(proxy));
            return Err(NotConnected::error(Kind::Connect, why));
        }
        reply.push(byte[0]);
    }
    let line = String::from_utf8_lossy(&reply);
    let status = line.split(' ').nth(1).unwrap_or_default();
    match status.parse::<u16>() {
        Ok(200..300) => Ok(()),
        Ok(status) => Err(NotConnected::refused(status, refusal(&name(proxy), status))),
        Err(_) => {
            let why = format!("the proxy {} did not answer in HTTP", name(proxy));
            Err(NotConnected::error(Kind::Connect, why))
        }
    }
}

/// What is put into each request that a proxy hands on.
pub(super) struct Relay {
    /// `http://host:port`, in front of the path.
    origin: String,
    /// A header's line, or none.
    login: String,
}

impl Relay {
    pub(super) fn new(proxy: &Proxy, uri: &Uri) -> Relay {
        let authority = uri.authority().map_or("", |authority| authority.as_str());
        Relay {
            origin: format!("http://{authority}"),
            login: login(proxy),
        }
    }

    /// A request's head as the proxy wants it. `head` has its first line at least.
    pub(super) fn rewrite(&self, head: &[u8]) -> Vec<u8> {
        let path = head.iter().position(|b| *b == b' ').map_or(0, |at| at + 1);
        let line_end = head.windows(2).position(|pair| pair == b"\r\n");
        let line_end = line_end.map_or(head.len(), |at| at + 2);
        [
            &head[..path],
            self.origin.as_bytes(),
            &head[path..line_end],
            self.login.as_bytes(),
            &head[line_end..],
        ]
        .concat()
    }
}

/// An answer with status 407 is the proxy's own.
pub(super) fn login_required(proxy: &Proxy) -> Error {
    let mut error = Error::new(Kind::Proxy, refusal(&name(proxy), LOGIN_REQUIRED));
    error.sent = Sent::Answered;
    error.answered(LOGIN_REQUIRED)
}

/// Never with its user or password.
pub(super) fn name(proxy: &Proxy) -> String {
    format!("{}:{}", proxy.host(), proxy.port())
}

fn refusal(name: &str, status: u16) -> String {
    match status {
        LOGIN_REQUIRED => format!(
            "the proxy {name} wants a user and password (HTTP status 407): the option proxy takes \
             them as http://USER:PASSWORD@HOST:PORT"
        ),
        _ => format!("the proxy {name} refused the connection with HTTP status {status}"),
    }
}

fn login(proxy: &Proxy) -> String {
    let Some(user) = proxy.username() else {
        return String::new();
    };
    let login = STANDARD.encode(format!("{user}:{}", proxy.password().unwrap_or_default()));
    format!("Proxy-Authorization: Basic {login}\r\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_relayed_request_names_its_target_whole() {
        let proxy = Proxy::new("http://u:p@proxy:3128").unwrap();
        let uri = "http://h:8080/a?b=c".parse().unwrap();
        let head = Relay::new(&proxy, &uri).rewrite(b"GET /a?b=c HTTP/1.1\r\nhost: h:8080\r\n\r\n");
        let expected = "GET http://h:8080/a?b=c HTTP/1.1\r\nProxy-Authorization: Basic dTpw\r\n\
                        host: h:8080\r\n\r\n";
        assert_eq!(String::from_utf8(head).unwrap(), expected);
        assert!(!login_required(&proxy).message.contains("u:p"));
    }
}
