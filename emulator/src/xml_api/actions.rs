//! What a key may do, in the service's own names (CAM's actions of COS).

use super::configurations::Configuration;
use super::refusal::{Refusal, code};
use super::{Call, Op};
use crate::xml_options::covers;

/// What a policy's actions begin with.
const SERVICE: &str = "cos:";

/// The bare name in `name/cos:PutObject`; one that no operation needs is refused.
pub fn action(text: &str) -> Result<String, String> {
    let name = text.strip_prefix("name/").unwrap_or(text);
    let name = name.strip_prefix(SERVICE).unwrap_or(name);
    let mut known = super::OPS.iter().flat_map(|(op, _)| {
        let both = [needed(*op, false), needed(*op, true)];
        both.into_iter().flatten().flat_map(|one_of| one_of.iter())
    });
    if known.any(|known| covers(name, known)) {
        return Ok(name.to_owned());
    }
    Err("it names no action of the operations that the emulator has".to_owned())
}

/// One of each list. The documentation of copies names two actions for the same thing.
fn needed(op: Op, has_key: bool) -> Vec<&'static [&'static str]> {
    let one: &'static [&'static str] = match op {
        Op::PutObject => &["PutObject"],
        Op::PostObject => &["PostObject"],
        Op::GetObject => &["GetObject"],
        Op::HeadObject => &["HeadObject"],
        Op::DeleteObject | Op::DeleteObjects => &["DeleteObject"],
        Op::CopyObject => return vec![&["PutObjectCopy", "PutObject"], &["GetObject"]],
        Op::ListObjects => &["GetBucket"],
        Op::ListVersions => &["GetBucketObjectVersions"],
        Op::Initiate => &["InitiateMultipartUpload"],
        Op::UploadPart => &["UploadPart"],
        Op::UploadPartCopy => {
            return vec![
                &["UploadPartCopy", "UploadPart", "PutObject"],
                &["GetObject"],
            ];
        }
        Op::ListParts => &["ListParts"],
        Op::Complete => &["CompleteMultipartUpload"],
        Op::Abort => &["AbortMultipartUpload"],
        Op::ListUploads => &["ListMultipartUploads"],
        Op::GetAcl if has_key => &["GetObjectACL"],
        Op::GetAcl => &["GetBucketACL"],
        Op::PutAcl if has_key => &["PutObjectACL"],
        Op::PutAcl => &["PutBucketACL"],
        Op::GetLocation => &["GetBucketLocation"],
        Op::GetVersioning => &["GetBucketVersioning"],
        Op::PutVersioning => &["PutBucketVersioning"],
        Op::ListBuckets => &["GetService"],
        Op::PutBucket => &["PutBucket"],
        Op::HeadBucket => &["HeadBucket"],
        Op::DeleteBucket => &["DeleteBucket"],
        Op::PutTags => &["PutObjectTagging"],
        Op::GetTags => &["GetObjectTagging"],
        Op::DeleteTags => &["DeleteObjectTagging"],
        Op::Restore => &["PostObjectRestore"],
        Op::Append => &["AppendObject"],
        Op::GetConfiguration(which) => match which {
            Configuration::Cors => &["GetBucketCORS"],
            Configuration::Lifecycle => &["GetBucketLifecycle"],
            Configuration::Policy => &["GetBucketPolicy"],
            Configuration::Tagging => &["GetBucketTagging"],
            Configuration::Website => &["GetBucketWebsite"],
            Configuration::Accelerate => &["GetBucketAccelerate"],
            Configuration::Domain => &["GetBucketDomain"],
            Configuration::Encryption => &["GetBucketEncryption"],
            Configuration::Logging => &["GetBucketLogging"],
            Configuration::Origin => &["GetBucketOrigin"],
            Configuration::Referer => &["GetBucketReferer"],
            Configuration::Replication => &["GetBucketReplication"],
        },
        Op::PutConfiguration(which) => match which {
            Configuration::Cors => &["PutBucketCORS"],
            Configuration::Lifecycle => &["PutBucketLifecycle"],
            Configuration::Policy => &["PutBucketPolicy"],
            Configuration::Tagging => &["PutBucketTagging"],
            Configuration::Website => &["PutBucketWebsite"],
            Configuration::Accelerate => &["PutBucketAccelerate"],
            Configuration::Domain => &["PutBucketDomain"],
            Configuration::Encryption => &["PutBucketEncryption"],
            Configuration::Logging => &["PutBucketLogging"],
            Configuration::Origin => &["PutBucketOrigin"],
            Configuration::Referer => &["PutBucketReferer"],
            Configuration::Replication => &["PutBucketReplication"],
        },
        Op::DeleteConfiguration(which) => match which {
            Configuration::Cors => &["DeleteBucketCORS"],
            Configuration::Lifecycle => &["DeleteBucketLifecycle"],
            Configuration::Policy => &["DeleteBucketPolicy"],
            Configuration::Tagging => &["DeleteBucketTagging"],
            Configuration::Website => &["DeleteBucketWebsite"],
            Configuration::Domain => &["DeleteBucketDomain"],
            Configuration::Encryption => &["DeleteBucketEncryption"],
            Configuration::Origin => &["DeleteBucketOrigin"],
            Configuration::Replication => &["DeleteBucketReplication"],
            Configuration::Accelerate | Configuration::Logging | Configuration::Referer => {
                return Vec::new();
            }
        },
        Op::GetUnset(_) | Op::Unsupported | Op::WrongMethod => return Vec::new(),
    };
    vec![one]
}

impl Call {
    /// Whatever an ACL grants to everybody, a key that signs has these rights and no others. One
    /// request to delete many is judged object by object.
    pub fn check_permission(&self) -> Result<(), Refusal> {
        let permissions = &self.service.xml.permissions;
        let needed = needed(self.op, !self.key.is_empty());
        let is_allowed = self.op == Op::DeleteObjects
            || needed.iter().all(|one_of| permissions.allow_one_of(one_of));
        match is_allowed {
            true => Ok(()),
            false => Err(code::ACCESS_DENIED.into()),
        }
    }

    pub fn may_delete(&self) -> bool {
        self.service.xml.permissions.allow("DeleteObject")
    }
}
