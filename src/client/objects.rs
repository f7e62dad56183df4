//! The classic calls on files and folders that move no bytes.

use crate::client::Client;
use crate::config::{DeleteOptions, Reading, UpdateOptions, tags};
use crate::dialect::{self, Dialect};
use crate::error::Result;
use crate::exchange::Call;
use crate::model::path::parse_fileid;
use crate::model::reply::ReplyData;
use crate::model::reply_data::{ObjectUrl, Signature};
use crate::model::{Answer, Bucket, Path, Reply, Target, params};

impl Client {
    pub(crate) fn sign_more(&self, bucket: &str, expired: i64) -> Result<Reply> {
        let bucket = Bucket::new(bucket)?;
        self.call(|call| {
            let dialect = self.dialect();
            let sign = dialect.multi_use_signature(call, &bucket, expired)?;
            Ok(Answer::local(Signature(sign)).into())
        })
    }

    pub(crate) fn sign_once(&self, bucket: &str, fileid: &str) -> Result<Reply> {
        let bucket = Bucket::new(bucket)?;
        let fileid = parse_fileid(fileid, self.exchange().appid(), &bucket)?;
        self.call(|call| {
            let dialect = self.dialect();
            let sign = dialect.one_time_signature(call, &bucket, &fileid)?;
            Ok(Answer::local(Signature(sign)).into())
        })
    }

    pub(crate) fn create_folder(&self, bucket: &str, path: &str, biz_attr: &str) -> Result<Reply> {
        params::biz_attr(biz_attr)?;
        self.ask(folder(bucket, path)?, |dialect, call, target| {
            dialect.create_folder(call, target, biz_attr)
        })
    }

    pub(crate) fn update_folder(&self, bucket: &str, path: &str, biz_attr: &str) -> Result<Reply> {
        params::biz_attr(biz_attr)?;
        self.ask(folder(bucket, path)?, |dialect, call, target| {
            dialect.update(call, target, biz_attr)
        })
    }

    pub(crate) fn stat_folder(&self, bucket: &str, path: &str) -> Result<Reply> {
        let target = folder_or_root("path", bucket, path)?;
        self.ask(target, |dialect, call, target| {
            dialect.stat(call, target, &[])
        })
    }

    pub(crate) fn delete_folder(&self, bucket: &str, path: &str) -> Result<Reply> {
        let target = folder(bucket, path)?;
        self.ask(target, |dialect, call, target| dialect.delete(call, target))
    }

    pub(crate) fn update_file(&self, bucket: &str, path: &str, biz_attr: &str) -> Result<Reply> {
        params::biz_attr(biz_attr)?;
        let target = self.file("path", bucket, path)?;
        self.ask(target, |dialect, call, target| {
            dialect.update(call, target, biz_attr)
        })
    }

    pub(crate) fn update_with(
        &self,
        bucket: &str,
        path: &str,
        options_json: Option<&str>,
    ) -> Result<Reply> {
        let target = self.file("path", bucket, path)?;
        let options = UpdateOptions::parse(self.config().api, options_json)?;
        self.config()
            .check_encryption(options.encryption.as_deref())?;
        let target = target.encrypted(options.encryption);
        self.ask(target, |dialect, call, target| {
            dialect.change(call, target, &options.changes)
        })
    }

    pub(crate) fn stat_file(&self, bucket: &str, path: &str) -> Result<Reply> {
        self.stat_with(bucket, path, None)
    }

    pub(crate) fn stat_with(
        &self,
        bucket: &str,
        path: &str,
        options_json: Option<&str>,
    ) -> Result<Reply> {
        let target = self.file("path", bucket, path)?;
        let options = self.read_options(Reading::Stat, options_json)?;
        let target = options.of(target);
        self.ask(target, |dialect, call, target| {
            dialect.stat(call, target, &options.conditions)
        })
    }

    pub(crate) fn delete_file(&self, bucket: &str, path: &str) -> Result<Reply> {
        self.delete_with(bucket, path, None)
    }

    pub(crate) fn delete_with(
        &self,
        bucket: &str,
        path: &str,
        options_json: Option<&str>,
    ) -> Result<Reply> {
        let target = self.file("path", bucket, path)?;
        let options = DeleteOptions::parse(self.config().api, options_json)?;
        let target = target.at_version(options.version);
        self.ask(target, |dialect, call, target| dialect.delete(call, target))
    }

    pub(crate) fn set_tags(&self, bucket: &str, path: &str, tags_json: &str) -> Result<Reply> {
        let target = self.file("path", bucket, path)?;
        let tags = tags::tags(tags_json)?;
        self.ask(target, |dialect, call, file| {
            dialect.set_tags(call, file, &tags).map(Answer::success)
        })
    }

    pub(crate) fn get_tags(&self, bucket: &str, path: &str) -> Result<Reply> {
        let target = self.file("path", bucket, path)?;
        self.ask(target, |dialect, call, file| {
            dialect.tags(call, file).map(Answer::success)
        })
    }

    pub(crate) fn restore_file(
        &self,
        bucket: &str,
        path: &str,
        days: i32,
        tier: Option<&str>,
    ) -> Result<Reply> {
        let target = self.file("path", bucket, path)?;
        let (days, tier) = (params::days(days)?, params::tier(tier)?);
        self.ask(target, |dialect, call, file| {
            dialect.restore(call, file, days, tier)
        })
    }

    pub(crate) fn download_url(&self, bucket: &str, path: &str, expires_s: i64) -> Result<Reply> {
        let target = self.file("path", bucket, path)?;
        let expires_s = params::expires_s(expires_s)?;
        self.call(|call| {
            let url = self.dialect().object_url(call, &target, expires_s)?;
            Ok(Answer::local(ObjectUrl(url)).into())
        })
    }

    /// A file to act on; `param` is the caller's name for its path.
    pub(crate) fn file(&self, param: &'static str, bucket: &str, path: &str) -> Result<Target> {
        Ok(Target::new(
            Bucket::new(bucket)?,
            self.dialect().file_path(param, path)?,
        ))
    }

    /// Does one thing with a target that the client's API takes.
    pub(super) fn ask<T: ReplyData>(
        &self,
        target: Target,
        act: impl FnOnce(&dyn Dialect, &Call, &Target) -> Result<Answer<T>>,
    ) -> Result<Reply> {
        let dialect = dialect::of_target(self.exchange(), &target)?;
        self.call(|call| {
            let answer = act(dialect, call, &target)?;
            Ok(call.answer(answer).into())
        })
    }
}

/// A file that is to be written; `param` is the caller's name for its path.
pub(crate) fn destination(param: &'static str, bucket: &str, path: &str) -> Result<Target> {
    Ok(Target::new(
        Bucket::new(bucket)?,
        Path::destination(param, path)?,
    ))
}

pub(crate) fn folder(bucket: &str, path: &str) -> Result<Target> {
    Ok(Target::new(
        Bucket::new(bucket)?,
        Path::folder("path", path)?,
    ))
}

pub(crate) fn folder_or_root(param: &'static str, bucket: &str, path: &str) -> Result<Target> {
    Ok(Target::new(
        Bucket::new(bucket)?,
        Path::folder_or_root(param, path)?,
    ))
}
