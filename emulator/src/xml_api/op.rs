//! The operations, as a request's head tells them (xml-api.md §3).

use axum::http::{HeaderMap, Method};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Op {
    PutObject,
    GetObject,
    HeadObject,
    DeleteObject,
    CopyObject,
    ListObjects,
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
    ListBuckets,
    PutBucket,
    HeadBucket,
    DeleteBucket,
    /// A sub-resource that the emulator does not have.
    NotImplemented,
    /// One that it has, with a method that it does not take.
    WrongMethod,
}

pub const OPS: [(Op, &str); 22] = [
    (Op::PutObject, "put_object"),
    (Op::GetObject, "get_object"),
    (Op::HeadObject, "head_object"),
    (Op::DeleteObject, "delete_object"),
    (Op::CopyObject, "copy_object"),
    (Op::ListObjects, "list_objects"),
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
    (Op::ListBuckets, "list_buckets"),
    (Op::PutBucket, "put_bucket"),
    (Op::HeadBucket, "head_bucket"),
    (Op::DeleteBucket, "delete_bucket"),
];

/// What a request may be about beside an object or a bucket; those that the emulator does not have
/// are refused, lest they be taken for something else.
const OTHER_SUB_RESOURCES: &[&str] = &[
    "accelerate",
    "append",
    "asyncfetch",
    "ci-process",
    "cors",
    "domain",
    "domaincertificate",
    "encryption",
    "intelligenttiering",
    "inventory",
    "lifecycle",
    "logging",
    "notification",
    "object-lock",
    "origin",
    "policy",
    "publicaccessblock",
    "referer",
    "rename",
    "replication",
    "restore",
    "retention",
    "select",
    "symlink",
    "tagging",
    "torrent",
    "versions",
    "website",
];
const SUB_RESOURCES: &[&str] = &[
    "acl",
    "delete",
    "location",
    "partnumber",
    "uploadid",
    "uploads",
    "versioning",
];
const LISTING: &[&str] = &[
    "delimiter",
    "encoding-type",
    "key-marker",
    "marker",
    "max-keys",
    "max-parts",
    "max-uploads",
    "part-number-marker",
    "prefix",
    "upload-id-marker",
    "versionid",
];

/// Whether a query alone shows that the XML API is meant.
pub fn is_named_in(query: &str) -> bool {
    names(query).any(|name| {
        let name = name.to_ascii_lowercase();
        [SUB_RESOURCES, OTHER_SUB_RESOURCES, LISTING]
            .iter()
            .any(|known| known.contains(&name.as_str()))
            || name.starts_with("response-")
    })
}

fn names(query: &str) -> impl Iterator<Item = &str> {
    let pairs = query.split('&').filter(|pair| !pair.is_empty());
    pairs.map(|pair| pair.split_once('=').map_or(pair, |(name, _)| name))
}

impl Op {
    pub fn of(
        method: &Method,
        has_bucket: bool,
        has_key: bool,
        query: &str,
        headers: &HeaderMap,
    ) -> Op {
        let has = |wanted: &str| names(query).any(|name| name.eq_ignore_ascii_case(wanted));
        if OTHER_SUB_RESOURCES.iter().any(|name| has(name)) || has_unknown(query) {
            return Op::NotImplemented;
        }
        let is_copy = headers.contains_key("x-cos-copy-source");
        let method = method.as_str();
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
                _ => Op::NotImplemented,
            },
            (true, false) => match method {
                "GET" => Op::ListObjects,
                "PUT" => Op::PutBucket,
                "HEAD" => Op::HeadBucket,
                "DELETE" => Op::DeleteBucket,
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

/// A parameter without value that is none of ours can only be a sub-resource.
fn has_unknown(query: &str) -> bool {
    let pairs = query.split('&').filter(|pair| !pair.is_empty());
    // Python's SDK sends `name=`.
    let names = pairs.map(|pair| pair.strip_suffix('=').unwrap_or(pair));
    let mut bare = names.filter(|name| !name.contains('='));
    bare.any(|name| {
        let name = name.to_ascii_lowercase();
        let known = [SUB_RESOURCES, LISTING];
        !known.iter().any(|known| known.contains(&name.as_str()))
            && !name.starts_with("response-")
            && !name.starts_with("x-cos-")
            && !name.starts_with("q-")
            && name != "sign"
    })
}
