//! One option's value: read as what it must be, or refused by its name.

use std::ffi::OsStr;
use std::path::PathBuf;
use std::time::Duration;

use rustls::RootCertStore;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;
use serde_json::Value;
use ureq::{Proxy, ProxyProtocol};

use super::Api;
use super::service::{Addressing, Reach};
use crate::base::concurrency::Parallel;
use crate::base::quoted::quoted;
use crate::base::size;
use crate::error::{Error, Result};
use crate::local::Draft;
use crate::model::params;
use crate::system::Folder;

/// Waiting longer than a day for one socket is a mistake in units.
const TIMEOUT_MAX_MS: u64 = 24 * 3600 * 1000;

/// How much of an unknown key a message repeats.
const KEY_SHOWN_CHARS: usize = 64;

const OPTION_MAX_BYTES: usize = 4096;

/// Longer than any region's name.
const REGION_MAX_BYTES: usize = 32;

/// More connections than this at once only fight each other, unless it was found that they do not.
const PARALLEL_MAX: u64 = 32;

/// One option as the caller wrote it.
pub(super) struct Setting<'a> {
    pub(super) key: &'a str,
    pub(super) value: &'a Value,
}

impl Setting<'_> {
    pub(super) fn error(&self, problem: impl AsRef<str>) -> Error {
        let key: String = self.key.chars().take(KEY_SHOWN_CHARS).collect();
        Error::parameter(&format!("options_json: {key}"), problem)
    }

    /// Refuses an option that the client's API does not have.
    pub(super) fn only_with(&self, api: Api, wanted: Api) -> Result<&Self> {
        match (api == wanted, wanted) {
            (true, _) => Ok(self),
            (false, Api::Json) => Err(self.error(
                "is for the JSON API only, that of clients with neither \"region\" nor \"api\":\"xml\"",
            )),
            (false, Api::Xml) => Err(self.error(
                "is for the XML API only, that of clients with \"region\" and not \"api\":\"json\"",
            )),
        }
    }

    pub(super) fn text(&self) -> Result<&str> {
        let Value::String(text) = self.value else {
            return Err(self.error("must be a string"));
        };
        params::text("options_json", text, OPTION_MAX_BYTES)
            .map_err(|e| self.error(e.message.trim_start_matches("options_json: ")))?;
        Ok(text)
    }

    pub(super) fn number(&self, min: u64, max: u64) -> Result<u64> {
        match self.value.as_u64() {
            Some(number) if (min..=max).contains(&number) => Ok(number),
            _ if max == u64::MAX => Err(self.error("must be a whole number")),
            _ => Err(self.error(format!("must be a whole number from {min} to {max}"))),
        }
    }

    pub(super) fn milliseconds(&self, min: u64) -> Result<Duration> {
        Ok(Duration::from_millis(self.number(min, TIMEOUT_MAX_MS)?))
    }

    pub(super) fn flag(&self) -> Result<bool> {
        self.value
            .as_bool()
            .ok_or_else(|| self.error("must be true or false"))
    }
}

pub(super) fn api(option: &Setting) -> Result<Api> {
    match option.text()? {
        "json" => Ok(Api::Json),
        "xml" => Ok(Api::Xml),
        other => Err(option.error(format!("is {}, must be \"json\" or \"xml\"", quoted(other)))),
    }
}

pub(super) fn parallel(option: &Setting) -> Result<Parallel> {
    if option.value == "auto" {
        return Ok(Parallel::Auto);
    }
    let jobs = option.number(1, PARALLEL_MAX).map_err(|_| {
        option.error(format!(
            "must be \"auto\" or a whole number from 1 to {PARALLEL_MAX}"
        ))
    })?;
    Ok(Parallel::Fixed(size::within(usize::MAX, jobs)))
}

/// It becomes a part of host names.
pub(super) fn region(option: &Setting) -> Result<String> {
    let text = option.text()?;
    let lawful = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-';
    if text.is_empty() || text.len() > REGION_MAX_BYTES || !text.bytes().all(lawful) {
        return Err(option.error("must be a region's name, such as \"ap-guangzhou\""));
    }
    Ok(text.to_owned())
}

pub(super) fn addressing(option: &Setting) -> Result<Addressing> {
    match option.text()? {
        "host" => Ok(Addressing::Host),
        "path" => Ok(Addressing::Path),
        "domain" => Ok(Addressing::Domain),
        _ => Err(option.error("must be \"host\", \"path\" or \"domain\"")),
    }
}

pub(super) fn reach(option: &Setting) -> Result<Reach> {
    match option.text()? {
        "public" => Ok(Reach::Public),
        "internal" => Ok(Reach::Internal),
        "accelerate" => Ok(Reach::Accelerate),
        _ => Err(option.error("must be \"public\", \"internal\" or \"accelerate\"")),
    }
}

/// It goes into a header. The error never repeats it.
pub(super) fn token(option: &Setting) -> Result<String> {
    let text = option.text()?;
    if text.is_empty() || !text.bytes().all(|b| b.is_ascii_graphic()) {
        return Err(option.error("must be printable ASCII without spaces"));
    }
    Ok(text.to_owned())
}

/// Tried out here: finding out in the middle of an upload is too late.
pub(super) fn writable_dir(option: &Setting) -> Result<PathBuf> {
    let path = PathBuf::from(option.text()?);
    let probe = OsStr::new("probe");
    match Folder::open(&path).and_then(|folder| Draft::create(folder, probe, 0o600)) {
        Ok(_) => Ok(path),
        Err(e) => {
            let problem = format!(
                "must be a folder that can be written to: {}: {e}",
                path.display()
            );
            Err(option.error(problem))
        }
    }
}

/// All of them are looked at here: a broken one would else be found at the first connection, and
/// read there as the server's.
pub(super) fn certificates(option: &Setting, path: &str) -> Result<RootCertStore> {
    let read = || match std::fs::metadata(path)?.is_file() {
        true => std::fs::read(path),
        false => Err(std::io::Error::other("not a regular file")),
    };
    let pem = read().map_err(|e| option.error(format!("must be \"system\" or a PEM file: {e}")))?;
    let mut roots = RootCertStore::empty();
    for (number, found) in (1..).zip(CertificateDer::pem_slice_iter(&pem)) {
        let broken = |how| option.error(format!("certificate {number} of the file {how}"));
        let certificate = found.map_err(|_| broken("is cut short or is no Base64"))?;
        let added = roots.add(certificate);
        added.map_err(|_| broken("is no X.509 certificate of a CA or server"))?;
    }
    match roots.is_empty() {
        false => Ok(roots),
        true => Err(option.error("the file holds no PEM certificate")),
    }
}

/// The error never repeats the URL: it may hold a password.
pub(super) fn proxy(option: &Setting) -> Result<Option<Proxy>> {
    let expected = || option.error("must be \"env\" or an http:// URL");
    let proxy = match option.text()? {
        "env" => Proxy::try_from_env(),
        url => Some(Proxy::new(url).map_err(|_| expected())?),
    };
    match proxy {
        Some(proxy) if proxy.protocol() != ProxyProtocol::Http => Err(expected()),
        proxy => Ok(proxy),
    }
}

pub(super) fn user_agent(option: &Setting) -> Result<String> {
    let text = option.text()?;
    let printable = |b: u8| b.is_ascii_graphic() || b == b' ';
    if text.is_empty() || !text.bytes().all(printable) || text.trim() != text {
        return Err(option.error("must be printable ASCII, without blanks at its ends"));
    }
    Ok(text.to_owned())
}
