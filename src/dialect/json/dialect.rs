//! The JSON API as a dialect.

use serde_json::Value;

use super::sign::{self, Stamp};
use super::upload_session::JsonUpload;
use super::{delete, object, perform, say, walk};
use crate::base::size;
use crate::dialect::{Dialect, Missing, ObjectRequest, Operation, UploadSession, UploadSpec, ask};
use crate::error::{Error, Kind, Result};
use crate::exchange::{Call, Exchange};
use crate::model::{
    Bucket, KeyFailure, ListEntry, ObjectAcl, ObjectInfo, Path, Reply, Target, params,
};
use crate::transport::{Fetched, Header};

pub(crate) struct Json;

impl Dialect for Json {
    fn name(&self) -> &'static str {
        "JSON API"
    }

    fn instead(&self, what: Missing) -> &'static str {
        match what {
            Missing::Copy => "; the XML API has them",
            Missing::AbortOfUploads => "; qcos_delete_file removes an unfinished file",
            _ => "",
        }
    }

    fn check(&self, _: &Exchange, _: &Target) -> Result<()> {
        Ok(())
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

    fn perform(
        &self,
        call: &Call,
        target: &Target,
        operation: &Operation,
        sent: &mut dyn FnMut(u64) -> Result<()>,
    ) -> Result<Reply> {
        perform(call, target, operation, sent)
    }

    fn object_info(&self, call: &Call, target: &Target) -> Result<ObjectInfo> {
        let stat = ask(call, target, &Operation::Stat)?;
        let number = |key: &str| stat.data.get(key).and_then(Value::as_u64);
        let Some(size) = number("filesize").or(number("filelen")) else {
            let problem = "the service does not tell the file's size";
            return Err(Error::new(Kind::BadReply, problem).answered(stat.httpcode));
        };
        let size = size::of_object(size).map_err(|e| e.answered(stat.httpcode))?;
        if let Some(there) = number("filelen").filter(|there| *there < size) {
            return Err(object::unfinished(there, size, stat.httpcode));
        }
        let text = |key: &str| stat.data.get(key).and_then(Value::as_str);
        let is_digest = |sha: &&str| {
            sha.len() == 40
                && sha.bytes().all(|b| b.is_ascii_hexdigit())
                // Uploaded without one (json-api.md §3.2).
                && sha.bytes().any(|b| b != b'0')
        };
        Ok(ObjectInfo {
            size,
            sha1: text("sha").filter(is_digest).map(str::to_owned),
            ..ObjectInfo::default()
        })
    }

    fn get_object(
        &self,
        exchange: &Exchange,
        target: &Target,
        headers: Vec<Header>,
    ) -> Result<ObjectRequest> {
        object::object(exchange, target, headers)
    }

    fn refusal(&self, fetched: Fetched) -> Error {
        object::refusal(fetched)
    }

    fn object_url(&self, exchange: &Exchange, target: &Target, expires_s: u64) -> Result<String> {
        object::object_url(exchange, target, expires_s)
    }

    fn each_page(
        &self,
        call: &Call,
        folder: &Target,
        deep: bool,
        see: &mut dyn FnMut(Vec<ListEntry>) -> Result<()>,
    ) -> Result<Vec<KeyFailure>> {
        walk::each_page(call, folder, deep, see)
    }

    fn delete_each(&self, call: &Call, _: &Bucket, targets: &[Target]) -> Result<Vec<KeyFailure>> {
        delete::delete_each(call, targets)
    }

    fn delete_tree(&self, call: &Call, folder: &Target) -> Result<(usize, Vec<KeyFailure>)> {
        delete::delete_tree(call, folder)
    }

    fn acl(&self, call: &Call, file: &Target) -> Result<ObjectAcl> {
        let stat = ask(call, file, &Operation::Stat)?;
        // It comes with files that have a rule of their own.
        let told = stat.data.get("authority").and_then(Value::as_str);
        let name = told.map_or("default", |told| say::acl(told).unwrap_or(told));
        Ok(ObjectAcl {
            name: name.to_owned(),
            grants: None,
        })
    }

    fn head_bucket(&self, call: &Call, bucket: &Target) -> Result<Option<String>> {
        ask(call, bucket, &Operation::Stat).map(|_| None)
    }

    fn multi_use_signature(
        &self,
        exchange: &Exchange,
        bucket: &Bucket,
        expired: i64,
    ) -> Result<String> {
        let stamp = Stamp::new(exchange);
        let expires = params::expired(expired, stamp.now)?;
        Ok(sign::multi_use(
            exchange.credentials(),
            bucket,
            expires,
            stamp,
        ))
    }

    fn one_time_signature(
        &self,
        exchange: &Exchange,
        bucket: &Bucket,
        fileid: &str,
    ) -> Result<String> {
        let stamp = Stamp::new(exchange);
        Ok(sign::one_time(
            exchange.credentials(),
            bucket,
            fileid,
            stamp,
        ))
    }
}
