//! The JSON API's signatures (json-api.md §1): `Base64(HMAC-SHA1(plain) || plain)`, where the plain
//! text names the account, the bucket, an expiry and, if it is bound to something, a fileid.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, KeyInit, Mac as _};
use percent_encoding::percent_decode_str;
use sha1::Sha1;

use crate::names::{Location, collapse_slashes};
use crate::refusal::{Refusal, code};

pub type Mac = [u8; 20];

/// The one account that the service knows.
pub struct Account {
    pub appid: String,
    pub secret_id: String,
    pub secret_key: String,
}

/// What a request wants to do, as far as its URL tells.
pub struct Claim<'a> {
    pub appid: &'a str,
    pub location: &'a Location,
    /// A download's signature may name the path alone (json-api.md §1.3).
    pub is_download: bool,
}

#[derive(Debug)]
pub struct Signature {
    /// Names this very signature: the memory of used ones keeps it.
    pub mac: Mac,
    plain: Vec<u8>,
    appid: String,
    secret_id: String,
    expires: i64,
    fileid: String,
    bucket: String,
}

impl Signature {
    pub fn is_one_time(&self) -> bool {
        self.expires == 0
    }

    /// Checks everything but whether a one-time signature was used before, in the order of
    /// json-api.md §1.5.
    pub fn verify(
        text: &str,
        account: &Account,
        now: i64,
        claim: &Claim,
    ) -> Result<Signature, Refusal> {
        if text.trim().is_empty() {
            return refuse(code::SIGNATURE_EMPTY, "the request carries no signature");
        }
        let signature = Signature::parse(text)?;
        signature.check_account(account)?;
        signature.check_mac(account)?;
        signature.check_place(claim)?;
        signature.check_time(now)?;
        signature.check_fileid(claim)?;
        Ok(signature)
    }

    fn parse(text: &str) -> Result<Signature, Refusal> {
        // Some languages' encoders break lines (json-api.md §1.1).
        let text: String = text.chars().filter(|c| !matches!(c, '\r' | '\n')).collect();
        let Ok(bytes) = STANDARD.decode(text.trim()) else {
            return refuse(code::SIGNATURE_MALFORMED, "the signature is not Base64");
        };
        let Some((mac, plain)) = bytes.split_first_chunk() else {
            return refuse(code::SIGNATURE_MALFORMED, "the signature is too short");
        };
        let Ok(fields) = std::str::from_utf8(plain) else {
            return refuse(code::SIGNATURE_MALFORMED, "the signature is not UTF-8");
        };
        let field = |wanted: &str| {
            fields
                .split('&')
                .filter_map(|pair| pair.split_once('='))
                .find_map(|(name, value)| (name == wanted).then(|| value.to_owned()))
                .ok_or_else(|| malformed(wanted))
        };
        let signature = Signature {
            mac: *mac,
            plain: plain.to_vec(),
            appid: field("a")?,
            secret_id: field("k")?,
            expires: expiry(&field("e")?)?,
            fileid: field("f")?,
            bucket: field("b")?,
        };
        whole_seconds(&field("t")?).ok_or_else(|| malformed("t"))?;
        if !is_integer(&field("r")?) {
            return Err(malformed("r"));
        }
        Ok(signature)
    }

    fn check_account(&self, account: &Account) -> Result<(), Refusal> {
        if self.appid.is_empty() || !self.appid.bytes().all(|byte| byte.is_ascii_digit()) {
            return refuse(code::APPID_INVALID, "the signature's appid is no number");
        }
        if self.secret_id != account.secret_id {
            return refuse(code::SECRET_ID_UNKNOWN, "no such secret id");
        }
        if self.appid != account.appid {
            return refuse(code::APPID_UNKNOWN, "no such appid");
        }
        Ok(())
    }

    /// Over the text as it came, not as we would write it: its fields may be in any order.
    fn check_mac(&self, account: &Account) -> Result<(), Refusal> {
        let genuine =
            Hmac::<Sha1>::new_from_slice(account.secret_key.as_bytes()).is_ok_and(|mac| {
                mac.chain_update(&self.plain)
                    .verify_slice(&self.mac)
                    .is_ok()
            });
        if genuine {
            Ok(())
        } else {
            refuse(code::SIGNATURE_WRONG, "the signature is wrong")
        }
    }

    fn check_place(&self, claim: &Claim) -> Result<(), Refusal> {
        if self.appid != claim.appid {
            return refuse(
                code::APPID_MISMATCH,
                "the URL's appid is not the signature's",
            );
        }
        if self.bucket != claim.location.bucket {
            return refuse(
                code::BUCKET_MISMATCH,
                "the URL's bucket is not the signature's",
            );
        }
        Ok(())
    }

    fn check_time(&self, now: i64) -> Result<(), Refusal> {
        if self.is_one_time() && self.fileid.is_empty() {
            return refuse(
                code::ONE_TIME_WITHOUT_FILEID,
                "a one-time signature names no fileid",
            );
        }
        if !self.is_one_time() && self.expires < now {
            return refuse(
                code::SIGNATURE_EXPIRED,
                format!("the signature expired at {}, it is {now}", self.expires),
            );
        }
        Ok(())
    }

    /// A one-time signature is for one path; another may be for all paths that begin alike.
    fn check_fileid(&self, claim: &Claim) -> Result<(), Refusal> {
        let full = collapse_slashes(&claim.location.fileid(claim.appid));
        let path = format!("/{}", claim.location.key);
        let fits = |fileid: &str| {
            let fileid = collapse_slashes(fileid);
            let fits_one = |wanted: &str| {
                if self.is_one_time() {
                    fileid == wanted
                } else {
                    wanted.starts_with(&fileid)
                }
            };
            fits_one(&full) || (claim.is_download && fits_one(&collapse_slashes(&path)))
        };
        // One SDK encodes the fileid twice (json-api.md §1.4).
        let once = percent_decode_str(&self.fileid).decode_utf8_lossy();
        let twice = percent_decode_str(&once).decode_utf8_lossy();
        if fits(&once) || (self.fileid.contains("%25") && fits(&twice)) {
            Ok(())
        } else {
            refuse(
                code::FILEID_MISMATCH,
                "the URL's path is not the signature's",
            )
        }
    }
}

fn refuse<T>(code: i32, message: impl Into<std::borrow::Cow<'static, str>>) -> Result<T, Refusal> {
    Err(Refusal::new(code, message))
}

fn malformed(field: &str) -> Refusal {
    Refusal::new(
        code::SIGNATURE_MALFORMED,
        format!("the signature's field {field} is missing or malformed"),
    )
}

fn expiry(text: &str) -> Result<i64, Refusal> {
    if text.is_empty() {
        return refuse(
            code::EXPIRY_EMPTY,
            "the signature's field e (expiry) is empty",
        );
    }
    whole_seconds(text).ok_or_else(|| malformed("e"))
}

/// Seconds, a fraction cut off: one SDK's sample sends such (json-api.md §6, 17).
fn whole_seconds(text: &str) -> Option<i64> {
    let (seconds, fraction) = text.split_once('.').unwrap_or((text, ""));
    let is_number = |digits: &str| digits.bytes().all(|byte| byte.is_ascii_digit());
    (is_number(seconds) && is_number(fraction))
        .then(|| seconds.parse().ok())
        .flatten()
}

/// Of any length, and even negative in one SDK (json-api.md §1.2).
fn is_integer(text: &str) -> bool {
    let digits = text.strip_prefix('-').unwrap_or(text);
    !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit())
}
