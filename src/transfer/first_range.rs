//! The first bytes that are wanted of an object of which nothing is known yet: the head of the answer tells
//! the rest, so that a small read takes one request.

use std::ops::Range;

use super::fetch::{Object, WriteAt, parse_range};
use crate::base::cancel;
use crate::base::size;
use crate::dialect;
use crate::error::{Error, Kind, Result};
use crate::exchange::{Attempts, Call, Signer};
use crate::model::{ContentInfo, Target};
use crate::transport::{Fetched, Header};

/// The status of a range behind the object's end.
const RANGE_NOT_SATISFIABLE: u16 = 416;

/// Some bytes that have arrived, and of which object.
pub(super) struct FirstRange {
    pub(super) known: ContentInfo,
    /// As much of what was wanted as the object has.
    pub(super) range: Range<u64>,
    pub(super) crc64: u64,
}

/// Fetches `wanted`, or what the object has of it. An API whose answers tell too little of the object is
/// asked about it first.
pub(super) fn fetch(
    call: &Call,
    target: &Target,
    conditions: &[Header],
    wanted: Range<u64>,
    into: &dyn WriteAt,
) -> Result<FirstRange> {
    let mut attempts = Attempts::of(call);
    let (known, begun) = loop {
        let signer = &call.signer()?;
        match ask(call, signer, target, conditions, &wanted, &mut attempts) {
            Ok(reported) => break reported,
            Err(error) => cancel::pause(attempts.failed(error, true)?)?,
        }
    };
    let range = wanted.start.min(known.size)..wanted.end.min(known.size);
    let mut crc64 = 0;
    if !range.is_empty() {
        let object = Object::new(call, target, &known);
        crc64 = object.go_on(range.clone(), begun, attempts, into, &mut |_| {
            cancel::check()
        })?;
    }
    Ok(FirstRange {
        known,
        range,
        crc64,
    })
}

/// What the object is, and an answer that begins to bring the bytes; none where there are none.
fn ask(
    call: &Call,
    signer: &Signer,
    target: &Target,
    conditions: &[Header],
    wanted: &Range<u64>,
    attempts: &mut Attempts,
) -> Result<(ContentInfo, Option<Fetched>)> {
    let exchange = call.exchange();
    let dialect = dialect::of(exchange);
    let asks_first = || Ok((dialect.content_info(call, target, conditions)?, None));
    if wanted.is_empty() || !dialect.answers_describe() {
        return asks_first();
    }
    let headers = conditions.to_vec();
    let asked = dialect::get_object(signer, target, Some(wanted.clone()), headers)?;
    attempts.begin(signer, &asked.request, &asked.signature);
    let limits = exchange.time_limits(call.deadline());
    let fetched = exchange.transport().fetch(&asked.request, limits)?;
    attempts.answered(fetched.status, &fetched.headers);
    match fetched.status {
        200 | 206 => {}
        // Its size is told by no answer to a range that it does not have.
        RANGE_NOT_SATISFIABLE => {
            attempts.succeeded();
            return asks_first();
        }
        _ => {
            let refusal = dialect.refusal(fetched);
            return Err(signer.secrets(&asked.signature).hide_in(refusal));
        }
    }
    let size = size::of_object(size_of(&fetched)?).map_err(|e| e.answered(fetched.status))?;
    let Some(known) = dialect.content_info_of(&fetched.headers, size) else {
        let problem = "the answer has no ETag: perhaps it is not the service's";
        return Err(Error::new(Kind::BadReply, problem).answered(fetched.status));
    };
    Ok((known, Some(fetched)))
}

/// Bytes of the whole object.
fn size_of(fetched: &Fetched) -> Result<u64> {
    let reported = match fetched.status {
        200 => fetched.headers.number("content-length"),
        _ => {
            let range = fetched.headers.text("content-range").and_then(parse_range);
            range.and_then(|(_, _, size)| size)
        }
    };
    reported.ok_or_else(|| {
        let problem = "the service does not tell the object's size";
        Error::new(Kind::BadReply, problem).answered(fetched.status)
    })
}
