//! What can be asked of the service: each method is an operation in the words of this library.

use super::buckets::Buckets;
use super::copy_request::{Copied, CopyRequest};
use super::listing::Listing;
use super::look_ahead::Extent;
use super::missing::{Missing, Named};
use super::piece::Piece;
use super::presign::{FormToSign, RequestToSign};
use super::probes::Probes;
use super::raw_request::RawRequest;
use super::upload_session::UploadSession;
use super::upload_spec::{UploadContent, UploadSpec};
use crate::error::{Error, Result};
use crate::exchange::{Call, Exchange, Signer};
use crate::model::{
    Answer, Bucket, Changed, ContentInfo, CopiedObject, CreatedFolder, DeletedVersion, KeyFailure,
    ListEntry, ListPage, MovedObject, NextPosition, ObjectAcl, ObjectAttributes, ObjectChanges,
    ObjectInfo, PageRequest, Path, PresignedForm, PresignedRequest, RawAnswer, Restore, Tags,
    Target, UnfinishedUpload, UploadedObject,
};
use crate::transport::{Content, Fetched, Header, Headers, Request};

/// A request for the bytes of an object, and what must not get from it into a message.
pub(crate) struct ObjectRequest {
    pub(crate) request: Request<'static>,
    pub(crate) signature: String,
}

/// How one API says what is asked, and what its answers mean. What it has no words for is refused by
/// the default.
pub(crate) trait Dialect: Named + Buckets + Probes + Sync {
    /// What it demands of a place, before anything is sent.
    fn check(&self, exchange: &Exchange, target: &Target) -> Result<()>;

    /// A file's path as the caller wrote it; `param` is the caller's name for it.
    fn file_path(&self, param: &'static str, text: &str) -> Result<Path>;

    /// The same where it may be a folder's, too.
    fn any_path(&self, param: &'static str, text: &str) -> Result<Path>;

    /// What it demands of an object's attributes, before anything is read or sent.
    fn check_attributes(&self, _biz_attr: &str, _attributes: &ObjectAttributes) -> Result<()> {
        Ok(())
    }

    /// Whether an upload begins with the SHA-1 of the whole.
    fn wants_sha1_first(&self) -> bool {
        false
    }

    /// A multipart upload, in parts of `part_size` bytes if the service takes them; `id` is that of a
    /// session to go on with.
    fn upload_session<'a>(
        &self,
        call: &'a Call<'a>,
        upload: &'a UploadSpec<'a>,
        part_size: u64,
        id: Option<&str>,
    ) -> Box<dyn UploadSession + 'a>;

    fn create_folder(
        &self,
        call: &Call,
        folder: &Target,
        biz_attr: &str,
    ) -> Result<Answer<CreatedFolder>>;

    /// Of a file, a folder or, where the path is empty, the bucket. `conditions` are headers that a file is
    /// compared with.
    fn stat(
        &self,
        call: &Call,
        target: &Target,
        conditions: &[Header],
    ) -> Result<Answer<ObjectInfo>>;

    /// Replaces the attribute of a file or folder.
    fn update(&self, call: &Call, target: &Target, biz_attr: &str) -> Result<Answer>;

    /// Changes what is named of a file.
    fn change(
        &self,
        call: &Call,
        file: &Target,
        changes: &ObjectChanges,
    ) -> Result<Answer<Changed>>;

    /// Says who may read a file, and which headers come with it.
    fn set_attributes(
        &self,
        call: &Call,
        file: &Target,
        attributes: &ObjectAttributes,
    ) -> Result<Answer>;

    /// Of a file, or of a folder with nothing in it.
    fn delete(&self, call: &Call, target: &Target) -> Result<Answer<DeletedVersion>>;

    /// Inside its bucket.
    fn move_file(
        &self,
        call: &Call,
        from: &Target,
        to: &Path,
        overwrite: bool,
    ) -> Result<Answer<MovedObject>>;

    /// Whether the service copies at all.
    fn check_copies(&self) -> Result<()> {
        Err(self.has_no(Missing::Copy))
    }

    fn copy_file(
        &self,
        _call: &Call,
        _from: &Target,
        _to: &Target,
        _copy: &CopyRequest,
        _copied: &mut Copied,
    ) -> Result<Answer<CopiedObject>> {
        Err(self.has_no(Missing::Copy))
    }

    /// Whether two names are those of one bucket.
    fn is_same_bucket(&self, _exchange: &Exchange, one: &Bucket, other: &Bucket) -> bool {
        one == other
    }

    /// A page of a folder, or of the names in it that begin with the target's last segment.
    fn list(&self, call: &Call, folder: &Target, page: &PageRequest) -> Result<Answer<ListPage>>;

    /// A whole file in one request. Done when the service has been found to hold just this. `sent` is
    /// told how many bytes are on their way; its error ends the call.
    fn upload_whole(
        &self,
        call: &Call,
        upload: &UploadSpec,
        content: &dyn UploadContent,
        bytes: Content,
        sent: &mut dyn FnMut(u64) -> Result<()>,
    ) -> Result<Answer<UploadedObject>>;

    /// What is known of an object before it is fetched. `conditions` are headers that it is compared with.
    fn content_info(
        &self,
        call: &Call,
        target: &Target,
        conditions: &[Header],
    ) -> Result<ContentInfo>;

    /// Whether the answer to a GET tells all that.
    fn answers_describe(&self) -> bool {
        false
    }

    /// What it tells of an object of `size` bytes, if it is one of the service.
    fn content_info_of(&self, _headers: &Headers, _size: u64) -> Option<ContentInfo> {
        None
    }

    /// Whether an answer that brings bytes of an object tells of it what was asked for.
    fn check_object(&self, _target: &Target, _headers: &Headers) -> Result<()> {
        Ok(())
    }

    /// A GET of an object's bytes, with these headers, signed anew.
    fn get_object(
        &self,
        signer: &Signer,
        target: &Target,
        headers: Vec<Header>,
    ) -> Result<ObjectRequest>;

    /// What it means that something else than the object came.
    fn refusal(&self, fetched: Fetched) -> Error;

    /// A URL that anybody can fetch an object with for some seconds.
    fn object_url(&self, call: &Call, target: &Target, expires_s: u64) -> Result<String>;

    /// A request that anybody can send for some seconds.
    fn presign(&self, _call: &Call, _request: &RequestToSign) -> Result<PresignedRequest> {
        Err(self.has_no(Missing::PresignedRequests))
    }

    /// A form with which anybody can upload a file.
    fn post_policy(&self, _call: &Call, _form: &FormToSign) -> Result<PresignedForm> {
        Err(self.has_no(Missing::PoliciesOfForms))
    }

    /// Everything in a folder, or what begins with a prefix in it, page by page, with names relative to the innermost
    /// folder. Returns the folders that are listed, and whose own content cannot be.
    fn each_page(
        &self,
        call: &Call,
        folder: &Target,
        extent: Extent,
        visit: &mut dyn FnMut(Vec<ListEntry>) -> Result<()>,
    ) -> Result<Vec<KeyFailure>>;

    /// What is in a folder and below it, to be asked for name by name.
    fn listing<'a>(&self, call: &'a Call<'a>, folder: &Target) -> Box<dyn Listing + 'a>;

    /// Deletes files of one bucket; those that are not there count as deleted. Returns what is left.
    fn delete_each(
        &self,
        call: &Call,
        bucket: &Bucket,
        targets: &[Target],
    ) -> Result<Vec<KeyFailure>>;

    /// Deletes a folder with everything below it. How much there was, and what is left.
    fn delete_tree(&self, call: &Call, folder: &Target) -> Result<(usize, Vec<KeyFailure>)>;

    fn acl(&self, call: &Call, file: &Target) -> Result<ObjectAcl>;

    /// Replaces all tags of a file.
    fn set_tags(&self, _call: &Call, _file: &Target, _tags: &Tags) -> Result<()> {
        Err(self.has_no(Missing::Tags))
    }

    fn tags(&self, _call: &Call, _file: &Target) -> Result<Tags> {
        Err(self.has_no(Missing::Tags))
    }

    /// Makes a copy of an archived file that can be read for some days.
    fn restore(
        &self,
        _call: &Call,
        _file: &Target,
        _days: u32,
        _tier: &str,
    ) -> Result<Answer<Restore>> {
        Err(self.has_no(Missing::Restores))
    }

    fn append(&self, _call: &Call, _file: &Target, _piece: &Piece) -> Result<NextPosition> {
        Err(self.has_no(Missing::Appends))
    }

    /// All versions of what `each_page` names, and what hides them.
    fn each_version_page(
        &self,
        _call: &Call,
        _folder: &Target,
        _deep: bool,
        _visit: &mut dyn FnMut(Vec<ListEntry>) -> Result<()>,
    ) -> Result<()> {
        Err(self.has_no(Missing::Versions))
    }

    fn list_uploads(&self, _call: &Call, _folder: &Target) -> Result<Vec<UnfinishedUpload>> {
        Err(self.has_no(Missing::ListOfUploads))
    }

    fn abort_upload(&self, _call: &Call, _file: &Target, _session: &str) -> Result<()> {
        Err(self.has_no(Missing::AbortOfUploads))
    }

    /// One request in the caller's own words.
    fn raw_request(&self, _call: &Call, _request: &RawRequest) -> Result<Answer<RawAnswer>> {
        Err(self.has_no(Missing::RawRequests))
    }

    /// A signature for many requests about a bucket; `expired` is when it ends, as the caller gave it.
    fn multi_use_signature(&self, _call: &Call, _bucket: &Bucket, _expired: i64) -> Result<String> {
        Err(self.has_no(Missing::SignatureOfBucket))
    }

    /// A signature for one request about a file or folder.
    fn one_time_signature(&self, _call: &Call, _bucket: &Bucket, _fileid: &str) -> Result<String> {
        Err(self.has_no(Missing::SignatureOfOneUse))
    }
}
