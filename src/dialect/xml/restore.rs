//! Archived objects (xml-api.md §3.18).

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
        .digested_document(text);
    let (state, httpcode) = match call.ask(&post) {
        Ok(202) => (Restore::Started, 202),
        Ok(status) => (Restore::Restored, status),
        Err(error) if error.service_code() == "RestoreAlreadyInProgress" => {
            (Restore::InProgress, error.httpcode)
        }
        Err(error) => return Err(error),
    };
    Ok(Answer {
        httpcode,
        ..Answer::success(state)
    })
}
