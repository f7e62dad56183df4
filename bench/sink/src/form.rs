//! multipart/form-data whose file comes last, as every client here sends it: then the file's length
//! is known beforehand, and its bytes need not be searched for the boundary.

use std::collections::HashMap;
use std::io::Result;

use crate::connection::{Connection, Head, invalid};
use crate::digest::Content;

/// A field's head or text; longer ones are no client's.
const TEXT_MAX: usize = 64 << 10;

pub struct Form {
    pub fields: HashMap<String, String>,
    pub file: Option<Content>,
}

impl Form {
    pub fn field(&self, name: &str) -> &str {
        self.fields.get(name).map_or("", String::as_str)
    }
}

pub fn boundary(head: &Head) -> Option<String> {
    let kind = head.header("content-type");
    let (_, boundary) = kind
        .strip_prefix("multipart/form-data")?
        .split_once("boundary=")?;
    Some(boundary.trim_matches('"').to_owned())
}

pub fn read(connection: &mut Connection, head: &mut Head, boundary: &str) -> Result<Form> {
    let between = format!("\r\n--{boundary}");
    let mut form = Form {
        fields: HashMap::new(),
        file: None,
    };
    connection.until(head, &between.as_bytes()[2..], TEXT_MAX)?;
    // Behind a boundary: a line break and a part, or two dashes and the end.
    while connection.text(head, 2)? == b"\r\n" {
        let about = connection.until(head, b"\r\n\r\n", TEXT_MAX)?;
        let about = String::from_utf8_lossy(&about).into_owned();
        let name = quoted(&about, " name=").unwrap_or_default();
        if is_file(&about, &name) {
            let tail = format!("{between}--\r\n");
            let length = head.left.checked_sub(tail.len() as u64);
            let length = length.ok_or_else(|| invalid("the form is cut short"))?;
            form.file = Some(connection.swallow(head, length)?);
            if connection.text(head, tail.len() as u64)? != tail.as_bytes() {
                return Err(invalid("the file is not the form's last part"));
            }
            return Ok(form);
        }
        let mut value = connection.until(head, between.as_bytes(), TEXT_MAX)?;
        value.truncate(value.len() - between.len());
        let value = String::from_utf8_lossy(&value).into_owned();
        form.fields.insert(name, value);
    }
    let left = head.left;
    connection.swallow(head, left)?;
    Ok(form)
}

/// Some clients give every part a file name: then it is the one that is called so.
fn is_file(about: &str, name: &str) -> bool {
    name.eq_ignore_ascii_case("filecontent") || name == "file" && about.contains("filename=")
}

fn quoted(text: &str, before: &str) -> Option<String> {
    let (_, rest) = text.split_once(before)?;
    let (value, _) = rest.strip_prefix('"')?.split_once('"')?;
    Some(value.to_owned())
}
