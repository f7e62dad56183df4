//! Whose account a client uses, and what its requests are signed with.

use zeroize::Zeroizing;

use crate::error::{Error, Result};
use crate::model::params;

/// What requests are signed with. Has no `Debug` on purpose: the key must not reach a message.
pub(crate) struct Credentials {
    secret_id: String,
    secret_key: Zeroizing<String>,
    /// Of temporary credentials.
    token: Option<Zeroizing<String>>,
}

/// Far longer than any real one.
const KEY_MAX_BYTES: usize = 256;
const TOKEN_MAX_BYTES: usize = 4096;

/// What id, key and token are called where they come from.
pub(crate) type Names = [&'static str; 3];

const PARAMETERS: Names = ["secret_id", "secret_key", "security_token"];

/// The account's number.
pub(crate) fn appid(text: &str) -> Result<String> {
    filled("appid", text, KEY_MAX_BYTES)?;
    // It stands unencoded between '&' and '=' of the signed text (json-api.md §1.2).
    if !text.bytes().all(|b| b.is_ascii_digit()) {
        return Err(Error::parameter("appid", "must be decimal digits"));
    }
    Ok(text.to_owned())
}

impl Credentials {
    /// As a caller gives them.
    pub(crate) fn new(
        secret_id: &str,
        secret_key: &str,
        token: Option<&str>,
    ) -> Result<Credentials> {
        Credentials::named(PARAMETERS, secret_id, secret_key, token)
    }

    /// An error calls them by these names, and never repeats them.
    pub(crate) fn named(
        [id_name, key_name, token_name]: Names,
        secret_id: &str,
        secret_key: &str,
        token: Option<&str>,
    ) -> Result<Credentials> {
        filled(id_name, secret_id, KEY_MAX_BYTES)?;
        filled(key_name, secret_key, KEY_MAX_BYTES)?;
        // It stands in the signed text as the appid does.
        if !secret_id.bytes().all(|b| b.is_ascii_graphic() && b != b'&') {
            return Err(Error::parameter(
                id_name,
                "must be printable ASCII without spaces and '&'",
            ));
        }
        if let Some(token) = token {
            filled(token_name, token, TOKEN_MAX_BYTES)?;
            // It goes into a header.
            if !token.bytes().all(|b| b.is_ascii_graphic()) {
                return Err(Error::parameter(
                    token_name,
                    "must be printable ASCII without spaces",
                ));
            }
        }
        Ok(Credentials {
            secret_id: secret_id.to_owned(),
            secret_key: Zeroizing::new(secret_key.to_owned()),
            token: token.map(|token| Zeroizing::new(token.to_owned())),
        })
    }

    /// The same with the token of temporary ones, which was checked when it was read.
    pub(crate) fn with_token(self, token: Option<Zeroizing<String>>) -> Credentials {
        Credentials { token, ..self }
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

fn filled(name: &str, text: &str, max_bytes: usize) -> Result<()> {
    params::text(name, text, max_bytes)?;
    match text.is_empty() {
        true => Err(Error::parameter(name, "must not be empty")),
        false => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn credentials_that_would_break_the_signed_text_are_refused() {
        for (id, key, token, name) in [
            ("i&d", "key", None, "secret_id"),
            ("", "key", None, "secret_id"),
            ("id", "", None, "secret_key"),
            ("id", "a\nb", None, "secret_key"),
            ("id", "key", Some(""), "security_token"),
            ("id", "key", Some("a\nb"), "security_token"),
            ("id", "key", Some("to ken"), "security_token"),
        ] {
            let error = Credentials::new(id, key, token).err().unwrap();
            assert!(error.message.starts_with(name), "{}", error.message);
            assert!(!error.message.contains("a\nb") && !error.message.contains("to ken"));
        }
        for wrong in ["", "12a", "1 "] {
            let error = appid(wrong).err().unwrap();
            assert!(error.message.starts_with("appid"), "{}", error.message);
        }
    }
}
