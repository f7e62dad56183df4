//! The certificates that the system trusts, read from where systems keep them. The environment has
//! no say: whoever sets `SSL_CERT_FILE` for some other program does not choose whom this library
//! trusts.

use std::path::Path;

use openssl_probe::candidate_cert_dirs;
use rustls::client::WantsClientCert;
use rustls::{ClientConfig, ConfigBuilder, RootCertStore, WantsVerifier};
use rustls_native_certs::load_certs_from_paths;

/// The first one that is there is read. The list is openssl-probe's, whose own function for it
/// asks the environment first.
const BUNDLES: [&str; 14] = [
    "/etc/ssl/certs/ca-certificates.crt", // Debian, Gentoo, Arch
    "/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem", // RHEL, Fedora
    "/etc/pki/tls/certs/ca-bundle.crt",   // older ones of these
    "/etc/ssl/ca-bundle.pem",             // openSUSE
    "/etc/pki/tls/cacert.pem",            // OpenELEC
    "/etc/ssl/cert.pem",                  // Alpine, OpenBSD
    "/opt/etc/ssl/certs/ca-certificates.crt", // Entware
    "/etc/ssl/certs/cacert.pem",          // OpenHarmony
    "/usr/local/etc/ssl/cert.pem",        // FreeBSD
    "/usr/local/share/certs/ca-root-nss.crt", // DragonFly
    "/etc/openssl/certs/ca-certificates.crt", // NetBSD
    "/etc/certs/ca-certificates.crt",     // Solaris, OpenIndiana
    "/etc/ssl/cacert.pem",                // OmniOS
    "/boot/system/data/ssl/CARootCertificates.pem", // Haiku
];

pub(crate) fn trust_the_system(
    builder: ConfigBuilder<ClientConfig, WantsVerifier>,
) -> Result<ConfigBuilder<ClientConfig, WantsClientCert>, rustls::Error> {
    Ok(builder.with_root_certificates(read()?))
}

/// What is no certificate is passed over: other programs read these places as well.
fn read() -> Result<RootCertStore, rustls::Error> {
    let mut roots = RootCertStore::empty();
    let bundle = BUNDLES.iter().map(Path::new).find(|path| path.exists());
    // What an administrator has put beside the bundle counts, too.
    let folders = candidate_cert_dirs().map(|folder| (None, Some(folder)));
    for (file, folder) in [(bundle, None)].into_iter().chain(folders) {
        roots.add_parsable_certificates(load_certs_from_paths(file, folder).certs);
    }
    match roots.is_empty() {
        false => Ok(roots),
        true => Err(rustls::Error::General(
            "this system has no CA certificates: install them (most systems call the package \
             ca-certificates), or name a PEM file by the option tls_ca"
                .to_owned(),
        )),
    }
}
