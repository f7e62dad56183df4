//! The operations, as a request's head tells them (xml-api.md §3).

use axum::http::{HeaderMap, Method};

use super::configurations::Configuration;
use super::form;
use super::refusal::Code;
use super::sub_resources::{names, unsupported};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Op {
    PutObject,
    /// A form.
    PostObject,
    GetObject,
    HeadObject,
    DeleteObject,
    CopyObject,
    ListObjects,
    ListVersions,
    Initiate,
    UploadPart,
    UploadPartCopy,
    ListParts,
    Complete,
    Abort,
    ListUploads,
    DeleteObjects,
    GetAcl,
    PutAcl,
    GetLocation,
    GetVersioning,
    PutVersioning,
    ListBuckets,
    PutBucket,
    HeadBucket,
    DeleteBucket,
    PutTags,
    GetTags,
    DeleteTags,
    Restore,
    Append,
    GetConfiguration(Configuration),
    PutConfiguration(Configuration),
    DeleteConfiguration(Configuration),
    /// What a bucket or an object has only when it was set, which the emulator does not take.
    GetUnset(Code),
    /// A sub-resource that the emulator does not have.
    Unsupported,
    /// One that it has, with a method that it does not take.
    WrongMethod,
}

pub const OPS: [(Op, &str); 63] = [
    (Op::PutObject, "put_object"),
    (Op::PostObject, "post_object"),
    (Op::GetObject, "get_object"),
    (Op::HeadObject, "head_object"),
    (Op::DeleteObject, "delete_object"),
    (Op::CopyObject, "copy_object"),
    (Op::ListObjects, "list_objects"),
    (Op::ListVersions, "list_versions"),
    (Op::Initiate, "initiate"),
    (Op::UploadPart, "upload_part"),
    (Op::UploadPartCopy, "upload_part_copy"),
    (Op::ListParts, "list_parts"),
    (Op::Complete, "complete"),
    (Op::Abort, "abort"),
    (Op::ListUploads, "list_uploads"),
    (Op::DeleteObjects, "delete_objects"),
    (Op::GetAcl, "get_acl"),
    (Op::PutAcl, "put_acl"),
    (Op::GetLocation, "get_location"),
    (Op::GetVersioning, "get_versioning"),
    (Op::PutVersioning, "put_versioning"),
    (Op::ListBuckets, "list_buckets"),
    (Op::PutBucket, "put_bucket"),
    (Op::HeadBucket, "head_bucket"),
    (Op::DeleteBucket, "delete_bucket"),
    (Op::PutTags, "put_object_tagging"),
    (Op::GetTags, "get_object_tagging"),
    (Op::DeleteTags, "delete_object_tagging"),
    (Op::Restore, "restore"),
    (Op::Append, "append"),
    (Op::GetConfiguration(Configuration::Cors), "get_cors"),
    (
        Op::GetConfiguration(Configuration::Lifecycle),
        "get_lifecycle",
    ),
    (Op::GetConfiguration(Configuration::Policy), "get_policy"),
    (
        Op::GetConfiguration(Configuration::Tagging),
        "get_bucket_tagging",
    ),
    (Op::GetConfiguration(Configuration::Website), "get_website"),
    (Op::PutConfiguration(Configuration::Cors), "put_cors"),
    (
        Op::PutConfiguration(Configuration::Lifecycle),
        "put_lifecycle",
    ),
    (Op::PutConfiguration(Configuration::Policy), "put_policy"),
    (
        Op::PutConfiguration(Configuration::Tagging),
        "put_bucket_tagging",
    ),
    (Op::PutConfiguration(Configuration::Website), "put_website"),
    (Op::DeleteConfiguration(Configuration::Cors), "delete_cors"),
    (
        Op::DeleteConfiguration(Configuration::Lifecycle),
        "delete_lifecycle",
    ),
    (
        Op::DeleteConfiguration(Configuration::Policy),
        "delete_policy",
    ),
    (
        Op::DeleteConfiguration(Configuration::Tagging),
        "delete_bucket_tagging",
    ),
    (
        Op::DeleteConfiguration(Configuration::Website),
        "delete_website",
    ),
    (
        Op::GetConfiguration(Configuration::Accelerate),
        "get_accelerate",
    ),
    (Op::GetConfiguration(Configuration::Domain), "get_domain"),
    (
        Op::GetConfiguration(Configuration::Encryption),
        "get_encryption",
    ),
    (Op::GetConfiguration(Configuration::Logging), "get_logging"),
    (Op::GetConfiguration(Configuration::Origin), "get_origin"),
    (Op::GetConfiguration(Configuration::Referer), "get_referer"),
    (
        Op::GetConfiguration(Configuration::Replication),
        "get_replication",
    ),
    (
        Op::PutConfiguration(Configuration::Accelerate),
        "put_accelerate",
    ),
    (Op::PutConfiguration(Configuration::Domain), "put_domain"),
    (
        Op::PutConfiguration(Configuration::Encryption),
        "put_encryption",
    ),
    (Op::PutConfiguration(Configuration::Logging), "put_logging"),
    (Op::PutConfiguration(Configuration::Origin), "put_origin"),
    (Op::PutConfiguration(Configuration::Referer), "put_referer"),
    (
        Op::PutConfiguration(Configuration::Replication),
        "put_replication",
    ),
    (
        Op::DeleteConfiguration(Configuration::Domain),
        "delete_domain",
    ),
    (
        Op::DeleteConfiguration(Configuration::Encryption),
        "delete_encryption",
    ),
    (
        Op::DeleteConfiguration(Configuration::Origin),
        "delete_origin",
    ),
    (
        Op::DeleteConfiguration(Configuration::Replication),
        "delete_replication",
    ),
];

impl Op {
    pub fn of(
        method: &Method,
        has_bucket: bool,
        has_key: bool,
        query: &str,
        headers: &HeaderMap,
    ) -> Op {
        let has = |wanted: &str| names(query).any(|name| name.eq_ignore_ascii_case(wanted));
        let method = method.as_str();
        if has_bucket && !has_key && has("versions") {
            return only(method, "GET", Op::ListVersions);
        }
        if let Some(which) = Configuration::named_in(query).filter(|_| has_bucket && !has_key) {
            return match method {
                "GET" => Op::GetConfiguration(which),
                "PUT" => Op::PutConfiguration(which),
                "DELETE" if which.has_delete() => Op::DeleteConfiguration(which),
                _ => Op::WrongMethod,
            };
        }
        if has_bucket && has_key {
            if has("tagging") {
                return match method {
                    "GET" => Op::GetTags,
                    "PUT" => Op::PutTags,
                    "DELETE" => Op::DeleteTags,
                    _ => Op::WrongMethod,
                };
            }
            for (name, op) in [("restore", Op::Restore), ("append", Op::Append)] {
                if has(name) {
                    return only(method, "POST", op);
                }
            }
        }
        if let Some(unset) = unsupported(query) {
            return match unset {
                Some(code) if has_bucket && method == "GET" => Op::GetUnset(code),
                _ => Op::Unsupported,
            };
        }
        let is_copy = headers.contains_key("x-cos-copy-source");
        match (has_bucket, has_key) {
            (false, _) => match method {
                "GET" => Op::ListBuckets,
                _ => Op::WrongMethod,
            },
            (true, _) if has("acl") => match method {
                "GET" => Op::GetAcl,
                "PUT" => Op::PutAcl,
                _ => Op::WrongMethod,
            },
            (true, false) if has("uploads") => only(method, "GET", Op::ListUploads),
            (true, false) if has("delete") => only(method, "POST", Op::DeleteObjects),
            (true, false) if has("location") => only(method, "GET", Op::GetLocation),
            (true, false) if has("versioning") => match method {
                "GET" => Op::GetVersioning,
                "PUT" => Op::PutVersioning,
                _ => Op::WrongMethod,
            },
            (true, false) => match method {
                "GET" => Op::ListObjects,
                "PUT" => Op::PutBucket,
                "HEAD" => Op::HeadBucket,
                "DELETE" => Op::DeleteBucket,
                "POST" if form::is_form(headers) => Op::PostObject,
                _ => Op::WrongMethod,
            },
            (true, true) if has("uploads") => only(method, "POST", Op::Initiate),
            (true, true) if has("uploadid") => match method {
                "PUT" if is_copy => Op::UploadPartCopy,
                "PUT" => Op::UploadPart,
                "GET" => Op::ListParts,
                "POST" => Op::Complete,
                "DELETE" => Op::Abort,
                _ => Op::WrongMethod,
            },
            (true, true) => match method {
                "PUT" if is_copy => Op::CopyObject,
                "PUT" => Op::PutObject,
                "GET" => Op::GetObject,
                "HEAD" => Op::HeadObject,
                "DELETE" => Op::DeleteObject,
                _ => Op::WrongMethod,
            },
        }
    }

    /// As rules of faults and the log of requests say it.
    pub fn name(self) -> Option<&'static str> {
        let known = OPS.iter().find(|(op, _)| *op == self);
        known.map(|(_, name)| *name)
    }
}

fn only(method: &str, wanted: &str, op: Op) -> Op {
    if method == wanted {
        op
    } else {
        Op::WrongMethod
    }
}
