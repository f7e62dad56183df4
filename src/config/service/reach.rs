//! The same service by other hosts: of another region, of the vendor's own network, of the nearest point of it.

use std::borrow::Cow;

use super::regions::{host_by, host_of};
use super::{Addressing, Service};
use crate::error::{Error, Result};

/// By which of the service's hosts buckets are reached (xml-api.md §2).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Reach {
    #[default]
    Public,
    /// From machines of the same region in the vendor's own network.
    Internal,
    /// By the nearest of its hosts: objects alone.
    Accelerate,
}

impl Service {
    /// The same by other hosts of the service: only where the region is what names them.
    pub(crate) fn reached(self, reach: Reach) -> Result<Service> {
        let Some(region) = self.region.as_deref().filter(|_| self.is_by_region()) else {
            let problem = "needs a client with \"region\" and without an \"endpoint\" of its own";
            return match reach {
                Reach::Public => Ok(self),
                _ => Err(Error::parameter("options_json: network", problem)),
            };
        };
        if self.addressing == Addressing::Path && reach == Reach::Accelerate {
            let problem = "\"accelerate\" needs \"addressing\" to be \"host\"";
            return Err(Error::parameter("options_json: network", problem));
        }
        let service = Service {
            reach,
            ..self.clone()
        };
        Ok(service.by(host_by(reach, region)))
    }

    /// Whether hosts follow from the region.
    fn is_by_region(&self) -> bool {
        self.is_public || self.stands_in_for.is_some()
    }

    /// The same at another of the service's hosts.
    fn by(mut self, host: String) -> Service {
        match self.is_public {
            true => self.authority = host,
            false => self.stands_in_for = Some(host),
        }
        self
    }

    /// The same in another region: only where the region is what names the hosts.
    pub(crate) fn in_region(&self, region: &str) -> Result<Service> {
        if self.region.as_deref() == Some(region) {
            return Ok(self.clone());
        }
        if !self.is_by_region() {
            let problem = "needs a client without an \"endpoint\" of its own: the host of another \
                           region follows from its name alone";
            return Err(Error::parameter("options_json: src_region", problem));
        }
        let service = Service {
            region: Some(region.to_owned()),
            ..self.clone()
        };
        Ok(service.by(host_of(region)))
    }

    /// Where the same is answered when the usual host is silent: only hosts of the service's own domain have
    /// another one (xml-api.md §2).
    pub(crate) fn backup(&self) -> Option<Service> {
        let region = self.region.as_deref().filter(|_| self.is_by_region())?;
        let is_usual = self.reach == Reach::Public && self.addressing == Addressing::Host;
        is_usual.then(|| self.clone().by(format!("cos.{region}.tencentcos.cn")))
    }

    /// Where buckets themselves are asked about: acceleration is for objects alone (xml-api.md §2).
    pub(crate) fn unaccelerated(&self) -> Cow<'_, Service> {
        match (self.reach, &self.region) {
            (Reach::Accelerate, Some(region)) => Cow::Owned(self.clone().by(host_of(region))),
            _ => Cow::Borrowed(self),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn host(reach: Reach, endpoint: Option<&str>, addressing: Addressing) -> Result<[String; 2]> {
        let service = Service::new(Some("ap-x"), endpoint, addressing)?.reached(reach)?;
        let bucket = service.unaccelerated().bucket("b-1");
        Ok([service.bucket("b-1").host, bucket.host])
    }

    #[test]
    fn hosts_follow_from_region_and_network() {
        let public = "b-1.cos.ap-x.myqcloud.com";
        let internal = "b-1.cos-internal.ap-x.tencentcos.cn";
        let accelerate = "b-1.cos.accelerate.myqcloud.com";
        for endpoint in [None, Some("http://127.0.0.1:90/")] {
            for (reach, hosts) in [
                (Reach::Public, [public, public]),
                (Reach::Internal, [internal, internal]),
                (Reach::Accelerate, [accelerate, public]),
            ] {
                assert_eq!(host(reach, endpoint, Addressing::Host).unwrap(), hosts);
            }
        }
        let backup = |reach| {
            let service = Service::new(Some("ap-x"), None, Addressing::Host).unwrap();
            let service = service.reached(reach).unwrap().backup();
            service.map(|service| service.bucket("b-1").host)
        };
        let other = Some("b-1.cos.ap-x.tencentcos.cn".to_owned());
        assert_eq!(backup(Reach::Public), other);
        assert_eq!(backup(Reach::Internal), None);
        assert_eq!(backup(Reach::Accelerate), None);
        let at = |region| {
            let service = Service::new(Some("ap-x"), None, Addressing::Host).unwrap();
            let service = service.reached(Reach::Accelerate).unwrap();
            service.in_region(region).unwrap().bucket("b-1").host
        };
        assert_eq!(at("ap-x"), accelerate);
        assert_eq!(at("ap-y"), "b-1.cos.ap-y.myqcloud.com");
    }

    #[test]
    fn an_endpoint_of_ones_own_has_no_other_hosts() {
        for (endpoint, addressing, is_refused) in [
            (
                Some("https://cos.ap-x.myqcloud.com/"),
                Addressing::Host,
                true,
            ),
            (Some("https://cdn.example.com/"), Addressing::Domain, true),
            (Some("http://127.0.0.1:90/"), Addressing::Path, true),
            (None, Addressing::Path, true),
            (None, Addressing::Host, false),
        ] {
            let outcome = host(Reach::Accelerate, endpoint, addressing);
            assert_eq!(outcome.is_err(), is_refused, "{endpoint:?}");
            if let Err(error) = outcome {
                assert!(error.message.contains("network"), "{}", error.message);
            }
            assert!(host(Reach::Public, endpoint, addressing).is_ok());
            let service = Service::new(Some("ap-x"), endpoint, addressing).unwrap();
            assert_eq!(service.backup().is_none(), is_refused, "{endpoint:?}");
        }
    }
}
