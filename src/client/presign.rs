//! Requests and forms that others send.

use super::Client;
use crate::config::request_options::form::{FormKey, FormOptions};
use crate::config::request_options::presign::PresignOptions;
use crate::dialect::{self, FormToSign, RequestToSign};
use crate::error::Result;
use crate::model::{Answer, Bucket, Path, Reply, Target, params};

impl Client {
    pub(crate) fn presign(
        &self,
        method: &str,
        bucket: &str,
        path: &str,
        expires_s: i64,
        options_json: Option<&str>,
    ) -> Result<Reply> {
        let method = params::method(method)?;
        let target = self.file("path", bucket, path)?;
        let expires_s = params::expires_s(expires_s)?;
        let options = PresignOptions::parse(method, options_json)?;
        let dialect = dialect::of_target(self.exchange(), &target)?;
        let request = RequestToSign {
            method,
            target: &target,
            expires_s,
            options: &options,
        };
        self.call(|call| Ok(Answer::local(dialect.presign(call, &request)?).into()))
    }

    pub(crate) fn post_policy(&self, bucket: &str, options_json: Option<&str>) -> Result<Reply> {
        let bucket = Bucket::new(bucket)?;
        let options = FormOptions::parse(options_json)?;
        let path = match &options.key {
            FormKey::Exact(key) => Path::exact("options_json: key", key)?,
            FormKey::Prefix(prefix) => Path::exact("options_json: key_prefix", prefix)?,
        };
        let form = FormToSign {
            target: &Target::new(bucket, path),
            options: &options,
        };
        self.call(|call| Ok(Answer::local(self.dialect().post_policy(call, &form)?).into()))
    }
}
