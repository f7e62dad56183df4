//! TCP connections: to the first address that answers, in a way that can be ended.

use std::io;
use std::net::{SocketAddr, TcpStream};

use super::addresses::Addresses;
use super::deadline::{Deadline, too_late};
use super::failure::NotConnected;
use super::steps;
use crate::error::Kind;
use crate::system::Connecting;

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
    let mut begun = match Connecting::begin(address) {
        Ok(begun) => begun,
        Err(e) => return Ok(Err(Some(e))),
    };
    loop {
        let glance = match deadline.glance() {
            Ok(glance) => glance,
            Err(ureq::Error::Io(io)) if NotConnected::kind(&io) == Some(Kind::Timeout) => {
                return Ok(Err(None));
            }
            Err(error) => return Err(error),
        };
        match begun.wait(glance) {
            Ok(outcome) => return Ok(outcome.map_err(Some)),
            Err(still) => begun = still,
        }
    }
}
