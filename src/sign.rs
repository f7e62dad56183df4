//! Signatures of the JSON API (json-api.md §1): base64 of an HMAC and the text it covers.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, KeyInit, Mac};
use sha1::Sha1;
use zeroize::Zeroizing;

use crate::api::Target;
use crate::error::{Error, Result};
use crate::params;
use crate::path::Bucket;

/// Whose requests these are. Has no `Debug` on purpose: the key must not reach a message.
pub(crate) struct Account {
    appid: String,
    secret_id: String,
    secret_key: Zeroizing<String>,
}

/// Far longer than any real credential.
const CREDENTIAL_MAX_BYTES: usize = 256;

impl Account {
    pub(crate) fn new(appid: &str, secret_id: &str, secret_key: &str) -> Result<Account> {
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
        Ok(Account {
            appid: appid.to_owned(),
            secret_id: secret_id.to_owned(),
            secret_key: Zeroizing::new(secret_key.to_owned()),
        })
    }

    pub(crate) fn appid(&self) -> &str {
        &self.appid
    }
}

/// What makes a signature unlike any other: its time, in Unix seconds, and a random word.
#[derive(Clone, Copy)]
pub(crate) struct Stamp {
    pub(crate) now: u64,
    pub(crate) random: u32,
}

/// A signature that may be used again and again until `expires` (Unix seconds), in the whole bucket.
pub(crate) fn multi_use(account: &Account, bucket: &Bucket, expires: u64, stamp: Stamp) -> String {
    sign(account, bucket, expires, "", stamp)
}

/// A signature for a single request on `fileid` (`/appid/bucket/path`, percent-encoded).
pub(crate) fn one_time(account: &Account, bucket: &Bucket, fileid: &str, stamp: Stamp) -> String {
    sign(account, bucket, 0, fileid, stamp)
}

/// A signature that fetches one object again and again until `expires` (Unix seconds).
pub(crate) fn download(account: &Account, object: &Target, expires: u64, stamp: Stamp) -> String {
    // Without appid and bucket (json-api.md §1.3).
    let place = format!("/{}", object.path.encoded());
    sign(account, &object.bucket, expires, &place, stamp)
}

fn sign(account: &Account, bucket: &Bucket, expires: u64, fileid: &str, stamp: Stamp) -> String {
    let plain = format!(
        "a={}&k={}&e={expires}&t={}&r={}&f={fileid}&b={}",
        account.appid,
        account.secret_id,
        stamp.now,
        stamp.random,
        bucket.as_str(),
    );
    seal(account, &plain)
}

/// The service reads the fields from the sealed text, so their order is the signer's choice.
fn seal(account: &Account, plain: &str) -> String {
    let mut mac = Hmac::<Sha1>::new_from_slice(account.secret_key.as_bytes())
        .expect("HMAC takes a key of any length");
    mac.update(plain.as_bytes());
    let mut sealed = mac.finalize().into_bytes().to_vec();
    sealed.extend_from_slice(plain.as_bytes());
    STANDARD.encode(sealed)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::path::{Path, fileid};

    // The vectors of json-api.md §1.6.
    fn account() -> Account {
        Account::new(
            "10000001",
            "TESTSECRETID0000000000000000000000000",
            "TESTSECRETKEYDONOTUSE0000000000",
        )
        .unwrap()
    }

    fn stamp(random: u32) -> Stamp {
        Stamp {
            now: 1_480_000_000,
            random,
        }
    }

    #[test]
    fn vector_a_multi_use() {
        let bucket = Bucket::new("testbucket").unwrap();
        assert_eq!(
            multi_use(&account(), &bucket, 1_480_000_060, stamp(123_456_789)),
            "/Bm+lGULvNPrOurTbbNWENi+p1VhPTEwMDAwMDAxJms9VEVTVFNFQ1JFVElEMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMCZlPTE0ODAwMDAwNjAmdD0xNDgwMDAwMDAwJnI9MTIzNDU2Nzg5JmY9JmI9dGVzdGJ1Y2tldA=="
        );
    }

    #[test]
    fn vector_b_one_time() {
        let bucket = Bucket::new("testbucket").unwrap();
        let path = Path::file("path", "/图 片/a b~1.txt").unwrap();
        let fileid = fileid("10000001", &bucket, &path);
        assert_eq!(
            one_time(&account(), &bucket, &fileid, stamp(987_654_321)),
            "6wrer9hebE7IuGZmmHRVOpT9n5phPTEwMDAwMDAxJms9VEVTVFNFQ1JFVElEMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMCZlPTAmdD0xNDgwMDAwMDAwJnI9OTg3NjU0MzIxJmY9LzEwMDAwMDAxL3Rlc3RidWNrZXQvJUU1JTlCJUJFJTIwJUU3JTg5JTg3L2ElMjBifjEudHh0JmI9dGVzdGJ1Y2tldA=="
        );
    }

    #[test]
    fn vector_c_download() {
        let bucket = Bucket::new("testbucket").unwrap();
        let path = Path::file("path", "/图 片/a b~1.txt").unwrap();
        let object = Target { bucket, path };
        assert_eq!(
            download(&account(), &object, 1_480_000_300, stamp(5)),
            "IFj3hwmW4atBg5lF4TWcINyZDeRhPTEwMDAwMDAxJms9VEVTVFNFQ1JFVElEMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMCZlPTE0ODAwMDAzMDAmdD0xNDgwMDAwMDAwJnI9NSZmPS8lRTUlOUIlQkUlMjAlRTclODklODcvYSUyMGJ+MS50eHQmYj10ZXN0YnVja2V0"
        );
    }

    #[test]
    fn vector_d_documentation_order() {
        let plain = "a=10000001&b=testbucket&k=TESTSECRETID0000000000000000000000000&e=1480000060&t=1480000000&r=123456789&f=";
        assert_eq!(
            seal(&account(), plain),
            "7mqPr0gbXMVxmxc03GSMfamM6BBhPTEwMDAwMDAxJmI9dGVzdGJ1Y2tldCZrPVRFU1RTRUNSRVRJRDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAmZT0xNDgwMDAwMDYwJnQ9MTQ4MDAwMDAwMCZyPTEyMzQ1Njc4OSZmPQ=="
        );
    }

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
            let error = Account::new(appid, id, key).err().unwrap();
            assert!(error.message.starts_with(name), "{}", error.message);
            assert!(!error.message.contains("a\nb"));
        }
    }
}
