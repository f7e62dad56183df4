//! Buckets that keep versions, and what versions there are.

use super::Client;
use super::buckets::bucket_itself;
use super::lists::{Listing, Visit};
use crate::error::Result;
use crate::model::version_data::Versioning;
use crate::model::{Answer, Reply, params};

impl Client {
    pub(crate) fn set_versioning(&self, bucket: &str, status: &str) -> Result<Reply> {
        let bucket = bucket_itself(bucket)?;
        let status = params::versioning(status)?;
        self.ask(bucket, |dialect, call, bucket| {
            let set = dialect.set_versioning(call, bucket, status);
            set.map(Answer::success)
        })
    }

    pub(crate) fn get_versioning(&self, bucket: &str) -> Result<Reply> {
        self.ask(bucket_itself(bucket)?, |dialect, call, bucket| {
            let status = dialect.versioning(call, bucket)?;
            Ok(Answer::success(Versioning(status)))
        })
    }

    pub(crate) fn list_versions(
        &self,
        bucket: &str,
        path: &str,
        recursive: i32,
        visit: &mut Visit,
    ) -> Result<Reply> {
        let listing = Listing::folder(bucket, path)?;
        self.list_pages(&listing, recursive, visit, |dialect, call, deep, visit| {
            dialect.each_version_page(call, &listing.target, deep, visit)?;
            Ok(Vec::new())
        })
    }
}
