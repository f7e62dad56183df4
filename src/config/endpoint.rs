//! URLs of services: checked, and in the one form that is sent, signed and remembered. Clients drop
//! default ports and write hosts in lower case; a signature over anything else fits nothing.

use std::net::Ipv6Addr;

use ureq::http::Uri;

use super::setting::Setting;
use crate::error::Result;

/// Without a path the JSON API's own is meant.
pub(super) fn endpoint(option: &Setting) -> Result<String> {
    let url = url(option)?;
    let uri: Option<Uri> = url.parse().ok();
    Ok(match uri.is_some_and(|uri| uri.path() == "/") {
        true => format!("{url}files/v1/"),
        false => url,
    })
}

/// `http://host[:port]/[path/]`: the host in lower case, the port if it is not the scheme's own,
/// and a `/` at the end.
pub(super) fn url(option: &Setting) -> Result<String> {
    let text = option.text()?;
    let expected = || option.error("must be a URL such as https://host/path/");
    let uri: Uri = text.parse().map_err(|_| expected())?;
    let (scheme, default_port) = match uri.scheme_str() {
        Some(scheme) if scheme.eq_ignore_ascii_case("http") => ("http", 80),
        Some(scheme) if scheme.eq_ignore_ascii_case("https") => ("https", 443),
        _ => return Err(expected()),
    };
    if text.contains(['?', '#', '@']) {
        return Err(expected());
    }
    let authority = uri.authority().map_or("", |authority| authority.as_str());
    let host_ends = authority.rfind(']').map_or(0, |end| end + 1);
    let port_begins = authority[host_ends..].find(':').map(|at| host_ends + at);
    let (host, port) = authority.split_at(port_begins.unwrap_or(authority.len()));
    let host = host_name(host).ok_or_else(expected)?;
    let port = match port.strip_prefix(':').unwrap_or_default() {
        "" => default_port,
        digits => port_number(digits)
            .ok_or_else(|| option.error("must have a port from 1 to 65535, or none"))?,
    };
    let port = match port == default_port {
        true => String::new(),
        false => format!(":{port}"),
    };
    let path = uri.path().trim_end_matches('/');
    Ok(format!("{scheme}://{host}{port}{path}/"))
}

fn port_number(digits: &str) -> Option<u16> {
    let is_number = digits.bytes().all(|b| b.is_ascii_digit());
    let port = is_number.then(|| digits.parse().ok())?;
    port.filter(|port| *port != 0)
}

/// In lower case, without the dot that ends an absolute name, addresses of IPv6 in their shortest
/// form.
fn host_name(host: &str) -> Option<String> {
    if let Some(address) = host.strip_prefix('[') {
        let address: Ipv6Addr = address.strip_suffix(']')?.parse().ok()?;
        return Some(format!("[{address}]"));
    }
    let host = host.strip_suffix('.').unwrap_or(host).to_ascii_lowercase();
    let lawful = |b: u8| b.is_ascii_alphanumeric() || b == b'-' || b == b'_';
    let is_label = |label: &str| !label.is_empty() && label.bytes().all(lawful);
    host.split('.').all(is_label).then_some(host)
}

#[cfg(test)]
mod tests {
    use serde_json::Value;

    use super::*;

    fn read(text: &str) -> Result<String> {
        url(&Setting {
            key: "endpoint",
            value: &Value::from(text),
        })
    }

    #[test]
    fn a_path_is_completed() {
        for (given, used) in [
            ("http://127.0.0.1:80", "http://127.0.0.1/files/v1/"),
            ("http://h/", "http://h/files/v1/"),
            ("https://h:1/a/b", "https://h:1/a/b/"),
            ("https://[::1]:9/files/v1/", "https://[::1]:9/files/v1/"),
        ] {
            let value = &Value::from(given);
            let option = Setting {
                key: "endpoint",
                value,
            };
            assert_eq!(endpoint(&option).ok().as_deref(), Some(used));
        }
    }

    #[test]
    fn a_url_has_one_form() {
        for (given, used) in [
            ("http://127.0.0.1:80", "http://127.0.0.1/"),
            ("http://127.0.0.1:080/", "http://127.0.0.1/"),
            ("http://h:", "http://h/"),
            ("http://h:443/", "http://h:443/"),
            ("https://h:80/", "https://h:80/"),
            (
                "HTTPS://COS.Example.COM:443/A/b//",
                "https://cos.example.com/A/b/",
            ),
            ("https://cos.example.com./", "https://cos.example.com/"),
            (
                "https://cos.example.com.:444",
                "https://cos.example.com:444/",
            ),
            ("http://[::1]:80/", "http://[::1]/"),
            ("http://[0:0::1]:81", "http://[::1]:81/"),
            ("http://[FE80::A]", "http://[fe80::a]/"),
            ("http://LOCALHOST:9000", "http://localhost:9000/"),
        ] {
            assert_eq!(read(given).ok().as_deref(), Some(used), "{given}");
        }
        for given in [
            "http://h:0",
            "http://h:65536",
            "http://h:8x",
            "http://h:-1",
            "http://h:+1",
            "http://h::1",
            "http://.",
            "http://h..",
            "http://a..b",
            "http://.h",
            "http://[::1",
            "http://[g::1]",
            "http://[::1]x",
            "http://a%20b",
            "http://u@h",
            "ftp://h",
            "h",
            "",
        ] {
            assert!(read(given).is_err(), "{given}");
        }
    }
}
