//! Which API a request is of.

use std::io::Result;
use std::time::Instant;

use crate::connection::{Connection, Head};
use crate::limit::Limit;
use crate::reply::Reply;
use crate::store::{Object, Store};
use crate::{control, form, json_api, xml_api};

/// Answers one request; whether there may be another on this connection.
pub fn serve(connection: &mut Connection, store: &Store, limit: &Limit) -> Result<bool> {
    let Some(mut head) = connection.head()? else {
        return Ok(false);
    };
    let may_go_on = !head.header("connection").eq_ignore_ascii_case("close");
    if head.path.starts_with("/_sink/") {
        control::serve(connection, &mut head, store, limit)?;
    } else if !limit.takes(Instant::now()) {
        let left = head.left;
        connection.swallow(&mut head, left)?;
        connection.answer(&xml_api::error(503, "SlowDown").bytes())?;
    } else if head.path.starts_with("/files/v1/") {
        json_api::serve(connection, &mut head, store)?;
    } else if let Some(boundary) = form::boundary(&head) {
        plain_form(connection, &mut head, store, &boundary)?;
    } else {
        xml_api::serve(connection, &mut head, store)?;
    }
    Ok(may_go_on)
}

/// A form of a client that speaks neither API.
fn plain_form(
    connection: &mut Connection,
    head: &mut Head,
    store: &Store,
    boundary: &str,
) -> Result<()> {
    let form = form::read(connection, head, boundary)?;
    let object = Object {
        content: form.file.unwrap_or_default(),
        sha1: form.field("sha").to_owned(),
        ..Object::default()
    };
    let content = object.content;
    store.put(&head.path, object);
    connection.answer(&Reply::new(200).about(content).bytes())
}
