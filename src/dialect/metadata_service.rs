//! The metadata service of an instance, which gives the credentials of the role that the instance has. It
//! is plain HTTP within the instance's host: without a signature, and never through a proxy.

use serde_json::Value;

use crate::base::quoted::quoted;
use crate::config::Config;
use crate::error::{Error, ErrorClass, Kind, Result};
use crate::exchange::CredentialsSource;
use crate::model::Credentials;
use crate::model::credentials::is_role;
use crate::transport::{Request, TimeLimits, Transport};

/// The names of the roles; a role's name follows it.
const ROLES: &str = "latest/meta-data/cam/security-credentials/";

/// Far longer than any answer.
const REPLY_CAP: usize = 64 << 10;

const FIELDS: [&str; 3] = ["TmpSecretId", "TmpSecretKey", "Token"];

pub(crate) struct MetadataService {
    transport: Transport,
    endpoint: String,
    role: Option<String>,
}

impl MetadataService {
    /// `role`: the one that the instance has, where none is named.
    pub(crate) fn new(endpoint: String, role: Option<String>, config: &Config) -> MetadataService {
        let direct = Config {
            proxy: None,
            ..config.clone()
        };
        MetadataService {
            transport: Transport::new(&direct),
            endpoint,
            role,
        }
    }

    fn credentials(&self, now: u64, limits: TimeLimits) -> Result<Credentials> {
        let role = match &self.role {
            Some(role) => role.clone(),
            None => self.only_role(limits)?,
        };
        let text = self.get(&role, limits)?;
        read(&text, now).map_err(|problem| {
            // It is never repeated: it may hold a key.
            let message = format!("the answer about the role {} {problem}", quoted(&role));
            Error::new(Kind::BadReply, message)
        })
    }

    fn only_role(&self, limits: TimeLimits) -> Result<String> {
        let text = String::from_utf8(self.get("", limits)?).unwrap_or_default();
        let name = text.lines().map(str::trim).find(|line| !line.is_empty());
        match name.filter(|name| is_role(name)) {
            Some(name) => Ok(name.to_owned()),
            None => {
                let problem = "the list of the instance's roles names none";
                Err(Error::new(Kind::BadReply, problem))
            }
        }
    }

    fn get(&self, role: &str, limits: TimeLimits) -> Result<Vec<u8>> {
        let url = format!("{}{ROLES}{role}", self.endpoint);
        let request = Request::get(url, REPLY_CAP);
        let response = self.transport.send(&request, limits, &mut |_| Ok(()))?;
        let problem = match (response.status, role) {
            (200, _) => return Ok(response.body),
            (404, "") => "the instance has no role".to_owned(),
            (404, role) => format!("the instance has no role {}", quoted(role)),
            _ => "it refuses".to_owned(),
        };
        let message = format!("{problem} (HTTP status {})", response.status);
        Err(Error::new(Kind::HttpStatus, message).answered(response.status))
    }
}

impl CredentialsSource for MetadataService {
    fn fetch(&self, now: u64, limits: TimeLimits) -> Result<Credentials> {
        self.credentials(now, limits).map_err(reported)
    }
}

/// Nobody who asked for an object must take this for an answer about it. Asking again does no harm.
fn reported(mut error: Error) -> Error {
    if error.kind == Kind::Cancelled {
        return error;
    }
    if error.retryable() {
        error = error.unknown_outcome();
        error.class = Some(ErrorClass::Busy);
    }
    error.httpcode = 0;
    error.context("the metadata service gave no credentials")
}

/// An error says what is wrong with the answer.
fn read(text: &[u8], now: u64) -> std::result::Result<Credentials, String> {
    let Ok(Value::Object(answer)) = serde_json::from_slice(text) else {
        return Err("is no JSON object".to_owned());
    };
    let field = |name: &str| answer.get(name).and_then(Value::as_str);
    if field("Code").is_some_and(|code| code != "Success") {
        return Err("says that it failed".to_owned());
    }
    let needed = |name: &str| field(name).ok_or_else(|| format!("has no text {name}"));
    let [id, key, token] = FIELDS.map(needed);
    let credentials = Credentials::named(FIELDS, id?, key?, Some(token?));
    let credentials = credentials.map_err(|error| format!("is not usable: {}", error.message))?;
    let ends = answer.get("ExpiredTime").and_then(Value::as_u64);
    let ends = ends.ok_or("has no number ExpiredTime")?;
    if ends <= now {
        return Err(format!(
            "is of credentials that ended at {ends}; it is {now} now"
        ));
    }
    Ok(credentials.ending(Some(ends), now))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn answer() -> Value {
        json!({
            "TmpSecretId": "AKIDexample", "TmpSecretKey": "hidden-key", "Token": "hidden-token",
            "ExpiredTime": 2000, "Expiration": "1970-01-01T00:33:20Z", "Code": "Success"
        })
    }

    #[test]
    fn what_is_needed_is_read() {
        let read = read(answer().to_string().as_bytes(), 1000).unwrap();
        assert_eq!(read.secret_id(), "AKIDexample");
        assert_eq!(read.secret_key(), "hidden-key");
        assert_eq!(read.token(), Some("hidden-token"));
        assert!(read.is_valid(1999) && !read.is_valid(2000));
    }

    #[test]
    fn nonsense_is_told_without_repeating_it() {
        for (key, value, problem) in [
            ("TmpSecretId", json!(null), "no text TmpSecretId"),
            ("TmpSecretKey", json!(7), "no text TmpSecretKey"),
            ("Token", json!({}), "no text Token"),
            ("Token", json!(""), "Token: must not be empty"),
            ("TmpSecretId", json!("hidden id"), "TmpSecretId: must be"),
            ("ExpiredTime", json!("2000"), "no number ExpiredTime"),
            ("ExpiredTime", json!(-1), "no number ExpiredTime"),
            ("ExpiredTime", json!(1000), "ended at 1000"),
            ("Code", json!("Failed"), "it failed"),
        ] {
            let mut answer = answer();
            answer[key] = value;
            let error = read(answer.to_string().as_bytes(), 1000).err().unwrap();
            assert!(error.contains(problem), "{error}");
            assert!(!error.contains("hidden"), "{error}");
        }
        for text in ["", "hidden", "[]", "<html>hidden"] {
            assert_eq!(read(text.as_bytes(), 0).err().unwrap(), "is no JSON object");
        }
    }
}
