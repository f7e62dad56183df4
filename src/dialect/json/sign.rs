//! Signatures of the JSON API (json-api.md §1): base64 of an HMAC and the text it covers.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, KeyInit, Mac};
use sha1::Sha1;

use crate::base::random;
use crate::exchange::{Exchange, Signer};
use crate::model::Bucket;
use crate::model::Target;
use crate::model::credentials::Credentials;

/// What makes a signature unlike any other: its time, in Unix seconds, and a random word.
#[derive(Clone, Copy)]
pub(crate) struct Stamp {
    pub(crate) now: u64,
    pub(crate) random: u32,
}

impl Stamp {
    pub(crate) fn new(exchange: &Exchange) -> Stamp {
        Stamp {
            now: exchange.now(),
            random: random::word(),
        }
    }
}

/// Whose signature it is.
#[derive(Clone, Copy)]
pub(crate) struct Account<'a> {
    appid: &'a str,
    credentials: &'a Credentials,
}

impl<'a> Account<'a> {
    pub(crate) fn of(signer: &'a Signer) -> Account<'a> {
        Account {
            appid: signer.exchange().appid(),
            credentials: signer.credentials(),
        }
    }
}

/// A signature that may be used again and again until `expires` (Unix seconds), in the whole bucket.
pub(crate) fn multi_use(account: Account, bucket: &Bucket, expires: u64, stamp: Stamp) -> String {
    sign(account, bucket, expires, "", stamp)
}

/// A signature for a single request on `fileid` (`/appid/bucket/path`, percent-encoded).
pub(crate) fn one_time(account: Account, bucket: &Bucket, fileid: &str, stamp: Stamp) -> String {
    sign(account, bucket, 0, fileid, stamp)
}

/// A signature that fetches one object again and again until `expires` (Unix seconds).
pub(crate) fn download(account: Account, object: &Target, expires: u64, stamp: Stamp) -> String {
    // Without appid and bucket (json-api.md §1.3).
    let place = format!("/{}", object.path.encoded());
    sign(account, &object.bucket, expires, &place, stamp)
}

fn sign(account: Account, bucket: &Bucket, expires: u64, fileid: &str, stamp: Stamp) -> String {
    let plain = format!(
        "a={}&k={}&e={expires}&t={}&r={}&f={fileid}&b={}",
        account.appid,
        account.credentials.secret_id(),
        stamp.now,
        stamp.random,
        bucket.as_str(),
    );
    seal(account.credentials, &plain)
}

/// The service reads the fields from the sealed text, so their order is the signer's choice.
fn seal(credentials: &Credentials, plain: &str) -> String {
    let mut mac = Hmac::<Sha1>::new_from_slice(credentials.secret_key().as_bytes())
        .expect("HMAC takes a key of any length");
    mac.update(plain.as_bytes());
    let mut sealed = mac.finalize().into_bytes().to_vec();
    sealed.extend_from_slice(plain.as_bytes());
    STANDARD.encode(sealed)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::path::{Path, fileid};

    // The vectors of json-api.md §1.6.
    fn credentials() -> Credentials {
        let id = "TESTSECRETID0000000000000000000000000";
        Credentials::new(id, "TESTSECRETKEYDONOTUSE0000000000", None).unwrap()
    }

    fn account(credentials: &Credentials) -> Account<'_> {
        Account {
            appid: "10000001",
            credentials,
        }
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
            multi_use(
                account(&credentials()),
                &bucket,
                1_480_000_060,
                stamp(123_456_789)
            ),
            "/Bm+lGULvNPrOurTbbNWENi+p1VhPTEwMDAwMDAxJms9VEVTVFNFQ1JFVElEMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMCZlPTE0ODAwMDAwNjAmdD0xNDgwMDAwMDAwJnI9MTIzNDU2Nzg5JmY9JmI9dGVzdGJ1Y2tldA=="
        );
    }

    #[test]
    fn vector_b_one_time() {
        let bucket = Bucket::new("testbucket").unwrap();
        let path = Path::file("path", "/图 片/a b~1.txt").unwrap();
        let fileid = fileid("10000001", &bucket, &path);
        assert_eq!(
            one_time(
                account(&credentials()),
                &bucket,
                &fileid,
                stamp(987_654_321)
            ),
            "6wrer9hebE7IuGZmmHRVOpT9n5phPTEwMDAwMDAxJms9VEVTVFNFQ1JFVElEMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMCZlPTAmdD0xNDgwMDAwMDAwJnI9OTg3NjU0MzIxJmY9LzEwMDAwMDAxL3Rlc3RidWNrZXQvJUU1JTlCJUJFJTIwJUU3JTg5JTg3L2ElMjBifjEudHh0JmI9dGVzdGJ1Y2tldA=="
        );
    }

    #[test]
    fn vector_c_download() {
        let bucket = Bucket::new("testbucket").unwrap();
        let path = Path::file("path", "/图 片/a b~1.txt").unwrap();
        let object = Target::new(bucket, path);
        assert_eq!(
            download(account(&credentials()), &object, 1_480_000_300, stamp(5)),
            "IFj3hwmW4atBg5lF4TWcINyZDeRhPTEwMDAwMDAxJms9VEVTVFNFQ1JFVElEMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMCZlPTE0ODAwMDAzMDAmdD0xNDgwMDAwMDAwJnI9NSZmPS8lRTUlOUIlQkUlMjAlRTclODklODcvYSUyMGJ+MS50eHQmYj10ZXN0YnVja2V0"
        );
    }

    #[test]
    fn vector_d_documentation_order() {
        let plain = "a=10000001&b=testbucket&k=TESTSECRETID0000000000000000000000000&e=1480000060&t=1480000000&r=123456789&f=";
        assert_eq!(
            seal(&credentials(), plain),
            "7mqPr0gbXMVxmxc03GSMfamM6BBhPTEwMDAwMDAxJmI9dGVzdGJ1Y2tldCZrPVRFU1RTRUNSRVRJRDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAmZT0xNDgwMDAwMDYwJnQ9MTQ4MDAwMDAwMCZyPTEyMzQ1Njc4OSZmPQ=="
        );
    }
}
