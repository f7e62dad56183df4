//! TCP connections: to the first address that answers, in a way that can be ended.

use std::io;
use std::net::{SocketAddr, TcpStream};
use std::os::fd::{AsFd, AsRawFd};

use nix::errno::Errno;
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use nix::sys::socket::{
    AddressFamily, SockFlag, SockType, SockaddrIn, SockaddrIn6, connect, socket,
};

use super::addresses::Addresses;
use super::deadline::{Deadline, too_late};
use super::failure::NotConnected;
use super::steps;
use crate::error::Kind;

/// A connection to a host by its name. Each address may take its share of the time that is left.
pub(super) fn dial(
    addresses: &Addresses,
    (host, port): (&str, u16),
    deadline: &Deadline,
) -> Result<TcpStream, ureq::Error> {
    let look_up = || addresses.of(host, port, deadline);
    let found = steps::timed(|steps| &mut steps.dns, look_up)?;
    let dialled = steps::timed(|steps| &mut steps.connect, || to_any(&found, deadline));
    if matches!(&dialled, Ok(Err(_))) {
        // Perhaps the host has moved.
        addresses.forget(host, port);
    }
    dialled?
}

/// An outer error ends the call.
fn to_any(
    found: &[SocketAddr],
    deadline: &Deadline,
) -> Result<Result<TcpStream, ureq::Error>, ureq::Error> {
    let mut failure = NotConnected::error(Kind::Dns, "the host has no address");
    for (number, address) in found.iter().enumerate() {
        let is_last = number + 1 == found.len();
        // Half of what is left for this one, as long as others follow.
        let share = deadline.share(if is_last { 1 } else { 2 })?;
        match to_address(address, &share)? {
            Ok(tcp) => {
                // Requests are written whole; waiting for more would only delay them.
                tcp.set_nodelay(true)?;
                return Ok(Ok(tcp));
            }
            Err(Some(e)) => failure = NotConnected::error(Kind::Connect, e),
            Err(None) => failure = too_late(),
        }
    }
    Ok(Err(failure))
}

/// `Err(None)` when the time for this address is over; an outer error ends the call.
fn to_address(
    address: &SocketAddr,
    deadline: &Deadline,
) -> Result<Result<TcpStream, Option<io::Error>>, ureq::Error> {
    let begun = match begin(address) {
        Ok(tcp) => tcp,
        Err(e) => return Ok(Err(Some(e.into()))),
    };
    loop {
        let glance = match deadline.glance() {
            Ok(glance) => glance,
            Err(ureq::Error::Io(io)) if NotConnected::kind(&io) == Some(Kind::Timeout) => {
                return Ok(Err(None));
            }
            Err(error) => return Err(error),
        };
        let mut waiting = [PollFd::new(begun.as_fd(), PollFlags::POLLOUT)];
        // Rounded up: 0 would not wait at all.
        let milliseconds = PollTimeout::try_from(glance.as_millis().saturating_add(1));
        match poll(&mut waiting, milliseconds.unwrap_or(PollTimeout::MAX)) {
            Ok(0) | Err(Errno::EINTR) => {}
            Ok(_) => return Ok(finished(begun).map_err(Some)),
            Err(e) => return Ok(Err(Some(e.into()))),
        }
    }
}

/// A socket that is on its way to the address.
fn begin(address: &SocketAddr) -> Result<TcpStream, Errno> {
    let flags = SockFlag::SOCK_CLOEXEC | SockFlag::SOCK_NONBLOCK;
    let new = |family| socket(family, SockType::Stream, flags, None).map(TcpStream::from);
    let (tcp, begun) = match address {
        SocketAddr::V4(v4) => {
            let tcp = new(AddressFamily::Inet)?;
            let begun = connect(tcp.as_raw_fd(), &SockaddrIn::from(*v4));
            (tcp, begun)
        }
        SocketAddr::V6(v6) => {
            let tcp = new(AddressFamily::Inet6)?;
            let begun = connect(tcp.as_raw_fd(), &SockaddrIn6::from(*v6));
            (tcp, begun)
        }
    };
    match begun {
        Ok(()) | Err(Errno::EINPROGRESS | Errno::EINTR) => Ok(tcp),
        Err(e) => Err(e),
    }
}

fn finished(tcp: TcpStream) -> io::Result<TcpStream> {
    match tcp.take_error()? {
        Some(error) => Err(error),
        None => {
            tcp.set_nonblocking(false)?;
            Ok(tcp)
        }
    }
}
