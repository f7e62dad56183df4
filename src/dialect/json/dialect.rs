//! The JSON API as a dialect.

use serde_json::Value;

use super::folder_lists::FolderLists;
use super::operation::Operation;
use super::reconcile::Careful;
use super::request::ask;
use super::sign::{self, Account, Stamp};
use super::upload_session::JsonUpload;
use super::{delete, object, say, typed, upload, walk};
use crate::base::hex::is_hex;
use crate::base::size;
use crate::dialect::{
    Buckets, Dialect, Extent, Listing, Missing, Named, ObjectRequest, UploadContent, UploadSession,
    UploadSpec,
};
use crate::error::{Error, Kind, Result};
use crate::exchange::{Call, Exchange, Signer};
use crate::model::{
    Answer, Bucket, Changed, ContentInfo, CreatedFolder, DeletedVersion, KeyFailure, ListEntry,
    ListPage, MovedObject, ObjectAcl, ObjectAttributes, ObjectChanges, ObjectInfo, PageRequest,
    Path, Target, UploadedObject, params,
};
use crate::transport::{Content, Fetched, Header};

pub(crate) struct Json;

impl Named for Json {
    fn name(&self) -> &'static str {
        "JSON API"
    }

    fn instead(&self, what: Missing) -> &'static str {
        match what {
            Missing::Copy
            | Missing::RawRequests
            | Missing::Versions
            | Missing::Tags
            | Missing::Restores
            | Missing::Appends => "; the XML API has them",
            Missing::PresignedRequests => "; qcos_download_url signs a URL",
            Missing::PoliciesOfForms => "; a form takes a signature of qcos_sign_more",
            Missing::AbortOfUploads => "; qcos_delete_file removes an unfinished file",
            _ => "",
        }
    }
}

impl Dialect for Json {
    fn check(&self, _: &Exchange, target: &Target) -> Result<()> {
        match target.version() {
            None => Ok(()),
            Some(_) => Err(self.has_no(Missing::Versions)),
        }
    }

    /// It knows no file whose name ends with a slash, and the classic SDK takes it away.
    fn file_path(&self, param: &'static str, text: &str) -> Result<Path> {
        Path::file(param, text)
    }

    /// What ends with a slash is a folder, and nothing else.
    fn any_path(&self, param: &'static str, text: &str) -> Result<Path> {
        match text.ends_with('/') {
            true => Path::folder(param, text),
            false => Path::exact(param, text),
        }
    }

    fn wants_sha1_first(&self) -> bool {
        true
    }

    fn upload_session<'a>(
        &self,
        call: &'a Call<'a>,
        upload: &'a UploadSpec<'a>,
        part_size: u64,
        id: Option<&str>,
    ) -> Box<dyn UploadSession + 'a> {
        Box::new(JsonUpload::new(call, upload, part_size, id))
    }

    fn create_folder(
        &self,
        call: &Call,
        folder: &Target,
        biz_attr: &str,
    ) -> Result<Answer<CreatedFolder>> {
        let operation = Operation::CreateFolder { biz_attr };
        perform(call, folder, &operation).map(typed::created_folder)
    }

    /// The options have refused all conditions.
    fn stat(&self, call: &Call, target: &Target, _: &[Header]) -> Result<Answer<ObjectInfo>> {
        ask(call, target, &Operation::Stat).map(typed::info)
    }

    fn update(&self, call: &Call, target: &Target, biz_attr: &str) -> Result<Answer> {
        ask(call, target, &Operation::Update { biz_attr })
    }

    /// Its service does not tell whether anything is another than it was.
    fn change(
        &self,
        call: &Call,
        file: &Target,
        changes: &ObjectChanges,
    ) -> Result<Answer<Changed>> {
        let headers = changes.headers.iter().cloned();
        let attributes = ObjectAttributes {
            acl: changes.acl.clone(),
            headers: headers
                .filter_map(|(name, value)| Some((name, value?)))
                .collect(),
            ..ObjectAttributes::default()
        };
        let operation = Operation::SetAttributes {
            attributes: &attributes,
            biz_attr: changes.biz_attr.as_deref(),
        };
        let answer: Answer = ask(call, file, &operation)?;
        Ok(answer.with(Changed(None)))
    }

    fn set_attributes(
        &self,
        call: &Call,
        file: &Target,
        attributes: &ObjectAttributes,
    ) -> Result<Answer> {
        ask(
            call,
            file,
            &Operation::SetAttributes {
                attributes,
                biz_attr: None,
            },
        )
    }

    fn delete(&self, call: &Call, target: &Target) -> Result<Answer<DeletedVersion>> {
        let deleted = perform(call, target, &Operation::Delete)?;
        Ok(deleted.with(DeletedVersion::default()))
    }

    fn move_file(
        &self,
        call: &Call,
        from: &Target,
        to: &Path,
        overwrite: bool,
    ) -> Result<Answer<MovedObject>> {
        let moved = perform(call, from, &Operation::Move { to, overwrite })?;
        Ok(moved.with(MovedObject::default()))
    }

    fn list(&self, call: &Call, folder: &Target, page: &PageRequest) -> Result<Answer<ListPage>> {
        ask(call, folder, &Operation::List(page)).map(typed::page)
    }

    fn upload_whole(
        &self,
        call: &Call,
        upload: &UploadSpec,
        content: &dyn UploadContent,
        bytes: Content,
        sent: &mut dyn FnMut(u64) -> Result<()>,
    ) -> Result<Answer<UploadedObject>> {
        upload::upload_whole(call, upload, content, bytes, sent)
    }

    fn content_info(&self, call: &Call, target: &Target, _: &[Header]) -> Result<ContentInfo> {
        self.check(call.exchange(), target)?;
        let stat = self.stat(call, target, &[])?;
        let (info, httpcode) = (stat.value, stat.httpcode);
        let Some(size) = info.size.or(info.uploaded_size) else {
            let problem = "the service does not tell the file's size";
            return Err(Error::new(Kind::BadReply, problem).answered(httpcode));
        };
        let size = size::of_object(size).map_err(|e| e.answered(httpcode))?;
        if let Some(there) = info.uploaded_size.filter(|there| *there < size) {
            return Err(object::unfinished(there, size, httpcode));
        }
        let is_digest = |sha1: &String| {
            is_hex(sha1, 40)
                // Uploaded without one (json-api.md §3.2).
                && sha1.bytes().any(|b| b != b'0')
        };
        Ok(ContentInfo {
            size,
            sha1: info.sha1.filter(is_digest),
            ..ContentInfo::default()
        })
    }

    fn get_object(
        &self,
        signer: &Signer,
        target: &Target,
        headers: Vec<Header>,
    ) -> Result<ObjectRequest> {
        object::object(signer, target, headers)
    }

    fn refusal(&self, fetched: Fetched) -> Error {
        object::refusal(fetched)
    }

    fn object_url(&self, call: &Call, target: &Target, expires_s: u64) -> Result<String> {
        let signer = call.signer()?;
        signer.check_life("expires_s", expires_s)?;
        object::object_url(&signer, target, expires_s)
    }

    fn each_page(
        &self,
        call: &Call,
        folder: &Target,
        extent: Extent,
        visit: &mut dyn FnMut(Vec<ListEntry>) -> Result<()>,
    ) -> Result<Vec<KeyFailure>> {
        walk::each_page(call, folder, extent, visit)
    }

    fn listing<'a>(&self, call: &'a Call<'a>, folder: &Target) -> Box<dyn Listing + 'a> {
        Box::new(FolderLists::of(call, folder))
    }

    fn delete_each(&self, call: &Call, _: &Bucket, targets: &[Target]) -> Result<Vec<KeyFailure>> {
        delete::delete_each(call, targets)
    }

    fn delete_tree(&self, call: &Call, folder: &Target) -> Result<(usize, Vec<KeyFailure>)> {
        delete::delete_tree(call, folder)
    }

    fn acl(&self, call: &Call, file: &Target) -> Result<ObjectAcl> {
        let stat = self.stat(call, file, &[])?;
        // It comes with files that have a rule of their own.
        let reported = stat.extra.get("authority").and_then(Value::as_str);
        let name = reported.map_or("default", |reported| say::acl(reported).unwrap_or(reported));
        Ok(ObjectAcl {
            name: name.to_owned(),
            grants: None,
        })
    }

    fn multi_use_signature(&self, call: &Call, bucket: &Bucket, expired: i64) -> Result<String> {
        let stamp = Stamp::new(call.exchange());
        let expires = params::expired(expired, stamp.now)?;
        let signer = call.signer()?;
        let account = Account::of(&signer);
        Ok(sign::multi_use(account, bucket, expires, stamp))
    }

    fn one_time_signature(&self, call: &Call, bucket: &Bucket, fileid: &str) -> Result<String> {
        let (signer, stamp) = (call.signer()?, Stamp::new(call.exchange()));
        let account = Account::of(&signer);
        Ok(sign::one_time(account, bucket, fileid, stamp))
    }
}

impl Buckets for Json {
    fn head_bucket(&self, call: &Call, bucket: &Target) -> Result<Option<String>> {
        self.stat(call, bucket, &[]).map(|_| None)
    }
}

/// Something that cannot simply be done twice.
fn perform(call: &Call, target: &Target, operation: &Operation) -> Result<Answer> {
    Careful::new(call, target, operation)?.send(call, &mut |_| Ok(()))
}
