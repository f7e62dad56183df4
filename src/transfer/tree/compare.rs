//! Whether a file is at the target already, with the same content: by what the lists tell where that is proof
//! enough, else by one question.

use super::Item;
use crate::config::Compare;
use crate::dialect;
use crate::error::{Error, ErrorClass, Kind, Result};
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
    // No list tells how a file is encrypted.
    let is_encrypted = item.target.encryption().is_some();
    if by == Compare::Size && !is_encrypted {
        return Ok(Comparison::Same);
    }
    let digests = digests(
        source,
        Hasher::new(listed.has_sha1(), listed.has_md5()),
        tick,
    )?;
    match listed.compare(&digests) {
        Proof::Same if !is_encrypted => return Ok(Comparison::Same),
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

/// It is encrypted otherwise than was asked for.
pub(super) fn is_other(error: &Error) -> bool {
    let is_refused = error.kind == Kind::Service && error.httpcode == 400;
    error.kind == Kind::Integrity || is_refused
}

/// It is gone, or may not be looked at: the transfer tells.
fn is_of_this_file(error: &Error) -> bool {
    error.is(ErrorClass::NotFound) || dialect::is_forbidden(error)
}
