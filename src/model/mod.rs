//! The words that all layers share, as types: each is checked when it is made.

pub(crate) mod answer;
pub(crate) mod bucket;
pub(crate) mod content_info;
pub(crate) mod credentials;
pub(crate) mod diagnosis;
pub(crate) mod encryption;
pub(crate) mod file_attributes;
pub(crate) mod key;
pub(crate) mod listed;
pub(crate) mod meta_text;
pub(crate) mod method;
pub(crate) mod object;
pub(crate) mod object_changes;
pub(crate) mod object_info;
pub(crate) mod params;
pub(crate) mod partial_failure;
pub(crate) mod path;
pub(crate) mod presigned;
pub(crate) mod raw_answer;
pub(crate) mod reply;
pub(crate) mod reply_data;
pub(crate) mod reply_walk;
pub(crate) mod restore;
pub(crate) mod tags;
pub(crate) mod trace_event;
pub(crate) mod version_data;
pub(crate) mod version_id;

pub(crate) use answer::Answer;
pub(crate) use bucket::{Bucket, Home};
pub(crate) use content_info::{ContentInfo, verify_crc64};
pub(crate) use credentials::Credentials;
pub(crate) use encryption::Encryption;
pub(crate) use file_attributes::FileAttributes;
pub(crate) use key::Key;
pub(crate) use listed::{
    BucketInfo, Grant, ListEntry, ListPage, ListedFile, ListedVersion, ObjectAcl, PageRequest,
    Proof, UnfinishedUpload,
};
pub(crate) use method::Method;
pub(crate) use object::{Digests, Header, KeyFailure, ObjectAttributes, Target, Verified};
pub(crate) use object_changes::{Changed, ObjectChanges};
pub(crate) use object_info::{
    Addresses, ContentTag, CopiedObject, CreatedFolder, DeletedVersion, DownloadDigest,
    DownloadedObject, KeptHeaders, MovedObject, ObjectInfo, ReadBytes, TreeCounts, TreePlan,
    UploadedObject,
};
pub(crate) use partial_failure::Failures;
pub(crate) use path::Path;
pub(crate) use presigned::{PresignedForm, PresignedRequest};
pub(crate) use raw_answer::RawAnswer;
pub(crate) use reply::{Effort, Reply};
pub(crate) use restore::{NextPosition, Restore};
pub(crate) use tags::Tags;
pub(crate) use trace_event::{Steps, TraceEvent, TracedFailure};
pub(crate) use version_id::VersionId;
