//! What a connection's bytes go over: a socket, bare or under TLS.

use std::ffi::c_int;
use std::io::{Read, Result, Write};
use std::net::{TcpListener, TcpStream};
use std::os::fd::AsRawFd;

pub trait Stream: Read + Write {}

impl<T: Read + Write> Stream for T {}

pub type Wire = Box<dyn Stream>;

/// Loopback's packets have 64 KiB, and its buffers take megabytes at once. On a line whose bytes are counted a
/// client must not be rid of them before they go: its packets are as on Ethernet, and few of them wait here.
pub fn small_buffers(listener: &TcpListener) -> Result<()> {
    const IPPROTO_TCP: c_int = 6;
    const TCP_MAXSEG: c_int = 2;
    const SOL_SOCKET: c_int = 1;
    const SO_RCVBUF: c_int = 8;
    unsafe extern "C" {
        fn setsockopt(
            socket: c_int,
            level: c_int,
            name: c_int,
            value: *const c_int,
            length: u32,
        ) -> c_int;
    }
    for (level, name, value) in [
        (IPPROTO_TCP, TCP_MAXSEG, 1460),
        (SOL_SOCKET, SO_RCVBUF, 32 << 10),
    ] {
        // SAFETY: the value is an int, which outlives the call. The numbers are Linux'.
        let set = unsafe { setsockopt(listener.as_raw_fd(), level, name, &value, 4) };
        if set != 0 {
            return Err(std::io::Error::last_os_error());
        }
    }
    Ok(())
}

#[cfg(not(feature = "tls"))]
mod built {
    use super::{Result, TcpStream, Wire};

    #[derive(Clone, Default)]
    pub struct Tls(());

    impl Tls {
        pub fn new(_: &str, _: &str) -> std::result::Result<Tls, String> {
            Err("it was built without the feature tls".to_owned())
        }

        pub fn scheme(&self) -> &'static str {
            "http"
        }

        pub fn accept(&self, stream: TcpStream) -> Result<Wire> {
            stream.set_nodelay(true)?;
            Ok(Box::new(stream))
        }
    }
}

#[cfg(feature = "tls")]
mod built {
    use std::io::Error;
    use std::sync::Arc;

    use rustls::pki_types::pem::PemObject;
    use rustls::pki_types::{CertificateDer, PrivateKeyDer};
    use rustls::{ServerConfig, ServerConnection, StreamOwned};

    use super::{Result, TcpStream, Wire};

    #[derive(Clone, Default)]
    pub struct Tls(Option<Arc<ServerConfig>>);

    impl Tls {
        pub fn new(certificate: &str, key: &str) -> std::result::Result<Tls, String> {
            let of = |file: &str| {
                let file = file.to_owned();
                move |problem: &dyn std::fmt::Display| format!("{file}: {problem}")
            };
            let chain = CertificateDer::pem_file_iter(certificate)
                .and_then(|chain| chain.collect())
                .map_err(|e| of(certificate)(&e))?;
            let key = PrivateKeyDer::from_pem_file(key).map_err(|e| of(key)(&e))?;
            let config = ServerConfig::builder()
                .with_no_client_auth()
                .with_single_cert(chain, key);
            Ok(Tls(Some(Arc::new(
                config.map_err(|e| of(certificate)(&e))?,
            ))))
        }

        pub fn scheme(&self) -> &'static str {
            if self.0.is_some() { "https" } else { "http" }
        }

        pub fn accept(&self, stream: TcpStream) -> Result<Wire> {
            stream.set_nodelay(true)?;
            let Some(config) = &self.0 else {
                return Ok(Box::new(stream));
            };
            let session = ServerConnection::new(Arc::clone(config)).map_err(Error::other)?;
            Ok(Box::new(StreamOwned::new(session, stream)))
        }
    }
}

pub use built::Tls;
