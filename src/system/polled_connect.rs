//! A connection on its way, by a socket that does not block: nothing is left of it once it is given up.

use std::io;
use std::net::{SocketAddr, TcpStream};
use std::os::fd::{AsFd, AsRawFd};
use std::time::Duration;

use nix::errno::Errno;
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use nix::sys::socket::{
    AddressFamily, SockFlag, SockType, SockaddrIn, SockaddrIn6, connect, socket,
};

pub(crate) struct Connecting(TcpStream);

impl Connecting {
    pub(crate) fn begin(address: &SocketAddr) -> io::Result<Connecting> {
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
            Ok(()) | Err(Errno::EINPROGRESS | Errno::EINTR) => Ok(Connecting(tcp)),
            Err(e) => Err(e.into()),
        }
    }

    /// What has become of it, or itself when it is still on its way after that time.
    pub(crate) fn wait(self, at_most: Duration) -> Result<io::Result<TcpStream>, Connecting> {
        let mut waiting = [PollFd::new(self.0.as_fd(), PollFlags::POLLOUT)];
        // Rounded up: 0 would not wait at all.
        let milliseconds = PollTimeout::try_from(at_most.as_millis().saturating_add(1));
        match poll(&mut waiting, milliseconds.unwrap_or(PollTimeout::MAX)) {
            Ok(0) | Err(Errno::EINTR) => Err(self),
            Ok(_) => Ok(finish(self.0)),
            Err(e) => Ok(Err(e.into())),
        }
    }
}

fn finish(tcp: TcpStream) -> io::Result<TcpStream> {
    match tcp.take_error()? {
        Some(error) => Err(error),
        None => {
            tcp.set_nonblocking(false)?;
            Ok(tcp)
        }
    }
}
