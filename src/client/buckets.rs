//! Calls that only the XML API has, or that the JSON API has in another form: buckets, access rights,
//! unfinished uploads.

use serde_json::{Map, Value, json};

use crate::client::Client;
use crate::client::objects::folder_or_root;
use crate::dialect::{self, Operation};
use crate::error::{Error, Result};
use crate::model::params;
use crate::model::path::{Bucket, Path};
use crate::model::reply::Reply;
use crate::model::{ObjectAttributes, Target};

impl Client {
    pub(crate) fn create_bucket(&self, bucket: &str, acl: Option<&str>) -> Result<Reply> {
        let bucket = self.bucket_itself(bucket)?;
        let acl = params::bucket_acl(acl.unwrap_or("private"))?;
        let call = self.call();
        self.dialect().create_bucket(&call, &bucket, acl)?;
        Ok(call.success(Map::new()))
    }

    pub(crate) fn head_bucket(&self, bucket: &str) -> Result<Reply> {
        let bucket = self.bucket_itself(bucket)?;
        let call = self.call();
        let region = self.dialect().head_bucket(&call, &bucket)?;
        let data = region.map(|region| ("region".to_owned(), region.into()));
        let data = data.into_iter().collect();
        Ok(call.success(data))
    }

    pub(crate) fn delete_bucket(&self, bucket: &str) -> Result<Reply> {
        let bucket = self.bucket_itself(bucket)?;
        let call = self.call();
        self.dialect().delete_bucket(&call, &bucket)?;
        Ok(call.success(Map::new()))
    }

    pub(crate) fn list_buckets(&self) -> Result<Reply> {
        let call = self.call();
        let buckets = self
            .dialect()
            .list_buckets(&call)?
            .into_iter()
            .map(|bucket| {
                json!({
                    "name": bucket.name,
                    "region": bucket.region,
                    "ctime": bucket.created.unwrap_or(0).to_string(),
                })
            });
        let buckets: Vec<Value> = buckets.collect();
        Ok(call.success(one("infos", buckets)))
    }

    pub(crate) fn set_acl(&self, bucket: &str, path: &str, acl: &str) -> Result<Reply> {
        let target = self.file("path", bucket, path)?;
        self.check(&target)?;
        let attributes = ObjectAttributes {
            acl: Some(params::acl(acl)?.to_owned()),
            ..ObjectAttributes::default()
        };
        let operation = Operation::SetAttributes {
            attributes: &attributes,
        };
        let call = self.call();
        dialect::ask(&call, &target, &operation)?;
        Ok(call.success(Map::new()))
    }

    pub(crate) fn get_acl(&self, bucket: &str, path: &str) -> Result<Reply> {
        let target = self.file("path", bucket, path)?;
        self.check(&target)?;
        let call = self.call();
        let acl = self.dialect().acl(&call, &target)?;
        let mut data = one("acl", acl.name);
        if let Some(grants) = acl.grants {
            let grants = grants
                .iter()
                .map(|grant| json!({"grantee": grant.grantee, "permission": grant.permission}));
            data.insert("grants".to_owned(), grants.collect());
        }
        Ok(call.success(data))
    }

    pub(crate) fn list_uploads(&self, bucket: &str, path: &str) -> Result<Reply> {
        let target = folder_or_root("path", bucket, path)?;
        self.check(&target)?;
        let call = self.call();
        let uploads = self.dialect().list_uploads(&call, &target)?;
        let uploads = uploads.into_iter().map(|upload| {
            let mut info = json!({
                "path": upload.key.shown(),
                "session": upload.session,
                "ctime": upload.begun.unwrap_or(0).to_string(),
            });
            if let Some(why) = upload.key.unusable() {
                info["unusable"] = format!("the key {why}").into();
            }
            info
        });
        let uploads: Vec<Value> = uploads.collect();
        Ok(call.success(one("infos", uploads)))
    }

    pub(crate) fn abort_upload(&self, bucket: &str, path: &str, session: &str) -> Result<Reply> {
        let target = self.file("path", bucket, path)?;
        self.check(&target)?;
        let session = params::opaque("session", Some(session))?;
        let session = session.ok_or_else(|| Error::parameter("session", "must not be empty"))?;
        let call = self.call();
        self.dialect().abort_upload(&call, &target, session)?;
        Ok(call.success(Map::new()))
    }

    fn bucket_itself(&self, bucket: &str) -> Result<Target> {
        let target = Target {
            bucket: Bucket::new(bucket)?,
            path: Path::root("bucket"),
        };
        self.check(&target)?;
        Ok(target)
    }
}

fn one(key: &str, value: impl Into<Value>) -> Map<String, Value> {
    Map::from_iter([(key.to_owned(), value.into())])
}
