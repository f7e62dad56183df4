//! A connection on its way, on a thread of its own: once it is given up, the thread goes on until the system itself
//! gives up, which takes seconds.

use std::io;
use std::net::{SocketAddr, TcpStream};
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::thread;
use std::time::Duration;

pub(crate) struct Connecting(Receiver<io::Result<TcpStream>>);

impl Connecting {
    pub(crate) fn begin(address: &SocketAddr) -> io::Result<Connecting> {
        let (tell, told) = channel();
        let address = *address;
        let connect = move || {
            // Who has given up does not listen.
            let _ = tell.send(TcpStream::connect(address));
        };
        let builder = thread::Builder::new().name("qcos-connect".to_owned());
        super::without_signals(|| builder.spawn(connect))?;
        Ok(Connecting(told))
    }

    /// What has become of it, or itself when it is still on its way after that time.
    pub(crate) fn wait(self, at_most: Duration) -> Result<io::Result<TcpStream>, Connecting> {
        match self.0.recv_timeout(at_most) {
            Ok(outcome) => Ok(outcome),
            Err(RecvTimeoutError::Timeout) => Err(self),
            Err(RecvTimeoutError::Disconnected) => {
                Ok(Err(io::Error::other("the connecting thread has ended")))
            }
        }
    }
}
