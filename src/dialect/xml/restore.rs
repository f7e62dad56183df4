//! Archived objects (xml-api.md §3.18).

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use md5::{Digest, Md5};

use super::request::RequestBuilder;
use crate::error::Result;
use crate::exchange::Call;
use crate::model::{Answer, Restore, Target};
use crate::transport::{Method, Response};

/// Asking again does no harm: that it goes on already is what was wanted.
pub(super) fn restore(
    call: &Call,
    target: &Target,
    days: u32,
    tier: &str,
) -> Result<Answer<Restore>> {
    let text = format!(
        "<RestoreRequest><Days>{days}</Days><CASJobParameters><Tier>{tier}</Tier></CASJobParameters>\
         </RestoreRequest>"
    );
    let read = |response: &Response| Ok(response.status);
    let post = RequestBuilder::about(Method::Post, target, read)
        .query("restore", "")
        .header("content-md5", STANDARD.encode(Md5::digest(&text)))
        .document(text);
    let (state, httpcode) = match call.ask(&post) {
        Ok(202) => (Restore::Started, 202),
        Ok(status) => (Restore::Restored, status),
        Err(error) => match &error.detail {
            Some(detail) if detail.service_code == "RestoreAlreadyInProgress" => {
                (Restore::InProgress, error.httpcode)
            }
            _ => return Err(error),
        },
    };
    Ok(Answer {
        httpcode,
        ..Answer::success(state)
    })
}
