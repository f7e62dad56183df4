//! Certificates made by openssl, and a server's side of TLS.

use std::process::{Command, Stdio};
use std::sync::Arc;

use rustls::ServerConfig;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};

use super::TempDir;

/// A certificate that vouches for itself.
pub struct Certificate {
    files: TempDir,
}

impl Certificate {
    pub fn new(host: &str) -> Certificate {
        Certificate::made(host, "CA:FALSE", "2")
    }

    /// With these basic constraints, for so many days.
    pub fn made(host: &str, constraints: &str, days: &str) -> Certificate {
        let files = TempDir::new();
        let made = Command::new("openssl")
            .args(["req", "-x509", "-newkey", "rsa:2048", "-nodes"])
            .args(["-days", days])
            .args(["-subj", &format!("/CN={host}")])
            .args(["-addext", &format!("subjectAltName=DNS:{host}")])
            .args([
                "-addext",
                &format!("basicConstraints=critical,{constraints}"),
            ])
            .arg("-keyout")
            .arg(files.join("key.pem"))
            .arg("-out")
            .arg(files.join("certificate.pem"))
            .stderr(Stdio::null())
            .status()
            .expect("openssl is needed: apt-get install openssl");
        assert!(made.success());
        Certificate { files }
    }

    pub fn path(&self) -> String {
        self.files
            .join("certificate.pem")
            .to_str()
            .unwrap()
            .to_owned()
    }

    pub fn key_path(&self) -> String {
        self.files.join("key.pem").to_str().unwrap().to_owned()
    }
}

pub fn server_config(certificate: &Certificate) -> Arc<ServerConfig> {
    let chain = CertificateDer::pem_file_iter(certificate.path()).unwrap();
    let key = PrivateKeyDer::from_pem_file(certificate.key_path()).unwrap();
    let config = ServerConfig::builder()
        .with_no_client_auth()
        .with_single_cert(chain.map(Result::unwrap).collect(), key);
    Arc::new(config.unwrap())
}
