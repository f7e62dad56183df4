//! The first bytes that are wanted of an object of which nothing is known yet: the head of the answer tells
//! the rest, so that a small read takes one request.

use std::ops::Range;

use super::fetch::{Begun, Object, WriteAt, parse_range};
use super::get::get;
use crate::base::cancel;
use crate::base::size;
use crate::dialect;
use crate::error::{Error, Kind, Result};
use crate::exchange::{Attempts, Call, Signer};
use crate::model::{ContentInfo, Target};
use crate::transport::{Fetched, Header, steps};

/// The status of a range behind the object's end.
const RANGE_NOT_SATISFIABLE: u16 = 416;

/// Some bytes that have arrived, and of which object.
pub(super) struct FirstRange {
    pub(super) known: ContentInfo,
    /// As much of what was wanted as the object has.
    pub(super) range: Range<u64>,
    pub(super) crc64: u64,
}

/// What the answer has to tell beside the bytes.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Wanted {
    /// Which object it is.
    Bytes,
    /// What the whole is compared with, and that nobody on the way has changed it.
    Whole,
}

/// Fetches `wanted`, or what the object has of it.
pub(super) fn fetch(
    call: &Call,
    target: &Target,
    conditions: &[Header],
    wanted: Range<u64>,
    into: &dyn WriteAt,
) -> Result<FirstRange> {
    let (known, begun) = begin(call, target, conditions, wanted.clone(), Wanted::Bytes)?;
    let range = wanted.start.min(known.size)..wanted.end.min(known.size);
    let mut crc64 = 0;
    if !range.is_empty() {
        let object = Object::new(call, target, &known).begun(begun);
        crc64 = object.fetch(range.clone(), into, &mut |_| cancel::check())?;
    }
    Ok(FirstRange {
        known,
        range,
        crc64,
    })
}

/// What the object is, and an answer that begins to bring `range`, or what the object has of it. An API whose
/// answers tell too little of the object is asked about it, as is a service where the answer does; then there
/// is no answer yet.
pub(super) fn begin<'c>(
    call: &'c Call<'c>,
    target: &Target,
    conditions: &[Header],
    range: Range<u64>,
    wanted: Wanted,
) -> Result<(ContentInfo, Option<Begun<'c>>)> {
    let dialect = dialect::of(call.exchange());
    if !range.is_empty() && dialect.answers_describe() {
        let mut attempts = Attempts::of(call);
        let answered = loop {
            let signer = &attempts.signer(&mut || Ok(()))?;
            match ask(
                call,
                signer,
                target,
                conditions,
                &range,
                &mut attempts,
                wanted,
            ) {
                Ok(answered) => break answered,
                Err(error) => cancel::pause(attempts.failed(error, true)?)?,
            }
        };
        match answered {
            Some((known, fetched)) => {
                let begun = Begun {
                    fetched,
                    range,
                    attempts,
                    steps: steps::last(),
                };
                return Ok((known, Some(begun)));
            }
            _ => attempts.succeeded(),
        }
    }
    Ok((dialect.content_info(call, target, conditions)?, None))
}

/// An answer that begins to bring the bytes, and what it tells of the object; none where it has no such bytes,
/// or tells too little.
fn ask(
    call: &Call,
    signer: &Signer,
    target: &Target,
    conditions: &[Header],
    range: &Range<u64>,
    attempts: &mut Attempts,
    wanted: Wanted,
) -> Result<Option<(ContentInfo, Fetched)>> {
    let what = (Some(range.clone()), conditions.to_vec());
    let answers = &[200, 206, RANGE_NOT_SATISFIABLE];
    let fetched = get(call, signer, target, what, attempts, answers)?;
    if fetched.status == RANGE_NOT_SATISFIABLE {
        // Its size is told by no answer to a range that it does not have.
        return Ok(None);
    }
    match describe(call, &fetched) {
        Ok(known) if wanted == Wanted::Bytes || tells_whole(&known, &fetched) => {
            Ok(Some((known, fetched)))
        }
        Err(error) if wanted == Wanted::Bytes => Err(error),
        _ => Ok(None),
    }
}

/// What the head of an answer tells of the object.
fn describe(call: &Call, fetched: &Fetched) -> Result<ContentInfo> {
    let size = size::of_object(size_of(fetched)?).map_err(|e| e.answered(fetched.status))?;
    let known = dialect::of(call.exchange()).content_info_of(&fetched.headers, size);
    known.ok_or_else(|| {
        let problem = "the answer has no ETag: perhaps it is not the service's";
        Error::new(Kind::BadReply, problem).answered(fetched.status)
    })
}

/// One that is encoded may be so on its way alone.
fn tells_whole(known: &ContentInfo, fetched: &Fetched) -> bool {
    fetched.headers.text("content-encoding").is_none() && known.has_digest()
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
