//! How the service is reached: at which addresses, and how fast.

use std::net::{IpAddr, SocketAddr};

use serde_json::Value;

use super::Api;
use super::setting::Setting;
use crate::error::Result;

/// What the service takes as a limit of one connection, in bits a second (xml-api.md §3.1).
const TRAFFIC_LIMIT: (u64, u64) = (819_200, 838_860_800);

/// A request and its answer pass within seconds, and no network is faster than the latter.
const BYTES_PER_S: (u64, u64) = (4096, 1 << 40);

/// More hosts than a program reaches.
const PINS_MAX: usize = 1000;

#[derive(Clone, Default)]
pub(crate) struct Network {
    pub(crate) pins: Vec<Pin>,
    /// Bits a second of each request that carries an object's content, kept by the service.
    pub(crate) traffic_limit: Option<u64>,
    /// Over all connections, each way, kept here.
    pub(crate) max_bytes_per_s: Option<u64>,
    /// Whether a last attempt goes to the service's other host, where nothing has come from the usual one.
    pub(crate) failover: bool,
}

/// Where a host is, whatever name servers say.
#[derive(Clone)]
pub(crate) struct Pin {
    /// In lower case; one that begins with `*.` stands for all below it.
    host: String,
    address: IpAddr,
    /// `None`: that of the URL.
    port: Option<u16>,
}

impl Pin {
    pub(crate) fn of(&self, host: &str, port: u16) -> Option<SocketAddr> {
        let host = host.to_ascii_lowercase();
        let is_meant = match self.host.strip_prefix('*') {
            Some(end) => host.len() > end.len() && host.ends_with(end),
            None => host == self.host,
        };
        is_meant.then(|| SocketAddr::new(self.address, self.port.unwrap_or(port)))
    }
}

impl Network {
    /// Whether the option is one of them; then it is set.
    pub(super) fn set(&mut self, api: Api, option: &Setting) -> Result<bool> {
        match option.key {
            "resolve" => self.pins = pins(option)?,
            "traffic_limit" => {
                let (least, most) = TRAFFIC_LIMIT;
                let option = option.only_with(api, Api::Xml)?;
                self.traffic_limit = Some(option.number(least, most)?);
            }
            "max_bytes_per_s" => {
                let (least, most) = BYTES_PER_S;
                self.max_bytes_per_s = Some(option.number(least, most)?);
            }
            "failover" => self.failover = option.only_with(api, Api::Xml)?.flag()?,
            _ => return Ok(false),
        }
        Ok(true)
    }
}

fn pins(option: &Setting) -> Result<Vec<Pin>> {
    let hosts = match option.value {
        Value::Object(hosts) if hosts.len() <= PINS_MAX => hosts,
        _ => {
            let problem = format!("must be an object of at most {PINS_MAX} hosts and addresses");
            return Err(option.error(problem));
        }
    };
    let pin = |(host, address): (&String, &Value)| {
        let address = address.as_str().unwrap_or_default();
        let bare = address.trim_matches(['[', ']']).parse();
        let (address, port) = match (bare, address.parse::<SocketAddr>()) {
            (Ok(address), _) => (address, None),
            (_, Ok(both)) => (both.ip(), Some(both.port())),
            _ => {
                let problem = format!("{host:?} must have an address such as \"10.0.0.1:443\"");
                return Err(option.error(problem));
            }
        };
        let name = host.strip_prefix("*.").unwrap_or(host);
        let lawful = |b: u8| b.is_ascii_alphanumeric() || b"-_.".contains(&b);
        if name.is_empty() || !name.bytes().all(lawful) || port == Some(0) {
            return Err(option.error(format!(
                "{host:?} must be the name of a host, without a port"
            )));
        }
        Ok(Pin {
            host: host.to_ascii_lowercase(),
            address,
            port,
        })
    };
    hosts.iter().map(pin).collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn set(key: &str, value: Value) -> Result<Network> {
        let mut network = Network::default();
        let option = Setting { key, value: &value };
        assert!(network.set(Api::Xml, &option)?);
        Ok(network)
    }

    #[test]
    fn hosts_are_pinned_by_their_names() {
        let hosts = json!({"A.example": "10.0.0.1", "*.b.example": "[::1]:8443", "c": "::2"});
        let pins = set("resolve", hosts).unwrap().pins;
        let at = |host| pins.iter().find_map(|pin| pin.of(host, 80));
        let address = |text: &str| Some(text.parse::<SocketAddr>().unwrap());
        assert_eq!(at("a.EXAMPLE"), address("10.0.0.1:80"));
        assert_eq!(at("x.y.b.example"), address("[::1]:8443"));
        assert_eq!(at("c"), address("[::2]:80"));
        for other in ["b.example", "xb.example", "a.example.com", "d"] {
            assert_eq!(at(other), None, "{other}");
        }
    }

    #[test]
    fn every_bad_option_is_named() {
        for (key, value) in [
            ("resolve", json!("10.0.0.1")),
            ("resolve", json!({"h": 1})),
            ("resolve", json!({"h": "other.example"})),
            ("resolve", json!({"h": "10.0.0.1:0"})),
            ("resolve", json!({"h:80": "10.0.0.1"})),
            ("resolve", json!({"*": "10.0.0.1"})),
            ("resolve", json!({"": "10.0.0.1"})),
            ("traffic_limit", json!(819_199)),
            ("traffic_limit", json!(838_860_801)),
            ("traffic_limit", json!("1000000")),
            ("failover", json!("on")),
            ("max_bytes_per_s", json!(4095)),
            ("max_bytes_per_s", json!(null)),
        ] {
            let error = set(key, value).err().unwrap();
            assert!(error.message.contains(key), "{}", error.message);
        }
    }
}
