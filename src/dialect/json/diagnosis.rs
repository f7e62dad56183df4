//! What a diagnosis asks, and which step a refusal is about (json-api.md §4.2).

use super::codes;
use super::dialect::Json;
use super::operation::Operation;
use super::read;
use super::request::{ask, url};
use super::say;
use crate::dialect::{LIST_REPLY_CAP, Probes};
use crate::error::service_code::*;
use crate::error::{Error, ErrorClass, Kind, Result};
use crate::exchange::{Call, Exchange};
use crate::model::diagnosis::Step;
use crate::model::{PageRequest, Target};
use crate::transport::{Request, Response};

const LIST: Operation = Operation::List(&PageRequest {
    num: 1,
    pattern: "eListBoth",
    order: 0,
    context: "",
});

impl Probes for Json {
    /// Refused to whoever does not sign, in the words of the service.
    fn open_question(&self, exchange: &Exchange, bucket: &Target) -> Result<Request<'static>> {
        let mut url = url(exchange, bucket)?;
        if let Some((query, _)) = say::question(&LIST) {
            url = format!("{url}?{query}");
        }
        Ok(Request::get(url, LIST_REPLY_CAP))
    }

    /// It tells nothing of the bucket: signatures are looked at first.
    fn open_answer(&self, response: Response) -> Result<bool> {
        match read::read(&LIST, response, "") {
            Err(error)
                if error.kind != Kind::Service || self.blamed(&error) == Some(Step::Region) =>
            {
                Err(error)
            }
            _ => Ok(false),
        }
    }

    fn try_list(&self, call: &Call, bucket: &Target) -> Result<()> {
        ask(call, bucket, &LIST).map(drop)
    }

    fn try_read(&self, call: &Call, file: &Target) -> Result<()> {
        match ask(call, file, &Operation::Stat) {
            Err(error) if error.is(ErrorClass::NotFound) => Ok(()),
            outcome => outcome.map(drop),
        }
    }

    fn blamed(&self, error: &Error) -> Option<Step> {
        Some(match error.code {
            _ if codes::class(error.code) == Some(ErrorClass::Expired) => Step::Clock,
            // No such account or bucket, or a name that none has.
            NO_SUCH_BUCKET | UNKNOWN_APPID | -80 => Step::Region,
            // Not known, or of another account.
            UNKNOWN_SECRET_ID | -47 | -62 => Step::Key,
            // Wrong, or about another account, path or bucket.
            WRONG_SIGNATURE | -48 | -70 | -63 | -61 => Step::Signature,
            EXPIRED_TOKEN => Step::Token,
            // Not allowed by the signature, to the account, or at all.
            ACCESS_DENIED | -75 | -64 => Step::List,
            _ => return None,
        })
    }
}
