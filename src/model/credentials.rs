//! Whose account a client uses, and what its requests are signed with.

use zeroize::Zeroizing;

use crate::error::{Error, Result};
use crate::model::params;

/// Whose requests these are. Has no `Debug` on purpose: the key must not reach a message.
pub(crate) struct Credentials {
    appid: String,
    secret_id: String,
    secret_key: Zeroizing<String>,
    /// Of temporary credentials.
    token: Option<Zeroizing<String>>,
}

/// Far longer than any real credential.
const CREDENTIAL_MAX_BYTES: usize = 256;

impl Credentials {
    pub(crate) fn new(appid: &str, secret_id: &str, secret_key: &str) -> Result<Credentials> {
        for (name, value) in [
            ("appid", appid),
            ("secret_id", secret_id),
            ("secret_key", secret_key),
        ] {
            params::text(name, value, CREDENTIAL_MAX_BYTES)?;
            if value.is_empty() {
                return Err(Error::parameter(name, "must not be empty"));
            }
        }
        // Both stand unencoded between '&' and '=' of the signed text (json-api.md §1.2).
        if !appid.bytes().all(|b| b.is_ascii_digit()) {
            return Err(Error::parameter("appid", "must be decimal digits"));
        }
        if !secret_id.bytes().all(|b| b.is_ascii_graphic() && b != b'&') {
            return Err(Error::parameter(
                "secret_id",
                "must be printable ASCII without spaces and '&'",
            ));
        }
        Ok(Credentials {
            appid: appid.to_owned(),
            secret_id: secret_id.to_owned(),
            secret_key: Zeroizing::new(secret_key.to_owned()),
            token: None,
        })
    }

    /// The same with the token of temporary credentials, which was checked when it was read.
    pub(crate) fn with_token(self, token: Option<Zeroizing<String>>) -> Credentials {
        Credentials { token, ..self }
    }

    pub(crate) fn appid(&self) -> &str {
        &self.appid
    }

    pub(crate) fn secret_id(&self) -> &str {
        &self.secret_id
    }

    pub(crate) fn secret_key(&self) -> &str {
        &self.secret_key
    }

    pub(crate) fn token(&self) -> Option<&str> {
        self.token.as_ref().map(|token| token.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn credentials_that_would_break_the_signed_text_are_refused() {
        for (appid, id, key, name) in [
            ("", "id", "key", "appid"),
            ("12a", "id", "key", "appid"),
            ("1", "i&d", "key", "secret_id"),
            ("1", "", "key", "secret_id"),
            ("1", "id", "", "secret_key"),
            ("1", "id", "a\nb", "secret_key"),
        ] {
            let error = Credentials::new(appid, id, key).err().unwrap();
            assert!(error.message.starts_with(name), "{}", error.message);
            assert!(!error.message.contains("a\nb"));
        }
    }
}
