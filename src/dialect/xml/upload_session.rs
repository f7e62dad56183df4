//! A multipart upload of the XML API (xml-api.md §3.7): its parts come in any order, and are listed and
//! completed by name. What the service has of an earlier call counts only where its content is the same.

use serde_json::json;
use sha1::{Digest, Sha1};

use super::encryption;
use super::head::{Head, Lookup, head_if_free, head_if_seen, lookup};
use super::multipart;
use super::object::{existing, is_held, uploaded};
use super::request::lost_then_refused;
use super::same::is_unchanged;
use super::stored::Stored;
use super::versions;
use crate::base::hex::hex;
use crate::dialect::{
    EarlierSession, Opened, Part, PartRange, Plan, TakenPart, UploadContent, UploadSession,
    UploadSpec,
};
use crate::error::{Error, ErrorClass, Kind, Result};
use crate::exchange::Call;
use crate::model::Encryption;
use crate::model::{Answer, ObjectAttributes, Target, UploadedObject, Verified, verify_crc64};
use crate::transport::Content;

/// An upload that vanishes in the midst, and then the next, is dropped by somebody on purpose.
const BEGUN_ANEW_MAX: u32 = 1;

pub(super) struct XmlUpload<'a> {
    call: &'a Call<'a>,
    upload: &'a UploadSpec<'a>,
    part_size: u64,
    id: Option<String>,
    /// How often this call has begun the upload.
    begun: u32,
    /// What was there before the first attempt to complete it, where that is known.
    before: Option<Option<Head>>,
    /// Once it is complete.
    stored: Stored,
    /// Its source is as it was when an earlier call began it.
    is_untouched: bool,
}

impl<'a> XmlUpload<'a> {
    pub(super) fn new(
        call: &'a Call<'a>,
        upload: &'a UploadSpec<'a>,
        part_size: u64,
        id: Option<&str>,
    ) -> XmlUpload<'a> {
        XmlUpload {
            call,
            upload,
            part_size,
            id: id.map(str::to_owned),
            begun: 0,
            before: None,
            stored: Stored::default(),
            is_untouched: false,
        }
    }

    fn target(&self) -> &'a Target {
        &self.upload.target
    }

    /// Whether the object is there already, and of this upload's making.
    fn is_complete(&mut self, content: &dyn UploadContent) -> Result<bool> {
        let before = self.before.as_ref().and_then(Option::as_ref);
        match head_if_seen(self.call, self.target())? {
            // There before the upload was completed: not its doing.
            Some(held) if before.is_some_and(|before| is_unchanged(before, &held)) => Ok(false),
            Some(held) if is_held(&held, content)? && confirm(self.target(), &held).is_ok() => {
                self.stored = Stored::seen(&held);
                Ok(true)
            }
            _ => Ok(false),
        }
    }

    fn begin(&mut self, content: &dyn UploadContent) -> Result<()> {
        let overwrite = self.upload.overwrite;
        if !overwrite {
            // Its parts would be sent in vain.
            if let Some(held) = head_if_free(self.call, self.target())? {
                return Err(existing(&held, is_held(&held, content)?));
            }
            self.before = Some(None);
        }
        let (biz_attr, attributes) = (self.upload.biz_attr, self.upload.attributes);
        let id = multipart::begin(self.call, self.target(), biz_attr, attributes, overwrite)?;
        self.id = Some(id);
        self.begun += 1;
        Ok(())
    }

    fn plan(&self, listed: Vec<Part>) -> Opened {
        Opened::Incomplete(Plan {
            part_size: self.part_size,
            offset: 0,
            listed,
            one_at_a_time: false,
        })
    }
}

fn confirm(target: &Target, held: &Head) -> Result<()> {
    encryption::confirm(target, &held.headers)
}

impl UploadSession for XmlUpload<'_> {
    fn id(&self) -> Option<&str> {
        self.id.as_deref()
    }

    /// All that is said of the object but its content: parts are compared one by one.
    fn begun_with(&self, _: &dyn UploadContent) -> String {
        let ObjectAttributes {
            acl,
            storage_class,
            headers,
            tags,
        } = self.upload.attributes;
        let tags: Vec<_> = tags.iter().collect();
        let encryption = self.target().encryption().map(Encryption::identity);
        let biz_attr = self.upload.biz_attr;
        let all = json!([biz_attr, acl, storage_class, headers, tags, encryption]);
        hex(&Sha1::digest(all.to_string()))
    }

    fn recall(&mut self, content: &dyn UploadContent, earlier: EarlierSession) {
        if self.id.is_some() {
            return;
        }
        match earlier.begun_with == self.begun_with(content) {
            true => {
                self.id = Some(earlier.id);
                self.is_untouched = earlier.untouched;
            }
            // It would make an object with other attributes, and nobody else will go on with it.
            false => drop(multipart::abort(self.call, self.target(), &earlier.id)),
        }
    }

    fn open(
        &mut self,
        content: &dyn UploadContent,
        _: &mut dyn FnMut() -> Result<()>,
    ) -> Result<Opened> {
        if let Some(id) = self.id.as_deref() {
            match multipart::listed_parts(self.call, self.target(), id) {
                Ok(listed) => return Ok(self.plan(listed)),
                // Completed by a call whose end nobody saw, aborted, or of another place.
                Err(error) if error.is(ErrorClass::AskAgain) => {
                    if self.is_complete(content)? {
                        return Ok(Opened::Complete);
                    }
                    self.id = None;
                    if self.begun > BEGUN_ANEW_MAX {
                        return Err(error);
                    }
                }
                Err(error) => return Err(error),
            }
        }
        self.begin(content)?;
        Ok(self.plan(Vec::new()))
    }

    /// Where ETags are no MD5s, a part of a source that nobody has touched is taken by its size; the whole is
    /// compared in the end.
    fn is_same(&self, part: &Part, md5: &str) -> bool {
        let hides_md5 = encryption::hides_md5(self.target());
        part.has_md5(md5) || hides_md5 && self.is_untouched
    }

    fn send_part(
        &self,
        part: PartRange,
        bytes: Content,
        crc64: &dyn Fn() -> Result<u64>,
        sent: &mut dyn FnMut(u64) -> Result<()>,
    ) -> Result<TakenPart> {
        let id = self.id.as_deref().unwrap_or_default();
        multipart::send_part(
            self.call,
            self.target(),
            id,
            part.number,
            bytes,
            crc64,
            sent,
        )
    }

    fn finish(
        &mut self,
        content: &dyn UploadContent,
        parts: &mut dyn Iterator<Item = &Part>,
        tick: &mut dyn FnMut() -> Result<()>,
    ) -> Result<()> {
        let (call, target) = (self.call, self.target());
        if self.before.is_none() && call.exchange().config().retries > 0 {
            self.before = match lookup(call, target)? {
                Lookup::There(held) => Some(Some(*held)),
                Lookup::Nothing(_) => Some(None),
                Lookup::Forbidden(_) => None,
            };
        }
        if !self.upload.overwrite {
            // What others have put there meanwhile; completing is no guard where the bucket ever had versions.
            if let Some(held) = versions::unguarded(call, target, false)? {
                return Err(existing(&held, is_held(&held, content)?));
            }
        }
        let id = self.id.as_deref().unwrap_or_default();
        let error = match multipart::complete(call, target, id, parts, self.upload.overwrite) {
            Ok(stored) => {
                versions::learn(call, target, &stored);
                self.stored = stored;
                return Ok(());
            }
            Err(error) => error,
        };
        let refused = error.is(ErrorClass::AskAgain) || error.is(ErrorClass::Exists);
        if error.maybe_applied && refused || lost_then_refused(&error) {
            // The first attempt may have been carried out, and its answer lost.
            if call.poll_until(tick, &mut || self.is_complete(content))? {
                return Ok(());
            }
        }
        Err(error)
    }

    fn abandon(&mut self, call: &Call, _: &dyn UploadContent) -> Result<()> {
        let Some(id) = &self.id else {
            return Ok(());
        };
        match multipart::abort(call, self.target(), id) {
            // It is gone, or complete.
            Err(error) if error.is(ErrorClass::AskAgain) => {}
            outcome => outcome?,
        }
        self.id = None;
        Ok(())
    }

    fn confirm(
        &mut self,
        content: &dyn UploadContent,
        tick: &mut dyn FnMut() -> Result<()>,
    ) -> Result<Answer<UploadedObject>> {
        let crc64 = content.crc64()?;
        let verified = self.verified(content, crc64, tick)?;
        let stored = std::mem::take(&mut self.stored);
        let answer = uploaded(self.call.exchange(), self.target(), verified, stored, crc64)?;
        Ok(answer.with_request_id(self.call.request_id()))
    }
}

impl XmlUpload<'_> {
    /// The service must hold just what was read.
    fn verified(
        &self,
        content: &dyn UploadContent,
        crc64: u64,
        tick: &mut dyn FnMut() -> Result<()>,
    ) -> Result<Verified> {
        let size = content.size().expect("every part was sent");
        if self.stored.crc64.is_some() {
            return verify_crc64(self.stored.crc64, crc64, 200).map(|()| Verified::Crc64);
        }
        let (mut held, mut may_look) = (None, true);
        self.call.poll_until(tick, &mut || {
            held = match lookup(self.call, self.target())? {
                Lookup::There(held) => Some(held),
                Lookup::Nothing(_) => None,
                Lookup::Forbidden(_) => {
                    may_look = false;
                    return Ok(true);
                }
            };
            let is_same = |held: &Head| held.verify(size, crc64).is_ok();
            Ok(held.as_ref().is_some_and(|held| is_same(held)))
        })?;
        match held {
            Some(held) => held.verify(size, crc64),
            // Every part was compared when it was sent.
            None if !may_look => Ok(Verified::Length),
            None => {
                let problem = "the service said that the upload is complete, and holds nothing";
                Err(Error::new(Kind::Integrity, problem).answered(200))
            }
        }
    }
}
