//! The XML API as a dialect.

use super::ordered_listing::OrderedListing;
use super::upload_session::XmlUpload;
use super::{
    acl, append, copy, delete, encryption, endpoint, fetch, folder, list, metadata, multipart,
    object, presign, presigned_form, raw, removal, restore, tags, update, version_list,
};
use crate::dialect::{
    Copied, CopyRequest, Dialect, Extent, FormToSign, Listing, Missing, Named, ObjectRequest,
    Piece, RawRequest, RequestToSign, UploadContent, UploadSession, UploadSpec,
};
use crate::error::{Error, Result};
use crate::exchange::{Call, Exchange, Signer};
use crate::model::{
    Answer, Bucket, Changed, ContentInfo, CopiedObject, CreatedFolder, DeletedVersion, Key,
    KeyFailure, ListEntry, ListPage, MovedObject, NextPosition, ObjectAcl, ObjectAttributes,
    ObjectChanges, ObjectInfo, PageRequest, Path, PresignedForm, PresignedRequest, RawAnswer,
    Restore, Tags, Target, UnfinishedUpload, UploadedObject,
};
use crate::transport::{Content, Fetched, Header, Headers};

pub(crate) struct Xml;

impl Named for Xml {
    fn name(&self) -> &'static str {
        "XML API"
    }

    fn instead(&self, what: Missing) -> &'static str {
        match what {
            Missing::SignatureOfBucket | Missing::SignatureOfOneUse => {
                "; qcos_download_url signs a URL"
            }
            _ => "",
        }
    }
}

impl Dialect for Xml {
    fn check(&self, exchange: &Exchange, target: &Target) -> Result<()> {
        endpoint::check(exchange, target)
    }

    /// A key may end with slashes.
    fn file_path(&self, param: &'static str, text: &str) -> Result<Path> {
        Path::exact(param, text)
    }

    fn any_path(&self, param: &'static str, text: &str) -> Result<Path> {
        Path::exact(param, text)
    }

    fn check_attributes(&self, biz_attr: &str, attributes: &ObjectAttributes) -> Result<()> {
        metadata::check(biz_attr, attributes)
    }

    fn upload_session<'a>(
        &self,
        call: &'a Call<'a>,
        upload: &'a UploadSpec<'a>,
        part_size: u64,
        id: Option<&str>,
    ) -> Box<dyn UploadSession + 'a> {
        Box::new(XmlUpload::new(call, upload, part_size, id))
    }

    fn create_folder(
        &self,
        call: &Call,
        folder: &Target,
        biz_attr: &str,
    ) -> Result<Answer<CreatedFolder>> {
        folder::create(call, folder, biz_attr).map(Answer::success)
    }

    fn stat(
        &self,
        call: &Call,
        target: &Target,
        conditions: &[Header],
    ) -> Result<Answer<ObjectInfo>> {
        match target.path.is_folder() {
            true => folder::stat(call, target),
            false => object::stat(call, target, conditions),
        }
    }

    fn update(&self, call: &Call, target: &Target, biz_attr: &str) -> Result<Answer> {
        let updated = match target.path.is_folder() {
            true => folder::update(call, target, biz_attr),
            false => update::update(call, target, biz_attr),
        };
        updated.map(Answer::success)
    }

    fn change(
        &self,
        call: &Call,
        file: &Target,
        changes: &ObjectChanges,
    ) -> Result<Answer<Changed>> {
        let changed = update::change(call, file, changes)?;
        Ok(Answer::success(Changed(Some(changed))))
    }

    /// The access rights: headers go along with an upload.
    fn set_attributes(
        &self,
        call: &Call,
        file: &Target,
        attributes: &ObjectAttributes,
    ) -> Result<Answer> {
        let acl = attributes.acl.as_deref().unwrap_or("default");
        acl::set_acl(call, file, acl).map(Answer::success)
    }

    fn delete(&self, call: &Call, target: &Target) -> Result<Answer<DeletedVersion>> {
        let deleted = match target.path.is_folder() {
            true => folder::delete(call, target),
            false => removal::delete(call, target),
        };
        deleted.map(Answer::success)
    }

    fn move_file(
        &self,
        call: &Call,
        from: &Target,
        to: &Path,
        overwrite: bool,
    ) -> Result<Answer<MovedObject>> {
        let moved = copy::rename(call, from, &from.beside(to.clone()), overwrite)?;
        Ok(Answer::success(moved))
    }

    fn check_copies(&self) -> Result<()> {
        Ok(())
    }

    fn copy_file(
        &self,
        call: &Call,
        from: &Target,
        to: &Target,
        copy: &CopyRequest,
        copied: &mut Copied,
    ) -> Result<Answer<CopiedObject>> {
        copy::copy(call, from, to, copy, copied).map(Answer::success)
    }

    fn is_same_bucket(&self, exchange: &Exchange, one: &Bucket, other: &Bucket) -> bool {
        endpoint::is_same(exchange, one, other)
    }

    fn list(&self, call: &Call, folder: &Target, page: &PageRequest) -> Result<Answer<ListPage>> {
        list::list(call, folder, page).map(Answer::success)
    }

    fn upload_whole(
        &self,
        call: &Call,
        upload: &UploadSpec,
        content: &dyn UploadContent,
        bytes: Content,
        sent: &mut dyn FnMut(u64) -> Result<()>,
    ) -> Result<Answer<UploadedObject>> {
        object::upload_whole(call, upload, content, bytes, sent)
    }

    fn content_info(
        &self,
        call: &Call,
        target: &Target,
        conditions: &[Header],
    ) -> Result<ContentInfo> {
        self.check(call.exchange(), target)?;
        let head = object::known(call, target, conditions)?;
        Ok(fetch::content_info(&head.headers, &head.etag, head.size))
    }

    fn answers_describe(&self) -> bool {
        true
    }

    fn content_info_of(&self, headers: &Headers, size: u64) -> Option<ContentInfo> {
        let etag = headers.text("etag")?;
        Some(fetch::content_info(headers, etag, size))
    }

    fn check_object(&self, target: &Target, headers: &Headers) -> Result<()> {
        encryption::confirm(target, headers)
    }

    fn get_object(
        &self,
        signer: &Signer,
        target: &Target,
        headers: Vec<Header>,
    ) -> Result<ObjectRequest> {
        fetch::object(signer, target, headers)
    }

    fn refusal(&self, fetched: Fetched) -> Error {
        fetch::refusal(fetched)
    }

    fn object_url(&self, call: &Call, target: &Target, expires_s: u64) -> Result<String> {
        self.check(call.exchange(), target)?;
        presign::object_url(&call.signer()?, target, expires_s)
    }

    fn presign(&self, call: &Call, request: &RequestToSign) -> Result<PresignedRequest> {
        presign::request(&call.signer()?, request)
    }

    fn post_policy(&self, call: &Call, form: &FormToSign) -> Result<PresignedForm> {
        presigned_form::form(&call.signer()?, form)
    }

    fn each_page(
        &self,
        call: &Call,
        folder: &Target,
        extent: Extent,
        visit: &mut dyn FnMut(Vec<ListEntry>) -> Result<()>,
    ) -> Result<Vec<KeyFailure>> {
        list::each_page(call, folder, extent, visit).map(|()| Vec::new())
    }

    fn listing<'a>(&self, call: &'a Call<'a>, folder: &Target) -> Box<dyn Listing + 'a> {
        Box::new(OrderedListing::of(call, folder))
    }

    fn delete_each(
        &self,
        call: &Call,
        bucket: &Bucket,
        targets: &[Target],
    ) -> Result<Vec<KeyFailure>> {
        let key = |target: &Target| Key::new(target.path.plain());
        let keys: Vec<Key> = targets.iter().map(key).collect();
        delete::delete_many(call, bucket, &keys)
    }

    fn delete_tree(&self, call: &Call, folder: &Target) -> Result<(usize, Vec<KeyFailure>)> {
        delete::delete_tree(call, folder)
    }

    fn acl(&self, call: &Call, file: &Target) -> Result<ObjectAcl> {
        let acl = acl::acl(call, file)?;
        let says_all = matches!(acl.name(), "default" | "private" | "public-read");
        Ok(ObjectAcl {
            name: acl.name().to_owned(),
            grants: (!says_all).then(|| acl.grants().to_vec()),
        })
    }

    fn set_tags(&self, call: &Call, file: &Target, tags: &Tags) -> Result<()> {
        tags::set(call, file, tags)
    }

    fn tags(&self, call: &Call, file: &Target) -> Result<Tags> {
        tags::get(call, file)
    }

    fn restore(
        &self,
        call: &Call,
        file: &Target,
        days: u32,
        tier: &str,
    ) -> Result<Answer<Restore>> {
        restore::restore(call, file, days, tier)
    }

    fn append(&self, call: &Call, file: &Target, piece: &Piece) -> Result<NextPosition> {
        append::append(call, file, piece).map(NextPosition)
    }

    fn each_version_page(
        &self,
        call: &Call,
        folder: &Target,
        deep: bool,
        visit: &mut dyn FnMut(Vec<ListEntry>) -> Result<()>,
    ) -> Result<()> {
        version_list::each_page(call, folder, deep, visit)
    }

    fn list_uploads(&self, call: &Call, folder: &Target) -> Result<Vec<UnfinishedUpload>> {
        multipart::list_uploads(call, folder)
    }

    fn abort_upload(&self, call: &Call, file: &Target, session: &str) -> Result<()> {
        multipart::abort_existing(call, file, session)
    }

    fn raw_request(&self, call: &Call, request: &RawRequest) -> Result<Answer<RawAnswer>> {
        raw::send(call, request)
    }
}
