//! What a probe of the way to the service has shown, as findings.

use std::net::IpAddr;

use super::words::Remark;
use crate::model::diagnosis::{Facts, Status, Step};
use crate::transport::Probe;

/// What is said of a step of the way that has not failed.
pub(super) fn gone_well(step: Step, probe: &Probe) -> (Status, Remark) {
    match step {
        Step::Dns if is_address(probe) => (Status::Ok, Remark::IsAddress),
        Step::Dns => (Status::Ok, Remark::Resolved),
        Step::Tcp => (Status::Ok, Remark::Connected),
        Step::Proxy if probe.proxy.is_none() => (Status::Ok, Remark::NoProxy),
        Step::Proxy => (Status::Ok, Remark::ProxyUsed),
        _ if probe.is_tls => (Status::Ok, Remark::Trusted),
        _ => (Status::Warning, Remark::NotEncrypted),
    }
}

/// What is known of it.
pub(super) fn facts_of(step: Step, probe: &Probe) -> Facts {
    let reached = probe.proxy.as_ref().unwrap_or(&probe.service);
    let host = match step {
        Step::Dns => looked_up(probe),
        Step::Tcp => reached,
        _ => &probe.service,
    };
    let mut facts = Facts {
        host: Some(host.to_owned()),
        ..Facts::default()
    };
    match step {
        Step::Dns => facts.addresses = probe.addresses.iter().map(ToString::to_string).collect(),
        Step::Tcp => facts.addresses = probe.peer.iter().map(|at| at.ip().to_string()).collect(),
        Step::Proxy => facts.proxy.clone_from(&probe.proxy),
        _ => {
            let certificate = probe.certificate.as_ref();
            facts.subject = certificate.map(|it| it.subject.clone());
            facts.issuer = certificate.map(|it| it.issuer.clone());
        }
    }
    facts
}

/// Without its port: of the proxy, where there is one.
fn looked_up(probe: &Probe) -> &str {
    let reached = probe.proxy.as_ref().unwrap_or(&probe.service);
    reached.rsplit_once(':').map_or(reached, |(host, _)| host)
}

fn is_address(probe: &Probe) -> bool {
    let host = looked_up(probe).trim_matches(['[', ']']);
    host.parse::<IpAddr>().is_ok()
}
