//! Shows the certificate of a server that is not trusted, for a diagnosis. Nothing is ever accepted: the
//! handshake ends where the certificate has been seen.

use std::sync::{Arc, Mutex};

use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::{DigitallySignedStruct, Error, SignatureScheme};

use super::tls::{self, Tls};
use crate::base::lock::lock;

#[derive(Debug)]
pub(super) struct Witness {
    seen: Mutex<Option<Vec<u8>>>,
    schemes: Vec<SignatureScheme>,
}

impl Witness {
    /// With TLS whose handshakes all fail.
    pub(super) fn new() -> Result<(Arc<Witness>, Tls), Error> {
        let builder = tls::builder()?;
        let algorithms = builder.crypto_provider().signature_verification_algorithms;
        let witness = Arc::new(Witness {
            seen: Mutex::default(),
            schemes: algorithms.supported_schemes(),
        });
        let verified = builder
            .dangerous()
            .with_custom_certificate_verifier(witness.clone());
        Ok((witness, Tls::of(verified.with_no_client_auth())))
    }

    /// The last server's certificate, if one came.
    pub(super) fn seen(&self) -> Option<Vec<u8>> {
        let mut seen = lock(&self.seen);
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
        let mut seen = lock(&self.seen);
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
        self.schemes.clone()
    }
}
