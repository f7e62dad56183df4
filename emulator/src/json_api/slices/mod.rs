//! The call upload_slice (json-api.md §2.9): a control request opens or resumes a session, data
//! requests bring the slices in any order, and the one that closes the last gap makes the file.

mod control;
mod data;
mod session;

use serde_json::Value;

use super::Call;
use crate::refusal::Refusal;

pub fn upload_slice(call: &Call) -> Result<Value, Refusal> {
    call.file_key()?;
    if is_data(call) {
        data::receive(call)
    } else {
        control::open_or_resume(call)
    }
}

/// Whether this is a slice of an upload that is known here: such a one needs no valid signature.
pub fn is_of_known_session(call: &Call) -> bool {
    let id = call.params.given("session").unwrap_or("");
    let find = || {
        let store = &call.service.store;
        store.transaction(|tx| session::find(tx, call, id))
    };
    is_data(call) && find().is_ok()
}

/// A control request announces a file and carries none of it; a data request is the reverse.
fn is_data(call: &Call) -> bool {
    let has_content = call.params.content.as_ref().is_some_and(|c| !c.is_empty());
    call.params.given("offset").is_some()
        || (has_content && call.params.given("filesize").is_none())
}
