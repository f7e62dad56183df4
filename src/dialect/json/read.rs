//! Reads an answer of the JSON API. Nothing in it is trusted: a reply of the wrong shape is a
//! `bad_reply`, never a success.

use serde_json::{Map, Value};

use super::operation::Operation;
use super::{codes, fields};
use crate::dialect::answer::{bad, redirect, times};
use crate::error::{Error, ErrorClass, Result};
use crate::exchange::secrets::Secrets;
use crate::model::Answer;
use crate::transport::Response;

/// `signature` is what the request was signed with: a service that repeats it must not bring it into
/// a success. Errors are searched for all secrets by whoever has asked.
pub(super) fn read(operation: &Operation, response: Response, signature: &str) -> Result<Answer> {
    if (300..400).contains(&response.status) {
        return Err(redirect(&response));
    }
    let mut object = parse(&response)?;
    let code = match object.get("code").map(Value::as_i64) {
        Some(Some(code)) => code,
        Some(None) => return Err(bad(&response, "\"code\" is not a whole number")),
        None => return Err(bad(&response, "\"code\" is missing")),
    };
    let mut message = match object.remove("message") {
        Some(Value::String(text)) => text,
        None | Some(Value::Null) => String::new(),
        Some(_) => return Err(bad(&response, "\"message\" is not a string")),
    };
    let mut data = match object.remove("data") {
        Some(Value::Object(data)) => data,
        None | Some(Value::Null) => Map::new(),
        Some(_) => return Err(bad(&response, "\"data\" is not an object")),
    };
    let mut request_id = match object.remove("request_id") {
        Some(Value::String(text)) => Some(text),
        _ => None,
    };
    if code != 0 {
        let mut error = Error::service(code, message, response.status);
        error.data = data;
        error.request_id = request_id;
        error.class = match operation {
            // Of slices it is said at the end: nobody knows which of them it was.
            Operation::Upload { .. } if codes::is_damage(code) => Some(ErrorClass::Damaged),
            _ => codes::class(code),
        };
        return Err(times(error, &response));
    }
    if !(200..300).contains(&response.status) {
        return Err(bad(&response, "\"code\" is 0"));
    }
    fields::check(operation, &mut data).map_err(|problem| bad(&response, &problem))?;
    let secrets = Secrets::default().with_signature(signature);
    secrets.hide_in_text(&mut message);
    secrets.hide_in_data(&mut data);
    if let Some(id) = &mut request_id {
        secrets.hide_in_text(id);
    }
    Ok(Answer {
        value: (),
        extra: data,
        message,
        httpcode: response.status,
        request_id,
    })
}

fn parse(response: &Response) -> Result<Map<String, Value>> {
    match serde_json::from_slice(&response.body) {
        Ok(Value::Object(object)) => Ok(object),
        Ok(_) => Err(bad(response, "not a JSON object")),
        Err(_) => Err(bad(response, "not JSON")),
    }
}
