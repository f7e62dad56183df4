//! The service's hosts by region, and the regions in them (xml-api.md §2).

use crate::error::{Error, Result};

pub(super) fn region_host(region: Option<&str>) -> Result<String> {
    match region {
        Some(region) => Ok(host_of(region)),
        None => Err(Error::parameter(
            "options_json: region",
            "must be given with \"api\":\"xml\", such as \"ap-guangzhou\"",
        )),
    }
}

pub(super) fn host_of(region: &str) -> String {
    format!("cos.{region}.myqcloud.com")
}

/// The region in a host of the service, or of one of its buckets (xml-api.md §2).
pub(super) fn region_in(host: &str) -> Option<&str> {
    let ends = [".myqcloud.com", ".tencentcos.cn"];
    let rest = ends.iter().find_map(|end| host.strip_suffix(end))?;
    let (before, region) = rest.rsplit_once('.')?;
    let service = before.rsplit('.').next();
    let is_region = !matches!(region, "accelerate" | "accelerate-overseas");
    (is_region && matches!(service, Some("cos" | "cos-internal"))).then_some(region)
}

/// Addresses and `localhost`: nothing answers at `<bucket>.127.0.0.1`.
pub(super) fn has_no_subdomains(host: Option<&str>) -> bool {
    let host = host.unwrap_or_default();
    let last = host.rsplit('.').next().unwrap_or_default();
    host == "localhost" || host.starts_with('[') || last.bytes().all(|b| b.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_region_is_read_from_hosts_of_the_service_alone() {
        for (host, region) in [
            ("cos.ap-x.myqcloud.com", Some("ap-x")),
            ("b-1.cos.ap-x.myqcloud.com", Some("ap-x")),
            ("cos-internal.ap-x.tencentcos.cn", Some("ap-x")),
            ("cos.accelerate.myqcloud.com", None),
            ("service.cos.myqcloud.com", None),
            ("cos.ap-x.example.com", None),
            ("notcos.ap-x.myqcloud.com", None),
            ("ci.ap-x.myqcloud.com", None),
            ("localhost", None),
        ] {
            assert_eq!(region_in(host), region, "{host}");
        }
    }
}
