//! Calls that only the XML API has, or that the JSON API has in another form: buckets, access rights,
//! unfinished uploads.

use crate::client::Client;
use crate::client::objects::folder_or_root;
use crate::error::{Error, Result};
use crate::model::reply_data::BucketRegion;
use crate::model::{Answer, Bucket, ObjectAttributes, Path, Reply, Target, params};

impl Client {
    pub(crate) fn create_bucket(&self, bucket: &str, acl: Option<&str>) -> Result<Reply> {
        let bucket = bucket_itself(bucket)?;
        let acl = params::bucket_acl(acl.unwrap_or("private"))?;
        self.ask(bucket, |dialect, call, bucket| {
            let created = dialect.create_bucket(call, bucket, acl);
            created.map(Answer::success)
        })
    }

    pub(crate) fn head_bucket(&self, bucket: &str) -> Result<Reply> {
        self.ask(bucket_itself(bucket)?, |dialect, call, bucket| {
            let region = dialect.head_bucket(call, bucket)?;
            Ok(Answer::success(BucketRegion(region)))
        })
    }

    pub(crate) fn delete_bucket(&self, bucket: &str) -> Result<Reply> {
        self.ask(bucket_itself(bucket)?, |dialect, call, bucket| {
            dialect.delete_bucket(call, bucket).map(Answer::success)
        })
    }

    pub(crate) fn list_buckets(&self) -> Result<Reply> {
        self.call(|call| {
            let buckets = self.dialect().list_buckets(call)?;
            Ok(call.answer(Answer::success(buckets)).into())
        })
    }

    pub(crate) fn set_acl(&self, bucket: &str, path: &str, acl: &str) -> Result<Reply> {
        let target = self.file("path", bucket, path)?;
        let attributes = ObjectAttributes {
            acl: Some(params::acl(acl)?.to_owned()),
            ..ObjectAttributes::default()
        };
        self.ask(target, |dialect, call, file| {
            dialect.set_attributes(call, file, &attributes)?;
            Ok(Answer::success(()))
        })
    }

    pub(crate) fn get_acl(&self, bucket: &str, path: &str) -> Result<Reply> {
        let target = self.file("path", bucket, path)?;
        self.ask(target, |dialect, call, file| {
            dialect.acl(call, file).map(Answer::success)
        })
    }

    pub(crate) fn list_uploads(&self, bucket: &str, path: &str) -> Result<Reply> {
        let target = folder_or_root("path", bucket, path)?;
        self.ask(target, |dialect, call, folder| {
            dialect.list_uploads(call, folder).map(Answer::success)
        })
    }

    pub(crate) fn abort_upload(&self, bucket: &str, path: &str, session: &str) -> Result<Reply> {
        let target = self.file("path", bucket, path)?;
        let session = params::opaque("session", Some(session))?;
        let session = session.ok_or_else(|| Error::parameter("session", "must not be empty"))?;
        self.ask(target, |dialect, call, file| {
            let aborted = dialect.abort_upload(call, file, session);
            aborted.map(Answer::success)
        })
    }
}

pub(super) fn bucket_itself(bucket: &str) -> Result<Target> {
    Ok(Target::new(Bucket::new(bucket)?, Path::root("bucket")))
}
