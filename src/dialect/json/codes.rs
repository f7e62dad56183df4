//! What the JSON API's codes mean for this library (json-api.md §4.2).

use crate::config::DEFAULT_ENDPOINT;
use crate::error::service_code::*;
use crate::error::{Error, ErrorClass};

pub(super) fn class(code: i64) -> Option<ErrorClass> {
    Some(match code {
        // -166 in recordings of 2016, -197 in the documentation later (§6.14).
        NOT_FOUND | -197 => ErrorClass::NotFound,
        // Another file, a folder, or the same content (§6.20).
        FILE_EXISTS | FOLDER_EXISTS | SAME_FILE => ErrorClass::Exists,
        OTHER_UPLOAD => ErrorClass::Unfinished,
        // Not lawful, incomplete, of the wrong end, not UTF-8.
        -180 | -182 | -147 | -164..=-160 => ErrorClass::BadPath,
        // files/v1 and files/v2.
        EXPIRED_SIGNATURE | -59 => ErrorClass::Expired,
        // Of files/v1, files/v2, and a token.
        UNKNOWN_SECRET_ID | -47 | EXPIRED_TOKEN => ErrorClass::InvalidCredentials,
        // Offset gone back or to be redone, perhaps complete already, session broken or forgotten
        // (§2.9).
        -4024 | -4025 | -4026 | -4027 | -4019 | -290 | -288 | -286 | -94 | -5983 => {
            ErrorClass::AskAgain
        }
        // Too frequent.
        TOO_FREQUENT => ErrorClass::SlowDown,
        _ => return None,
    })
}

/// Whether content has come that has another SHA-1 than was said with it; it was not kept (§2.8).
pub(super) fn is_damage(code: i64) -> bool {
    matches!(code, -174 | -5984)
}

/// The service's own host knows no key of an account that came after the XML API.
pub(super) fn hinted(mut error: Error, url: &str) -> Error {
    // A wrong signature; an id or an appid that is not known.
    if matches!(
        error.code,
        WRONG_SIGNATURE | UNKNOWN_SECRET_ID | UNKNOWN_APPID
    ) && url.starts_with(DEFAULT_ENDPOINT)
    {
        error.message.push_str(
            " (accounts that never had the JSON API need the XML API: give the option \"region\")",
        );
    }
    error
}
