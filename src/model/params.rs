//! Checks of the plain parameters of a call. Each error names the parameter and its problem.

use crate::base::quoted::quoted;
use crate::base::size::{APPENDABLE_MAX_BYTES, OBJECT_MAX_BYTES};
use crate::error::{Error, Result};
use crate::model::Method;

/// Longest life of a signature that the service takes: three months (json-api.md §1.3).
pub(crate) const SIGN_EXPIRES_MAX_S: u64 = 90 * 24 * 3600;

/// No source states a limit for attributes; this only refuses absurd ones.
const BIZ_ATTR_MAX_BYTES: usize = 64 << 10;

/// Longer than any that there is.
const PATTERN_MAX_BYTES: usize = 64;

/// Sessions and contexts are the service's own texts; far longer than any recorded one.
const OPAQUE_MAX_BYTES: usize = 8 << 10;

/// Refuses text that is too long or holds control characters (they would end a header's line).
pub(crate) fn text(name: &str, text: &str, max_bytes: usize) -> Result<()> {
    if text.len() > max_bytes {
        return Err(Error::parameter(
            name,
            format!("is {} bytes long, the limit is {max_bytes}", text.len()),
        ));
    }
    match text.char_indices().find(|(_, c)| c.is_control()) {
        None => Ok(()),
        Some((at, c)) => Err(Error::parameter(
            name,
            format!(
                "holds the control character U+{:04X} at byte {at}",
                c as u32
            ),
        )),
    }
}

pub(crate) fn biz_attr(value: &str) -> Result<()> {
    text("biz_attr", value, BIZ_ATTR_MAX_BYTES)
}

/// A session or context as an earlier reply gave it; empty stands for none.
pub(crate) fn opaque<'a>(name: &str, value: Option<&'a str>) -> Result<Option<&'a str>> {
    let value = value.filter(|v| !v.is_empty());
    if let Some(value) = value {
        text(name, value, OPAQUE_MAX_BYTES)?;
    }
    Ok(value)
}

/// A place in an object, in bytes.
pub(crate) fn offset(value: i64) -> Result<u64> {
    let offset = u64::try_from(value).ok();
    let offset = offset.filter(|offset| *offset <= OBJECT_MAX_BYTES);
    offset.ok_or_else(|| {
        let problem = format!("is {value}, must be 0 to {OBJECT_MAX_BYTES}");
        Error::parameter("offset", problem)
    })
}

/// Where `len` bytes are appended.
pub(crate) fn position(value: i64, len: usize) -> Result<u64> {
    let position = u64::try_from(value).ok();
    let Some(position) = position.filter(|position| *position <= APPENDABLE_MAX_BYTES) else {
        let problem = format!("is {value}, must be 0 to {APPENDABLE_MAX_BYTES}");
        return Err(Error::parameter("position", problem));
    };
    if position + len as u64 > APPENDABLE_MAX_BYTES {
        let problem = format!(
            "is {len}: a file that is appended to has up to {APPENDABLE_MAX_BYTES} bytes, and this one has \
             {position}"
        );
        return Err(Error::parameter("len", problem));
    }
    Ok(position)
}

/// How long a restored file can be read. The largest number is the service's affair.
pub(crate) fn days(value: i32) -> Result<u32> {
    let days = u32::try_from(value).ok().filter(|days| *days > 0);
    days.ok_or_else(|| Error::parameter("days", format!("is {value}, must be at least 1")))
}

/// How fast a file is restored.
pub(crate) fn tier(value: Option<&str>) -> Result<&str> {
    const TIERS: [&str; 3] = ["Standard", "Expedited", "Bulk"];
    one_of("tier", value.unwrap_or("Standard"), &TIERS)
}

/// 0 pages forward, 1 backward.
pub(crate) fn order(value: i32) -> Result<i32> {
    match value {
        0 | 1 => Ok(value),
        _ => Err(Error::parameter(
            "order",
            format!("is {value}, must be 0 (forward) or 1 (backward)"),
        )),
    }
}

pub(crate) fn pattern(value: Option<&str>) -> Result<&str> {
    const PATTERNS: [&str; 3] = ["eListBoth", "eListDirOnly", "eListFileOnly"];
    one_of("pattern", value.unwrap_or("eListBoth"), &PATTERNS)
}

/// 1 replaces what is there, 0 does not.
pub(crate) fn overwrite(value: i32) -> Result<bool> {
    zero_or_one("overwrite", value)
}

pub(crate) fn zero_or_one(name: &str, value: i32) -> Result<bool> {
    match value {
        0 => Ok(false),
        1 => Ok(true),
        _ => Err(Error::parameter(
            name,
            format!("is {value}, must be 0 or 1"),
        )),
    }
}

/// Who may read a file.
pub(crate) fn acl(value: &str) -> Result<&str> {
    one_of("acl", value, &["default", "private", "public-read"])
}

/// Whether a bucket keeps versions.
pub(crate) fn versioning(value: &str) -> Result<&str> {
    one_of("status", value, &["Enabled", "Suspended"])
}

/// Who may use a bucket.
pub(crate) fn bucket_acl(value: &str) -> Result<&str> {
    one_of(
        "acl",
        value,
        &["private", "public-read", "public-read-write"],
    )
}

fn one_of<'a>(name: &str, value: &'a str, known: &[&str]) -> Result<&'a str> {
    text(name, value, PATTERN_MAX_BYTES)?;
    match known.contains(&value) {
        true => Ok(value),
        false => Err(Error::parameter(
            name,
            format!("is {}, must be one of {}", quoted(value), known.join(", ")),
        )),
    }
}

/// The method of a request.
pub(crate) fn method(value: &str) -> Result<Method> {
    text("method", value, PATTERN_MAX_BYTES)?;
    Method::named(value).ok_or_else(|| {
        let problem = format!("is {}, must be one of {}", quoted(value), Method::names());
        Error::parameter("method", problem)
    })
}

/// The life of a signature, in seconds.
pub(crate) fn expires_s(value: i64) -> Result<u64> {
    match u64::try_from(value) {
        Ok(seconds) if (1..=SIGN_EXPIRES_MAX_S).contains(&seconds) => Ok(seconds),
        _ => Err(Error::parameter(
            "expires_s",
            format!("is {value}, must be 1 to {SIGN_EXPIRES_MAX_S}"),
        )),
    }
}

/// When a multi-use signature ends, in Unix seconds.
pub(crate) fn expired(value: i64, now: u64) -> Result<u64> {
    match u64::try_from(value) {
        Ok(at) if at > now => Ok(at),
        _ => Err(Error::parameter(
            "expired",
            format!("is {value}, must be a Unix time in seconds after now ({now})"),
        )),
    }
}

/// When credentials end, in Unix seconds: 0 stands for never.
pub(crate) fn expires_at(value: i64, now: u64) -> Result<Option<u64>> {
    match u64::try_from(value) {
        Ok(0) => Ok(None),
        Ok(at) if at > now => Ok(Some(at)),
        _ => Err(Error::parameter(
            "expires_at",
            format!("is {value}, must be a Unix time in seconds after now ({now}), or 0 for never"),
        )),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn limits_hold_on_both_sides() {
        assert!(order(2).is_err() && order(-1).is_err());
        assert_eq!(pattern(None).unwrap(), "eListBoth");
        assert!(pattern(Some("")).is_err() && pattern(Some("elistboth")).is_err());
        assert!(expired(10, 10).is_err() && expired(-1, 10).is_err());
        assert_eq!(expired(11, 10).unwrap(), 11);
        assert!(expires_at(10, 10).is_err() && expires_at(-1, 10).is_err());
        assert_eq!(
            (expires_at(0, 10).unwrap(), expires_at(11, 10).unwrap()),
            (None, Some(11))
        );
        for value in [i64::MIN, -1, 0, 7_776_001, i64::MAX] {
            assert!(expires_s(value).is_err(), "{value}");
        }
        assert_eq!(
            expires_s(1).unwrap() + expires_s(7_776_000).unwrap(),
            7_776_001
        );
        assert!(overwrite(-1).is_err() && overwrite(2).is_err());
        let most = i64::try_from(APPENDABLE_MAX_BYTES).unwrap();
        assert_eq!(
            position(most, 0).unwrap() + position(0, 1).unwrap(),
            5 << 30
        );
        for (at, len) in [(-1, 0), (most + 1, 0), (most, 1), (i64::MAX, 1)] {
            assert!(position(at, len).is_err(), "{at} {len}");
        }
        assert!(days(0).is_err() && days(-1).is_err() && days(1).is_ok());
        assert!(tier(Some("standard")).is_err() && tier(None).is_ok());
    }

    #[test]
    fn control_characters_are_found() {
        for bad in ["a\rb", "a\nb", "\t", "\u{85}", "\u{0}"] {
            assert!(text("biz_attr", bad, 10).is_err(), "{bad:?}");
        }
        assert!(text("biz_attr", "好 ~%\u{a0}", 10).is_ok());
        assert_eq!(opaque("session", Some("")).unwrap(), None);
    }
}
