//! What TLS says of a server, as sentences that say what to do. rustls' own name its types.

use std::time::{Duration, SystemTime};

use httpdate::fmt_http_date;
use rustls::pki_types::UnixTime;
use rustls::{CertificateError, Error};

pub(super) fn verdict(error: &Error) -> String {
    match error {
        Error::InvalidCertificate(why) => {
            format!("the server's certificate is not accepted: {}", refused(why))
        }
        Error::InvalidMessage(_) => {
            "what came is no TLS; perhaps the service speaks http:// at this port".to_owned()
        }
        Error::PeerIncompatible(_) => {
            "the server has no version of TLS from 1.2 on, or no cipher, in common with this library"
                .to_owned()
        }
        Error::PeerMisbehaved(_)
        | Error::InappropriateMessage { .. }
        | Error::InappropriateHandshakeMessage { .. } => "the server breaks TLS".to_owned(),
        Error::AlertReceived(alert) => match alert.as_str() {
            Some(name) => format!("the server ended it with the alert {name}"),
            None => "the server ended it with an alert".to_owned(),
        },
        Error::General(why) => why.clone(),
        other => other.to_string(),
    }
}

fn refused(why: &CertificateError) -> String {
    use CertificateError::*;
    match why {
        UnknownIssuer => "no CA that is trusted has signed it; a CA of your own is named by the \
                          option tls_ca"
            .to_owned(),
        ExpiredContext { not_after, .. } => {
            format!(
                "it expired on {}, by this machine's clock",
                date(*not_after)
            )
        }
        Expired => "it has expired, by this machine's clock".to_owned(),
        NotValidYetContext { not_before, .. } => {
            format!(
                "it is not valid before {}, by this machine's clock",
                date(*not_before)
            )
        }
        NotValidYet => "it is not valid yet, by this machine's clock".to_owned(),
        NotValidForNameContext { presented, .. } if !presented.is_empty() => {
            let names: Vec<&str> = presented.iter().map(|name| bare(name)).collect();
            format!("it is for {}", names.join(", "))
        }
        NotValidForName | NotValidForNameContext { .. } => "it is for no such host".to_owned(),
        InvalidPurpose | InvalidPurposeContext { .. } => "it is not for a server".to_owned(),
        BadSignature => {
            "a CA of that name is trusted, but has not signed it; perhaps that of tls_ca is \
                         an older one"
                .to_owned()
        }
        BadEncoding => "it cannot be read".to_owned(),
        Revoked => "it is revoked".to_owned(),
        // The verifier's own errors are known by their names only.
        Other(why) => match why.to_string().as_str() {
            "CaUsedAsEndEntity" => "it is a CA's (CA:TRUE), which is taken for no server's, even \
                                    if tls_ca names it; the server needs one of its own, signed by \
                                    that CA or, with CA:FALSE, by itself"
                .to_owned(),
            "EndEntityUsedAsCa" => "it is signed by a certificate that is no CA's".to_owned(),
            "UnsupportedCertVersion" => "it is not of X.509 version 3".to_owned(),
            name => format!("it is of a kind that is not supported ({name})"),
        },
        _ => "it is of a kind that is not supported".to_owned(),
    }
}

fn date(time: UnixTime) -> String {
    let at = SystemTime::UNIX_EPOCH.checked_add(Duration::from_secs(time.as_secs()));
    // Beyond the year 9999 there is no such date.
    let last = Duration::from_secs(253_402_300_799);
    at.filter(|_| time.as_secs() <= last.as_secs())
        .map_or_else(|| "a day too far".to_owned(), fmt_http_date)
}

/// `DnsName("a.example")` is a.example.
fn bare(name: &str) -> &str {
    let inner = name.split_once('(').map_or(name, |(_, inner)| inner);
    inner.trim_end_matches(')').trim_matches('"')
}
