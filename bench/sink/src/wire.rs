//! What a connection's bytes go over: a socket, bare or under TLS.

use std::io::{Read, Result, Write};
use std::net::TcpStream;

pub trait Stream: Read + Write {}

impl<T: Read + Write> Stream for T {}

pub type Wire = Box<dyn Stream>;

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
