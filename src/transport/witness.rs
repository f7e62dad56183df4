//! Shows the certificate of a server that is not trusted, for a diagnosis. Nothing is ever accepted: the
//! handshake ends where the certificate has been seen.

use std::sync::{Arc, Mutex, PoisonError};

use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::{DigitallySignedStruct, Error, SignatureScheme};

use super::tls::{self, Tls};

#[derive(Debug, Default)]
pub(super) struct Witness(Mutex<Option<Vec<u8>>>);

impl Witness {
    /// TLS whose handshakes all fail, and what they show.
    pub(super) fn tls(self: &Arc<Witness>) -> Result<Tls, Error> {
        let builder = tls::builder()?.dangerous();
        let verified = builder.with_custom_certificate_verifier(self.clone());
        Ok(Tls::of(verified.with_no_client_auth()))
    }

    /// The last server's certificate, if one came.
    pub(super) fn seen(&self) -> Option<Vec<u8>> {
        let mut seen = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        seen.take()
    }
}

fn refuse<T>() -> Result<T, Error> {
    Err(Error::General("looked at, not trusted".to_owned()))
}

impl ServerCertVerifier for Witness {
    fn verify_server_cert(
        &self,
        server: &CertificateDer,
        _: &[CertificateDer],
        _: &ServerName,
        _: &[u8],
        _: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        let mut seen = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        *seen = Some(server.to_vec());
        refuse()
    }

    fn verify_tls12_signature(
        &self,
        _: &[u8],
        _: &CertificateDer,
        _: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        refuse()
    }

    fn verify_tls13_signature(
        &self,
        _: &[u8],
        _: &CertificateDer,
        _: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        refuse()
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        let algorithms = tls::provider().signature_verification_algorithms;
        algorithms.supported_schemes()
    }
}
