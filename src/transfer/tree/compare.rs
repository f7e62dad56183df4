//! Whether a file is at the target already, with the same content: by what the lists tell where that is proof
//! enough, else by one question.

use super::Item;
use crate::config::Compare;
use crate::dialect;
use crate::error::{Error, ErrorClass, Result};
use crate::exchange::Call;
use crate::model::{ContentInfo, Digests, ListedFile, Proof};
use crate::transfer::hasher::Hasher;
use crate::transfer::source::Source;

pub(super) enum Comparison {
    Same,
    /// Or it is not known; what is known of the object, where it was asked about.
    Differs(Option<ContentInfo>),
}

/// The local file `source` and the object that the service lists. `tick` is called while the file is read, with
/// the bytes so far.
pub(super) fn compare(
    call: &Call,
    item: &Item,
    listed: &ListedFile,
    source: &Source,
    by: Compare,
    tick: &mut dyn FnMut(u64) -> Result<()>,
) -> Result<Comparison> {
    if source.size() != listed.size {
        return Ok(Comparison::Differs(None));
    }
    if by == Compare::Size {
        return Ok(Comparison::Same);
    }
    let digests = digests(
        source,
        Hasher::new(listed.has_sha1(), listed.has_md5()),
        tick,
    )?;
    match listed.compare(&digests) {
        Proof::Same => return Ok(Comparison::Same),
        Proof::Differs => return Ok(Comparison::Differs(None)),
        Proof::Nothing => {}
    }
    let known = match dialect::of(call.exchange()).content_info(call, &item.target, &[]) {
        Ok(known) => known,
        Err(error) if is_of_this_file(&error) => return Ok(Comparison::Differs(None)),
        Err(error) => return Err(error),
    };
    if known.size != source.size() || !known.has_digest() {
        return Ok(Comparison::Differs(Some(known)));
    }
    let digests = match known.wants_all() {
        true => self::digests(source, Hasher::of_download(&known), tick)?,
        false => digests,
    };
    match known.confirm(&digests) {
        Ok(_) => Ok(Comparison::Same),
        Err(_) => Ok(Comparison::Differs(Some(known))),
    }
}

fn digests(
    source: &Source,
    mut hasher: Hasher,
    tick: &mut dyn FnMut(u64) -> Result<()>,
) -> Result<Digests> {
    source.each_block(|bytes, done| {
        hasher.update(bytes);
        tick(done)
    })?;
    Ok(hasher.digests())
}

/// It is gone, or may not be looked at: the transfer tells.
fn is_of_this_file(error: &Error) -> bool {
    error.is(ErrorClass::NotFound) || dialect::is_forbidden(error)
}
