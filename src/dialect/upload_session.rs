//! A multipart upload as each API carries it out. `transfer` drives it: opened, its missing parts sent
//! side by side, finished, opened again where the service has lost something of it, and confirmed.

use super::upload_spec::UploadContent;
use crate::error::{Error, ErrorClass, Result};
use crate::exchange::Call;
use crate::model::{Answer, UploadedObject};
use crate::transport::Content;

/// A part that the service has.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Part {
    /// From 1 on.
    pub(crate) number: u64,
    pub(crate) size: u64,
    /// With its quotes.
    pub(crate) etag: String,
}

impl Part {
    /// Whether its content has this MD5, in hex.
    pub(crate) fn has_md5(&self, md5: &str) -> bool {
        self.etag.trim_matches('"') == md5
    }
}

/// A part to be sent: where it is in the content.
#[derive(Clone, Copy, Debug)]
pub(crate) struct PartRange {
    /// From 1 on.
    pub(crate) number: u64,
    pub(crate) offset: u64,
}

/// What the service has said of a part that it has taken.
pub(crate) struct TakenPart {
    /// Where parts are completed by their tags.
    pub(crate) etag: Option<String>,
    /// Whether the object is complete with it.
    pub(crate) completes: bool,
}

/// A session that an earlier call has left behind.
pub(crate) struct EarlierSession {
    pub(crate) id: String,
    /// As the session was begun with.
    pub(crate) begun_with: String,
    /// Whether size, times and inode of the source are still the same. The content may have changed all
    /// the same.
    pub(crate) untouched: bool,
}

/// What the service has of an upload that was opened.
pub(crate) enum Opened {
    /// All of it: the object is there.
    Complete,
    Incomplete(Plan),
}

/// How an upload goes on.
pub(crate) struct Plan {
    /// Bytes of each part but the last.
    pub(crate) part_size: u64,
    /// Everything before it is there.
    pub(crate) offset: u64,
    /// Parts that are there too, if their content is the same.
    pub(crate) listed: Vec<Part>,
    /// The service has lost track of parts that came side by side.
    pub(crate) one_at_a_time: bool,
}

/// One upload to one place.
pub(crate) trait UploadSession: Sync {
    /// The name by which a later call can go on with it.
    fn id(&self) -> Option<&str>;

    /// A digest of what only the same upload is begun with.
    fn begun_with(&self, content: &dyn UploadContent) -> String;

    /// Goes on with what an earlier call has left, if it is the same upload and the caller has named none.
    fn recall(&mut self, content: &dyn UploadContent, earlier: EarlierSession);

    /// Begins the upload, or finds what the service has of it already. `tick` is called while the service
    /// is waited for, and may end the call; so everywhere.
    fn open(
        &mut self,
        content: &dyn UploadContent,
        tick: &mut dyn FnMut() -> Result<()>,
    ) -> Result<Opened>;

    /// Whether a part that the service has listed has the content of this MD5, in hex.
    fn is_same(&self, part: &Part, md5: &str) -> bool {
        part.has_md5(md5)
    }

    /// `crc64` is asked for once they are sent, and `sent` told how many bytes of the part are on their way.
    fn send_part(
        &self,
        part: PartRange,
        bytes: Content,
        crc64: &dyn Fn() -> Result<u64>,
        sent: &mut dyn FnMut(u64) -> Result<()>,
    ) -> Result<TakenPart>;

    /// Makes the object, once every part is there.
    fn finish(
        &mut self,
        content: &dyn UploadContent,
        parts: &mut dyn Iterator<Item = &Part>,
        tick: &mut dyn FnMut() -> Result<()>,
    ) -> Result<()>;

    /// Whether the upload can go on after a failure of a part or of its end, once it is opened again.
    fn can_reopen(&self, failure: &Error) -> bool {
        failure.is(ErrorClass::AskAgain)
    }

    /// Drops the upload with all its parts, by a call of its own: the upload's may be over.
    fn abandon(&mut self, call: &Call, content: &dyn UploadContent) -> Result<()>;

    /// The service must hold just this content now. The answer of the whole upload.
    fn confirm(
        &mut self,
        content: &dyn UploadContent,
        tick: &mut dyn FnMut() -> Result<()>,
    ) -> Result<Answer<UploadedObject>>;
}
