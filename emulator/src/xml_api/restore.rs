//! Archived objects (xml-api.md §3.18): nobody reads them before they were restored, which takes its time and
//! is over after some days.

use std::sync::Arc;

use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use serde_json::{Value, json};

use super::Call;
use super::content::Content;
use super::refusal::{Code, Refusal, code};
use super::reply::{empty, put_header};
use super::xml::Node;
use crate::clock::http_date;
use crate::store::Object;

const ALREADY_IN_PROGRESS: Code = Code(
    409,
    "RestoreAlreadyInProgress",
    "The object is being restored.",
);
const NON_ARCHIVE_OBJECT: Code = Code(
    405,
    "RestoreNonArchiveObject",
    "An object that is not archived cannot be restored.",
);

const HOUR: i64 = 3600;
const DAY: i64 = 24 * HOUR;
/// Copies go at midnight in China, which is 16:00 GMT.
const MIDNIGHT: i64 = 16 * HOUR;

/// What became of a request to restore an object, in Unix seconds.
struct Restore {
    tier: String,
    asked: i64,
    /// When there will be a copy to read, and until when.
    ready: i64,
    until: i64,
}

impl Restore {
    /// None if there is none, or its copy is gone again.
    fn of(object: &Object, now: i64) -> Option<Restore> {
        let kept: Value = serde_json::from_str(&object.attributes.restore).ok()?;
        let restore = Restore {
            tier: kept["tier"].as_str()?.to_owned(),
            asked: kept["asked"].as_i64()?,
            ready: kept["ready"].as_i64()?,
            until: kept["until"].as_i64()?,
        };
        Some(restore).filter(|restore| now < restore.until)
    }

    fn is_ongoing(&self, now: i64) -> bool {
        now < self.ready
    }

    fn to_json(&self) -> String {
        json!({"tier": self.tier, "asked": self.asked, "ready": self.ready, "until": self.until})
            .to_string()
    }
}

fn is_archived(object: &Object) -> bool {
    object.attributes.storage_class.ends_with("ARCHIVE")
}

/// Whether there is something to read: it is not archived, or there is a copy.
pub fn is_readable(object: &Object, now: i64) -> bool {
    let restore = Restore::of(object, now);
    !is_archived(object) || restore.is_some_and(|restore| !restore.is_ongoing(now))
}

/// What GET and HEAD tell of it.
pub fn put_headers(headers: &mut HeaderMap, object: &Object, now: i64) {
    let Some(restore) = Restore::of(object, now).filter(|_| is_archived(object)) else {
        return;
    };
    if !restore.is_ongoing(now) {
        let until = http_date(restore.until);
        let told = format!("ongoing-request=\"false\", expiry-date=\"{until}\"");
        put_header(headers, "x-cos-restore", &told);
        return;
    }
    put_header(headers, "x-cos-restore", "ongoing-request=\"true\"");
    let tier = restore.tier.to_ascii_lowercase();
    let asked = http_date(restore.asked);
    let status = format!("tier=\"{tier}\"; request-date=\"{asked}\"");
    put_header(headers, "x-cos-restore-status", &status);
}

/// What a request asks for.
struct Asked {
    days: i64,
    tier: String,
}

fn asked(document: &Node) -> Result<Asked, Refusal> {
    let days = document.child_text("Days").ok_or(code::MALFORMED_XML)?;
    let days = days.trim().parse::<u16>().ok().filter(|days| *days > 0);
    let wrong = "Days is no number from 1 up.";
    let days = days.ok_or_else(|| Refusal::new(code::INVALID_ARGUMENT, wrong))?;
    let job = document.child("CASJobParameters");
    let tier = job.and_then(|job| job.child_text("Tier"));
    let tier = tier.ok_or(code::MALFORMED_XML)?.trim();
    if !["Expedited", "Standard", "Bulk"].contains(&tier) {
        let wrong = "Tier is none of Expedited, Standard, Bulk.";
        return Err(Refusal::new(code::INVALID_ARGUMENT, wrong));
    }
    Ok(Asked {
        days: days.into(),
        tier: tier.to_owned(),
    })
}

/// The longest that the service says it takes.
fn takes(object: &Object, tier: &str) -> Result<i64, Refusal> {
    let is_deep = object.attributes.storage_class == "DEEP_ARCHIVE";
    match (is_deep, tier) {
        (false, "Expedited") => Ok(5 * 60),
        (false, "Standard") => Ok(5 * HOUR),
        (false, _) => Ok(12 * HOUR),
        (true, "Standard") => Ok(24 * HOUR),
        (true, "Bulk") => Ok(48 * HOUR),
        (true, _) => {
            let message = "An object of DEEP_ARCHIVE is not restored by Expedited.";
            Err(Refusal::new(code::INVALID_ARGUMENT, message))
        }
    }
}

/// Until the midnight after so many days.
fn expiry(ready: i64, days: i64) -> i64 {
    let end = ready + days * DAY;
    end + (MIDNIGHT - end).rem_euclid(DAY)
}

pub async fn restore(call: Arc<Call>, content: &mut Content) -> Result<Response, Refusal> {
    let document = content
        .read_xml(&call.parts.headers, "RestoreRequest")
        .await?;
    let asked = asked(&document)?;
    call.blocking(move |call| begin(call, &asked)).await
}

fn begin(call: &Call, asked: &Asked) -> Result<Response, Refusal> {
    let now = call.service.clock.now_in_archives();
    call.transaction(|tx| {
        call.find_bucket(tx)?;
        let object = call.find_object(tx)??;
        if !is_archived(&object) {
            return Err(NON_ARCHIVE_OBJECT.into());
        }
        let (status, ready) = match Restore::of(&object, now) {
            Some(restore) if restore.is_ongoing(now) => {
                return Err(ALREADY_IN_PROGRESS.into());
            }
            // Its copy stays longer.
            Some(restore) => (StatusCode::OK, restore.ready),
            None => (StatusCode::ACCEPTED, now + takes(&object, &asked.tier)?),
        };
        let restore = Restore {
            tier: asked.tier.clone(),
            asked: now,
            ready,
            until: expiry(ready.max(now), asked.days),
        };
        let (bucket, key) = (&call.bucket, &call.key);
        tx.set_restore(bucket, key, &object.version.id, &restore.to_json())?;
        Ok(empty(status))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn copies_go_at_midnight() {
        // The service's own sample: 13 Apr 2020 16:00:00 GMT.
        let midnight = 1_586_793_600;
        assert_eq!(http_date(midnight), "Mon, 13 Apr 2020 16:00:00 GMT");
        assert_eq!(expiry(midnight - 3 * DAY, 3), midnight);
        assert_eq!(expiry(midnight - 3 * DAY - 1, 3), midnight);
        assert_eq!(expiry(midnight - 3 * DAY + 1, 3), midnight + DAY);
    }
}
