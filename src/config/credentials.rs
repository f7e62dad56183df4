//! Where a client's credentials come from, if the caller does not give them: the options for that.

use std::env;

use zeroize::Zeroizing;

use super::endpoint::url;
use super::setting::{Setting, token};
use super::{Api, Config};
use crate::error::{Error, Result};
use crate::model::Credentials;
use crate::model::credentials::is_role;

/// Of every instance.
const METADATA_ENDPOINT: &str = "http://metadata.tencentyun.com/";

/// As other tools of the service call them.
const VARIABLES: [&str; 3] = [
    "TENCENTCLOUD_SECRET_ID",
    "TENCENTCLOUD_SECRET_KEY",
    "TENCENTCLOUD_TOKEN",
];

const OPTION: &str = "options_json: credentials";

#[derive(Clone)]
pub(crate) enum CredentialsOrigin {
    /// Parameters, and perhaps a token beside them.
    Caller(Option<Zeroizing<String>>),
    Environment,
    /// A role that the instance has: this one, or the one that there is.
    Role {
        name: Option<String>,
        /// Ends with `/`.
        endpoint: String,
    },
}

impl Default for CredentialsOrigin {
    fn default() -> CredentialsOrigin {
        CredentialsOrigin::Caller(None)
    }
}

/// The options as they come, in any order.
#[derive(Default)]
pub(super) struct NamedOrigin {
    token: Option<Zeroizing<String>>,
    /// `None` within: of an instance that has but one.
    role: Option<Option<String>>,
    is_environment: bool,
    metadata_endpoint: Option<String>,
}

impl NamedOrigin {
    pub(super) fn set(&mut self, api: Api, option: &Setting) -> Result<()> {
        match option.key {
            "security_token" => {
                let token = token(option.only_with(api, Api::Xml)?)?;
                self.token = Some(Zeroizing::new(token));
            }
            "metadata_endpoint" => self.metadata_endpoint = Some(url(option)?),
            _ => match option.text()? {
                "env" => self.is_environment = true,
                "cvm" => self.role = Some(None),
                other => {
                    let role = other.strip_prefix("cvm:").filter(|role| is_role(role));
                    let expected = "must be \"env\", \"cvm\" or \"cvm:ROLE\"";
                    let role = role.ok_or_else(|| option.error(expected))?;
                    self.role = Some(Some(role.to_owned()));
                }
            },
        }
        if self.role.is_some() && api == Api::Json {
            let problem = "\"cvm\" gives temporary credentials, which only the XML API knows";
            return Err(Error::parameter(OPTION, problem));
        }
        Ok(())
    }

    pub(super) fn origin(self) -> Result<CredentialsOrigin> {
        let refused = |name: &str, problem: &str| {
            Err(Error::parameter(&format!("options_json: {name}"), problem))
        };
        if self.metadata_endpoint.is_some() && self.role.is_none() {
            return refused("metadata_endpoint", "is for \"credentials\":\"cvm\" only");
        }
        let is_given = self.role.is_none() && !self.is_environment;
        if self.token.is_some() && !is_given {
            return refused("security_token", "comes with what \"credentials\" names");
        }
        Ok(match self.role {
            Some(name) => CredentialsOrigin::Role {
                name,
                endpoint: self
                    .metadata_endpoint
                    .unwrap_or_else(|| METADATA_ENDPOINT.to_owned()),
            },
            None if self.is_environment => CredentialsOrigin::Environment,
            None => CredentialsOrigin::Caller(self.token),
        })
    }
}

impl Config {
    /// What the environment says now.
    pub(crate) fn environment_credentials(&self) -> Result<Credentials> {
        let [id, key, token] = VARIABLES.map(variable);
        let needed = |value: Result<Option<Zeroizing<String>>>, name: &str| {
            let problem = format!("the environment has no {name}");
            value?.ok_or_else(|| Error::parameter(OPTION, problem))
        };
        let (id, key) = (needed(id, VARIABLES[0])?, needed(key, VARIABLES[1])?);
        let token = token?;
        if token.is_some() && self.api == Api::Json {
            let problem = "the environment has a TENCENTCLOUD_TOKEN, that of temporary \
                           credentials, which only the XML API knows";
            return Err(Error::parameter(OPTION, problem));
        }
        let token = token.as_ref().map(|token| token.as_str());
        Credentials::named(VARIABLES, &id, &key, token).map_err(|error| error.context(OPTION))
    }
}

/// One that is empty says nothing.
fn variable(name: &str) -> Result<Option<Zeroizing<String>>> {
    let Some(value) = env::var_os(name).filter(|value| !value.is_empty()) else {
        return Ok(None);
    };
    match value.into_string() {
        Ok(text) => Ok(Some(Zeroizing::new(text))),
        Err(_) => Err(Error::parameter(OPTION, format!("{name} is not UTF-8"))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Value, json};

    fn origin(options: Value) -> Result<CredentialsOrigin> {
        Config::parse(Some(&options.to_string()), "1").map(|config| config.credentials)
    }

    #[test]
    fn a_role_is_that_of_the_instance_or_a_named_one() {
        use CredentialsOrigin::Role;
        for (options, role, place) in [
            (
                json!({"region": "r", "credentials": "cvm"}),
                None,
                "http://metadata.tencentyun.com/",
            ),
            (
                json!({"credentials": "cvm:my-role_1", "metadata_endpoint": "http://H:8080", "region": "r"}),
                Some("my-role_1"),
                "http://h:8080/",
            ),
        ] {
            let Ok(Role { name, endpoint }) = origin(options) else {
                panic!("a role is taken");
            };
            assert_eq!((name.as_deref(), endpoint.as_str()), (role, place));
        }
    }

    #[test]
    fn what_does_not_go_together_is_refused() {
        for (options, name) in [
            (json!({"credentials": "file"}), "credentials"),
            (json!({"credentials": 1}), "credentials"),
            (json!({"credentials": "cvm"}), "credentials"),
            (json!({"credentials": "cvm:", "region": "r"}), "credentials"),
            (
                json!({"credentials": "cvm:a/b", "region": "r"}),
                "credentials",
            ),
            (
                json!({"credentials": "cvm:..", "region": "r"}),
                "credentials",
            ),
            (
                json!({"metadata_endpoint": "http://h", "region": "r"}),
                "metadata_endpoint",
            ),
            (
                json!({"metadata_endpoint": "http://h", "credentials": "env"}),
                "metadata_endpoint",
            ),
            (
                json!({"metadata_endpoint": "h", "credentials": "cvm", "region": "r"}),
                "metadata_endpoint",
            ),
            (
                json!({"security_token": "t", "credentials": "cvm", "region": "r"}),
                "security_token",
            ),
            (
                json!({"security_token": "t", "credentials": "env", "region": "r"}),
                "security_token",
            ),
        ] {
            let error = origin(options.clone()).err().expect("a refusal");
            assert_eq!(error.code, -3, "{options}");
            let expected = format!("options_json: {name}");
            assert!(error.message.starts_with(&expected), "{}", error.message);
        }
    }
}
