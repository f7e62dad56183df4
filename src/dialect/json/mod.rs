//! The JSON API (`files/v1`): json-api.md §2 is the source of every field. `operation` is what can be
//! asked, `request` one request, `say` and `read` are its words and those of the answer; the other files
//! do a call each.

mod codes;
mod delete;
mod diagnosis;
mod dialect;
mod fields;
mod folder_lists;
mod form;
mod object;
mod operation;
mod read;
mod reconcile;
mod request;
mod say;
mod sign;
mod typed;
mod upload;
mod upload_session;
mod walk;

pub(super) use dialect::Json;
