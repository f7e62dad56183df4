//! The options of a client: JSON in, checked values out. An unknown key, a wrong type or a value
//! out of range is an error that names the option.

mod api;
mod copy_options;
mod credentials;
mod delete_options;
mod derived;
mod encryption;
mod endpoint;
mod hosts;
mod named;
mod network;
mod object_attributes;
mod object_headers;
mod options_json;
mod read_options;
pub(crate) mod request_options;
pub(crate) mod service;
mod setting;
pub(crate) mod tags;
mod transfer_options;
mod tree_options;
mod update_options;

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use rustls::RootCertStore;
use serde_json::Value;
use ureq::Proxy;

use crate::base::concurrency::Parallel;
use crate::error::Result;
use crate::model::params;
use endpoint::{endpoint, url};
use hosts::Places;
use named::Named;
use options_json::object;
use service::{Addressing, Service};
use setting::{Setting, api, certificates, parallel, proxy, user_agent, writable_dir};

pub(crate) use api::Api;
pub(crate) use copy_options::{CopyOptions, Copying};
pub(crate) use credentials::CredentialsOrigin;
pub(crate) use delete_options::DeleteOptions;
pub(crate) use network::{Network, Pin};
pub(crate) use read_options::{ReadOptions, Reading, behind_end};
pub(crate) use transfer_options::{OnFailure, UploadOptions, Uploading};
pub(crate) use tree_options::{Compare, Filter, TreeOptions};
pub(crate) use update_options::UpdateOptions;

pub(crate) const DEFAULT_ENDPOINT: &str = "https://web.file.myqcloud.com/files/v1/";

/// Tries beyond this only hammer a dead service.
const RETRIES_MAX: u64 = 10;

#[derive(Clone)]
pub(crate) struct Config {
    pub(crate) api: Api,
    /// Of the JSON API. Ends with `/`; appid, bucket and path follow it.
    pub(crate) endpoint: String,
    /// With the XML API.
    pub(crate) service: Option<Service>,
    /// Taken when the client is opened.
    pub(crate) credentials: CredentialsOrigin,
    pub(crate) sign_expires_s: u64,
    pub(crate) connect_timeout: Duration,
    pub(crate) io_timeout: Duration,
    /// For a whole call with its retries; none by default.
    pub(crate) timeout: Option<Duration>,
    /// Further attempts after the first.
    pub(crate) retries: u32,
    /// `None`: as the file's size suggests.
    pub(crate) slice_size: Option<u64>,
    /// Slices, ranges or small files in flight at once.
    pub(crate) parallel: Parallel,
    /// Where unfinished uploads are remembered.
    pub(crate) checkpoint_dir: Option<PathBuf>,
    /// Ends with `/`; `<bucket>-<appid>/` and the path follow it. None: the bucket's own host.
    pub(crate) download_endpoint: Option<String>,
    pub(crate) overwrite: bool,
    /// Trusted instead of the system's certificates.
    pub(crate) tls_ca: Option<Arc<RootCertStore>>,
    pub(crate) proxy: Option<Proxy>,
    pub(crate) user_agent: String,
    pub(crate) network: Network,
}

impl Default for Config {
    fn default() -> Config {
        Config {
            api: Api::Json,
            service: None,
            credentials: CredentialsOrigin::default(),
            endpoint: DEFAULT_ENDPOINT.to_owned(),
            sign_expires_s: 60,
            connect_timeout: Duration::from_secs(10),
            io_timeout: Duration::from_secs(30),
            timeout: None,
            retries: 3,
            slice_size: None,
            parallel: Parallel::Auto,
            checkpoint_dir: None,
            download_endpoint: None,
            overwrite: false,
            tls_ca: None,
            proxy: None,
            user_agent: concat!("libqcos/", env!("CARGO_PKG_VERSION")).to_owned(),
            network: Network::default(),
        }
    }
}

impl Config {
    /// `None` stands for the defaults. `appid` is whose buckets no endpoint may name.
    pub(crate) fn parse(options_json: Option<&str>, appid: &str) -> Result<Config> {
        let mut config = Config::default();
        let Some(text) = options_json else {
            return Ok(config);
        };
        let options = object(Some(text))?;
        // What others mean depends on it. A region is the XML API's alone.
        config.api = match options.get("api") {
            Some(value) => api(&Setting { key: "api", value })?,
            None if options.contains_key("region") => Api::Xml,
            None => Api::Json,
        };
        let mut named = Named::default();
        for (key, value) in &options {
            config.set(&mut named, key, value)?;
        }
        let Named {
            region,
            endpoint,
            addressing,
            reach,
            origin,
        } = named;
        config.credentials = origin.origin()?;
        let (endpoint, addressing) = (endpoint.as_deref(), addressing.unwrap_or(Addressing::Host));
        let places = Places {
            api: config.api,
            addressing,
            endpoint,
            download_endpoint: config.download_endpoint.as_deref(),
        };
        places.check(appid)?;
        if config.api == Api::Xml {
            let service = Service::new(region.as_deref(), endpoint, addressing)?;
            config.service = Some(service.reached(reach)?);
        }
        Ok(config)
    }

    fn set(&mut self, named: &mut Named, key: &str, value: &Value) -> Result<()> {
        let option = Setting { key, value };
        match key {
            "api" => {}
            "endpoint" => match self.api {
                Api::Json => {
                    self.endpoint = endpoint(&option)?;
                    named.endpoint = Some(self.endpoint.clone());
                }
                Api::Xml => named.endpoint = Some(url(&option)?),
            },
            "sign_expires_s" => {
                self.sign_expires_s = option.number(1, params::SIGN_EXPIRES_MAX_S)?
            }
            "connect_timeout_ms" => self.connect_timeout = option.milliseconds(1)?,
            "io_timeout_ms" => self.io_timeout = option.milliseconds(1)?,
            "timeout_ms" => {
                let whole = option.milliseconds(0)?;
                self.timeout = (!whole.is_zero()).then_some(whole);
            }
            "retries" => {
                let retries = option.number(0, RETRIES_MAX)?;
                self.retries = u32::try_from(retries).expect("checked against RETRIES_MAX");
            }
            "slice_size" => {
                let bytes = self.api.slice_size(option.number(0, u64::MAX)?)?;
                self.slice_size = Some(bytes);
            }
            "overwrite" => self.overwrite = option.flag()?,
            "tls_ca" => {
                self.tls_ca = match option.text()? {
                    "system" => None,
                    path => Some(Arc::new(certificates(&option, path)?)),
                }
            }
            "proxy" => self.proxy = proxy(&option)?,
            "user_agent" => self.user_agent = user_agent(&option)?,
            "parallel" => self.parallel = parallel(&option)?,
            "checkpoint_dir" => self.checkpoint_dir = Some(writable_dir(&option)?),
            "download_endpoint" => {
                let option = option.only_with(self.api, Api::Json)?;
                self.download_endpoint = Some(url(option)?);
            }
            _ if named.set(self.api, &option)? || self.network.set(self.api, &option)? => {}
            _ => return Err(option.error("is not an option")),
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const APPID: &str = "1250000000";

    #[test]
    fn defaults_are_the_contracts() {
        let config = Config::parse(None, APPID).unwrap();
        assert_eq!(config.endpoint, "https://web.file.myqcloud.com/files/v1/");
        assert_eq!((config.sign_expires_s, config.retries), (60, 3));
        assert_eq!(config.connect_timeout, Duration::from_secs(10));
        assert_eq!(config.io_timeout, Duration::from_secs(30));
        assert!(config.timeout.is_none() && config.proxy.is_none() && !config.overwrite);
        assert_eq!((config.slice_size, config.parallel), (None, Parallel::Auto));
    }

    #[test]
    fn a_region_means_the_xml_api() {
        for (options, api) in [
            ("{}", Api::Json),
            (r#"{"api":"json"}"#, Api::Json),
            (r#"{"endpoint":"http://127.0.0.1:1"}"#, Api::Json),
            (r#"{"region":"ap-x"}"#, Api::Xml),
            (
                r#"{"endpoint":"http://127.0.0.1:1","region":"ap-x"}"#,
                Api::Xml,
            ),
            // Whatever their order.
            (r#"{"addressing":"path","region":"ap-x"}"#, Api::Xml),
            (
                r#"{"slice_size":5368709120,"security_token":"t","region":"ap-x"}"#,
                Api::Xml,
            ),
        ] {
            let config = Config::parse(Some(options), APPID).map_err(|e| e.message.clone());
            assert_eq!(config.map(|config| config.api), Ok(api), "{options}");
        }
    }

    #[test]
    fn every_bad_option_is_named() {
        for (options, name) in [
            (r#"{"endpont":"x"}"#, "endpont"),
            (r#"{"endpoint":"ftp://h/"}"#, "endpoint"),
            (r#"{"endpoint":"https://u:p@h/"}"#, "endpoint"),
            (r#"{"endpoint":"https://h/?a"}"#, "endpoint"),
            (r#"{"endpoint":7}"#, "endpoint"),
            (r#"{"retries":11}"#, "retries"),
            (r#"{"retries":-1}"#, "retries"),
            (r#"{"retries":1.5}"#, "retries"),
            (r#"{"io_timeout_ms":0}"#, "io_timeout_ms"),
            (r#"{"connect_timeout_ms":"10"}"#, "connect_timeout_ms"),
            (r#"{"timeout_ms":86400001}"#, "timeout_ms"),
            (r#"{"sign_expires_s":0}"#, "sign_expires_s"),
            (r#"{"overwrite":1}"#, "overwrite"),
            (r#"{"slice_size":"1M"}"#, "slice_size"),
            (r#"{"tls_ca":"/nonexistent.pem"}"#, "tls_ca"),
            (r#"{"tls_ca":"/dev/null"}"#, "tls_ca"),
            (r#"{"proxy":"socks5://h"}"#, "proxy"),
            (r#"{"proxy":"https://h"}"#, "proxy"),
            (r#"{"user_agent":"a\nb"}"#, "user_agent"),
            (r#"{"user_agent":""}"#, "user_agent"),
            (r#"{"api":"soap"}"#, "api"),
            (r#"{"api":"xml"}"#, "region"),
            (r#"{"api":"xml","region":"Ap"}"#, "region"),
            (r#"{"api":"xml","region":"a.b"}"#, "region"),
            (
                r#"{"api":"xml","region":"r","addressing":"x"}"#,
                "addressing",
            ),
            (
                r#"{"api":"xml","region":"r","security_token":"a b"}"#,
                "security_token",
            ),
            (
                r#"{"api":"xml","region":"r","security_token":""}"#,
                "security_token",
            ),
            (
                r#"{"api":"xml","region":"r","download_endpoint":"http://h"}"#,
                "download_endpoint",
            ),
            (
                r#"{"api":"xml","region":"r","endpoint":"http://h/p"}"#,
                "endpoint",
            ),
            (r#"{"security_token":"x"}"#, "security_token"),
            (r#"{"addressing":"path"}"#, "addressing"),
            (r#"{"parallel":0}"#, "parallel"),
            (r#"{"parallel":33}"#, "parallel"),
            (r#"{"parallel":65}"#, "parallel"),
            (r#"{"parallel":1.5}"#, "parallel"),
            (r#"{"parallel":"fast"}"#, "parallel"),
            (r#"{"parallel":"8"}"#, "parallel"),
            (r#"{"parallel":null}"#, "parallel"),
            (r#"{"checkpoint_dir":"/nonexistent"}"#, "checkpoint_dir"),
            (r#"{"checkpoint_dir":"/dev/null"}"#, "checkpoint_dir"),
            (r#"{"download_endpoint":"h"}"#, "download_endpoint"),
            (r#"{"api":"json","region":"x"}"#, "region"),
            (r#"{"region":""}"#, "region"),
            (r#"{"region":null}"#, "region"),
            (
                r#"{"region":"r","download_endpoint":"http://h"}"#,
                "download_endpoint",
            ),
            (
                r#"{"download_endpoint":"http://b-1250000000.h/"}"#,
                "download_endpoint",
            ),
            (
                r#"{"download_endpoint":"http://h/b-1250000000/"}"#,
                "download_endpoint",
            ),
            ("[]", "options_json"),
            ("{", "options_json"),
        ] {
            let error = Config::parse(Some(options), APPID).err().expect(options);
            assert_eq!(error.code, -3, "{options}");
            assert!(error.message.contains(name), "{}", error.message);
        }
        let illegal = Config::parse(Some(r#"{"slice_size":1000}"#), APPID)
            .err()
            .unwrap();
        assert_eq!(illegal.code, -4);
        let secret = r#"{"proxy":"http://user:hunter2@[bad"}"#;
        let error = Config::parse(Some(secret), APPID).err().unwrap();
        assert!(!error.message.contains("hunter2"));
    }
}
