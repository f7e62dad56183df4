//! What the JSON API's codes mean for this library (json-api.md §4.2).

use crate::config::DEFAULT_ENDPOINT;
use crate::error::{Error, Meaning};

pub(super) fn meaning(code: i64) -> Option<Meaning> {
    Some(match code {
        // -166 in recordings of 2016, -197 in the documentation later (§6.14).
        -166 | -197 => Meaning::NotFound,
        // Another file, a folder, or the same content (§6.20).
        -177 | -178 | -4018 => Meaning::Exists,
        -4016 => Meaning::Unfinished,
        // Not lawful, incomplete, of the wrong end, not UTF-8.
        -180 | -182 | -147 | -164..=-160 => Meaning::BadPath,
        // files/v1 and files/v2.
        -96 | -59 => Meaning::Expired,
        // Offset gone back or to be redone, perhaps complete already, session broken or forgotten
        // (§2.9).
        -4024 | -4025 | -4026 | -4027 | -4019 | -290 | -288 | -286 | -94 | -5983 => {
            Meaning::AskAgain
        }
        // Too frequent.
        -71 => Meaning::SlowDown,
        _ => return None,
    })
}

/// The service's own host knows no key of an account that came after the XML API.
pub(super) fn hinted(mut error: Error, url: &str) -> Error {
    // A wrong signature; an id or an appid that is not known.
    if matches!(error.code, -97 | -79 | -82) && url.starts_with(DEFAULT_ENDPOINT) {
        error.message.push_str(
            " (accounts that never had the JSON API need the XML API: give the option \"region\")",
        );
    }
    error
}
