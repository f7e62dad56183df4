//! What `data` of a reply holds: every key that this library writes, call by call. Keys are only ever
//! added.

mod many;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Map, Value, json};

use super::diagnosis::{Diagnosis, Facts, Finding};
use super::raw_answer::{RawAnswer, RawBody};
use super::reply::{ReplyData, data_of};
use super::{
    Addresses, BucketInfo, CopiedObject, CreatedFolder, DownloadDigest, DownloadedObject,
    KeptHeaders, ListEntry, ListPage, ObjectAcl, ObjectInfo, PresignedForm, PresignedRequest,
    ReadBytes, UnfinishedUpload, UploadedObject,
};

pub(crate) use many::{Deleted, Listed};

/// Writes what is there.
pub(super) fn write(data: &mut Map<String, Value>, key: &str, value: Option<impl Into<Value>>) {
    if let Some(value) = value {
        data.insert(key.to_owned(), value.into());
    }
}

/// As the classic service writes times, and the XML API CRC64s.
fn decimal(number: u64) -> String {
    number.to_string()
}

impl ReplyData for () {
    fn write(self, _: &mut Map<String, Value>) {}
}

impl<A: ReplyData, B: ReplyData> ReplyData for (A, B) {
    fn write(self, data: &mut Map<String, Value>) {
        self.0.write(data);
        self.1.write(data);
    }
}

impl<T: ReplyData> ReplyData for Option<T> {
    fn write(self, data: &mut Map<String, Value>) {
        if let Some(value) = self {
            value.write(data);
        }
    }
}

impl ReplyData for CreatedFolder {
    fn write(self, data: &mut Map<String, Value>) {
        write(data, "ctime", self.ctime.map(decimal));
        write(data, "resource_path", self.resource_path);
    }
}

impl ReplyData for ObjectInfo {
    fn write(self, data: &mut Map<String, Value>) {
        write(data, "name", self.name);
        write(data, "biz_attr", self.biz_attr);
        write(data, "ctime", self.ctime.map(decimal));
        write(data, "mtime", self.mtime.map(decimal));
        write(data, "filesize", self.size);
        write(data, "filelen", self.uploaded_size);
        write(data, "sha", self.sha1);
        write(data, "crc64", self.crc64.map(decimal));
        write(data, "etag", self.etag);
        self.kept.write(data);
        self.addresses.write(data);
    }
}

impl ReplyData for KeptHeaders {
    fn write(self, data: &mut Map<String, Value>) {
        write(data, "headers", Some(self.headers));
        write(data, "meta", Some(self.meta));
        write(data, "storage_class", Some(self.storage_class));
        write(data, "version_id", self.version_id);
        write(data, "type", Some(self.object_type));
        write(data, "restore", self.restore);
        write(data, "sse", self.encryption);
    }
}

impl ReplyData for Addresses {
    fn write(self, data: &mut Map<String, Value>) {
        write(data, "access_url", self.access_url);
        write(data, "source_url", self.source_url);
        write(data, "url", self.url);
        write(data, "resource_path", self.resource_path);
    }
}

impl ReplyData for UploadedObject {
    fn write(self, data: &mut Map<String, Value>) {
        self.addresses.write(data);
        write(data, "verified", Some(self.verified.name()));
        write(data, "version_id", self.version_id);
    }
}

impl ReplyData for CopiedObject {
    fn write(self, data: &mut Map<String, Value>) {
        self.addresses.write(data);
        write(data, "filesize", Some(self.size));
        write(data, "crc64", self.crc64.map(decimal));
        write(data, "verified", Some(self.verified.name()));
        write(data, "version_id", self.version_id);
    }
}

impl ReplyData for DownloadedObject {
    fn write(self, data: &mut Map<String, Value>) {
        write(data, "filesize", Some(self.size));
        match self.digest {
            DownloadDigest::Sha1(sha1) => write(data, "sha", Some(sha1)),
            DownloadDigest::Crc64(crc64) => write(data, "crc64", Some(decimal(crc64))),
        }
        write(data, "verified", Some(self.verified.name()));
        write(data, "version_id", self.version_id);
    }
}

impl ReplyData for ReadBytes {
    fn write(self, data: &mut Map<String, Value>) {
        write(data, "len", Some(self.length));
        write(data, "filesize", Some(self.size));
        write(data, "etag", self.etag);
        write(data, "verified", Some(self.verified.name()));
        write(data, "version_id", self.version_id);
    }
}

impl ReplyData for ListPage {
    fn write(self, data: &mut Map<String, Value>) {
        write(data, "context", self.context);
        write(data, "has_more", Some(self.has_more));
        write(data, "dircount", self.folders);
        write(data, "filecount", self.files);
        self.entries.write(data);
    }
}

impl ReplyData for Vec<ListEntry> {
    fn write(self, data: &mut Map<String, Value>) {
        let infos = self.into_iter().map(|entry| {
            let mut info = entry.extra;
            entry.info.write(&mut info);
            let unusable = entry.unusable.map(|why| format!("the key {why}"));
            write(&mut info, "unusable", unusable);
            let class = Some(entry.storage_class).filter(|class| !class.is_empty());
            write(&mut info, "storage_class", class);
            entry.version.write(&mut info);
            Value::from(info)
        });
        write(data, "infos", Some(infos.collect::<Value>()));
    }
}

impl ReplyData for Vec<BucketInfo> {
    fn write(self, data: &mut Map<String, Value>) {
        let infos = self.into_iter().map(|bucket| {
            json!({
                "name": bucket.name,
                "region": bucket.region,
                "ctime": decimal(bucket.created.unwrap_or(0)),
            })
        });
        write(data, "infos", Some(infos.collect::<Value>()));
    }
}

impl ReplyData for Vec<UnfinishedUpload> {
    fn write(self, data: &mut Map<String, Value>) {
        let infos = self.into_iter().map(|upload| {
            let mut info = json!({
                "path": upload.key.shown(),
                "session": upload.session,
                "ctime": decimal(upload.begun.unwrap_or(0)),
            });
            if let Some(why) = upload.key.unusable() {
                info["unusable"] = format!("the key {why}").into();
            }
            info
        });
        write(data, "infos", Some(infos.collect::<Value>()));
    }
}

impl ReplyData for ObjectAcl {
    fn write(self, data: &mut Map<String, Value>) {
        write(data, "acl", Some(self.name));
        let grants = self.grants.map(|grants| {
            let grant = |grant: super::Grant| {
                json!({"grantee": grant.grantee, "permission": grant.permission})
            };
            grants.into_iter().map(grant).collect::<Value>()
        });
        write(data, "grants", grants);
    }
}

/// The region of a bucket, where the service tells it.
pub(crate) struct BucketRegion(pub(crate) Option<String>);

impl ReplyData for BucketRegion {
    fn write(self, data: &mut Map<String, Value>) {
        write(data, "region", self.0);
    }
}

pub(crate) struct Signature(pub(crate) String);

impl ReplyData for Signature {
    fn write(self, data: &mut Map<String, Value>) {
        write(data, "sign", Some(self.0));
    }
}

pub(crate) struct ObjectUrl(pub(crate) String);

impl ReplyData for ObjectUrl {
    fn write(self, data: &mut Map<String, Value>) {
        write(data, "url", Some(self.0));
    }
}

impl ReplyData for PresignedRequest {
    fn write(self, data: &mut Map<String, Value>) {
        write(data, "url", Some(self.url));
        let headers = self.headers.into_iter();
        let headers = headers.map(|(name, value)| (name.into_owned(), value.into()));
        write(data, "headers", Some(headers.collect::<Map<_, _>>()));
    }
}

impl ReplyData for PresignedForm {
    fn write(self, data: &mut Map<String, Value>) {
        write(data, "url", Some(self.url));
        let fields = self.fields.into_iter();
        let fields = fields.map(|(name, value)| (name.to_owned(), value.into()));
        write(data, "fields", Some(fields.collect::<Map<_, _>>()));
    }
}

impl ReplyData for Diagnosis {
    fn write(self, data: &mut Map<String, Value>) {
        write(data, "ok", Some(self.is_ok()));
        let steps = self.findings.into_iter().map(|finding| {
            let Finding { step, status, .. } = finding;
            let [message, message_zh, advice, advice_zh] = finding.words;
            json!({
                "step": step.name(),
                "status": status.name(),
                "detail": data_of(finding.facts),
                "message": message,
                "message_zh": message_zh,
                "advice": advice,
                "advice_zh": advice_zh,
            })
        });
        write(data, "steps", Some(steps.collect::<Value>()));
    }
}

impl ReplyData for Facts {
    fn write(self, data: &mut Map<String, Value>) {
        write(data, "host", self.host);
        let addresses = Some(self.addresses).filter(|addresses| !addresses.is_empty());
        write(data, "addresses", addresses);
        write(data, "proxy", self.proxy);
        write(data, "subject", self.subject);
        write(data, "issuer", self.issuer);
        write(data, "clock_ahead_s", self.clock_ahead_s);
        write(data, "bucket", self.bucket);
        write(data, "region", self.region);
        write(data, "addressing", self.addressing);
        if let Some(error) = self.error {
            write(data, "error", Some(error.message.as_str()));
            write(data, "kind", Some(error.kind_name()));
            write(data, "code", Some(error.code));
            write(data, "httpcode", Some(error.httpcode));
            let named = error.detail.as_ref().map(|it| it.service_code.as_str());
            write(data, "service_code", named);
            write(data, "request_id", error.request_id.as_deref());
        }
    }
}

impl ReplyData for RawAnswer {
    fn write(self, data: &mut Map<String, Value>) {
        write(data, "status", Some(self.status));
        write(data, "headers", Some(self.headers));
        match self.body {
            RawBody::Text(text) => write(data, "body", Some(text)),
            RawBody::Bytes(bytes) => write(data, "body_base64", Some(STANDARD.encode(bytes))),
            RawBody::Withheld => {}
        }
        write(data, "xml", self.xml);
    }
}
