//! A client's credentials: where they come from, and how they change.

use std::mem;

use crate::client::Client;
use crate::config::{Config, CredentialsOrigin};
use crate::dialect::MetadataService;
use crate::error::{Error, Result};
use crate::exchange::{OnExpiry, Provider};
use crate::model::{Answer, Credentials, Reply, params};

/// Id and key come as parameters, or from what the options name: never from both.
pub(super) fn provider(
    config: &mut Config,
    secret_id: Option<&str>,
    secret_key: Option<&str>,
) -> Result<Provider> {
    let (id, key) = (("secret_id", secret_id), ("secret_key", secret_key));
    match mem::take(&mut config.credentials) {
        CredentialsOrigin::Caller(token) => {
            let token = token.as_ref().map(|token| token.as_str());
            let credentials = Credentials::new(needed(id)?, needed(key)?, token)?;
            Ok(Provider::given(credentials))
        }
        CredentialsOrigin::Environment => {
            none(id).and(none(key))?;
            Ok(Provider::given(config.environment_credentials()?))
        }
        CredentialsOrigin::Role { name, endpoint } => {
            none(id).and(none(key))?;
            let source = MetadataService::new(endpoint, name, config);
            Ok(Provider::fetched(Box::new(source)))
        }
    }
}

fn needed<'a>((name, given): (&str, Option<&'a str>)) -> Result<&'a str> {
    let problem = "must not be NULL without the option \"credentials\"";
    given.ok_or_else(|| Error::parameter(name, problem))
}

fn none((name, given): (&str, Option<&str>)) -> Result<()> {
    match given {
        None => Ok(()),
        Some(_) => {
            let problem = "must be NULL with the option \"credentials\"";
            Err(Error::parameter(name, problem))
        }
    }
}

impl Client {
    /// Of all that share with it, too, from the next signature on. `expires_at` is in Unix seconds, 0 for
    /// never.
    pub(crate) fn set_credentials(
        &self,
        secret_id: &str,
        secret_key: &str,
        token: Option<&str>,
        expires_at: i64,
    ) -> Result<Reply> {
        self.config().api.check_token(token)?;
        let (credentials, now) = (
            Credentials::new(secret_id, secret_key, token)?,
            self.exchange().now(),
        );
        let ends = params::expires_at(expires_at, now)?;
        self.exchange()
            .set_credentials(credentials.ending(ends, now));
        Ok(Answer::local(()).into())
    }

    /// Of all that share with it, too. `None` for no callback any more.
    pub(crate) fn set_on_expiry(&self, callback: Option<Box<OnExpiry>>) -> Result<Reply> {
        if self.exchange().has_credentials_source() {
            let problem = "renews the credentials of its role by itself, and calls nobody for it";
            return Err(Error::parameter("client", problem));
        }
        self.exchange().set_on_expiry(callback);
        Ok(Answer::local(()).into())
    }
}
