//! TLS as this library wants it: always verified, by the system's certificates or by given ones.

use std::io;
use std::sync::{Arc, OnceLock};

use rustls::crypto::{CryptoProvider, KeyProvider, ring};
use rustls::pki_types::{PrivateKeyDer, ServerName};
use rustls::sign::SigningKey;
use rustls::{ClientConfig, ClientConnection, ConfigBuilder, RootCertStore, WantsVerifier};

use super::verdict::verdict;
use crate::system::trust_the_system;

/// Shared by all connections of a client, so that the certificates are read once and sessions
/// are resumed.
pub(super) struct Tls {
    /// Trusted instead of the system's.
    roots: Option<Arc<RootCertStore>>,
    config: OnceLock<Arc<ClientConfig>>,
}

impl Tls {
    pub(super) fn new(roots: Option<Arc<RootCertStore>>) -> Tls {
        Tls {
            roots,
            config: OnceLock::new(),
        }
    }

    /// Verified as `config` says.
    pub(super) fn of(config: ClientConfig) -> Tls {
        Tls {
            roots: None,
            config: OnceLock::from(Arc::new(config)),
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
        let verified = match &self.roots {
            None => trust_the_system(builder()?)?,
            Some(given) => builder()?.with_root_certificates(given.clone()),
        };
        let made = Arc::new(verified.with_no_client_auth());
        // Another thread may have been faster; both are the same.
        Ok(self.config.get_or_init(|| made).clone())
    }
}

/// TLS, but for whom it trusts. Never inlined: where ring's provider is named more than once, its making of
/// signatures stays in the library.
#[inline(never)]
pub(super) fn builder() -> Result<ConfigBuilder<ClientConfig, WantsVerifier>, rustls::Error> {
    let provider = CryptoProvider {
        key_provider: &NoKeys,
        ..ring::default_provider()
    };
    ClientConfig::builder_with_provider(Arc::new(provider)).with_safe_default_protocol_versions()
}

/// A client shows no certificate of its own. Saying so leaves the making of signatures out of the
/// library: some 60 KB.
#[derive(Debug)]
struct NoKeys;

impl KeyProvider for NoKeys {
    fn load_private_key(
        &self,
        _: PrivateKeyDer<'static>,
    ) -> Result<Arc<dyn SigningKey>, rustls::Error> {
        Err(rustls::Error::General("a client has no key".to_owned()))
    }
}

/// rustls' errors, as the sockets report their failures.
pub(super) fn broken(error: rustls::Error) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, verdict(&error))
}
