//! Whether a file is at the target already, with the same content: by what the lists tell where that is proof
//! enough, or by what is remembered of both, else by one question.

use super::Item;
use super::index::{Entry, Index};
use crate::config::Compare;
use crate::dialect;
use crate::error::{Error, ErrorClass, Kind, Result};
use crate::exchange::Call;
use crate::model::{ContentInfo, ContentTag, Digests, ListedFile, Proof};
use crate::transfer::hasher::Hasher;
use crate::transfer::source::Source;

pub(super) enum Comparison {
    Same,
    /// Or it is not known; what is known of the object, where it was asked about.
    Differs(Option<ContentInfo>),
}

/// The local file `source` and the object that the service lists. What is found is remembered. `tick` is called
/// while the file is read, with the bytes so far.
pub(super) fn compare(
    call: &Call,
    item: &Item,
    listed: &ListedFile,
    source: &Source,
    (by, index): (Compare, Option<&Index>),
    tick: &mut dyn FnMut(u64) -> Result<()>,
) -> Result<Comparison> {
    if source.size() != listed.size {
        return Ok(Comparison::Differs(None));
    }
    // No list tells how a file is encrypted.
    let is_encrypted = item.target.encryption().is_some();
    if by == Compare::Size && !is_encrypted {
        return Ok(Comparison::Same);
    }
    let tag = item.remembered.as_ref();
    let tag = tag.and_then(|entry| entry.tag(source.stamp()));
    let digests = match tag {
        Some(tag) if listed.has_tag(tag) && !is_encrypted => return Ok(Comparison::Same),
        // The object is another; its digest is asked for.
        Some(tag) if !listed.has_md5() => Digests::of_crc64(tag.crc64),
        _ => {
            let hasher = Hasher::new(listed.has_sha1(), listed.has_md5());
            hasher.read(source, tick)?
        }
    };
    match listed.compare(&digests) {
        Proof::Same if !is_encrypted => {
            remember(index, item, source, listed.tag(digests.crc64));
            return Ok(Comparison::Same);
        }
        Proof::Differs => return Ok(Comparison::Differs(None)),
        Proof::Same | Proof::Nothing => {}
    }
    let known = match dialect::of(call.exchange()).content_info(call, &item.target, &[]) {
        Ok(known) => known,
        Err(error) if is_of_this_file(&error) || is_encrypted && is_other(&error) => {
            return Ok(Comparison::Differs(None));
        }
        Err(error) => return Err(error),
    };
    if known.size != source.size() || !known.has_digest() {
        return Ok(Comparison::Differs(Some(known)));
    }
    let digests = match known.wants_all() {
        true => Hasher::of_download(&known).read(source, tick)?,
        false => digests,
    };
    match known.confirm(&digests) {
        Ok(_) => {
            remember(index, item, source, known.tag(digests.crc64));
            Ok(Comparison::Same)
        }
        Err(_) => Ok(Comparison::Differs(Some(known))),
    }
}

/// That the object of this tag has the content of the local file, which was read since it was opened.
pub(super) fn remember(
    index: Option<&Index>,
    item: &Item,
    source: &Source,
    tag: Option<ContentTag>,
) {
    let is_sure = source.is_settled() && source.unchanged().is_ok();
    if let (Some(index), Some(tag), true) = (index, tag, is_sure) {
        index.learn(&item.name, Entry::new(source.stamp(), tag));
    }
}

/// It is encrypted otherwise than was asked for.
pub(super) fn is_other(error: &Error) -> bool {
    let is_refused = error.kind == Kind::Service && error.httpcode == 400;
    error.kind == Kind::Integrity || is_refused
}

/// It is gone, or may not be looked at: the transfer tells.
fn is_of_this_file(error: &Error) -> bool {
    error.is(ErrorClass::NotFound) || dialect::is_forbidden(error)
}
