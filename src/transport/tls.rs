//! TLS as this library wants it: always verified, by the system's certificates or by given ones.

use std::io;
use std::sync::{Arc, OnceLock};

use rustls::pki_types::{CertificateDer, ServerName};
use rustls::{ClientConfig, ClientConnection, RootCertStore};
use rustls_platform_verifier::ConfigVerifierExt;

/// Shared by all connections of a client, so that the certificates are read once and sessions
/// are resumed.
pub(super) struct Tls {
    /// Trusted instead of the system's.
    roots: Option<Vec<CertificateDer<'static>>>,
    config: OnceLock<Arc<ClientConfig>>,
}

impl Tls {
    pub(super) fn new(roots: Option<Vec<CertificateDer<'static>>>) -> Tls {
        Tls {
            roots,
            config: OnceLock::new(),
        }
    }

    /// A connection that still has its handshake to make.
    pub(super) fn connection(&self, host: &str) -> Result<ClientConnection, rustls::Error> {
        let name = ServerName::try_from(host.to_owned())
            .map_err(|_| rustls::Error::General(format!("{host} is no host name")))?;
        ClientConnection::new(self.config()?, name)
    }

    /// Made at the first connection: reading the system's certificates takes milliseconds that a
    /// client without TLS should not spend.
    fn config(&self) -> Result<Arc<ClientConfig>, rustls::Error> {
        if let Some(config) = self.config.get() {
            return Ok(config.clone());
        }
        let made = Arc::new(match &self.roots {
            None => ClientConfig::with_platform_verifier()?,
            Some(given) => {
                let mut roots = RootCertStore::empty();
                for certificate in given {
                    roots.add(certificate.clone())?;
                }
                ClientConfig::builder()
                    .with_root_certificates(roots)
                    .with_no_client_auth()
            }
        });
        // Another thread may have been faster; both are the same.
        Ok(self.config.get_or_init(|| made).clone())
    }
}

/// rustls' verdicts, as the sockets report their failures.
pub(super) fn broken(error: rustls::Error) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, error)
}
