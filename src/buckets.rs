//! Calls that only the XML API has, or that the JSON API has in another form: buckets, access rights,
//! unfinished uploads.

use serde_json::{Map, Value, json};

use crate::api::{self, Api, Extras, Operation, Target, success_of, xml};
use crate::client::Client;
use crate::error::{Error, Result};
use crate::operations::folder_or_root;
use crate::params;
use crate::path::{Bucket, Path};
use crate::reply::Reply;

impl Client {
    pub(crate) fn create_bucket(&self, bucket: &str, acl: Option<&str>) -> Result<Reply> {
        let bucket = self.bucket_itself(bucket)?;
        let acl = params::bucket_acl(acl.unwrap_or("private"))?;
        self.only_xml("calls on buckets")?;
        let call = self.call();
        xml::create_bucket(&call, &bucket, acl)?;
        Ok(success_of(&call, Map::new()))
    }

    pub(crate) fn head_bucket(&self, bucket: &str) -> Result<Reply> {
        let bucket = self.bucket_itself(bucket)?;
        let call = self.call();
        let mut data = Map::new();
        match self.config().api {
            Api::Json => {
                api::ask(&call, &bucket, &Operation::Stat)?;
            }
            Api::Xml => {
                let region = xml::head_bucket(&call, &bucket)?;
                data.extend(region.map(|region| ("region".to_owned(), region.into())));
            }
        }
        Ok(success_of(&call, data))
    }

    pub(crate) fn delete_bucket(&self, bucket: &str) -> Result<Reply> {
        let bucket = self.bucket_itself(bucket)?;
        self.only_xml("calls on buckets")?;
        let call = self.call();
        xml::delete_bucket(&call, &bucket)?;
        Ok(success_of(&call, Map::new()))
    }

    pub(crate) fn list_buckets(&self) -> Result<Reply> {
        self.only_xml("calls on buckets")?;
        let call = self.call();
        let buckets = xml::list_buckets(&call)?;
        Ok(success_of(&call, one("infos", buckets)))
    }

    pub(crate) fn set_acl(&self, bucket: &str, path: &str, acl: &str) -> Result<Reply> {
        let target = self.file("path", bucket, path)?;
        api::check(self, &target)?;
        let extras = Extras {
            acl: Some(params::acl(acl)?.to_owned()),
            ..Extras::default()
        };
        let operation = Operation::Dress { extras: &extras };
        let call = self.call();
        api::ask(&call, &target, &operation)?;
        Ok(success_of(&call, Map::new()))
    }

    pub(crate) fn get_acl(&self, bucket: &str, path: &str) -> Result<Reply> {
        let target = self.file("path", bucket, path)?;
        api::check(self, &target)?;
        let call = self.call();
        match self.config().api {
            Api::Json => {
                let stat = api::ask(&call, &target, &Operation::Stat)?;
                // It comes with files that have a rule of their own.
                let told = stat.data.get("authority").and_then(Value::as_str);
                let acl = told.map_or("default", |told| api::json::acl(told).unwrap_or(told));
                Ok(success_of(&call, one("acl", acl)))
            }
            Api::Xml => {
                let acl = xml::acl(&call, &target)?;
                let mut data = one("acl", acl.name());
                let grants = acl
                    .grants()
                    .iter()
                    .map(|grant| json!({"grantee": grant.grantee, "permission": grant.permission}));
                if !matches!(acl.name(), "default" | "private" | "public-read") {
                    data.insert("grants".to_owned(), grants.collect());
                }
                Ok(success_of(&call, data))
            }
        }
    }

    pub(crate) fn list_uploads(&self, bucket: &str, path: &str) -> Result<Reply> {
        let target = folder_or_root("path", bucket, path)?;
        api::check(self, &target)?;
        self.only_xml("list of unfinished uploads")?;
        let call = self.call();
        let uploads = xml::list_uploads(&call, &target)?;
        let uploads = uploads.into_iter().map(|upload| {
            let mut info = json!({
                "path": upload.key.shown(),
                "session": upload.id,
                "ctime": upload.begun.unwrap_or(0).to_string(),
            });
            if let Some(why) = upload.key.unusable() {
                info["unusable"] = format!("the key {why}").into();
            }
            info
        });
        let uploads: Vec<Value> = uploads.collect();
        Ok(success_of(&call, one("infos", uploads)))
    }

    pub(crate) fn abort_upload(&self, bucket: &str, path: &str, session: &str) -> Result<Reply> {
        let target = self.file("path", bucket, path)?;
        api::check(self, &target)?;
        let session = params::opaque("session", Some(session))?;
        let session = session.ok_or_else(|| Error::parameter("session", "must not be empty"))?;
        self.only_xml("way to abort an upload; qcos_delete_file removes an unfinished file")?;
        let call = self.call();
        xml::abort_existing(&call, &target, session)?;
        Ok(success_of(&call, Map::new()))
    }

    fn bucket_itself(&self, bucket: &str) -> Result<Target> {
        let target = Target {
            bucket: Bucket::new(bucket)?,
            path: Path::root("bucket"),
        };
        api::check(self, &target)?;
        Ok(target)
    }

    fn only_xml(&self, what: &str) -> Result<()> {
        match self.config().api {
            Api::Xml => Ok(()),
            Api::Json => Err(Error::parameter(
                "client",
                format!("speaks the JSON API, which has no {what}"),
            )),
        }
    }
}

fn one(key: &str, value: impl Into<Value>) -> Map<String, Value> {
    Map::from_iter([(key.to_owned(), value.into())])
}
