//! The service as a client's options name it: hosts, and the URLs that requests go to (xml-api.md §2).

use ureq::http::Uri;

use super::regions::{has_no_subdomains, host_of, region_host, region_in};
use crate::error::{Error, Result};

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
#[derive(Clone)]
pub(crate) struct Service {
    scheme: String,
    /// `host` or `host:port` of the service; of the bucket with `Addressing::Domain`.
    authority: String,
    addressing: Addressing,
    /// A service on this machine: it is told the real hosts' names, while connections go to
    /// `authority`.
    stands_in_for: Option<String>,
    /// Whether the caller has named no host, so that the service's own are meant.
    is_public: bool,
    /// Where the buckets are, as far as it is known.
    region: Option<String>,
}

/// Where a request goes.
pub(crate) struct BucketEndpoint {
    /// `https://host`, without a slash at the end.
    pub(crate) origin: String,
    /// What the `Host` header says.
    pub(crate) host: String,
    /// Before the key: `/`, or `/bucket/`; as it is and as it is encoded.
    pub(crate) root: String,
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
                is_public: true,
                region: region.map(str::to_owned),
            });
        };
        let uri: Uri = endpoint.parse().expect("checked when it was read");
        if uri.path() != "/" {
            let problem = "must have no path with \"api\":\"xml\"";
            return Err(Error::parameter("options_json: endpoint", problem));
        }
        let authority = uri.authority().map_or("", |a| a.as_str()).to_owned();
        let is_local = addressing == Addressing::Host && has_no_subdomains(uri.host());
        let region_of_host = || uri.host().and_then(region_in);
        Ok(Service {
            region: region.or_else(region_of_host).map(str::to_owned),
            is_public: false,
            scheme: uri.scheme_str().unwrap_or("https").to_owned(),
            stands_in_for: match is_local {
                true => Some(region_host(region)?),
                false => None,
            },
            authority,
            addressing,
        })
    }

    /// The same in another region: only where the region is what names the hosts.
    pub(crate) fn in_region(&self, region: &str) -> Result<Service> {
        if self.region.as_deref() == Some(region) {
            return Ok(self.clone());
        }
        let mut service = self.clone();
        if self.is_public {
            service.authority = host_of(region);
        } else if self.stands_in_for.is_some() {
            service.stands_in_for = Some(host_of(region));
        } else {
            let problem = "needs a client without an \"endpoint\" of its own: the host of another \
                           region follows from its name alone";
            return Err(Error::parameter("options_json: src_region", problem));
        }
        service.region = Some(region.to_owned());
        Ok(service)
    }

    /// As the option says it.
    pub(crate) fn addressing(&self) -> &'static str {
        match self.addressing {
            Addressing::Host => "host",
            Addressing::Path => "path",
            Addressing::Domain => "domain",
        }
    }

    pub(crate) fn is_tls(&self) -> bool {
        self.scheme == "https"
    }

    /// Where requests about a bucket go; `name` has the appid.
    pub(crate) fn bucket(&self, name: &str) -> BucketEndpoint {
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
        BucketEndpoint { origin, host, root }
    }

    /// A place of a bucket that any HTTP client finds: a stand-in is told the bucket in the path.
    pub(crate) fn public_bucket(&self, name: &str) -> BucketEndpoint {
        if self.stands_in_for.is_none() {
            return self.bucket(name);
        }
        BucketEndpoint {
            origin: format!("{}://{}", self.scheme, self.authority),
            host: self.authority.clone(),
            root: format!("/{name}/"),
        }
    }

    /// Where the list of all buckets is: nowhere but where the caller's other requests go, unless
    /// no host was named.
    pub(crate) fn all_buckets(&self) -> Result<BucketEndpoint> {
        if self.addressing == Addressing::Domain {
            let problem = "has the option \"addressing\" as \"domain\", which names a single \
                           bucket: it cannot list all";
            return Err(Error::parameter("client", problem));
        }
        let host = match self.is_public || self.stands_in_for.is_some() {
            true => SERVICE_HOST,
            false => &self.authority,
        };
        let connect = match self.is_public {
            true => SERVICE_HOST,
            false => &self.authority,
        };
        Ok(BucketEndpoint {
            origin: format!("{}://{connect}", self.scheme),
            host: host.to_owned(),
            root: "/".to_owned(),
        })
    }

    /// Where a bucket's data is processed: a host that no endpoint of the caller's own tells.
    pub(crate) fn ci(&self, name: &str) -> Result<BucketEndpoint> {
        let is_told = self.is_public || self.stands_in_for.is_some();
        let Some(region) = self.region.as_ref().filter(|_| is_told) else {
            let problem =
                "has an \"endpoint\" of its own: the host \"ci\" follows from \"region\" alone";
            return Err(Error::parameter("client", problem));
        };
        let host = format!("{name}.ci.{region}.myqcloud.com");
        let connect = match self.is_public {
            true => &host,
            false => &self.authority,
        };
        Ok(BucketEndpoint {
            origin: format!("{}://{connect}", self.scheme),
            host,
            root: "/".to_owned(),
        })
    }

    /// A bucket as the source of a copy: by the service's own host, however the bucket is reached.
    pub(crate) fn source(&self, name: &str) -> Result<String> {
        match &self.region {
            Some(region) => Ok(format!("{name}.{}", host_of(region))),
            None => Err(Error::parameter(
                "options_json: region",
                "must be given to copy, move or update files: a copy's source is named by it",
            )),
        }
    }

    /// Names the service in a checkpoint.
    pub(crate) fn name(&self) -> String {
        let real = self.stands_in_for.as_deref().unwrap_or_default();
        format!("{}://{} {real}", self.scheme, self.authority)
    }
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
    fn data_is_processed_where_the_region_says() {
        use Addressing::{Domain, Host, Path};
        let region = Some("ap-x");
        let ci = |region, endpoint, addressing| {
            let service = Service::new(region, endpoint, addressing).unwrap();
            service.ci("b-1").map(|place| (place.origin, place.host))
        };
        let host = "b-1.ci.ap-x.myqcloud.com".to_owned();
        for addressing in [Host, Path] {
            let (origin, named) = ci(region, None, addressing).unwrap();
            assert_eq!((origin, named), (format!("https://{host}"), host.clone()));
        }
        let (origin, named) = ci(region, Some("http://127.0.0.1:90/"), Host).unwrap();
        assert_eq!((origin.as_str(), named), ("http://127.0.0.1:90", host));
        for (endpoint, addressing) in [
            ("https://cos.ap-x.myqcloud.com/", Host),
            ("http://127.0.0.1:90/", Path),
            ("https://cdn.example.com/", Domain),
        ] {
            let error = ci(region, Some(endpoint), addressing).unwrap_err();
            assert!(error.message.contains("\"ci\""), "{}", error.message);
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
