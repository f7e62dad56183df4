//! Endpoints that name more, or another, than the service itself. What they name would be added once
//! more to every request, or be asked in the wrong API, and only a strange refusal would tell.

use ureq::http::Uri;

use super::Api;
use super::service::Addressing;
use crate::error::{Error, Result};

/// What the options say of places, as far as they do.
pub(super) struct Places<'a> {
    pub(super) api: Api,
    pub(super) addressing: Addressing,
    pub(super) endpoint: Option<&'a str>,
    pub(super) download_endpoint: Option<&'a str>,
}

impl Places<'_> {
    pub(super) fn check(&self, appid: &str) -> Result<()> {
        if let Some(url) = self.endpoint {
            let place = Place::of(url, appid);
            let problem = match self.api {
                Api::Json => place.not_for_json(),
                Api::Xml => place.not_for_xml(self.addressing),
            };
            refuse("options_json: endpoint", problem)?;
        }
        if let Some(url) = self.download_endpoint {
            let problem = Place::of(url, appid).not_for_downloads();
            refuse("options_json: download_endpoint", problem)?;
        }
        Ok(())
    }
}

fn refuse(option: &str, problem: Option<&str>) -> Result<()> {
    match problem {
        Some(problem) => Err(Error::parameter(option, problem)),
        None => Ok(()),
    }
}

/// What a URL's host and path are known to be.
struct Place {
    /// From the first to the last, in lower case.
    labels: Vec<String>,
    path: Vec<String>,
    /// What a bucket's full name ends with.
    suffix: String,
}

impl Place {
    /// `url` has been read as one before.
    fn of(url: &str, appid: &str) -> Place {
        let uri: Uri = url.parse().unwrap_or_default();
        let host = uri.host().unwrap_or_default().to_ascii_lowercase();
        let parts = |text: &str, at: char| text.split(at).map(str::to_owned).collect();
        Place {
            labels: parts(host.trim_end_matches('.'), '.'),
            path: parts(uri.path().trim_matches('/'), '/'),
            suffix: format!("-{appid}"),
        }
    }

    fn not_for_json(&self) -> Option<&'static str> {
        if self.xml_label().is_some() {
            return Some("is a host of the XML API: give \"region\", too");
        }
        let own = ["v1", "v2"].iter().find_map(|version| {
            let at = self
                .path
                .windows(2)
                .position(|two| two == ["files", version])?;
            Some(at + 2)
        });
        match own {
            Some(end) if end < self.path.len() => {
                Some("must end with /files/v1/: the appid and the bucket are added to it")
            }
            _ => None,
        }
    }

    fn not_for_xml(&self, addressing: Addressing) -> Option<&'static str> {
        if self.is_of_json() {
            return Some(
                "is a host of the JSON API: leave \"region\" out, or give one of the XML API",
            );
        }
        match addressing {
            // A label in front of the service's is a bucket, and so it should be here.
            Addressing::Domain => (self.xml_label() == Some(0)).then_some(
                "names no bucket: with \"addressing\":\"domain\" it is the bucket's own host",
            ),
            Addressing::Host | Addressing::Path => self.names_a_bucket().then_some(
                "must not name a bucket, which is added to it; for a bucket's own host there is \
                 \"addressing\":\"domain\"",
            ),
        }
    }

    fn not_for_downloads(&self) -> Option<&'static str> {
        let last = self.path.last().map(String::as_str);
        let named = self.is_bucket(last) || self.is_bucket(self.labels.first().map(String::as_str));
        named.then_some("must not name a bucket: <bucket>-<appid>/<path> is added to it")
    }

    fn names_a_bucket(&self) -> bool {
        let in_front = self.xml_label().is_some_and(|at| at > 0);
        // All buckets are listed there.
        let listing = self.labels.first().is_some_and(|label| label == "service");
        self.is_bucket(self.labels.first().map(String::as_str)) || (in_front && !listing)
    }

    fn is_bucket(&self, name: Option<&str>) -> bool {
        name.and_then(|name| name.strip_suffix(&self.suffix))
            .is_some_and(|short| !short.is_empty())
    }

    /// Which label names the XML service, in its own domains (xml-api.md §2).
    fn xml_label(&self) -> Option<usize> {
        let is_own = self
            .labels
            .ends_with(&["myqcloud", "com"].map(str::to_owned))
            || self
                .labels
                .ends_with(&["tencentcos", "cn"].map(str::to_owned));
        let names = ["cos", "cos-internal", "cosrapid"];
        let at = self
            .labels
            .iter()
            .position(|label| names.contains(&label.as_str()));
        at.filter(|_| is_own)
    }

    fn is_of_json(&self) -> bool {
        self.labels
            .ends_with(&["file", "myqcloud", "com"].map(str::to_owned))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn checked(api: Api, addressing: Addressing, endpoint: &str) -> Option<String> {
        let places = Places {
            api,
            addressing,
            endpoint: Some(endpoint),
            download_endpoint: None,
        };
        places
            .check("1250000000")
            .err()
            .map(|error| error.message.clone())
    }

    #[test]
    fn what_names_the_service_alone_is_taken() {
        use Addressing::{Domain, Host, Path};
        for url in [
            "https://web.file.myqcloud.com/files/v1/",
            "http://127.0.0.1:8080/",
            "https://h/a/b/",
            "https://files/v1/",
        ] {
            assert_eq!(checked(Api::Json, Host, url), None, "{url}");
        }
        for (addressing, url) in [
            (Host, "https://cos.ap-guangzhou.myqcloud.com/"),
            (Path, "https://cos.ap-guangzhou.myqcloud.com/"),
            (Host, "https://cos-internal.ap-guangzhou.tencentcos.cn/"),
            (Host, "https://cos.accelerate.myqcloud.com/"),
            (Host, "https://service.cos.myqcloud.com/"),
            (Host, "https://cosrapid.ap-guangzhou.myqcloud.com/"),
            (Host, "http://cos.private.example:8080/"),
            (Host, "http://store.cos.example/"),
            (Host, "http://127.0.0.1:8080/"),
            (
                Domain,
                "https://b-1250000000.cos.ap-guangzhou.myqcloud.com/",
            ),
            (Domain, "https://cdn.example.com/"),
        ] {
            assert_eq!(checked(Api::Xml, addressing, url), None, "{url}");
        }
    }

    #[test]
    fn what_names_more_is_refused_by_name() {
        use Addressing::{Domain, Host, Path};
        for (api, addressing, url, said) in [
            (
                Api::Xml,
                Host,
                "https://b-1250000000.cos.ap-x.myqcloud.com/",
                "a bucket",
            ),
            (
                Api::Xml,
                Path,
                "https://b-1250000000.cos.ap-x.myqcloud.com/",
                "a bucket",
            ),
            (
                Api::Xml,
                Host,
                "https://B-1250000000.COS.ap-x.myqcloud.com./",
                "a bucket",
            ),
            // Of another account, or without its number.
            (
                Api::Xml,
                Host,
                "https://b-7.cos.ap-x.myqcloud.com/",
                "a bucket",
            ),
            (
                Api::Xml,
                Host,
                "https://b.cos.accelerate.myqcloud.com/",
                "a bucket",
            ),
            (
                Api::Xml,
                Host,
                "https://b-1250000000.cn-north.myqcloud.com/",
                "a bucket",
            ),
            (
                Api::Xml,
                Host,
                "http://b-1250000000.store.example/",
                "a bucket",
            ),
            (
                Api::Xml,
                Domain,
                "https://cos.ap-x.myqcloud.com/",
                "names no bucket",
            ),
            (Api::Xml, Host, "https://web.file.myqcloud.com/", "JSON API"),
            (
                Api::Json,
                Host,
                "https://cos.ap-x.myqcloud.com/files/v1/",
                "XML API",
            ),
            (
                Api::Json,
                Host,
                "https://b-7.cos.ap-x.tencentcos.cn/files/v1/",
                "XML API",
            ),
            (
                Api::Json,
                Host,
                "https://web.file.myqcloud.com/files/v1/1250000000/b/",
                "/files/v1/",
            ),
            (
                Api::Json,
                Host,
                "http://h/files/v2/1250000000/",
                "/files/v1/",
            ),
        ] {
            let message = checked(api, addressing, url).unwrap_or_default();
            assert!(
                message.starts_with("options_json: endpoint: "),
                "{url}: {message}"
            );
            assert!(message.contains(said), "{url}: {message}");
        }
    }
}
