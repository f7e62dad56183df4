//! The calls that are one question and one answer; uploads are in `transfer`.

use serde_json::Map;

use crate::api::{self, Api, Operation, Target, json};
use crate::client::Client;
use crate::error::{Error, Result};
use crate::params;
use crate::path::{Bucket, Path, parse_fileid};
use crate::reply::Reply;

/// Which page of a list; `None` and 0 stand for the classic SDK's defaults.
pub(crate) struct Page<'a> {
    pub(crate) num: i32,
    pub(crate) pattern: Option<&'a str>,
    pub(crate) order: i32,
    pub(crate) context: Option<&'a str>,
}

impl Client {
    pub(crate) fn sign_more(&self, bucket: &str, expired: i64) -> Result<Reply> {
        let bucket = Bucket::new(bucket)?;
        self.only_json("signature for a whole bucket")?;
        let stamp = self.stamp();
        let expires = params::expired(expired, stamp.now)?;
        let sign = json::multi_use(self.account(), &bucket, expires, stamp);
        Ok(signed(sign))
    }

    pub(crate) fn sign_once(&self, bucket: &str, fileid: &str) -> Result<Reply> {
        let bucket = Bucket::new(bucket)?;
        let fileid = parse_fileid(fileid, self.account().appid(), &bucket)?;
        self.only_json("signature for one use")?;
        let sign = json::one_time(self.account(), &bucket, &fileid, self.stamp());
        Ok(signed(sign))
    }

    pub(crate) fn create_folder(&self, bucket: &str, path: &str, biz_attr: &str) -> Result<Reply> {
        params::biz_attr(biz_attr)?;
        self.ask(folder(bucket, path)?, &Operation::CreateFolder { biz_attr })
    }

    pub(crate) fn update_folder(&self, bucket: &str, path: &str, biz_attr: &str) -> Result<Reply> {
        params::biz_attr(biz_attr)?;
        self.ask(folder(bucket, path)?, &Operation::Update { biz_attr })
    }

    pub(crate) fn stat_folder(&self, bucket: &str, path: &str) -> Result<Reply> {
        self.ask(folder_or_root("path", bucket, path)?, &Operation::Stat)
    }

    pub(crate) fn delete_folder(&self, bucket: &str, path: &str) -> Result<Reply> {
        self.ask(folder(bucket, path)?, &Operation::Delete)
    }

    pub(crate) fn update_file(&self, bucket: &str, path: &str, biz_attr: &str) -> Result<Reply> {
        params::biz_attr(biz_attr)?;
        self.ask(
            self.file("path", bucket, path)?,
            &Operation::Update { biz_attr },
        )
    }

    pub(crate) fn stat_file(&self, bucket: &str, path: &str) -> Result<Reply> {
        self.ask(self.file("path", bucket, path)?, &Operation::Stat)
    }

    pub(crate) fn delete_file(&self, bucket: &str, path: &str) -> Result<Reply> {
        self.ask(self.file("path", bucket, path)?, &Operation::Delete)
    }

    pub(crate) fn move_file(
        &self,
        bucket: &str,
        path: &str,
        dst_path: &str,
        overwrite: i32,
    ) -> Result<Reply> {
        let (from, to) = self.both_places(bucket, path, dst_path)?;
        let overwrite = params::overwrite(overwrite)?;
        self.ask(from, &Operation::Move { to: &to, overwrite })
    }

    pub(crate) fn copy_file(
        &self,
        bucket: &str,
        path: &str,
        dst_path: &str,
        overwrite: i32,
    ) -> Result<Reply> {
        let (from, to) = self.both_places(bucket, path, dst_path)?;
        let overwrite = params::overwrite(overwrite)?;
        self.ask(from, &Operation::Copy { to: &to, overwrite })
    }

    pub(crate) fn download_url(&self, bucket: &str, path: &str, expires_s: i64) -> Result<Reply> {
        let target = self.file("path", bucket, path)?;
        let url = api::object_url(self, &target, params::expires_s(expires_s)?)?;
        Ok(Reply::local(Map::from_iter([(
            "url".to_owned(),
            url.into(),
        )])))
    }

    pub(crate) fn list(&self, bucket: &str, path: &str, page: &Page) -> Result<Reply> {
        self.list_target(folder_or_root("path", bucket, path)?, page)
    }

    pub(crate) fn prefix_search(
        &self,
        bucket: &str,
        path: &str,
        prefix: &str,
        page: &Page,
    ) -> Result<Reply> {
        let mut target = folder_or_root("path", bucket, path)?;
        target.path = Path::prefix(&target.path, prefix)?;
        self.list_target(target, page)
    }

    fn list_target(&self, target: Target, page: &Page) -> Result<Reply> {
        let operation = Operation::List {
            num: params::num(self.config().api, page.num)?,
            pattern: params::pattern(page.pattern)?,
            order: params::order(page.order)?,
            context: params::opaque("context", page.context)?.unwrap_or_default(),
        };
        self.ask(target, &operation)
    }

    fn only_json(&self, what: &str) -> Result<()> {
        match self.config().api {
            Api::Json => Ok(()),
            Api::Xml => Err(Error::parameter(
                "client",
                format!("speaks the XML API, which has no {what}; qcos_download_url signs a URL"),
            )),
        }
    }

    /// A file to act on; `param` is the caller's name for its path. The JSON API knows none whose name
    /// ends with a slash, and the classic SDK takes it away.
    pub(crate) fn file(&self, param: &'static str, bucket: &str, path: &str) -> Result<Target> {
        let path_of = match self.config().api {
            Api::Json => Path::file,
            Api::Xml => Path::exact,
        };
        Ok(Target {
            bucket: Bucket::new(bucket)?,
            path: path_of(param, path)?,
        })
    }

    /// Where a file is and where it goes, which must not be the same.
    fn both_places(&self, bucket: &str, path: &str, dst_path: &str) -> Result<(Target, Path)> {
        let from = self.file("path", bucket, path)?;
        let to = Path::destination("dst_path", dst_path)?;
        if to.encoded() == from.path.encoded() {
            return Err(Error::parameter("dst_path", "is the same as path"));
        }
        Ok((from, to))
    }

    fn ask(&self, target: Target, operation: &Operation) -> Result<Reply> {
        api::ask(&self.call(), &target, operation)
    }
}

/// A file that is to be written; `param` is the caller's name for its path.
pub(crate) fn destination(param: &'static str, bucket: &str, path: &str) -> Result<Target> {
    Ok(Target {
        bucket: Bucket::new(bucket)?,
        path: Path::destination(param, path)?,
    })
}

pub(crate) fn folder(bucket: &str, path: &str) -> Result<Target> {
    Ok(Target {
        bucket: Bucket::new(bucket)?,
        path: Path::folder("path", path)?,
    })
}

pub(crate) fn folder_or_root(param: &'static str, bucket: &str, path: &str) -> Result<Target> {
    Ok(Target {
        bucket: Bucket::new(bucket)?,
        path: Path::folder_or_root(param, path)?,
    })
}

fn signed(sign: String) -> Reply {
    let mut data = Map::new();
    data.insert("sign".to_owned(), sign.into());
    Reply::local(data)
}
