//! Where buckets are: hosts, and the URLs that requests go to (xml-api.md §2).

use ureq::http::Uri;

use crate::api::Target;
use crate::client::Client;
use crate::error::{Error, Result};
use crate::path::Bucket;

/// Longest name of a bucket's host, up to its first dot and with all after it (xml-api.md §2).
const HOST_MAX_BYTES: usize = 60;

/// xml-api.md §3.10.
const KEY_MAX_BYTES: usize = 850;

/// All buckets of an account, in whatever region.
const SERVICE_HOST: &str = "service.cos.myqcloud.com";

/// How a bucket is named in a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Addressing {
    /// In front of the service's host.
    Host,
    /// As the first segment of the path.
    Path,
    /// Not at all: the host is the bucket's own domain.
    Domain,
}

/// The service as a client's options name it.
pub(crate) struct Service {
    scheme: String,
    /// `host` or `host:port` of the service; of the bucket with `Addressing::Domain`.
    authority: String,
    addressing: Addressing,
    /// A service on this machine: it is told the real hosts' names, while connections go to
    /// `authority`.
    stands_in_for: Option<String>,
}

/// Where a request goes.
pub(super) struct Place {
    /// `https://host`, without a slash at the end.
    pub(super) origin: String,
    /// What the `Host` header says.
    pub(super) host: String,
    /// Before the key: `/`, or `/bucket/`; as it is and as it is encoded.
    pub(super) root: String,
}

impl Service {
    /// `endpoint` is a checked URL with a slash at its end.
    pub(crate) fn new(
        region: Option<&str>,
        endpoint: Option<&str>,
        addressing: Addressing,
    ) -> Result<Service> {
        let Some(endpoint) = endpoint else {
            if addressing == Addressing::Domain {
                let problem = "\"domain\" needs \"endpoint\", the bucket's domain";
                return Err(Error::parameter("options_json: addressing", problem));
            }
            return Ok(Service {
                scheme: "https".to_owned(),
                authority: region_host(region)?,
                addressing,
                stands_in_for: None,
            });
        };
        let uri: Uri = endpoint.parse().expect("checked when it was read");
        if uri.path() != "/" {
            let problem = "must have no path with \"api\":\"xml\"";
            return Err(Error::parameter("options_json: endpoint", problem));
        }
        let authority = uri.authority().map_or("", |a| a.as_str()).to_owned();
        let is_local = addressing == Addressing::Host && has_no_subdomains(uri.host());
        Ok(Service {
            scheme: uri.scheme_str().unwrap_or("https").to_owned(),
            stands_in_for: match is_local {
                true => Some(region_host(region)?),
                false => None,
            },
            authority,
            addressing,
        })
    }

    pub(crate) fn is_tls(&self) -> bool {
        self.scheme == "https"
    }

    /// Where requests about a bucket go; `name` has the appid.
    fn bucket(&self, name: &str) -> Place {
        let origin = |authority: &str| format!("{}://{authority}", self.scheme);
        let (origin, host) = match (self.addressing, &self.stands_in_for) {
            (Addressing::Host, Some(real)) => (origin(&self.authority), format!("{name}.{real}")),
            (Addressing::Host, None) => {
                let host = format!("{name}.{}", self.authority);
                (origin(&host), host)
            }
            _ => (origin(&self.authority), self.authority.clone()),
        };
        let root = match self.addressing {
            Addressing::Path => format!("/{name}/"),
            Addressing::Host | Addressing::Domain => "/".to_owned(),
        };
        Place { origin, host, root }
    }

    /// A place of a bucket that any HTTP client finds: a stand-in is told the bucket in the path.
    fn public_bucket(&self, name: &str) -> Place {
        if self.stands_in_for.is_none() {
            return self.bucket(name);
        }
        Place {
            origin: format!("{}://{}", self.scheme, self.authority),
            host: self.authority.clone(),
            root: format!("/{name}/"),
        }
    }

    /// Where the list of all buckets is.
    pub(super) fn all_buckets(&self) -> Place {
        let real = self.authority.starts_with("cos.") && self.addressing != Addressing::Domain;
        let host = match real || self.stands_in_for.is_some() {
            true => SERVICE_HOST,
            false => &self.authority,
        };
        let connect = match self.stands_in_for {
            Some(_) => &self.authority,
            None => host,
        };
        Place {
            origin: format!("{}://{connect}", self.scheme),
            host: host.to_owned(),
            root: "/".to_owned(),
        }
    }

    /// Names the service in a checkpoint.
    pub(crate) fn name(&self) -> String {
        let real = self.stands_in_for.as_deref().unwrap_or_default();
        format!("{}://{} {real}", self.scheme, self.authority)
    }
}

fn region_host(region: Option<&str>) -> Result<String> {
    match region {
        Some(region) => Ok(format!("cos.{region}.myqcloud.com")),
        None => Err(Error::parameter(
            "options_json: region",
            "must be given with \"api\":\"xml\", such as \"ap-guangzhou\"",
        )),
    }
}

/// Addresses and `localhost`: nothing answers at `<bucket>.127.0.0.1`.
fn has_no_subdomains(host: Option<&str>) -> bool {
    let host = host.unwrap_or_default();
    let last = host.rsplit('.').next().unwrap_or_default();
    host == "localhost" || host.starts_with('[') || last.bytes().all(|b| b.is_ascii_digit())
}

pub(super) fn service(client: &Client) -> &Service {
    let service = client.config().service.as_ref();
    service.expect("a client of the XML API has one")
}

/// Where requests about a bucket go.
pub(super) fn of_bucket(client: &Client, bucket: &Bucket) -> Result<Place> {
    Ok(service(client).bucket(&full_name(client, bucket)?))
}

/// The same for any HTTP client.
pub(super) fn public(client: &Client, bucket: &Bucket) -> Result<Place> {
    Ok(service(client).public_bucket(&full_name(client, bucket)?))
}

/// The bucket's full name: with the appid, which callers may leave out.
fn full_name(client: &Client, bucket: &Bucket) -> Result<String> {
    let suffix = format!("-{}", client.account().appid());
    let short = bucket
        .as_str()
        .strip_suffix(&suffix)
        .unwrap_or(bucket.as_str());
    let lawful = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-';
    if short.is_empty()
        || !short.bytes().all(lawful)
        || short.starts_with('-')
        || short.ends_with('-')
    {
        let problem = "may hold lower-case letters, digits and, between them, '-' only";
        return Err(Error::parameter("bucket", problem));
    }
    let name = format!("{short}{suffix}");
    if name.len() > HOST_MAX_BYTES {
        let problem = format!(
            "makes a host's name of {} bytes, the service takes {HOST_MAX_BYTES}",
            name.len()
        );
        return Err(Error::parameter("bucket", problem));
    }
    Ok(name)
}

/// What this API demands of a place.
pub(crate) fn check(client: &Client, target: &Target) -> Result<()> {
    full_name(client, &target.bucket)?;
    let key = target.path.plain();
    if key.len() > KEY_MAX_BYTES {
        let problem = format!(
            "makes a key of {} bytes, the service takes {KEY_MAX_BYTES}",
            key.len()
        );
        return Err(Error::parameter(target.path.param(), problem));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn place(region: Option<&str>, endpoint: Option<&str>, addressing: Addressing) -> [String; 3] {
        let place = Service::new(region, endpoint, addressing)
            .unwrap()
            .bucket("b-1");
        [place.origin, place.host, place.root]
    }

    #[test]
    fn buckets_have_hosts() {
        use Addressing::{Domain, Host, Path};
        let region = Some("ap-x");
        for (region, endpoint, addressing, expected) in [
            (
                region,
                None,
                Host,
                [
                    "https://b-1.cos.ap-x.myqcloud.com",
                    "b-1.cos.ap-x.myqcloud.com",
                    "/",
                ],
            ),
            (
                region,
                Some("http://127.0.0.1:90/"),
                Host,
                ["http://127.0.0.1:90", "b-1.cos.ap-x.myqcloud.com", "/"],
            ),
            (
                region,
                Some("http://[::1]:90/"),
                Host,
                ["http://[::1]:90", "b-1.cos.ap-x.myqcloud.com", "/"],
            ),
            (
                None,
                Some("https://cos.accelerate.myqcloud.com/"),
                Host,
                [
                    "https://b-1.cos.accelerate.myqcloud.com",
                    "b-1.cos.accelerate.myqcloud.com",
                    "/",
                ],
            ),
            (
                None,
                Some("http://127.0.0.1:90/"),
                Path,
                ["http://127.0.0.1:90", "127.0.0.1:90", "/b-1/"],
            ),
            (
                None,
                Some("https://cdn.example.com/"),
                Domain,
                ["https://cdn.example.com", "cdn.example.com", "/"],
            ),
        ] {
            assert_eq!(place(region, endpoint, addressing), expected);
        }
    }

    #[test]
    fn what_names_no_service_is_refused() {
        for (region, endpoint, addressing, name) in [
            (None, None, Addressing::Host, "region"),
            (
                None,
                Some("http://127.0.0.1:90/"),
                Addressing::Host,
                "region",
            ),
            (Some("r"), None, Addressing::Domain, "addressing"),
            (Some("r"), Some("http://h/p/"), Addressing::Host, "endpoint"),
        ] {
            let error = Service::new(region, endpoint, addressing).err().unwrap();
            assert!(error.message.contains(name), "{}", error.message);
        }
    }
}
