//! The options of a client that is derived from another one: those that need no connections of their
//! own.

use super::Config;
use super::named::Named;
use super::options_json::object;
use super::setting::Setting;
use crate::error::Result;

/// What belongs to the connections, which are shared.
const SHARED: [&str; 14] = [
    "addressing",
    "api",
    "credentials",
    "download_endpoint",
    "endpoint",
    "max_bytes_per_s",
    "metadata_endpoint",
    "network",
    "proxy",
    "region",
    "resolve",
    "security_token",
    "tls_ca",
    "user_agent",
];

impl Config {
    /// Everything that is not named stays as it is. `None` changes nothing.
    pub(crate) fn derived(&self, options_json: Option<&str>) -> Result<Config> {
        let mut config = self.clone();
        let Some(text) = options_json else {
            return Ok(config);
        };
        for (key, value) in &object(Some(text))? {
            let option = Setting { key, value };
            if SHARED.contains(&key.as_str()) {
                return Err(option.error(
                    "belongs to the connections, which a derived client shares: \
                     qcos_client_open sets it",
                ));
            }
            // None of its own names a place.
            config.set(&mut Named::default(), key, value)?;
        }
        Ok(config)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::concurrency::Parallel;
    use crate::config::Api;
    use serde_json::json;

    /// As qcos_client_with lists them.
    const OWN: [&str; 11] = [
        "checkpoint_dir",
        "connect_timeout_ms",
        "failover",
        "io_timeout_ms",
        "overwrite",
        "parallel",
        "retries",
        "sign_expires_s",
        "slice_size",
        "timeout_ms",
        "traffic_limit",
    ];

    #[test]
    fn what_is_named_changes_and_the_rest_stays() {
        let first = json!({"region": "ap-x", "retries": 1, "timeout_ms": 5});
        let first = Config::parse(Some(&first.to_string()), "1").unwrap();
        let derived = first
            .derived(Some(r#"{"timeout_ms":0,"parallel":2}"#))
            .unwrap();
        assert_eq!((derived.api, derived.retries), (Api::Xml, 1));
        assert_eq!(
            (derived.timeout, derived.parallel),
            (None, Parallel::Fixed(2))
        );
        let same = first.derived(None).unwrap();
        assert_eq!(same.timeout, first.timeout);
    }

    #[test]
    fn every_option_is_shared_or_its_own() {
        let config = Config::default();
        for key in OWN {
            let wrong = json!({ key: {} }).to_string();
            let error = config.derived(Some(&wrong)).err().unwrap();
            assert!(!error.message.contains("belongs to"), "{}", error.message);
            assert!(
                !error.message.contains("is not an option"),
                "{}",
                error.message
            );
        }
        for key in SHARED {
            let error = config.derived(Some(&json!({ key: "x" }).to_string())).err();
            let error = error.unwrap();
            assert!(error.message.contains(key) && error.message.contains("belongs to"));
            assert_eq!(error.code, -3);
        }
        for options in ["[]", "{", r#"{"retrys":1}"#] {
            assert_eq!(config.derived(Some(options)).err().unwrap().code, -3);
        }
    }
}
