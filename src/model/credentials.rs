//! Whose account a client uses, and what its requests are signed with.

use std::sync::atomic::{AtomicBool, Ordering};

use zeroize::Zeroizing;

use crate::error::{Error, Result};
use crate::model::params;

/// What requests are signed with. Has no `Debug` on purpose: the key must not reach a message.
pub(crate) struct Credentials {
    secret_id: String,
    secret_key: Zeroizing<String>,
    /// Of temporary credentials.
    token: Option<Zeroizing<String>>,
    /// `None`: they never end.
    life: Option<Life>,
    /// The service has said that they are none, or none any more.
    is_refused: AtomicBool,
}

/// In Unix seconds, by the service's clock.
struct Life {
    ends: u64,
    /// When others are to be there.
    is_due: u64,
}

/// How long before their end, but no more than the last tenth of their life.
const DUE_BEFORE_S: u64 = 600;

/// Longest name of a role.
const ROLE_MAX_BYTES: usize = 128;

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
            life: None,
            is_refused: AtomicBool::new(false),
        })
    }

    /// The same, which end at some time, or never.
    pub(crate) fn ending(self, at: Option<u64>, now: u64) -> Credentials {
        let life = at.map(|ends| Life {
            ends,
            is_due: ends - DUE_BEFORE_S.min(ends.saturating_sub(now) / 10),
        });
        Credentials { life, ..self }
    }

    /// Whether it is time for others. `now` is asked only of those that end.
    pub(crate) fn is_due(&self, now: impl FnOnce() -> u64) -> bool {
        self.is_refused() || self.life.as_ref().is_some_and(|it| now() >= it.is_due)
    }

    /// For how many seconds more they are good; `None`: for ever, as far as it is known.
    pub(crate) fn left(&self, now: u64) -> Option<u64> {
        let life = self.life.as_ref();
        life.map(|life| life.ends.saturating_sub(now))
    }

    pub(crate) fn has_ended(&self, now: u64) -> bool {
        self.life.as_ref().is_some_and(|life| now >= life.ends)
    }

    pub(crate) fn is_valid(&self, now: u64) -> bool {
        !self.is_refused() && !self.has_ended(now)
    }

    pub(crate) fn refuse(&self) {
        self.is_refused.store(true, Ordering::Relaxed);
    }

    pub(crate) fn is_refused(&self) -> bool {
        self.is_refused.load(Ordering::Relaxed)
    }

    pub(crate) fn is_same(&self, other: &Credentials) -> bool {
        self.secret_id == other.secret_id
            && self.secret_key == other.secret_key
            && self.token == other.token
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

/// Whether it may be the name of a role, which becomes a part of a URL.
pub(crate) fn is_role(name: &str) -> bool {
    let lawful = |b: u8| b.is_ascii_alphanumeric() || b"+=,.@_-".contains(&b);
    let is_dots = name.bytes().all(|b| b == b'.');
    !is_dots && name.len() <= ROLE_MAX_BYTES && name.bytes().all(lawful)
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
        for wrong in ["", ".", "..", "a/b", "a b", "a%b", "a?b"] {
            assert!(!is_role(wrong), "{wrong}");
        }
        assert!(is_role("TKE_QCSRole-1.a"));
        for wrong in ["", "12a", "1 "] {
            let error = appid(wrong).err().unwrap();
            assert!(error.message.starts_with("appid"), "{}", error.message);
        }
    }

    #[test]
    fn others_are_due_ten_minutes_or_a_tenth_of_their_life_before_they_end() {
        for (ends, due) in [(7_300, 6_700), (1_100, 1_000), (110, 109), (109, 109)] {
            let new = || Credentials::new("id", "key", None).unwrap();
            let credentials = new().ending(Some(ends), 100);
            assert!(!credentials.is_due(|| due - 1) && credentials.is_due(|| due));
            assert!(!credentials.has_ended(ends - 1) && credentials.has_ended(ends));
            assert_eq!(credentials.left(ends - 1), Some(1));
            assert_eq!(credentials.left(ends + 1), Some(0));
            let endless = new().ending(None, 100);
            assert_eq!(endless.left(u64::MAX), None);
            assert!(!endless.is_due(|| u64::MAX) && !endless.has_ended(u64::MAX));
            endless.refuse();
            assert!(endless.is_due(|| 0) && endless.is_same(&new()));
        }
    }
}
